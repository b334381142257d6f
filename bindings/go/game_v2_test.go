package wxgame

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
)

const (
	appKey     = "zNLgAGgqsEWJOg1nFVaO5r7fAlIQxr1u"
	sessionKey = "V7Q38/i2KXaqrQyl2Yx9Hg=="
)

// newV2Options are those of a game that was admitted to the virtual payment 2.0.
func newV2Options(t testing.TB) ClientOptions {
	t.Helper()
	options := newOptions(t)
	options.Generation = GenerationV2
	return options
}

// loggedIn is a new player whose session_key the test knows.
func loggedIn(t testing.TB, client *Client, coins int) string {
	t.Helper()
	player := newPlayer(t, coins)
	control(t, "POST", "session", fmt.Sprintf(`{"openid":%q,"session_key":%q}`, player, sessionKey))
	check(t, client.SetSession(player, sessionKey))
	return player
}

func TestPartsOfAPaymentAreGivenBack(t *testing.T) {
	client := openClient(t, newV2Options(t))
	player := newPlayer(t, 100)
	login(t, client, player)
	ctx := soon(t)
	sword := swordFor(t, player)
	paid, err := client.Pay(ctx, sword)
	check(t, err)
	same(t, "paid", words(paid.Outcome, paid.Balance), "done 70")
	check(t, client.Ack(paid.DeliveryID))

	// An ack is written behind the call.
	part := CancelPayOptions{BillNo: sword.BillNo, RefundBillNo: newBillNo(t), Amount: 10}
	var back *Completion
	eventually(t, "a part can be given back", func() bool {
		back, err = client.CancelPay(ctx, part)
		check(t, err)
		return !errors.Is(back.Err(), ErrWrongState)
	})
	same(t, "a part", words(back.Kind, back.PaymentKind, back.Outcome, back.Amount, back.BillNo, back.RefundBillNo),
		words("cancel_pay cancel_pay done 10", sword.BillNo, part.RefundBillNo))
	if back.DeliveryID == 0 || back.DeliveryID == paid.DeliveryID {
		t.Errorf("delivery ids: %d of the payment, %d of the part", paid.DeliveryID, back.DeliveryID)
	}

	again, err := client.CancelPay(ctx, part)
	check(t, err)
	same(t, "the same part again", words(again.Outcome, again.Amount, again.DeliveryID), words("done 10", back.DeliveryID))
	part.Amount++
	conflict, err := client.CancelPay(ctx, part)
	check(t, err)
	refused(t, conflict.Err(), ErrBillNoConflict, "")
	more, err := client.CancelPay(ctx, CancelPayOptions{BillNo: sword.BillNo, RefundBillNo: newBillNo(t), Amount: 21})
	check(t, err)
	refused(t, more.Err(), ErrWrongState, "")
	same(t, "it tells what is left", strings.Contains(more.Errmsg, "20 coins"), true)

	rest, err := client.CancelPay(ctx, CancelPayOptions{BillNo: sword.BillNo, RefundBillNo: newBillNo(t), Amount: 20})
	check(t, err)
	same(t, "the rest", rest.Outcome, OutcomeDone)
	balance, err := client.GetBalance(ctx, GetBalanceOptions{OpenID: player, ZoneID: "1"})
	check(t, err)
	same(t, "balance", balance.Balance, 100)
	check(t, client.Ack(back.DeliveryID))
	check(t, client.Ack(rest.DeliveryID))
	eventually(t, "both are acknowledged", func() bool { return stats(t, client).Unacked == 0 })
}

func TestCoinsOfTheRechargeCentreAreRead(t *testing.T) {
	client := openClient(t, newV2Options(t))
	player := loggedIn(t, client, 5)
	control(t, "POST", "topup", fmt.Sprintf(`{"openid":%q,"amt":7,"coin_type":1}`, player))
	for coins, wanted := range map[CoinType]int64{CoinTypeGame: 5, CoinTypeRechargeCentre: 7} {
		told, err := client.GetBalance(soon(t), GetBalanceOptions{OpenID: player, ZoneID: "1", CoinType: coins})
		check(t, err)
		same(t, "coins", told.Balance, wanted)
	}
}

func TestAPurchaseIsQueried(t *testing.T) {
	client := openClient(t, newV2Options(t))
	player := loggedIn(t, client, 0)
	question := QueryOrderOptions{BizID: BizCoins, OutTradeNo: newBillNo(t), OpenID: player, ZoneID: "1"}
	unknown, err := client.QueryOrder(soon(t), question)
	check(t, err)
	same(t, "never heard of", words(unknown.Kind, unknown.Outcome, unknown.Reason, unknown.Errcode, unknown.PayState),
		"query_order rejected order_unknown 90019 0")
	for state, wanted := range map[string]string{"unpaid": "done 1 1", "paid": "done 2 1", "delivered": "done 2 2"} {
		question.OutTradeNo = newBillNo(t)
		control(t, "POST", "purchase",
			fmt.Sprintf(`{"out_trade_no":%q,"openid":%q,"amt":6,"state":%q}`, question.OutTradeNo, player, state))
		told, err := client.QueryOrder(soon(t), question)
		check(t, err)
		same(t, state, words(told.Outcome, told.PayState, told.DeliverState), wanted)
		same(t, "out_trade_no", told.OutTradeNo, question.OutTradeNo)
	}
}

