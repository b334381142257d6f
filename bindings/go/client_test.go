package wxgame

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"
)

func TestAPlayerPaysOnce(t *testing.T) {
	client := openClient(t, newOptions(t))
	player := newPlayer(t, 100)
	login(t, client, player)
	ctx := soon(t)

	balance, err := client.GetBalance(ctx, GetBalanceOptions{OpenID: player, ZoneID: "1"})
	check(t, err)
	same(t, "balance", balance.Balance, 100)
	same(t, "kind", balance.Kind, KindGetBalance)

	sword := swordFor(t, player)
	sword.HostData = []byte{0, 'x', 0xff}
	began := time.Now()
	paid, err := client.Pay(ctx, sword)
	check(t, err)
	check(t, paid.Err())
	same(t, "told", words(paid.Kind, paid.PaymentKind, paid.Outcome, paid.Reason, paid.Amount, paid.Balance, paid.Errcode),
		"pay pay done none 30 70 0")
	same(t, "texts", words(paid.BillNo, paid.OpenID, paid.ZoneID, paid.PayItem, paid.HostData),
		words(sword.BillNo, player, "1", "sword", sword.HostData))
	same(t, "has a balance", paid.Has&HasBalance, HasBalance)
	if paid.DeliveryID == 0 || paid.RecordID == 0 || paid.Flags != 0 {
		t.Errorf("ids and flags: %+v", paid)
	}
	for _, at := range []time.Time{paid.CreatedAt, paid.FirstSentAt} {
		if since := at.Sub(began); since < -time.Second || since > time.Minute {
			t.Errorf("it was made and sent %v after the call began", since)
		}
	}

	again, err := client.Pay(ctx, sword)
	check(t, err)
	same(t, "asked again", again.Outcome, OutcomeDone)
	same(t, "charged", charged(t, sword.BillNo), 1)
	other := sword
	other.Amount++
	conflict, err := client.Pay(ctx, other)
	check(t, err)
	same(t, "outcome of a conflict", conflict.Outcome, OutcomeNone)
	refused(t, conflict.Err(), ErrBillNoConflict, "")

	gift, err := client.Present(ctx, PresentOptions{BillNo: newBillNo(t), OpenID: player, ZoneID: "1", Amount: 5, HostData: []byte("g")})
	check(t, err)
	same(t, "gift", words(gift.Kind, gift.Outcome, gift.Amount, gift.Balance, string(gift.HostData)), "present done 5 75 g")

	castle := swordFor(t, player)
	castle.Amount = 1000
	poor, err := client.Pay(ctx, castle)
	check(t, err)
	same(t, "too few coins", words(poor.Outcome, poor.Reason, poor.Errcode), "rejected balance_too_low 90013")

	// An ack is written behind the call: the cancel is told WrongState before it is.
	check(t, client.Ack(paid.DeliveryID))
	var back *Completion
	eventually(t, "the payment can be given back", func() bool {
		back, err = client.CancelPay(ctx, CancelPayOptions{BillNo: sword.BillNo})
		check(t, err)
		return !errors.Is(back.Err(), ErrWrongState)
	})
	same(t, "given back", words(back.Kind, back.Outcome), "cancel_pay done")
	none, err := client.CancelPay(ctx, CancelPayOptions{BillNo: "never-heard-of"})
	check(t, err)
	refused(t, none.Err(), ErrNotFound, "")

	wrong, err := client.Login(ctx, LoginOptions{JSCode: "wrong"})
	check(t, err)
	same(t, "a wrong js_code", words(wrong.Outcome, wrong.Errcode), "rejected 40029")

	told := stats(t, client)
	same(t, "pay answers", told.PayAnswers[ClassDone-1], 1)
	same(t, "pay answers refused", told.PayAnswers[ClassRefused-1], 1)
	same(t, "present answers", told.PresentAnswers[ClassDone-1], 1)
	same(t, "balance answers", told.GetBalanceAnswers[ClassDone-1], 1)
	same(t, "cancel answers", told.CancelPayAnswers[ClassDone-1], 1)
	same(t, "sessions", told.Sessions, 1)
	same(t, "token requests", told.TokenRequests, 1)
	if told.TokenAge < 0 || told.LatencyCount == 0 || told.JournalCommits == 0 || told.Submitted < 8 {
		t.Errorf("stats: %+v", told)
	}
}

