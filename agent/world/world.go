package world

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// World is the learner's namespaces, kept open by their init. Safe for use by many goroutines.
type World struct {
	isolate bool
	hidden  []string

	mu    sync.Mutex
	init  *exec.Cmd
	gone  chan struct{} // closed when init has been waited for
	mount int           // namespace file descriptors, valid while init lives
	pid   int
}

// New does nothing yet; the namespaces are made by the first Start. hidden are mount points that the learner must not
// see. Without isolate (a container that holds no capability) processes start beside the agent.
func New(isolate bool, hidden []string) *World { return &World{isolate: isolate, hidden: hidden} }

// An init that was killed takes its processes with it before it can be waited for.
const deathTimeout = 5 * time.Second

// Start starts cmd inside the world. Its path and directory are looked up there, by the child.
func (w *World) Start(cmd *exec.Cmd) error {
	if !w.isolate {
		return cmd.Start()
	}
	fresh := *cmd // one Cmd starts once, even in vain
	gone, err := w.start(cmd)
	if !errors.Is(err, unix.ENOMEM) {
		return err
	}
	// So says a fork, too, where init is dying (pid_namespaces(7)): then there is a new world in a moment.
	select {
	case <-gone:
		*cmd = fresh
		_, err = w.start(cmd)
	case <-time.After(deathTimeout):
	}
	return err
}

// start also tells what closes when the world in which it was tried is gone.
func (w *World) start(cmd *exec.Cmd) (gone <-chan struct{}, err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if err := w.ensure(); err != nil {
		return w.gone, fmt.Errorf("make the machine's namespaces: %w", err)
	}
	started := make(chan error)
	go func() {
		// Never unlocked: a thread that has entered other namespaces ends with its goroutine.
		runtime.LockOSThread()
		started <- func() error {
			if err := unix.Unshare(unix.CLONE_FS); err != nil { // setns(2): a mount namespace needs an fs of one's own
				return fmt.Errorf("unshare fs: %w", err)
			}
			if err := unix.Setns(w.mount, unix.CLONE_NEWNS); err != nil {
				return fmt.Errorf("enter the mount namespace: %w", err)
			}
			if err := unix.Setns(w.pid, unix.CLONE_NEWPID); err != nil {
				return fmt.Errorf("enter the PID namespace: %w", err)
			}
			return cmd.Start()
		}()
	}()
	return w.gone, <-started
}

// ensure makes the namespaces if there are none, or if their init has died. Caller holds mu.
func (w *World) ensure() error {
	if w.init != nil {
		return nil
	}
	ends, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return err
	}
	ours, theirs := os.NewFile(uintptr(ends[0]), "init"), os.NewFile(uintptr(ends[1]), "parent")
	defer ours.Close()
	var failure strings.Builder
	cmd := exec.Command("/proc/self/exe", append([]string{"init"}, w.hidden...)...)
	cmd.Env = []string{}
	cmd.Stderr = &failure
	cmd.ExtraFiles = []*os.File{theirs}
	cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWPID | syscall.CLONE_NEWNS, Setsid: true}
	err = cmd.Start()
	_ = theirs.Close()
	if err != nil {
		return err
	}
	mount, pid, err := open(ours, cmd.Process.Pid)
	if err != nil {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		return errors.Join(err, errors.New(strings.TrimSpace(failure.String())))
	}
	gone := make(chan struct{})
	w.init, w.gone, w.mount, w.pid = cmd, gone, mount, pid
	go func() {
		_ = cmd.Wait()
		w.mu.Lock()
		defer w.mu.Unlock()
		_, _ = unix.Close(mount), unix.Close(pid)
		w.init = nil
		close(gone)
	}()
	return nil
}

// open waits for init to have made the namespaces, opens them, and waits for init to have sealed itself (seal).
func open(init *os.File, initPID int) (mount, pid int, err error) {
	if _, err := io.ReadFull(init, make([]byte, len("made"))); err != nil {
		return 0, 0, fmt.Errorf("init ended early: %w", err)
	}
	if mount, err = unix.Open(fmt.Sprintf("/proc/%d/ns/mnt", initPID), unix.O_RDONLY|unix.O_CLOEXEC, 0); err != nil {
		return 0, 0, fmt.Errorf("mount namespace: %w", err)
	}
	if pid, err = unix.Open(fmt.Sprintf("/proc/%d/ns/pid", initPID), unix.O_RDONLY|unix.O_CLOEXEC, 0); err != nil {
		_ = unix.Close(mount)
		return 0, 0, fmt.Errorf("PID namespace: %w", err)
	}
	if _, err = init.Write([]byte{1}); err == nil {
		_, err = io.ReadAll(init)
	}
	if err != nil {
		_, _ = unix.Close(mount), unix.Close(pid)
	}
	return mount, pid, err
}
