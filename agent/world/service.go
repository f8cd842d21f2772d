package world

import (
	"errors"
	"fmt"
	"log"
	"net"
	"os"
	"os/exec"
	"path"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// Service is a program of the machine's image that runs in the learner's world as root for as long as the machine does.
type Service struct {
	// Program is an absolute path. An image without it has no such service.
	Program string
	// Socket, if any, is listened on before the first shell starts: whoever is first to connect starts the program, which
	// gets the socket as systemd hands it over (sd_listen_fds(3)), but that LISTEN_PID is for itself to set.
	Socket string

	pause time.Duration // before it is started again; tests hurry
}

// ParseService reads PROGRAM or PROGRAM=SOCKET.
func ParseService(text string) (Service, error) {
	program, socket, _ := strings.Cut(text, "=")
	if !path.IsAbs(program) || (socket != "" && !path.IsAbs(socket)) {
		return Service{}, fmt.Errorf("%q is no PROGRAM or PROGRAM=SOCKET, both absolute paths", text)
	}
	return Service{Program: program, Socket: socket, pause: time.Second}, nil
}

// A program that ends is started again after its pause; one that never lives for long, after ever longer ones.
const (
	longestPause = time.Minute
	forLong      = 10 * time.Second
)

// Serve listens at once and returns; the program runs beside it, again and again.
func (l *Login) Serve(s Service) error {
	if _, err := os.Stat(s.Program); errors.Is(err, unix.ENOENT) {
		return nil
	}
	if s.Socket == "" {
		go l.repeat(s, nil)
		return nil
	}
	_ = os.Remove(s.Socket)
	listener, err := net.ListenUnix("unix", &net.UnixAddr{Name: s.Socket, Net: "unix"})
	if err != nil {
		return err
	}
	defer listener.Close()
	if err := os.Chmod(s.Socket, 0o660); err != nil {
		return err
	}
	listener.SetUnlinkOnClose(false)
	socket, err := listener.File() // never accepted from here, so that whoever waits is the program's
	if err != nil {
		return err
	}
	go l.repeat(s, socket)
	return nil
}

func (l *Login) repeat(s Service, socket *os.File) {
	if socket != nil {
		waitForCaller(socket)
	}
	for pause := s.pause; ; time.Sleep(pause) {
		began := time.Now()
		err := l.run(s, socket)
		if pause = min(2*pause, longestPause); time.Since(began) > forLong {
			pause = s.pause
		}
		log.Printf("service %s ended (%v) and is started again", s.Program, err)
	}
}

func waitForCaller(socket *os.File) {
	for {
		poll := []unix.PollFd{{Fd: int32(socket.Fd()), Events: unix.POLLIN}}
		if n, err := unix.Poll(poll, -1); n > 0 || (err != nil && !errors.Is(err, unix.EINTR)) {
			return
		}
	}
}

func (l *Login) run(s Service, socket *os.File) error {
	cmd := &exec.Cmd{Path: s.Program, Args: []string{s.Program}, Dir: "/", Env: l.environment()}
	cmd.SysProcAttr = &unix.SysProcAttr{Setsid: true}
	if socket != nil {
		cmd.ExtraFiles = []*os.File{socket}
		cmd.Env = append(cmd.Env, "LISTEN_FDS=1")
	}
	// Standard input and output are /dev/null, as the learner's world has it: the program opens its own log.
	if err := l.World.Start(cmd); err != nil {
		return err
	}
	l.limit(cmd.Process.Pid)
	return cmd.Wait()
}
