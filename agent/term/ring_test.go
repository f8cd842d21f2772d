package term

import (
	"bytes"
	"math/rand/v2"
	"testing"
)

// randomBytes is the same stream for the same seed, of which no two long parts are alike.
func randomBytes(seed uint64, n int) []byte {
	r := rand.New(rand.NewPCG(seed, 99))
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(r.Uint32())
	}
	return b
}

// after reads all that the ring keeps from offset on.
func (r *ring) after(offset uint64, piece int) []byte {
	var all []byte
	buf := make([]byte, piece)
	for offset < r.head {
		n := r.read(buf, offset)
		all, offset = append(all, buf[:n]...), offset+uint64(n)
	}
	return all
}

func TestRingKeepsTheLastMegabyte(t *testing.T) {
	source := randomBytes(1, 5*RingSize)
	for seed := range uint64(10) {
		random := rand.New(rand.NewPCG(seed, 2))
		r := &ring{}
		for written := 0; written < len(source); {
			n := min(1+random.IntN(1<<random.IntN(22)), len(source)-written)
			r.write(source[written : written+n])
			written += n
			if r.head != uint64(written) || r.oldest() != uint64(max(0, written-RingSize)) {
				t.Fatalf("seed %d: after %d bytes: head %d, oldest %d", seed, written, r.head, r.oldest())
			}
			from := r.oldest() + random.Uint64N(r.head-r.oldest()+1)
			if !bytes.Equal(r.after(from, 1+random.IntN(1<<16)), source[from:written]) {
				t.Fatalf("seed %d: after %d bytes: other bytes from %d on", seed, written, from)
			}
		}
	}
}

func TestRingReadsNothingAtItsHead(t *testing.T) {
	r := &ring{}
	r.write(make([]byte, RingSize)) // head and oldest are the same place in memory
	if n := r.read(make([]byte, 10), r.head); n != 0 {
		t.Errorf("%d bytes after the last", n)
	}
	if n := len(r.after(0, 1<<20)); n != RingSize {
		t.Errorf("%d bytes kept", n)
	}
}

func TestInputsAcceptEachByteOnce(t *testing.T) {
	source := randomBytes(3, 20_000)
	for seed := range uint64(50) {
		random := rand.New(rand.NewPCG(seed, 3))
		c := newInputs().of("a")
		var typed []byte
		for len(typed) < len(source) {
			from := random.IntN(len(typed) + 1) // anything that is not a hole: new, a repeat, an overlap
			if random.IntN(3) > 0 {
				from = len(typed)
			}
			to := min(from+random.IntN(500), len(source))
			fresh, ok := c.accept(uint64(from), source[from:to])
			typed = append(typed, fresh...)
			if !ok || c.accepted != uint64(len(typed)) {
				t.Fatalf("seed %d: [%d, %d) refused or miscounted: %d of %d", seed, from, to, c.accepted, len(typed))
			}
			if fresh, ok := c.accept(c.accepted+1, []byte("x")); ok || fresh != nil {
				t.Fatalf("seed %d: a hole was accepted", seed)
			}
		}
		if !bytes.Equal(typed, source) {
			t.Fatalf("seed %d: what was typed differs", seed)
		}
	}
}

func TestInputsForgetWhoIsSilentLongest(t *testing.T) {
	i := newInputs()
	name := func(n int) string { return string(rune('A' + n)) }
	for n := range maxClients {
		i.of(name(n)).accept(0, []byte("seen"))
	}
	i.of(name(0)) // heard again
	i.of("one more")
	if i.order.Len() != maxClients || len(i.byID) != maxClients {
		t.Errorf("%d and %d are remembered", i.order.Len(), len(i.byID))
	}
	if i.of(name(0)).accepted != 4 {
		t.Error("a client that was heard again is forgotten")
	}
	if i.of(name(1)).accepted != 0 {
		t.Error("the longest silent client is remembered")
	}
}
