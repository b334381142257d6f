package wxgame

import (
	"bytes"
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"
)

// pusher signs and seals what WeChat would push.
type pusher struct{ token, aesKey, appID, appKey string }

const goodsEvent = "minigame_game_pay_goods_deliver_notify"

func hexOf(digest []byte) string { return hex.EncodeToString(digest) }

func sortedSHA1(of ...string) string {
	slices.Sort(of)
	digest := sha1.Sum([]byte(strings.Join(of, "")))
	return hexOf(digest[:])
}

// seal encrypts a message as safe mode does: random bytes, length, message, appid, padded to 32.
func (p pusher) seal(t testing.TB, message string) string {
	t.Helper()
	key, err := base64.StdEncoding.DecodeString(p.aesKey + "=")
	check(t, err)
	plain := binary.BigEndian.AppendUint32([]byte("0123456789abcdef"), uint32(len(message)))
	plain = append(plain, message+p.appID...)
	pad := 32 - len(plain)%32
	plain = append(plain, bytes.Repeat([]byte{byte(pad)}, pad)...)
	block, err := aes.NewCipher(key)
	check(t, err)
	cipher.NewCBCEncrypter(block, key[:aes.BlockSize]).CryptBlocks(plain, plain)
	return base64.StdEncoding.EncodeToString(plain)
}

// post is the query and the body of a push with this message.
func (p pusher) post(t testing.TB, message string) (query string, body []byte) {
	t.Helper()
	const timestamp, nonce = "1714112445", "415670741"
	values := url.Values{"timestamp": {timestamp}, "nonce": {nonce}, "signature": {sortedSHA1(p.token, timestamp, nonce)}}
	if p.aesKey != "" {
		sealed := p.seal(t, message)
		values.Set("encrypt_type", "aes")
		values.Set("msg_signature", sortedSHA1(p.token, timestamp, nonce, sealed))
		message = fmt.Sprintf(`{"ToUserName":"gh_1","Encrypt":%q}`, sealed)
	}
	return values.Encode(), []byte(message)
}

// event is the message of an event of payment.
func (p pusher) event(t testing.TB, name string, payload any) string {
	t.Helper()
	text, err := json.Marshal(payload)
	check(t, err)
	sign := hmac.New(sha256.New, []byte(p.appKey))
	fmt.Fprintf(sign, "%s&%s", name, text)
	return fmt.Sprintf(`{"MsgType":"event","Event":%q,"MiniGame":{"Payload":%q,"PayEventSig":%q}}`,
		name, text, hexOf(sign.Sum(nil)))
}

type fields = map[string]any

func goodsOf(outTradeNo, openID string, quantity int) fields {
	return fields{"OpenId": openID, "Env": 0, "OutTradeNo": outTradeNo,
		"GoodsInfo": fields{"ProductId": "sword", "Quantity": quantity, "ZoneId": "1", "OrigPrice": 1200, "ActualPrice": 1100,
			"Attach": "cart 7", "OrderSource": 2},
		"WeChatPayInfo": fields{"MchOrderNo": "mch-1", "TransactionId": "wx-1"}}
}

// pushOptions are of a journal that no disk can hold up: a push is waited for 2 s at the most.
func pushOptions(t testing.TB, aesKey string) (ClientOptions, pusher) {
	t.Helper()
	options := newV2Options(t)
	options.Journal = "memory:"
	options.PushToken, options.PushAESKey = "push-token", aesKey
	return options, pusher{options.PushToken, aesKey, options.AppID, options.AppKey}
}

// push hands one push of this message to the client.
func push(t testing.TB, client *Client, from pusher, message string) *Completion {
	t.Helper()
	query, body := from.post(t, message)
	told, err := client.ReceivePush(soon(t), query, body)
	check(t, err)
	same(t, "kind", told.Kind, KindPush)
	return told
}

var aesKeys = map[string]string{"plain": "", "safe": "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"}

