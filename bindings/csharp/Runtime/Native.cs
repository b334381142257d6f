using System;
using System.Runtime.InteropServices;

// Fields are written by the library or left at zero.
#pragma warning disable 649

namespace WxGame
{
    // include/wxgame.h, name by name: tests/csharp compares every function, struct and number with it. Only pointers
    // and integers cross, so nothing is marshalled and nothing is generated at run time.
    internal static unsafe class Native
    {
        const string Library = "wxgame";

        internal const int WXG_OK = 0;
        internal const uint WXG_ABI_VERSION = 1;
        internal const int WXG_BILL_NO_SIZE = 27;
        internal const int WXG_SIGNATURE_SIZE = 64;
        internal const int WXG_ANSWERS_SIZE = 16;
        internal const int WXG_ANSWERS_NOT_SENT = 8;
        internal const int WXG_ANSWERS_NO_ANSWER = 9;

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
        internal static extern byte* wxg_status_text(int status);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
        internal static extern int wxg_error_status(IntPtr error);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
        internal static extern int wxg_error_field(IntPtr error, wxg_str* outField);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
        internal static extern int wxg_error_message(IntPtr error, wxg_str* outMessage);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
        internal static extern void wxg_error_free(IntPtr error);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
        internal static extern byte* wxg_version();

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
        internal static extern uint wxg_abi_version();

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
        internal static extern int wxg_bill_no_new(byte* outBillNo, IntPtr* error);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
        internal static extern int wxg_client_open(wxg_client_options* options, IntPtr* outClient, IntPtr* error);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
        internal static extern int wxg_client_set_session(IntPtr client, wxg_str* openid, wxg_str* sessionKey,
            IntPtr* error);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
        internal static extern int wxg_client_forget_session(IntPtr client, wxg_str* openid, IntPtr* error);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
        internal static extern int wxg_client_set_access_token(IntPtr client, wxg_str* accessToken, long expiresInS,
            IntPtr* error);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
        internal static extern int wxg_client_set_app_key(IntPtr client, wxg_str* appKey, IntPtr* error);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
        internal static extern int wxg_client_ack(IntPtr client, ulong deliveryId, IntPtr* error);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
        internal static extern int wxg_client_poll(IntPtr client, IntPtr* outCompletions, UIntPtr capacity,
            UIntPtr* outCount);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
        internal static extern int wxg_client_wait(IntPtr client, long timeoutMs, IntPtr* outCompletions,
            UIntPtr capacity, UIntPtr* outCount);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
        internal static extern int wxg_client_wake_fd(IntPtr client, int* outFd, IntPtr* error);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
        internal static extern int wxg_client_close(IntPtr client, long timeoutMs);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
        internal static extern void wxg_client_free(IntPtr client);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
        internal static extern int wxg_client_submit_pay(IntPtr client, wxg_pay_options* options, IntPtr* error);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
        internal static extern int wxg_client_submit_present(IntPtr client, wxg_present_options* options,
            IntPtr* error);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
        internal static extern int wxg_client_submit_cancel_pay(IntPtr client, wxg_cancel_pay_options* options,
            IntPtr* error);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
        internal static extern int wxg_client_submit_get_balance(IntPtr client, wxg_get_balance_options* options,
            IntPtr* error);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
        internal static extern int wxg_client_submit_login(IntPtr client, wxg_login_options* options, IntPtr* error);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
        internal static extern int wxg_client_submit_check_session(IntPtr client, wxg_session_options* options,
            IntPtr* error);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
        internal static extern int wxg_client_submit_reset_session(IntPtr client, wxg_session_options* options,
            IntPtr* error);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
        internal static extern int wxg_client_submit_item_order(IntPtr client, wxg_item_order_options* options,
            IntPtr* error);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
        internal static extern int wxg_client_submit_query_order(IntPtr client, wxg_query_order_options* options,
            IntPtr* error);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
        internal static extern int wxg_client_pay(IntPtr client, wxg_pay_options* options, long timeoutMs,
            IntPtr* outCompletion, IntPtr* error);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
        internal static extern int wxg_client_present(IntPtr client, wxg_present_options* options, long timeoutMs,
            IntPtr* outCompletion, IntPtr* error);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
        internal static extern int wxg_client_cancel_pay(IntPtr client, wxg_cancel_pay_options* options,
            long timeoutMs, IntPtr* outCompletion, IntPtr* error);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
        internal static extern int wxg_client_get_balance(IntPtr client, wxg_get_balance_options* options,
            long timeoutMs, IntPtr* outCompletion, IntPtr* error);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
        internal static extern int wxg_client_login(IntPtr client, wxg_login_options* options, long timeoutMs,
            IntPtr* outCompletion, IntPtr* error);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
        internal static extern int wxg_client_check_session(IntPtr client, wxg_session_options* options,
            long timeoutMs, IntPtr* outCompletion, IntPtr* error);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
        internal static extern int wxg_client_reset_session(IntPtr client, wxg_session_options* options,
            long timeoutMs, IntPtr* outCompletion, IntPtr* error);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
        internal static extern int wxg_client_item_order(IntPtr client, wxg_item_order_options* options,
            long timeoutMs, IntPtr* outCompletion, IntPtr* error);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
        internal static extern int wxg_client_query_order(IntPtr client, wxg_query_order_options* options,
            long timeoutMs, IntPtr* outCompletion, IntPtr* error);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
        internal static extern int wxg_client_payment(IntPtr client, wxg_str* billNo, long timeoutMs,
            IntPtr* outCompletion, IntPtr* error);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
        internal static extern int wxg_client_list_unresolved(IntPtr client, ulong afterId, long timeoutMs,
            IntPtr* outCompletions, UIntPtr capacity, UIntPtr* outCount, IntPtr* error);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
        internal static extern int wxg_client_settle(IntPtr client, wxg_str* billNo, uint outcome, long timeoutMs,
            IntPtr* outCompletion, IntPtr* error);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
        internal static extern int wxg_client_resume(IntPtr client, wxg_str* billNo, long timeoutMs,
            IntPtr* outCompletion, IntPtr* error);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
        internal static extern int wxg_client_receive_push(IntPtr client, wxg_str* query, wxg_str* body,
            long timeoutMs, IntPtr* outCompletion, IntPtr* error);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
        internal static extern int wxg_completion_read(IntPtr completion, wxg_completion_view* outView);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
        internal static extern int wxg_completion_goods(IntPtr completion, UIntPtr index, wxg_goods_view* outView);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
        internal static extern void wxg_completion_free(IntPtr completion);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
        internal static extern int wxg_client_poll_log(IntPtr client, IntPtr* outRecords, UIntPtr capacity,
            UIntPtr* outCount);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
        internal static extern int wxg_log_record_read(IntPtr record, wxg_log_record_view* outView);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
        internal static extern void wxg_log_record_free(IntPtr record);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
        internal static extern int wxg_client_stats(IntPtr client, wxg_stats* outStats);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
        internal static extern int wxg_errcode_help(uint generation, uint call, int errcode,
            wxg_errcode_help_view* outView);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
        internal static extern int wxg_sign_midas_v1(wxg_str* path, wxg_field* fields, UIntPtr fieldCount,
            wxg_str* appKey, byte* outSignature, IntPtr* error);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
        internal static extern int wxg_sign_midas_v1_mp_sig(wxg_str* path, wxg_field* fields, UIntPtr fieldCount,
            wxg_str* sessionKey, byte* outSignature, IntPtr* error);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
        internal static extern int wxg_sign_explain(wxg_str* path, wxg_field* fields, UIntPtr fieldCount,
            IntPtr* outText, IntPtr* error);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
        internal static extern int wxg_sign_game_v2(wxg_str* path, wxg_str* body, wxg_str* appKey, byte* outSignature,
            IntPtr* error);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
        internal static extern int wxg_sign_game_v2_signature(wxg_str* body, wxg_str* sessionKey, byte* outSignature,
            IntPtr* error);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
        internal static extern int wxg_sign_game_v2_explain(wxg_str* path, wxg_str* body, IntPtr* outText,
            IntPtr* error);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
        internal static extern byte* wxg_text_read(IntPtr text, UIntPtr* outLen);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
        internal static extern void wxg_text_free(IntPtr text);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
        internal static extern int wxg_midas_v1_build(wxg_midas_v1_request_options* options, IntPtr* outRequest,
            IntPtr* error);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
        internal static extern int wxg_request_read(IntPtr request, wxg_request_view* outView);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
        internal static extern void wxg_request_free(IntPtr request);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
        internal static extern int wxg_midas_v1_parse(wxg_midas_v1_reply_options* options, IntPtr* outCompletion,
            IntPtr* error);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
        internal static extern int wxg_game_v2_build(wxg_game_v2_request_options* options, IntPtr* outRequest,
            IntPtr* error);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
        internal static extern int wxg_game_v2_parse(wxg_game_v2_reply_options* options, IntPtr* outCompletion,
            IntPtr* error);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
        internal static extern int wxg_album_open(wxg_album_options* options, IntPtr* outAlbum, IntPtr* error);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
        internal static extern int wxg_album_submit_save_image(IntPtr album, wxg_save_image_options* options,
            IntPtr* error);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
        internal static extern int wxg_album_submit_authorize(IntPtr album, ulong userTag, IntPtr* error);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
        internal static extern int wxg_album_submit_open_setting(IntPtr album, ulong userTag, IntPtr* error);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
        internal static extern int wxg_album_get_setting(IntPtr album, uint* outConsent, IntPtr* error);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
        internal static extern int wxg_album_answer_consent(IntPtr album, uint consent, IntPtr* error);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
        internal static extern int wxg_album_answer_setting(IntPtr album, uint consent, IntPtr* error);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
        internal static extern int wxg_album_poll(IntPtr album, IntPtr* outCompletions, UIntPtr capacity,
            UIntPtr* outCount);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
        internal static extern int wxg_album_wait(IntPtr album, long timeoutMs, IntPtr* outCompletions,
            UIntPtr capacity, UIntPtr* outCount);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
        internal static extern int wxg_album_wake_fd(IntPtr album, int* outFd, IntPtr* error);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
        internal static extern int wxg_album_close(IntPtr album, long timeoutMs);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
        internal static extern void wxg_album_free(IntPtr album);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
        internal static extern int wxg_album_errmsg_class(wxg_str* errmsg, uint* outClass);
    }

