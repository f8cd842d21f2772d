package world

import (
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// As the program of a service this binary answers one caller with its number.
const serviceEnv = "DRYDOCK_TEST_SERVICE"

func TestMain(m *testing.M) {
	if os.Getenv(serviceEnv) == "" {
		os.Exit(m.Run())
	}
	listener, err := net.FileListener(os.NewFile(3, "socket"))
	if err != nil || os.Getenv("LISTEN_FDS") != "1" {
		os.Exit(1)
	}
	conn, err := listener.Accept()
	if err != nil {
		os.Exit(1)
	}
	fmt.Fprint(conn, os.Getpid())
}

func TestParseService(t *testing.T) {
	for text, want := range map[string]Service{
		"/lib/one":               {Program: "/lib/one"},
		"/lib/one=/run/one.sock": {Program: "/lib/one", Socket: "/run/one.sock"},
		"":                       {}, "one": {}, "one=/run/one.sock": {}, "/lib/one=one.sock": {}, "=/run/one.sock": {},
	} {
		got, err := ParseService(text)
		if got.pause = 0; got != want || (err == nil) != (want != Service{}) {
			t.Errorf("%q: %+v, %v", text, got, err)
		}
	}
}

func TestAServiceIsThereForWhoeverConnects(t *testing.T) {
	dir := t.TempDir()
	started := filepath.Join(dir, "started")
	program := script(t, "echo >>"+started+"; "+serviceEnv+"=1 exec "+os.Args[0])
	socket := filepath.Join(dir, "service.sock")
	if err := os.WriteFile(socket, []byte("a machine's remains"), 0o600); err != nil {
		t.Fatal(err)
	}
	l := login(t, User{Name: "me", UID: uint32(os.Getuid()), GID: uint32(os.Getgid()), Home: "/", Shell: "/bin/sh"})
	if err := l.Serve(Service{Program: program, Socket: socket, pause: time.Millisecond}); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(started); err == nil {
		t.Error("it was started for nobody")
	}
	answers := map[string]bool{}
	for range 3 { // it ends after each; who connects meanwhile waits
		conn, err := net.Dial("unix", socket)
		if err != nil {
			t.Fatal(err)
		}
		answer, err := io.ReadAll(conn)
		if err != nil || len(answer) == 0 {
			t.Errorf("%q, %v", answer, err)
		}
		conn.Close()
		answers[string(answer)] = true
	}
	if len(answers) != 3 {
		t.Errorf("answers: %v", answers)
	}
}

func TestAServiceThatIsNotThere(t *testing.T) {
	socket := filepath.Join(t.TempDir(), "service.sock")
	l := login(t, User{Name: "me", UID: uint32(os.Getuid()), Home: "/", Shell: "/bin/sh"})
	if err := l.Serve(Service{Program: "/none/such", Socket: socket}); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(socket); err == nil {
		t.Error("somebody listens for nothing")
	}
	if err := l.Serve(Service{Program: os.Args[0], Socket: "/none/such.sock"}); err == nil {
		t.Error("a socket where none can be")
	}
}
