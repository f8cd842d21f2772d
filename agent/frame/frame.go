// Package frame is the wire format of drydock.terminal.v1 over a byte stream: see PROTOCOL.md.
package frame

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// Types of messages, the client's below 0x80, the holder's above.
const (
	Input   byte = 0x01
	Resize  byte = 0x02
	Ack     byte = 0x03
	Ping    byte = 0x04
	Restart byte = 0x05

	Output   byte = 0x81
	Attached byte = 0x82
	Exit     byte = 0x83
	Notice   byte = 0x84
	Pong     byte = 0x85
	InputAck byte = 0x86
	Error    byte = 0x87
)

// MaxClientPayload bounds what a client may put into one message, in bytes.
const MaxClientPayload = 64 << 10

// ErrBad is wrapped by every error about a malformed message, as opposed to a broken stream.
var ErrBad = errors.New("bad frame")

// Message is one type byte and its payload.
type Message struct {
	Type    byte
	Payload []byte
}

// Reader takes messages off a stream. The payload it returns is valid until the next call.
type Reader struct {
	r   io.Reader
	buf []byte
}

func NewReader(r io.Reader) *Reader { return &Reader{r: r, buf: make([]byte, 1+MaxClientPayload)} }

// Next returns the next message. io.EOF only between messages.
func (r *Reader) Next() (Message, error) {
	var prefix [4]byte
	if _, err := io.ReadFull(r.r, prefix[:]); err != nil {
		return Message{}, err
	}
	n := binary.BigEndian.Uint32(prefix[:])
	if n == 0 || n > uint32(len(r.buf)) {
		return Message{}, fmt.Errorf("%w: a message of %d bytes", ErrBad, n)
	}
	if _, err := io.ReadFull(r.r, r.buf[:n]); err != nil {
		return Message{}, io.ErrUnexpectedEOF
	}
	return Message{Type: r.buf[0], Payload: r.buf[1:n]}, nil
}

// Exactly is an error unless the payload has n bytes.
func (m Message) Exactly(n int) error {
	if len(m.Payload) != n {
		return fmt.Errorf("%w: type %#x with %d bytes where %d belong", ErrBad, m.Type, len(m.Payload), n)
	}
	return nil
}

// Append adds a whole message, length prefix included, whose payload is the concatenation of parts.
func Append(dst []byte, kind byte, parts ...[]byte) []byte {
	n := 1
	for _, p := range parts {
		n += len(p)
	}
	dst = binary.BigEndian.AppendUint32(dst, uint32(n))
	dst = append(dst, kind)
	for _, p := range parts {
		dst = append(dst, p...)
	}
	return dst
}

// AppendOffset adds a message that carries one absolute position and then data.
func AppendOffset(dst []byte, kind byte, offset uint64, data []byte) []byte {
	var position [8]byte
	binary.BigEndian.PutUint64(position[:], offset)
	return Append(dst, kind, position[:], data)
}

// AppendError adds an ERROR message: code for programs, message for people.
func AppendError(dst []byte, code, message string) []byte {
	body, _ := json.Marshal(map[string]string{"code": code, "message": message})
	return Append(dst, Error, body)
}