    [StructLayout(LayoutKind.Sequential)]
    internal unsafe struct wxg_str
    {
        public byte* data;
        public UIntPtr len;
    }

    [StructLayout(LayoutKind.Sequential)]
    internal struct wxg_client_options
    {
        public uint struct_size;
        public uint environment;
        public uint generation;
        public uint no_mp_sig;
        public wxg_str appid;
        public wxg_str app_secret;
        public wxg_str offer_id;
        public wxg_str app_key;
        public wxg_str sandbox_app_key;
        public wxg_str pf;
        public wxg_str journal;
        public wxg_str base_url;
        public wxg_str ca_file;
        public wxg_str proxy;
        public long timeout_ms;
        public long connect_timeout_ms;
        public long deadline_ms;
        public long late_window_ms;
        public long unknown_patience_ms;
        public uint queue_capacity;
        public uint in_flight_limit;
        public int log_level;
        public uint recovery;
        public uint retry_per_s;
        public uint retain_days;
        public long redeliver_after_ms;
        public uint seal_days;
        public uint reserved;
        public wxg_str journal_key;
        public wxg_str previous_journal_key;
        public long clock_offset_ms;
        public uint token_source;
        public uint token_requests_per_day;
        public wxg_str push_token;
        public wxg_str push_aes_key;
        public long lease_ms;
    }

