package wxgame

// All that touches C is in this file. Texts go in through one pinned buffer, structs and outputs lie in Go memory, and
// nothing of the library's is kept but the client itself: a completion is copied and freed at once.

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
#cgo noescape wxg_client_ack
#cgo nocallback wxg_client_ack
#cgo noescape wxg_client_poll
#cgo nocallback wxg_client_poll
#cgo noescape wxg_client_wait
#cgo nocallback wxg_client_wait
#cgo noescape wxg_completion_read
#cgo nocallback wxg_completion_read
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
	if running := uint32(C.wxg_abi_version()); running < ABIVersion {
		message := fmt.Sprintf("the library %s has ABI %d, this program needs %d: install a newer one", Version(), running, ABIVersion)
		return native{}, &Error{Status: ErrUnsupported, Message: message}
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
	}
	c.struct_size = C.uint32_t(unsafe.Sizeof(c))
	var texts pinned
	defer texts.release()
	texts.put(text{&c.appid, o.AppID}, text{&c.app_secret, o.AppSecret}, text{&c.offer_id, o.OfferID},
		text{&c.app_key, o.AppKey}, text{&c.sandbox_app_key, o.SandboxAppKey}, text{&c.pf, o.PF},
		text{&c.journal, o.Journal}, text{&c.base_url, o.BaseURL}, text{&c.ca_file, o.CAFile}, text{&c.proxy, o.Proxy},
		text{&c.journal_key, o.JournalKey}, text{&c.previous_journal_key, o.PreviousJournalKey})
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
		OpenID:       copied(view.openid),
		ZoneID:       copied(view.zone_id),
		PayItem:      copied(view.pay_item),
		UnionID:      copied(view.unionid),
		Errmsg:       copied(view.errmsg),
		HostData:     copiedBytes(view.host_data),
	}
}

// ---- submissions ----

func (o PayOptions) submit(to native, userTag uint64) error {
	c := C.wxg_pay_options{
		sent_before: flag(o.SentBefore),
		amount:      C.int64_t(o.Amount),
		user_tag:    C.uint64_t(userTag),
		deadline_ms: C.int64_t(milliseconds(o.Deadline)),
	}
	c.struct_size = C.uint32_t(unsafe.Sizeof(c))
	var texts pinned
	defer texts.release()
	texts.put(text{&c.bill_no, o.BillNo}, text{&c.openid, o.OpenID}, text{&c.zone_id, o.ZoneID},
		text{&c.pay_item, o.PayItem}, text{&c.app_remark, o.AppRemark}, text{&c.user_ip, o.UserIP},
		text{&c.host_data, string(o.HostData)})
	var told *C.wxg_error
	status := C.wxg_client_submit_pay(to.client, &c, &told)
	return failure(status, told)
}

func (o PresentOptions) submit(to native, userTag uint64) error {
	c := C.wxg_present_options{
		sent_before: flag(o.SentBefore),
		amount:      C.int64_t(o.Amount),
		user_tag:    C.uint64_t(userTag),
		deadline_ms: C.int64_t(milliseconds(o.Deadline)),
	}
	c.struct_size = C.uint32_t(unsafe.Sizeof(c))
	var texts pinned
	defer texts.release()
	texts.put(text{&c.bill_no, o.BillNo}, text{&c.openid, o.OpenID}, text{&c.zone_id, o.ZoneID},
		text{&c.user_ip, o.UserIP}, text{&c.host_data, string(o.HostData)})
	var told *C.wxg_error
	status := C.wxg_client_submit_present(to.client, &c, &told)
	return failure(status, told)
}

func (o CancelPayOptions) submit(to native, userTag uint64) error {
	c := C.wxg_cancel_pay_options{
		user_tag:    C.uint64_t(userTag),
		deadline_ms: C.int64_t(milliseconds(o.Deadline)),
	}
	c.struct_size = C.uint32_t(unsafe.Sizeof(c))
	var texts pinned
	defer texts.release()
	texts.put(text{&c.bill_no, o.BillNo})
	var told *C.wxg_error
	status := C.wxg_client_submit_cancel_pay(to.client, &c, &told)
	return failure(status, told)
}