func swordOrder(t testing.TB, player string) ItemOrderOptions {
	t.Helper()
	return ItemOrderOptions{OutTradeNo: newBillNo(t), OpenID: player, ZoneID: "1", ProductID: "sword", BuyQuantity: 2,
		GoodsPrice: 600, Attach: `cart <7> & "8"`, Platform: "android", HostData: []byte("shelf 3")}
}

func TestAnItemOrderGivesWhatTheGameClientPaysWith(t *testing.T) {
	client := openClient(t, newV2Options(t))
	ctx := soon(t)
	player := loggedIn(t, client, 0)
	order := swordOrder(t, player)
	told, err := client.ItemOrder(ctx, order)
	check(t, err)
	same(t, "told", words(told.Kind, told.PaymentKind, told.Outcome, told.WaitingFor, told.Amount, told.GoodsPrice, told.DeliveryID),
		"item_order item_order awaiting_payment player 2 600 0")
	same(t, "texts", words(told.BillNo, told.OutTradeNo, told.OpenID, told.ZoneID, told.PayItem, told.Attach, string(told.HostData)),
		words(order.OutTradeNo, order.OutTradeNo, player, "1", "sword", order.Attach, "shelf 3"))

	var data map[string]any
	check(t, json.Unmarshal([]byte(told.SignData), &data))
	for name, wanted := range map[string]any{
		"mode": "goods", "offerId": "12345678", "buyQuantity": 2.0, "env": 0.0, "currencyType": "CNY", "platform": "android",
		"zoneId": "1", "productId": "sword", "goodsPrice": 600.0, "outTradeNo": order.OutTradeNo, "attach": order.Attach,
	} {
		same(t, name, data[name], wanted)
	}
	paySig, err := SignGameV2("requestMidasPaymentGameItem", []byte(told.SignData), appKey)
	check(t, err)
	same(t, "paySig", told.PaySig, paySig)
	signature, err := SignGameV2Signature([]byte(told.SignData), sessionKey)
	check(t, err)
	same(t, "signature", told.Signature, signature)

	// On its way through JSON nothing of it changes.
	carried, err := json.Marshal(told.ItemStrings)
	check(t, err)
	var arrived map[string]string
	check(t, json.Unmarshal(carried, &arrived))
	same(t, "through JSON", words(len(arrived), arrived["signData"], arrived["paySig"], arrived["signature"]),
		words(3, told.SignData, told.PaySig, told.Signature))

	again, err := client.ItemOrder(ctx, order)
	check(t, err)
	same(t, "the same again", again.ItemStrings, told.ItemStrings)
	order.GoodsPrice++
	conflict, err := client.ItemOrder(ctx, order)
	check(t, err)
	refused(t, conflict.Err(), ErrBillNoConflict, "")
	payment, err := client.Payment(ctx, order.OutTradeNo)
	check(t, err)
	same(t, "looked up", words(payment.Outcome, payment.WaitingFor), "awaiting_payment player")
}

// WeChat takes the strings, and what the player then paid is found out without a push.
func TestAnItemThatIsPaidIsResolvedByAQuestion(t *testing.T) {
	client := openClient(t, newV2Options(t))
	player := loggedIn(t, client, 0)
	order := swordOrder(t, player)
	told, err := client.ItemOrder(soon(t), order)
	check(t, err)
	bought, err := json.Marshal(struct {
		OpenID string `json:"openid"`
		ItemStrings
	}{player, told.ItemStrings})
	check(t, err)
	var answer struct{ ErrCode int }
	check(t, json.Unmarshal(control(t, "POST", "item", string(bought)), &answer))
	same(t, "errCode of the game client", answer.ErrCode, 0)

	asked, err := client.QueryOrder(soon(t), QueryOrderOptions{
		BizID: BizItem, OutTradeNo: order.OutTradeNo, OpenID: player, ZoneID: "1"})
	check(t, err)
	same(t, "asked", words(asked.Outcome, asked.PayState, asked.DeliverState), "done 2 1")
	paid := nextDelivery(t, client)
	same(t, "resolved", words(paid.Kind, paid.PaymentKind, paid.Outcome, paid.OutTradeNo, paid.PayItem, paid.Amount, paid.PushEvent,
		string(paid.HostData)), words("resolved item_order done", order.OutTradeNo, "sword 2 none shelf 3"))
	check(t, client.Ack(paid.DeliveryID))
}

