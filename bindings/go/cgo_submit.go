package wxgame

// #include <wxgame.h>
import "C"

import "unsafe"

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
		amount:      C.int64_t(o.Amount),
	}
	c.struct_size = C.uint32_t(unsafe.Sizeof(c))
	var texts pinned
	defer texts.release()
	texts.put(text{&c.bill_no, o.BillNo}, text{&c.refund_bill_no, o.RefundBillNo})
	var told *C.wxg_error
	status := C.wxg_client_submit_cancel_pay(to.client, &c, &told)
	return failure(status, told)
}

func (o GetBalanceOptions) submit(to native, userTag uint64) error {
	c := C.wxg_get_balance_options{
		coin_type:   C.uint32_t(o.CoinType),
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

func (o ItemOrderOptions) submit(to native, userTag uint64) error {
	c := C.wxg_item_order_options{
		buy_quantity: C.int64_t(o.BuyQuantity),
		goods_price:  C.int64_t(o.GoodsPrice),
		user_tag:     C.uint64_t(userTag),
		deadline_ms:  C.int64_t(milliseconds(o.Deadline)),
	}
	c.struct_size = C.uint32_t(unsafe.Sizeof(c))
	var texts pinned
	defer texts.release()
	texts.put(text{&c.out_trade_no, o.OutTradeNo}, text{&c.openid, o.OpenID}, text{&c.zone_id, o.ZoneID},
		text{&c.product_id, o.ProductID}, text{&c.attach, o.Attach}, text{&c.platform, o.Platform},
		text{&c.host_data, string(o.HostData)})
	var told *C.wxg_error
	status := C.wxg_client_submit_item_order(to.client, &c, &told)
	return failure(status, told)
}

func (o QueryOrderOptions) submit(to native, userTag uint64) error {
	c := C.wxg_query_order_options{
		biz_id:      C.uint32_t(o.BizID),
		user_tag:    C.uint64_t(userTag),
		deadline_ms: C.int64_t(milliseconds(o.Deadline)),
	}
	c.struct_size = C.uint32_t(unsafe.Sizeof(c))
	var texts pinned
	defer texts.release()
	texts.put(text{&c.out_trade_no, o.OutTradeNo}, text{&c.openid, o.OpenID}, text{&c.zone_id, o.ZoneID},
		text{&c.user_ip, o.UserIP})
	var told *C.wxg_error
	status := C.wxg_client_submit_query_order(to.client, &c, &told)
	return failure(status, told)
}
