package wxgame

import (
	"context"
	"fmt"
	"iter"
	"sync"
	"time"
)

// inbox is where completions arrive: each goes to the call that waits for it, and else is kept for Deliveries. The pump
// never waits for a reader.
//
// What is kept is bounded. A call is refused while `limit` deliveries are unread; a final answer or a request for
// input that comes again is not kept twice. So what can come beyond the limit are the answers of calls accepted
// before, and one final answer for each payment that is open.
type inbox struct {
	limit   int
	arrived chan struct{} // Holds a token while there may be something to read.
	ended   chan struct{} // Closed when nothing more will come.

	mutex   sync.Mutex
	lastTag uint64
	waiters map[uint64]chan *Completion
	unread  []*Completion
	queued  map[repeat]bool // Of unread, what may come again.
	why     error           // Why nothing more will come.
}

// repeat is what two deliveries have in common of which one is enough; zero for those of which each counts.
type repeat struct {
	kind       Kind
	deliveryID uint64
	openID     string
}

func newInbox(limit int) *inbox {
	return &inbox{
		limit:   limit,
		arrived: make(chan struct{}, 1),
		ended:   make(chan struct{}),
		waiters: make(map[uint64]chan *Completion),
		queued:  make(map[repeat]bool),
	}
}

// source is where completions come from: what is behind a Client or an Album.
type source interface {
	wait(timeoutMS int64, most int) ([]*Completion, error)
	close(timeout time.Duration) error
	free()
}

// pump fills the inbox until the source is closed and has handed out everything. It must not hold the Client or Album,
// which could then not be collected.
func pump(from source, to *inbox) {
	for {
		completions, err := from.wait(-1, batch)
		to.receive(completions)
		if err != nil {
			to.end(err)
			return
		}
	}
}

// pumped is what is left of a Client or Album that nobody can reach any more.
type pumped struct {
	source source
	ended  chan struct{}
}

// freePumped frees the source when the pump has left it. Both may take a second, for which a cleanup must not wait.
func freePumped(left pumped) {
	go func() {
		_ = left.source.close(0) // Closed already, or told to the pump as well.
		<-left.ended
		left.source.free()
	}()
}

func (b *inbox) receive(completions []*Completion) {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	for _, completion := range completions {
		if waiter := b.waiterOf(completion); waiter != nil {
			waiter <- completion
			continue
		}
		if same := repeatOf(completion); same != (repeat{}) {
			if b.queued[same] {
				continue
			}
			b.queued[same] = true
		}
		b.unread = append(b.unread, completion)
		b.ring()
	}
}

// waiterOf takes out who waits for a completion. Some kinds answer no call; a resolved one, or a push that was told too
// late, carries the tag of its payment all the same, which may be of an earlier process.
func (b *inbox) waiterOf(completion *Completion) chan *Completion {
	switch completion.Kind {
	case KindResolved, KindSessionNeeded, KindTokenNeeded, KindPush, KindConsentNeeded, KindSettingNeeded:
		return nil
	}
	waiter := b.waiters[completion.UserTag]
	delete(b.waiters, completion.UserTag)
	return waiter
}

func repeatOf(completion *Completion) repeat {
	switch {
	case completion.Kind == KindResolved && completion.DeliveryID != 0,
		completion.Kind == KindSessionNeeded,
		completion.Kind == KindTokenNeeded,
		completion.Kind == KindConsentNeeded,
		completion.Kind == KindSettingNeeded:
		return repeat{completion.Kind, completion.DeliveryID, completion.OpenID}
	}
	return repeat{}
}

// end tells whoever still waits: the library answers every call before it closes, unless it failed inside.
func (b *inbox) end(why error) {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	b.why = why
	for _, waiter := range b.waiters {
		close(waiter)
	}
	clear(b.waiters)
	close(b.ended)
}

// ring wakes one reader, who rings again if he leaves something.
func (b *inbox) ring() {
	select {
	case b.arrived <- struct{}{}:
	default:
	}
}

// accepts refuses new calls while nobody reads.
func (b *inbox) accepts() error {
	if len(b.unread) >= b.limit {
		return &Error{Status: ErrQueueFull, Message: fmt.Sprintf("%d deliveries are unread: read Deliveries, then try again", len(b.unread))}
	}
	return b.why
}

// submit makes a call that nobody waits for.
func (b *inbox) submit(submit func(userTag uint64) error) error {
	b.mutex.Lock()
	err := b.accepts()
	b.mutex.Unlock()
	if err != nil {
		return err
	}
	return submit(0)
}

// call makes a call and waits for its completion. The waiter stands before the answer can come.
func (b *inbox) call(ctx context.Context, submit func(userTag uint64) error) (*Completion, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	waiter := make(chan *Completion, 1)
	b.mutex.Lock()
	if err := b.accepts(); err != nil {
		b.mutex.Unlock()
		return nil, err
	}
	b.lastTag++
	tag := b.lastTag
	b.waiters[tag] = waiter
	b.mutex.Unlock()

	if err := submit(tag); err != nil {
		b.leave(tag)
		return nil, err
	}
	select {
	case completion := <-waiter:
		return b.told(completion)
	case <-ctx.Done():
		if b.leave(tag) {
			return nil, stoppedWaiting(ctx)
		}
		return b.told(<-waiter) // The answer came in the same moment.
	}
}

// leave is false where the waiter has been told already.
func (b *inbox) leave(tag uint64) bool {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	_, waits := b.waiters[tag]
	delete(b.waiters, tag)
	return waits
}

func (b *inbox) told(completion *Completion) (*Completion, error) {
	if completion == nil {
		return nil, fmt.Errorf("%w: %w", ErrOutcomeUnknown, b.why)
	}
	return completion, nil
}

func stoppedWaiting(ctx context.Context) error {
	return fmt.Errorf("%w: %w", ErrOutcomeUnknown, ctx.Err())
}

// deliveries hands out what is unread, and waits for more until the context ends or nothing more will come.
func (b *inbox) deliveries(ctx context.Context) iter.Seq[*Completion] {
	return func(yield func(*Completion) bool) {
		for ctx.Err() == nil {
			completion, over := b.read()
			if completion != nil {
				if !yield(completion) {
					return
				}
				continue
			}
			if over {
				return
			}
			select {
			case <-b.arrived:
			case <-b.ended:
			case <-ctx.Done():
			}
		}
	}
}

// read takes the oldest delivery, nil where there is none; over says that there will be none.
func (b *inbox) read() (completion *Completion, over bool) {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	if len(b.unread) == 0 {
		return nil, b.why != nil
	}
	completion, b.unread[0] = b.unread[0], nil
	b.unread = b.unread[1:]
	delete(b.queued, repeatOf(completion))
	if len(b.unread) > 0 {
		b.ring()
	} else {
		b.unread = nil
	}
	return completion, false
}

func (b *inbox) count() int {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	return len(b.unread)
}
