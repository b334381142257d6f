/*
 * The ABI as it was released: sizes, offsets and numbers. Compiled, never run.
 *
 * No line here ever changes. A new field, struct or number gets a line; a struct that grew gets a new SIZE, and
 * WXG_ABI_VERSION one more.
 */
#include <stddef.h>

#include "wxgame.h"

#define SIZE(type, size) _Static_assert(sizeof(type) == (size), #type " has another size")
#define FIELD(type, field, offset, size)                                                           \
    _Static_assert(offsetof(type, field) == (offset) && sizeof(((type *)0)->field) == (size),      \
                   #type "." #field " has moved or changed")
#define VALUE(name, value) _Static_assert((name) == (value), #name " has another value")

SIZE(wxg_str, 16);
FIELD(wxg_str, data, 0, 8);
FIELD(wxg_str, len, 8, 8);

SIZE(wxg_client_options, 304);
FIELD(wxg_client_options, struct_size, 0, 4);
FIELD(wxg_client_options, environment, 4, 4);
FIELD(wxg_client_options, generation, 8, 4);
FIELD(wxg_client_options, no_mp_sig, 12, 4);
FIELD(wxg_client_options, appid, 16, 16);
FIELD(wxg_client_options, app_secret, 32, 16);
FIELD(wxg_client_options, offer_id, 48, 16);
FIELD(wxg_client_options, app_key, 64, 16);
FIELD(wxg_client_options, sandbox_app_key, 80, 16);
FIELD(wxg_client_options, pf, 96, 16);
FIELD(wxg_client_options, journal, 112, 16);
FIELD(wxg_client_options, base_url, 128, 16);
FIELD(wxg_client_options, ca_file, 144, 16);
FIELD(wxg_client_options, proxy, 160, 16);
FIELD(wxg_client_options, timeout_ms, 176, 8);
FIELD(wxg_client_options, connect_timeout_ms, 184, 8);
FIELD(wxg_client_options, deadline_ms, 192, 8);
FIELD(wxg_client_options, late_window_ms, 200, 8);
FIELD(wxg_client_options, unknown_patience_ms, 208, 8);
FIELD(wxg_client_options, queue_capacity, 216, 4);
FIELD(wxg_client_options, in_flight_limit, 220, 4);
FIELD(wxg_client_options, log_level, 224, 4);
FIELD(wxg_client_options, recovery, 228, 4);
FIELD(wxg_client_options, retry_per_s, 232, 4);
FIELD(wxg_client_options, retain_days, 236, 4);
FIELD(wxg_client_options, redeliver_after_ms, 240, 8);
FIELD(wxg_client_options, seal_days, 248, 4);
FIELD(wxg_client_options, reserved, 252, 4);
FIELD(wxg_client_options, journal_key, 256, 16);
FIELD(wxg_client_options, previous_journal_key, 272, 16);
FIELD(wxg_client_options, clock_offset_ms, 288, 8);
FIELD(wxg_client_options, token_source, 296, 4);
FIELD(wxg_client_options, token_requests_per_day, 300, 4);

SIZE(wxg_pay_options, 144);
FIELD(wxg_pay_options, struct_size, 0, 4);
FIELD(wxg_pay_options, sent_before, 4, 4);
FIELD(wxg_pay_options, bill_no, 8, 16);
FIELD(wxg_pay_options, openid, 24, 16);
FIELD(wxg_pay_options, zone_id, 40, 16);
FIELD(wxg_pay_options, amount, 56, 8);
FIELD(wxg_pay_options, pay_item, 64, 16);
FIELD(wxg_pay_options, app_remark, 80, 16);
FIELD(wxg_pay_options, user_ip, 96, 16);
FIELD(wxg_pay_options, user_tag, 112, 8);
FIELD(wxg_pay_options, deadline_ms, 120, 8);
FIELD(wxg_pay_options, host_data, 128, 16);

SIZE(wxg_present_options, 112);
FIELD(wxg_present_options, struct_size, 0, 4);
FIELD(wxg_present_options, sent_before, 4, 4);
FIELD(wxg_present_options, bill_no, 8, 16);
FIELD(wxg_present_options, openid, 24, 16);
FIELD(wxg_present_options, zone_id, 40, 16);
FIELD(wxg_present_options, amount, 56, 8);
FIELD(wxg_present_options, user_ip, 64, 16);
FIELD(wxg_present_options, user_tag, 80, 8);
FIELD(wxg_present_options, deadline_ms, 88, 8);
FIELD(wxg_present_options, host_data, 96, 16);

SIZE(wxg_cancel_pay_options, 40);
FIELD(wxg_cancel_pay_options, struct_size, 0, 4);
FIELD(wxg_cancel_pay_options, reserved, 4, 4);
FIELD(wxg_cancel_pay_options, bill_no, 8, 16);
FIELD(wxg_cancel_pay_options, user_tag, 24, 8);
FIELD(wxg_cancel_pay_options, deadline_ms, 32, 8);

SIZE(wxg_get_balance_options, 72);
FIELD(wxg_get_balance_options, struct_size, 0, 4);
FIELD(wxg_get_balance_options, reserved, 4, 4);
FIELD(wxg_get_balance_options, openid, 8, 16);
FIELD(wxg_get_balance_options, zone_id, 24, 16);
FIELD(wxg_get_balance_options, user_ip, 40, 16);
FIELD(wxg_get_balance_options, user_tag, 56, 8);
FIELD(wxg_get_balance_options, deadline_ms, 64, 8);

SIZE(wxg_session_options, 40);
FIELD(wxg_session_options, struct_size, 0, 4);
FIELD(wxg_session_options, reserved, 4, 4);
FIELD(wxg_session_options, openid, 8, 16);
FIELD(wxg_session_options, user_tag, 24, 8);
FIELD(wxg_session_options, deadline_ms, 32, 8);

SIZE(wxg_login_options, 40);
FIELD(wxg_login_options, struct_size, 0, 4);
FIELD(wxg_login_options, reserved, 4, 4);
FIELD(wxg_login_options, js_code, 8, 16);
FIELD(wxg_login_options, user_tag, 24, 8);
FIELD(wxg_login_options, deadline_ms, 32, 8);

SIZE(wxg_completion_view, 272);
FIELD(wxg_completion_view, struct_size, 0, 4);
FIELD(wxg_completion_view, kind, 4, 4);
FIELD(wxg_completion_view, outcome, 8, 4);
FIELD(wxg_completion_view, reason, 12, 4);
FIELD(wxg_completion_view, status, 16, 4);
FIELD(wxg_completion_view, errcode, 20, 4);
FIELD(wxg_completion_view, payment_kind, 24, 4);
FIELD(wxg_completion_view, has, 28, 4);
FIELD(wxg_completion_view, flags, 32, 8);
FIELD(wxg_completion_view, user_tag, 40, 8);
FIELD(wxg_completion_view, delivery_id, 48, 8);
FIELD(wxg_completion_view, amount, 56, 8);
FIELD(wxg_completion_view, balance, 64, 8);
FIELD(wxg_completion_view, gen_balance, 72, 8);
FIELD(wxg_completion_view, used_gen_amt, 80, 8);
FIELD(wxg_completion_view, save_amt, 88, 8);
FIELD(wxg_completion_view, save_sum, 96, 8);
FIELD(wxg_completion_view, cost_sum, 104, 8);
FIELD(wxg_completion_view, present_sum, 112, 8);
FIELD(wxg_completion_view, first_save, 120, 4);
FIELD(wxg_completion_view, errcode_class, 124, 4);
FIELD(wxg_completion_view, record_id, 128, 8);
FIELD(wxg_completion_view, created_at_ms, 136, 8);
FIELD(wxg_completion_view, first_sent_at_ms, 144, 8);
FIELD(wxg_completion_view, waiting_for, 152, 4);
FIELD(wxg_completion_view, reserved, 156, 4);
FIELD(wxg_completion_view, bill_no, 160, 16);
FIELD(wxg_completion_view, openid, 176, 16);
FIELD(wxg_completion_view, zone_id, 192, 16);
FIELD(wxg_completion_view, pay_item, 208, 16);
FIELD(wxg_completion_view, unionid, 224, 16);
FIELD(wxg_completion_view, errmsg, 240, 16);
FIELD(wxg_completion_view, host_data, 256, 16);

SIZE(wxg_log_record_view, 32);
FIELD(wxg_log_record_view, struct_size, 0, 4);
FIELD(wxg_log_record_view, level, 4, 4);
FIELD(wxg_log_record_view, time_ms, 8, 8);
FIELD(wxg_log_record_view, message, 16, 16);

SIZE(wxg_stats, 728);
FIELD(wxg_stats, struct_size, 0, 4);
FIELD(wxg_stats, reserved, 4, 4);
FIELD(wxg_stats, submitted, 8, 8);
FIELD(wxg_stats, completed, 16, 8);
FIELD(wxg_stats, queue_depth, 24, 8);
FIELD(wxg_stats, open_waiting, 32, 8);
FIELD(wxg_stats, open_unknown, 40, 8);
FIELD(wxg_stats, open_cancelling, 48, 8);
FIELD(wxg_stats, open_held, 56, 8);
FIELD(wxg_stats, oldest_unknown_age_ms, 64, 8);
FIELD(wxg_stats, needs_review, 72, 8);
FIELD(wxg_stats, in_flight, 80, 8);
FIELD(wxg_stats, unacked, 88, 8);
FIELD(wxg_stats, retries, 96, 8);
FIELD(wxg_stats, pay_answers, 104, 128);
FIELD(wxg_stats, cancel_pay_answers, 232, 128);
FIELD(wxg_stats, get_balance_answers, 360, 128);
FIELD(wxg_stats, present_answers, 488, 128);
FIELD(wxg_stats, latency_sum_ms, 616, 8);
FIELD(wxg_stats, latency_count, 624, 8);
FIELD(wxg_stats, latency_max_ms, 632, 8);
FIELD(wxg_stats, token_requests, 640, 8);
FIELD(wxg_stats, token_age_ms, 648, 8);
FIELD(wxg_stats, clock_skew_ms, 656, 8);
FIELD(wxg_stats, sessions, 664, 8);
FIELD(wxg_stats, journal_commits, 672, 8);
FIELD(wxg_stats, journal_writes, 680, 8);
FIELD(wxg_stats, journal_failed, 688, 8);
FIELD(wxg_stats, journal_waiting, 696, 8);
FIELD(wxg_stats, log_dropped, 704, 8);
FIELD(wxg_stats, journal_bytes, 712, 8);
FIELD(wxg_stats, journal_error, 720, 4);
FIELD(wxg_stats, reserved2, 724, 4);

SIZE(wxg_errcode_help_view, 72);
FIELD(wxg_errcode_help_view, struct_size, 0, 4);
FIELD(wxg_errcode_help_view, errcode_class, 4, 4);
FIELD(wxg_errcode_help_view, cause_en, 8, 16);
FIELD(wxg_errcode_help_view, remedy_en, 24, 16);
FIELD(wxg_errcode_help_view, cause_zh, 40, 16);
FIELD(wxg_errcode_help_view, remedy_zh, 56, 16);

SIZE(wxg_field, 32);
FIELD(wxg_field, name, 0, 16);
FIELD(wxg_field, value, 16, 16);

SIZE(wxg_midas_v1_request_options, 224);
FIELD(wxg_midas_v1_request_options, struct_size, 0, 4);
FIELD(wxg_midas_v1_request_options, call, 4, 4);
FIELD(wxg_midas_v1_request_options, environment, 8, 4);
FIELD(wxg_midas_v1_request_options, no_mp_sig, 12, 4);
FIELD(wxg_midas_v1_request_options, appid, 16, 16);
FIELD(wxg_midas_v1_request_options, offer_id, 32, 16);
FIELD(wxg_midas_v1_request_options, app_key, 48, 16);
FIELD(wxg_midas_v1_request_options, pf, 64, 16);
FIELD(wxg_midas_v1_request_options, access_token, 80, 16);
FIELD(wxg_midas_v1_request_options, session_key, 96, 16);
FIELD(wxg_midas_v1_request_options, openid, 112, 16);
FIELD(wxg_midas_v1_request_options, zone_id, 128, 16);
FIELD(wxg_midas_v1_request_options, bill_no, 144, 16);
FIELD(wxg_midas_v1_request_options, pay_item, 160, 16);
FIELD(wxg_midas_v1_request_options, app_remark, 176, 16);
FIELD(wxg_midas_v1_request_options, user_ip, 192, 16);
FIELD(wxg_midas_v1_request_options, amount, 208, 8);
FIELD(wxg_midas_v1_request_options, ts, 216, 8);

SIZE(wxg_request_view, 72);
FIELD(wxg_request_view, struct_size, 0, 4);
FIELD(wxg_request_view, reserved, 4, 4);
FIELD(wxg_request_view, method, 8, 16);
FIELD(wxg_request_view, path_and_query, 24, 16);
FIELD(wxg_request_view, content_type, 40, 16);
FIELD(wxg_request_view, body, 56, 16);

SIZE(wxg_midas_v1_reply_options, 48);
FIELD(wxg_midas_v1_reply_options, struct_size, 0, 4);
FIELD(wxg_midas_v1_reply_options, call, 4, 4);
FIELD(wxg_midas_v1_reply_options, http_status, 8, 4);
FIELD(wxg_midas_v1_reply_options, reserved, 12, 4);
FIELD(wxg_midas_v1_reply_options, body, 16, 16);
FIELD(wxg_midas_v1_reply_options, bill_no, 32, 16);

VALUE(WXG_ABI_VERSION, 1);
VALUE(WXG_BILL_NO_SIZE, 27);
VALUE(WXG_ENVIRONMENT_PRODUCTION, 0);
VALUE(WXG_ENVIRONMENT_SANDBOX, 1);
VALUE(WXG_GENERATION_V1, 1);
VALUE(WXG_LOG_OFF, -1);
VALUE(WXG_LOG_ERROR, 1);
VALUE(WXG_LOG_WARN, 2);
VALUE(WXG_LOG_INFO, 3);
VALUE(WXG_LOG_DEBUG, 4);
VALUE(WXG_KIND_PAY, 1);
VALUE(WXG_KIND_PRESENT, 2);
VALUE(WXG_KIND_GET_BALANCE, 3);
VALUE(WXG_KIND_CANCEL_PAY, 4);
VALUE(WXG_KIND_LOGIN, 5);
VALUE(WXG_KIND_RESOLVED, 6);
VALUE(WXG_KIND_SESSION_NEEDED, 7);
VALUE(WXG_OUTCOME_NONE, 0);
VALUE(WXG_OUTCOME_DONE, 1);
VALUE(WXG_OUTCOME_REJECTED, 2);
VALUE(WXG_OUTCOME_NOT_SENT, 3);
VALUE(WXG_OUTCOME_UNKNOWN, 4);
VALUE(WXG_OUTCOME_NEEDS_REVIEW, 5);
VALUE(WXG_REASON_NONE, 0);
VALUE(WXG_REASON_BALANCE_TOO_LOW, 1);
VALUE(WXG_REASON_SESSION, 2);
VALUE(WXG_REASON_CREDENTIAL, 3);
VALUE(WXG_REASON_CONFIGURATION, 4);
VALUE(WXG_REASON_CANCELLED, 5);
VALUE(WXG_REASON_DUPLICATE, 6);
VALUE(WXG_REASON_NETWORK, 7);
VALUE(WXG_REASON_EXPIRED, 8);
VALUE(WXG_REASON_REFUND_UNKNOWN, 9);
VALUE(WXG_REASON_DEADLINE, 10);
VALUE(WXG_REASON_JOURNAL, 11);
VALUE(WXG_FLAG_REDELIVERED, 1);
VALUE(WXG_FLAG_SHUTDOWN, 2);
VALUE(WXG_HAS_BALANCE, 1);
VALUE(WXG_HAS_GEN_BALANCE, 2);
VALUE(WXG_HAS_USED_GEN_AMT, 4);
VALUE(WXG_HAS_SAVE_AMT, 8);
VALUE(WXG_HAS_SAVE_SUM, 16);
VALUE(WXG_HAS_COST_SUM, 32);
VALUE(WXG_HAS_PRESENT_SUM, 64);
VALUE(WXG_HAS_FIRST_SAVE, 128);
VALUE(WXG_ANSWERS_SIZE, 16);
VALUE(WXG_ANSWERS_NOT_SENT, 8);
VALUE(WXG_ANSWERS_NO_ANSWER, 9);
VALUE(WXG_CALL_PAY, 1);
VALUE(WXG_CALL_PRESENT, 2);
VALUE(WXG_CALL_GET_BALANCE, 3);
VALUE(WXG_CALL_CANCEL_PAY, 4);
VALUE(WXG_CALL_LOGIN, 5);
VALUE(WXG_CALL_TOKEN, 6);
VALUE(WXG_CALL_SESSION, 7);
VALUE(WXG_CLASS_DONE, 1);
VALUE(WXG_CLASS_UNKNOWN, 2);
VALUE(WXG_CLASS_SESSION, 3);
VALUE(WXG_CLASS_TOKEN, 4);
VALUE(WXG_CLASS_DUPLICATE, 5);
VALUE(WXG_CLASS_REFUSED, 6);
VALUE(WXG_CLASS_CONFIGURATION, 7);
VALUE(WXG_CLASS_QUOTA, 8);
VALUE(WXG_SIGNATURE_SIZE, 64);
VALUE(WXG_OK, 0);
VALUE(WXG_ERR_NULL_ARGUMENT, 1);
VALUE(WXG_ERR_INVALID_ARGUMENT, 2);
VALUE(WXG_ERR_UNSUPPORTED_STRUCT, 3);
VALUE(WXG_ERR_UNSUPPORTED, 4);
VALUE(WXG_ERR_CLOSED, 5);
VALUE(WXG_ERR_QUEUE_FULL, 6);
VALUE(WXG_ERR_TIMEOUT, 7);
VALUE(WXG_ERR_PANIC, 8);
VALUE(WXG_ERR_FORKED, 9);
VALUE(WXG_ERR_CONFIGURATION, 10);
VALUE(WXG_ERR_JOURNAL_IN_USE, 11);
VALUE(WXG_ERR_JOURNAL, 12);
VALUE(WXG_ERR_JOURNAL_CORRUPT, 13);
VALUE(WXG_ERR_JOURNAL_NEWER, 14);
VALUE(WXG_ERR_BILL_NO_CONFLICT, 15);
VALUE(WXG_ERR_NOT_FOUND, 16);
VALUE(WXG_ERR_WRONG_STATE, 17);

VALUE(WXG_RECOVERY_DRIVE, 0);
VALUE(WXG_RECOVERY_HOLD, 1);
VALUE(WXG_KIND_PAYMENT, 8);
VALUE(WXG_KIND_SETTLE, 9);
VALUE(WXG_KIND_RESUME, 10);
VALUE(WXG_KIND_CHECK_SESSION, 12);
VALUE(WXG_KIND_RESET_SESSION, 13);
VALUE(WXG_KIND_TOKEN_NEEDED, 14);
VALUE(WXG_TOKEN_SOURCE_STABLE, 0);
VALUE(WXG_TOKEN_SOURCE_CLASSIC, 1);
VALUE(WXG_TOKEN_SOURCE_HOST, 2);
VALUE(WXG_REASON_SETTLED, 12);
VALUE(WXG_WAITING_NOTHING, 0);
VALUE(WXG_WAITING_SESSION, 1);
VALUE(WXG_WAITING_TOKEN, 2);
VALUE(WXG_WAITING_BACK_OFF, 3);
VALUE(WXG_WAITING_QUIET_TIME, 4);
VALUE(WXG_WAITING_ANSWER, 5);
VALUE(WXG_WAITING_JOURNAL, 6);
VALUE(WXG_WAITING_OPERATOR, 7);
VALUE(WXG_FLAG_SEALED, 4);
