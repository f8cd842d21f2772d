package inspect

import (
	"errors"
	"fmt"
	"net"
	"path/filepath"
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
	if EngineAPI("none", "/x") == nil || EngineAPI("docker", "x") == nil {
		t.Error("anything is asked")
	}
}
