package holder

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"os"
	"regexp"
	"sync"
	"time"

	"drydock/agent/frame"
	"drydock/agent/term"
	"drydock/agent/world"
)

// MaxTerminals is how many terminals a machine may have.
const MaxTerminals = 16

var (
	terminalName = regexp.MustCompile(`^[a-z][a-z0-9-]{0,40}$`)
	clientName   = regexp.MustCompile(`^[A-Za-z0-9_-]{1,64}$`)
)

// Check tells what is wrong with a view's names, if anything.
func Check(view term.View) error {
	if !terminalName.MatchString(view.Terminal) {
		return fmt.Errorf("%q is no terminal's name", view.Terminal)
	}
	if !clientName.MatchString(view.Client) {
		return errors.New("a client's name is 1 to 64 letters, digits, dashes or underscores")
	}
	return nil
}

// Runner runs a script in the learner's world.
type Runner func(world.Script) world.Ended

// Holder keeps a machine's terminals, and runs what prepares the machine.
type Holder struct {
	start     term.Starter
	run       Runner
	mu        sync.Mutex
	terminals map[string]*term.Terminal
	scripts   map[string]*script
}

// script is one that was asked for; ended is there once done is closed.
type script struct {
	done  chan struct{}
	ended world.Ended
}

func New(start term.Starter, run Runner) *Holder {
	return &Holder{start: start, run: run, terminals: map[string]*term.Terminal{}, scripts: map[string]*script{}}
}

// Serve accepts viewers on a unix socket at path; it returns only when there is none to be had.
func (h *Holder) Serve(path string) error {
	_ = os.Remove(path)
	listener, err := net.ListenUnix("unix", &net.UnixAddr{Name: path, Net: "unix"})
	if err != nil {
		return err
	}
	if err := os.Chmod(path, 0o600); err != nil {
		return err
	}
	for {
		conn, err := listener.AcceptUnix()
		if err != nil { // out of descriptors or memory, for now: the terminals outlive that
			log.Printf("accept: %v", err)
			time.Sleep(100 * time.Millisecond)
			continue
		}
		go h.view(conn)
	}
}

// Start starts a terminal's shell ahead of its first viewer.
func (h *Holder) Start(terminal string) error {
	t, err := h.terminal(term.View{Terminal: terminal, Client: "agent"})
	if err != nil {
		return err
	}
	return t.Start()
}

func (h *Holder) view(socket *net.UnixConn) {
	conn, said, err := accept(socket)
	if err != nil {
		log.Printf("hello: %v", err)
		socket.Close()
		return
	}
	go func() { // attach died, or its exec was cut
		_, _ = io.Copy(io.Discard, socket)
		conn.Close()
	}()
	if said.Run {
		h.prepare(conn)
		return
	}
	view := said.View
	terminal, err := h.terminal(view)
	if err != nil {
		_, _ = conn.Write(frame.AppendError(nil, "refused", err.Error()))
		conn.Close()
		return
	}
	if err := terminal.Attach(conn, view); errors.Is(err, frame.ErrBad) {
		log.Printf("terminal %s: %v", view.Terminal, err)
	}
}

func (h *Holder) terminal(view term.View) (*term.Terminal, error) {
	if err := Check(view); err != nil {
		return nil, err
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	t, ok := h.terminals[view.Terminal]
	if !ok {
		if len(h.terminals) >= MaxTerminals {
			return nil, fmt.Errorf("this machine has %d terminals already", MaxTerminals)
		}
		t = term.New(h.start)
		h.terminals[view.Terminal] = t
	}
	return t, nil
}

// prepare runs the script that is asked for on conn, and tells how it ended. Whoever asks may leave at any time, and ask
// again under the same ID: by whatever way the answer was lost, nothing is done twice.
func (h *Holder) prepare(conn *passed) {
	defer conn.Close()
	in := bufio.NewReaderSize(io.LimitReader(conn, maxScript), 4096)
	line, err := in.ReadBytes('\n')
	var asked world.Script
	if err = errors.Join(err, json.Unmarshal(line, &asked)); err == nil && asked.ID == "" {
		err = errors.New("a script needs an id")
	}
	if err != nil {
		_ = json.NewEncoder(conn).Encode(world.Ended{Status: 126, Problem: fmt.Sprintf("not a request: %v", err)})
		return
	}
	left := make(chan struct{})
	go func() {
		_, _ = io.Copy(io.Discard, conn)
		close(left)
	}()
	s := h.script(asked)
	select {
	case <-s.done:
		_ = json.NewEncoder(conn).Encode(s.ended)
	case <-left:
	}
}

// script begins what was never asked for. What could not begin may be asked for anew.
func (h *Holder) script(asked world.Script) *script {
	h.mu.Lock()
	defer h.mu.Unlock()
	s, ok := h.scripts[asked.ID]
	if ok {
		return s
	}
	s = &script{done: make(chan struct{})}
	h.scripts[asked.ID] = s
	go func() {
		s.ended = h.run(asked)
		if s.ended.Problem != "" {
			h.mu.Lock()
			delete(h.scripts, asked.ID)
			h.mu.Unlock()
		}
		close(s.done)
	}()
	return s
}
