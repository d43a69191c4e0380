// Package lines lets a test speak with a Go program: one command a line comes in as JSON, and one
// reply a line goes out.
package lines

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"

	"golang.org/x/sys/unix"
)

// Command is what a test asks for. Each handler reads the fields that it knows; bytes are base64.
type Command struct {
	Do      string   `json:"do"`
	Path    string   `json:"path"`
	Type    string   `json:"type"`
	Fd      int      `json:"fd"`
	Fds     []int    `json:"fds"`
	Buffers [][]byte `json:"buffers"`
	Sizes   []int    `json:"sizes"`
	// MaxFds is how many descriptors a receive has room for; nil, and it has none at all.
	MaxFds *int `json:"maxFds"`
	Count  int  `json:"count"`
	// TryOnly asks for the call that does not wait.
	TryOnly bool `json:"tryOnly"`
}

// Reply is what a test is told. A failed command replies {"error": "EBADF"} or the like.
type Reply map[string]any

// Handlers are the commands of a program, by name.
type Handlers map[string]func(Command) (Reply, error)

// Held is an open descriptor: its number here, and the inode that it is everywhere.
type Held struct {
	Fd    int    `json:"fd"`
	Inode uint64 `json:"inode"`
}

// Serve replies to commands until the input ends.
func Serve(handlers Handlers) {
	input := bufio.NewReader(os.Stdin)
	output := json.NewEncoder(os.Stdout)
	for {
		line, err := input.ReadBytes('\n')
		if err != nil {
			return
		}
		var command Command
		reply, err := Reply(nil), json.Unmarshal(line, &command)
		if err == nil {
			reply, err = run(handlers, command)
		}
		if err != nil {
			reply = Reply{"error": name(err), "message": err.Error()}
		}
		if reply == nil {
			reply = Reply{}
		}
		if err := output.Encode(reply); err != nil {
			return
		}
	}
}

// Hold describes open descriptors.
func Hold(fds []int) ([]Held, error) {
	held := []Held{}
	for _, fd := range fds {
		var stat unix.Stat_t
		if err := unix.Fstat(fd, &stat); err != nil {
			return nil, err
		}
		held = append(held, Held{fd, stat.Ino})
	}
	return held, nil
}

func run(handlers Handlers, command Command) (Reply, error) {
	for _, known := range []Handlers{handlers, files} {
		if handler, ok := known[command.Do]; ok {
			return handler(command)
		}
	}
	return nil, fmt.Errorf("there is no command %q", command.Do)
}

// What every program can do with a descriptor, whoever gave it.
var files = Handlers{
	"open": func(c Command) (Reply, error) {
		fd, err := unix.Open(c.Path, unix.O_RDWR|unix.O_CLOEXEC, 0)
		if err != nil {
			return nil, err
		}
		held, err := Hold([]int{fd})
		return Reply{"fds": held}, err
	},
	"stat": func(c Command) (Reply, error) {
		held, err := Hold(c.Fds)
		return Reply{"fds": held}, err
	},
	"readAll": func(c Command) (Reply, error) {
		content, err := readAll(c.Fd)
		return Reply{"payload": content}, err
	},
	"writeAll": func(c Command) (Reply, error) {
		sent := 0
		for _, buffer := range c.Buffers {
			n, err := unix.Write(c.Fd, buffer)
			if err != nil {
				return nil, err
			}
			sent += n
		}
		return Reply{"sent": sent}, nil
	},
	"closeFds": func(c Command) (Reply, error) {
		for _, fd := range c.Fds {
			if err := unix.Close(fd); err != nil {
				return nil, err
			}
		}
		return nil, nil
	},
}

// From the file's offset on, which came along with the descriptor.
func readAll(fd int) ([]byte, error) {
	content, chunk := []byte{}, make([]byte, 4096)
	for {
		n, err := unix.Read(fd, chunk)
		if err != nil {
			return nil, err
		}
		if n == 0 {
			return content, nil
		}
		content = append(content, chunk[:n]...)
	}
}

func name(err error) string {
	var errno unix.Errno
	switch {
	case errors.As(err, &errno):
		return unix.ErrnoName(errno)
	case errors.Is(err, io.EOF):
		return "EOF"
	default:
		return "ERROR"
	}
}
