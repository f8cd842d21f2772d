package main

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// built is the agent as it is shipped.
var built string

func TestMain(m *testing.M) {
	if os.Getenv(podEnv) != "" {
		if err := podMain(); err != nil {
			fmt.Fprintln(os.Stderr, "pod:", err)
			os.Exit(1)
		}
		return
	}
	os.Exit(func() int {
		dir, err := os.MkdirTemp("", "drydock-agent-")
		if err != nil {
			panic(err)
		}
		defer os.RemoveAll(dir)
		built = filepath.Join(dir, "agent")
		build := exec.Command("go", "build", "-o", built, ".")
		build.Env = append(os.Environ(), "CGO_ENABLED=0")
		if out, err := build.CombinedOutput(); err != nil {
			panic(string(out))
		}
		return m.Run()
	}())
}

func agent(stdin string, args ...string) (stdout, stderr string, code int) {
	cmd := exec.Command(built, args...)
	var out, complaint bytes.Buffer
	cmd.Stdin, cmd.Stdout, cmd.Stderr = strings.NewReader(stdin), &out, &complaint
	err := cmd.Run()
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		code = exit.ExitCode()
	} else if err != nil {
		code = -1
	}
	return out.String(), complaint.String(), code
}

func TestExitCodes(t *testing.T) {
	dir := t.TempDir()
	if old, err := net.Listen("unix", filepath.Join(dir, "holder.sock")); err != nil {
		t.Fatal(err)
	} else {
		old.(*net.UnixListener).SetUnlinkOnClose(false)
		old.Close()
	}
	attach := func(more ...string) []string {
		return append([]string{"attach", "--run-dir", dir, "--client", "c"}, more...)
	}
	for _, c := range []struct {
		args []string
		code int
		says string
	}{
		{nil, exitUsage, "usage"},
		{[]string{"no-such"}, exitUsage, "usage"},
		{[]string{"version"}, 0, ""},
		{[]string{"serve", "--nonsense"}, exitUsage, "nonsense"},
		{[]string{"serve", "too", "much"}, exitUsage, "too much"},
		{[]string{"serve", "--user", "no-such-user", "--run-dir", dir}, 1, "no user"},
		{attach(), exitNoHolder, "no holder is listening"},
		{[]string{"attach", "--run-dir", dir + "/none", "--client", "c"}, exitNoHolder, "no holder is listening"},
		{[]string{"attach", "--run-dir", dir}, exitUsage, "client"},
		{attach("--terminal", "No Name"), exitUsage, "name"},
		{attach("--terminal", "../x"), exitUsage, "name"},
		{attach("--from", "x"), exitUsage, "from"},
		{attach("--from", "99999999999999999999"), exitUsage, "from"},
		{attach("--cols", "1001"), exitUsage, "size"},
		{attach("--cols", "-1"), exitUsage, "cols"},
		{attach("--rows", "70000"), exitUsage, "size"},
		{attach("more"), exitUsage, "too much"},
		{[]string{"in-net"}, exitUsage, "in-net"},
		{[]string{"in-net", "--"}, exitUsage, "in-net"},
		{[]string{"in-net", "blue", "true"}, exitUsage, "in-net"},
		{[]string{"in-net", "--", "no-such-tool"}, 1, "no-such-tool"},
		{[]string{"in-net", "../x", "--", "true"}, 1, "no namespace's name"},
		{[]string{"in-net", "pid:999999999", "--", "true"}, exitNone, "not there"},
		{[]string{"in-net", "--", "true"}, 0, ""},
		{[]string{"in-net", "--", "false"}, 1, ""},
		{[]string{"in-root"}, exitUsage, "in-root"},
		{[]string{"in-root", "--stat"}, 1, ""}, // a path of that name, or there is no machine: see below
		{[]string{"in-root", "a", "b"}, exitUsage, "in-root"},
		{[]string{"in-root", "--stat", "a", "b"}, exitUsage, "in-root"},
	} {
		out, complaint, code := agent("", c.args...)
		if c.args != nil && strings.Join(c.args, " ") == "in-root --stat" && code == exitNone {
			code = 1
		}
		if code != c.code || !strings.Contains(complaint, c.says) || (code != 0 && out != "") {
			t.Errorf("%q: exit %d, %q, %q", c.args, code, out, complaint)
		}
	}
}

func TestVersionByAnyName(t *testing.T) {
	link := filepath.Join(t.TempDir(), "version")
	if err := os.Symlink(built, link); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command(link).Output()
	if err != nil || string(out) != version+"\n" {
		t.Errorf("%q, %v", out, err)
	}
}

// What a careless runtime leaves open is not handed on to checks.
func TestExamineKeepsDescriptors(t *testing.T) {
	leaked, err := os.Open("/etc/passwd")
	if err != nil {
		t.Fatal(err)
	}
	defer leaked.Close()
	cmd := exec.Command(built, "examine")
	cmd.ExtraFiles = []*os.File{leaked, leaked, leaked, leaked}
	in, err := cmd.StdinPipe() // stays open: its end would cancel the check
	if err != nil {
		t.Fatal(err)
	}
	request := `{"id":"a","op":"run","script":"pass \"$(for fd in 3 4 5 6 7 8 9; do readlink /proc/self/fd/$fd || true; done | grep -c passwd || true)\""}` + "\n"
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(in, request); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil || !strings.Contains(line, `"verdict":"pass","evidence":"0"`) {
		t.Errorf("%q, %v", line, err)
	}
	in.Close()
	if err := cmd.Wait(); err != nil {
		t.Error(err)
	}
}

func TestExamineOverStdio(t *testing.T) {
	out, complaint, code := agent(`{"id":"a","op":"ping"}`+"\n", "examine")
	if out != `{"id":"a","pong":true,"version":"`+version+`"}`+"\n" || complaint != "" || code != 0 {
		t.Errorf("%q, %q, %d", out, complaint, code)
	}
}
