package term

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"drydock/agent/frame"
)

func has(part string) func([]byte) bool {
	return func(all []byte) bool { return strings.Contains(string(all), part) }
}

func TestExitAfterTheLastOutput(t *testing.T) {
	for _, c := range []struct {
		script string
		output int
		code   int32
	}{
		{"exit 7", 0, 7},
		{"true", 0, 0},
		{"kill -9 $$", 0, 137},
		{"kill -TERM $$", 0, 143},
		{"head -c 700000 /dev/zero | tr '\\0' x; exit 5", 700_000, 5},
		{"(sleep 1000 & ); printf abc", 3, 0}, // one that outlives the shell with the terminal open
	} {
		p := joins(t, New(runs("/bin/sh", "-c", c.script)), View{Client: "c", From: FromOldest})
		all := p.prints(func(all []byte) bool { return len(all) == c.output })
		if len(bytes.Trim(all, "x")) != c.output%700_000 {
			t.Errorf("%s printed %.60q", c.script, all)
		}
		m := p.next()
		if m.Type != frame.Exit || int32(binary.BigEndian.Uint32(m.Payload)) != c.code {
			t.Errorf("%s: %#x %v where EXIT %d belongs", c.script, m.Type, m.Payload, c.code)
		}
	}
}

func TestRestartAfterExit(t *testing.T) {
	terminal := New(runs("/bin/sh", "-c", "printf one; read line; exit 4"))
	p := joins(t, terminal, View{Client: "c", From: FromOldest})
	watcher := joins(t, terminal, View{Client: "w", From: FromOldest, ReadOnly: true})
	first := p.place.pid
	p.prints(has("one"))
	p.says(frame.Restart) // one runs: nothing happens
	p.types(0, []byte("\n"))
	all := p.prints(func(all []byte) bool { return len(all) >= len("\r\n") })
	if m := p.next(); m.Type != frame.Exit || m.Payload[3] != 4 {
		t.Fatalf("%#x where EXIT belongs", m.Type)
	}
	end := uint64(len("one") + len(all))
	// Nobody but RESTART starts another, and no read-only viewer.
	late := joins(t, terminal, View{Client: "late", From: FromOldest})
	if late.place.running || late.place.pid != 0 || late.place.head != end {
		t.Errorf("after the exit: %+v", late.place)
	}
	late.prints(has("one"))
	if m := late.next(); m.Type != frame.Exit {
		t.Errorf("%#x where EXIT belongs", m.Type)
	}
	watcher.says(frame.Restart)
	for _, m := range watcher.pings() {
		if m.Type == frame.Attached {
			t.Error("a read-only viewer restarted the shell")
		}
	}
	p.says(frame.Restart)
	place := p.attached(p.next())
	if !place.running || place.pid == first || place.start != end || place.gap || place.inputAck != 1 {
		t.Errorf("after RESTART: %+v, the old PID was %d, the old end %d", place, first, end)
	}
	offset, data := output(p.next())
	if offset != end || !strings.HasPrefix("one", string(data)) {
		t.Errorf("%q at %d", data, offset)
	}
	if place := late.attached(late.next()); !place.running || place.start != end {
		t.Errorf("the other viewer was not told: %+v", place)
	}
}

func TestAShellThatCannotStart(t *testing.T) {
	broken := true
	terminal := New(func(cols, rows uint16) (*Shell, error) {
		if broken {
			return nil, errors.New("no such shell")
		}
		return runs("/bin/cat")(cols, rows)
	})
	dials(t, terminal, View{Client: "c", From: FromOldest}).fails("no-shell")
	broken = false
	joins(t, terminal, View{Client: "c", From: FromOldest})
}

func TestResizeReachesThePTY(t *testing.T) {
	terminal := New(runs("/bin/sh", "-c", "stty -echo; while stty size; read line; do :; done"))
	p := joins(t, terminal, View{Client: "c", From: FromOldest, Cols: 101, Rows: 33})
	p.prints(has("33 101"))
	p.says(frame.Resize, 0, 132, 0, 43)
	p.types(0, []byte("\n"))
	p.prints(has("43 132"))
	watcher := joins(t, terminal, View{Client: "w", From: FromOldest, Cols: 10, Rows: 5, ReadOnly: true})
	watcher.says(frame.Resize, 0, 20, 0, 10)
	watcher.pings() // it was acted on
	p.types(1, []byte("\n"))
	p.prints(has("43 132"))
	other := joins(t, terminal, View{Client: "o", From: FromOldest}) // without a size of its own
	other.types(0, []byte("\n"))
	p.prints(has("43 132"))
}