    [StructLayout(LayoutKind.Sequential)]
    internal struct wxg_pay_options
    {
        public uint struct_size;
        public uint sent_before;
        public wxg_str bill_no;
        public wxg_str openid;
        public wxg_str zone_id;
        public long amount;
        public wxg_str pay_item;
        public wxg_str app_remark;
        public wxg_str user_ip;
        public ulong user_tag;
        public long deadline_ms;
        public wxg_str host_data;
    }

    [StructLayout(LayoutKind.Sequential)]
    internal struct wxg_present_options
    {
        public uint struct_size;
        public uint sent_before;
        public wxg_str bill_no;
        public wxg_str openid;
        public wxg_str zone_id;
        public long amount;
        public wxg_str user_ip;
        public ulong user_tag;
        public long deadline_ms;
        public wxg_str host_data;
    }

    [StructLayout(LayoutKind.Sequential)]
    internal struct wxg_cancel_pay_options
    {
        public uint struct_size;
        public uint reserved;
        public wxg_str bill_no;
        public ulong user_tag;
        public long deadline_ms;
        public wxg_str refund_bill_no;
        public long amount;
    }

    [StructLayout(LayoutKind.Sequential)]
    internal struct wxg_get_balance_options
    {
        public uint struct_size;
        public uint coin_type;
        public wxg_str openid;
        public wxg_str zone_id;
        public wxg_str user_ip;
        public ulong user_tag;
        public long deadline_ms;
    }

