package wxgame

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"
)

func TestSignaturesAreThoseOfTheVectors(t *testing.T) {
	text, err := os.ReadFile("../../tests/vectors/midas_v1.json")
	check(t, err)
	var file struct {
		AppKey      string `json:"app_key"`
		SessionKey  string `json:"session_key"`
		AccessToken string `json:"access_token"`
		Vectors     []struct {
			Path         string
			Fields       map[string]any
			Sig          string
			MpSig        string `json:"mp_sig"`
			ExplainSig   string `json:"explain_sig"`
			ExplainMpSig string `json:"explain_mp_sig"`
		}
	}
	decoder := json.NewDecoder(strings.NewReader(string(text)))
	decoder.UseNumber()
	check(t, decoder.Decode(&file))
	if len(file.Vectors) == 0 {
		t.Fatal("no vectors")
	}
	for _, vector := range file.Vectors {
		var fields []Field
		for name, value := range vector.Fields {
			fields = append(fields, Field{name, fmt.Sprint(value)})
		}
		sig, err := SignMidasV1(vector.Path, fields, file.AppKey)
		check(t, err)
		same(t, "sig", sig, vector.Sig)
		explained, err := ExplainSignature(vector.Path, fields)
		check(t, err)
		same(t, "explain_sig", explained, vector.ExplainSig)

		fields = append(fields, Field{"access_token", file.AccessToken}, Field{"sig", sig})
		mpSig, err := SignMidasV1MpSig(vector.Path, fields, file.SessionKey)
		check(t, err)
		same(t, "mp_sig", mpSig, vector.MpSig)
		explained, err = ExplainSignature(vector.Path, fields)
		check(t, err)
		same(t, "explain_mp_sig", explained, vector.ExplainMpSig)
	}
	_, err = SignMidasV1("/cgi-bin/midas/pay", []Field{{"openid", ""}}, file.AppKey)
	refused(t, err, ErrInvalidArgument, "fields")
	_, err = SignMidasV1("/cgi-bin/midas/pay", nil, "")
	refused(t, err, ErrInvalidArgument, "app_key")
}

func requestOptions() MidasV1RequestOptions {
	return MidasV1RequestOptions{
		Call: CallPay, Environment: EnvironmentSandbox, AppID: "wx1234567", OfferID: "12345678", AppKey: "key",
		PF: "android", AccessToken: "ACCESSTOKEN", SessionKey: "V7Q38/i2KXaqrQyl2Yx9Hg==", OpenID: "oPlayer", ZoneID: "1",
		BillNo: "order-1", PayItem: "sword", AppRemark: "shop", UserIP: "113.108.77.69", Amount: 30, TS: 1507530737,
	}
}

func TestARequestSaysWhatItWasMadeOf(t *testing.T) {
	request, err := BuildMidasV1(requestOptions())
	check(t, err)
	same(t, "method", request.Method, "POST")
	same(t, "content type", request.ContentType, "application/json")
	path, query, _ := strings.Cut(request.PathAndQuery, "?")
	same(t, "path", path, "/cgi-bin/midas/sandbox/pay")
	same(t, "query", query, "access_token=ACCESSTOKEN")
	var body map[string]any
	check(t, json.Unmarshal(request.Body, &body))
	for name, wanted := range map[string]any{
		"appid": "wx1234567", "offer_id": "12345678", "pf": "android", "openid": "oPlayer", "zone_id": "1",
		"bill_no": "order-1", "pay_item": "sword", "app_remark": "shop", "user_ip": "113.108.77.69", "amt": 30.0,
		"ts": 1507530737.0,
	} {
		same(t, name, body[name], wanted)
	}
	if body["sig"] == nil || body["mp_sig"] == nil {
		t.Error("it is not signed")
	}

	options := requestOptions()
	options.NoMpSig = true
	request, err = BuildMidasV1(options)
	check(t, err)
	same(t, "mp_sig", strings.Contains(string(request.Body), "mp_sig"), false)

	options.Amount = 0
	_, err = BuildMidasV1(options)
	refused(t, err, ErrInvalidArgument, "amount")
}

