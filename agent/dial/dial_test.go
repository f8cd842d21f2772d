package dial_test

import (
	"bytes"
	"errors"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"drydock/agent/dial"
	"drydock/agent/inspect"
)

func listen(t *testing.T, serve func(*net.TCPConn)) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go serve(conn.(*net.TCPConn))
		}
	}()
	return listener.Addr().String()
}

func never(t *testing.T) func() {
	return func() { t.Error("gave up on a connection that ended by itself") }
}

func TestAnswerAfterTheEndOfInput(t *testing.T) {
	// It answers once it has heard all, which only a half-closed connection tells it.
	address := listen(t, func(conn *net.TCPConn) {
		all, _ := io.ReadAll(conn)
		_, _ = conn.Write(bytes.ToUpper(all))
		conn.Close()
	})
	var out bytes.Buffer
	if err := dial.Run(strings.NewReader("hello"), &out, address, time.Minute, never(t)); err != nil {
		t.Fatal(err)
	}
	if out.String() != "HELLO" {
		t.Fatalf("%q came back", out.String())
	}
}

func TestEndsWithTheOtherSide(t *testing.T) {
	address := listen(t, func(conn *net.TCPConn) {
		_, _ = conn.Write([]byte("bye"))
		conn.Close()
	})
	in, _ := io.Pipe() // never ends
	var out bytes.Buffer
	if err := dial.Run(in, &out, address, time.Minute, never(t)); err != nil {
		t.Fatal(err)
	}
	if out.String() != "bye" {
		t.Fatalf("%q came back", out.String())
	}
}

func TestMuchBothWays(t *testing.T) {
	sent := bytes.Repeat([]byte("0123456789abcdef"), 1<<17)
	address := listen(t, func(conn *net.TCPConn) {
		_, _ = io.Copy(conn, conn)
		conn.Close()
	})
	var out bytes.Buffer
	if err := dial.Run(bytes.NewReader(sent), &out, address, time.Minute, never(t)); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(out.Bytes(), sent) {
		t.Fatalf("%d bytes came back of %d", out.Len(), len(sent))
	}
}

func TestOwnAddresses(t *testing.T) {
	address := listen(t, func(conn *net.TCPConn) {
		_, _ = conn.Write([]byte("own"))
		conn.Close()
	})
	_, port, _ := net.SplitHostPort(address)
	var out bytes.Buffer
	if err := dial.Run(strings.NewReader(""), &out, ":"+port, time.Minute, never(t)); err != nil {
		t.Fatal(err)
	}
	if out.String() != "own" {
		t.Fatalf("%q came back", out.String())
	}
}

func TestNobodyListens(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := listener.Addr().String()
	listener.Close()
	_, port, _ := net.SplitHostPort(address)
	for _, each := range []string{address, ":" + port, "127.0.0.1:http-alt", "127.0.0.1:0", "127.0.0.1", "no-such-name.invalid:80"} {
		var out bytes.Buffer
		err := dial.Run(strings.NewReader("x"), &out, each, time.Minute, never(t))
		if !errors.Is(err, inspect.ErrNone) {
			t.Errorf("%s: %v", each, err)
		}
		if out.Len() > 0 {
			t.Errorf("%s: %q on stdout", each, out.String())
		}
	}
}

func TestGivesUpOnWhoLeft(t *testing.T) {
	address := listen(t, func(conn *net.TCPConn) {
		_, _ = io.Copy(io.Discard, conn) // hears the end, and says nothing
	})
	gaveUp := make(chan struct{})
	go func() {
		_ = dial.Run(strings.NewReader(""), io.Discard, address, time.Millisecond, func() { close(gaveUp) })
	}()
	select {
	case <-gaveUp:
	case <-t.Context().Done():
	case <-time.After(10 * time.Second):
		t.Fatal("it waits for ever")
	}
}
