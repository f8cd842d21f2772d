package inspect

import (
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"strings"

	"golang.org/x/sys/unix"
)

// engineSockets are where engines listen in a machine.
var engineSockets = map[string]string{
	"docker": "/run/docker.sock", "podman": "/run/podman/podman.sock", "containerd": "/run/containerd/containerd.sock",
}

// ctrReads are the commands of ctr that change nothing.
var ctrReads = map[string]bool{
	"containers list": true, "containers info": true, "tasks list": true, "tasks ps": true, "images list": true,
	"snapshots list": true, "snapshots info": true, "namespaces list": true, "version": true,
}

var containerdNamespace = regexp.MustCompile(`^[A-Za-z0-9]+(?:[._-][A-Za-z0-9]+)*$`)

// Engine replaces this process by a client of ours that asks an engine of the machine: curl for one GET where the API is
// HTTP, ctr for containerd. What it prints is the learner's word: whoever owns the socket may answer anything. Asking
// starts an engine that waits for its first caller.
func Engine(engine string, args []string) error {
	path, known := engineSockets[engine]
	if !known {
		return fmt.Errorf("no engine %q", engine)
	}
	client, clientArgs := "curl", curlArgs
	if engine == "containerd" {
		client, clientArgs = "ctr", ctrArgs
	}
	// Before anything of the machine is looked at: what may not be asked is refused in any case.
	if _, err := clientArgs("", args); err != nil {
		return err
	}
	program, err := exec.LookPath(client)
	if err != nil {
		return err
	}
	return belowRoot(func(root int) error {
		f, err := openSocket(root, path)
		if err != nil {
			return err
		}
		// Named by its descriptor, which the client inherits: no path of the learner's is followed again.
		fd := int(f.Fd())
		if _, err := unix.FcntlInt(uintptr(fd), unix.F_SETFD, 0); err != nil {
			return err
		}
		command, err := clientArgs(fmt.Sprintf("/proc/self/fd/%d", fd), args)
		if err != nil {
			return err
		}
		return unix.Exec(program, append([]string{client}, command...), os.Environ())
	})
}

// curlArgs asks for a path by one GET.
func curlArgs(socket string, args []string) ([]string, error) {
	if len(args) != 1 || !strings.HasPrefix(args[0], "/") {
		return nil, fmt.Errorf("%q is no path", args)
	}
	return []string{
		"--disable", "--silent", "--show-error", "--fail", "--globoff", "--max-time", "5", "--max-filesize", "1048576",
		"--unix-socket", socket, "--", "http://engine" + args[0],
	}, nil
}

// ctrArgs takes `[-n NAMESPACE] COMMAND…`, where the command only reads and its words are no options but --quiet.
func ctrArgs(socket string, args []string) ([]string, error) {
	namespace := "default"
	if len(args) >= 2 && args[0] == "-n" {
		namespace, args = args[1], args[2:]
	}
	if !containerdNamespace.MatchString(namespace) {
		return nil, fmt.Errorf("%q is no namespace of containerd", namespace)
	}
	words := min(len(args), 2)
	if words == 0 || !ctrReads[strings.Join(args[:words], " ")] {
		return nil, fmt.Errorf("%q is no command of ctr that only reads", args)
	}
	for _, arg := range args[words:] {
		if strings.HasPrefix(arg, "-") && arg != "--quiet" && arg != "-q" {
			return nil, fmt.Errorf("%q cannot be said here", arg)
		}
	}
	options := []string{"--address", socket, "--connect-timeout", "2s", "--timeout", "5s", "--namespace", namespace}
	return append(options, args...), nil
}

func openSocket(root int, path string) (*os.File, error) {
	f, err := openBelow(root, path, unix.O_PATH)
	if err != nil {
		return nil, err
	}
	var stat unix.Stat_t
	if err := unix.Fstat(int(f.Fd()), &stat); err != nil || stat.Mode&unix.S_IFMT != unix.S_IFSOCK {
		f.Close()
		return nil, fmt.Errorf("%s is no socket: %w", path, ErrNone)
	}
	return f, nil
}
