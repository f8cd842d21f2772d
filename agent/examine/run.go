// Package examine runs check scripts in the examiner, out of the learner's reach, and tells their verdicts.
package examine

import (
	"bytes"
	"context"
	"crypto/rand"
	_ "embed"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"time"
	"unicode"
)

//go:embed prelude.sh
var prelude string

const (
	maxScript   = 256 << 10 // bytes
	maxRecords  = 64 << 10  // bytes of verdict records
	maxEvidence = 1 << 10   // bytes
	maxStderr   = 2 << 10   // bytes of its tail, before it is cleaned
	maxTimeout  = 60 * time.Second
	// straggle is how long output is still taken after the script has ended, in case a tool of its kept a pipe open.
	straggle = 500 * time.Millisecond
)

// OutOfProcesses is the evidence when the machine's process limit is what stopped a check.
const OutOfProcesses = "your machine is out of processes"

// Check is a request to run one script.
type Check struct {
	Script    string            `json:"script"`
	Env       map[string]string `json:"env"`
	Args      []string          `json:"args"`
	TimeoutMs int               `json:"timeoutMs"` // default 10000
}

// Result is what a check came to.
type Result struct {
	Verdict    string            `json:"verdict"` // pass, not-yet or broken
	Evidence   string            `json:"evidence"`
	DurationMs int64             `json:"durationMs"`
	Values     map[string]string `json:"values,omitempty"`
	Detail     string            `json:"detail,omitempty"` // for the check's author: the tail of its stderr
}

// Run runs one check to its end. It never fails: what goes wrong is a broken verdict.
func Run(ctx context.Context, check Check) Result {
	began := time.Now()
	result := run(ctx, check)
	result.DurationMs = time.Since(began).Milliseconds()
	return result
}

func run(ctx context.Context, check Check) Result {
	if len(check.Script) > maxScript {
		return broken("the script is too long", "")
	}
	timeout := 10 * time.Second
	if check.TimeoutMs > 0 {
		timeout = time.Duration(min(int64(check.TimeoutMs), maxTimeout.Milliseconds())) * time.Millisecond
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()

	random := make([]byte, 16)
	_, _ = rand.Read(random)
	token := hex.EncodeToString(random)
	records, stderr := &head{max: maxRecords}, &tail{max: maxStderr}
	err := execute(ctx, check, "__drydock_token="+token+"\n"+prelude+"\n"+check.Script, records, stderr)
	complaint := strings.TrimSpace(clean(string(stderr.kept)))
	switch {
	case exhausted(err, complaint):
		return Result{Verdict: "broken", Evidence: OutOfProcesses, Detail: complaint}
	case errors.Is(ctx.Err(), context.Canceled):
		return broken("it was cancelled", complaint)
	case ctx.Err() != nil:
		return broken(fmt.Sprintf("it took longer than %s", timeout), complaint)
	case err != nil:
		return broken(err.Error(), complaint)
	}
	result, problem := verdict(token, records.kept)
	if problem != "" {
		return broken(problem, complaint)
	}
	result.Detail = complaint
	return result
}

// execute runs bash on the text with nothing of our environment. The script and the records have descriptors of their
// own, so that stdin is empty and stdout is free for the script's own use.
func execute(ctx context.Context, check Check, text string, records, stderr io.Writer) error {
	scriptRead, scriptWrite, err := os.Pipe()
	if err != nil {
		return err
	}
	defer scriptRead.Close()
	recordRead, recordWrite, err := os.Pipe()
	if err != nil {
		scriptWrite.Close()
		return err
	}
	defer recordRead.Close()

	cmd := exec.CommandContext(ctx, "/bin/bash", append([]string{"--noprofile", "--norc", "/dev/fd/3"}, check.Args...)...)
	cmd.Env = []string{"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LANG=C.UTF-8", "HOME=/tmp"}
	for name, value := range check.Env {
		cmd.Env = append(cmd.Env, name+"="+value)
	}
	cmd.Stderr = stderr
	cmd.ExtraFiles = []*os.File{scriptRead, recordWrite}
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	cmd.WaitDelay = straggle
	err = cmd.Start()
	recordWrite.Close()
	if err != nil {
		scriptWrite.Close()
		return err
	}
	go func() {
		_, _ = io.WriteString(scriptWrite, text)
		scriptWrite.Close()
	}()
	copied := make(chan struct{})
	go func() {
		_, _ = io.Copy(records, recordRead)
		close(copied)
	}()
	err = cmd.Wait()
	_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) // what it left in the background
	scriptWrite.Close()                                 // one that escaped may hold the other end, unread
	_ = recordRead.SetReadDeadline(time.Now().Add(straggle))
	<-copied
	if errors.Is(err, exec.ErrWaitDelay) {
		return nil // a tool in the background kept stderr open; the script itself ended well
	}
	return err
}

