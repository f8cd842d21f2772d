package holder_test

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"drydock/agent/frame"
	"drydock/agent/holder"
	"drydock/agent/term"
	"drydock/agent/world"
)

const patience = 20 * time.Second

// As a child of TestAttach… this binary is `agent attach`.
const attachTo = "DRYDOCK_TEST_ATTACH"

func TestMain(m *testing.M) {
	if socket := os.Getenv(attachTo); socket != "" {
		if err := holder.Attach(socket, term.View{Terminal: "main", Client: "child", From: term.FromOldest}); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

func eventually(t *testing.T, what string, holds func() bool) {
	t.Helper()
	for deadline := time.Now().Add(patience); !holds(); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("in vain: %s", what)
		}
	}
}

// serves gives the socket of a holder of real shells.
func serves(t *testing.T) string {
	t.Helper()
	login, err := world.NewLogin(world.New(false, nil), world.User{Name: "root", UID: uint32(os.Getuid()), Home: "/", Shell: "/bin/sh"}, 0)
	if err != nil {
		t.Fatal(err)
	}
	socket := filepath.Join(t.TempDir(), "holder.sock")
	return servesAt(t, socket, login.Start, login.Run)
}

func servesAt(t *testing.T, socket string, start term.Starter, run holder.Runner) string {
	t.Helper()
	go func() { _ = holder.New(start, run).Serve(socket) }()
	eventually(t, "the holder listens", func() bool {
		conn, err := net.Dial("unix", socket)
		if err == nil {
			conn.Close()
		}
		return err == nil
	})
	return socket
}