    [StructLayout(LayoutKind.Sequential)]
    internal struct wxg_login_options
    {
        public uint struct_size;
        public uint reserved;
        public wxg_str js_code;
        public ulong user_tag;
        public long deadline_ms;
    }

    [StructLayout(LayoutKind.Sequential)]
    internal struct wxg_session_options
    {
        public uint struct_size;
        public uint reserved;
        public wxg_str openid;
        public ulong user_tag;
        public long deadline_ms;
    }

    [StructLayout(LayoutKind.Sequential)]
    internal struct wxg_item_order_options
    {
        public uint struct_size;
        public uint reserved;
        public wxg_str out_trade_no;
        public wxg_str openid;
        public wxg_str zone_id;
        public wxg_str product_id;
        public long buy_quantity;
        public long goods_price;
        public wxg_str attach;
        public wxg_str platform;
        public ulong user_tag;
        public long deadline_ms;
        public wxg_str host_data;
    }

    [StructLayout(LayoutKind.Sequential)]
    internal struct wxg_query_order_options
    {
        public uint struct_size;
        public uint biz_id;
        public wxg_str out_trade_no;
        public wxg_str openid;
        public wxg_str zone_id;
        public wxg_str user_ip;
        public ulong user_tag;
        public long deadline_ms;
    }

    [StructLayout(LayoutKind.Sequential)]
    internal struct wxg_completion_view
    {
        public uint struct_size;
        public uint kind;
        public uint outcome;
        public uint reason;
        public int status;
        public int errcode;
        public uint payment_kind;
        public uint has;
        public ulong flags;
        public ulong user_tag;
        public ulong delivery_id;
        public long amount;
        public long balance;
        public long gen_balance;
        public long used_gen_amt;
        public long save_amt;
        public long save_sum;
        public long cost_sum;
        public long present_sum;
        public uint first_save;
        public uint errcode_class;
        public ulong record_id;
        public long created_at_ms;
        public long first_sent_at_ms;
        public uint waiting_for;
        public uint reserved;
        public wxg_str bill_no;
        public wxg_str openid;
        public wxg_str zone_id;
        public wxg_str pay_item;
        public wxg_str unionid;
        public wxg_str errmsg;
        public wxg_str host_data;
        public uint verdict;
        public uint push_event;
        public uint refusal;
        public uint answer_status;
        public uint pay_state;
        public uint deliver_state;
        public uint order_source;
        public uint refund_source;
        public uint goods_count;
        public uint is_preview;
        public long goods_price;
        public long orig_price;
        public long actual_price;
        public long refund_amount;
        public long pay_finish_time;
        public long gift_type_id;
        public long send_time;
        public wxg_str refund_bill_no;
        public wxg_str sign_data;
        public wxg_str pay_sig;
        public wxg_str signature;
        public wxg_str attach;
        public wxg_str event_id;
        public wxg_str out_trade_no;
        public wxg_str mch_order_no;
        public wxg_str transaction_id;
        public wxg_str gift_id;
        public wxg_str @event;
        public wxg_str payload;
        public wxg_str answer;
        public wxg_str answer_content_type;
        public uint album_class;
        public uint consent;
        public wxg_str saved_file_path;
        public wxg_str detail;
    }

    [StructLayout(LayoutKind.Sequential)]
    internal struct wxg_goods_view
    {
        public uint struct_size;
        public uint reserved;
        public long num;
        public wxg_str id;
    }

    [StructLayout(LayoutKind.Sequential)]
    internal struct wxg_log_record_view
    {
        public uint struct_size;
        public int level;
        public long time_ms;
        public wxg_str message;
    }