// What the library refuses it refuses by name, so every option reaches the field of its name.
func TestEveryOptionReachesItsField(t *testing.T) {
	const bad = "\xff"
	for field, spoil := range map[string]func(*ClientOptions){
		"environment":        func(o *ClientOptions) { o.Environment = 9 },
		"generation":         func(o *ClientOptions) { o.Generation = 9 },
		"appid":              func(o *ClientOptions) { o.AppID = bad },
		"app_secret":         func(o *ClientOptions) { o.AppSecret = bad },
		"offer_id":           func(o *ClientOptions) { o.OfferID = bad },
		"app_key":            func(o *ClientOptions) { o.AppKey = bad },
		"sandbox_app_key":    func(o *ClientOptions) { o.SandboxAppKey = bad },
		"pf":                 func(o *ClientOptions) { o.PF = bad },
		"journal":            func(o *ClientOptions) { o.Journal = bad },
		"base_url":           func(o *ClientOptions) { o.BaseURL = bad },
		"ca_file":            func(o *ClientOptions) { o.CAFile = bad },
		"proxy":              func(o *ClientOptions) { o.Proxy = bad },
		"timeout_ms":         func(o *ClientOptions) { o.Timeout = -time.Second },
		"connect_timeout_ms": func(o *ClientOptions) { o.ConnectTimeout = -time.Second },
		"deadline_ms":        func(o *ClientOptions) { o.Deadline = -time.Second },
		"late_window_ms":     func(o *ClientOptions) { o.LateWindow = -time.Second },
		"queue_capacity":     func(o *ClientOptions) { o.QueueCapacity = 1 << 31 },
		"in_flight_limit":    func(o *ClientOptions) { o.InFlightLimit = 1 << 31 },
		"log_level":          func(o *ClientOptions) { o.LogLevel = 9 },
		"recovery":           func(o *ClientOptions) { o.Recovery = 9 },
		"retry_per_s":        func(o *ClientOptions) { o.RetryPerSecond = 1 << 31 },
		"retain_days":        func(o *ClientOptions) { o.RetainDays = 1 << 31 },
		"redeliver_after_ms": func(o *ClientOptions) { o.RedeliverAfter = 1000000 * time.Hour },
		"clock_offset_ms":    func(o *ClientOptions) { o.ClockOffset = 10000 * time.Hour },
		"token_source":       func(o *ClientOptions) { o.TokenSource = 9 },

		"token_requests_per_day": func(o *ClientOptions) { o.TokenRequestsPerDay = 1 << 31 },
		"seal_days":              func(o *ClientOptions) { o.SealDays = 1 << 31 },
		"journal_key":            func(o *ClientOptions) { o.JournalKey = bad },
		"previous_journal_key":   func(o *ClientOptions) { o.PreviousJournalKey = bad },
		"lease_ms":               func(o *ClientOptions) { o.Lease = 999 * time.Millisecond },
	} {
		options := newOptions(t)
		spoil(&options)
		if client, err := Open(options); err == nil {
			t.Errorf("%s is not refused", field)
			check(t, client.Close(0))
		} else {
			refused(t, err, ErrInvalidArgument, field)
		}
	}

	client := openClient(t, newOptions(t))
	pay := swordFor(t, "oPlayer")
	gift := PresentOptions{BillNo: pay.BillNo, OpenID: "oPlayer", ZoneID: "1", Amount: 1}
	balance := GetBalanceOptions{OpenID: "oPlayer", ZoneID: "1"}
	for _, wrong := range []struct {
		field string
		call  func(PayOptions, PresentOptions, GetBalanceOptions) Request
	}{
		{"bill_no", func(p PayOptions, _ PresentOptions, _ GetBalanceOptions) Request { p.BillNo = bad; return p }},
		{"openid", func(p PayOptions, _ PresentOptions, _ GetBalanceOptions) Request { p.OpenID = bad; return p }},
		{"zone_id", func(p PayOptions, _ PresentOptions, _ GetBalanceOptions) Request { p.ZoneID = bad; return p }},
		{"amount", func(p PayOptions, _ PresentOptions, _ GetBalanceOptions) Request { p.Amount = 0; return p }},
		{"pay_item", func(p PayOptions, _ PresentOptions, _ GetBalanceOptions) Request { p.PayItem = bad; return p }},
		{"app_remark", func(p PayOptions, _ PresentOptions, _ GetBalanceOptions) Request { p.AppRemark = bad; return p }},
		{"user_ip", func(p PayOptions, _ PresentOptions, _ GetBalanceOptions) Request { p.UserIP = bad; return p }},
		{"deadline_ms", func(p PayOptions, _ PresentOptions, _ GetBalanceOptions) Request { p.Deadline = -1; return p }},
		{"host_data", func(p PayOptions, _ PresentOptions, _ GetBalanceOptions) Request {
			p.HostData = make([]byte, 257)
			return p
		}},
		{"bill_no", func(_ PayOptions, g PresentOptions, _ GetBalanceOptions) Request { g.BillNo = bad; return g }},
		{"openid", func(_ PayOptions, g PresentOptions, _ GetBalanceOptions) Request { g.OpenID = bad; return g }},
		{"zone_id", func(_ PayOptions, g PresentOptions, _ GetBalanceOptions) Request { g.ZoneID = bad; return g }},
		{"amount", func(_ PayOptions, g PresentOptions, _ GetBalanceOptions) Request { g.Amount = 0; return g }},
		{"user_ip", func(_ PayOptions, g PresentOptions, _ GetBalanceOptions) Request { g.UserIP = bad; return g }},
		{"deadline_ms", func(_ PayOptions, g PresentOptions, _ GetBalanceOptions) Request { g.Deadline = -1; return g }},
		{"host_data", func(_ PayOptions, g PresentOptions, _ GetBalanceOptions) Request {
			g.HostData = make([]byte, 257)
			return g
		}},
		{"openid", func(_ PayOptions, _ PresentOptions, b GetBalanceOptions) Request { b.OpenID = bad; return b }},
		{"zone_id", func(_ PayOptions, _ PresentOptions, b GetBalanceOptions) Request { b.ZoneID = bad; return b }},
		{"user_ip", func(_ PayOptions, _ PresentOptions, b GetBalanceOptions) Request { b.UserIP = bad; return b }},
		{"deadline_ms", func(_ PayOptions, _ PresentOptions, b GetBalanceOptions) Request { b.Deadline = -1; return b }},
	} {
		refused(t, client.Submit(wrong.call(pay, gift, balance)), ErrInvalidArgument, wrong.field)
	}
	refused(t, client.Submit(CancelPayOptions{BillNo: bad}), ErrInvalidArgument, "bill_no")
	refused(t, client.Submit(CancelPayOptions{BillNo: "a", Deadline: -1}), ErrInvalidArgument, "deadline_ms")
	refused(t, client.Submit(LoginOptions{}), ErrInvalidArgument, "js_code")
	refused(t, client.Submit(LoginOptions{JSCode: "a", Deadline: -1}), ErrInvalidArgument, "deadline_ms")
	refused(t, client.SetSession(bad, "V7Q38/i2KXaqrQyl2Yx9Hg=="), ErrInvalidArgument, "openid")
	refused(t, client.SetSession("oPlayer", bad), ErrInvalidArgument, "session_key")
	refused(t, client.Submit(CheckSessionOptions{OpenID: bad}), ErrInvalidArgument, "openid")
	refused(t, client.Submit(ResetSessionOptions{OpenID: bad}), ErrInvalidArgument, "openid")
	refused(t, client.Submit(CheckSessionOptions{OpenID: "a", Deadline: -1}), ErrInvalidArgument, "deadline_ms")
	refused(t, client.Submit(ResetSessionOptions{OpenID: "a", Deadline: -1}), ErrInvalidArgument, "deadline_ms")
	refused(t, client.ForgetSession(bad), ErrInvalidArgument, "openid")
	refused(t, client.SetAccessToken("a", time.Hour), ErrWrongState, "")
	refused(t, client.SetAppKey(bad), ErrInvalidArgument, "app_key")
	refused(t, client.Ack(0), ErrInvalidArgument, "delivery_id")
	same(t, "submitted", stats(t, client).Submitted, 0)
}