func dial(t *testing.T, socket string) *net.UnixConn {
	t.Helper()
	conn, err := net.DialUnix("unix", nil, &net.UnixAddr{Name: socket, Net: "unix"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return conn
}

// viewer is the far end of an attach whose descriptors were passed.
type viewer struct {
	t       *testing.T
	in, out *os.File // its stdin and stdout, our ends
	socket  *net.UnixConn
	frames  *frame.Reader
}

func (v *viewer) leaves() { _, _, _ = v.in.Close(), v.out.Close(), v.socket.Close() }

// views says hello as attach does.
func views(t *testing.T, socket string, hello any) *viewer {
	t.Helper()
	stdin, in, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	out, stdout, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _, _ = stdin.Close(), stdout.Close() }()
	v := &viewer{t: t, in: in, out: out, socket: dial(t, socket), frames: frame.NewReader(out)}
	t.Cleanup(v.leaves)
	text, _ := json.Marshal(hello)
	if _, _, err := v.socket.WriteMsgUnix(text, unix.UnixRights(int(stdin.Fd()), int(stdout.Fd())), nil); err != nil {
		t.Fatal(err)
	}
	return v
}

func main(client string) term.View {
	return term.View{Terminal: "main", Client: client, From: term.FromOldest}
}

func (v *viewer) next() (frame.Message, error) {
	_ = v.out.SetReadDeadline(time.Now().Add(patience))
	return v.frames.Next()
}

func (v *viewer) must(kind byte) frame.Message {
	v.t.Helper()
	for {
		m, err := v.next()
		if err != nil {
			v.t.Fatalf("no %#x: %v", kind, err)
		}
		if m.Type == kind {
			return m
		}
	}
}

func (v *viewer) types(seq uint64, text string) {
	v.t.Helper()
	if _, err := v.in.Write(frame.AppendOffset(nil, frame.Input, seq, []byte(text))); err != nil {
		v.t.Fatal(err)
	}
}

func (v *viewer) sees(part string) {
	v.t.Helper()
	for all := ""; !strings.Contains(all, part); {
		all += string(v.must(frame.Output).Payload[8:])
	}
}

// ended waits until the holder has let go of both the stream and the socket.
func (v *viewer) ended() {
	v.t.Helper()
	for {
		if _, err := v.next(); err != nil {
			if !errors.Is(err, io.EOF) {
				v.t.Fatalf("the stream ends with %v", err)
			}
			break
		}
	}
	_ = v.socket.SetReadDeadline(time.Now().Add(patience))
	if _, err := v.socket.Read(make([]byte, 1)); !errors.Is(err, io.EOF) {
		v.t.Fatalf("the socket ends with %v", err)
	}
}

func TestFramesGoOverThePassedDescriptors(t *testing.T) {
	v := views(t, serves(t), main("c"))
	if place := v.must(frame.Attached).Payload; place[24]&2 == 0 || binary.BigEndian.Uint32(place[25:]) == 0 {
		t.Errorf("ATTACHED %v", place)
	}
	v.types(0, "echo he${x}llo\n")
	v.sees("hello")
}

func TestAViewerEndsWithItsStdin(t *testing.T) {
	v := views(t, serves(t), main("c"))
	v.must(frame.Attached)
	v.in.Close()
	v.ended()
}

func TestAViewerEndsWithItsSocket(t *testing.T) {
	v := views(t, serves(t), main("c"))
	v.must(frame.Attached)
	v.socket.Close()
	for {
		if _, err := v.next(); err != nil {
			if !errors.Is(err, io.EOF) {
				t.Error(err)
			}
			return
		}
	}
}

func TestNamesThatAreRefused(t *testing.T) {
	socket := serves(t)
	for _, view := range []term.View{
		{Terminal: "", Client: "c"}, {Terminal: "Main", Client: "c"}, {Terminal: "-a", Client: "c"}, {Terminal: "../x", Client: "c"},
		{Terminal: "a b", Client: "c"}, {Terminal: "main\n", Client: "c"}, {Terminal: strings.Repeat("a", 42), Client: "c"},
		{Terminal: "main", Client: ""}, {Terminal: "main", Client: "a b"}, {Terminal: "main", Client: "ä"},
		{Terminal: "main", Client: "c\n"}, {Terminal: "main", Client: strings.Repeat("a", 65)},
	} {
		if holder.Check(view) == nil {
			t.Errorf("%+v passes", view)
		}
		v := views(t, socket, view)
		var body struct{ Code, Message string }
		if m := v.must(frame.Error); json.Unmarshal(m.Payload, &body) != nil || body.Code != "refused" || body.Message == "" {
			t.Errorf("%+v: %s", view, m.Payload)
		}
		v.ended()
	}
	for _, view := range []term.View{{Terminal: "a", Client: "C"}, {Terminal: strings.Repeat("a", 41), Client: strings.Repeat("_", 64)}, {Terminal: "main-2", Client: "0-_"}} {
		if err := holder.Check(view); err != nil {
			t.Error(err)
		}
	}
}

func TestOnlySoManyTerminals(t *testing.T) {
	socket := serves(t)
	for i := range holder.MaxTerminals {
		views(t, socket, term.View{Terminal: fmt.Sprint("t", i), Client: "c"}).must(frame.Attached)
	}
	views(t, socket, term.View{Terminal: "one-more", Client: "c"}).must(frame.Error)
	views(t, socket, term.View{Terminal: "t3", Client: "d"}).must(frame.Attached)
}

func TestHelloesThatAreNone(t *testing.T) {
	socket := serves(t)
	descriptors := func(n int) []byte {
		fds := make([]int, n)
		for i := range fds {
			fds[i] = int(os.Stdin.Fd())
		}
		return unix.UnixRights(fds...)
	}
	good, _ := json.Marshal(main("c"))
	for name, c := range map[string]struct {
		text   []byte
		rights []byte
	}{
		"no descriptors":  {good, nil},
		"one descriptor":  {good, descriptors(1)},
		"no JSON":         {[]byte("hello"), descriptors(2)},
		"wrong types":     {[]byte(`{"terminal":1}`), descriptors(2)},
		"a size too wide": {[]byte(`{"terminal":"main","client":"c","cols":70000}`), descriptors(2)},
		"too long":        {[]byte(`{"terminal":"` + strings.Repeat("a", 8000) + `"}`), descriptors(2)},
	} {
		t.Run(name, func(t *testing.T) {
			conn := dial(t, socket)
			if _, _, err := conn.WriteMsgUnix(c.text, c.rights, nil); err != nil {
				t.Fatal(err)
			}
			_ = conn.SetReadDeadline(time.Now().Add(patience))
			if _, err := conn.Read(make([]byte, 1)); err == nil || errors.Is(err, os.ErrDeadlineExceeded) {
				t.Errorf("not hung up on: %v", err)
			}
		})
	}
	conn := dial(t, socket)
	conn.Close() // says nothing at all
	views(t, socket, main("c")).must(frame.Attached)
}

func TestAStaleSocketIsReplaced(t *testing.T) {
	socket := filepath.Join(t.TempDir(), "holder.sock")
	old, err := net.ListenUnix("unix", &net.UnixAddr{Name: socket, Net: "unix"})
	if err != nil {
		t.Fatal(err)
	}
	old.SetUnlinkOnClose(false)
	old.Close() // as after a kill
	if err := holder.Attach(socket, main("c")); !errors.Is(err, unix.ECONNREFUSED) {
		t.Errorf("a socket that nobody listens on: %v", err)
	}
	servesAt(t, socket, nil, nil)
	info, err := os.Stat(socket)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info.Mode(), err)
	}
	if err := holder.Attach(filepath.Join(t.TempDir(), "none"), main("c")); !errors.Is(err, unix.ENOENT) {
		t.Errorf("no socket: %v", err)
	}
}

