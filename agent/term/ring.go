package term

// RingSize is how much output a terminal keeps for those who attach later, in bytes.
const RingSize = 1 << 20

// ring keeps the last RingSize bytes of a stream whose bytes are numbered from zero.
type ring struct {
	buf  [RingSize]byte
	head uint64 // number of the next byte to be written
}

func (r *ring) write(b []byte) {
	for len(b) > 0 {
		n := copy(r.buf[r.head%RingSize:], b)
		r.head += uint64(n)
		b = b[n:]
	}
}

// oldest is the number of the first byte still kept.
func (r *ring) oldest() uint64 {
	if r.head <= RingSize {
		return 0
	}
	return r.head - RingSize
}

// read copies bytes from offset, which must lie in [oldest, head], as far as they go in one piece.
func (r *ring) read(dst []byte, offset uint64) int {
	if left := r.head - offset; uint64(len(dst)) > left {
		dst = dst[:left]
	}
	return copy(dst, r.buf[offset%RingSize:])
}