func TestAPushIsToldOnce(t *testing.T) {
	for mode, aesKey := range aesKeys {
		t.Run(mode, func(t *testing.T) {
			options, wechat := pushOptions(t, aesKey)
			client := openClient(t, options)
			number, player := newBillNo(t), newPlayer(t, 0)
			message := wechat.event(t, goodsEvent, goodsOf(number, player, 2))
			told := push(t, client, wechat, message)
			same(t, "told", words(told.Verdict, told.PushEvent, told.Outcome, told.PaymentKind, told.Flags),
				words("deliver goods done item_order", FlagNotOrdered))
			same(t, "texts", words(told.EventID, told.OutTradeNo, told.OpenID, told.ZoneID, told.PayItem, told.Attach, told.MchOrderNo,
				told.TransactionID, told.Event), words(number, number, player, "1 sword cart 7 mch-1 wx-1", goodsEvent))
			same(t, "numbers", words(told.Amount, told.OrigPrice, told.ActualPrice, told.OrderSource), "2 1200 1100 2")
			same(t, "answer", words(told.AnswerStatus, told.AnswerContentType, told.Answer),
				`200 application/json {"ErrCode":0,"ErrMsg":"Success"}`)
			var payload struct{ OutTradeNo string }
			check(t, json.Unmarshal([]byte(told.Payload), &payload))
			same(t, "payload", payload.OutTradeNo, number)

			again := push(t, client, wechat, message)
			same(t, "repeated", words(again.Verdict, again.Outcome, again.DeliveryID, again.AnswerStatus, again.Answer),
				words("already_delivered none 0 200", told.Answer))
			check(t, client.Ack(told.DeliveryID))
			eventually(t, "the ack is written", func() bool { return stats(t, client).Unacked == 0 })
			same(t, "after the ack", push(t, client, wechat, message).Verdict, VerdictAlreadyDelivered)
		})
	}
}

func TestAForgedPushIsRefusedByReason(t *testing.T) {
	for mode, aesKey := range aesKeys {
		options, wechat := pushOptions(t, aesKey)
		client := openClient(t, options)
		number := newBillNo(t)
		good := wechat.event(t, goodsEvent, goodsOf(number, "oPlayer", 1))
		type forged struct {
			by      pusher
			message string
			refusal Refusal
		}
		otherToken, otherKey, otherApp := wechat, wechat, wechat
		otherToken.token, otherKey.appKey, otherApp.appID = "guessed", "guessed", "wxother"
		cases := []forged{
			{otherToken, good, RefusalSignature},
			{wechat, otherKey.event(t, goodsEvent, goodsOf(number, "oPlayer", 1)), RefusalPayEventSig},
			{wechat, strings.Replace(good, "oPlayer", "oOther!", 1), RefusalPayEventSig},
			{wechat, wechat.event(t, goodsEvent, fields{"Env": 0}), RefusalMalformed},
			{wechat, "{", RefusalMalformed},
			{wechat, strings.Repeat(" ", 1<<20+1), RefusalTooLarge},
		}
		if mode == "safe" {
			inTheClear, otherAES := wechat, wechat
			inTheClear.aesKey, otherAES.aesKey = "", strings.Repeat("B", 43)
			cases = append(cases, forged{otherApp, good, RefusalAppID}, forged{inTheClear, good, RefusalDowngrade},
				forged{otherAES, good, RefusalDecrypt})
		} else {
			cases = append(cases, forged{wechat, giftMessage(t, number), RefusalUnprotected})
		}
		for _, forged := range cases {
			told := push(t, client, forged.by, forged.message)
			same(t, mode, words(told.Verdict, told.Refusal, told.Outcome, told.DeliveryID, told.AnswerStatus),
				words("refuse", forged.refusal, "none 0 403"))
			same(t, "it says why", told.Errmsg != "", true)
		}
		// None of them keeps the good one from being told.
		same(t, mode, push(t, client, wechat, good).Verdict, VerdictDeliver)
	}
}

func TestAPushEndsTheOrderItIsAbout(t *testing.T) {
	options, wechat := pushOptions(t, "")
	client := openClient(t, options)
	player := loggedIn(t, client, 0)
	order := swordOrder(t, player)
	_, err := client.ItemOrder(soon(t), order)
	check(t, err)
	message := wechat.event(t, goodsEvent, goodsOf(order.OutTradeNo, player, 2))
	told := push(t, client, wechat, message)
	same(t, "ordered and paid", words(told.Verdict, told.Outcome, told.Flags, told.EventID, told.Amount, told.GoodsPrice,
		string(told.HostData)), words("deliver done 0", order.OutTradeNo, "2 600 shelf 3"))
	check(t, client.Ack(told.DeliveryID))
	ended, err := client.ItemOrder(soon(t), order)
	check(t, err)
	same(t, "ordered again", words(ended.Outcome, ended.SignData), "done ")

	// What is pushed is not what was ordered.
	order = swordOrder(t, player)
	_, err = client.ItemOrder(soon(t), order)
	check(t, err)
	other := push(t, client, wechat, wechat.event(t, goodsEvent, goodsOf(order.OutTradeNo, player, 3)))
	same(t, "mismatch", words(other.Verdict, other.Refusal), "refuse mismatch")
	review := nextDelivery(t, client)
	same(t, "review", words(review.Kind, review.PaymentKind, review.Outcome, review.Reason, review.OutTradeNo),
		words("resolved item_order needs_review mismatch", order.OutTradeNo))
}