func TestAnItemOrderWaitsForASession(t *testing.T) {
	options := newV2Options(t)
	client := openClient(t, options)
	type answer struct {
		told *Completion
		err  error
	}
	answers := make(chan answer, 1)
	submit := func(order ItemOrderOptions) {
		ctx := soon(t)
		go func() {
			told, err := client.ItemOrder(ctx, order)
			answers <- answer{told, err}
		}()
		// Asked for once the order is written down.
		asked := nextDelivery(t, client)
		same(t, "asked for", words(asked.Kind, asked.OpenID), words("session_needed", order.OpenID))
	}
	order := swordOrder(t, newPlayer(t, 0))
	submit(order)
	login(t, client, order.OpenID)
	answered := <-answers
	check(t, answered.err)
	same(t, "after the login", words(answered.told.Outcome, answered.told.Reason, answered.told.SignData != ""),
		"awaiting_payment none true")

	// Nobody comes: the order is kept all the same.
	order = swordOrder(t, newPlayer(t, 0))
	submit(order)
	check(t, client.Close(0))
	answered = <-answers
	check(t, answered.err)
	same(t, "without a session", words(answered.told.Outcome, answered.told.Reason, answered.told.Flags, answered.told.ItemStrings),
		words("awaiting_payment session", FlagShutdown, ItemStrings{}))
	client = openClient(t, options)
	login(t, client, order.OpenID)
	again, err := client.ItemOrder(soon(t), order)
	check(t, err)
	same(t, "after a restart", words(again.Outcome, again.SignData != ""), "awaiting_payment true")
}

func TestEveryOptionOfV2ReachesItsField(t *testing.T) {
	const bad = "\xff"
	for field, spoil := range map[string]func(*ClientOptions){
		"no_mp_sig":    func(o *ClientOptions) { o.NoMpSig = true },
		"pf":           func(o *ClientOptions) { o.PF = "android" },
		"push_token":   func(o *ClientOptions) { o.PushToken = bad },
		"push_aes_key": func(o *ClientOptions) { o.PushToken, o.PushAESKey = "token", "too short" },
	} {
		options := newV2Options(t)
		spoil(&options)
		_, err := Open(options)
		refused(t, err, ErrInvalidArgument, field)
	}

	client := openClient(t, newV2Options(t))
	for _, wrong := range []struct {
		field string
		spoil func(*ItemOrderOptions)
	}{
		{"out_trade_no", func(o *ItemOrderOptions) { o.OutTradeNo = "_a" }},
		{"openid", func(o *ItemOrderOptions) { o.OpenID = bad }},
		{"zone_id", func(o *ItemOrderOptions) { o.ZoneID = bad }},
		{"product_id", func(o *ItemOrderOptions) { o.ProductID = bad }},
		{"buy_quantity", func(o *ItemOrderOptions) { o.BuyQuantity = 0 }},
		{"goods_price", func(o *ItemOrderOptions) { o.GoodsPrice = 0 }},
		{"attach", func(o *ItemOrderOptions) { o.Attach = bad }},
		{"platform", func(o *ItemOrderOptions) { o.Platform = bad }},
		{"deadline_ms", func(o *ItemOrderOptions) { o.Deadline = -1 }},
		{"host_data", func(o *ItemOrderOptions) { o.HostData = make([]byte, 257) }},
	} {
		order := swordOrder(t, "oPlayer")
		wrong.spoil(&order)
		refused(t, client.Submit(order), ErrInvalidArgument, wrong.field)
	}
	for _, wrong := range []struct {
		field string
		spoil func(*QueryOrderOptions)
	}{
		{"biz_id", func(o *QueryOrderOptions) { o.BizID = 0 }},
		{"out_trade_no", func(o *QueryOrderOptions) { o.OutTradeNo = bad }},
		{"openid", func(o *QueryOrderOptions) { o.OpenID = bad }},
		{"zone_id", func(o *QueryOrderOptions) { o.ZoneID = bad }},
		{"user_ip", func(o *QueryOrderOptions) { o.UserIP = bad }},
		{"deadline_ms", func(o *QueryOrderOptions) { o.Deadline = -1 }},
	} {
		question := QueryOrderOptions{BizID: BizItem, OutTradeNo: "a", OpenID: "oPlayer", ZoneID: "1"}
		wrong.spoil(&question)
		refused(t, client.Submit(question), ErrInvalidArgument, wrong.field)
	}
	refused(t, client.Submit(CancelPayOptions{BillNo: "a", RefundBillNo: bad, Amount: 1}), ErrInvalidArgument, "refund_bill_no")
	refused(t, client.Submit(CancelPayOptions{BillNo: "a", RefundBillNo: "b"}), ErrInvalidArgument, "amount")
	refused(t, client.Submit(CancelPayOptions{BillNo: "a", Amount: 1}), ErrInvalidArgument, "refund_bill_no")
	refused(t, client.Submit(GetBalanceOptions{OpenID: "a", ZoneID: "1", CoinType: 9}), ErrInvalidArgument, "coin_type")
	same(t, "submitted", stats(t, client).Submitted, 0)

	classic := openClient(t, newOptions(t))
	for field, request := range map[string]Request{
		"generation": CancelPayOptions{BillNo: "a", RefundBillNo: "b", Amount: 1},
		"coin_type":  GetBalanceOptions{OpenID: "a", ZoneID: "1", CoinType: CoinTypeRechargeCentre},
	} {
		refused(t, classic.Submit(request), ErrUnsupported, field)
	}
	refused(t, classic.Submit(swordOrder(t, "oPlayer")), ErrUnsupported, "generation")
}
