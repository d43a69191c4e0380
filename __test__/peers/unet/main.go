// A program whose Unix socket is gVisor's pkg/unet. Its commands are unet's functions.
package main

import (
	"encoding/binary"
	"errors"

	"golang.org/x/sys/unix"
	"gvisor.dev/gvisor/pkg/unet"

	"fd-conduit/peers/lines"
)

var (
	socket *unet.Socket
	server *unet.ServerSocket

	errNoSocket = errors.New("there is no socket yet: adopt, connect or accept one")
	errNoServer = errors.New("there is no server yet: listen first")
)

func main() {
	lines.Serve(lines.Handlers{
		"adopt":         adopt,
		"connect":       connect,
		"listen":        listen,
		"adoptServer":   adoptServer,
		"accept":        accept,
		"pair":          withSocket(pair),
		"send":          withSocket(send),
		"receive":       withSocket(receive),
		"credentials":   withSocket(credentials),
		"names":         withSocket(names),
		"shutdown":      withSocket(shutdown),
		"release":       withSocket(release),
		"close":         withSocket(closeSocket),
		"releaseServer": releaseServer,
		"closeServer":   closeServer,
	})
}

func withSocket(handle func(lines.Command) (lines.Reply, error)) func(lines.Command) (lines.Reply, error) {
	return func(c lines.Command) (lines.Reply, error) {
		if socket == nil {
			return nil, errNoSocket
		}
		return handle(c)
	}
}

func use(made *unet.Socket, err error) (lines.Reply, error) {
	if err != nil {
		return nil, err
	}
	socket = made
	return lines.Reply{"fd": socket.FD()}, nil
}

func serve(made *unet.ServerSocket, err error) (lines.Reply, error) {
	if err != nil {
		return nil, err
	}
	server = made
	return lines.Reply{"fd": server.FD()}, nil
}

func isPacket(c lines.Command) bool { return c.Type == "seqpacket" }

func adopt(c lines.Command) (lines.Reply, error) { return use(unet.NewSocket(c.Fd)) }

func connect(c lines.Command) (lines.Reply, error) { return use(unet.Connect(c.Path, isPacket(c))) }

func listen(c lines.Command) (lines.Reply, error) {
	return serve(unet.BindAndListen(c.Path, isPacket(c)))
}

func adoptServer(c lines.Command) (lines.Reply, error) { return serve(unet.NewServerSocket(c.Fd)) }

func accept(lines.Command) (lines.Reply, error) {
	if server == nil {
		return nil, errNoServer
	}
	return use(server.Accept())
}

// Sends one end of a new pair to the other side, and goes on with the other end.
func pair(c lines.Command) (lines.Reply, error) {
	ours, theirs, err := unet.SocketPair(isPacket(c))
	if err != nil {
		return nil, err
	}
	// Closing it by unet would shut the connection down for whoever holds it.
	fd, err := theirs.Release()
	if err != nil {
		return nil, err
	}
	defer unix.Close(fd)
	writer := socket.Writer(true)
	writer.PackFDs(fd)
	if _, err := writer.WriteVec([][]byte{{'x'}}); err != nil {
		return nil, err
	}
	if err := socket.Close(); err != nil {
		return nil, err
	}
	return use(ours, nil)
}

func send(c lines.Command) (lines.Reply, error) {
	writer := socket.Writer(!c.TryOnly)
	if len(c.Fds) > 0 {
		writer.PackFDs(c.Fds...)
	}
	sent, err := writer.WriteVec(c.Buffers)
	return lines.Reply{"sent": sent}, err
}

func receive(c lines.Command) (lines.Reply, error) {
	reader := socket.Reader(!c.TryOnly)
	if c.MaxFds != nil {
		reader.EnableFDs(*c.MaxFds)
	}
	buffers := make([][]byte, len(c.Sizes))
	for i, size := range c.Sizes {
		buffers[i] = make([]byte, size)
	}
	count, err := reader.ReadVec(buffers)
	if err != nil {
		return nil, err
	}
	reply := lines.Reply{"payload": joined(buffers, count), "buffers": buffers}
	if c.MaxFds != nil {
		fds, err := reader.ExtractFDs()
		if err != nil {
			return nil, err
		}
		if reply["fds"], err = lines.Hold(fds); err != nil {
			return nil, err
		}
	}
	return reply, nil
}

func joined(buffers [][]byte, count int) []byte {
	all := []byte{}
	for _, buffer := range buffers {
		all = append(all, buffer...)
	}
	return all[:count]
}

// This version of unet has no GetPeerCred: the same by its GetSockOpt.
func credentials(lines.Command) (lines.Reply, error) {
	peer := make([]byte, 12)
	if _, err := socket.GetSockOpt(unix.SOL_SOCKET, unix.SO_PEERCRED, peer); err != nil {
		return nil, err
	}
	field := func(i int) uint32 { return binary.NativeEndian.Uint32(peer[4*i:]) }
	return lines.Reply{"pid": field(0), "uid": field(1), "gid": field(2)}, nil
}

// The names are socket addresses as the kernel gives them: a family, and a path.
func names(lines.Command) (lines.Reply, error) {
	own, err := socket.GetSockName()
	if err != nil {
		return nil, err
	}
	peer, err := socket.GetPeerName()
	return lines.Reply{"socketName": own, "peerName": peer}, err
}

func shutdown(lines.Command) (lines.Reply, error) { return nil, socket.Shutdown() }

func release(lines.Command) (lines.Reply, error) {
	fd, err := socket.Release()
	return lines.Reply{"fd": fd}, err
}

func closeSocket(lines.Command) (lines.Reply, error) { return nil, socket.Close() }

func releaseServer(lines.Command) (lines.Reply, error) {
	if server == nil {
		return nil, errNoServer
	}
	fd, err := server.Release()
	return lines.Reply{"fd": fd}, err
}

func closeServer(lines.Command) (lines.Reply, error) {
	if server == nil {
		return nil, errNoServer
	}
	return nil, server.Close()
}