func TestManyViewersAtOnce(t *testing.T) {
	socket := serves(t)
	viewers := make([]*viewer, 30)
	for i := range viewers {
		viewers[i] = views(t, socket, main(fmt.Sprint("c", i)))
		viewers[i].must(frame.Attached)
	}
	viewers[0].types(0, "echo se${x}en\n")
	for _, v := range viewers {
		v.sees("seen")
	}
}

func descriptors(t *testing.T) int {
	t.Helper()
	names, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Fatal(err)
	}
	return len(names)
}

func TestNothingIsLeftOf200Attaches(t *testing.T) {
	socket := serves(t)
	keeper := views(t, socket, main("keeper")) // the shell and its PTY stay
	keeper.must(frame.Attached)
	files, goroutines := descriptors(t), runtime.NumGoroutine()
	for i := range 200 {
		v := views(t, socket, main(fmt.Sprint("c", i)))
		v.must(frame.Attached)
		switch i % 4 {
		case 0:
			v.in.Close()
			v.ended()
		case 1:
			v.socket.Close()
		case 2: // a bad frame
			_, _ = v.in.Write([]byte{0, 0, 0, 0})
			v.must(frame.Error)
			v.ended()
		}
		v.leaves()
	}
	for range 50 { // half-dead ones
		conn := dial(t, socket)
		_, _, _ = conn.WriteMsgUnix([]byte("{"), unix.UnixRights(0, 1), nil)
		conn.Close()
	}
	eventually(t, "descriptors and goroutines are as before", func() bool {
		return descriptors(t) <= files && runtime.NumGoroutine() <= goroutines
	})
	keeper.types(0, "echo st${x}ill\n")
	keeper.sees("still")
}

// The real thing: a process whose stdin and stdout are pipes, as the container runtime gives it.
func TestAttachEndsWhenItsStdinEnds(t *testing.T) {
	socket := serves(t)
	attach := func() (*exec.Cmd, io.WriteCloser, *frame.Reader) {
		cmd := exec.Command("/proc/self/exe")
		cmd.Env = []string{attachTo + "=" + socket}
		cmd.Stderr = os.Stderr
		in, err := cmd.StdinPipe()
		if err != nil {
			t.Fatal(err)
		}
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		return cmd, in, frame.NewReader(out)
	}
	ends := func(cmd *exec.Cmd, frames *frame.Reader) error {
		ended := make(chan error, 1)
		go func() {
			for {
				if _, err := frames.Next(); err != nil {
					ended <- cmd.Wait()
					return
				}
			}
		}()
		select {
		case err := <-ended:
			return err
		case <-time.After(patience):
			_ = cmd.Process.Kill()
			return errors.New("attach goes on")
		}
	}
	cmd, in, frames := attach()
	if m, err := frames.Next(); err != nil || m.Type != frame.Attached {
		t.Fatalf("%v, %v", m, err)
	}
	in.Close()
	if err := ends(cmd, frames); err != nil {
		t.Error(err)
	}

	cmd, _, frames = attach() // killed: the holder notices, though the pipes are still open
	if m, err := frames.Next(); err != nil || m.Type != frame.Attached {
		t.Fatalf("%v, %v", m, err)
	}
	_ = cmd.Process.Kill()
	if err := ends(cmd, frames); err == nil || err.Error() != "signal: killed" {
		t.Error(err)
	}
}

// asks asks for a script, as `agent run` does, and gives the viewer whose out says how it ended.
func asks(t *testing.T, socket, request string) *viewer {
	t.Helper()
	v := views(t, socket, map[string]any{"run": true})
	if _, err := v.in.WriteString(request + "\n"); err != nil {
		t.Fatal(err)
	}
	return v
}

