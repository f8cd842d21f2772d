package term

import "container/list"

// maxClients is how many clients' input positions a terminal remembers.
const maxClients = 64

// inputs remembers how much of each client's input was accepted, so that a resend after a cut types nothing twice.
// The client that has been silent longest is forgotten first.
type inputs struct {
	order *list.List // of *client, latest first
	byID  map[string]*list.Element
}

type client struct {
	id       string
	accepted uint64
}

func newInputs() *inputs { return &inputs{order: list.New(), byID: map[string]*list.Element{}} }

// of returns the record of a client, made if it is new.
func (i *inputs) of(id string) *client {
	if e, ok := i.byID[id]; ok {
		i.order.MoveToFront(e)
		return e.Value.(*client)
	}
	c := &client{id: id}
	i.byID[id] = i.order.PushFront(c)
	if i.order.Len() > maxClients {
		last := i.order.Back()
		i.order.Remove(last)
		delete(i.byID, last.Value.(*client).id)
	}
	return c
}

// accept returns the part of data that is new, given that it begins at seq in the client's stream, and counts it as
// accepted. ok is false when bytes before it are missing.
func (c *client) accept(seq uint64, data []byte) (fresh []byte, ok bool) {
	if seq > c.accepted {
		return nil, false
	}
	seen := c.accepted - seq
	if seen >= uint64(len(data)) {
		return nil, true
	}
	c.accepted = seq + uint64(len(data))
	return data[seen:], true
}
