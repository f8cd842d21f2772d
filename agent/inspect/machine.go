// Package inspect lets the examiner look into the machine beside it: its files, processes and network namespaces, as
// the kernel tells them, with no binary of the learner's ever run and no path of theirs followed out of their root.
package inspect

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// ErrNone: what was asked for is not there. Helpers exit with 3 for it.
var ErrNone = errors.New("not there")

// Process is one of the learner's, by numbers of the pod's PID namespace (PID, PPID) and of their own (InnerPID).
type Process struct {
	PID      int    `json:"pid"`
	InnerPID int    `json:"innerPid"`
	PPID     int    `json:"ppid"`
	Comm     string `json:"comm"`
	Exe      string `json:"exe,omitempty"`
	Cmdline  string `json:"cmdline"`
	UID      int    `json:"uid"`
	NetNS    uint64 `json:"netns"`
	MountNS  uint64 `json:"mntns"`
	PIDNS    uint64 `json:"pidns"`
	Started  uint64 `json:"started"` // clock ticks after boot
	depth    int    // PID namespaces between the pod's and its own
}

// Processes lists the learner's, which are those below the pod's own PID namespace. Nobody else is: what the agent
// runs for itself stays in the pod's. Of a machine without that namespace, they are all of the machine's container.
func Processes() ([]Process, error) {
	inPod, err := podProcesses()
	if err != nil {
		return nil, err
	}
	var below, beside []Process
	holder := holderOf(inPod)
	for _, p := range inPod {
		if p.depth > 0 {
			below = append(below, p)
		} else if holder != nil && p.MountNS == holder.MountNS && p.PID != holder.PID {
			beside = append(beside, p)
		}
	}
	if len(below) > 0 || isolated(holder) {
		return below, nil
	}
	return beside, nil
}

// holderOf finds `agent serve`, which is the first process of the machine's container: the oldest of its name. One that a
// learner calls so is younger.
func holderOf(inPod []Process) (holder *Process) {
	for i, p := range inPod {
		if p.depth == 0 && p.MountNS != 0 && strings.HasPrefix(p.Cmdline, serveCommand) && (holder == nil || p.Started < holder.Started) {
			holder = &inPod[i]
		}
	}
	return holder
}

const serveCommand = "/.drydock/agent serve "

// isolated tells whether the holder keeps the learner in namespaces of their own.
func isolated(holder *Process) bool {
	return holder == nil || !strings.Contains(holder.Cmdline+" ", " --isolate none ")
}

// podProcesses lists all of the pod's.
func podProcesses() ([]Process, error) {
	entries, err := os.ReadDir("/proc")
	if err != nil {
		return nil, err
	}
	var found []Process
	for _, entry := range entries {
		pid, err := strconv.Atoi(entry.Name())
		if err != nil {
			continue
		}
		if p, err := readProcess(pid); err == nil {
			found = append(found, p)
		}
	}
	return found, nil
}

func readProcess(pid int) (Process, error) {
	p := Process{PID: pid}
	dir := fmt.Sprintf("/proc/%d/", pid)
	status, err := os.ReadFile(dir + "status")
	if err != nil {
		return p, err
	}
	for _, line := range strings.Split(string(status), "\n") {
		key, rest, _ := strings.Cut(line, ":")
		fields := strings.Fields(rest)
		if len(fields) == 0 {
			continue
		}
		switch key {
		case "Name":
			p.Comm = strings.TrimSpace(rest)
		case "PPid":
			p.PPID, _ = strconv.Atoi(fields[0])
		case "Uid":
			p.UID, _ = strconv.Atoi(fields[0])
		case "NSpid":
			p.depth = len(fields) - 1
			p.InnerPID, _ = strconv.Atoi(fields[len(fields)-1])
		}
	}
	p.Exe, _ = os.Readlink(dir + "exe")
	cmdline, _ := os.ReadFile(dir + "cmdline")
	p.Cmdline = strings.TrimRight(strings.ReplaceAll(string(cmdline), "\x00", " "), " ")
	p.NetNS, p.MountNS, p.PIDNS = inode(dir+"ns/net"), inode(dir+"ns/mnt"), inode(dir+"ns/pid")
	if stat, err := os.ReadFile(dir + "stat"); err == nil {
		if fields := strings.Fields(string(stat[strings.LastIndexByte(string(stat), ')')+1:])); len(fields) > 19 {
			p.Started, _ = strconv.ParseUint(fields[19], 10, 64) // field 22 of proc_pid_stat(5)
		}
	}
	return p, nil
}

func inode(path string) uint64 {
	var stat unix.Stat_t
	if unix.Stat(path, &stat) != nil {
		return 0
	}
	return stat.Ino
}

var errNoShell = fmt.Errorf("the machine has no shell yet: %w", ErrNone)

// Init finds the first process of the learner's world. It alone has number 1 exactly one namespace below the pod's: a
// namespace that the learner makes lies deeper. Where there is no such world, it is the machine's own first process.
func Init() (int, error) {
	inPod, err := podProcesses()
	if err != nil {
		return 0, err
	}
	for _, p := range inPod {
		if p.depth == 1 && p.InnerPID == 1 {
			return p.PID, nil
		}
	}
	if holder := holderOf(inPod); !isolated(holder) {
		return holder.PID, nil
	}
	return 0, errNoShell
}

// Open opens a file of the machine for reading, resolved below its root: no symbolic link and no `..` leads out, magic
// links are refused (openat2(2)), and neither a FIFO nor a device blocks.
func Open(path string, flags uint64) (f *os.File, err error) {
	err = belowRoot(func(root int) error {
		f, err = openBelow(root, path, flags)
		return err
	})
	return f, err
}

// belowRoot hands over the machine's root directory.
func belowRoot(do func(root int) error) error {
	pid, err := Init()
	if err != nil {
		return err
	}
	root, err := unix.Open(fmt.Sprintf("/proc/%d/root", pid), unix.O_PATH|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	if err != nil {
		return fmt.Errorf("the machine's root: %w", err)
	}
	defer unix.Close(root)
	return do(root)
}

func openBelow(root int, path string, flags uint64) (*os.File, error) {
	if flags&unix.O_PATH == 0 { // with O_PATH nothing is opened that could block, and openat2 refuses these
		flags |= unix.O_NONBLOCK | unix.O_NOCTTY
	}
	fd, err := unix.Openat2(root, path, &unix.OpenHow{
		Flags:   flags | unix.O_CLOEXEC,
		Resolve: unix.RESOLVE_IN_ROOT | unix.RESOLVE_NO_MAGICLINKS,
	})
	if errors.Is(err, unix.ENOENT) || errors.Is(err, unix.ENOTDIR) || errors.Is(err, unix.ELOOP) {
		return nil, fmt.Errorf("%s: %w", path, ErrNone)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return os.NewFile(uintptr(fd), filepath.Base(path)), nil
}