func TestAnAnswerIsReadAsTheLibraryReadsIt(t *testing.T) {
	told, err := ParseMidasV1(MidasV1ReplyOptions{Call: CallPay, HTTPStatus: 200, BillNo: "order-1",
		Body: []byte(`{"errcode":0,"errmsg":"ok","bill_no":"order-1","balance":70,"used_gen_amt":5}`)})
	check(t, err)
	same(t, "outcome", told.Outcome, OutcomeDone)
	same(t, "class", told.ErrcodeClass, ClassDone)
	same(t, "balance", told.Balance, 70)
	same(t, "used_gen_amt", told.UsedGenAmt, 5)
	same(t, "has", told.Has, HasBalance|HasUsedGenAmt)

	told, err = ParseMidasV1(MidasV1ReplyOptions{Call: CallGetBalance, HTTPStatus: 200, Body: []byte(
		`{"errcode":0,"balance":1,"gen_balance":2,"save_amt":3,"save_sum":4,"cost_sum":5,"present_sum":6,"first_save":1}`)})
	check(t, err)
	same(t, "amounts", words(told.Balance, told.GenBalance, told.SaveAmt, told.SaveSum, told.CostSum, told.PresentSum,
		told.FirstSave), "1 2 3 4 5 6 true")

	told, err = ParseMidasV1(MidasV1ReplyOptions{Call: CallPay, HTTPStatus: 502, BillNo: "order-1"})
	check(t, err)
	same(t, "outcome of no answer", told.Outcome, OutcomeUnknown)
	_, err = ParseMidasV1(MidasV1ReplyOptions{Call: CallPay, HTTPStatus: -1})
	refused(t, err, ErrInvalidArgument, "http_status")
}

func TestAnErrcodeIsExplained(t *testing.T) {
	help, err := ExplainErrcode(GenerationV1, CallPay, 90013)
	check(t, err)
	same(t, "class", help.Class, ClassRefused)
	if help.CauseEn == "" || help.RemedyEn == "" || help.CauseZh == "" || help.RemedyZh == "" || help.CauseEn == help.CauseZh {
		t.Errorf("not all texts are told: %+v", help)
	}
	_, err = ExplainErrcode(GenerationV1, 99, 0)
	refused(t, err, ErrInvalidArgument, "")

	// The same number means another thing in another generation, or for another call.
	expired, err := ExplainErrcode(GenerationV2, CallPay, 90016)
	check(t, err)
	same(t, "90016 of v2", expired.Class, ClassSession)
	classic, err := ExplainErrcode(GenerationV1, CallPay, 90016)
	check(t, err)
	same(t, "90016 of v1", classic.Class != ClassSession && classic.CauseEn != expired.CauseEn, true)
	unknown, err := ExplainErrcode(GenerationV2, CallQueryOrder, 90019)
	check(t, err)
	same(t, "90019 of queryOrder", unknown.Class, ClassRefused)
	_, err = ExplainErrcode(GenerationV1, CallQueryOrder, 0)
	refused(t, err, ErrInvalidArgument, "")
}

