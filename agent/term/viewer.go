package term

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"

	"drydock/agent/frame"
)

// Window is how much output a viewer may have been sent and not yet acknowledged, in bytes.
const Window = 512 << 10

// maxPending bounds the answers that wait for a viewer to read, in bytes; beyond it nothing more is taken from it.
const maxPending = 64 << 10

// FromOldest asks for everything that is still kept.
const FromOldest = -1

// View is what a viewer asks for when it attaches.
type View struct {
	Client   string `json:"client"`   // names the viewer across reconnects; its input is numbered under this name
	From     int64  `json:"from"`     // offset of the first byte wanted, or FromOldest
	Cols     uint16 `json:"cols"`     // 0: leave the size as it is
	Rows     uint16 `json:"rows"`     // 0: leave the size as it is
	ReadOnly bool   `json:"readOnly"` // input, resize and restart are dropped
	Terminal string `json:"terminal"`
}

type viewer struct {
	View
	offset  uint64 // next byte to send
	acked   uint64 // all below it was parsed by the viewer
	lost    bool   // its place left the ring, or it has not been told its place yet
	gap     bool   // what it asked for was not kept
	exit    *int32 // the exit it was told of
	pending []byte // whole messages to send before more output
	gone    bool
	failure error
}

// Attach serves one viewer on conn until either side ends. The first viewer of a terminal starts its shell; after an
// exit a viewer must ask for a new one by RESTART.
func (t *Terminal) Attach(conn io.ReadWriteCloser, view View) error {
	defer conn.Close()
	v := &viewer{View: view, lost: true}
	if err := t.join(v); err != nil {
		_, _ = conn.Write(frame.AppendError(nil, "no-shell", err.Error()))
		return err
	}
	var once sync.Once
	leave := func(err error) {
		once.Do(func() {
			t.mu.Lock()
			v.gone, v.failure = true, err
			t.changed.Broadcast()
			t.mu.Unlock()
			if c, ok := conn.(interface{ SetWriteDeadline(time.Time) error }); ok {
				_ = c.SetWriteDeadline(time.Now().Add(time.Second)) // a write to a peer that is gone ends too
			}
		})
	}
	go func() { leave(t.receive(frame.NewReader(conn), v)) }()
	err := t.send(conn, v)
	leave(err)
	t.mu.Lock()
	delete(t.viewers, v)
	t.changed.Broadcast()
	failure := v.failure
	t.mu.Unlock()
	if errors.Is(failure, frame.ErrBad) {
		_, _ = conn.Write(frame.AppendError(nil, "bad-frame", failure.Error()))
	}
	return failure
}

func (t *Terminal) join(v *viewer) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if v.Cols > 0 && v.Rows > 0 && !v.ReadOnly {
		t.resize(v.Cols, v.Rows)
	}
	if t.exitCode == nil {
		if err := t.run(); err != nil {
			return err
		}
	}
	v.offset = t.ring.oldest()
	if from := uint64(v.From); v.From >= 0 {
		// An offset ahead of us belongs to an earlier life of this machine: all we have is new to that viewer.
		v.gap = from < v.offset || from > t.ring.head
		if !v.gap {
			v.offset = from
		}
	}
	v.acked = v.offset
	t.viewers[v] = struct{}{}
	return nil
}

// resize keeps the size for the next shell too. Caller holds mu.
func (t *Terminal) resize(cols, rows uint16) {
	t.cols, t.rows = cols, rows
	if t.shell != nil {
		_ = t.shell.Resize(cols, rows)
	}
}

// send writes what the viewer is owed until it has gone.
func (t *Terminal) send(conn io.Writer, v *viewer) error {
	out := make([]byte, 0, batch+1024)
	data := make([]byte, batch)
	for {
		t.mu.Lock()
		for !t.owes(v) {
			t.changed.Wait()
		}
		if v.gone {
			t.mu.Unlock()
			return nil
		}
		out = append(out[:0], v.pending...)
		v.pending = nil
		if t.outran(v) {
			v.offset, v.lost, v.gap = t.ring.oldest(), true, true
			v.acked = v.offset
		}
		if v.lost {
			out = t.appendAttached(out, v)
			v.lost, v.gap = false, false
		}
		if t.windowOpen(v) {
			n := t.ring.read(data[:min(batch, Window-(v.offset-v.acked))], v.offset)
			out = frame.AppendOffset(out, frame.Output, v.offset, data[:n])
			v.offset += uint64(n)
			t.changed.Broadcast() // the pump may be waiting for this viewer
		}
		if v.offset == t.ring.head && t.exitCode != v.exit {
			v.exit = t.exitCode
			if v.exit != nil {
				out = frame.Append(out, frame.Exit, binary.BigEndian.AppendUint32(nil, uint32(*v.exit)))
			}
		}
		t.mu.Unlock()
		if _, err := conn.Write(out); err != nil {
			return err
		}
	}
}

