package inspect

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestPlace(t *testing.T) {
	root, dir := tree(t)
	for name, at := range map[string]string{
		"/srv/app/index.html": "srv/app/index.html", "/etc/passwd": "etc/passwd", "new": "new", "/dirLink/new": "etc/new",
		"/../../over": "over", "/fifo": "fifo", "/dangling": "dangling",
	} {
		if err := placeBelow(root, name, 0o755, []byte("text of "+name)); err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		info, err := os.Lstat(filepath.Join(dir, at))
		if err != nil || !info.Mode().IsRegular() || info.Mode().Perm() != 0o755 {
			t.Errorf("%s: %v %v", name, info, err)
		}
		if text, _ := os.ReadFile(filepath.Join(dir, at)); string(text) != "text of "+name {
			t.Errorf("%s: %q", name, text)
		}
	}
	for _, name := range []string{"/", "", "..", "/etc/passwd/x", "/etc/deep", "/loop/x", "/" + strings.Repeat("x", 300)} {
		if placeBelow(root, name, 0o644, nil) == nil {
			t.Errorf("%q was placed", name)
		}
	}
	if placeBelow(root, "/x", 0o4755, nil) == nil {
		t.Error("a set-user-ID file was placed")
	}
	if text, _ := os.ReadFile(filepath.Join(dir, "../secret")); string(text) != "outside" {
		t.Errorf("outside: %q", text)
	}
	if left, _ := filepath.Glob(filepath.Join(dir, "**/.drydock-place")); len(left) > 0 {
		t.Error(left)
	}
}

func TestTheHolderIsTheOldest(t *testing.T) {
	holder := holderOf([]Process{
		{PID: 9, MountNS: 2, Started: 50, Cmdline: serveCommand + "--isolate none"},
		{PID: 7, MountNS: 2, Started: 40, Cmdline: serveCommand + "--user 1000 --isolate none"},
		{PID: 8, MountNS: 3, Started: 10, depth: 1, Cmdline: serveCommand},
		{PID: 6, MountNS: 4, Started: 30, Cmdline: "/.drydock/agent idle"},
	})
	if holder == nil || holder.PID != 7 || isolated(holder) {
		t.Errorf("%+v", holder)
	}
	if !isolated(&Process{Cmdline: serveCommand + "--isolate nonesuch"}) || !isolated(nil) {
		t.Error("isolation is not taken for granted")
	}
}
