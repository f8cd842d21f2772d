package term

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"io"
	"net"
	"os"
	"os/exec"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"drydock/agent/frame"
)

// patience is how long a test waits for what must happen.
const patience = 20 * time.Second

// eventually polls a condition until it holds.
func eventually(t *testing.T, what string, holds func() bool) {
	t.Helper()
	for deadline := time.Now().Add(patience); !holds(); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("in vain: %s", what)
		}
	}
}

func openPTY() (master, slave *os.File, err error) {
	fd, err := unix.Open("/dev/ptmx", unix.O_RDWR|unix.O_NOCTTY|unix.O_CLOEXEC|unix.O_NONBLOCK, 0)
	if err != nil {
		return nil, nil, err
	}
	if err := unix.IoctlSetPointerInt(fd, unix.TIOCSPTLCK, 0); err != nil {
		return nil, nil, err
	}
	peer, _, errno := unix.Syscall(unix.SYS_IOCTL, uintptr(fd), unix.TIOCGPTPEER, unix.O_RDWR|unix.O_NOCTTY|unix.O_CLOEXEC)
	if errno != 0 {
		return nil, nil, errno
	}
	return os.NewFile(uintptr(fd), "ptmx"), os.NewFile(peer, "pts"), nil
}

func resizer(master *os.File) func(cols, rows uint16) error {
	return func(cols, rows uint16) error {
		conn, err := master.SyscallConn()
		if err != nil {
			return err
		}
		var failure error
		return errors.Join(conn.Control(func(fd uintptr) {
			failure = unix.IoctlSetWinsize(int(fd), unix.TIOCSWINSZ, &unix.Winsize{Col: cols, Row: rows})
		}), failure)
	}
}

// runs is a Starter of one program on a PTY.
func runs(command ...string) Starter {
	return func(cols, rows uint16) (*Shell, error) {
		master, slave, err := openPTY()
		if err != nil {
			return nil, err
		}
		defer slave.Close()
		resize := resizer(master)
		if err := resize(cols, rows); err != nil {
			return nil, err
		}
		cmd := exec.Command(command[0], command[1:]...)
		cmd.Stdin, cmd.Stdout, cmd.Stderr = slave, slave, slave
		cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true, Pdeathsig: syscall.SIGKILL}
		if err := cmd.Start(); err != nil {
			master.Close()
			return nil, err
		}
		wait := func() int {
			_ = cmd.Wait()
			if status := cmd.ProcessState.Sys().(syscall.WaitStatus); status.Signaled() {
				return 128 + int(status.Signal())
			}
			return cmd.ProcessState.ExitCode()
		}
		return &Shell{PTY: master, PID: cmd.Process.Pid, Wait: wait, Resize: resize}, nil
	}
}

// program is the far end of a raw PTY in the test's own hands.
type program struct {
	tty     *os.File
	written atomic.Uint64
	ended   chan int
}

// byHand gives a terminal whose program is the test itself.
func byHand(t *testing.T) (*Terminal, *program) {
	master, slave, err := openPTY()
	if err != nil {
		t.Fatal(err)
	}
	// cfmakeraw(3), as far as it changes bytes
	raw, err := unix.IoctlGetTermios(int(slave.Fd()), unix.TCGETS)
	if err != nil {
		t.Fatal(err)
	}
	raw.Iflag, raw.Oflag, raw.Lflag = 0, 0, 0
	raw.Cc[unix.VMIN], raw.Cc[unix.VTIME] = 1, 0
	if err := unix.IoctlSetTermios(int(slave.Fd()), unix.TCSETS, raw); err != nil {
		t.Fatal(err)
	}
	p := &program{tty: slave, ended: make(chan int, 1)}
	t.Cleanup(func() { p.exit(0) })
	return New(func(uint16, uint16) (*Shell, error) {
		return &Shell{PTY: master, PID: 7, Wait: func() int { return <-p.ended }, Resize: resizer(master)}, nil
	}), p
}

// prints writes all of b, in the pieces that next asks for, or until the PTY is closed: who reads will miss the rest.
func (p *program) prints(b []byte, next func() int) {
	for len(b) > 0 {
		n, err := p.tty.Write(b[:min(next(), len(b))])
		if err != nil {
			return
		}
		p.written.Add(uint64(n))
		b = b[n:]
	}
}

// fills writes of b what fits until the PTY takes no more and `held` holds.
func (p *program) fills(b []byte, held func() bool) (written int) {
	fd := int(p.tty.Fd())
	_ = unix.SetNonblock(fd, true)
	for {
		n, err := unix.Write(fd, b[written:min(len(b), written+1000)])
		if err == nil {
			written += n
		} else if held() {
			return written
		} else {
			time.Sleep(time.Millisecond)
		}
	}
}

// reads what was typed.
func (p *program) reads(t *testing.T, n int) string {
	t.Helper()
	typed := make(chan string, 1)
	go func() {
		all := make([]byte, n)
		_, _ = io.ReadFull(p.tty, all)
		typed <- string(all)
	}()
	select {
	case all := <-typed:
		return all
	case <-time.After(patience):
		t.Fatalf("the program waits for %d bytes of input", n)
		return ""
	}
}

