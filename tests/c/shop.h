/* Items that are sold for money: what the game server orders, and what the game client does with it. */
#ifndef WXG_TESTS_SHOP_H
#define WXG_TESTS_SHOP_H

#include "push_url.h"

#define ATTACH "\xe7\xae\xad \"shelf\" \\ 3 <]]>"
#define HOST_DATA "row 7"

/* With texts that are easily changed on the way to the game client. */
static inline wxg_item_order_options shop_order(const char *out_trade_no, const char *openid, uint64_t tag)
{
    wxg_item_order_options options = item_order_of(out_trade_no, openid, tag);
    options.attach = WXG_STR(ATTACH);
    options.host_data = WXG_STR(HOST_DATA);
    return options;
}

/* Orders it and waits for the strings. The completion, which holds them, is yours to free. */
static inline wxg_completion *order_item(wxg_client *client, const wxg_item_order_options *options)
{
    wxg_completion *completion = POISON(wxg_completion);
    wxg_error *error = POISON(wxg_error);
    CHECK_OK(wxg_client_item_order(client, options, PATIENCE_MS, &completion, &error));
    CHECK(error == NULL);
    CHECK_INT(read_completion(completion).kind, WXG_KIND_ITEM_ORDER);
    return completion;
}

/* A text as it stands between the quotes of a JSON text. It has no control characters. */
static inline const char *in_json(wxg_str text, char *room, size_t room_size)
{
    size_t i, len = 0;
    for (i = 0; i < text.len; i++) {
        CHECK(len + 3 < room_size && (unsigned char)text.data[i] >= ' ');
        if (text.data[i] == '"' || text.data[i] == '\\')
            room[len++] = '\\';
        room[len++] = text.data[i];
    }
    room[len] = '\0';
    return room;
}

/* The game client hands the three strings to WeChat; the player pays (`paid`), or not yet (`unpaid`). */
static inline void shop(const char *openid, const wxg_completion *ordered, const char *state)
{
    wxg_completion_view view = read_completion(ordered);
    char body[8192], sign_data[4096];
    const char *answer;
    CHECK(view.sign_data.len > 0 && view.pay_sig.len == 64 && view.signature.len == 64);
    snprintf(body, sizeof(body), "{\"openid\":\"%s\",\"signData\":\"%s\",\"paySig\":\"%s\",\"signature\":\"%s\",\"state\":\"%s\"}",
             openid, in_json(view.sign_data, sign_data, sizeof(sign_data)), view.pay_sig.data, view.signature.data, state);
    answer = sandbox("POST", "/sandbox/item", body);
    if (strstr(answer, "\"ok\":true") == NULL)
        failed(__FILE__, __LINE__, "the game client is told %s", answer);
}

/* What is told of a shop_order() that is paid, whoever tells it. */
static inline void check_paid_item(const wxg_completion_view *told, const char *out_trade_no, const char *openid, uint64_t tag)
{
    CHECK_INT(told->outcome, WXG_OUTCOME_DONE);
    CHECK_INT(told->status, WXG_OK);
    CHECK_INT(told->payment_kind, WXG_KIND_ITEM_ORDER);
    CHECK_TEXT(told->bill_no, out_trade_no);
    CHECK_TEXT(told->out_trade_no, out_trade_no);
    CHECK_TEXT(told->openid, openid);
    CHECK_TEXT(told->zone_id, "1");
    CHECK_TEXT(told->pay_item, "sword");
    CHECK_TEXT(told->attach, ATTACH);
    CHECK_TEXT(told->host_data, HOST_DATA);
    CHECK_TEXT(told->sign_data, "");
    CHECK_INT(told->amount, 2);
    CHECK_INT(told->goods_price, 600);
    CHECK_INT(told->user_tag, tag);
    CHECK(told->delivery_id != 0);
}

#endif
