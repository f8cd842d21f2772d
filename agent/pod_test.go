package main

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"drydock/agent/frame"
)

const patience = 30 * time.Second

func eventually(t *testing.T, what string, holds func() bool) {
	t.Helper()
	for deadline := time.Now().Add(patience); !holds(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("in vain: %s", what)
		}
	}
}

// pod is one of pod_main_test.go.
type pod struct {
	t     *testing.T
	serve int // its number here
	log   *bytes.Buffer
}

func startPod(t *testing.T) *pod {
	t.Helper()
	if os.Getuid() != 0 {
		t.Skip("needs root, to make a pod's namespaces with a range of users")
	}
	if _, err := exec.LookPath("nsenter"); err != nil {
		t.Skip("needs nsenter (util-linux), to exec as a container runtime does")
	}
	root := t.TempDir()
	if err := os.Chmod(filepath.Dir(root), 0o755); err != nil { // the pod's root is nobody here
		t.Fatal(err)
	}
	binary, err := os.Open(built)
	if err != nil {
		t.Fatal(err)
	}
	defer binary.Close()
	cmd := exec.Command("/proc/self/exe")
	cmd.Env = []string{podEnv + "=" + root, podFrom + "=3"}
	cmd.ExtraFiles = []*os.File{binary}
	p := &pod{t: t, log: &bytes.Buffer{}}
	cmd.Stderr = p.log
	users := []syscall.SysProcIDMap{{ContainerID: 0, HostID: 1_000_000, Size: 65536}}
	cmd.SysProcAttr = &syscall.SysProcAttr{
		Cloneflags:  syscall.CLONE_NEWUSER | syscall.CLONE_NEWNS | syscall.CLONE_NEWPID | syscall.CLONE_NEWNET | syscall.CLONE_NEWIPC | syscall.CLONE_NEWUTS,
		UidMappings: users, GidMappings: users, GidMappingsEnableSetgroups: true,
		Credential: &syscall.Credential{Uid: 0, Gid: 0},
	}
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatalf("a pod's namespaces: %v", err)
	}
	t.Cleanup(func() {
		stdin.Close()
		_, _ = cmd.Process.Kill(), cmd.Wait()
		if t.Failed() {
			t.Logf("the pod said: %s", p.log)
		}
	})
	said := make([]byte, len("ready\n"))
	if _, err := io.ReadFull(stdout, said); err != nil {
		_ = cmd.Wait()
		t.Fatalf("no pod: %s", p.log)
	}
	children, err := os.ReadFile(fmt.Sprintf("/proc/%d/task/%d/children", cmd.Process.Pid, cmd.Process.Pid))
	if err != nil {
		t.Fatal(err)
	}
	if p.serve, err = strconv.Atoi(strings.TrimSpace(string(children))); err != nil {
		t.Fatalf("children of the pod: %q", children)
	}
	eventually(t, "serve listens", func() bool { // root of another user namespace reads its root through /proc
		_, err := os.Stat(fmt.Sprintf("/proc/%d/root/.drydock-run/holder.sock", p.serve))
		return err == nil
	})
	return p
}

// execs runs a command in the container as a runtime does: in the namespaces of its first process.
func (p *pod) execs(args ...string) *exec.Cmd {
	return exec.Command("nsenter", append([]string{"-t", fmt.Sprint(p.serve), "-U", "-m", "-p", "-n", "-i", "-u", "--"}, args...)...)
}

func (p *pod) helper(args ...string) string {
	p.t.Helper()
	out, err := p.execs(append([]string{"/.drydock/agent"}, args...)...).Output()
	if err != nil {
		p.t.Errorf("%q: %v", args, err)
	}
	return string(out)
}

// terminal is an attach to one.
type terminal struct {
	t      *testing.T
	in     io.WriteCloser
	msgs   chan frame.Message
	seq    uint64
	serial int
	pid    uint32
	runs   bool
	exited *int32
}

var clients = 0