func TestSignaturesOfV2AreThoseOfTheVectors(t *testing.T) {
	text, err := os.ReadFile("../../tests/vectors/game_v2.json")
	check(t, err)
	var file struct {
		Signed []struct {
			Path, Body, Signature string
			AppKey                string `json:"app_key"`
			PaySig                string `json:"pay_sig"`
			SessionKey            string `json:"session_key"`
		}
	}
	check(t, json.Unmarshal(text, &file))
	paySigs := 0
	for _, vector := range file.Signed {
		signature, err := SignGameV2Signature([]byte(vector.Body), vector.SessionKey)
		check(t, err)
		same(t, "signature", signature, vector.Signature)
		if vector.PaySig == "" {
			continue
		}
		paySigs++
		paySig, err := SignGameV2(vector.Path, []byte(vector.Body), vector.AppKey)
		check(t, err)
		same(t, "pay_sig", paySig, vector.PaySig)
		explained, err := ExplainGameV2(vector.Path, []byte(vector.Body))
		check(t, err)
		same(t, "explained", explained, vector.Path+"&"+vector.Body)
	}
	if len(file.Signed) < 2 || paySigs == 0 {
		t.Fatalf("%d vectors, %d with a pay_sig", len(file.Signed), paySigs)
	}
	_, err = SignGameV2("wxa/game/pay", nil, "key")
	refused(t, err, ErrInvalidArgument, "path")
	_, err = SignGameV2("/wxa/game/pay", []byte("{}"), "")
	refused(t, err, ErrInvalidArgument, "app_key")
	_, err = SignGameV2Signature([]byte("{}"), "")
	refused(t, err, ErrInvalidArgument, "session_key")
	_, err = ExplainGameV2("", nil)
	refused(t, err, ErrInvalidArgument, "path")
}

func requestOfV2() GameV2RequestOptions {
	return GameV2RequestOptions{
		Call: CallPay, Environment: EnvironmentSandbox, OfferID: "12345678", AppKey: "key", AccessToken: "ACCESSTOKEN",
		SessionKey: sessionKey, OpenID: "oPlayer", ZoneID: "1", BillNo: "order-1", PayItem: "sword", AppRemark: "shop",
		UserIP: "113.108.77.69", Amount: 30, TS: 1507530737,
	}
}

func TestARequestOfV2SaysWhatItWasMadeOf(t *testing.T) {
	for call, wanted := range map[Call]struct {
		path  string
		spoil func(*GameV2RequestOptions)
		body  map[string]any
	}{
		CallPay: {"/wxa/game/pay", nil, map[string]any{"bill_no": "order-1", "payitem": "sword", "remark": "shop", "amount": 30.0}},
		CallCancelPay: {"/wxa/game/cancelpay", func(o *GameV2RequestOptions) { o.RefundBillNo = "part-1" },
			map[string]any{"pay_bill_no": "order-1", "bill_no": "part-1", "amount": 30.0}},
		CallGetBalance: {"/wxa/game/getbalance", func(o *GameV2RequestOptions) { o.CoinType = CoinTypeRechargeCentre },
			map[string]any{"coin_type": 1.0}},
		CallQueryOrder: {"/wxa/game/queryorderinfo", func(o *GameV2RequestOptions) { o.OutTradeNo, o.BizID = "trade-1", BizItem },
			map[string]any{"out_trade_no": "trade-1", "biz_id": 2.0}},
	} {
		options := requestOfV2()
		options.Call = call
		if call != CallPay {
			options.PayItem, options.AppRemark = "", ""
		}
		if call == CallGetBalance || call == CallQueryOrder {
			options.BillNo, options.Amount = "", 0
		}
		if wanted.spoil != nil {
			wanted.spoil(&options)
		}
		request, err := BuildGameV2(options)
		check(t, err)
		path, query, _ := strings.Cut(request.PathAndQuery, "?")
		same(t, "sent to", words(request.Method, path, request.ContentType), words("POST", wanted.path, "application/json"))
		paySig, err := SignGameV2(path, request.Body, options.AppKey)
		check(t, err)
		signature, err := SignGameV2Signature(request.Body, options.SessionKey)
		check(t, err)
		for _, pair := range []string{"access_token=ACCESSTOKEN", "sig_method=hmac_sha256", "pay_sig=" + paySig, "signature=" + signature} {
			same(t, pair, strings.Contains(query, pair), true)
		}
		var body map[string]any
		check(t, json.Unmarshal(request.Body, &body))
		wanted.body["openid"], wanted.body["env"], wanted.body["ts"] = "oPlayer", 1.0, 1507530737.0
		wanted.body["user_ip"], wanted.body["offer_id"], wanted.body["zone_id"] = "113.108.77.69", "12345678", "1"
		for name, value := range wanted.body {
			same(t, path+" "+name, body[name], value)
		}
		same(t, path+": fields", len(body), len(wanted.body))
	}
	options := requestOfV2()
	options.Amount = 0
	_, err := BuildGameV2(options)
	refused(t, err, ErrInvalidArgument, "amount")
}