func TestAFailedOpenSaysWhy(t *testing.T) {
	options := newOptions(t)
	openClient(t, options)
	_, err := Open(options)
	refused(t, err, ErrJournalInUse, "journal")

	options = newOptions(t)
	options.CAFile += ".missing"
	_, err = Open(options)
	refused(t, err, ErrConfiguration, "ca_file")
}

func TestACancelledContextIsUnknownAndItsAnswerIsDelivered(t *testing.T) {
	client := openClient(t, newOptions(t))
	player := newPlayer(t, 100)
	sword := swordFor(t, player)
	ctx, cancel := context.WithCancel(soon(t))

	// Nobody is logged in, so the payment waits.
	failed := make(chan error)
	go func() {
		_, err := client.Pay(ctx, sword)
		failed <- err
	}()
	asked := nextDelivery(t, client)
	same(t, "delivery", asked.Kind, KindSessionNeeded)
	same(t, "player", asked.OpenID, player)
	cancel()
	err := <-failed
	same(t, "unknown", errors.Is(err, ErrOutcomeUnknown), true)
	same(t, "the context's", errors.Is(err, context.Canceled), true)

	login(t, client, player)
	late := nextDelivery(t, client)
	same(t, "delivery", words(late.Kind, late.Outcome, late.BillNo), words("pay done", sword.BillNo))
	check(t, client.Ack(late.DeliveryID))
	same(t, "charged", charged(t, sword.BillNo), 1)
	same(t, "unread", client.Unread(), 0)

	// A deadline of the context is told as such; a lookup stops as well.
	past, stop := context.WithDeadline(context.Background(), time.Now().Add(time.Millisecond))
	defer stop()
	fault(t, `{"call":"pay","times":0,"do":"yes","reply":{"kind":"hang"}}`)
	_, err = client.Pay(past, swordFor(t, player))
	same(t, "the context's", errors.Is(err, context.DeadlineExceeded), true)
}

