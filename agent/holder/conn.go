// Package holder is the unix socket between `agent attach`, which an exec starts for each viewer, and the terminals.
package holder

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"sync"
	"time"

	"golang.org/x/sys/unix"

	"drydock/agent/term"
)

// maxHello bounds what attach says of itself, in bytes; maxScript a request to run a script.
const (
	maxHello  = 4096
	maxScript = 512 << 10
)

// hello is what comes with the descriptors: a view, or that a script is to be run.
type hello struct {
	term.View
	Run bool `json:"run,omitempty"`
}

// passed is a viewer's own stdin and stdout, sent over the socket: frames then go straight between the exec's pipes
// and the holder, which doubles the rate of a flood (measured). The socket only tells whether either side lives.
type passed struct {
	in, out *os.File
	socket  *net.UnixConn
	once    sync.Once
}

func (p *passed) Read(b []byte) (int, error)                { return p.in.Read(b) }
func (p *passed) Write(b []byte) (int, error)               { return p.out.Write(b) }
func (p *passed) SetWriteDeadline(deadline time.Time) error { return p.out.SetWriteDeadline(deadline) }
func (p *passed) Close() error {
	p.once.Do(func() { _, _, _ = p.in.Close(), p.out.Close(), p.socket.Close() })
	return nil
}

// Attach hands this process's stdin and stdout to the holder behind socket and waits until the viewing is over.
func Attach(socket string, view term.View) error { return hand(socket, hello{View: view}) }

// Run hands them over for a script: a request, as a line, on stdin; how it ended, as a line, on stdout. The script goes
// on without this process.
func Run(socket string) error { return hand(socket, hello{Run: true}) }

func hand(socket string, what hello) error {
	conn, err := net.DialUnix("unix", nil, &net.UnixAddr{Name: socket, Net: "unix"})
	if err != nil {
		return err
	}
	defer conn.Close()
	text, err := json.Marshal(what)
	if err != nil {
		return err
	}
	if _, _, err := conn.WriteMsgUnix(text, unix.UnixRights(0, 1), nil); err != nil {
		return err
	}
	_, err = io.Copy(io.Discard, conn)
	return err
}

// accept takes a viewer's hello and its two descriptors off the socket.
func accept(conn *net.UnixConn) (*passed, hello, error) {
	var said hello
	_ = conn.SetReadDeadline(time.Now().Add(5 * time.Second))
	text, rights := make([]byte, maxHello), make([]byte, unix.CmsgSpace(2*4))
	n, rn, _, _, err := conn.ReadMsgUnix(text, rights)
	if err != nil {
		return nil, said, err
	}
	_ = conn.SetReadDeadline(time.Time{})
	messages, err := unix.ParseSocketControlMessage(rights[:rn])
	if err != nil || len(messages) != 1 {
		return nil, said, errors.Join(errors.New("no descriptors came with the hello"), err)
	}
	fds, err := unix.ParseUnixRights(&messages[0])
	if err != nil {
		return nil, said, err
	}
	files := make([]*os.File, len(fds))
	for i, fd := range fds {
		unix.CloseOnExec(fd)
		_ = unix.SetNonblock(fd, true)
		files[i] = os.NewFile(uintptr(fd), "passed")
	}
	if len(files) != 2 {
		err = fmt.Errorf("%d descriptors came with the hello", len(files))
	}
	if err := errors.Join(err, json.Unmarshal(text[:n], &said)); err != nil {
		for _, f := range files {
			f.Close()
		}
		return nil, said, err
	}
	return &passed{in: files[0], out: files[1], socket: conn}, said, nil
}
