package examine

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"sync"

	"drydock/agent/inspect"
)

// maxLine bounds a request, in bytes: a file of a mebibyte, in base64.
const maxLine = 2 << 20

// parallel is how many checks run at once.
const parallel = 4

type request struct {
	ID string `json:"id"`
	Op string `json:"op"`
	Check
	File
}

// File is one of the lab's, to be put into the machine. Its data is base64 in JSON.
type File struct {
	Path string `json:"path"`
	Mode uint32 `json:"mode"`
	Data []byte `json:"data"`
}

type response struct {
	ID      string `json:"id"`
	Pong    bool   `json:"pong,omitempty"`
	Placed  bool   `json:"placed,omitempty"`
	Version string `json:"version,omitempty"`
	Error   string `json:"error,omitempty"`
	*Result
}

// Stream answers requests, a JSON object a line, until in ends; then what still runs is cancelled. Answers come in the
// order in which checks end. A line that is not a request is answered with an error.
func Stream(in io.Reader, out io.Writer, version string) error {
	ctx, cancelAll := context.WithCancel(context.Background())
	defer cancelAll()
	var (
		mu      sync.Mutex
		running sync.WaitGroup
		cancels = map[string]context.CancelFunc{}
		slots   = make(chan struct{}, parallel)
	)
	answer := func(r response) {
		line, _ := json.Marshal(r)
		mu.Lock()
		defer mu.Unlock()
		_, _ = out.Write(append(line, '\n'))
	}
	check := func(ctx context.Context, cancel context.CancelFunc, r request) {
		defer running.Done()
		defer cancel()
		select {
		case slots <- struct{}{}:
			defer func() { <-slots }()
		case <-ctx.Done():
		}
		result := Run(ctx, r.Check)
		mu.Lock()
		delete(cancels, r.ID)
		mu.Unlock()
		answer(response{ID: r.ID, Result: &result})
	}
	lines := bufio.NewScanner(in)
	lines.Buffer(make([]byte, 0, 64<<10), maxLine)
	for lines.Scan() {
		var r request
		if err := json.Unmarshal(lines.Bytes(), &r); err != nil {
			answer(response{Error: fmt.Sprintf("not a request: %v", err)})
			continue
		}
		switch r.Op {
		case "ping":
			answer(response{ID: r.ID, Pong: true, Version: version})
		case "cancel":
			mu.Lock()
			if cancel, ok := cancels[r.ID]; ok {
				cancel()
			}
			mu.Unlock()
		case "place":
			if err := inspect.Place(r.Path, r.Mode, r.Data); err != nil {
				answer(response{ID: r.ID, Error: err.Error()})
			} else {
				answer(response{ID: r.ID, Placed: true})
			}
		case "run":
			one, cancel := context.WithCancel(ctx)
			mu.Lock()
			_, twice := cancels[r.ID]
			if !twice {
				cancels[r.ID] = cancel
			}
			mu.Unlock()
			if twice {
				cancel()
				answer(response{ID: r.ID, Error: "a check of this id is running"})
				continue
			}
			running.Add(1)
			go check(one, cancel, r)
		default:
			answer(response{ID: r.ID, Error: fmt.Sprintf("unknown op %q", r.Op)})
		}
	}
	cancelAll()
	running.Wait()
	if errors.Is(lines.Err(), bufio.ErrTooLong) {
		answer(response{Error: "a request of more than 2 MiB"})
	}
	return lines.Err()
}
