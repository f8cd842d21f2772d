// Package term is one terminal: a PTY with a shell, the last megabyte of its output numbered by absolute byte offset,
// and any number of viewers that come and go while the shell runs on.
package term

import (
	"errors"
	"os"
	"sync"
	"time"
)

const (
	// batch is how much output is gathered before the viewers are woken, in bytes.
	batch = 32 << 10
	// bulk is from where on a read counts as a flood, for which waiting a little for more pays.
	bulk = 1 << 10
	// gather is how long a flood is waited for. An echo is far below bulk and never waits.
	gather = 300 * time.Microsecond
	// maxQueuedInput bounds input that the shell has not taken yet, in bytes.
	maxQueuedInput = 1 << 20
)

// Shell is a running login shell as its terminal sees it.
type Shell struct {
	PTY *os.File // the master, in non-blocking mode
	PID int      // in the learner's PID namespace
	// Wait blocks until the shell has ended and returns its exit code, 128+n for signal n. Called once.
	Wait func() int
	// Resize sets the size of the PTY in characters.
	Resize func(cols, rows uint16) error
}

// Starter starts a shell of the given size.
type Starter func(cols, rows uint16) (*Shell, error)

// Terminal is safe for use by many goroutines.
type Terminal struct {
	start Starter

	mu         sync.Mutex
	changed    *sync.Cond // output, exit, a viewer's progress
	ring       ring
	viewers    map[*viewer]struct{}
	inputs     *inputs
	shell      *Shell // nil before the first attach and after an exit
	exitCode   *int32 // set after an exit
	queued     []byte // input the PTY has not taken yet
	cols, rows uint16
	held       bool          // the pump waits for the viewers
	linger     time.Duration // how long a PTY may stay silent and open after its shell has ended
}

func New(start Starter) *Terminal {
	t := &Terminal{start: start, viewers: map[*viewer]struct{}{}, inputs: newInputs(), cols: 80, rows: 24, linger: time.Second}
	t.changed = sync.NewCond(&t.mu)
	return t
}

// Start starts the shell before anybody attaches, so that its prompt waits for the first viewer.
func (t *Terminal) Start() error {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.run()
}

// run starts a shell if none runs. Caller holds mu.
func (t *Terminal) run() error {
	if t.shell != nil {
		return nil
	}
	shell, err := t.start(t.cols, t.rows)
	if err != nil {
		return err
	}
	t.shell, t.exitCode, t.queued = shell, nil, nil
	drained := make(chan struct{})
	go t.pump(shell, drained)
	go t.feed(shell)
	go t.reap(shell, drained)
	return nil
}

// pump moves output from the PTY into the ring until the PTY is gone.
func (t *Terminal) pump(shell *Shell, drained chan<- struct{}) {
	defer close(drained)
	buf := make([]byte, 2*batch)
	for {
		n, err := shell.PTY.Read(buf[:batch])
		for n >= bulk && n < batch && err == nil {
			_ = shell.PTY.SetReadDeadline(time.Now().Add(gather))
			var more int
			more, err = shell.PTY.Read(buf[n : n+batch])
			n += more
			_ = shell.PTY.SetReadDeadline(time.Time{})
			if errors.Is(err, os.ErrDeadlineExceeded) {
				err = nil
				break
			}
		}
		if n > 0 {
			t.mu.Lock()
			for t.wouldOverrun(n) {
				t.held = true
				t.changed.Wait()
			}
			t.held = false
			t.ring.write(buf[:n])
			t.changed.Broadcast()
			t.mu.Unlock()
		}
		if err != nil {
			return
		}
	}
}

// wouldOverrun tells whether n more bytes would push out what the fastest attached viewer has not been sent. With
// nobody attached output runs on; a slow viewer beside a fast one loses its place and is told so.
func (t *Terminal) wouldOverrun(n int) bool {
	if len(t.viewers) == 0 {
		return false
	}
	var furthest uint64
	for v := range t.viewers {
		furthest = max(furthest, v.offset)
	}
	return t.ring.head+uint64(n) > furthest+RingSize
}

// feed moves queued input into the PTY, apart from the viewers, so that a shell that does not read stops nobody's
// acknowledgements.
func (t *Terminal) feed(shell *Shell) {
	for {
		t.mu.Lock()
		for t.shell == shell && len(t.queued) == 0 {
			t.changed.Wait()
		}
		if t.shell != shell {
			t.mu.Unlock()
			return
		}
		data := t.queued
		t.queued = nil
		t.mu.Unlock()
		if _, err := shell.PTY.Write(data); err != nil {
			return
		}
	}
}

// reap records the exit once the shell has ended and its output is drained, however long the viewers take. A process
// that outlives the shell with the terminal open would hold the drain up for ever: once it has been silent for a moment
// the PTY is closed over its head.
func (t *Terminal) reap(shell *Shell, drained <-chan struct{}) {
	code := int32(shell.Wait())
	for last, silent := uint64(0), false; !silent; {
		select {
		case <-drained:
			silent = true
		case <-time.After(t.linger):
			t.mu.Lock()
			silent = !t.held && t.ring.head == last
			last = t.ring.head
			t.mu.Unlock()
		}
	}
	_ = shell.PTY.Close()
	<-drained
	t.mu.Lock()
	t.shell, t.exitCode = nil, &code
	t.changed.Broadcast()
	t.mu.Unlock()
}