func TestTheNextShellHasTheLastSize(t *testing.T) {
	terminal := New(runs("/bin/sh", "-c", "stty size; read line"))
	p := joins(t, terminal, View{Client: "c", From: FromOldest, Cols: 90, Rows: 30})
	p.prints(has("30 90"))
	p.says(frame.Resize, 1, 0, 0, 60)
	p.types(0, []byte("\n"))
	p.prints(has("\n"))
	for m := p.next(); m.Type != frame.Exit; m = p.next() {
	}
	p.says(frame.Restart)
	p.attached(p.next())
	p.prints(has("60 256"))
}

// Repeats and overlaps, over several attaches and amid another client's typing: the program reads each byte once.
func TestInputIsTypedOnce(t *testing.T) {
	source := randomBytes(21, 100_000)
	for seed := range uint64(4) {
		random := rand.New(rand.NewPCG(seed, 21))
		terminal, program := byHand(t)
		p := joins(t, terminal, View{Client: "c", From: FromOldest})
		typed := make(chan string)
		go func() { typed <- program.reads(t, len(source)) }()
		for acked := uint64(0); acked < uint64(len(source)); {
			from := acked
			if random.IntN(3) == 0 {
				from = random.Uint64N(acked + 1)
			}
			to := min(from+1+random.Uint64N(5000), uint64(len(source)))
			p.types(from, source[from:to])
			m := p.next()
			if m.Type != frame.InputAck || binary.BigEndian.Uint64(m.Payload) != max(acked, to) {
				t.Fatalf("seed %d: %#x %v where INPUT_ACK %d belongs", seed, m.Type, m.Payload, max(acked, to))
			}
			acked = max(acked, to)
			if random.IntN(5) == 0 { // a cut
				p.leaves()
				<-p.ended
				p = joins(t, terminal, View{Client: "c", From: FromOldest})
				if p.place.inputAck != acked {
					t.Fatalf("seed %d: %d accepted, told %d", seed, acked, p.place.inputAck)
				}
			}
		}
		if <-typed != string(source) {
			t.Fatalf("seed %d: the program read something else", seed)
		}
	}
}

func TestAHoleInTheInputEndsTheStream(t *testing.T) {
	terminal, program := byHand(t)
	p := joins(t, terminal, View{Client: "c", From: FromOldest})
	p.types(0, []byte("ab"))
	p.types(3, []byte("d"))
	p.fails("bad-frame")
	p = joins(t, terminal, View{Client: "c", From: FromOldest})
	if p.place.inputAck != 2 {
		t.Errorf("accepted %d", p.place.inputAck)
	}
	p.types(2, []byte("cd"))
	if typed := program.reads(t, 4); typed != "abcd" {
		t.Errorf("%q", typed)
	}
}

// A program that does not read: what does not fit is refused, and not counted as accepted.
func TestRefusedInputIsNotAcknowledged(t *testing.T) {
	terminal, _ := byHand(t)
	p := joins(t, terminal, View{Client: "c", From: FromOldest})
	accepted := uint64(0)
	for piece := make([]byte, 60_000); ; {
		p.types(accepted, piece)
		m := p.next()
		if m.Type == frame.Error {
			break
		}
		accepted = binary.BigEndian.Uint64(m.Payload)
		if m.Type != frame.InputAck || accepted > 4*maxQueuedInput {
			t.Fatalf("%#x, %d accepted", m.Type, accepted)
		}
	}
	if p := joins(t, terminal, View{Client: "c", From: FromOldest}); p.place.inputAck != accepted {
		t.Errorf("accepted %d, but told %d", accepted, p.place.inputAck)
	}
}

func TestAReadOnlyViewerTypesNothing(t *testing.T) {
	terminal, program := byHand(t)
	p := joins(t, terminal, View{Client: "c", From: FromOldest})
	watcher := joins(t, terminal, View{Client: "c", From: FromOldest, ReadOnly: true}) // even under the owner's name
	watcher.types(0, []byte("evil"))
	if m := watcher.next(); m.Type != frame.InputAck || binary.BigEndian.Uint64(m.Payload) != 4 {
		t.Errorf("%#x %v", m.Type, m.Payload)
	}
	p.types(0, []byte("good!"))
	if typed := program.reads(t, 5); typed != "good!" {
		t.Errorf("%q", typed)
	}
	program.prints([]byte("seen"), func() int { return 4 })
	watcher.prints(has("seen"))
}

