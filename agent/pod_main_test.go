package main

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"

	"golang.org/x/sys/unix"
)

// A pod as a container runtime makes it, for pod_test.go: user, mount, PID, network and IPC namespaces of its own, a
// root that was pivoted into, one unmasked /proc, and `agent serve` with the capabilities of lib/sandbox/manifests.ts.

const (
	podEnv  = "DRYDOCK_TEST_POD"  // the directory that becomes the pod's root
	podFrom = "DRYDOCK_TEST_FROM" // descriptor number of the built agent
)

// machineCapabilities are those of lib/sandbox/manifests.ts; SYS_PTRACE is not among them.
var machineCapabilities = map[int]bool{
	unix.CAP_SYS_ADMIN: true, unix.CAP_NET_ADMIN: true, unix.CAP_NET_RAW: true, unix.CAP_AUDIT_WRITE: true, unix.CAP_CHOWN: true,
	unix.CAP_DAC_OVERRIDE: true, unix.CAP_FOWNER: true, unix.CAP_FSETID: true, unix.CAP_KILL: true, unix.CAP_MKNOD: true,
	unix.CAP_NET_BIND_SERVICE: true, unix.CAP_SETFCAP: true, unix.CAP_SETGID: true, unix.CAP_SETPCAP: true, unix.CAP_SETUID: true,
	unix.CAP_SYS_CHROOT: true,
}

// podService is a service of the image that tells where it runs.
const podService = `#!/bin/sh
{ readlink /proc/self/ns/pid /proc/self/ns/mnt; ls -A /.drydock-run | wc -l; echo $$; } >/run/service.new
mv /run/service.new /run/service
exec sleep 1000
`

// podMain is the pod's first process. It says "ready" when serve has been started, and ends with its stdin.
func podMain() error {
	root := os.Getenv(podEnv)
	if err := furnish(root); err != nil {
		return err
	}
	if err := pivot(root); err != nil {
		return err
	}
	for capability := range unix.CAP_LAST_CAP + 1 { // of this thread, whose child serve is
		if !machineCapabilities[capability] {
			_ = unix.Prctl(unix.PR_CAPBSET_DROP, uintptr(capability), 0, 0, 0)
		}
	}
	serve := exec.Command("/.drydock/agent", "serve", "--max-processes", "300", "--service", "/opt/service", "--service", "/opt/none=/run/none.sock")
	serve.Env = []string{"DRYDOCK_SECRET=s3cret"}
	serve.Stdout, serve.Stderr = os.Stderr, os.Stderr
	serve.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := serve.Start(); err != nil {
		return err
	}
	go func() {
		_ = serve.Wait()
		fmt.Fprintln(os.Stderr, "pod: serve has ended")
	}()
	fmt.Println("ready")
	_, err := io.Copy(io.Discard, os.Stdin)
	return err
}

func furnish(root string) (err error) {
	do := func(step error, what string) {
		if step != nil && err == nil {
			err = fmt.Errorf("%s: %w", what, step)
		}
	}
	mount := func(source, target, kind string, flags uintptr, data string) {
		do(os.MkdirAll(root+target, 0o755), target)
		do(unix.Mount(source, root+target, kind, flags, data), target)
	}
	do(unix.Mount("", "/", "", unix.MS_REC|unix.MS_PRIVATE, ""), "make mounts private")
	mount("tmpfs", "", "tmpfs", 0, "mode=755")
	for _, dir := range []string{"/bin", "/sbin", "/usr", "/lib", "/lib64"} {
		if link, failure := os.Readlink(dir); failure == nil {
			do(os.Symlink(link, root+dir), dir)
		} else if _, failure := os.Stat(dir); failure == nil {
			mount(dir, dir, "", unix.MS_BIND, "")
		}
	}
	mount("proc", "/proc", "proc", unix.MS_NOSUID|unix.MS_NODEV|unix.MS_NOEXEC, "")
	mount("tmpfs", "/dev", "tmpfs", unix.MS_NOSUID, "mode=755")
	for _, device := range []string{"/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom", "/dev/tty"} {
		do(os.WriteFile(root+device, nil, 0o666), device)
		do(unix.Mount(device, root+device, "", unix.MS_BIND, ""), device)
	}
	mount("devpts", "/dev/pts", "devpts", unix.MS_NOSUID|unix.MS_NOEXEC, "newinstance,ptmxmode=0666,mode=620")
	do(os.Symlink("pts/ptmx", root+"/dev/ptmx"), "/dev/ptmx")
	do(os.Symlink("/proc/self/fd", root+"/dev/fd"), "/dev/fd")
	mount("tmpfs", "/tmp", "tmpfs", 0, "mode=1777")
	mount("tmpfs", "/.drydock-run", "tmpfs", 0, "mode=700")
	mount("tmpfs", "/.drydock", "tmpfs", 0, "mode=755")
	for _, dir := range []string{"/etc", "/root", "/run"} {
		do(os.MkdirAll(root+dir, 0o755), dir)
	}
	do(os.WriteFile(root+"/etc/passwd", []byte("root:x:0:0:root:/root:/bin/bash\n"), 0o644), "passwd")
	do(os.WriteFile(root+"/etc/hostname", []byte("box\n"), 0o644), "hostname")
	do(os.MkdirAll(root+"/opt", 0o755), "/opt")
	do(os.WriteFile(root+"/opt/service", []byte(podService), 0o755), "service")
	do(copyFile("/proc/self/fd/"+os.Getenv(podFrom), root+"/.drydock/agent"), "agent")
	return err
}

func copyFile(from, to string) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.OpenFile(to, os.O_CREATE|os.O_WRONLY, 0o755)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	if closing := out.Close(); err == nil {
		err = closing
	}
	return err
}

func pivot(root string) error {
	old := filepath.Join(root, ".old")
	if err := os.Mkdir(old, 0o700); err != nil {
		return err
	}
	if err := unix.PivotRoot(root, old); err != nil {
		return fmt.Errorf("pivot_root: %w", err)
	}
	if err := os.Chdir("/"); err != nil {
		return err
	}
	if err := unix.Unmount("/.old", unix.MNT_DETACH); err != nil {
		return fmt.Errorf("leave the host's root: %w", err)
	}
	return os.Remove("/.old")
}
