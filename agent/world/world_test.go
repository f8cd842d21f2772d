package world

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

func TestLookupUser(t *testing.T) {
	passwd := filepath.Join(t.TempDir(), "passwd")
	if err := os.WriteFile(passwd, []byte(strings.Join([]string{
		"# a comment",
		"root:x:0:0:root:/root:/bin/bash",
		"short:x:1:1",
		"long:x:2:2::/home:/bin/sh:more",
		"wrong:x:many:2::/home:/bin/sh",
		"negative:x:-1:2::/home:/bin/sh",
		"wide:x:4294967296:2::/home:/bin/sh",
		"noshell:x:1000:1001:,,,:/home/noshell:",
		"twin:x:1000:7::/twin:/bin/sh",
		"",
		"last:x:65534:65534::/nonexistent:/usr/sbin/nologin",
	}, "\n")), 0o600); err != nil {
		t.Fatal(err)
	}
	none := filepath.Join(t.TempDir(), "none")
	for _, c := range []struct {
		passwd, name string
		want         User // none: refused
	}{
		{passwd, "root", User{"root", 0, 0, "/root", "/bin/bash"}},
		{passwd, "0", User{"root", 0, 0, "/root", "/bin/bash"}},
		{passwd, "noshell", User{"noshell", 1000, 1001, "/home/noshell", "/bin/sh"}},
		{passwd, "1000", User{"noshell", 1000, 1001, "/home/noshell", "/bin/sh"}},
		{passwd, "last", User{"last", 65534, 65534, "/nonexistent", "/usr/sbin/nologin"}}, // without a newline after it
		{passwd, "short", User{}}, {passwd, "long", User{}}, {passwd, "wrong", User{}}, {passwd, "negative", User{}}, {passwd, "wide", User{}},
		{passwd, "nobody", User{}}, {passwd, "", User{}}, {passwd, "x", User{}}, {passwd, "roo", User{}},
		{none, "root", User{"root", 0, 0, "/", "/bin/sh"}},
		{none, "0", User{"root", 0, 0, "/", "/bin/sh"}},
		{none, "1000", User{"learner", 1000, 1000, "/", "/bin/sh"}},
		{passwd, "1001", User{"learner", 1001, 1001, "/", "/bin/sh"}},
		{none, "learner", User{}}, {none, "-1", User{}}, {none, "65536", User{}}, {none, "1e3", User{}},
	} {
		got, err := LookupUser(c.passwd, c.name)
		if got != c.want || (err == nil) != (c.want != User{}) {
			t.Errorf("%q in %s: %+v, %v", c.name, filepath.Base(c.passwd), got, err)
		}
	}
	if _, err := LookupUser(t.TempDir(), "learner"); err == nil {
		t.Error("a directory is taken for a passwd")
	}
}

func TestExitCode(t *testing.T) {
	for script, want := range map[string]int{
		"true": 0, "exit 1": 1, "exit 255": 255, "kill -TERM $$": 143, "kill -KILL $$": 137, "kill -SEGV $$": 139, "sh -c 'kill -9 $$'; exit $?": 137,
	} {
		if got := exitCode(exec.Command("/bin/sh", "-c", script).Run()); got != want {
			t.Errorf("%s: %d", script, got)
		}
	}
	if got := exitCode(errors.New("wait: no child")); got != 255 {
		t.Errorf("another failure: %d", got)
	}
}

func TestInnerPID(t *testing.T) {
	if got := innerPID(os.Getpid()); got < 1 {
		t.Error(got)
	}
	if got := innerPID(1 << 30); got != 1<<30 {
		t.Errorf("of a process that is gone: %d", got)
	}
}

func login(t *testing.T, user User) *Login {
	t.Helper()
	l, err := NewLogin(New(false, nil), user, 0)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// printed is what a shell says of its own accord until it ends.
func printed(t *testing.T, l *Login) (out string, code int) {
	t.Helper()
	shell, err := l.Start(120, 40)
	if err != nil {
		t.Fatal(err)
	}
	defer shell.PTY.Close()
	if err := shell.Resize(121, 41); err != nil {
		t.Error(err)
	}
	var all strings.Builder
	for buf := make([]byte, 4096); ; {
		n, err := shell.PTY.Read(buf)
		all.Write(buf[:n])
		if err != nil {
			break
		}
	}
	return all.String(), shell.Wait()
}

func script(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "shell")
	if err := os.WriteFile(path, []byte("#!/bin/sh\n"+text), 0o755); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestALoginShell(t *testing.T) {
	t.Setenv("DRYDOCK_SECRET", "s3cret")
	home := t.TempDir()
	shell := script(t, `env; pwd; tty; stty size; exit 9`)
	out, code := printed(t, login(t, User{Name: "me", UID: uint32(os.Getuid()), GID: uint32(os.Getgid()), Home: home, Shell: shell}))
	for _, want := range []string{"HOME=" + home, "USER=me", "LOGNAME=me", "SHELL=" + shell, "TERM=xterm-256color", "LANG=C.UTF-8", "\n" + home + "\r", "/dev/pts/"} {
		if !strings.Contains(out, want) {
			t.Errorf("no %q in %q", want, out)
		}
	}
	if !strings.Contains(out, "41 121") && !strings.Contains(out, "40 120") { // whichever it saw
		t.Errorf("no size in %q", out)
	}
	if strings.Contains(out, "s3cret") || code != 9 {
		t.Errorf("%d, %q", code, out)
	}
}

// `rm -r ~` must not lock a learner out.
func TestAHomeThatIsGone(t *testing.T) {
	out, code := printed(t, login(t, User{Name: "me", UID: uint32(os.Getuid()), GID: uint32(os.Getgid()), Home: "/none/such", Shell: script(t, "pwd; echo $HOME")}))
	if out != "/\r\n/none/such\r\n" || code != 0 {
		t.Errorf("%d, %q", code, out)
	}
}

func TestAShellThatIsGone(t *testing.T) {
	before, _ := os.ReadDir("/proc/self/fd")
	for range 20 {
		if _, err := login(t, User{Name: "me", UID: uint32(os.Getuid()), Home: "/", Shell: "/none/sh"}).Start(80, 24); !os.IsNotExist(err) && !errors.Is(err, os.ErrNotExist) {
			t.Fatal(err)
		}
	}
	after, _ := os.ReadDir("/proc/self/fd")
	if len(after) > len(before)+20 { // each login keeps one
		t.Errorf("%d descriptors became %d", len(before), len(after))
	}
}

func TestAnotherUser(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("needs root, to become somebody else")
	}
	dir, err := os.MkdirTemp("/tmp", "drydock-login-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	shell := filepath.Join(dir, "shell")
	if err := os.WriteFile(shell, []byte("#!/bin/sh\nid -u; id -g; id -G"), 0o755); err != nil {
		t.Fatal(err)
	}
	out, _ := printed(t, login(t, User{Name: "me", UID: 12345, GID: 12346, Home: "/", Shell: shell}))
	if !strings.HasPrefix(out, "12345\r\n12346\r\n12346\r\n") { // no group of ours either
		t.Errorf("%q", out)
	}
}