func (p *program) exit(code int) {
	select {
	case p.ended <- code:
		p.tty.Close()
	default:
	}
}

// kept waits until a terminal has taken n bytes.
func kept(t *testing.T, terminal *Terminal, n uint64) {
	t.Helper()
	eventually(t, "the output is taken", func() bool {
		terminal.mu.Lock()
		defer terminal.mu.Unlock()
		return terminal.ring.head == n
	})
}

// peer is a viewer's far end.
type peer struct {
	t     *testing.T
	conn  net.Conn
	in    *frame.Reader
	ended chan error // what Attach returned
	place attached   // the last it was told
}

type attached struct {
	start, head, inputAck uint64
	gap, running          bool
	pid                   uint32
}

// joins attaches a viewer, which must be told its place first.
func joins(t *testing.T, terminal *Terminal, view View) *peer {
	t.Helper()
	p := dials(t, terminal, view)
	p.place = p.attached(p.next())
	return p
}

func dials(t *testing.T, terminal *Terminal, view View) *peer {
	ours, theirs := net.Pipe()
	p := &peer{t: t, conn: ours, in: frame.NewReader(ours), ended: make(chan error, 1)}
	t.Cleanup(p.leaves)
	go func() { p.ended <- terminal.Attach(theirs, view) }()
	return p
}

func (p *peer) leaves() { _ = p.conn.Close() }

func (p *peer) next() frame.Message {
	p.t.Helper()
	_ = p.conn.SetReadDeadline(time.Now().Add(patience))
	m, err := p.in.Next()
	if err != nil {
		p.t.Fatalf("no further message: %v", err)
	}
	return m
}

func (p *peer) attached(m frame.Message) attached {
	p.t.Helper()
	if m.Type != frame.Attached || len(m.Payload) != 29 {
		p.t.Fatalf("not ATTACHED but %#x, %q", m.Type, m.Payload)
	}
	number := binary.BigEndian.Uint64
	return attached{number(m.Payload), number(m.Payload[8:]), number(m.Payload[16:]), m.Payload[24]&1 != 0, m.Payload[24]&2 != 0,
		binary.BigEndian.Uint32(m.Payload[25:])}
}

func output(m frame.Message) (offset uint64, data []byte) {
	return binary.BigEndian.Uint64(m.Payload), m.Payload[8:]
}

func (p *peer) says(kind byte, payload ...byte) {
	p.t.Helper()
	_ = p.conn.SetWriteDeadline(time.Now().Add(patience))
	if _, err := p.conn.Write(frame.Append(nil, kind, payload)); err != nil {
		p.t.Fatalf("say %#x: %v", kind, err)
	}
}

func (p *peer) acks(offset uint64) {
	p.t.Helper()
	p.says(frame.Ack, binary.BigEndian.AppendUint64(nil, offset)...)
}

func (p *peer) types(seq uint64, data []byte) {
	p.t.Helper()
	p.says(frame.Input, append(binary.BigEndian.AppendUint64(nil, seq), data...)...)
}

// prints returns the output up to its end, which is where `until` says, and acknowledges all of it.
func (p *peer) prints(until func(all []byte) bool) (all []byte) {
	p.t.Helper()
	for !until(all) {
		m := p.next()
		if m.Type == frame.InputAck {
			continue
		}
		if m.Type != frame.Output {
			p.t.Fatalf("%#x, %q amid output after %d bytes that end in %q", m.Type, m.Payload, len(all), all[max(0, len(all)-60):])
		}
		offset, data := output(m)
		all = append(all, data...)
		p.acks(offset + uint64(len(data)))
	}
	return all
}

// pings returns the messages that come before the answer.
func (p *peer) pings() (before []frame.Message) {
	p.t.Helper()
	p.says(frame.Ping, []byte("12345678")...)
	for {
		m := p.next()
		if m.Type == frame.Pong {
			if string(m.Payload) != "12345678" {
				p.t.Fatalf("PONG of %q", m.Payload)
			}
			return before
		}
		before = append(before, frame.Message{Type: m.Type, Payload: append([]byte(nil), m.Payload...)})
	}
}

// fails waits for an ERROR of a code, after which the stream must end.
func (p *peer) fails(code string) {
	p.t.Helper()
	for {
		m := p.next()
		if m.Type != frame.Error {
			continue
		}
		var body struct{ Code, Message string }
		if err := json.Unmarshal(m.Payload, &body); err != nil || body.Code != code || body.Message == "" {
			p.t.Fatalf("ERROR %s, %v", m.Payload, err)
		}
		break
	}
	if m, err := p.in.Next(); !errors.Is(err, io.EOF) {
		p.t.Fatalf("after the error: %#x, %v", m.Type, err)
	}
	select {
	case <-p.ended:
	case <-time.After(patience):
		p.t.Fatal("the attach goes on after the error")
	}
}