func giftMessage(t testing.TB, orderID string) string {
	t.Helper()
	text, err := json.Marshal(fields{"MsgType": "event", "Event": "minigame_deliver_goods", "MiniGame": fields{
		"OrderId": orderID, "IsPreview": 1, "ToUserOpenid": "oPlayer", "Zone": 2001, "GiftTypeId": 4, "GiftId": "spring",
		"SendTime": 1714112445, "GoodsList": []fields{{"Id": "sword", "Num": 1}, {"Id": "gold", "Num": 50}}}})
	check(t, err)
	return string(text)
}

func TestEveryEventIsTyped(t *testing.T) {
	options, wechat := pushOptions(t, aesKeys["safe"])
	client := openClient(t, options)
	number := newBillNo(t)

	gift := push(t, client, wechat, giftMessage(t, number))
	same(t, "gift", words(gift.Verdict, gift.PushEvent, gift.EventID, gift.OpenID, gift.GiftID, gift.GiftTypeID, gift.IsPreview,
		gift.SendTime.Unix(), gift.Goods), words("deliver gift", number, "oPlayer spring 4 true 1714112445 [{sword 1} {gold 50}]"))
	refund := push(t, client, wechat, wechat.event(t, "minigame_pay_refund_succ_notify",
		fields{"RefundId": number, "RefundAmount": 600, "RefundSource": 2, "Env": 0, "OutTradeNo": "order-1"}))
	same(t, "refund", words(refund.Verdict, refund.PushEvent, refund.EventID, refund.OutTradeNo, refund.RefundAmount,
		refund.RefundSource),
		words("deliver refund", number, "order-1 600 2"))
	coins := push(t, client, wechat, wechat.event(t, "minigame_coin_deliver_completed", fields{"OpenId": "oPlayer", "Env": 0,
		"OutTradeNo": number, "CoinInfo": fields{"ZoneId": "1", "ActualPrice": 600, "BuyQuantity": 60, "OrigPrice": 600}}))
	same(t, "coins", words(coins.Verdict, coins.PushEvent, coins.Amount, coins.ActualPrice, coins.DeliveryID),
		"balance_changed coins 60 600 0")
	mock := wechat.event(t, goodsEvent, goodsOf(newBillNo(t), "oPlayer", 1))
	mock = strings.Replace(mock, `"MiniGame":{`, `"MiniGame":{"IsMock":true,`, 1)
	told := push(t, client, wechat, mock)
	same(t, "mock", words(told.Verdict, told.PushEvent, told.DeliveryID, told.AnswerStatus), "mock goods 0 200")
	const hello = `{"MsgType":"event","Event":"hello","words":"世界"}`
	told = push(t, client, wechat, hello)
	same(t, "other", words(told.Verdict, told.Event, told.Payload, told.Answer), words("other hello", hello, "success"))

	for _, of := range []*Completion{gift, refund} {
		check(t, client.Ack(of.DeliveryID))
	}
	eventually(t, "nothing is left", func() bool { return stats(t, client).Unacked == 0 })
}

