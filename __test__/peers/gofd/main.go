// A program that passes descriptors as Go programs do that use package fd: over a net.UnixConn, all
// of them in one message, with no bytes of their own (Go's syscall package then adds one filler byte).
package main

import (
	"errors"
	"fmt"
	"net"
	"os"
	"strconv"

	"golang.org/x/sys/unix"

	"fd-conduit/peers/lines"
)

var via *net.UnixConn

func main() {
	lines.Serve(lines.Handlers{
		"adopt":   adopt,
		"connect": connect,
		"pair":    pair,
		"put":     put,
		"get":     get,
		"close":   func(lines.Command) (lines.Reply, error) { return nil, via.Close() },
	})
}

func network(c lines.Command) string {
	if c.Type == "seqpacket" {
		return "unixpacket"
	}
	return "unix"
}

func adopt(c lines.Command) (lines.Reply, error) {
	file := os.NewFile(uintptr(c.Fd), strconv.Itoa(c.Fd))
	defer file.Close()
	conn, err := net.FileConn(file)
	if err != nil {
		return nil, err
	}
	return nil, use(conn)
}

func connect(c lines.Command) (lines.Reply, error) {
	conn, err := net.Dial(network(c), c.Path)
	if err != nil {
		return nil, err
	}
	return nil, use(conn)
}

// Sends one end of a new pair to the other side, and goes on with the other end.
func pair(c lines.Command) (lines.Reply, error) {
	kind := unix.SOCK_STREAM
	if c.Type == "seqpacket" {
		kind = unix.SOCK_SEQPACKET
	}
	ends, err := unix.Socketpair(unix.AF_UNIX, kind, 0)
	if err != nil {
		return nil, err
	}
	defer unix.Close(ends[1])
	if _, err := put(lines.Command{Fds: ends[1:]}); err != nil {
		return nil, err
	}
	via.Close()
	return adopt(lines.Command{Fd: ends[0]})
}

func use(conn net.Conn) error {
	unixConn, ok := conn.(*net.UnixConn)
	if !ok {
		return errors.New("this is no Unix socket")
	}
	via = unixConn
	return nil
}

// Sends the descriptors and keeps them open.
func put(c lines.Command) (lines.Reply, error) {
	bytes, control, err := via.WriteMsgUnix(nil, unix.UnixRights(c.Fds...), nil)
	return lines.Reply{"sent": bytes, "control": control}, err
}

// Receives as many descriptors as were asked for, in one message.
func get(c lines.Command) (lines.Reply, error) {
	control := make([]byte, unix.CmsgSpace(c.Count*4))
	_, filled, flags, _, err := via.ReadMsgUnix(nil, control)
	if err != nil {
		return nil, err
	}
	if filled == 0 {
		return nil, errors.New("no control message came")
	}
	messages, err := unix.ParseSocketControlMessage(control[:filled])
	if err != nil {
		return nil, err
	}
	var fds []int
	for _, message := range messages {
		rights, err := unix.ParseUnixRights(&message)
		if err != nil {
			return nil, err
		}
		fds = append(fds, rights...)
	}
	held, err := lines.Hold(fds)
	if err == nil && flags&unix.MSG_CTRUNC != 0 {
		err = fmt.Errorf("the control message was cut after %d descriptors", len(fds))
	}
	return lines.Reply{"fds": held}, err
}
