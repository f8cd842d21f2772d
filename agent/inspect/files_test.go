package inspect

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// tree is a machine's root: a directory of our own with traps in it, beside a secret that must not be reached.
func tree(t *testing.T) (root int, dir string) {
	t.Helper()
	dir = filepath.Join(t.TempDir(), "root")
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(os.MkdirAll(filepath.Join(dir, "etc/deep"), 0o755))
	must(os.WriteFile(filepath.Join(dir, "../secret"), []byte("outside"), 0o600))
	must(os.WriteFile(filepath.Join(dir, "etc/passwd"), []byte("inside"), 0o640))
	for name, target := range map[string]string{
		"absolute": "/etc/passwd", "relative": "etc/passwd", "up": "../../../../etc/passwd", "secret": "../secret",
		"deepUp": "etc/deep/../../../secret", "loop": "loop", "ping": "pong", "pong": "ping", "dangling": "nowhere",
		"dirLink": "/etc", "etc/deep/back": "../../..", "magic": "/proc/self/root",
	} {
		must(os.Symlink(target, filepath.Join(dir, name)))
	}
	must(unix.Mkfifo(filepath.Join(dir, "fifo"), 0o600))
	socket, err := unix.Socket(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	must(err)
	t.Cleanup(func() { unix.Close(socket) })
	must(unix.Bind(socket, &unix.SockaddrUnix{Name: filepath.Join(dir, "socket")}))
	root, err = unix.Open(dir, unix.O_PATH|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	must(err)
	t.Cleanup(func() { unix.Close(root) })
	return root, dir
}

func TestNoPathLeadsOut(t *testing.T) {
	root, _ := tree(t)
	for path, want := range map[string]string{
		"/etc/passwd": "inside", "etc/passwd": "inside", "//etc//passwd": "inside", "/etc/./deep/../passwd": "inside",
		"/absolute": "inside", "/relative": "inside", "/up": "inside", "/../../../etc/passwd": "inside", "/dirLink/passwd": "inside",
		"/etc/deep/back/etc/passwd": "inside",
		"/secret":                   "", "/deepUp": "", "/../secret": "", "/etc/deep/back/secret": "", "/loop": "", "/ping": "", "/dangling": "",
		"/none": "", "/etc/passwd/x": "", "": "", "/magic/etc/passwd": "", "/etc/passwd/..": "",
	} {
		f, err := openBelow(root, path, unix.O_RDONLY)
		if want == "" {
			if !errors.Is(err, ErrNone) {
				t.Errorf("%q: %v", path, err)
			}
			continue
		}
		got := make([]byte, 100)
		if err == nil {
			n, _ := f.Read(got)
			got = got[:n]
			f.Close()
		}
		if err != nil || string(got) != want {
			t.Errorf("%q: %q, %v", path, got, err)
		}
	}
	long := strings.Repeat("a", 5000)
	if _, err := openBelow(root, long, unix.O_RDONLY); err == nil {
		t.Error("a path of 5000 bytes")
	}
}

// The machine's /proc is a real one: its links to other roots are no way out.
func TestMagicLinksAreRefused(t *testing.T) {
	host, err := unix.Open("/", unix.O_PATH|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(host)
	for _, path := range []string{"/proc/self/root/etc/passwd", "/proc/self/cwd", "/proc/self/exe", "/proc/self/fd/0", "/proc/thread-self/root", "/proc/self/ns/net"} {
		if f, err := openBelow(host, path, unix.O_RDONLY); !errors.Is(err, ErrNone) {
			t.Errorf("%s: %v, %v", path, f, err)
		}
	}
	if f, err := openBelow(host, "/proc/self/status", unix.O_RDONLY); err != nil { // an ordinary link: fine
		t.Error(err)
	} else {
		f.Close()
	}
}

func TestOnlyRegularFilesArePrinted(t *testing.T) {
	root, dir := tree(t)
	for _, path := range []string{"/fifo", "/socket", "/etc", "/"} { // none of them blocks
		var out bytes.Buffer
		if err := catBelow(&out, root, path); err == nil || out.Len() != 0 {
			t.Errorf("%s printed %q, %v", path, out.String(), err)
		}
	}
	host, err := unix.Open("/", unix.O_PATH|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(host)
	for _, device := range []string{"/dev/zero", "/dev/null", "/dev/tty", "/dev/ptmx"} {
		var out bytes.Buffer
		if err := catBelow(&out, host, device); err == nil || out.Len() != 0 {
			t.Errorf("%s printed %d bytes, %v", device, out.Len(), err)
		}
	}
	if err := os.WriteFile(filepath.Join(dir, "long"), bytes.Repeat([]byte("x"), maxFile+1000), 0o600); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := catBelow(&out, root, "/long"); err != nil || out.Len() != maxFile {
		t.Errorf("%d bytes of a long file, %v", out.Len(), err)
	}
	if err := os.Truncate(filepath.Join(dir, "long"), 1<<40); err != nil { // sparse: no more is read of it
		t.Fatal(err)
	}
	out.Reset()
	if err := catBelow(&out, root, "/long"); err != nil || out.Len() != maxFile {
		t.Errorf("%d bytes of a sparse file, %v", out.Len(), err)
	}
}

func TestStatFollowsNothing(t *testing.T) {
	root, _ := tree(t)
	for path, want := range map[string]string{
		"/etc/passwd": "file", "/etc": "directory", "/": "directory", "/fifo": "fifo", "/socket": "socket",
		"/absolute": "symlink", "/loop": "symlink", "/dangling": "symlink", "/secret": "symlink",
	} {
		var out bytes.Buffer
		var stat struct{ Type, Mode string }
		err := statBelow(&out, root, path)
		if err != nil || json.Unmarshal(out.Bytes(), &stat) != nil || stat.Type != want {
			t.Errorf("%s: %s %v", path, out.String(), err)
		}
		if path == "/etc/passwd" && (stat.Mode != "0640" || !strings.Contains(out.String(), fmt.Sprintf(`"size":%d`, len("inside")))) {
			t.Errorf("%s: %s", path, out.String())
		}
	}
	if err := statBelow(&bytes.Buffer{}, root, "/none"); !errors.Is(err, ErrNone) {
		t.Error(err)
	}
}

func TestList(t *testing.T) {
	root, _ := tree(t)
	var out bytes.Buffer
	if err := listBelow(&out, root, "/etc"); err != nil || out.String() != "deep\npasswd\n" {
		t.Errorf("%q, %v", out.String(), err)
	}
	out.Reset()
	if err := listBelow(&out, root, "/etc/deep"); err != nil || out.String() != "back\n" {
		t.Errorf("%q, %v", out.String(), err)
	}
	for _, path := range []string{"/etc/passwd", "/none", "/fifo", "/loop"} {
		if err := listBelow(&out, root, path); !errors.Is(err, ErrNone) {
			t.Errorf("%s: %v", path, err)
		}
	}
}
