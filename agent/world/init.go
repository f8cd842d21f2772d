// Package world makes and enters the learner's own PID and mount namespace. The pod's other processes, the agent
// among them, stay outside: not to be seen, signalled, limited or traced by a learner who is root.
package world

import (
	"errors"
	"fmt"
	"os"
	"os/signal"
	"strings"

	"golang.org/x/sys/unix"
)

// parentFD is a socket over which Init and the agent take turns: see seal.
const parentFD = 3

// Undumpable makes this process untraceable for anybody without CAP_SYS_PTRACE, and its /proc entries unreadable
// (ptrace(2), "Ptrace access mode checking"). It also covers a child between fork and exec, which shares our memory.
func Undumpable() error { return unix.Prctl(unix.PR_SET_DUMPABLE, 0, 0, 0, 0) }

// Init is PID 1 of the learner's world: it swaps /proc, detaches what is not theirs, and reaps orphans for ever.
func Init(hidden []string) error {
	// The learner's root may send us anything but what the kernel keeps from a namespace's init. A signal that
	// nobody asked for would end a Go program, and with it every process of the learner.
	ignored := make(chan os.Signal, 64)
	signal.Notify(ignored)
	go func() {
		for range ignored {
		}
	}()
	if err := swapProc(); err != nil {
		return err
	}
	for _, path := range hidden {
		if err := detach(path); err != nil {
			return err
		}
	}
	if err := seal(os.NewFile(parentFD, "parent")); err != nil {
		return err
	}
	reap()
	return nil
}

// seal says that the namespaces are made, waits until the agent has opened them (it holds no SYS_PTRACE, so that
// afterwards it could not), and becomes untraceable before anything of the learner's starts.
func seal(parent *os.File) error {
	defer parent.Close()
	if _, err := parent.WriteString("made"); err != nil {
		return fmt.Errorf("tell the agent: %w", err)
	}
	if _, err := parent.Read(make([]byte, 1)); err != nil {
		return fmt.Errorf("wait for the agent: %w", err)
	}
	return Undumpable()
}

// swapProc replaces the pod's /proc by one of this PID namespace. The fresh one is made while the pod's is still
// mounted, as the kernel refuses a proc mount where none is visible; then the pod's is detached rather than covered,
// so that no unmount can uncover it.
func swapProc() error {
	if err := unix.Mount("", "/", "", unix.MS_REC|unix.MS_PRIVATE, ""); err != nil {
		return fmt.Errorf("make mounts private: %w", err)
	}
	fs, err := unix.Fsopen("proc", unix.FSOPEN_CLOEXEC)
	if err != nil {
		return fmt.Errorf("fsopen proc: %w", err)
	}
	defer unix.Close(fs)
	if err := unix.FsconfigCreate(fs); err != nil {
		return fmt.Errorf("create proc: %w", err)
	}
	const attributes = unix.MOUNT_ATTR_NOSUID | unix.MOUNT_ATTR_NODEV | unix.MOUNT_ATTR_NOEXEC
	proc, err := unix.Fsmount(fs, unix.FSMOUNT_CLOEXEC, attributes)
	if err != nil {
		return fmt.Errorf("mount proc: %w", err)
	}
	defer unix.Close(proc)
	if err := detach("/proc"); err != nil {
		return err
	}
	if err := unix.MoveMount(proc, "", unix.AT_FDCWD, "/proc", unix.MOVE_MOUNT_F_EMPTY_PATH); err != nil {
		return fmt.Errorf("move proc into place: %w", err)
	}
	return left()
}

// detach unmounts everything that is mounted on path, however deep the stack.
func detach(path string) error {
	for {
		err := unix.Unmount(path, unix.MNT_DETACH|unix.UMOUNT_NOFOLLOW)
		if errors.Is(err, unix.EINVAL) || errors.Is(err, unix.ENOENT) { // not a mount point (any more)
			return nil
		}
		if err != nil {
			return fmt.Errorf("detach %s: %w", path, err)
		}
	}
}

// left fails unless exactly one proc is mounted in this namespace: the one we made.
func left() error {
	mounts, err := os.ReadFile("/proc/self/mountinfo")
	if err != nil {
		return err
	}
	n := strings.Count(string(mounts), " - proc ")
	if n != 1 {
		return fmt.Errorf("%d proc mounts are left where 1 belongs", n)
	}
	return nil
}

func reap() {
	children := make(chan os.Signal, 1)
	signal.Notify(children, unix.SIGCHLD)
	for range children {
		for {
			pid, err := unix.Wait4(-1, nil, unix.WNOHANG, nil)
			if pid <= 0 || err != nil {
				break
			}
		}
	}
}
