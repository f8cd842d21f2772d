package inspect

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"sort"

	"golang.org/x/sys/unix"
)

// maxFile bounds what is printed of a file, in bytes; maxNames what is listed of a directory.
const (
	maxFile  = 1 << 20
	maxNames = 10_000
)

// Cat prints a regular file of the machine.
func Cat(out io.Writer, path string) error {
	return belowRoot(func(root int) error { return catBelow(out, root, path) })
}

func catBelow(out io.Writer, root int, path string) error {
	f, err := openBelow(root, path, unix.O_RDONLY)
	if err != nil {
		return err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return err
	}
	if !info.Mode().IsRegular() {
		return fmt.Errorf("%s is not a regular file", path)
	}
	_, err = io.Copy(out, io.LimitReader(f, maxFile))
	return err
}

// Stat prints what the kernel says of a file, as one JSON object. A symbolic link at the end is not followed.
func Stat(out io.Writer, path string) error {
	return belowRoot(func(root int) error { return statBelow(out, root, path) })
}

func statBelow(out io.Writer, root int, path string) error {
	f, err := openBelow(root, path, unix.O_PATH|unix.O_NOFOLLOW)
	if err != nil {
		return err
	}
	defer f.Close()
	var stat unix.Stat_t
	if err := unix.Fstat(int(f.Fd()), &stat); err != nil {
		return err
	}
	kinds := map[uint32]string{
		unix.S_IFREG: "file", unix.S_IFDIR: "directory", unix.S_IFLNK: "symlink", unix.S_IFSOCK: "socket",
		unix.S_IFIFO: "fifo", unix.S_IFCHR: "character device", unix.S_IFBLK: "block device",
	}
	return json.NewEncoder(out).Encode(map[string]any{
		"type": kinds[stat.Mode&unix.S_IFMT], "mode": fmt.Sprintf("%04o", stat.Mode&0o7777), "size": stat.Size,
		"uid": stat.Uid, "gid": stat.Gid, "mtime": stat.Mtim.Sec, "inode": stat.Ino, "links": stat.Nlink,
	})
}

// List prints the names in a directory of the machine, one a line, sorted.
func List(out io.Writer, path string) error {
	return belowRoot(func(root int) error { return listBelow(out, root, path) })
}

func listBelow(out io.Writer, root int, path string) error {
	dir, err := openBelow(root, path, unix.O_RDONLY|unix.O_DIRECTORY)
	if err != nil {
		return err
	}
	defer dir.Close()
	names, err := dir.Readdirnames(maxNames)
	if err != nil && err != io.EOF {
		return err
	}
	sort.Strings(names)
	for _, name := range names {
		if _, err := fmt.Fprintln(out, name); err != nil {
			return err
		}
	}
	return nil
}

// Lines prints each value as a line of JSON.
func Lines[T any](values []T, err error) error {
	if err != nil {
		return err
	}
	for _, value := range values {
		if err := json.NewEncoder(os.Stdout).Encode(value); err != nil {
			return err
		}
	}
	return nil
}
