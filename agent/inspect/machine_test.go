package inspect

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// As in the agent itself: nothing that enters another namespace may run on the main thread, whose namespaces /proc/self
// shows.
func init() { runtime.LockOSThread() }

// TestInsideAMachine starts this binary again in mount, PID and network namespaces of its own (a pod, as it were), and
// there itself.
func TestInsideAMachine(t *testing.T) {
	if os.Getenv("DRYDOCK_TEST_POD") != "" {
		inPod(t)
		return
	}
	if os.Getuid() != 0 {
		t.Skip("needs root, to make namespaces")
	}
	cmd := exec.Command("/proc/self/exe", "-test.run=^TestInsideAMachine$", "-test.v")
	cmd.Env = append(os.Environ(), "DRYDOCK_TEST_POD=1")
	cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWNS | syscall.CLONE_NEWPID | syscall.CLONE_NEWNET, Pdeathsig: syscall.SIGKILL}
	if out, err := cmd.CombinedOutput(); err != nil || !bytes.Contains(out, []byte("--- PASS: TestInsideAMachine ")) {
		t.Fatalf("%v\n%s", err, out)
	}
}

func inPod(t *testing.T) {
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(unix.Mount("", "/", "", unix.MS_REC|unix.MS_PRIVATE, ""))
	must(unix.Mount("proc", "/proc", "proc", 0, ""))
	must(unix.Mount("tmpfs", "/run", "tmpfs", 0, ""))

	if _, err := Init(); !errors.Is(err, ErrNone) {
		t.Fatalf("before there is a machine: %v", err)
	}
	if found, err := NetNSes(); err != nil || len(found) != 0 || found == nil {
		t.Fatalf("before there is a machine: %v, %v", found, err)
	}

	starts := func(name string, flags uintptr, args ...string) *exec.Cmd {
		cmd := exec.Command(name, args...)
		// No death signal: it comes when the thread that forked ends, as one that entered a namespace does.
		cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: flags}
		cmd.Stderr = os.Stderr
		must(cmd.Start())
		t.Cleanup(func() { _, _ = cmd.Process.Kill(), cmd.Wait() })
		return cmd
	}
	starts("sleep", 0, "1001")                                                                               // the pod's own: not the learner's
	machine := starts("sh", syscall.CLONE_NEWPID, "-c", "unshare --pid --fork sleep 1004 & exec sleep 1002") // the learner's first
	other := starts("sleep", syscall.CLONE_NEWNET, "1003").Process.Pid                                       // with a network namespace that nobody named

	t.Run("processes", func(t *testing.T) {
		inner := map[string]int{}
		for deadline := time.Now().Add(20 * time.Second); inner["sleep 1002"] == 0 || inner["sleep 1004"] == 0; time.Sleep(time.Millisecond) {
			found, err := Processes()
			if err != nil || time.Now().After(deadline) {
				t.Fatalf("%+v, %v", found, err)
			}
			clear(inner)
			for _, p := range found {
				inner[p.Cmdline] = p.InnerPID
			}
		}
		// The namespace that the learner made has a first process too.
		if len(inner) != 3 || inner["sleep 1002"] != 1 || inner["sleep 1004"] != 1 || inner["unshare --pid --fork sleep 1004"] < 2 {
			t.Errorf("%v", inner)
		}
		if pid, err := Init(); err != nil || pid != machine.Process.Pid {
			t.Errorf("%d, %v", pid, err)
		}
		p, err := readProcess(machine.Process.Pid)
		if err != nil || p.InnerPID != 1 || p.PPID != os.Getpid() || p.Comm != "sleep" || p.Exe == "" || p.UID != 0 || p.Started == 0 || p.MountNS == 0 {
			t.Errorf("%+v, %v", p, err)
		}
		if p.NetNS != inode("/proc/self/ns/net") || p.PIDNS == inode("/proc/self/ns/pid") {
			t.Errorf("namespaces: %+v", p)
		}
	})

	must(os.MkdirAll(netnsDir, 0o755))
	bind := func(source, name string) {
		must(os.WriteFile(netnsDir+"/"+name, nil, 0o600))
		must(unix.Mount(source, netnsDir+"/"+name, "", unix.MS_BIND, ""))
	}
	bind("/proc/self/ns/net", "own")
	bind(fmt.Sprintf("/proc/%d/ns/net", other), "blue")
	bind("/proc/self/ns/ipc", "ipc")
	bind("/proc/self/ns/uts", "uts")
	must(os.WriteFile(netnsDir+"/file", []byte("x"), 0o600))
	must(os.Mkdir(netnsDir+"/dir", 0o700))
	must(os.Symlink("blue", netnsDir+"/link"))
	must(os.Symlink("/proc/1/ns/net", netnsDir+"/magic"))
	must(unix.Mkfifo(netnsDir+"/fifo", 0o600))

	t.Run("named namespaces", func(t *testing.T) {
		found, err := NetNSes()
		inodes := map[string]uint64{}
		for _, ns := range found {
			inodes[ns.Name] = ns.Inode
		}
		if err != nil || len(inodes) != 2 || inodes["own"] != inode("/proc/self/ns/net") || inodes["blue"] != inode(fmt.Sprintf("/proc/%d/ns/net", other)) {
			t.Errorf("%+v, %v", found, err)
		}
		if len(found) == 2 && (len(found[0].IDs) != 0 || len(found[1].IDs) != 0) {
			t.Errorf("strangers know each other: %+v", found)
		}
		cable := func(args ...string) {
			if out, err := exec.Command("ip", args...).CombinedOutput(); err != nil {
				t.Fatalf("ip %v: %v: %s", args, err, out)
			}
		}
		cable("link", "add", "name", "near", "type", "veth", "peer", "name", "far", "netns", fmt.Sprint(other))
		joined, err := NetNSes()
		if err != nil || len(joined) != 2 {
			t.Fatalf("%+v, %v", joined, err)
		}
		if id, ok := joined[1].IDs["blue"]; !ok || id < 0 || len(joined[1].IDs) != 1 {
			t.Errorf("own does not know blue: %+v", joined)
		}
		for _, name := range []string{"own", "blue", fmt.Sprintf("pid:%d", other)} {
			f, err := openNetNS(name)
			if err != nil {
				t.Errorf("%s: %v", name, err)
				continue
			}
			f.Close()
		}
		for _, name := range []string{"ipc", "uts", "file", "dir", "link", "magic", "fifo", "none", "", ".", "..", "../netns/own", "a/b", "pid:", "pid:x",
			"pid:self", "pid:999999", "pid:-1", "pid:1/../2", "a\x00", strings.Repeat("a", 256)} {
			if f, err := openNetNS(name); err == nil {
				f.Close()
				t.Errorf("%q is opened", name)
			}
		}
		for _, name := range []string{"ipc", "file", "none", "pid:999999"} { // a check may ask for what is not there yet
			if _, err := openNetNS(name); !errors.Is(err, ErrNone) {
				t.Errorf("%q: %v", name, err)
			}
		}
	})
	t.Run("files", func(t *testing.T) {
		must(os.WriteFile("/run/hello", []byte("hello"), 0o600))
		var out bytes.Buffer
		if err := Cat(&out, "/run/hello"); err != nil || out.String() != "hello" {
			t.Errorf("%q, %v", out.String(), err)
		}
		if err := Stat(io.Discard, "/run/hello"); err != nil {
			t.Error(err)
		}
		if err := List(io.Discard, "/run"); err != nil {
			t.Error(err)
		}
		for _, err := range []error{Cat(io.Discard, "/run/none"), Stat(io.Discard, "/run/none"), List(io.Discard, "/run/none")} {
			if !errors.Is(err, ErrNone) {
				t.Error(err)
			}
		}
	})
}