func (v *viewer) answers() (ended world.Ended) {
	v.t.Helper()
	_ = v.out.SetReadDeadline(time.Now().Add(patience))
	text, err := io.ReadAll(v.out)
	if err := errors.Join(err, json.Unmarshal(text, &ended)); err != nil {
		v.t.Fatalf("%q: %v", text, err)
	}
	return ended
}

func TestScripts(t *testing.T) {
	for name, c := range map[string]struct {
		request string
		is      func(world.Ended) bool
	}{
		"well":     {`{"id":"a","script":"echo $A; echo b >&2","env":{"A":"a"},"timeoutMs":20000}`, func(e world.Ended) bool { return e.Status == 0 && e.Output == "a\nb\n" }},
		"a status": {`{"id":"a","script":"exit 137","timeoutMs":20000}`, func(e world.Ended) bool { return e.Status == 137 && !e.TimedOut }},
		"a signal": {`{"id":"a","script":"kill -9 $$","timeoutMs":20000}`, func(e world.Ended) bool { return e.Status == 137 }},
		"too late": {`{"id":"a","script":"sleep 1000 & wait","timeoutMs":100}`, func(e world.Ended) bool { return e.TimedOut && e.Status != 0 && e.DurationMs < 10000 }},
		"too much": {`{"id":"a","script":"head -c 3000000 /dev/zero | tr '\\0' x; printf '\\377\\033end'","timeoutMs":20000}`, func(e world.Ended) bool {
			return e.Status == 0 && len(e.Output) <= 8200 && strings.HasSuffix(e.Output, "\uFFFDend")
		}},
		"left behind": {`{"id":"a","script":"sleep 1 & echo done","timeoutMs":20000}`, func(e world.Ended) bool { return e.Status == 0 && e.Output == "done\n" }},
		"no stdin":    {`{"id":"a","script":"cat; echo over","timeoutMs":20000}`, func(e world.Ended) bool { return e.Output == "over\n" }},
		"no id":       {`{"script":"true","timeoutMs":20000}`, func(e world.Ended) bool { return e.Status == 126 && e.Problem != "" }},
		"no request":  {`nonsense`, func(e world.Ended) bool { return e.Status == 126 && e.Problem != "" }},
	} {
		t.Run(name, func(t *testing.T) {
			if ended := asks(t, serves(t), c.request).answers(); !c.is(ended) {
				t.Errorf("%+v", ended)
			}
		})
	}
}

func TestAScriptRunsOnceWhateverBecomesOfWhoAsked(t *testing.T) {
	for name, leave := range map[string]func(*viewer){
		"stdin":  func(v *viewer) { v.in.Close() },
		"socket": func(v *viewer) { v.socket.Close() },
	} {
		t.Run(name, func(t *testing.T) {
			file, socket := filepath.Join(t.TempDir(), "runs"), serves(t)
			request := fmt.Sprintf(`{"id":"a","script":"echo run >>%[1]s; until [ -e %[1]s.go ]; do sleep 0.01; done; echo over","timeoutMs":600000}`, file)
			first := asks(t, socket, request)
			eventually(t, "it runs", func() bool { _, err := os.Stat(file); return err == nil })
			leave(first)
			second := asks(t, socket, request)
			if err := os.WriteFile(file+".go", nil, 0o600); err != nil {
				t.Fatal(err)
			}
			for _, v := range []*viewer{second, asks(t, socket, request)} {
				if ended := v.answers(); ended.Status != 0 || ended.Output != "over\n" {
					t.Errorf("%+v", ended)
				}
			}
			if text, err := os.ReadFile(file); err != nil || string(text) != "run\n" {
				t.Errorf("%q, %v", text, err)
			}
		})
	}
}

func TestAScriptThatCouldNotBeginMayBeAskedForAgain(t *testing.T) {
	tries := 0
	run := func(world.Script) world.Ended {
		if tries++; tries == 1 {
			return world.Ended{Status: 126, Problem: "no room"}
		}
		return world.Ended{Output: "ran"}
	}
	socket := servesAt(t, filepath.Join(t.TempDir(), "holder.sock"), nil, run)
	const request = `{"id":"a","script":"","timeoutMs":1}`
	if ended := asks(t, socket, request).answers(); ended.Problem != "no room" {
		t.Errorf("%+v", ended)
	}
	if ended := asks(t, socket, request).answers(); ended.Output != "ran" {
		t.Errorf("%+v", ended)
	}
}