// The examples of WeChat's page on message push, as they came.
func TestTheOfficialPushesAreTaken(t *testing.T) {
	options := newV2Options(t)
	options.AppID, options.PushToken, options.Journal = "wxba5fad812f8e6fb9", "AAAAA", "memory:"
	const message = `{"ToUserName":"gh_97417a04a28d","FromUserName":"o9AgO5Kd5ggOC-bXrbNODIiE3bGY","CreateTime":1714112445,` +
		`"MsgType":"event","Event":"debug_demo","debug_str":"hello world"}`
	const encrypt = "+qdx1OKCy+5JPCBFWw70tm0fJGb2Jmeia4FCB7kao+/Q5c/ohsOzQHi8khUOb05JCpj0JB4RvQMkUyus8TPxLKJGQqcvZqzDpVzazhZv6JsXUnn" +
		"R8XGT740XgXZUXQ7vJVnAG+tE8NUd4yFyjPy7GgiaviNrlCTj+l5kdfMuFUPpRSrfMZuMcp3Fn2Pede2IuQrKEYwKSqFIZoNqJ4M8EajAsjLY2km32IIjdf8" +
		"YL/P50F7mStwntrA2cPDrM1kb6mOcfBgRtWygb3VIYnSeOBrebufAlr7F9mFUPAJGj04="
	const get = "signature=f464b24fc39322e44b38aa78f5edd27bd1441696&timestamp=1714036504&nonce=1514711492&echostr=4375120948345356249"

	client := openClient(t, options)
	told, err := client.ReceivePush(soon(t), get, nil)
	check(t, err)
	same(t, "the URL is tried", words(told.Verdict, told.AnswerStatus, told.Answer), "echo 200 4375120948345356249")
	told, err = client.ReceivePush(soon(t), "signature=899cf89e464efb63f54ddac96b0a0a235f53aa78&timestamp=1714037059&nonce=486452656",
		[]byte(message))
	check(t, err)
	same(t, "plain", words(told.Verdict, told.Event, told.Payload), words("other debug_demo", message))

	options.PushAESKey = strings.Repeat("A", 43)
	client = openClient(t, options)
	const query = "signature=6c5c811b55cc85e0e1b54100749188c20beb3f5d&timestamp=1714112445&nonce=415670741&encrypt_type=aes" +
		"&msg_signature=046e02f8204d34f8ba5fa3b1db94908f3df2e9b3"
	told, err = client.ReceivePush(soon(t), query, []byte(`{"ToUserName":"gh_97417a04a28d","Encrypt":"`+encrypt+`"}`))
	check(t, err)
	same(t, "safe", words(told.Verdict, told.Event, told.Payload), words("other debug_demo", message))
	same(t, "sealed as WeChat does", sortedSHA1("AAAAA", "1714112445", "415670741", encrypt),
		"046e02f8204d34f8ba5fa3b1db94908f3df2e9b3")
}

func TestWhatAPushToldComesAgainUntilItIsAcknowledged(t *testing.T) {
	options, wechat := pushOptions(t, "")
	options.Journal = newOptions(t).Journal
	client := openClient(t, options)
	number := newBillNo(t)
	told := push(t, client, wechat, wechat.event(t, goodsEvent, goodsOf(number, "oPlayer", 2)))
	same(t, "verdict", told.Verdict, VerdictDeliver)
	check(t, client.Close(time.Second))

	client = openClient(t, options)
	again := nextDelivery(t, client)
	same(t, "delivery", words(again.Kind, again.PaymentKind, again.PushEvent, again.Outcome, again.Flags, again.EventID, again.OpenID,
		again.PayItem, again.Amount), words("resolved item_order goods done", FlagRedelivered|FlagNotOrdered, number, "oPlayer sword 2"))
	same(t, "it is not pushed", words(again.Verdict, again.AnswerStatus, again.Answer), "none 0 ")
	check(t, client.Ack(again.DeliveryID))
	check(t, client.Close(time.Second))
	client = openClient(t, options)
	same(t, "unacked", stats(t, client).Unacked, 0)
}

func TestAPushThatCannotBeTakenIsAnError(t *testing.T) {
	client := openClient(t, newV2Options(t))
	_, err := client.ReceivePush(soon(t), "a=b", nil)
	refused(t, err, ErrUnsupported, "push_token")

	options, wechat := pushOptions(t, "")
	client = openClient(t, options)
	_, err = client.ReceivePush(soon(t), "\xff", nil)
	refused(t, err, ErrInvalidArgument, "query")
	query, body := wechat.post(t, wechat.event(t, goodsEvent, goodsOf(newBillNo(t), "oPlayer", 1)))
	ended, end := context.WithCancel(context.Background())
	end()
	_, err = client.ReceivePush(ended, query, body)
	same(t, "an ended context", err, error(context.Canceled))
	check(t, client.Close(0))
	_, err = client.ReceivePush(soon(t), query, body)
	refused(t, err, ErrClosed, "")
}
