package wxgame

// All that touches C is in cgo.go, cgo_submit.go, cgo_album.go and cgo_pure.go. Texts go in through one pinned buffer, structs and outputs
// lie in Go memory, and nothing of the library's is kept but the client or album itself: a completion is copied and freed at once.

/*
#cgo !wxgame_static pkg-config: wxgame
#cgo wxgame_static pkg-config: --static wxgame
// The archive by its name, because -lwxgame takes the shared library where both stand; that one is then not needed.
#cgo wxgame_static LDFLAGS: -l:libwxgame.a -Wl,--as-needed
// The library copies what it is given, keeps no pointer and never calls back.
#cgo noescape wxg_client_submit_pay
#cgo nocallback wxg_client_submit_pay
#cgo noescape wxg_client_submit_present
#cgo nocallback wxg_client_submit_present
#cgo noescape wxg_client_submit_cancel_pay
#cgo nocallback wxg_client_submit_cancel_pay
#cgo noescape wxg_client_submit_get_balance
#cgo nocallback wxg_client_submit_get_balance
#cgo noescape wxg_client_submit_login
#cgo nocallback wxg_client_submit_login
#cgo noescape wxg_client_submit_item_order
#cgo nocallback wxg_client_submit_item_order
#cgo noescape wxg_client_submit_query_order
#cgo nocallback wxg_client_submit_query_order
#cgo noescape wxg_client_receive_push
#cgo nocallback wxg_client_receive_push
#cgo noescape wxg_client_ack
#cgo nocallback wxg_client_ack
#cgo noescape wxg_client_poll
#cgo nocallback wxg_client_poll
#cgo noescape wxg_client_wait
#cgo nocallback wxg_client_wait
#cgo noescape wxg_completion_read
#cgo nocallback wxg_completion_read
#cgo noescape wxg_completion_goods
#cgo nocallback wxg_completion_goods
#cgo nocallback wxg_completion_free
#include <wxgame.h>
*/
import "C"

import (
	"context"
	"fmt"
	"runtime"
	"time"
	"unsafe"
)

// ---- texts and errors ----

// text is a Go string on its way into a wxg_str.
type text struct {
	to   *C.wxg_str
	from string
}

// pinned holds the texts of one call. The zero value holds none.
type pinned struct {
	buffer []byte
	pinner runtime.Pinner
}

func (p *pinned) put(texts ...text) {
	size := 0
	for _, text := range texts {
		size += len(text.from)
	}
	if size == 0 {
		return
	}
	p.buffer = make([]byte, 0, size)
	p.pinner.Pin(unsafe.SliceData(p.buffer))
	for _, text := range texts {
		if text.from == "" {
			continue
		}
		begin := len(p.buffer)
		p.buffer = append(p.buffer, text.from...)
		text.to.data = (*C.char)(unsafe.Pointer(&p.buffer[begin]))
		text.to.len = C.size_t(len(text.from))
	}
}

// release also wipes: a text may be a key.
func (p *pinned) release() {
	clear(p.buffer)
	p.pinner.Unpin()
}

func copied(from C.wxg_str) string { return C.GoStringN(from.data, C.int(from.len)) }

func copiedBytes(from C.wxg_str) []byte {
	if from.len == 0 {
		return nil
	}
	return C.GoBytes(unsafe.Pointer(from.data), C.int(from.len))
}

func flag(set bool) C.uint32_t {
	if set {
		return 1
	}
	return 0
}

// failure is nil for WXG_OK. It frees what the library told.
func failure(status C.wxg_status, told *C.wxg_error) error {
	if status == C.WXG_OK {
		return nil
	}
	if told == nil {
		return &Error{Status: Status(status)}
	}
	defer C.wxg_error_free(told)
	var field, message C.wxg_str
	C.wxg_error_field(told, &field)
	C.wxg_error_message(told, &message)
	return &Error{Status(C.wxg_error_status(told)), copied(field), copied(message)}
}

func statusText(status Status) string { return C.GoString(C.wxg_status_text(C.wxg_status(status))) }

// Version is the version of the library that is running, such as "0.1.0".
func Version() string { return C.GoString(C.wxg_version()) }

