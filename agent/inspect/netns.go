package inspect

import (
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"sort"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

const (
	netnsDir   = "/run/netns" // where `ip netns` binds names (ip-netns(8))
	maxNetNSes = 64           // more are not listed
)

// nameCharacters are those of a named namespace. Not a regexp, which every helper would compile first: a millisecond a call.
const nameCharacters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-"

// NetNS is a named network namespace of the machine. Inode is the number that procs shows as netns. IDs are the numbers
// under which this namespace knows others by name: what `ip link` shows as link-netnsid of an interface whose peer is
// there (RTM_GETNSID of rtnetlink). The kernel gives a number when it first shows such an interface, so list links before;
// a namespace that this one has nothing to do with has none.
type NetNS struct {
	Name  string           `json:"name"`
	Inode uint64           `json:"inode"`
	IDs   map[string]int32 `json:"ids"`
}

// NetNSes lists the machine's named network namespaces. A name with anything else behind it is left out.
func NetNSes() ([]NetNS, error) {
	found := []NetNS{}
	dir, err := Open(netnsDir, unix.O_RDONLY|unix.O_DIRECTORY)
	if err != nil {
		return found, nil // none was ever made
	}
	defer dir.Close()
	names, err := dir.Readdirnames(maxNetNSes)
	if err != nil && len(names) == 0 {
		return found, nil
	}
	open := map[string]*os.File{}
	for _, name := range names {
		f, err := openNetNS(name)
		if err != nil {
			continue
		}
		defer f.Close()
		open[name] = f
	}
	for name, f := range open {
		ids, err := nsIDs(f, open)
		if err != nil {
			return nil, fmt.Errorf("what %s knows of the others: %w", name, err)
		}
		found = append(found, NetNS{Name: name, Inode: inodeOf(f), IDs: ids})
	}
	sort.Slice(found, func(i, j int) bool { return found[i].Name < found[j].Name })
	return found, nil
}

// openNetNS opens a named namespace, or that of process N of the pod for `pid:N`, and makes sure that it is one.
func openNetNS(name string) (*os.File, error) {
	var f *os.File
	var err error
	if number, ok := strings.CutPrefix(name, "pid:"); ok {
		pid, errNumber := strconv.Atoi(number)
		if errNumber != nil {
			return nil, fmt.Errorf("%q is no process number", number)
		}
		f, err = os.Open(fmt.Sprintf("/proc/%d/ns/net", pid))
		if os.IsNotExist(err) {
			err = ErrNone
		}
	} else {
		if name == "" || len(name) > 255 || strings.Trim(name, nameCharacters) != "" || name == "." || name == ".." {
			return nil, fmt.Errorf("%q is no namespace's name", name)
		}
		f, err = Open(netnsDir+"/"+name, unix.O_RDONLY|unix.O_NOFOLLOW)
	}
	if err != nil {
		return nil, err
	}
	kind, err := unix.IoctlRetInt(int(f.Fd()), unix.NS_GET_NSTYPE)
	if err != nil || kind != unix.CLONE_NEWNET {
		f.Close()
		return nil, fmt.Errorf("%s is not a network namespace: %w", name, ErrNone)
	}
	return f, nil
}

func inodeOf(f *os.File) uint64 {
	var stat unix.Stat_t
	_ = unix.Fstat(int(f.Fd()), &stat)
	return stat.Ino
}

// InNet replaces this process by one of our own tools inside the named namespace; without a name, in the machine's
// own, which the examiner shares. It returns only when that fails.
func InNet(name string, command []string) error {
	path, err := exec.LookPath(command[0])
	if err != nil {
		return err
	}
	runtime.LockOSThread() // the thread that enters the namespace is the one that execs
	if name != "" {
		f, err := openNetNS(name)
		if err != nil {
			return err
		}
		if err := unix.Setns(int(f.Fd()), unix.CLONE_NEWNET); err != nil {
			return fmt.Errorf("enter %s: %w", name, err)
		}
		f.Close()
	}
	return unix.Exec(path, command, os.Environ())
}
