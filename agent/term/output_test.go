package term

import (
	"bytes"
	"fmt"
	"io"
	"math/rand/v2"
	"testing"
	"time"

	"drydock/agent/frame"
)

// Cut at any byte, attached again from the last byte received: the bytes are the source's, and where some are missing
// that was said.
func TestResumedStreamEqualsTheSource(t *testing.T) {
	source := randomBytes(7, 5<<20)
	gaps := 0
	for seed := range uint64(12) {
		random := rand.New(rand.NewPCG(seed, 7))
		terminal, program := byHand(t)
		first := joins(t, terminal, View{Client: "first", From: FromOldest}) // starts the program
		first.leaves()
		<-first.ended
		chunks := rand.New(rand.NewPCG(seed, 8))
		written := make(chan struct{})
		go func() {
			defer close(written)
			program.prints(source, func() int { return 1 + chunks.IntN(1<<chunks.IntN(18)) })
		}()
		for at := uint64(0); at < uint64(len(source)); {
			p := dials(t, terminal, View{Client: "c", From: int64(at)})
			_ = p.conn.SetReadDeadline(time.Now().Add(patience))
			p.in = frame.NewReader(io.LimitReader(p.conn, random.Int64N(1<<21))) // the cut
			for {
				m, err := p.in.Next()
				if err != nil {
					break
				}
				switch m.Type {
				case frame.Attached:
					place := p.attached(m)
					if place.gap != (place.start > at) || place.start < at || place.start < place.head-min(place.head, RingSize) {
						t.Fatalf("seed %d: asked for %d, got %+v", seed, at, place)
					}
					if place.gap {
						gaps++
					}
					at = place.start
				case frame.Output:
					offset, data := output(m)
					if offset != at || !bytes.Equal(data, source[at:at+uint64(len(data))]) {
						t.Fatalf("seed %d: other bytes at %d, announced as %d", seed, at, offset)
					}
					at += uint64(len(data))
					if at == uint64(len(source)) {
						p.leaves()
					} else if random.IntN(4) > 0 {
						p.acks(at - random.Uint64N(uint64(len(data))))
					} else {
						p.acks(at)
					}
				default:
					t.Fatalf("seed %d: %#x", seed, m.Type)
				}
			}
			p.leaves()
			<-p.ended
		}
		<-written
	}
	t.Logf("%d gaps", gaps)
}

func TestGapWhenAndOnlyWhenTheRingHasMovedPast(t *testing.T) {
	for _, head := range []int64{1, 1000, RingSize - 1, RingSize, RingSize + 1, 2*RingSize + 77777} {
		terminal, program := byHand(t)
		p := joins(t, terminal, View{Client: "first", From: FromOldest})
		p.leaves()
		<-p.ended
		program.prints(make([]byte, head), func() int { return 1 << 16 })
		kept(t, terminal, uint64(head))
		oldest := max(0, head-RingSize)
		for _, c := range []struct {
			from, start int64
			gap         bool
		}{
			{FromOldest, oldest, false},
			{0, oldest, oldest > 0},
			{oldest - 1, oldest, oldest > 0}, // -1 where nothing was lost: the same as FromOldest
			{oldest, oldest, false},
			{oldest + 1, oldest + 1, false},
			{head - 1, head - 1, false},
			{head, head, false},
			{head + 1, oldest, true}, // an earlier life of the machine
			{1 << 62, oldest, true},
		} {
			p := joins(t, terminal, View{Client: "c", From: c.from})
			if p.place.gap != c.gap || p.place.start != uint64(c.start) || p.place.head != uint64(head) {
				t.Errorf("from %d of [%d, %d): %+v", c.from, oldest, head, p.place)
			}
			p.leaves()
			<-p.ended
		}
	}
}

func TestNeverMoreThanTheWindowBeyondTheLastAck(t *testing.T) {
	source := randomBytes(9, 4<<20)
	for seed := range uint64(6) {
		random := rand.New(rand.NewPCG(seed, 9))
		terminal, program := byHand(t)
		p := joins(t, terminal, View{Client: "c", From: 0})
		go program.prints(source, func() int { return 1 + random.IntN(1<<16) })
		acks := rand.New(rand.NewPCG(seed, 10))
		for received, acked := uint64(0), uint64(0); received < uint64(len(source)); {
			m := p.next()
			offset, data := output(m)
			if m.Type != frame.Output || offset != received || !bytes.Equal(data, source[offset:offset+uint64(len(data))]) {
				t.Fatalf("seed %d: %#x at %d", seed, m.Type, received)
			}
			received += uint64(len(data))
			if received > acked+Window {
				t.Fatalf("seed %d: %d bytes beyond the last ACK", seed, received-acked)
			}
			if received == acked+Window { // it waits now, whatever else it is asked
				for range 3 {
					if before := p.pings(); len(before) != 0 {
						t.Fatalf("seed %d: %#x with a closed window", seed, before[0].Type)
					}
				}
				acked += 1 + acks.Uint64N(received-acked)
				p.acks(acked)
			} else if acks.IntN(50) == 0 {
				p.acks(acked) // an old one again changes nothing
			}
		}
	}
}