// tooOld refuses a library that is older than this package.
func tooOld() error {
	running := uint32(C.wxg_abi_version())
	if running >= ABIVersion {
		return nil
	}
	message := fmt.Sprintf("the library %s has ABI %d, this program needs %d: install a newer one", Version(), running, ABIVersion)
	return &Error{Status: ErrUnsupported, Message: message}
}

// NewBillNo makes a new bill_no: 26 digits and capital letters, ordered by time, unique over machines and restarts.
// Store it with your order before you submit it, and keep it for every retry.
func NewBillNo() (string, error) {
	var billNo [C.WXG_BILL_NO_SIZE]C.char
	var told *C.wxg_error
	status := C.wxg_bill_no_new(&billNo[0], &told)
	return C.GoString(&billNo[0]), failure(status, told)
}

// ---- the client ----

// native is a wxg_client. Whoever calls it sees to it that it has not been freed.
type native struct{ client *C.wxg_client }

func open(o *ClientOptions) (native, error) {
	if err := tooOld(); err != nil {
		return native{}, err
	}
	c := C.wxg_client_options{
		environment:         C.uint32_t(o.Environment),
		generation:          C.uint32_t(o.Generation),
		no_mp_sig:           flag(o.NoMpSig),
		timeout_ms:          C.int64_t(milliseconds(o.Timeout)),
		connect_timeout_ms:  C.int64_t(milliseconds(o.ConnectTimeout)),
		deadline_ms:         C.int64_t(milliseconds(o.Deadline)),
		late_window_ms:      C.int64_t(milliseconds(o.LateWindow)),
		unknown_patience_ms: C.int64_t(milliseconds(o.UnknownPatience)),
		queue_capacity:      C.uint32_t(o.QueueCapacity),
		in_flight_limit:     C.uint32_t(o.InFlightLimit),
		log_level:           C.int32_t(o.LogLevel),
		recovery:            C.uint32_t(o.Recovery),
		retry_per_s:         C.uint32_t(o.RetryPerSecond),
		retain_days:         C.uint32_t(o.RetainDays),
		redeliver_after_ms:  C.int64_t(milliseconds(o.RedeliverAfter)),
		seal_days:           C.uint32_t(o.SealDays),
		clock_offset_ms:     C.int64_t(milliseconds(o.ClockOffset)),
		token_source:        C.uint32_t(o.TokenSource),

		token_requests_per_day: C.uint32_t(o.TokenRequestsPerDay),
		lease_ms:               C.int64_t(milliseconds(o.Lease)),
	}
	c.struct_size = C.uint32_t(unsafe.Sizeof(c))
	var texts pinned
	defer texts.release()
	texts.put(text{&c.appid, o.AppID}, text{&c.app_secret, o.AppSecret}, text{&c.offer_id, o.OfferID},
		text{&c.app_key, o.AppKey}, text{&c.sandbox_app_key, o.SandboxAppKey}, text{&c.pf, o.PF},
		text{&c.journal, o.Journal}, text{&c.base_url, o.BaseURL}, text{&c.ca_file, o.CAFile}, text{&c.proxy, o.Proxy},
		text{&c.journal_key, o.JournalKey}, text{&c.previous_journal_key, o.PreviousJournalKey},
		text{&c.push_token, o.PushToken}, text{&c.push_aes_key, o.PushAESKey})
	var client *C.wxg_client
	var told *C.wxg_error
	status := C.wxg_client_open(&c, &client, &told)
	return native{client}, failure(status, told)
}

// close refuses new work, ends what is under way, and wakes every wait.
func (n native) close(timeout time.Duration) error {
	return failure(C.wxg_client_close(n.client, C.int64_t(milliseconds(timeout))), nil)
}

func (n native) free() { C.wxg_client_free(n.client) }

// batch is how many completions are taken at once.
const batch = 64

// poll takes up to `most` completions that are ready, and up to `batch`.
func (n native) poll(most int) ([]*Completion, error) {
	var room [batch]*C.wxg_completion
	var count C.size_t
	status := C.wxg_client_poll(n.client, &room[0], capacity(most), &count)
	return taken(room[:count]), failure(status, nil)
}

// wait is poll that waits for the first completion; a negative time-out has no limit.
func (n native) wait(timeoutMS int64, most int) ([]*Completion, error) {
	var room [batch]*C.wxg_completion
	var count C.size_t
	status := C.wxg_client_wait(n.client, C.int64_t(timeoutMS), &room[0], capacity(most), &count)
	return taken(room[:count]), failure(status, nil)
}