func TestAContextThatHasEndedSubmitsNothing(t *testing.T) {
	client := openClient(t, newOptions(t))
	ended, end := context.WithCancel(context.Background())
	end()
	for what, call := range map[string]func() error{
		"pay":         func() error { _, err := client.Pay(ended, swordFor(t, "oPlayer")); return err },
		"present":     func() error { _, err := client.Present(ended, PresentOptions{}); return err },
		"cancel_pay":  func() error { _, err := client.CancelPay(ended, CancelPayOptions{}); return err },
		"get_balance": func() error { _, err := client.GetBalance(ended, GetBalanceOptions{}); return err },
		"login":       func() error { _, err := client.Login(ended, LoginOptions{}); return err },
		"item_order":  func() error { _, err := client.ItemOrder(ended, ItemOrderOptions{}); return err },
		"query_order": func() error { _, err := client.QueryOrder(ended, QueryOrderOptions{}); return err },
		"payment":     func() error { _, err := client.Payment(ended, "a"); return err },
		"settle":      func() error { _, err := client.Settle(ended, "a", OutcomeDone); return err },
		"resume":      func() error { _, err := client.Resume(ended, "a"); return err },
		"list":        func() error { _, err := client.ListUnresolved(ended, 0, 1); return err },
	} {
		err := call()
		same(t, what, err, error(context.Canceled))
		same(t, what+" is unknown", errors.Is(err, ErrOutcomeUnknown), false)
	}
	for range client.Deliveries(ended) {
		t.Error("a delivery")
	}
	same(t, "submitted", stats(t, client).Submitted, 0)
}

func TestAFinalAnswerComesAgainUntilItIsAcknowledged(t *testing.T) {
	options := newOptions(t)
	options.RedeliverAfter = 20 * time.Millisecond
	client := openClient(t, options)
	player := newPlayer(t, 100)
	login(t, client, player)
	sword := swordFor(t, player)
	sword.HostData = []byte("cart 7")
	paid, err := client.Pay(soon(t), sword)
	check(t, err)

	// However often the library repeats it, one is kept.
	eventually(t, "it comes again", func() bool { return client.Unread() == 1 })
	repeats := stats(t, client).Completed
	eventually(t, "and again", func() bool { return stats(t, client).Completed > repeats+3 })
	same(t, "unread", client.Unread(), 1)
	again := nextDelivery(t, client)
	same(t, "delivery", words(again.Kind, again.PaymentKind, again.Outcome, again.Flags&FlagRedelivered, again.BillNo,
		string(again.HostData)), words("resolved pay done", FlagRedelivered, sword.BillNo, "cart 7"))
	same(t, "delivery id", again.DeliveryID, paid.DeliveryID)
	check(t, client.Ack(again.DeliveryID))
	eventually(t, "the ack is written", func() bool { return stats(t, client).Unacked == 0 })
	same(t, "charged", charged(t, sword.BillNo), 1)
}