func TestASlowViewerDoesNotSlowAFastOne(t *testing.T) {
	source := randomBytes(11, 6<<20)
	const lead = RingSize
	terminal, program := byHand(t)
	fast := joins(t, terminal, View{Client: "fast", From: 0})
	unparsed := joins(t, terminal, View{Client: "unparsed", From: 0}) // reads, and never acknowledges
	unread := joins(t, terminal, View{Client: "unread", From: 0})     // does not even read
	go program.prints(source[:lead], func() int { return 1 << 16 })
	all := fast.prints(func(all []byte) bool { return len(all) == lead }) // it is the fastest from here on
	receives := func(p *peer, at, end uint64) uint64 {
		for at < end {
			m := p.next()
			offset, data := output(m)
			if m.Type != frame.Output || offset != at || !bytes.Equal(data, source[at:at+uint64(len(data))]) {
				t.Fatalf("%#x where %d goes on", m.Type, at)
			}
			at += uint64(len(data))
		}
		return at
	}
	receives(unparsed, 0, Window)
	go program.prints(source[lead:], func() int { return 1 << 16 })
	all = append(all, fast.prints(func(all []byte) bool { return len(all) == len(source)-lead })...)
	if !bytes.Equal(all, source) {
		t.Fatal("the fast viewer got other bytes")
	}
	resyncs := func(p *peer, m frame.Message) {
		place := p.attached(m)
		if !place.gap || place.start != uint64(len(source))-RingSize || place.head != uint64(len(source)) {
			t.Fatalf("no resync: %+v", place)
		}
		if rest := p.prints(func(all []byte) bool { return len(all) == RingSize }); !bytes.Equal(rest, source[place.start:]) {
			t.Fatal("other bytes after the resync")
		}
	}
	// However far the ring has moved on, nothing comes beyond the window.
	if before := unparsed.pings(); len(before) != 0 {
		t.Fatalf("%#x with a closed window", before[0].Type)
	}
	unparsed.acks(1)
	resyncs(unparsed, unparsed.next())
	// What was under way when it stopped reading, and then its new place.
	m := unread.next()
	for at := uint64(0); m.Type == frame.Output; m = unread.next() {
		offset, data := output(m)
		if offset != at || at > Window || !bytes.Equal(data, source[at:at+uint64(len(data))]) {
			t.Fatalf("other bytes at %d", at)
		}
		at += uint64(len(data))
	}
	resyncs(unread, m)
}

func held(terminal *Terminal) func() bool {
	return func() bool {
		terminal.mu.Lock()
		defer terminal.mu.Unlock()
		return terminal.held
	}
}

func TestASingleStalledViewerThrottlesTheProgram(t *testing.T) {
	source := randomBytes(13, 3<<20)
	terminal, program := byHand(t)
	p := joins(t, terminal, View{Client: "c", From: 0})
	go program.prints(source, func() int { return 1 << 14 })
	eventually(t, "the program is held", held(terminal))
	if n := program.written.Load(); n > RingSize+Window {
		t.Errorf("the program wrote %d bytes into a ring of %d", n, RingSize)
	}
	if all := p.prints(func(all []byte) bool { return len(all) == len(source) }); !bytes.Equal(all, source) {
		t.Error("other bytes after the stall")
	}
}

func TestAProgramRunsOnWhenTheStalledViewerLeaves(t *testing.T) {
	terminal, program := byHand(t)
	p := joins(t, terminal, View{Client: "c", From: 0})
	written := make(chan struct{})
	go func() {
		defer close(written)
		program.prints(make([]byte, 3<<20), func() int { return 1 << 14 })
	}()
	eventually(t, "the program is held", held(terminal))
	p.leaves()
	<-p.ended
	<-written
	kept(t, terminal, 3<<20)
}

// The program ends while its last output has nowhere to go yet.
func TestExitWaitsForAStalledViewer(t *testing.T) {
	source := randomBytes(15, 2<<20)
	terminal, program := byHand(t)
	terminal.linger = 50 * time.Millisecond
	p := joins(t, terminal, View{Client: "c", From: 0})
	size := program.fills(source, held(terminal))
	program.exit(3)
	ended := time.Now()
	eventually(t, "several times linger", func() bool { return time.Since(ended) > 4*terminal.linger })
	all := p.prints(func(all []byte) bool { return len(all) == size })
	if !bytes.Equal(all, source[:size]) {
		t.Error("other bytes after the stall")
	}
	if m := p.next(); m.Type != frame.Exit || m.Payload[3] != 3 {
		t.Errorf("%#x where EXIT belongs", m.Type)
	}
}

func TestManyViewersSeeTheSame(t *testing.T) {
	source := randomBytes(17, 1<<20)
	terminal, program := byHand(t)
	done := make(chan error, 8)
	for i := range 8 {
		p := joins(t, terminal, View{Client: fmt.Sprint("c", i), From: 0})
		go func() {
			all := p.prints(func(all []byte) bool { return len(all) == len(source) })
			if !bytes.Equal(all, source) {
				done <- fmt.Errorf("viewer %d got other bytes", i)
				return
			}
			done <- nil
		}()
	}
	program.prints(source, func() int { return 5000 })
	for range 8 {
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
}