func (p *pod) attach(name string) *terminal {
	p.t.Helper()
	clients++
	cmd := p.execs("/.drydock/agent", "attach", "--terminal", name, "--client", fmt.Sprint("c", clients), "--cols", "150", "--rows", "40")
	in, err := cmd.StdinPipe()
	if err != nil {
		p.t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		p.t.Fatal(err)
	}
	cmd.Stderr = os.Stderr
	if err := cmd.Start(); err != nil {
		p.t.Fatal(err)
	}
	c := &terminal{t: p.t, in: in, msgs: make(chan frame.Message, 100)}
	go func() {
		defer close(c.msgs)
		frames := frame.NewReader(out)
		for {
			m, err := frames.Next()
			if err != nil {
				_ = cmd.Wait()
				return
			}
			c.msgs <- frame.Message{Type: m.Type, Payload: bytes.Clone(m.Payload)}
		}
	}()
	p.t.Cleanup(c.leaves)
	for c.pid == 0 && c.exited == nil {
		c.next()
	}
	return c
}

func (c *terminal) leaves() { _ = c.in.Close() }

// next takes one message and returns its output, if it is that.
func (c *terminal) next() string {
	c.t.Helper()
	select {
	case m, ok := <-c.msgs:
		if !ok {
			c.t.Fatal("the attach has ended")
		}
		switch m.Type {
		case frame.Attached:
			c.runs, c.pid = m.Payload[24]&2 != 0, binary.BigEndian.Uint32(m.Payload[25:])
			if c.runs {
				c.exited = nil
			}
		case frame.Exit:
			code := int32(binary.BigEndian.Uint32(m.Payload))
			c.exited, c.runs = &code, false
		case frame.Error:
			c.t.Fatalf("ERROR %s", m.Payload)
		case frame.Output:
			ack := m.Payload[:8]
			binary.BigEndian.PutUint64(ack, binary.BigEndian.Uint64(ack)+uint64(len(m.Payload)-8))
			_, _ = c.in.Write(frame.Append(nil, frame.Ack, ack))
			return string(m.Payload[8:])
		}
	case <-time.After(patience):
		c.t.Fatal("nothing more comes")
	}
	return ""
}

func (c *terminal) types(text string) {
	c.t.Helper()
	if _, err := c.in.Write(frame.AppendOffset(nil, frame.Input, c.seq, []byte(text))); err != nil {
		c.t.Fatal(err)
	}
	c.seq += uint64(len(text))
}

// says types a command and returns what it printed. The marks around it differ from what is typed.
func (c *terminal) says(command string) string {
	c.t.Helper()
	c.serial++
	begin, end := fmt.Sprintf("<%d>", 1000+c.serial), fmt.Sprintf("<%d>", 2000+c.serial)
	c.types(fmt.Sprintf(" printf '<%%d>' $((1000+%d)); { %s\n}; printf '<%%d>' $((2000+%d))\n", c.serial, command, c.serial))
	all := ""
	for !strings.Contains(all, end) {
		all += c.next()
		if c.exited != nil {
			c.t.Fatalf("the shell exited with %d during %q after %q", *c.exited, command, all)
		}
	}
	_, after, _ := strings.Cut(all, begin)
	printed, _, _ := strings.Cut(after, end)
	return strings.TrimSpace(strings.ReplaceAll(printed, "\r", ""))
}

// plain makes a shell print nothing but what it is asked for.
func (c *terminal) plain() *terminal {
	c.t.Helper()
	c.says("stty -echo; PS1=; PS2=; bind 'set enable-bracketed-paste off'; set +m")
	return c
}

func (c *terminal) restart() {
	c.t.Helper()
	for c.exited == nil {
		c.next()
	}
	if _, err := c.in.Write(frame.Append(nil, frame.Restart)); err != nil {
		c.t.Fatal(err)
	}
	for !c.runs {
		c.next()
	}
}

// listing is a ps(1) of what /proc shows.
const listing = `for p in /proc/[0-9]*; do printf '%s: ' "${p#/proc/}"; tr '\0' ' ' <"$p/cmdline"; echo; done 2>/dev/null`

