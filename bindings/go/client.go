package wxgame

import (
	"cmp"
	"context"
	"iter"
	"runtime"
	"time"
)

// defaultQueueCapacity is what QueueCapacity stands for when it is zero.
const defaultQueueCapacity = 65536

// Client is one client: a journal and the connections for one appid and environment, for all its players. Open one when
// the server starts, and Close it at the end.
//
// It runs one goroutine, which waits in the library and so holds one thread. A call that waits holds none.
type Client struct {
	handle
	inbox *inbox
}

// Open opens a client: checks every option, opens or makes the journal, takes up the payments that it holds as open, and
// delivers the final answers not yet acknowledged. Blocks while the journal is read.
//
// A Client that is dropped without Close is closed and freed once it is collected, if ever: a net, not a way to close.
func Open(options ClientOptions) (*Client, error) {
	opened, err := open(&options)
	if err != nil {
		return nil, err
	}
	limit := cmp.Or(options.QueueCapacity, defaultQueueCapacity)
	client := &Client{handle{opened}, newInbox(int(limit))}
	go pump(opened, client.inbox)
	runtime.AddCleanup(client, freePumped, pumped{opened, client.inbox.ended})
	return client, nil
}

// Pay asks WeChat to take coins from a player, and waits for the answer, which comes by the deadline. The payment is in
// the journal before it is sent. A bill_no that the journal knows with the same parameters is answered from it; with
// others the completion has ErrBillNoConflict in Status.
//
// No error means that there is a completion: its Outcome tells what became of the payment. After OutcomeUnknown the
// library goes on, also after a restart, and the final answer comes to Deliveries.
//
// The context bounds the waiting, never the payment. When it ends after the payment was submitted, the error is both
// ErrOutcomeUnknown and the context's, and the completion comes to Deliveries. Any other error means that nothing was
// submitted.
func (c *Client) Pay(ctx context.Context, options PayOptions) (*Completion, error) {
	return c.call(ctx, options)
}

// Present asks WeChat to give coins to a player, as Pay does; a gift cannot be cancelled.
func (c *Client) Present(ctx context.Context, options PresentOptions) (*Completion, error) {
	return c.call(ctx, options)
}

// CancelPay undoes a payment of this journal. One under way turns to cancel and is sent no more; one that is done and
// acknowledged is given back, for 47 hours after it was sent, the whole or, with a RefundBillNo and an Amount, a part
// (GenerationV2). OutcomeDone: the coins are back, or were never taken. OutcomeRejected: the payment is done and stays.
// OutcomeUnknown: the library goes on. OutcomeNone with ErrNotFound or ErrWrongState in Status: nothing was done. The
// payment's own call is answered as well. The context is as in Pay.
//
// A part is a record of its own, to be acknowledged as a payment is: OutcomeRejected or OutcomeNotSent mean that its coins
// are not back and will not be by this RefundBillNo.
func (c *Client) CancelPay(ctx context.Context, options CancelPayOptions) (*Completion, error) {
	return c.call(ctx, options)
}

// GetBalance reads a player's coins. Repeated by itself until the deadline where no answer came. The context is as in
// Pay.
func (c *Client) GetBalance(ctx context.Context, options GetBalanceOptions) (*Completion, error) {
	return c.call(ctx, options)
}

// ItemOrder orders an item that the player then pays in the game client. The order is in the journal before the completion
// comes, with OutcomeAwaitingPayment and, in ItemStrings, what the game client hands to wx.requestMidasPaymentGameItem.
// Without SignData no session_key came until the deadline (ReasonSession, after a KindSessionNeeded): log the player in,
// then order again under the same OutTradeNo. With ErrJournal in Status the order may not be written down: order again.
// An order that is over is answered by how it ended. Only with GenerationV2; the context is as in Pay.
//
// Nothing is to be granted on it: that is told by ReceivePush or by KindResolved, whichever is first, once, and again until
// acknowledged. An order of 24 hours that WeChat says is not paid is OutcomeRejected with ReasonNotPaid; should it be paid
// later all the same, a push brings OutcomeDone in its place.
func (c *Client) ItemOrder(ctx context.Context, options ItemOrderOptions) (*Completion, error) {
	return c.call(ctx, options)
}