func TestTheNextOpenDeliversWhatWasNotAcknowledged(t *testing.T) {
	options := newOptions(t)
	client := openClient(t, options)
	player := newPlayer(t, 100)
	login(t, client, player)
	sword := swordFor(t, player)
	_, err := client.Pay(soon(t), sword)
	check(t, err)
	check(t, client.Close(0))

	client = openClient(t, options)
	again := nextDelivery(t, client)
	same(t, "delivery", words(again.Kind, again.Outcome, again.Flags, again.BillNo),
		words("resolved done", FlagRedelivered, sword.BillNo))
	check(t, client.Ack(again.DeliveryID))
	check(t, client.Close(time.Second))

	client = openClient(t, options)
	same(t, "unacked", stats(t, client).Unacked, 0)
	check(t, client.Close(0))
	for delivery := range client.Deliveries(soon(t)) {
		t.Errorf("delivered once more: %+v", delivery)
	}
}

func TestCloseAnswersEveryCall(t *testing.T) {
	options := newOptions(t)
	client := openClient(t, options)
	player, absent := newPlayer(t, 1000), newPlayer(t, 1000)
	login(t, client, player)
	fault(t, `{"call":"pay","times":0,"do":"yes","reply":{"kind":"hang"}}`)
	ctx := soon(t)

	type answer struct {
		*Completion
		err error
	}
	var waiting, unsent []PayOptions
	answers := make(chan answer, 40)
	pay := func(options PayOptions) {
		told, err := client.Pay(ctx, options)
		answers <- answer{told, err}
	}
	for range 20 {
		waiting, unsent = append(waiting, swordFor(t, player)), append(unsent, swordFor(t, absent))
		go pay(waiting[len(waiting)-1])
		go pay(unsent[len(unsent)-1])
	}
	eventually(t, "all are under way", func() bool {
		told := stats(t, client)
		return told.InFlight == 20 && told.OpenWaiting+told.OpenUnknown == 40
	})
	for _, sword := range waiting {
		eventually(t, "the coins are taken", func() bool { return charged(t, sword.BillNo) == 1 })
	}

	check(t, client.Close(0))
	select {
	case <-client.inbox.ended:
	default:
		t.Error("the pump still runs")
	}
	outcomes := map[Outcome]int{}
	for range 40 {
		told := <-answers
		check(t, told.err)
		same(t, "flag", told.Flags&FlagShutdown, FlagShutdown)
		refused(t, told.Err(), ErrClosed, "")
		outcomes[told.Outcome]++
	}
	same(t, "unknown", outcomes[OutcomeUnknown], 20)
	same(t, "not sent", outcomes[OutcomeNotSent], 20)

	// The request for the absent player's session can still be read; then it is over.
	kinds := map[Kind]int{}
	for delivery := range client.Deliveries(ctx) {
		kinds[delivery.Kind]++
	}
	same(t, "requests for a session", kinds[KindSessionNeeded], 1)
	same(t, "deliveries", len(kinds), 1)
	_, err := client.Pay(ctx, swordFor(t, player))
	refused(t, err, ErrClosed, "")
	refused(t, client.Ack(1), ErrClosed, "")
	check(t, client.Close(0))
	stats(t, client)

	// What was unknown is resolved by the next open.
	control(t, "DELETE", "faults", "")
	client = openClient(t, options)
	open := map[string]bool{}
	for _, sword := range waiting {
		open[sword.BillNo] = true
	}
	for delivery := range client.Deliveries(ctx) {
		same(t, "delivery", words(delivery.Kind, delivery.Outcome), "resolved done")
		delete(open, delivery.BillNo)
		check(t, client.Ack(delivery.DeliveryID))
		if len(open) == 0 {
			break
		}
	}
	for _, sword := range waiting {
		same(t, "charged", charged(t, sword.BillNo), 1)
	}
}

