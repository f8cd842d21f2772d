package inspect

import (
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"runtime"

	"golang.org/x/sys/unix"
)

// nsIDs asks a network namespace for its numbers of others. It has one only for those that it shares a cable with, or
// that somebody had numbered.
func nsIDs(of *os.File, others map[string]*os.File) (map[string]int32, error) {
	type answer struct {
		ids map[string]int32
		err error
	}
	answers := make(chan answer)
	go func() {
		runtime.LockOSThread() // never unlocked: the thread has left our namespace and ends with this goroutine
		ids, err := askNSIDs(of, others)
		answers <- answer{ids, err}
	}()
	a := <-answers
	return a.ids, a.err
}

func askNSIDs(of *os.File, others map[string]*os.File) (map[string]int32, error) {
	if err := unix.Setns(int(of.Fd()), unix.CLONE_NEWNET); err != nil {
		return nil, err
	}
	socket, err := unix.Socket(unix.AF_NETLINK, unix.SOCK_RAW|unix.SOCK_CLOEXEC, unix.NETLINK_ROUTE)
	if err != nil {
		return nil, err
	}
	defer unix.Close(socket)
	ids := map[string]int32{}
	for name, other := range others {
		id, err := askNSID(socket, int32(other.Fd()))
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		if id >= 0 {
			ids[name] = id
		}
	}
	return ids, nil
}

// askNSID sends one RTM_GETNSID: nlmsghdr, rtgenmsg padded to 4 bytes, one attribute NETNSA_FD; and finds NETNSA_NSID in
// the answer, -1 for none.
func askNSID(socket int, fd int32) (int32, error) {
	const headers = unix.SizeofNlMsghdr + 4
	request := make([]byte, 0, headers+8)
	request = binary.NativeEndian.AppendUint32(request, headers+8)
	request = binary.NativeEndian.AppendUint16(request, unix.RTM_GETNSID)
	request = binary.NativeEndian.AppendUint16(request, unix.NLM_F_REQUEST)
	request = binary.NativeEndian.AppendUint32(request, 1)
	request = binary.NativeEndian.AppendUint32(request, 0)
	request = append(request, unix.AF_UNSPEC, 0, 0, 0)
	request = binary.NativeEndian.AppendUint16(request, 8)
	request = binary.NativeEndian.AppendUint16(request, unix.NETNSA_FD)
	request = binary.NativeEndian.AppendUint32(request, uint32(fd))
	if err := unix.Sendto(socket, request, 0, &unix.SockaddrNetlink{Family: unix.AF_NETLINK}); err != nil {
		return 0, err
	}
	answer := make([]byte, 4096)
	n, _, err := unix.Recvfrom(socket, answer, 0)
	if err != nil {
		return 0, err
	}
	answer = answer[:n]
	if n < headers {
		return 0, errors.New("a short answer")
	}
	if kind := binary.NativeEndian.Uint16(answer[4:]); kind != unix.RTM_NEWNSID {
		return 0, fmt.Errorf("an answer of type %d: %w", kind, unix.Errno(-int32(binary.NativeEndian.Uint32(answer[unix.SizeofNlMsghdr:]))))
	}
	for at := headers; at+8 <= n; {
		size := int(binary.NativeEndian.Uint16(answer[at:]))
		if binary.NativeEndian.Uint16(answer[at+2:]) == unix.NETNSA_NSID {
			return int32(binary.NativeEndian.Uint32(answer[at+4:])), nil
		}
		if size < 4 {
			break
		}
		at += (size + 3) &^ 3
	}
	return -1, nil
}
