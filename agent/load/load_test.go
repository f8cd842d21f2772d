package load

import (
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"
)

// As the process that Ask starts.
func TestMain(m *testing.M) {
	if len(os.Args) == 6 && os.Args[1] == "load" {
		rate, _ := strconv.Atoi(os.Args[5])
		time.AfterFunc(20*time.Second, func() { os.Exit(0) })
		fmt.Fprintln(os.Stderr, Run(os.Args[3], os.Args[4], rate))
		os.Exit(1)
	}
	os.Exit(m.Run())
}

func TestLast(t *testing.T) {
	c := &counter{}
	if counts := c.last(5); counts != (Counts{}) {
		t.Error(counts)
	}
	for i := range kept + 10 {
		c.add(i < 20 || i >= kept+7)
	}
	if counts := c.last(5); counts != (Counts{Sent: kept + 10, Failed: 23, Recent: 5, RecentFailed: 3}) {
		t.Error(counts)
	}
	if counts := c.last(kept + 500); counts.Recent != kept || counts.RecentFailed != 13 {
		t.Error(counts)
	}
	if counts := c.last(-1); counts.Recent != 0 {
		t.Error(counts)
	}
}

func TestARunningLoadCountsOn(t *testing.T) {
	site, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	status := make(chan string, 1)
	status <- "200 OK"
	go func() {
		for {
			conn, err := site.Accept()
			if err != nil {
				return
			}
			now := <-status
			status <- now
			_, _ = conn.Read(make([]byte, 1000))
			_, _ = fmt.Fprintf(conn, "HTTP/1.1 %s\r\n\r\n", now)
			conn.Close()
		}
	}()
	socket, target := filepath.Join(t.TempDir(), "load"), fmt.Sprintf("http://%s/x?y", site.Addr())
	until := func(what string, holds func(Counts) bool) Counts {
		t.Helper()
		for deadline := time.Now().Add(15 * time.Second); ; time.Sleep(10 * time.Millisecond) {
			counts, err := Ask(socket, target, 50, 5)
			if err != nil {
				t.Fatal(err)
			}
			if holds(counts) {
				return counts
			}
			if time.Now().After(deadline) {
				t.Fatalf("in vain: %s: %+v", what, counts)
			}
		}
	}
	good := until("five are answered", func(c Counts) bool { return c.Recent == 5 && c.RecentFailed == 0 })
	<-status
	status <- "503 No"
	bad := until("all fail", func(c Counts) bool { return c.RecentFailed == 5 })
	<-status
	status <- "301 Elsewhere"
	if again := until("answered again", func(c Counts) bool { return c.RecentFailed == 0 }); again.Failed < 5 || again.Sent < bad.Sent || bad.Sent < good.Sent {
		t.Errorf("%+v %+v %+v", good, bad, again)
	}
	site.Close()
	until("nobody is there", func(c Counts) bool { return c.RecentFailed == 5 })
	if _, err := Ask(filepath.Join(t.TempDir(), "other"), "ftp://x", 50, 5); err == nil {
		t.Error("ftp is no load")
	}
}