func TestAnOperatorDecides(t *testing.T) {
	options := newOptions(t)
	client := openClient(t, options)
	player := newPlayer(t, 100)
	login(t, client, player)
	ctx := soon(t)
	fault(t, `{"call":"pay","times":0,"do":"yes","reply":{"kind":"hang"}}`)
	swords := []PayOptions{swordFor(t, player), swordFor(t, player)}
	outcomes := make(chan Outcome)
	for _, sword := range swords {
		go func() {
			told, err := client.Pay(ctx, sword)
			if err != nil {
				t.Error(err)
				told = &Completion{}
			}
			outcomes <- told.Outcome
		}()
		eventually(t, "the coins are taken", func() bool { return charged(t, sword.BillNo) == 1 })
	}
	check(t, client.Close(0))
	for range swords {
		same(t, "outcome", <-outcomes, OutcomeUnknown)
	}
	control(t, "DELETE", "faults", "")

	options.Recovery = RecoveryHold
	options.LogLevel = LogDebug
	client = openClient(t, options)
	first, err := client.ListUnresolved(ctx, 0, 1)
	check(t, err)
	second, err := client.ListUnresolved(ctx, first[0].RecordID, 1024)
	check(t, err)
	same(t, "listed", words(first[0].BillNo, len(second), second[0].BillNo), words(swords[0].BillNo, 1, swords[1].BillNo))
	same(t, "waits for", words(second[0].Kind, second[0].Outcome, second[0].WaitingFor), "payment unknown operator")
	same(t, "held", stats(t, client).OpenHeld, 2)

	settled, err := client.Settle(ctx, swords[0].BillNo, OutcomeDone)
	check(t, err)
	same(t, "settled", words(settled.Kind, settled.Outcome, settled.Reason), "settle done settled")
	resumed, err := client.Resume(ctx, swords[1].BillNo)
	check(t, err)
	same(t, "resumed", words(resumed.Kind, resumed.Err()), "resume <nil>")
	told := map[string]Outcome{}
	for delivery := range client.Deliveries(ctx) {
		told[delivery.BillNo] = delivery.Outcome
		check(t, client.Ack(delivery.DeliveryID))
		if len(told) == 2 {
			break
		}
	}
	same(t, "delivered", words(told[swords[0].BillNo], told[swords[1].BillNo]), "done done")
	payment, err := client.Payment(ctx, swords[1].BillNo)
	check(t, err)
	same(t, "payment", words(payment.Kind, payment.Outcome), "payment done")

	for what, call := range map[string]func() (*Completion, error){
		"payment": func() (*Completion, error) { return client.Payment(ctx, "never-heard-of") },
		"settle":  func() (*Completion, error) { return client.Settle(ctx, "never-heard-of", OutcomeRejected) },
		"resume":  func() (*Completion, error) { return client.Resume(ctx, "never-heard-of") },
	} {
		none, err := call()
		check(t, err)
		same(t, what, none.Status, ErrNotFound)
	}
	_, err = client.Settle(ctx, "a", OutcomeUnknown)
	refused(t, err, ErrInvalidArgument, "outcome")
	_, err = client.ListUnresolved(ctx, 0, 0)
	refused(t, err, ErrInvalidArgument, "capacity")
	_, err = client.ListUnresolved(ctx, 0, 1025)
	refused(t, err, ErrInvalidArgument, "capacity")

	records, err := client.PollLog(1)
	check(t, err)
	same(t, "log records", len(records), 1)
	check(t, client.Close(0))
	records, err = client.PollLog(1024)
	check(t, err)
	if len(records) == 0 || records[0].Message == "" || records[0].Level == 0 || time.Since(records[0].Time) > time.Minute {
		t.Errorf("log: %+v", records)
	}
	_, err = client.PollLog(0)
	refused(t, err, ErrInvalidArgument, "")
}

