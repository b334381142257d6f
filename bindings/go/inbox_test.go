package wxgame

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
)

// accepted makes a call that is accepted, and answered by whoever holds its tag.
func accepted(answer func(tag uint64)) func(userTag uint64) error {
	return func(userTag uint64) error {
		answer(userTag)
		return nil
	}
}

// An answer that comes in the moment in which the context ends goes to the call or to Deliveries: never to both, never
// to none.
func TestAnAnswerAndACancelAtOnceLoseNothing(t *testing.T) {
	const calls = 2000
	box := newInbox(calls + 1)
	var waiting sync.WaitGroup
	var mutex sync.Mutex
	seen := map[uint64]int{}
	see := func(completion *Completion) {
		mutex.Lock()
		defer mutex.Unlock()
		seen[completion.UserTag]++
	}
	for range calls {
		waiting.Add(1)
		go func() {
			defer waiting.Done()
			ctx, cancel := context.WithCancel(context.Background())
			completion, err := box.call(ctx, accepted(func(tag uint64) {
				go cancel()
				waiting.Add(1)
				go func() {
					defer waiting.Done()
					box.receive([]*Completion{{Kind: KindPay, UserTag: tag}})
				}()
			}))
			if err == nil {
				see(completion)
			} else if !errors.Is(err, ErrOutcomeUnknown) || !errors.Is(err, context.Canceled) {
				t.Error(err)
			}
		}()
	}
	waiting.Wait()
	delivered := box.count()
	box.end(ErrClosed)
	for delivery := range box.deliveries(context.Background()) {
		see(delivery)
	}
	t.Logf("%d of %d answers came too late for their call", delivered, calls)
	same(t, "answers", len(seen), calls)
	for tag, times := range seen {
		same(t, fmt.Sprintf("answer %d", tag), times, 1)
	}
	same(t, "calls that still wait", len(box.waiters), 0)
}

// A final answer, and a push that was told too late, carry the tag of their payment, which may be of an earlier process:
// they answer no call of this one. Nor does a request for input.
func TestAResolvedPaymentAnswersNoCall(t *testing.T) {
	box := newInbox(10)
	ctx, cancel := context.WithCancel(context.Background())
	_, err := box.call(ctx, accepted(func(tag uint64) {
		box.receive([]*Completion{
			{Kind: KindResolved, UserTag: tag, DeliveryID: 7},
			{Kind: KindSessionNeeded, UserTag: tag, OpenID: "o"},
			{Kind: KindPush, UserTag: tag, DeliveryID: 8},
			{Kind: KindConsentNeeded, UserTag: tag},
			{Kind: KindSettingNeeded, UserTag: tag},
		})
		cancel()
	}))
	same(t, "told", errors.Is(err, ErrOutcomeUnknown), true)
	same(t, "deliveries", box.count(), 5)
}

func TestWhatNobodyReadsIsBounded(t *testing.T) {
	box := newInbox(2)
	call := accepted(func(uint64) {})
	// The same news again is kept once.
	for range 1000 {
		box.receive([]*Completion{{Kind: KindSessionNeeded, OpenID: "o"}, {Kind: KindResolved, DeliveryID: 7}})
	}
	same(t, "unread", box.count(), 2)
	refused(t, box.submit(call), ErrQueueFull, "")
	_, err := box.call(context.Background(), call)
	refused(t, err, ErrQueueFull, "")

	// Whoever reads may call again, and what comes once more is news again.
	first, _ := box.read()
	same(t, "the oldest", first.OpenID, "o")
	check(t, box.submit(call))
	box.receive([]*Completion{{Kind: KindSessionNeeded, OpenID: "o"}})
	same(t, "unread", box.count(), 2)

	// An answer of the library's own without a delivery_id is no repeat of another.
	box.receive([]*Completion{{Kind: KindResolved, BillNo: "a"}, {Kind: KindResolved, BillNo: "b"}})
	same(t, "unread", box.count(), 4)

	// What an album asks is asked once, each question for itself.
	for range 1000 {
		box.receive([]*Completion{{Kind: KindConsentNeeded}, {Kind: KindSettingNeeded}})
	}
	same(t, "unread", box.count(), 6)
}

// If the library fails inside, whoever waits is told that nothing is known.
func TestWhoWaitsAtTheEndIsToldUnknown(t *testing.T) {
	box := newInbox(10)
	_, err := box.call(context.Background(), accepted(func(uint64) { box.end(&Error{Status: ErrPanic}) }))
	same(t, "unknown", errors.Is(err, ErrOutcomeUnknown), true)
	same(t, "why", errors.Is(err, ErrPanic), true)
	_, err = box.call(context.Background(), accepted(func(uint64) { t.Error("accepted") }))
	refused(t, err, ErrPanic, "")
}

func TestManyReadersGetEachDeliveryOnce(t *testing.T) {
	const deliveries = 1000
	box := newInbox(deliveries)
	got := make(chan uint64, deliveries)
	var readers sync.WaitGroup
	for range 8 {
		readers.Add(1)
		go func() {
			defer readers.Done()
			for delivery := range box.deliveries(context.Background()) {
				got <- delivery.DeliveryID
			}
		}()
	}
	for id := range uint64(deliveries) {
		box.receive([]*Completion{{Kind: KindResolved, DeliveryID: id + 1}})
	}
	box.end(ErrClosed)
	readers.Wait()
	close(got)
	seen, readings := map[uint64]bool{}, 0
	for id := range got {
		seen[id] = true
		readings++
	}
	same(t, "deliveries", len(seen), deliveries)
	same(t, "readings", readings, deliveries)
}
