package inspect

import (
	"errors"
	"fmt"
	"os"
	"path"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// Place writes a file of the lab's into the machine, resolved below its root. Folders that are missing are made. What is
// made belongs to whoever owns the folder that it is put into: root, or in a home its user.
func Place(name string, mode uint32, data []byte) error {
	// The machine's first process may be a moment away.
	var err error
	for range 50 {
		if err = belowRoot(func(root int) error { return placeBelow(root, name, mode, data) }); !errors.Is(err, errNoShell) {
			break
		}
		time.Sleep(100 * time.Millisecond)
	}
	return err
}

func placeBelow(root int, name string, mode uint32, data []byte) error {
	clean := path.Clean("/" + name)
	if clean == "/" || mode > 0o777 {
		return fmt.Errorf("%q with mode %o is no file to be placed", name, mode)
	}
	dir, err := makeFolders(root, path.Dir(clean))
	if err != nil {
		return err
	}
	defer dir.Close()
	var parent unix.Stat_t
	if err := unix.Fstat(int(dir.Fd()), &parent); err != nil {
		return err
	}
	// A new file in its place: whatever stood there, a link or a FIFO, is not written to.
	temporary := ".drydock-place"
	_ = unix.Unlinkat(int(dir.Fd()), temporary, 0)
	fd, err := unix.Openat(int(dir.Fd()), temporary, unix.O_WRONLY|unix.O_CREAT|unix.O_EXCL|unix.O_NOFOLLOW|unix.O_CLOEXEC, 0o600)
	if err != nil {
		return fmt.Errorf("%s: %w", clean, err)
	}
	f := os.NewFile(uintptr(fd), clean)
	_, err = f.Write(data)
	err = errors.Join(err, unix.Fchown(fd, int(parent.Uid), int(parent.Gid)), unix.Fchmod(fd, mode), f.Close())
	if err == nil {
		err = unix.Renameat(int(dir.Fd()), temporary, int(dir.Fd()), path.Base(clean))
	}
	if err != nil {
		_ = unix.Unlinkat(int(dir.Fd()), temporary, 0)
		return fmt.Errorf("%s: %w", clean, err)
	}
	return nil
}

// makeFolders opens a directory below root, making each part that is missing.
func makeFolders(root int, name string) (*os.File, error) {
	open := func(name string) (*os.File, error) { return openBelow(root, name, unix.O_RDONLY|unix.O_DIRECTORY) }
	dir, err := open("/")
	at := ""
	for _, part := range strings.Split(strings.Trim(name, "/"), "/") {
		if err != nil || part == "" {
			break
		}
		at += "/" + part
		next, failure := open(at)
		if errors.Is(failure, ErrNone) {
			var parent unix.Stat_t
			failure = errors.Join(unix.Fstat(int(dir.Fd()), &parent), unix.Mkdirat(int(dir.Fd()), part, 0o755),
				unix.Fchownat(int(dir.Fd()), part, int(parent.Uid), int(parent.Gid), unix.AT_SYMLINK_NOFOLLOW))
			if failure == nil {
				next, failure = open(at)
			}
		}
		dir.Close()
		dir, err = next, failure
	}
	if err != nil {
		return nil, fmt.Errorf("the folder %s: %w", name, err)
	}
	return dir, nil
}