func TestASessionCanBeSet(t *testing.T) {
	client := openClient(t, newOptions(t))
	player := newPlayer(t, 100)
	const key = "V7Q38/i2KXaqrQyl2Yx9Hg=="
	control(t, "POST", "session", fmt.Sprintf(`{"openid":%q,"session_key":%q}`, player, key))
	check(t, client.SetSession(player, key))
	paid, err := client.Pay(soon(t), swordFor(t, player))
	check(t, err)
	same(t, "outcome", paid.Outcome, OutcomeDone)

	check(t, client.SetAppKey("another-key"))
	refusal, err := client.Pay(soon(t), swordFor(t, player))
	check(t, err)
	same(t, "with another key", words(refusal.Outcome, refusal.Reason, refusal.Errcode), "rejected configuration 90011")
}

func TestASessionIsCheckedResetAndForgotten(t *testing.T) {
	client := openClient(t, newOptions(t))
	player := newPlayer(t, 100)
	ctx := soon(t)
	none, err := client.CheckSession(ctx, CheckSessionOptions{OpenID: player})
	check(t, err)
	same(t, "without a session", words(none.Kind, none.Outcome, none.Reason), "check_session rejected session")

	login(t, client, player)
	good, err := client.CheckSession(ctx, CheckSessionOptions{OpenID: player})
	check(t, err)
	same(t, "with one", words(good.Outcome, good.Errcode), "done 0")
	replaced, err := client.ResetSession(ctx, ResetSessionOptions{OpenID: player})
	check(t, err)
	same(t, "reset", words(replaced.Kind, replaced.Outcome), "reset_session done")
	paid, err := client.Pay(ctx, swordFor(t, player))
	check(t, err)
	same(t, "with the new one", paid.Outcome, OutcomeDone)

	check(t, client.ForgetSession(player))
	none, err = client.CheckSession(ctx, CheckSessionOptions{OpenID: player})
	check(t, err)
	same(t, "forgotten", words(none.Outcome, none.Reason), "rejected session")
}

func TestTheHostMayBringTheAccessToken(t *testing.T) {
	options := newOptions(t)
	options.TokenSource = TokenSourceHost
	client := openClient(t, options)
	player := newPlayer(t, 100)
	login(t, client, player)
	check(t, client.Submit(swordFor(t, player)))
	need := nextDelivery(t, client)
	same(t, "delivery", need.Kind, KindTokenNeeded)
	token := "token-of-" + run
	control(t, "POST", "token/set", fmt.Sprintf(`{"access_token":%q,"expires_in_s":7200}`, token))
	check(t, client.SetAccessToken(token, 2*time.Hour))
	same(t, "outcome", nextDelivery(t, client).Outcome, OutcomeDone)
	same(t, "requests", stats(t, client).TokenRequests, 0)
	refused(t, client.SetAccessToken(token, 0), ErrInvalidArgument, "expires_in_s")
}

func TestASubmissionIsDelivered(t *testing.T) {
	client := openClient(t, newOptions(t))
	player := newPlayer(t, 100)
	login(t, client, player)
	sword := swordFor(t, player)
	check(t, client.Submit(sword))
	told := nextDelivery(t, client)
	same(t, "delivery", words(told.Kind, told.Outcome, told.BillNo), words("pay done", sword.BillNo))
}

// Every method while the client closes and after it: nothing but answers and ErrClosed.
func TestCallsMayMeetAClose(t *testing.T) {
	options := newOptions(t)
	options.Journal = "memory:"
	client := openClient(t, options)
	ctx := soon(t)
	var callers sync.WaitGroup
	for range 8 {
		callers.Add(1)
		go func() {
			defer callers.Done()
			for n := 0; ; n++ {
				stats(t, client)
				_, logged := client.PollLog(8)
				_, looked := client.Payment(ctx, "a")
				submitted := client.Submit(swordFor(t, "oPlayer"))
				_, paid := client.Pay(ctx, swordFor(t, "oPlayer")) // Waits for a session until the close.
				for _, err := range []error{logged, looked, submitted, paid} {
					if err != nil && !errors.Is(err, ErrClosed) && !errors.Is(err, ErrTimeout) {
						t.Error(err)
					}
				}
				if errors.Is(paid, ErrClosed) {
					return
				}
			}
		}()
	}
	eventually(t, "they wait", func() bool { return stats(t, client).OpenWaiting == 16 })
	var closers sync.WaitGroup
	for range 4 {
		closers.Add(1)
		go func() {
			defer closers.Done()
			check(t, client.Close(0))
		}()
	}
	closers.Wait()
	callers.Wait()
}
