package world

import (
	"context"
	"errors"
	"io"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"time"
	"unicode"

	"golang.org/x/sys/unix"
)

const (
	maxRun    = 15 * time.Minute
	maxOutput = 8 << 10 // bytes of its tail
	// straggle is how long output is still taken from what a script left running; from then on that has no output.
	straggle = 500 * time.Millisecond
)

// Script is to be run in the learner's world by the author's platform: bash where the image has it, else sh. Under one ID a
// machine runs one script, once.
type Script struct {
	ID        string            `json:"id"`
	Script    string            `json:"script"`
	Env       map[string]string `json:"env"`
	TimeoutMs int64             `json:"timeoutMs"`
}

// Ended tells how a script ended. Status is a shell's: 128+n for signal n.
type Ended struct {
	Status     int    `json:"status"`
	TimedOut   bool   `json:"timedOut,omitempty"`
	Output     string `json:"output"` // the end of what it printed, both streams
	Problem    string `json:"problem,omitempty"`
	DurationMs int64  `json:"durationMs"`
}

// Run runs a script as the machine's root, or, where the agent is not root, as the learner. One that is too late ends with
// all that it started; one that ended well may leave something running.
func (l *Login) Run(script Script) Ended {
	began := time.Now()
	ctx, cancel := context.WithTimeout(context.Background(), min(maxRun, time.Duration(script.TimeoutMs)*time.Millisecond))
	defer cancel()
	output := &tail{}
	err := l.run1(ctx, script, "/bin/bash", output)
	if errors.Is(err, unix.ENOENT) {
		err = l.run1(ctx, script, "/bin/sh", output)
	}
	ended := Ended{Output: output.text(), DurationMs: time.Since(began).Milliseconds()}
	var exit *exec.ExitError
	switch {
	case errors.Is(ctx.Err(), context.DeadlineExceeded):
		ended.Status, ended.TimedOut = exitCode(err), true
	case err == nil, errors.Is(err, exec.ErrWaitDelay):
	case errors.As(err, &exit):
		ended.Status = exitCode(err)
	default:
		ended.Status, ended.Problem = 126, err.Error()
	}
	return ended
}

func (l *Login) run1(ctx context.Context, script Script, shell string, output io.Writer) error {
	read, write, err := os.Pipe()
	if err != nil {
		return err
	}
	defer read.Close()
	defer write.Close()
	cmd := &exec.Cmd{Path: shell, Args: []string{shell, "/proc/self/fd/3"}, Dir: "/", Env: l.environment()}
	if os.Getuid() == 0 {
		cmd.Env = append(cmd.Env, "HOME=/root", "USER=root", "LOGNAME=root")
	}
	for name, value := range script.Env {
		cmd.Env = append(cmd.Env, name+"="+value)
	}
	cmd.Stdout, cmd.Stderr = output, output
	cmd.ExtraFiles = []*os.File{read}
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	cmd.WaitDelay = straggle
	if err := l.World.Start(cmd); err != nil {
		return err
	}
	l.limit(cmd.Process.Pid)
	go func() {
		_, _ = io.WriteString(write, script.Script)
		write.Close()
	}()
	// Not exec.CommandContext: world.Start may have to copy the command.
	over := context.AfterFunc(ctx, func() { _ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) })
	defer over()
	return cmd.Wait()
}

// tail keeps the end of what is written to it.
type tail struct{ kept []byte }

func (t *tail) Write(b []byte) (int, error) {
	t.kept = append(t.kept, b...)
	t.kept = append(t.kept[:0], t.kept[max(0, len(t.kept)-maxOutput):]...)
	return len(b), nil
}

// text is fit to be shown: valid UTF-8, no control characters but line breaks and tabs.
func (t *tail) text() string {
	return strings.Map(func(r rune) rune {
		if r != '\n' && r != '\t' && (unicode.IsControl(r) || unicode.Is(unicode.Cf, r)) {
			return -1
		}
		return r
	}, strings.ToValidUTF8(string(t.kept), "\uFFFD"))
}