func TestTheLearnersWorld(t *testing.T) {
	p := startPod(t)
	main := p.attach("main").plain()
	second := p.attach("second").plain()

	t.Run("has process numbers of its own", func(t *testing.T) {
		number, err := strconv.Atoi(main.says("echo $$"))
		if err != nil || number < 2 || number > 20 || number != int(main.pid) {
			t.Errorf("$$ is %d, ATTACHED said %d, %v", number, main.pid, err)
		}
		if comm := main.says("cat /proc/1/comm; readlink /proc/self/ns/pid /proc/self/ns/mnt | wc -l"); comm != "exe\n2" {
			t.Errorf("PID 1: %q", comm)
		}
		if both := main.says("kill -0 " + fmt.Sprint(second.pid) + " && echo seen"); both != "seen" {
			t.Errorf("terminals of one machine do not see each other: %q", both)
		}
	})
	t.Run("shows nothing of ours", func(t *testing.T) {
		ps := main.says(listing)
		if !strings.Contains(ps, "-bash") || strings.Contains(ps, "serve") || strings.Contains(ps, "attach") || strings.Contains(ps, "test") {
			t.Errorf("processes:\n%s", ps)
		}
		if found := main.says("ls -A /.drydock /.drydock-run | grep -v '^/' | grep . ; grep -c drydock /proc/self/mountinfo; ls -A /.drydock-run | wc -l"); found != "0\n0" {
			t.Errorf("directories: %q", found)
		}
		if found := main.says("env | grep -ci drydock; grep -c ' - proc ' /proc/self/mountinfo; ls /proc/self/fd | tr '\\n' ' '"); found != "0\n1\n0 1 2 3" {
			t.Errorf("environment, procs, descriptors: %q", found)
		}
		if found := main.says("cat /proc/1/environ /proc/1/maps /proc/1/mem 2>&1 | grep -vc denied; readlink /proc/1/{root,cwd,exe,ns/mnt,fd/*}; (exec 9</proc/1/fd/2) 2>/dev/null && echo opened"); found != "0" {
			t.Errorf("what PID 1 is made of: %q", found)
		}
		if found := main.says("ulimit -u; stty size; echo $TERM $HOME $LANG; id -u; pwd"); found != "300\n40 150\nxterm-256color /root C.UTF-8\n0\n/root" {
			t.Errorf("the login: %q", found)
		}
	})
	t.Run("runs the image's services, and has them back", func(t *testing.T) {
		eventually(t, "the service tells where it runs", func() bool { return main.says("ls /run/service 2>/dev/null") != "" })
		if theirs, own := main.says("head -3 /run/service"), main.says("readlink /proc/self/ns/pid /proc/self/ns/mnt; echo 0"); theirs != own {
			t.Errorf("the service is in %q, the shell in %q", theirs, own)
		}
		pid := main.says("tail -1 /run/service")
		eventually(t, "the limit is set", func() bool { return main.says("grep -c 'processes *300 ' /proc/"+pid+"/limits") == "1" })
		main.says("kill -9 " + pid)
		eventually(t, "it runs again", func() bool { return main.says("tail -1 /run/service") != pid })
		if none := main.says("ls /run/none.sock 2>/dev/null"); none != "" {
			t.Errorf("a socket of a program that is not there: %s", none)
		}
	})
	t.Run("the agent stays where it was", func(t *testing.T) {
		own := func() string { return p.mountNS(fmt.Sprintf("/proc/%d", p.serve)) }
		before := own()
		for i := range 6 {
			p.attach(fmt.Sprint("more", i)).leaves()
			if after := own(); after != before || after == "" {
				t.Fatalf("the main thread was in %s and is in %s", before, after)
			}
		}
		if inside := main.says("readlink /proc/self/ns/mnt"); inside == before {
			t.Error("the learner is in the agent's mount namespace")
		}
		eventually(t, "every thread is in the agent's mount namespace", func() bool {
			threads, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*", p.serve))
			for _, thread := range threads {
				if ns := p.mountNS(thread); ns != before && ns != "" {
					return false
				}
			}
			return len(threads) > 1
		})
	})
	t.Run("the examiner's helpers see into it", func(t *testing.T) {
		main.says("echo 'made by hand' > /root/made; ln -s /.drydock/agent /root/out; mkfifo /root/fifo; (exec -a my-daemon sleep 1000) & ")
		eventually(t, "the daemon runs", func() bool { return strings.Contains(p.helper("procs"), "my-daemon 1000") })
		for _, line := range strings.Split(strings.TrimSpace(p.helper("procs")), "\n") {
			var process struct {
				Cmdline  string
				InnerPID int
			}
			if err := json.Unmarshal([]byte(line), &process); err != nil || process.InnerPID == 0 || strings.Contains(process.Cmdline, "serve") || strings.Contains(process.Cmdline, "attach") {
				t.Errorf("%s: %v", line, err)
			}
		}
		if out := p.helper("in-root", "/root/made"); out != "made by hand\n" {
			t.Errorf("%q", out)
		}
		if out := p.helper("in-root", "--stat", "/root/made"); !strings.Contains(out, `"type":"file"`) || !strings.Contains(out, `"size":13`) {
			t.Errorf("%q", out)
		}
		if out := p.helper("in-root", "--list", "/root"); out != "fifo\nmade\nout\n" {
			t.Errorf("%q", out)
		}
		for _, path := range []string{"/root/out", "/.drydock/agent", "/none", "/proc/1/root/etc/passwd"} {
			if err := p.execs("/.drydock/agent", "in-root", path).Run(); err == nil || err.Error() != "exit status 3" {
				t.Errorf("%s: %v", path, err)
			}
		}
		if err := p.execs("/.drydock/agent", "in-root", "/root/fifo").Run(); err == nil || err.Error() != "exit status 1" {
			t.Error(err)
		}
		if out := p.helper("netns"); out != "[]\n" {
			t.Errorf("%q", out)
		}
	})
}