// QueryOrder asks WeChat what became of a purchase. OutcomeDone means that WeChat told: read OrderState, which has neither
// amount nor quantity. OutcomeRejected with ReasonOrderUnknown: WeChat knows no such order; right after a payment it may
// still come to know it. An item order of this client that is paid is resolved by it. Only with GenerationV2; the context
// is as in Pay.
func (c *Client) QueryOrder(ctx context.Context, options QueryOrderOptions) (*Completion, error) {
	return c.call(ctx, options)
}

// Login logs a player in with the js_code of wx.login. The completion tells OpenID and, where bound, UnionID; the
// session_key stays inside the library, and payments that waited for it go on. A js_code is sent once: after
// OutcomeUnknown ask the game client for a new one. The context is as in Pay.
func (c *Client) Login(ctx context.Context, options LoginOptions) (*Completion, error) {
	return c.call(ctx, options)
}

// CheckSession asks WeChat whether the session_key that is kept of a player is still good: OutcomeDone (it is), or
// OutcomeRejected with ReasonSession (there is none, or it is not: it is forgotten, log the player in). Not needed before
// a payment, which finds out by itself. The context is as in Pay.
func (c *Client) CheckSession(ctx context.Context, options CheckSessionOptions) (*Completion, error) {
	return c.call(ctx, options)
}

// ResetSession has WeChat replace the session_key of a player, such as after it may have leaked; the new one stays inside
// the library. OutcomeDone; OutcomeRejected with ReasonSession (there is none, or it was stale: log the player in);
// OutcomeUnknown (no answer came, and it is not sent again: log the player in). The context is as in Pay.
func (c *Client) ResetSession(ctx context.Context, options ResetSessionOptions) (*Completion, error) {
	return c.call(ctx, options)
}

func (c *Client) call(ctx context.Context, request Request) (*Completion, error) {
	defer runtime.KeepAlive(c)
	return c.inbox.call(ctx, func(userTag uint64) error { return request.submit(c.native, userTag) })
}

// Submit makes a call without waiting for it: its completion comes to Deliveries. Copies, checks and enqueues: no disk,
// no network.
func (c *Client) Submit(request Request) error {
	defer runtime.KeepAlive(c)
	return c.inbox.submit(func(userTag uint64) error { return request.submit(c.native, userTag) })
}

// Deliveries hands out the completions that no call waits for, one after the other, and waits for more:
//
//   - KindResolved: the final answer of a payment that was unknown or that an earlier process began, an item order that
//     WeChat says is paid or not, or what has not been acknowledged and comes again, pushes of items, refunds and gift
//     packs included (PaymentKind and PushEvent tell which);
//   - KindSessionNeeded: log that player in, or set a session_key;
//   - KindTokenNeeded: set an access_token;
//   - the answer to a call whose context has ended, or that was made with Submit; KindPush, with VerdictDeliver, where
//     ReceivePush could not wait for it.
//
// It ends when the context ends, or when the client is closed and everything has been handed out. Each goes to one
// reader; any number may read. What is not acknowledged comes again after RedeliverAfter and at the next open, so a
// program may stop between reading and acting.
//
// Every program must read them: while QueueCapacity of them are unread, new calls are refused with ErrQueueFull.
func (c *Client) Deliveries(ctx context.Context) iter.Seq[*Completion] {
	return func(yield func(*Completion) bool) {
		defer runtime.KeepAlive(c)
		c.inbox.deliveries(ctx)(yield)
	}
}

// Unread is how many deliveries nobody has read. Watch it beside Stats.
func (c *Client) Unread() int { return c.inbox.count() }

// Close closes the client. Nothing new is accepted; requests under way may finish for `timeout`; what is left then
// completes with FlagShutdown: not sent where that is certain, else unknown, which the next open resumes. Every waiting
// call returns its completion; what nobody waits for can still be read from Deliveries.
//
// Blocks until that is done, `timeout` + 1 s at the most. May be called twice; the second waits as well. The journal is
// then free for another client; the memory goes when the Client is collected.
func (c *Client) Close(timeout time.Duration) error {
	defer runtime.KeepAlive(c)
	if err := c.native.close(timeout); err != nil {
		return err
	}
	<-c.inbox.ended
	return nil
}