// verdict reads the records: four NUL-ended fields each, the first the token that only the script knows.
func verdict(token string, records []byte) (Result, string) {
	fields := bytes.Split(records, []byte{0})
	if len(fields)%4 != 1 || len(fields[len(fields)-1]) != 0 {
		return Result{}, "it wrote records that are not the prelude's"
	}
	result := Result{}
	for at := 0; at+4 < len(fields); at += 4 {
		kind, first, second := string(fields[at+1]), string(fields[at+2]), string(fields[at+3])
		switch {
		case string(fields[at]) != token:
			return Result{}, "it wrote records that are not the prelude's"
		case kind == "value":
			if result.Values == nil {
				result.Values = map[string]string{}
			}
			result.Values[short(first)] = short(second)
		case result.Verdict != "":
			return Result{}, "it gave two verdicts"
		case kind != "pass" && kind != "not-yet":
			return Result{}, "it wrote records that are not the prelude's"
		default:
			result.Verdict, result.Evidence = kind, short(first)
		}
	}
	if result.Verdict == "" {
		return Result{}, "it ended without a verdict"
	}
	return result, ""
}

func broken(problem, complaint string) Result {
	return Result{Verdict: "broken", Evidence: "our check failed: " + problem, Detail: complaint}
}

// exhausted tells whether a fork was refused, to us or to the script.
func exhausted(err error, complaint string) bool {
	return errors.Is(err, syscall.EAGAIN) || errors.Is(err, syscall.ENOMEM) ||
		(strings.Contains(complaint, "fork") && strings.Contains(complaint, "Resource temporarily unavailable"))
}

// clean makes text fit to be shown: valid UTF-8, no control characters but blanks.
func clean(text string) string {
	return strings.Map(func(r rune) rune {
		if r == '\n' || r == '\t' {
			return r
		}
		if unicode.IsControl(r) || unicode.Is(unicode.Cf, r) {
			return -1
		}
		return r
	}, strings.ToValidUTF8(text, "\uFFFD"))
}

// short cleans text and bounds it.
func short(text string) string {
	text = clean(text)
	if len(text) > maxEvidence {
		text = strings.ToValidUTF8(text[:maxEvidence], "") + "…"
	}
	return text
}

// head keeps the first max bytes of what is written to it. Neither it nor tail is a bytes.Buffer, whose ReadFrom
// io.Copy would call instead of Write, past the bound.
type head struct {
	kept []byte
	max  int
}

func (h *head) Write(b []byte) (int, error) {
	h.kept = append(h.kept, b[:min(len(b), h.max-len(h.kept))]...)
	return len(b), nil
}

// tail keeps the last max bytes.
type tail struct {
	kept []byte
	max  int
}

func (t *tail) Write(b []byte) (int, error) {
	t.kept = append(t.kept, b...)
	t.kept = append(t.kept[:0], t.kept[max(0, len(t.kept)-t.max):]...)
	return len(b), nil
}