func TestABadFrameEndsOnlyItsStream(t *testing.T) {
	terminal, program := byHand(t)
	other := joins(t, terminal, View{Client: "other", From: FromOldest})
	message := func(kind byte, payload ...byte) []byte { return frame.Append(nil, kind, payload) }
	for name, bytes := range map[string][]byte{
		"unknown type":         message(0x06),
		"a holder's type":      message(frame.Output, make([]byte, 9)...),
		"no position":          message(frame.Input, make([]byte, 7)...),
		"half a size":          message(frame.Resize, 0, 80, 0),
		"no columns":           message(frame.Resize, 0, 0, 0, 24),
		"no rows":              message(frame.Resize, 0, 80, 0, 0),
		"half an offset":       message(frame.Ack, make([]byte, 4)...),
		"an offset not sent":   message(frame.Ack, 0, 0, 0, 0, 0, 0, 0, 1),
		"the highest offset":   message(frame.Ack, 255, 255, 255, 255, 255, 255, 255, 255),
		"a short ping":         message(frame.Ping, make([]byte, 7)...),
		"a long ping":          message(frame.Ping, make([]byte, 9)...),
		"a restart with words": message(frame.Restart, 0),
		"no length":            {0, 0, 0, 0},
		"too long":             {0, 1, 0, 2, frame.Input},
		"text":                 []byte("GET / HTTP/1.1\r\n\r\n"),
	} {
		t.Run(name, func(t *testing.T) {
			for _, readOnly := range []bool{false, true} {
				p := joins(t, terminal, View{Client: "bad", From: FromOldest, ReadOnly: readOnly})
				go func() { _, _ = p.conn.Write(bytes) }()
				p.fails("bad-frame")
			}
		})
	}
	if before := other.pings(); len(before) != 0 {
		t.Errorf("%#x", before[0].Type)
	}
	program.prints([]byte("alive"), func() int { return 5 })
	other.prints(has("alive"))
}

// A viewer that asks and never reads is not owed without bound.
func TestAViewerThatNeverReadsIsNotHeard(t *testing.T) {
	terminal, program := byHand(t)
	p := joins(t, terminal, View{Client: "c", From: FromOldest})
	program.prints([]byte("x"), func() int { return 1 }) // the holder is busy writing this
	_ = p.conn.SetWriteDeadline(time.Now().Add(patience))
	ping := frame.Append(nil, frame.Ping, make([]byte, 8))
	for n := 0; ; n++ {
		if n > 1_000_000 {
			t.Fatalf("%d pings were taken without an answer read", n)
		}
		if n > 100 {
			_ = p.conn.SetWriteDeadline(time.Now().Add(200 * time.Millisecond))
		}
		if _, err := p.conn.Write(ping); err != nil {
			break
		}
	}
	p.leaves()
	select {
	case <-p.ended:
	case <-time.After(patience):
		t.Fatal("the attach goes on")
	}
}

// Attaches and detaches at once, of owners and watchers, while a program floods.
func TestManyComeAndGo(t *testing.T) {
	terminal := New(runs("/bin/sh", "-c", "while :; do echo line; done"))
	done := make(chan struct{})
	for i := range 8 {
		go func() {
			defer func() { done <- struct{}{} }()
			random := rand.New(rand.NewPCG(uint64(i), 31))
			for range 15 {
				p := dials(t, terminal, View{Client: fmt.Sprint("c", i), From: FromOldest, ReadOnly: i%2 == 0})
				_ = p.conn.SetReadDeadline(time.Now().Add(patience))
				_, _ = io.CopyN(io.Discard, p.conn, random.Int64N(200_000))
				p.leaves()
				<-p.ended
			}
		}()
	}
	for range 8 {
		<-done
	}
	terminal.mu.Lock()
	defer terminal.mu.Unlock()
	if len(terminal.viewers) != 0 {
		t.Errorf("%d viewers are left", len(terminal.viewers))
	}
}