// capacity leaves it to the library to refuse what is too small.
func capacity(most int) C.size_t { return C.size_t(min(max(most, 0), batch)) }

// ---- completions ----

func taken(completions []*C.wxg_completion) []*Completion {
	if len(completions) == 0 {
		return nil
	}
	told := make([]*Completion, len(completions))
	for i, completion := range completions {
		told[i] = read(completion)
	}
	return told
}

// read copies a completion and frees it.
func read(completion *C.wxg_completion) *Completion {
	defer C.wxg_completion_free(completion)
	var view C.wxg_completion_view
	view.struct_size = C.uint32_t(unsafe.Sizeof(view))
	if status := C.wxg_completion_read(completion, &view); status != C.WXG_OK {
		return &Completion{Outcome: OutcomeUnknown, Status: Status(status)}
	}
	return &Completion{
		Kind:         Kind(view.kind),
		Outcome:      Outcome(view.outcome),
		Reason:       Reason(view.reason),
		Status:       Status(view.status),
		Errcode:      int32(view.errcode),
		PaymentKind:  Kind(view.payment_kind),
		Has:          Has(view.has),
		Flags:        Flag(view.flags),
		UserTag:      uint64(view.user_tag),
		DeliveryID:   uint64(view.delivery_id),
		Amount:       int64(view.amount),
		Balance:      int64(view.balance),
		GenBalance:   int64(view.gen_balance),
		UsedGenAmt:   int64(view.used_gen_amt),
		SaveAmt:      int64(view.save_amt),
		SaveSum:      int64(view.save_sum),
		CostSum:      int64(view.cost_sum),
		PresentSum:   int64(view.present_sum),
		FirstSave:    view.first_save != 0,
		ErrcodeClass: Class(view.errcode_class),
		RecordID:     uint64(view.record_id),
		CreatedAt:    unixTime(int64(view.created_at_ms)),
		FirstSentAt:  unixTime(int64(view.first_sent_at_ms)),
		WaitingFor:   Waiting(view.waiting_for),
		BillNo:       copied(view.bill_no),
		RefundBillNo: copied(view.refund_bill_no),
		OpenID:       copied(view.openid),
		ZoneID:       copied(view.zone_id),
		PayItem:      copied(view.pay_item),
		UnionID:      copied(view.unionid),
		Errmsg:       copied(view.errmsg),
		HostData:     copiedBytes(view.host_data),

		AlbumClass:    AlbumClass(view.album_class),
		Consent:       Consent(view.consent),
		SavedFilePath: copied(view.saved_file_path),
		Detail:        copied(view.detail),

		GoodsPrice:    int64(view.goods_price),
		Attach:        copied(view.attach),
		OutTradeNo:    copied(view.out_trade_no),
		MchOrderNo:    copied(view.mch_order_no),
		TransactionID: copied(view.transaction_id),
		ItemStrings: ItemStrings{
			SignData:  copied(view.sign_data),
			PaySig:    copied(view.pay_sig),
			Signature: copied(view.signature),
		},
		OrderState: OrderState{
			PayState:      int(view.pay_state),
			DeliverState:  int(view.deliver_state),
			PayFinishTime: int64(view.pay_finish_time),
		},
		Push: Push{
			Verdict:           Verdict(view.verdict),
			PushEvent:         PushEvent(view.push_event),
			Refusal:           Refusal(view.refusal),
			AnswerStatus:      int(view.answer_status),
			AnswerContentType: copied(view.answer_content_type),
			Answer:            copied(view.answer),
			EventID:           copied(view.event_id),
			Event:             copied(view.event),
			Payload:           copied(view.payload),
			OrigPrice:         int64(view.orig_price),
			ActualPrice:       int64(view.actual_price),
			OrderSource:       int(view.order_source),
			RefundAmount:      int64(view.refund_amount),
			RefundSource:      int(view.refund_source),
			GiftID:            copied(view.gift_id),
			GiftTypeID:        int64(view.gift_type_id),
			IsPreview:         view.is_preview != 0,
			SendTime:          unixTime(int64(view.send_time) * 1000),
			Goods:             goods(completion, int(view.goods_count)),
		},
	}
}

