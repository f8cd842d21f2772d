package frame

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"io"
	"math/rand/v2"
	"testing"
	"testing/iotest"
)

func random(r *rand.Rand, n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(r.Uint32())
	}
	return b
}

func TestWhatIsWrittenIsRead(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	var want []Message
	var stream []byte
	lengths := []int{0, 1, 2, 3, 7, 8, 9, 4095, 4097, MaxClientPayload - 1, MaxClientPayload}
	for range 200 {
		lengths = append(lengths, r.IntN(3000))
	}
	for _, n := range lengths {
		m := Message{Type: byte(r.Uint32()), Payload: random(r, n)}
		cut := r.IntN(n + 1)
		stream = Append(stream, m.Type, m.Payload[:cut], m.Payload[cut:])
		want = append(want, m)
	}
	for name, source := range map[string]io.Reader{
		"whole":    bytes.NewReader(stream),
		"byByte":   iotest.OneByteReader(bytes.NewReader(stream)),
		"halves":   iotest.HalfReader(bytes.NewReader(stream)),
		"dataErr":  iotest.DataErrReader(bytes.NewReader(stream)),
		"buffered": io.MultiReader(bytes.NewReader(stream[:5]), bytes.NewReader(stream[5:])),
	} {
		reader := NewReader(source)
		for i, m := range want {
			got, err := reader.Next()
			if err != nil || got.Type != m.Type || !bytes.Equal(got.Payload, m.Payload) {
				t.Fatalf("%s: message %d of %d bytes came back as %d bytes of type %#x, %v", name, i, len(m.Payload), len(got.Payload), got.Type, err)
			}
		}
		if _, err := reader.Next(); err != io.EOF {
			t.Fatalf("%s: at the end: %v", name, err)
		}
	}
}

func TestTruncatedAnywhere(t *testing.T) {
	stream := Append(Append(nil, Ping, []byte("12345678")), Resize, []byte{0, 80, 0, 24})
	const first = 4 + 1 + 8
	for cut := range len(stream) {
		reader := NewReader(bytes.NewReader(stream[:cut]))
		var err error
		whole := 0
		for {
			if _, err = reader.Next(); err != nil {
				break
			}
			whole++
		}
		atBoundary, messages := cut == 0 || cut == first, 0
		if cut >= first {
			messages = 1
		}
		if whole != messages || (err == io.EOF) != atBoundary || errors.Is(err, ErrBad) {
			t.Errorf("cut at %d: %d messages, then %v", cut, whole, err)
		}
	}
}

func TestLengthsThatAreRefused(t *testing.T) {
	for _, n := range []uint32{0, MaxClientPayload + 2, 1 << 31, 1<<32 - 1} {
		prefix := binary.BigEndian.AppendUint32(nil, n)
		if _, err := NewReader(bytes.NewReader(prefix)).Next(); !errors.Is(err, ErrBad) {
			t.Errorf("a length of %d: %v", n, err)
		}
	}
}

func TestExactly(t *testing.T) {
	m := Message{Type: Resize, Payload: make([]byte, 4)}
	if err := m.Exactly(4); err != nil {
		t.Error(err)
	}
	for _, n := range []int{0, 3, 5} {
		if err := m.Exactly(n); !errors.Is(err, ErrBad) {
			t.Errorf("4 bytes where %d belong: %v", n, err)
		}
	}
}

func TestOffsetAndError(t *testing.T) {
	m, err := NewReader(bytes.NewReader(AppendOffset(nil, Output, 1<<63+5, []byte("out")))).Next()
	if err != nil || m.Type != Output || binary.BigEndian.Uint64(m.Payload) != 1<<63+5 || string(m.Payload[8:]) != "out" {
		t.Errorf("%v, %v", m, err)
	}
	m, err = NewReader(bytes.NewReader(AppendError(nil, "bad-frame", `a "quoted" word`))).Next()
	var body struct{ Code, Message string }
	if err != nil || m.Type != Error || json.Unmarshal(m.Payload, &body) != nil || body.Code != "bad-frame" || body.Message != `a "quoted" word` {
		t.Errorf("%v, %v, %v", m, body, err)
	}
}

// FuzzReader: no stream makes the reader panic, read past a message or return more than the bound.
func FuzzReader(f *testing.F) {
	f.Add([]byte{})
	f.Add([]byte{0, 0, 0, 1, Restart})
	f.Add(Append(nil, Ping, []byte("12345678")))
	f.Add([]byte{0xff, 0xff, 0xff, 0xff, 1})
	f.Fuzz(func(t *testing.T, stream []byte) {
		reader, used := NewReader(bytes.NewReader(stream)), 0
		for {
			m, err := reader.Next()
			if err != nil {
				return
			}
			used += 5 + len(m.Payload)
			if used > len(stream) || len(m.Payload) > MaxClientPayload {
				t.Fatalf("read %d of %d bytes", used, len(stream))
			}
		}
	})
}