    [StructLayout(LayoutKind.Sequential)]
    internal unsafe struct wxg_stats
    {
        public uint struct_size;
        public uint reserved;
        public ulong submitted;
        public ulong completed;
        public ulong queue_depth;
        public ulong open_waiting;
        public ulong open_unknown;
        public ulong open_cancelling;
        public ulong open_held;
        public ulong oldest_unknown_age_ms;
        public ulong needs_review;
        public ulong in_flight;
        public ulong unacked;
        public ulong retries;
        public fixed ulong pay_answers[Native.WXG_ANSWERS_SIZE];
        public fixed ulong cancel_pay_answers[Native.WXG_ANSWERS_SIZE];
        public fixed ulong get_balance_answers[Native.WXG_ANSWERS_SIZE];
        public fixed ulong present_answers[Native.WXG_ANSWERS_SIZE];
        public ulong latency_sum_ms;
        public ulong latency_count;
        public ulong latency_max_ms;
        public ulong token_requests;
        public long token_age_ms;
        public long clock_skew_ms;
        public ulong sessions;
        public ulong journal_commits;
        public ulong journal_writes;
        public ulong journal_failed;
        public ulong journal_waiting;
        public ulong log_dropped;
        public ulong journal_bytes;
        public int journal_error;
        public uint reserved2;
        public ulong taken_over;
        public ulong leases_lost;
    }

    [StructLayout(LayoutKind.Sequential)]
    internal struct wxg_errcode_help_view
    {
        public uint struct_size;
        public uint errcode_class;
        public wxg_str cause_en;
        public wxg_str remedy_en;
        public wxg_str cause_zh;
        public wxg_str remedy_zh;
    }

    [StructLayout(LayoutKind.Sequential)]
    internal struct wxg_field
    {
        public wxg_str name;
        public wxg_str value;
    }

    [StructLayout(LayoutKind.Sequential)]
    internal struct wxg_midas_v1_request_options
    {
        public uint struct_size;
        public uint call;
        public uint environment;
        public uint no_mp_sig;
        public wxg_str appid;
        public wxg_str offer_id;
        public wxg_str app_key;
        public wxg_str pf;
        public wxg_str access_token;
        public wxg_str session_key;
        public wxg_str openid;
        public wxg_str zone_id;
        public wxg_str bill_no;
        public wxg_str pay_item;
        public wxg_str app_remark;
        public wxg_str user_ip;
        public long amount;
        public long ts;
    }

    [StructLayout(LayoutKind.Sequential)]
    internal struct wxg_request_view
    {
        public uint struct_size;
        public uint reserved;
        public wxg_str method;
        public wxg_str path_and_query;
        public wxg_str content_type;
        public wxg_str body;
    }

    [StructLayout(LayoutKind.Sequential)]
    internal struct wxg_midas_v1_reply_options
    {
        public uint struct_size;
        public uint call;
        public uint http_status;
        public uint reserved;
        public wxg_str body;
        public wxg_str bill_no;
    }

    [StructLayout(LayoutKind.Sequential)]
    internal struct wxg_game_v2_request_options
    {
        public uint struct_size;
        public uint call;
        public uint environment;
        public uint coin_type;
        public wxg_str offer_id;
        public wxg_str app_key;
        public wxg_str access_token;
        public wxg_str session_key;
        public wxg_str openid;
        public wxg_str zone_id;
        public wxg_str bill_no;
        public wxg_str refund_bill_no;
        public wxg_str out_trade_no;
        public wxg_str pay_item;
        public wxg_str app_remark;
        public wxg_str user_ip;
        public long amount;
        public long ts;
        public uint biz_id;
        public uint reserved;
    }

    [StructLayout(LayoutKind.Sequential)]
    internal struct wxg_game_v2_reply_options
    {
        public uint struct_size;
        public uint call;
        public uint http_status;
        public uint reserved;
        public wxg_str body;
        public wxg_str bill_no;
        public wxg_str refund_bill_no;
        public wxg_str out_trade_no;
    }

    [StructLayout(LayoutKind.Sequential)]
    internal struct wxg_album_options
    {
        public uint struct_size;
        public uint queue_capacity;
        public long max_bytes;
        public wxg_str temp_path;
        public wxg_str user_data_path;
        public wxg_str pictures_path;
        public wxg_str folder;
    }

    [StructLayout(LayoutKind.Sequential)]
    internal struct wxg_save_image_options
    {
        public uint struct_size;
        public uint reserved;
        public ulong user_tag;
        public wxg_str file_path;
    }
}