func goods(of *C.wxg_completion, count int) []Goods {
	var told []Goods
	for index := range count {
		var view C.wxg_goods_view
		view.struct_size = C.uint32_t(unsafe.Sizeof(view))
		if C.wxg_completion_goods(of, C.size_t(index), &view) == C.WXG_OK {
			told = append(told, Goods{ID: copied(view.id), Num: int64(view.num)})
		}
	}
	return told
}

// ---- what a Client and a Poller have in common ----

// handle frees its wxg_client when it is collected, and no sooner: each call keeps it alive, so that none can meet a
// freed one, also while another closes.
type handle struct{ native native }

// SetSession keeps the session_key of a player that you have got by yourself; the newest wins, and payments that waited
// for one go on. Not needed after a login. Does not block.
func (h *handle) SetSession(openID, sessionKey string) error {
	defer runtime.KeepAlive(h)
	var player, key C.wxg_str
	var texts pinned
	defer texts.release()
	texts.put(text{&player, openID}, text{&key, sessionKey})
	var told *C.wxg_error
	status := C.wxg_client_set_session(h.native.client, &player, &key, &told)
	return failure(status, told)
}

// ForgetSession forgets the session_key of a player, in memory and in the journal: payments of that player then wait for
// a login. Does not block.
func (h *handle) ForgetSession(openID string) error {
	defer runtime.KeepAlive(h)
	var player C.wxg_str
	var texts pinned
	defer texts.release()
	texts.put(text{&player, openID})
	var told *C.wxg_error
	status := C.wxg_client_forget_session(h.native.client, &player, &told)
	return failure(status, told)
}

// SetAccessToken gives the client an access_token that you have fetched, which lives for `lifetime` from now, in whole
// seconds, to 24 h: for a client opened with TokenSourceHost. Answers KindTokenNeeded, and may come unasked; calls that
// waited for one go on. Does not block.
func (h *handle) SetAccessToken(accessToken string, lifetime time.Duration) error {
	defer runtime.KeepAlive(h)
	var token C.wxg_str
	var texts pinned
	defer texts.release()
	texts.put(text{&token, accessToken})
	var told *C.wxg_error
	status := C.wxg_client_set_access_token(h.native.client, &token, C.int64_t(lifetime/time.Second), &told)
	return failure(status, told)
}

// SetAppKey replaces the AppKey of the client's environment, such as after a reset in the console. Payments that WeChat
// refused as wrong (90011) while their outcome was unknown are tried again at once. Does not block.
func (h *handle) SetAppKey(appKey string) error {
	defer runtime.KeepAlive(h)
	var key C.wxg_str
	var texts pinned
	defer texts.release()
	texts.put(text{&key, appKey})
	var told *C.wxg_error
	status := C.wxg_client_set_app_key(h.native.client, &key, &told)
	return failure(status, told)
}

// pushWait is the longest wait of ReceivePush: WeChat wants its answer within 3 seconds of the request.
const pushWait = 2 * time.Second

// ReceivePush takes one request that WeChat made to your message-push URL: verifies and decrypts it, writes a payment that
// it tells of to the journal, and says what to do. query is the URL's query string as it came (RawQuery), body the body as
// it came. The completion's Verdict is what to do, and AnswerStatus, AnswerContentType and Answer are what to send back,
// whatever the verdict. After an error answer with HTTP 503: WeChat pushes it again.
//
// A push is told once as VerdictDeliver, however often WeChat repeats it; what you have not acknowledged comes again as
// KindResolved. No network.
//
// Waits for one commit of the journal, until the context's deadline and 2 seconds at the most, and holds a thread while it
// does; should that pass, the verdict is VerdictAgain, and what the journal took all the same comes as a completion of
// KindPush that answers no call. A context that is cancelled on the way does not end the wait.
func (h *handle) ReceivePush(ctx context.Context, query string, body []byte) (*Completion, error) {
	defer runtime.KeepAlive(h)
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	timeout := pushWait
	if deadline, ok := ctx.Deadline(); ok {
		timeout = max(min(timeout, time.Until(deadline)), 0)
	}
	var asked, posted C.wxg_str
	var texts pinned
	defer texts.release()
	texts.put(text{&asked, query}, text{&posted, string(body)})
	var completion *C.wxg_completion
	var told *C.wxg_error
	status := C.wxg_client_receive_push(h.native.client, &asked, &posted, C.int64_t(milliseconds(timeout)), &completion, &told)
	if err := failure(status, told); err != nil {
		return nil, err
	}
	return read(completion), nil
}

