// Package load sends steady requests and counts what becomes of them, in a process of its own that outlives whoever asked
// for it: a stream of checks may break, the count goes on.
package load

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/url"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"time"
)

const (
	maxRate  = 50              // a second
	patience = 3 * time.Second // for a whole request
	kept     = 100_000         // outcomes
	started  = 5 * time.Second
)

// Counts is what has become of the requests since the load began.
type Counts struct {
	Sent   int `json:"sent"` // those that were answered or failed
	Failed int `json:"failed"`
	// Recent is how many of the last `last` requests that were asked about are known, RecentFailed how many of them failed.
	Recent       int `json:"recent"`
	RecentFailed int `json:"recentFailed"`
}

type counter struct {
	mu     sync.Mutex
	counts Counts
	ring   []bool // of failures, the oldest at next once it is full
	next   int
}

func (c *counter) add(failed bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.counts.Sent++
	if failed {
		c.counts.Failed++
	}
	if len(c.ring) < kept {
		c.ring = append(c.ring, failed)
		return
	}
	c.ring[c.next] = failed
	c.next = (c.next + 1) % kept
}

func (c *counter) last(n int) Counts {
	c.mu.Lock()
	defer c.mu.Unlock()
	counts := c.counts
	counts.Recent = max(0, min(n, len(c.ring)))
	for i := range counts.Recent {
		if c.ring[(c.next+len(c.ring)-1-i)%len(c.ring)] {
			counts.RecentFailed++
		}
	}
	return counts
}

// Ask starts the load if it does not run, and tells its counts. A load is known by its socket: when its process has died,
// with the examiner's container, there is none that answers, and the count begins anew.
func Ask(socket, target string, rate, last int) (Counts, error) {
	if counts, err := ask(socket, last); err == nil {
		return counts, nil
	}
	if _, err := request(target); err != nil || rate < 1 || rate > maxRate {
		return Counts{}, fmt.Errorf("%q at %d/s is no load: %w", target, rate, err)
	}
	cmd := exec.Command("/proc/self/exe", "load", "run", socket, target, fmt.Sprint(rate))
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if err := cmd.Start(); err != nil {
		return Counts{}, err
	}
	go func() { _ = cmd.Wait() }()
	for deadline := time.Now().Add(started); ; time.Sleep(20 * time.Millisecond) {
		counts, err := ask(socket, last)
		if err == nil || time.Now().After(deadline) {
			return counts, err
		}
	}
}

func ask(socket string, last int) (counts Counts, err error) {
	conn, err := net.DialTimeout("unix", socket, time.Second)
	if err != nil {
		return counts, err
	}
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(time.Second))
	if _, err := fmt.Fprintln(conn, last); err != nil {
		return counts, err
	}
	return counts, json.NewDecoder(conn).Decode(&counts)
}

// Run sends the requests until it is killed. Of several that begin at once, one stays.
func Run(socket, target string, rate int) error {
	message, err := request(target)
	if err != nil {
		return err
	}
	listener, err := net.Listen("unix", socket)
	if err != nil {
		if _, failure := ask(socket, 0); failure == nil {
			return nil
		}
		_ = os.Remove(socket) // of one that has died
		if listener, err = net.Listen("unix", socket); err != nil {
			return err
		}
	}
	c := &counter{}
	go answer(listener, c)
	host := hostOf(target)
	slots := make(chan struct{}, rate*int(patience/time.Second))
	for range time.Tick(time.Second / time.Duration(rate)) {
		select {
		case slots <- struct{}{}:
			go func() {
				defer func() { <-slots }()
				c.add(!answered(host, message))
			}()
		default: // all of them wait: nothing is sent that could not be counted
		}
	}
	return nil
}

func answer(listener net.Listener, c *counter) {
	for {
		conn, err := listener.Accept()
		if err != nil {
			time.Sleep(100 * time.Millisecond)
			continue
		}
		go func() {
			defer conn.Close()
			_ = conn.SetDeadline(time.Now().Add(time.Second))
			var last int
			if _, err := fmt.Fscanln(conn, &last); err == nil {
				_ = json.NewEncoder(conn).Encode(c.last(last))
			}
		}()
	}
}

func request(target string) (string, error) {
	u, err := url.Parse(target)
	if err != nil {
		return "", err
	}
	if u.Scheme != "http" || u.Hostname() == "" {
		return "", fmt.Errorf("%q is no http address", target)
	}
	return fmt.Sprintf("GET %s HTTP/1.1\r\nHost: %s\r\nUser-Agent: drydock-load\r\nAccept: */*\r\nConnection: close\r\n\r\n", u.RequestURI(), u.Host), nil
}

func hostOf(target string) string {
	u, _ := url.Parse(target)
	port := u.Port()
	if port == "" {
		port = "80"
	}
	return net.JoinHostPort(u.Hostname(), port)
}

// answered tells whether a request was answered in time, by a status below 400.
func answered(host, message string) bool {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", host)
	if err != nil {
		return false
	}
	defer conn.Close()
	deadline, _ := ctx.Deadline()
	_ = conn.SetDeadline(deadline)
	if _, err := conn.Write([]byte(message)); err != nil {
		return false
	}
	line, err := bufio.NewReaderSize(conn, 4096).ReadSlice('\n')
	fields := strings.Fields(string(line))
	return err == nil && len(fields) > 1 && strings.HasPrefix(fields[0], "HTTP/1.") && fields[1] >= "200" && fields[1] < "400" && len(fields[1]) == 3
}