func (o GetBalanceOptions) submit(to native, userTag uint64) error {
	c := C.wxg_get_balance_options{
		user_tag:    C.uint64_t(userTag),
		deadline_ms: C.int64_t(milliseconds(o.Deadline)),
	}
	c.struct_size = C.uint32_t(unsafe.Sizeof(c))
	var texts pinned
	defer texts.release()
	texts.put(text{&c.openid, o.OpenID}, text{&c.zone_id, o.ZoneID}, text{&c.user_ip, o.UserIP})
	var told *C.wxg_error
	status := C.wxg_client_submit_get_balance(to.client, &c, &told)
	return failure(status, told)
}

func (o LoginOptions) submit(to native, userTag uint64) error {
	c := C.wxg_login_options{
		user_tag:    C.uint64_t(userTag),
		deadline_ms: C.int64_t(milliseconds(o.Deadline)),
	}
	c.struct_size = C.uint32_t(unsafe.Sizeof(c))
	var texts pinned
	defer texts.release()
	texts.put(text{&c.js_code, o.JSCode})
	var told *C.wxg_error
	status := C.wxg_client_submit_login(to.client, &c, &told)
	return failure(status, told)
}

func (o CheckSessionOptions) submit(to native, userTag uint64) error {
	c := C.wxg_session_options{
		user_tag:    C.uint64_t(userTag),
		deadline_ms: C.int64_t(milliseconds(o.Deadline)),
	}
	c.struct_size = C.uint32_t(unsafe.Sizeof(c))
	var texts pinned
	defer texts.release()
	texts.put(text{&c.openid, o.OpenID})
	var told *C.wxg_error
	status := C.wxg_client_submit_check_session(to.client, &c, &told)
	return failure(status, told)
}