func TestAnAnswerOfV2IsReadAsTheLibraryReadsIt(t *testing.T) {
	part, err := ParseGameV2(GameV2ReplyOptions{Call: CallCancelPay, HTTPStatus: 200, BillNo: "order-1", RefundBillNo: "part-1",
		Body: []byte(`{"errcode":0,"errmsg":"ok","bill_no":"part-1","balance":70,"used_present_amount":5}`)})
	check(t, err)
	same(t, "part", words(part.Outcome, part.ErrcodeClass, part.Balance, part.UsedGenAmt), "done done 70 5")
	paid, err := ParseGameV2(GameV2ReplyOptions{Call: CallQueryOrder, HTTPStatus: 200, OutTradeNo: "trade-1", Body: []byte(
		`{"errcode":0,"out_trade_no":"trade-1","product_id":"sword","pay_state":2,"deliver_state":1,"pay_finish_time":1668136271,` +
			`"mch_order_no":"mch-1","transaction_id":"wx-1"}`)})
	check(t, err)
	same(t, "order", words(paid.Outcome, paid.BillNo, paid.PayItem, paid.PayState, paid.DeliverState, paid.PayFinishTime,
		paid.MchOrderNo, paid.TransactionID), "done trade-1 sword 2 1 1668136271 mch-1 wx-1")
	lost, err := ParseGameV2(GameV2ReplyOptions{Call: CallPay, HTTPStatus: 502, BillNo: "order-1"})
	check(t, err)
	same(t, "no answer", lost.Outcome, OutcomeUnknown)
	_, err = ParseGameV2(GameV2ReplyOptions{Call: CallPay, HTTPStatus: -1})
	refused(t, err, ErrInvalidArgument, "http_status")
}

func TestBillNosAreNew(t *testing.T) {
	one, other := newBillNo(t), newBillNo(t)
	same(t, "length", len(one), BillNoSize-1)
	if one == other {
		t.Error("the same number twice")
	}
	same(t, "version", strings.Contains(header(t), `#define WXG_VERSION "`+Version()+`"`), true)
}

// No duration that is set becomes a zero, which would be the default.
func TestDurationsAreRoundedAwayFromZero(t *testing.T) {
	for given, wanted := range map[time.Duration]int64{
		0: 0, 1: 1, -1: -1, time.Millisecond: 1, time.Millisecond + 1: 2, -time.Millisecond - 1: -2, time.Hour: 3_600_000,
	} {
		same(t, given.String(), milliseconds(given), wanted)
	}
}

func TestOptionsShowNoKey(t *testing.T) {
	client := ClientOptions{AppID: "wx1", AppSecret: "hidden", AppKey: "hidden", SandboxAppKey: "hidden", JournalKey: "hidden",
		PushToken: "hidden", PushAESKey: "hidden", Journal: "postgres://game:hidden@db/game"}
	request, v2 := requestOptions(), requestOfV2()
	request.AppKey, request.AccessToken, request.SessionKey = "hidden", "hidden", "hidden"
	v2.AppKey, v2.AccessToken, v2.SessionKey = "hidden", "hidden", "hidden"
	for _, verb := range []string{"%v", "%+v", "%#v", "%s"} {
		if shown := fmt.Sprintf(verb+verb+verb+verb, client, &client, request, v2); strings.Contains(shown, "hidden") {
			t.Errorf("%s shows it: %s", verb, shown)
		}
	}
}
