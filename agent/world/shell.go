package world

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path"
	"strconv"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"

	"drydock/agent/term"
)

// Login starts login shells of one user, each on a PTY of its own, and the machine's services.
type Login struct {
	World *World
	User  User
	// MaxProcesses limits the user's processes, so that a fork bomb leaves room for the examiner. 0: no limit.
	MaxProcesses uint64

	pts int // the devpts directory, opened before the learner could put anything else in its place
}

func NewLogin(w *World, user User, maxProcesses uint64) (*Login, error) {
	pts, err := unix.Open("/dev/pts", unix.O_PATH|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil, fmt.Errorf("/dev/pts: %w", err)
	}
	return &Login{World: w, User: user, MaxProcesses: maxProcesses, pts: pts}, nil
}

// Start is a term.Starter.
func (l *Login) Start(cols, rows uint16) (*term.Shell, error) {
	master, slave, err := l.openPTY()
	if err != nil {
		return nil, fmt.Errorf("open a PTY: %w", err)
	}
	defer slave.Close()
	resize := func(cols, rows uint16) error {
		return control(master, func(fd int) error {
			return unix.IoctlSetWinsize(fd, unix.TIOCSWINSZ, &unix.Winsize{Col: cols, Row: rows})
		})
	}
	if err := resize(cols, rows); err != nil {
		master.Close()
		return nil, err
	}
	if os.Getuid() != int(l.User.UID) { // as login(1) does: programs open their terminal by its name
		_ = slave.Chown(int(l.User.UID), int(l.User.GID))
	}
	cmd := l.command(slave, l.User.Home)
	err = l.World.Start(cmd)
	if errors.Is(err, unix.ENOENT) || errors.Is(err, unix.ENOTDIR) || errors.Is(err, unix.EACCES) { // their home is gone, perhaps
		cmd = l.command(slave, "/")
		err = l.World.Start(cmd)
	}
	if err != nil {
		master.Close()
		return nil, err
	}
	l.limit(cmd.Process.Pid)
	return &term.Shell{PTY: master, PID: innerPID(cmd.Process.Pid), Resize: resize, Wait: func() int { return exitCode(cmd.Wait()) }}, nil
}

func (l *Login) command(slave *os.File, dir string) *exec.Cmd {
	u := l.User
	cmd := &exec.Cmd{
		Path: u.Shell, Args: []string{"-" + path.Base(u.Shell)}, Dir: dir, // a leading dash makes it a login shell
		Stdin: slave, Stdout: slave, Stderr: slave,
		Env:         append(l.environment(), "TERM=xterm-256color", "COLORTERM=truecolor"),
		SysProcAttr: &syscall.SysProcAttr{Setsid: true, Setctty: true, Ctty: 0},
	}
	if os.Getuid() != int(u.UID) {
		cmd.SysProcAttr.Credential = &syscall.Credential{Uid: u.UID, Gid: u.GID}
	}
	return cmd
}

func (l *Login) environment() []string {
	u := l.User
	return []string{
		"HOME=" + u.Home, "USER=" + u.Name, "LOGNAME=" + u.Name, "SHELL=" + u.Shell,
		"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LANG=C.UTF-8",
	}
}

func (l *Login) limit(pid int) {
	if l.MaxProcesses > 0 {
		limit := unix.Rlimit{Cur: l.MaxProcesses, Max: l.MaxProcesses}
		_ = unix.Prlimit(pid, unix.RLIMIT_NPROC, &limit, nil)
	}
}

// openPTY never looks a path up in directories that the learner can write: devpts itself holds ptmx, and the other
// end comes from the master (TIOCGPTPEER, ioctl_tty(2)).
func (l *Login) openPTY() (master, slave *os.File, err error) {
	fd, err := unix.Openat(l.pts, "ptmx", unix.O_RDWR|unix.O_NOCTTY|unix.O_CLOEXEC|unix.O_NONBLOCK, 0)
	if err != nil {
		return nil, nil, err
	}
	if err := unix.IoctlSetPointerInt(fd, unix.TIOCSPTLCK, 0); err != nil {
		unix.Close(fd)
		return nil, nil, err
	}
	peer, _, errno := unix.Syscall(unix.SYS_IOCTL, uintptr(fd), unix.TIOCGPTPEER, unix.O_RDWR|unix.O_NOCTTY|unix.O_CLOEXEC)
	if errno != 0 {
		unix.Close(fd)
		return nil, nil, errno
	}
	return os.NewFile(uintptr(fd), "ptmx"), os.NewFile(peer, "pts"), nil
}

func control(f *os.File, do func(fd int) error) error {
	conn, err := f.SyscallConn()
	if err != nil {
		return err
	}
	var failure error
	return errors.Join(conn.Control(func(fd uintptr) { failure = do(int(fd)) }), failure)
}

// innerPID is a process's number in its own PID namespace: the last of NSpid in proc_pid_status(5).
func innerPID(pid int) int {
	status, _ := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	for _, line := range strings.Split(string(status), "\n") {
		if rest, ok := strings.CutPrefix(line, "NSpid:"); ok {
			fields := strings.Fields(rest)
			if len(fields) > 0 {
				inner, _ := strconv.Atoi(fields[len(fields)-1])
				return inner
			}
		}
	}
	return pid
}

// exitCode is a shell's: 128+n for signal n.
func exitCode(err error) int {
	var exit *exec.ExitError
	if !errors.As(err, &exit) {
		if err != nil {
			return 255
		}
		return 0
	}
	if status, ok := exit.Sys().(syscall.WaitStatus); ok && status.Signaled() {
		return 128 + int(status.Signal())
	}
	return exit.ExitCode()
}