func (p *pod) mountNS(dir string) string {
	ns, _ := os.Readlink(dir + "/ns/mnt")
	return ns
}

func TestNoUnmountUncoversThePod(t *testing.T) {
	p := startPod(t)
	c := p.attach("main").plain()
	// Everything that can be unmounted, again and again, with a look at what is there after each.
	found := c.says(`for i in 1 2 3 4 5 6 7 8; do umount -l /proc 2>/dev/null; ls -d /proc/[0-9]* 2>/dev/null; done; echo end`)
	if found != "end" {
		t.Errorf("processes after umount /proc: %q", found)
	}
	c.says(`for m in /.drydock /.drydock-run /dev/pts /dev /tmp /; do umount -l "$m" 2>/dev/null; done; true`)
	if found := c.says(`ls -d /proc/[0-9]* /.drydock/* /.drydock-run/* 2>/dev/null; echo end`); found != "end" {
		t.Errorf("after everything was unmounted: %q", found)
	}
	// They have broken their machine; its terminals work all the same.
	other := p.attach("other").plain()
	if said := other.says("echo he${x}llo"); said != "hello" {
		t.Errorf("%q", said)
	}
}

func TestSignalsToTheLearnersInit(t *testing.T) {
	p := startPod(t)
	c := p.attach("main").plain()
	shell := c.pid
	c.says("for s in {1..64}; do kill -$s 1 2>/dev/null; done; for i in {1..300}; do kill -SEGV 1; kill -TERM 1; done; true")
	if said := c.says("echo $$; cat /proc/1/comm"); said != fmt.Sprintf("%d\nexe", shell) {
		t.Errorf("after every signal: %q", said)
	}
	if said := p.attach("other").plain().says("echo he${x}llo"); said != "hello" {
		t.Errorf("a new terminal: %q", said)
	}
	if again := p.attach("main"); again.pid != shell {
		t.Errorf("attached again: shell %d was %d", again.pid, shell)
	}
	// Orphans are reaped.
	if said := c.says("for i in {1..50}; do (sleep 0 & ) ; done; while grep -l '^State:.Z' /proc/[0-9]*/status 2>/dev/null; do :; done >/dev/null; echo reaped"); said != "reaped" {
		t.Errorf("%q", said)
	}
}

