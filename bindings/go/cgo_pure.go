package wxgame

// Without a client: pure, from any goroutine.

// #include <wxgame.h>
import "C"

import "unsafe"

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
	return takenText(signed), nil
}

// takenText copies a text and frees it.
func takenText(from *C.wxg_text) string {
	defer C.wxg_text_free(from)
	var size C.size_t
	characters := C.wxg_text_read(from, &size)
	return C.GoStringN(characters, C.int(size))
}

// SignGameV2 makes the pay_sig of a request of the virtual payment 2.0: HMAC-SHA256 with the AppKey of the environment over
// path, & and body. path is the one posted to, such as /wxa/game/pay, without host and query; the plain name
// requestMidasPaymentGameItem gives the paySig of an item order, whose signData is the body. body is what is sent, byte
// for byte: sign first, then send those very bytes.
func SignGameV2(path string, body []byte, appKey string) (string, error) {
	var cPath, cBody, cKey C.wxg_str
	var texts pinned
	defer texts.release()
	texts.put(text{&cPath, path}, text{&cBody, string(body)}, text{&cKey, appKey})
	var signature [SignatureSize]C.char
	var told *C.wxg_error
	status := C.wxg_sign_game_v2(&cPath, &cBody, &cKey, &signature[0], &told)
	if err := failure(status, told); err != nil {
		return "", err
	}
	return C.GoStringN(&signature[0], SignatureSize), nil
}

// SignGameV2Signature makes the signature of a request of the virtual payment 2.0, or of an item order: HMAC-SHA256 over
// body alone, with the player's session_key as text.
func SignGameV2Signature(body []byte, sessionKey string) (string, error) {
	var cBody, cKey C.wxg_str
	var texts pinned
	defer texts.release()
	texts.put(text{&cBody, string(body)}, text{&cKey, sessionKey})
	var signature [SignatureSize]C.char
	var told *C.wxg_error
	status := C.wxg_sign_game_v2_signature(&cBody, &cKey, &signature[0], &told)
	if err := failure(status, told); err != nil {
		return "", err
	}
	return C.GoStringN(&signature[0], SignatureSize), nil
}

// ExplainGameV2 is the exact string that SignGameV2 signs; there is no secret in it. What SignGameV2Signature signs is body
// itself. After 90010 compare body with the one that WeChat's errmsg says it received, after 90011 path and the AppKey as
// well. It holds the openid: keep it out of logs.
func ExplainGameV2(path string, body []byte) (string, error) {
	var cPath, cBody C.wxg_str
	var texts pinned
	defer texts.release()
	texts.put(text{&cPath, path}, text{&cBody, string(body)})
	var signed *C.wxg_text
	var told *C.wxg_error
	status := C.wxg_sign_game_v2_explain(&cPath, &cBody, &signed, &told)
	if err := failure(status, told); err != nil {
		return "", err
	}
	return takenText(signed), nil
}

// BuildMidasV1 checks every value and makes one signed Midas v1 request: no client, no clock, no network. Whoever sends
// it keeps the rules: write the order down first, send it once, repeat it only under the same bill_no with a fresh TS,
// and never take a missing answer for a no.
func BuildMidasV1(o MidasV1RequestOptions) (*SignedRequest, error) {
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
	return takenRequest(request)
}

// takenRequest copies a request and frees it.
func takenRequest(from *C.wxg_request) (*SignedRequest, error) {
	defer C.wxg_request_free(from)
	var view C.wxg_request_view
	view.struct_size = C.uint32_t(unsafe.Sizeof(view))
	if err := failure(C.wxg_request_read(from, &view), nil); err != nil {
		return nil, err
	}
	return &SignedRequest{copied(view.method), copied(view.path_and_query), copied(view.content_type), copiedBytes(view.body)}, nil
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

// BuildGameV2 checks every value and makes one signed request of the virtual payment 2.0, as BuildMidasV1 does, with the
// same rules for whoever sends it.
func BuildGameV2(o GameV2RequestOptions) (*SignedRequest, error) {
	c := C.wxg_game_v2_request_options{
		call:        C.uint32_t(o.Call),
		environment: C.uint32_t(o.Environment),
		coin_type:   C.uint32_t(o.CoinType),
		amount:      C.int64_t(o.Amount),
		ts:          C.int64_t(o.TS),
		biz_id:      C.uint32_t(o.BizID),
	}
	c.struct_size = C.uint32_t(unsafe.Sizeof(c))
	var texts pinned
	defer texts.release()
	texts.put(text{&c.offer_id, o.OfferID}, text{&c.app_key, o.AppKey}, text{&c.access_token, o.AccessToken},
		text{&c.session_key, o.SessionKey}, text{&c.openid, o.OpenID}, text{&c.zone_id, o.ZoneID},
		text{&c.bill_no, o.BillNo}, text{&c.refund_bill_no, o.RefundBillNo}, text{&c.out_trade_no, o.OutTradeNo},
		text{&c.pay_item, o.PayItem}, text{&c.app_remark, o.AppRemark}, text{&c.user_ip, o.UserIP})
	var request *C.wxg_request
	var told *C.wxg_error
	if err := failure(C.wxg_game_v2_build(&c, &request, &told), told); err != nil {
		return nil, err
	}
	return takenRequest(request)
}

// ParseGameV2 reads the answer to a request of BuildGameV2. Of a payment call the completion speaks of this one attempt
// only, as that of ParseMidasV1 does. Of CallQueryOrder it speaks of the question, as that of QueryOrder does: OutcomeDone
// means that WeChat told, and PayState then whether the purchase is paid; OutcomeRejected with ReasonOrderUnknown that WeChat
// knows no such order, or not yet; any other answer says nothing of it. The Errmsg of 90010 repeats the body that WeChat
// received: keep it out of logs.
func ParseGameV2(o GameV2ReplyOptions) (*Completion, error) {
	c := C.wxg_game_v2_reply_options{
		call:        C.uint32_t(o.Call),
		http_status: C.uint32_t(o.HTTPStatus),
	}
	c.struct_size = C.uint32_t(unsafe.Sizeof(c))
	var texts pinned
	defer texts.release()
	texts.put(text{&c.body, string(o.Body)}, text{&c.bill_no, o.BillNo}, text{&c.refund_bill_no, o.RefundBillNo},
		text{&c.out_trade_no, o.OutTradeNo})
	var completion *C.wxg_completion
	var told *C.wxg_error
	if err := failure(C.wxg_game_v2_parse(&c, &completion, &told), told); err != nil {
		return nil, err
	}
	return read(completion), nil
}