// Ack tells the journal that you have acted on a final answer, in a transaction of your own: it is not delivered again.
// deliveryID is the completion's. An ack that is lost in a crash means that the answer is delivered again, so act once
// per bill_no. Unknown and repeated ids do nothing. Does not block.
func (h *handle) Ack(deliveryID uint64) error {
	defer runtime.KeepAlive(h)
	var told *C.wxg_error
	status := C.wxg_client_ack(h.native.client, C.uint64_t(deliveryID), &told)
	return failure(status, told)
}

// Payment looks one payment up: a completion of KindPayment says where it stands, since when, and what it waits for.
// OutcomeNone with ErrNotFound in Status: this journal never sent it. Nothing is sent.
func (h *handle) Payment(ctx context.Context, billNo string) (*Completion, error) {
	return h.askAbout(ctx, billNo, func(number *C.wxg_str, completion **C.wxg_completion, told **C.wxg_error) C.wxg_status {
		return C.wxg_client_payment(h.native.client, number, -1, completion, told)
	})
}

// Settle decides a payment that needs review, or is held: outcome is OutcomeDone or OutcomeRejected, as a person found
// out with WeChat. The decision is journaled, final, and delivered like any final answer. The completion says where the
// payment now stands, or has ErrWrongState (it is closed, or goes on by itself) or ErrNotFound in Status.
func (h *handle) Settle(ctx context.Context, billNo string, outcome Outcome) (*Completion, error) {
	return h.askAbout(ctx, billNo, func(number *C.wxg_str, completion **C.wxg_completion, told **C.wxg_error) C.wxg_status {
		return C.wxg_client_settle(h.native.client, number, C.uint32_t(outcome), -1, completion, told)
	})
}

// Resume lets a payment go on that is held because of RecoveryHold. The completion says what it now waits for, or has
// ErrWrongState or ErrNotFound in Status.
func (h *handle) Resume(ctx context.Context, billNo string) (*Completion, error) {
	return h.askAbout(ctx, billNo, func(number *C.wxg_str, completion **C.wxg_completion, told **C.wxg_error) C.wxg_status {
		return C.wxg_client_resume(h.native.client, number, -1, completion, told)
	})
}

func (h *handle) askAbout(ctx context.Context, billNo string,
	call func(*C.wxg_str, **C.wxg_completion, **C.wxg_error) C.wxg_status) (*Completion, error) {
	return behind(ctx, func() (*Completion, error) {
		defer runtime.KeepAlive(h)
		var number C.wxg_str
		var texts pinned
		defer texts.release()
		texts.put(text{&number, billNo})
		var completion *C.wxg_completion
		var told *C.wxg_error
		if err := failure(call(&number, &completion, &told), told); err != nil {
			return nil, err
		}
		return read(completion), nil
	})
}

// ListUnresolved lists the payments that are open, parked or held, or that need review, oldest first: up to `most` (1 to
// 1,024) completions of KindPayment with a RecordID above afterID (0 for the first page, then the last RecordID of the
// page before). Fewer than `most` means that there are no more.
func (h *handle) ListUnresolved(ctx context.Context, afterID uint64, most int) ([]*Completion, error) {
	return behind(ctx, func() ([]*Completion, error) {
		defer runtime.KeepAlive(h)
		// What is out of range is the library's to refuse.
		room := make([]*C.wxg_completion, min(max(most, 1), 1025))
		var count C.size_t
		var told *C.wxg_error
		status := C.wxg_client_list_unresolved(h.native.client, C.uint64_t(afterID), -1, &room[0],
			C.size_t(min(max(most, 0), len(room))), &count, &told)
		return taken(room[:count]), failure(status, told)
	})
}