func TestKillEverything(t *testing.T) {
	p := startPod(t)
	for round := range 3 {
		c := p.attach("main")
		if !c.runs {
			c.restart()
		}
		c.plain()
		other := p.attach(fmt.Sprint("other", round)).plain()
		first := c.pid
		c.types(" sh -c 'kill -9 -1'; kill -9 $$\n") // whatever is left of it
		for _, killed := range []*terminal{c, other} {
			for killed.exited == nil {
				killed.next()
			}
			if *killed.exited != 137 {
				t.Errorf("EXIT %d", *killed.exited)
			}
		}
		late := p.attach("main")
		if late.runs || late.exited == nil {
			t.Error("a new attach does not tell of the exit")
		}
		c.restart()
		if c.pid == first {
			t.Errorf("the same shell %d again", c.pid)
		}
		if said := c.plain().says("echo he${x}llo"); said != "hello" {
			t.Errorf("%q", said)
		}
		for !late.runs { // told of the new shell
			late.next()
		}
	}
}

// Their own devpts, shell or home: broken by root, and what still works.
func TestALearnerBreaksTheirMachine(t *testing.T) {
	p := startPod(t)
	c := p.attach("main").plain()
	c.says("rm -rf /root; rm -f /dev/ptmx; mount -t tmpfs none /dev/pts; echo 'me:x:7:7::/:/bin/false' > /etc/passwd; :> /etc/hostname")
	if said := p.attach("other").plain().says("pwd; id -u"); said != "/\n0" {
		t.Errorf("a terminal after that: %q", said)
	}
	// A fork bomb ends at the limit, and its terminal with it can still be used.
	c.says("sh -c 'while :; do sleep 1000 & done' >/dev/null 2>&1; true")
	if said := c.says("echo he${x}llo"); said != "hello" {
		t.Errorf("%q", said)
	}
}

// When init is killed from the pod (out of memory, say) the next terminal gets a new world.
func TestTheWorldIsMadeAgain(t *testing.T) {
	p := startPod(t)
	c := p.attach("main").plain()
	match := regexp.MustCompile(`"pid":(\d+),"innerPid":1,`).FindStringSubmatch(p.helper("procs"))
	if match == nil {
		t.Fatalf("no init in %s", p.helper("procs"))
	}
	if err := p.execs("/bin/kill", "-9", match[1]).Run(); err != nil {
		t.Fatal(err)
	}
	for c.exited == nil {
		c.next()
	}
	c.restart()
	if said := c.plain().says("echo $$; grep -c ' - proc ' /proc/self/mountinfo; ls -A /.drydock-run | wc -l"); !strings.HasSuffix(said, "\n1\n0") {
		t.Errorf("%q", said)
	}
}

func TestAScriptPreparesTheLearnersWorld(t *testing.T) {
	p := startPod(t)
	cmd := p.execs("/.drydock/agent", "run")
	in, err := cmd.StdinPipe() // stays open: its end would be the script's
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	go func() {
		_, _ = io.WriteString(in, `{"id":"a","script":"readlink /proc/self/ns/pid; id -u; ls -A /.drydock-run | wc -l; echo here >/etc/made; sleep 1000 >/dev/null 2>&1 &","timeoutMs":20000}`+"\n")
	}()
	out, err := cmd.Output()
	var ended struct {
		Status int
		Output string
	}
	if err != nil || json.Unmarshal(out, &ended) != nil || ended.Status != 0 {
		t.Fatalf("%v: %s", err, out)
	}
	shell := p.attach("main").plain()
	if seen := shell.says("readlink /proc/self/ns/pid; id -u; ls -A /.drydock-run | wc -l"); seen != strings.TrimSpace(ended.Output) {
		t.Errorf("the shell sees %q, the script %q", seen, ended.Output)
	}
	if seen := shell.says("cat /etc/made; " + listing); !strings.HasPrefix(seen, "here") || !strings.Contains(seen, "sleep 1000") {
		t.Errorf("what it left: %q", seen)
	}
}
