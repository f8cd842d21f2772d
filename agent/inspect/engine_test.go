package inspect

import (
	"errors"
	"fmt"
	"net"
	"path/filepath"
	"strings"
	"testing"
)

func TestASocketBelowTheRoot(t *testing.T) {
	root, dir := tree(t)
	listener, err := net.Listen("unix", filepath.Join(dir, "engine.sock"))
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	f, err := openSocket(root, "/engine.sock")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	conn, err := net.Dial("unix", fmt.Sprintf("/proc/self/fd/%d", f.Fd()))
	if err != nil {
		t.Fatal(err)
	}
	conn.Close()
	for _, path := range []string{"/etc/passwd", "/none", "/secret", "/fifo", "/etc"} {
		if _, err := openSocket(root, path); !errors.Is(err, ErrNone) {
			t.Errorf("%s: %v", path, err)
		}
	}
}

func TestWhatAnEngineIsAsked(t *testing.T) {
	for _, asked := range [][]string{
		{"none", "/x"}, {"docker"}, {"docker", "x"}, {"podman", "/x", "/y"}, {"containerd"},
		{"containerd", "containers"}, {"containerd", "containers", "delete", "a"}, {"containerd", "tasks", "kill", "a"},
		{"containerd", "--address", "/x", "version"}, {"containerd", "-n", "../x", "version"}, {"containerd", "-n", "moby"},
		{"containerd", "images", "list", "--snapshotter=x"}, {"containerd", "snapshots", "info", "--x", "a"},
		{"containerd", "content", "get", "a"}, {"containerd", "plugins", "list"}, {"containerd", "version", "-d"},
	} {
		if err := Engine(asked[0], asked[1:]); err == nil || errors.Is(err, ErrNone) || errors.Is(err, errNoShell) {
			t.Errorf("%q is asked: %v", asked, err)
		}
	}
	for _, c := range []struct{ asked, said string }{
		{"-n moby tasks list", "--namespace moby tasks list"},
		{"containers list -q", "--namespace default containers list -q"},
		{"-n k8s.io snapshots info a", "--namespace k8s.io snapshots info a"},
		{"version", "--namespace default version"},
	} {
		args, err := ctrArgs("/s", strings.Fields(c.asked))
		want := "--address /s --connect-timeout 2s --timeout 5s " + c.said
		if got := strings.Join(args, " "); err != nil || got != want {
			t.Errorf("%s: %q, %v", c.asked, got, err)
		}
	}
	args, err := curlArgs("/s", []string{"/info"})
	if got := strings.Join(args, " "); err != nil || !strings.HasSuffix(got, "--unix-socket /s -- http://engine/info") {
		t.Errorf("%q, %v", got, err)
	}
}
