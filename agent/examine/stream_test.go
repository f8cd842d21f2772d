package examine

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// stream is an examiner at work.
type stream struct {
	t       *testing.T
	in      *io.PipeWriter
	answers chan map[string]any
	ended   chan error
}

func streams(t *testing.T) *stream {
	in, requests := io.Pipe()
	out, answers := io.Pipe()
	s := &stream{t: t, in: requests, answers: make(chan map[string]any, 100), ended: make(chan error, 1)}
	go func() {
		err := Stream(in, answers, "7")
		in.Close() // so that a test that still writes learns of it
		answers.Close()
		s.ended <- err
	}()
	go func() {
		defer close(s.answers)
		for lines := bufio.NewScanner(out); lines.Scan(); {
			var answer map[string]any
			if err := json.Unmarshal(lines.Bytes(), &answer); err != nil {
				t.Errorf("not a line of JSON: %q", lines.Bytes())
			}
			s.answers <- answer
		}
	}()
	t.Cleanup(func() { requests.Close() })
	return s
}

func (s *stream) says(line string) {
	s.t.Helper()
	if _, err := io.WriteString(s.in, line+"\n"); err != nil {
		s.t.Fatal(err)
	}
}

func (s *stream) runs(id, script string) {
	s.t.Helper()
	line, _ := json.Marshal(map[string]any{"id": id, "op": "run", "script": script, "timeoutMs": 20_000})
	s.says(string(line))
}

func (s *stream) next() map[string]any {
	s.t.Helper()
	select {
	case answer, ok := <-s.answers:
		if !ok {
			s.t.Fatal("the answers ended")
		}
		return answer
	case <-time.After(patience):
		s.t.Fatal("no answer")
	}
	return nil
}

func (s *stream) ends() error {
	s.t.Helper()
	select {
	case err := <-s.ended:
		return err
	case <-time.After(patience):
		s.t.Fatal("the stream goes on")
	}
	return nil
}

func TestPing(t *testing.T) {
	s := streams(t)
	s.says(`{"id":"a","op":"ping"}`)
	if answer := s.next(); fmt.Sprint(answer) != "map[id:a pong:true version:7]" {
		t.Error(answer)
	}
	s.in.Close()
	if err := s.ends(); err != nil {
		t.Error(err)
	}
}

func TestARun(t *testing.T) {
	s := streams(t)
	s.says(`{"id":"a","op":"run","script":"value v \"$X\"; not_yet \"$1\"","env":{"X":"1"},"args":["seen"]}`)
	answer := s.next()
	delete(answer, "durationMs")
	if fmt.Sprint(answer) != "map[evidence:seen id:a values:map[v:1] verdict:not-yet]" {
		t.Error(answer)
	}
}

func TestMalformedRequests(t *testing.T) {
	s := streams(t)
	for _, line := range []string{
		"", "x", "null x", `{"id":1}`, `[]`, `"run"`, `{"id":"a","op":"run","timeoutMs":"1"}`, `{"id":"a","op":"run","env":{"A":1}}`,
		`{"id":"a","op":"run","args":"x"}`, `{"id":"a","op":"run","script":`, "\x00\xff",
		`{"id":"a"}`, `{"id":"a","op":"stop"}`, `null`,
	} {
		s.says(line)
		if answer := s.next(); answer["error"] == nil || answer["verdict"] != nil {
			t.Errorf("%q: %v", line, answer)
		}
	}
	s.says(`{"id":"nobody","op":"cancel"}`) // not running: nothing happens
	s.says(`{"id":"a","op":"run","env":{"A=B\u0000":"1"},"script":"pass a"}`)
	if answer := s.next(); answer["verdict"] != "broken" {
		t.Error(answer)
	}
	s.says(`{"id":"b","op":"ping"}`)
	if answer := s.next(); answer["pong"] != true {
		t.Error(answer)
	}
}

func TestARequestOverTheLimit(t *testing.T) {
	s := streams(t)
	go func() { _, _ = io.WriteString(s.in, `{"id":"a","op":"run","script":"`+strings.Repeat("x", maxLine)) }()
	if answer := s.next(); answer["error"] != "a request of more than 2 MiB" {
		t.Error(answer)
	}
	if err := s.ends(); err == nil {
		t.Error("no error")
	}
}

func TestFourInParallel(t *testing.T) {
	s := streams(t)
	dir := t.TempDir()
	started := func() int {
		names, _ := os.ReadDir(dir)
		return len(names)
	}
	gate := filepath.Join(t.TempDir(), "gate")
	for i := range 6 {
		s.runs(fmt.Sprint(i), fmt.Sprintf(`touch %s/%d; while ! [ -e %s ]; do sleep 0.01; done; pass %d`, dir, i, gate, i))
	}
	eventually(t, "four have begun", func() bool { return started() == parallel })
	s.says(`{"id":"p","op":"ping"}`) // answered while they run
	if answer := s.next(); answer["pong"] != true {
		t.Error(answer)
	}
	if started() != parallel {
		t.Errorf("%d run at once", started())
	}
	if err := os.WriteFile(gate, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	seen := map[any]bool{}
	for range 6 {
		answer := s.next()
		if answer["verdict"] != "pass" || answer["evidence"] != answer["id"] || seen[answer["id"]] {
			t.Error(answer)
		}
		seen[answer["id"]] = true
	}
}

func TestCancelAndTwice(t *testing.T) {
	s := streams(t)
	dir := t.TempDir()
	for _, id := range []string{"a", "b"} {
		s.runs(id, fmt.Sprintf(`echo $$ > %s/%s; sleep 100; pass late`, dir, id))
	}
	var pids []string
	for _, id := range []string{"a", "b"} {
		eventually(t, "it runs", func() bool {
			pid, _ := os.ReadFile(filepath.Join(dir, id))
			return strings.HasSuffix(string(pid), "\n")
		})
		pid, _ := os.ReadFile(filepath.Join(dir, id))
		pids = append(pids, strings.TrimSpace(string(pid)))
	}
	s.runs("a", "pass twice")
	if answer := s.next(); answer["id"] != "a" || answer["error"] != "a check of this id is running" || answer["verdict"] != nil {
		t.Error(answer)
	}
	s.says(`{"id":"a","op":"cancel"}`)
	if answer := s.next(); answer["id"] != "a" || answer["verdict"] != "broken" || answer["evidence"] != "our check failed: it was cancelled" {
		t.Error(answer)
	}
	eventually(t, "the cancelled one is gone", func() bool { return !running(pids[0]) })
	s.runs("a", "pass again") // its name is free
	if answer := s.next(); answer["evidence"] != "again" {
		t.Error(answer)
	}
	if !running(pids[1]) {
		t.Error("the other one was cancelled too")
	}
}

func TestTheEndOfTheInputCancelsWhatRuns(t *testing.T) {
	s := streams(t)
	pidFile := filepath.Join(t.TempDir(), "pid")
	for i := range 6 { // two of them have no slot yet
		s.runs(fmt.Sprint(i), `echo $$ >> `+pidFile+`; sleep 100; pass late`)
	}
	pids := func() []string {
		text, _ := os.ReadFile(pidFile)
		return strings.Fields(string(text))
	}
	eventually(t, "four run", func() bool { return len(pids()) == parallel })
	s.in.Close()
	if err := s.ends(); err != nil {
		t.Error(err)
	}
	for range 6 {
		if answer := s.next(); answer["verdict"] != "broken" {
			t.Error(answer)
		}
	}
	for _, pid := range pids() {
		eventually(t, "it is gone", func() bool { return !running(pid) })
	}
}