// behind makes a call that blocks on a goroutine of its own. Where the context ends first, the call goes on behind it.
func behind[T any](ctx context.Context, call func() (T, error)) (T, error) {
	type answer struct {
		told T
		err  error
	}
	var none T
	if err := ctx.Err(); err != nil {
		return none, err
	}
	answered := make(chan answer, 1)
	go func() {
		told, err := call()
		answered <- answer{told, err}
	}()
	select {
	case answer := <-answered:
		return answer.told, answer.err
	case <-ctx.Done():
		return none, stoppedWaiting(ctx)
	}
}

// PollLog takes up to `most` log records, oldest first. The client keeps 1,024; when it had to drop some, a record of
// its own says how many. Works on a closed client too. Does not block.
func (h *handle) PollLog(most int) ([]LogRecord, error) {
	defer runtime.KeepAlive(h)
	room := make([]*C.wxg_log_record, min(max(most, 1), 1025))
	var count C.size_t
	status := C.wxg_client_poll_log(h.native.client, &room[0], C.size_t(min(max(most, 0), len(room))), &count)
	records := make([]LogRecord, 0, count)
	for _, record := range room[:count] {
		var view C.wxg_log_record_view
		view.struct_size = C.uint32_t(unsafe.Sizeof(view))
		if C.wxg_log_record_read(record, &view) == C.WXG_OK {
			records = append(records, LogRecord{LogLevel(view.level), unixTime(int64(view.time_ms)), copied(view.message)})
		}
		C.wxg_log_record_free(record)
	}
	return records, failure(status, nil)
}

// Stats reads the client's counters and gauges as of the engine's last turn. Works on a closed client too. Does not
// block.
func (h *handle) Stats() (Stats, error) {
	defer runtime.KeepAlive(h)
	var c C.wxg_stats
	c.struct_size = C.uint32_t(unsafe.Sizeof(c))
	if err := failure(C.wxg_client_stats(h.native.client, &c), nil); err != nil {
		return Stats{}, err
	}
	return Stats{
		Submitted:         uint64(c.submitted),
		Completed:         uint64(c.completed),
		QueueDepth:        uint64(c.queue_depth),
		OpenWaiting:       uint64(c.open_waiting),
		OpenUnknown:       uint64(c.open_unknown),
		OpenCancelling:    uint64(c.open_cancelling),
		OpenHeld:          uint64(c.open_held),
		OldestUnknownAge:  duration(int64(c.oldest_unknown_age_ms)),
		NeedsReview:       uint64(c.needs_review),
		InFlight:          uint64(c.in_flight),
		Unacked:           uint64(c.unacked),
		Retries:           uint64(c.retries),
		PayAnswers:        answers(&c.pay_answers),
		CancelPayAnswers:  answers(&c.cancel_pay_answers),
		GetBalanceAnswers: answers(&c.get_balance_answers),
		PresentAnswers:    answers(&c.present_answers),
		LatencySum:        duration(int64(c.latency_sum_ms)),
		LatencyCount:      uint64(c.latency_count),
		LatencyMax:        duration(int64(c.latency_max_ms)),
		TokenRequests:     uint64(c.token_requests),
		TokenAge:          duration(int64(c.token_age_ms)),
		ClockSkew:         duration(int64(c.clock_skew_ms)),
		Sessions:          uint64(c.sessions),
		JournalCommits:    uint64(c.journal_commits),
		JournalWrites:     uint64(c.journal_writes),
		JournalFailed:     uint64(c.journal_failed),
		JournalWaiting:    uint64(c.journal_waiting),
		LogDropped:        uint64(c.log_dropped),
		JournalBytes:      uint64(c.journal_bytes),
		JournalError:      Status(c.journal_error),
		TakenOver:         uint64(c.taken_over),
		LeasesLost:        uint64(c.leases_lost),
	}, nil
}

func answers(from *[C.WXG_ANSWERS_SIZE]C.uint64_t) (to [AnswersSize]uint64) {
	for i, count := range from {
		to[i] = uint64(count)
	}
	return to
}

// WakeFD is a descriptor for epoll, kqueue, poll or select: readable while Poll has something to say (level-triggered).
// Owned by the client: do not read, write or close it. Not on Windows. Does not block.
func (p *Poller) WakeFD() (int, error) {
	defer runtime.KeepAlive(p)
	var fd C.int32_t
	var told *C.wxg_error
	status := C.wxg_client_wake_fd(p.native.client, &fd, &told)
	return int(fd), failure(status, told)
}
