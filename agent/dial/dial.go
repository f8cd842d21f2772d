// Package dial carries one TCP connection over a pair of pipes: the way from a browser to a port of the machine.
package dial

import (
	"errors"
	"fmt"
	"io"
	"net"
	"strconv"
	"time"

	"drydock/agent/inspect"
)

const (
	connectTimeout = 5 * time.Second
	// What is left of a connection whose caller has gone.
	Linger = 30 * time.Second
)

// Run connects to an address and copies both ways until the other side has said all. The end of `in` is passed on as the
// end of what we say; the answer may still come, for as long as `linger`, and then `giveUp` is called: a caller that is
// gone takes nothing from `out`, so that a write there may never return.
// It gives inspect.ErrNone where nobody accepts.
func Run(in io.Reader, out io.Writer, address string, linger time.Duration, giveUp func()) error {
	conn, err := connect(address)
	if err != nil {
		return fmt.Errorf("%w: %w", inspect.ErrNone, err)
	}
	defer conn.Close()
	go func() {
		_, _ = io.Copy(conn, in)
		_ = conn.CloseWrite()
		time.AfterFunc(linger, giveUp)
	}()
	_, err = io.Copy(out, conn)
	return err
}

func connect(address string) (*net.TCPConn, error) {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return nil, err
	}
	if number, err := strconv.Atoi(port); err != nil || number < 1 || number > 65535 {
		return nil, fmt.Errorf("%q is no port", port)
	}
	hosts := []string{host}
	if host == "" {
		hosts = ownHosts()
	}
	var refusals []error
	for _, each := range hosts {
		conn, err := net.DialTimeout("tcp", net.JoinHostPort(each, port), connectTimeout)
		if err == nil {
			return conn.(*net.TCPConn), nil
		}
		refusals = append(refusals, err)
	}
	return nil, errors.Join(refusals...)
}

// ownHosts are this machine's addresses, loopback first: a server may listen on any one of them alone.
func ownHosts() []string {
	hosts := []string{"127.0.0.1", "::1"}
	addresses, err := net.InterfaceAddrs()
	if err != nil {
		return hosts
	}
	for _, each := range addresses {
		if network, ok := each.(*net.IPNet); ok && network.IP.IsGlobalUnicast() {
			hosts = append(hosts, network.IP.String())
		}
	}
	return hosts
}