func (o ResetSessionOptions) submit(to native, userTag uint64) error {
	c := C.wxg_session_options{
		user_tag:    C.uint64_t(userTag),
		deadline_ms: C.int64_t(milliseconds(o.Deadline)),
	}
	c.struct_size = C.uint32_t(unsafe.Sizeof(c))
	var texts pinned
	defer texts.release()
	texts.put(text{&c.openid, o.OpenID})
	var told *C.wxg_error
	status := C.wxg_client_submit_reset_session(to.client, &c, &told)
	return failure(status, told)
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

// ---- without a client: pure, from any goroutine ----

// ExplainErrcode explains an errcode as answered to one call of one generation: the same number means different things.
// Any number has an answer; one that is not documented is of ClassUnknown.
func ExplainErrcode(generation Generation, call Call, errcode int32) (ErrcodeHelp, error) {
	var view C.wxg_errcode_help_view
	view.struct_size = C.uint32_t(unsafe.Sizeof(view))
	status := C.wxg_errcode_help(C.uint32_t(generation), C.uint32_t(call), C.int32_t(errcode), &view)
	if err := failure(status, nil); err != nil {
		return ErrcodeHelp{}, err
	}
	return ErrcodeHelp{
		Class:    Class(view.errcode_class),
		CauseEn:  copied(view.cause_en),
		RemedyEn: copied(view.remedy_en),
		CauseZh:  copied(view.cause_zh),
		RemedyZh: copied(view.remedy_zh),
	}, nil
}

// toSign is what the functions of signing share: a path, fields and a key, in C's terms.
type toSign struct {
	texts     pinned
	path, key C.wxg_str
	fields    []C.wxg_field
}

func prepare(path string, fields []Field, key string) *toSign {
	s := &toSign{fields: make([]C.wxg_field, len(fields)+1)}
	texts := []text{{&s.path, path}, {&s.key, key}}
	for i, field := range fields {
		texts = append(texts, text{&s.fields[i].name, field.Name}, text{&s.fields[i].value, field.Value})
	}
	s.texts.put(texts...)
	return s
}

// SignMidasV1 makes the sig of a Midas v1 request: HMAC-SHA256 with the AppKey over all fields of the body but sig and
// mp_sig, in any order given. path is the one posted to, such as /cgi-bin/midas/pay, without host and query.
func SignMidasV1(path string, fields []Field, appKey string) (string, error) {
	s := prepare(path, fields, appKey)
	defer s.texts.release()
	var signature [SignatureSize]C.char
	var told *C.wxg_error
	status := C.wxg_sign_midas_v1(&s.path, &s.fields[0], C.size_t(len(fields)), &s.key, &signature[0], &told)
	if err := failure(status, told); err != nil {
		return "", err
	}
	return C.GoStringN(&signature[0], SignatureSize), nil
}

// SignMidasV1MpSig makes the mp_sig of a Midas v1 request: as SignMidasV1, but with the player's session_key, as text,
// and with access_token and sig among the fields.
func SignMidasV1MpSig(path string, fields []Field, sessionKey string) (string, error) {
	s := prepare(path, fields, sessionKey)
	defer s.texts.release()
	var signature [SignatureSize]C.char
	var told *C.wxg_error
	status := C.wxg_sign_midas_v1_mp_sig(&s.path, &s.fields[0], C.size_t(len(fields)), &s.key, &signature[0], &told)
	if err := failure(status, told); err != nil {
		return "", err
	}
	return C.GoStringN(&signature[0], SignatureSize), nil
}

// ExplainSignature is the exact string that SignMidasV1 (or, where access_token is among the fields, SignMidasV1MpSig)
// signs, with every secret shown as ***: compare it with what the server says after 90011 or 90009.
func ExplainSignature(path string, fields []Field) (string, error) {
	s := prepare(path, fields, "")
	defer s.texts.release()
	var signed *C.wxg_text
	var told *C.wxg_error
	status := C.wxg_sign_explain(&s.path, &s.fields[0], C.size_t(len(fields)), &signed, &told)
	if err := failure(status, told); err != nil {
		return "", err
	}
	defer C.wxg_text_free(signed)
	var size C.size_t
	characters := C.wxg_text_read(signed, &size)
	return C.GoStringN(characters, C.int(size)), nil
}

// BuildMidasV1 checks every value and makes one signed Midas v1 request: no client, no clock, no network. Whoever sends
// it keeps the rules: write the order down first, send it once, repeat it only under the same bill_no with a fresh TS,
// and never take a missing answer for a no.
func BuildMidasV1(o MidasV1RequestOptions) (*MidasV1Request, error) {
	c := C.wxg_midas_v1_request_options{
		call:        C.uint32_t(o.Call),
		environment: C.uint32_t(o.Environment),
		no_mp_sig:   flag(o.NoMpSig),
		amount:      C.int64_t(o.Amount),
		ts:          C.int64_t(o.TS),
	}
	c.struct_size = C.uint32_t(unsafe.Sizeof(c))
	var texts pinned
	defer texts.release()
	texts.put(text{&c.appid, o.AppID}, text{&c.offer_id, o.OfferID}, text{&c.app_key, o.AppKey}, text{&c.pf, o.PF},
		text{&c.access_token, o.AccessToken}, text{&c.session_key, o.SessionKey}, text{&c.openid, o.OpenID},
		text{&c.zone_id, o.ZoneID}, text{&c.bill_no, o.BillNo}, text{&c.pay_item, o.PayItem},
		text{&c.app_remark, o.AppRemark}, text{&c.user_ip, o.UserIP})
	var request *C.wxg_request
	var told *C.wxg_error
	if err := failure(C.wxg_midas_v1_build(&c, &request, &told), told); err != nil {
		return nil, err
	}
	defer C.wxg_request_free(request)
	var view C.wxg_request_view
	view.struct_size = C.uint32_t(unsafe.Sizeof(view))
	if err := failure(C.wxg_request_read(request, &view), nil); err != nil {
		return nil, err
	}
	return &MidasV1Request{copied(view.method), copied(view.path_and_query), copied(view.content_type), copiedBytes(view.body)}, nil
}

// ParseMidasV1 reads the answer to a request of BuildMidasV1. The completion speaks of this one attempt only, through
// ErrcodeClass: ClassDone is done; ClassUnknown, also of an answer that cannot be read, may have been executed;
// ClassDuplicate is done if an earlier attempt of yours is unaccounted for; any other did nothing, though earlier ones
// may have.
func ParseMidasV1(o MidasV1ReplyOptions) (*Completion, error) {
	c := C.wxg_midas_v1_reply_options{
		call:        C.uint32_t(o.Call),
		http_status: C.uint32_t(o.HTTPStatus),
	}
	c.struct_size = C.uint32_t(unsafe.Sizeof(c))
	var texts pinned
	defer texts.release()
	texts.put(text{&c.body, string(o.Body)}, text{&c.bill_no, o.BillNo})
	var completion *C.wxg_completion
	var told *C.wxg_error
	if err := failure(C.wxg_midas_v1_parse(&c, &completion, &told), told); err != nil {
		return nil, err
	}
	return read(completion), nil
}