// owes tells whether there is anything to do for a viewer. Caller holds mu.
func (t *Terminal) owes(v *viewer) bool {
	return v.gone || v.lost || len(v.pending) > 0 || t.windowOpen(v) || (v.offset == t.ring.head && t.exitCode != v.exit)
}

func (t *Terminal) windowOpen(v *viewer) bool {
	return v.offset < t.ring.head && v.offset-v.acked < Window
}

// outran tells whether a viewer must be given a new place: it can take more, and what it needs is no longer kept. With
// its window closed it stays where it is, or one that reads and never parses would be sent output without end.
func (t *Terminal) outran(v *viewer) bool { return t.windowOpen(v) && v.offset < t.ring.oldest() }

// appendAttached tells a viewer its place. Caller holds mu.
func (t *Terminal) appendAttached(out []byte, v *viewer) []byte {
	var flags byte
	var pid uint32
	if v.gap {
		flags |= 1
	}
	if t.shell != nil {
		flags |= 2
		pid = uint32(t.shell.PID)
	}
	body := binary.BigEndian.AppendUint64(nil, v.offset)
	body = binary.BigEndian.AppendUint64(body, t.ring.head)
	body = binary.BigEndian.AppendUint64(body, t.inputOf(v).accepted)
	body = append(body, flags)
	return frame.Append(out, frame.Attached, binary.BigEndian.AppendUint32(body, pid))
}

// receive acts on a viewer's messages until its stream ends.
func (t *Terminal) receive(r *frame.Reader, v *viewer) error {
	for {
		m, err := r.Next()
		if err != nil {
			return err
		}
		t.mu.Lock()
		for len(v.pending) > maxPending && !v.gone {
			t.changed.Wait()
		}
		err = t.act(m, v)
		t.changed.Broadcast()
		t.mu.Unlock()
		if err != nil {
			return err
		}
	}
}

// act carries out one message. Caller holds mu.
func (t *Terminal) act(m frame.Message, v *viewer) error {
	switch m.Type {
	case frame.Input:
		return t.input(m, v)
	case frame.Resize:
		if err := m.Exactly(4); err != nil {
			return err
		}
		cols, rows := binary.BigEndian.Uint16(m.Payload), binary.BigEndian.Uint16(m.Payload[2:])
		if cols == 0 || rows == 0 {
			return fmt.Errorf("%w: a size of %d × %d", frame.ErrBad, cols, rows)
		}
		if !v.ReadOnly {
			t.resize(cols, rows)
		}
	case frame.Ack:
		if err := m.Exactly(8); err != nil {
			return err
		}
		offset := binary.BigEndian.Uint64(m.Payload)
		if offset > v.offset {
			return fmt.Errorf("%w: acknowledged %d of %d", frame.ErrBad, offset, v.offset)
		}
		v.acked = max(v.acked, offset)
	case frame.Ping:
		if err := m.Exactly(8); err != nil {
			return err
		}
		v.pending = frame.Append(v.pending, frame.Pong, m.Payload)
	case frame.Restart:
		if err := m.Exactly(0); err != nil {
			return err
		}
		if v.ReadOnly || t.shell != nil {
			return nil
		}
		if err := t.run(); err != nil {
			v.pending = frame.AppendError(v.pending, "no-shell", err.Error())
			return nil
		}
		for other := range t.viewers { // each learns of the new shell by its place
			other.lost = true
		}
	default:
		return fmt.Errorf("%w: unknown type %#x", frame.ErrBad, m.Type)
	}
	return nil
}

// inputOf is the record of a viewer's input. What a read-only viewer types is counted apart: it is dropped, and must
// not pass for what a typing viewer of the same name has sent. Caller holds mu.
func (t *Terminal) inputOf(v *viewer) *client {
	if v.ReadOnly {
		return t.inputs.of("read-only " + v.Client) // no client's name has a blank
	}
	return t.inputs.of(v.Client)
}

// input queues what is new of a viewer's input and acknowledges all of it. Caller holds mu.
func (t *Terminal) input(m frame.Message, v *viewer) error {
	if len(m.Payload) < 8 {
		return fmt.Errorf("%w: input without a position", frame.ErrBad)
	}
	c := t.inputOf(v)
	before := *c
	fresh, ok := c.accept(binary.BigEndian.Uint64(m.Payload), m.Payload[8:])
	if !ok {
		return fmt.Errorf("%w: input is missing before this", frame.ErrBad)
	}
	if t.shell != nil && !v.ReadOnly {
		if len(t.queued)+len(fresh) > maxQueuedInput {
			*c = before // refused, so that it may be sent again
			return fmt.Errorf("%w: %d bytes of input wait for a program that does not read", frame.ErrBad, len(t.queued))
		}
		t.queued = append(t.queued, fresh...)
	}
	v.pending = frame.AppendOffset(v.pending, frame.InputAck, c.accepted, nil)
	return nil
}
