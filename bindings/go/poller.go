package wxgame

import (
	"runtime"
	"time"
)

// Poller is a client whose completions you take yourself, all in one queue: with Poll in each turn of a loop of yours,
// with Wait on a goroutine of yours, or when WakeFD is readable. It runs no goroutine. Most programs want a Client.
type Poller struct {
	handle
}

// OpenPoller opens a client as Open does.
func OpenPoller(options ClientOptions) (*Poller, error) {
	opened, err := open(&options)
	if err != nil {
		return nil, err
	}
	poller := &Poller{handle{opened}}
	runtime.AddCleanup(poller, func(client native) { go client.free() }, opened)
	return poller, nil
}

// Submit makes a call. One completion comes later, with userTag in it, and userTag comes in all further completions of
// the payment, also after a restart. Copies, checks and enqueues: no disk, no network, may be called inside a frame.
func (p *Poller) Submit(request Request, userTag uint64) error {
	defer runtime.KeepAlive(p)
	return request.submit(p.native, userTag)
}

// Poll takes up to `most` completions that are ready, 64 at a time at the most; there may be none. Never blocks. Each
// goes to exactly one caller. ErrClosed: closed, and everything has been handed out.
func (p *Poller) Poll(most int) ([]*Completion, error) {
	defer runtime.KeepAlive(p)
	return p.native.poll(most)
}

// Wait is Poll that waits up to `timeout` (negative: without limit) for the first completion, and holds a thread while
// it does. With nothing ready in time there are none. Close ends it.
func (p *Poller) Wait(timeout time.Duration, most int) ([]*Completion, error) {
	defer runtime.KeepAlive(p)
	return p.native.wait(milliseconds(timeout), most)
}

// Close closes the client as Client.Close does. Poll and Wait go on handing out what is queued.
func (p *Poller) Close(timeout time.Duration) error {
	defer runtime.KeepAlive(p)
	return p.native.close(timeout)
}
