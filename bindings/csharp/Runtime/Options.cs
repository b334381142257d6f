using System;

namespace WxGame
{
    /// <summary>
    /// What a client is opened with. Everything is copied by <see cref="WxGameClient.Open"/>. Null, empty and zero
    /// mean the default.
    /// </summary>
    public sealed class WxGameClientOptions
    {
        /// <summary>Production (the default: real money) or WeChat's sandbox.</summary>
        public WxGameEnvironment Environment { get; set; }

        /// <summary>
        /// Which payment API the game was admitted to. What the journal holds as open goes on through the API that it
        /// was made for.
        /// </summary>
        public Generation Generation { get; set; }

        /// <summary>
        /// Sign without mp_sig; payments then need no session_key. Not with Generation.V2, which always signs with it.
        /// </summary>
        public bool NoMpSig { get; set; }

        /// <summary>appid of the mini-game. Required.</summary>
        public string Appid { get; set; }

        /// <summary>
        /// AppSecret of the mini-game, for access_token and login; never written anywhere. Required, but with
        /// TokenSource.Host: then logins are refused without it, and sessions kept only with a JournalKey.
        /// </summary>
        public string AppSecret { get; set; }

        /// <summary>offer_id of the payment application. Required.</summary>
        public string OfferId { get; set; }

        /// <summary>AppKey of the production environment. Required in production.</summary>
        public string AppKey { get; set; }

        /// <summary>AppKey of the sandbox environment; another one than AppKey. Required in the sandbox.</summary>
        public string SandboxAppKey { get; set; }

        /// <summary>
        /// Platform of the payments; empty: android, the only one WeChat documents. Generation.V2 has none.
        /// </summary>
        public string Pf { get; set; }

        /// <summary>
        /// Where payments are written down before they are sent. Required. sqlite:PATH: a file, which one process owns
        /// at a time; its directory must exist. postgres://user:password@host/database: a database that many servers
        /// share; Unsupported where the library was built without. memory: for tests that may lose payments.
        /// </summary>
        public string Journal { get; set; }

        /// <summary>
        /// Where WeChat answers; empty: https://api.weixin.qq.com. Plain http is taken to loopback only.
        /// </summary>
        public string BaseUrl { get; set; }

        /// <summary>
        /// PEM file of the certificate authorities to trust in place of the built-in ones; empty: the built-in ones.
        /// Certificates are always verified.
        /// </summary>
        public string CaFile { get; set; }

        /// <summary>http://user:password@host:port of an HTTP proxy, asked to CONNECT; empty: none.</summary>
        public string Proxy { get; set; }

        /// <summary>Longest time for one attempt, 1 to 120,000; 0: 10,000.</summary>
        public long TimeoutMs { get; set; }

        /// <summary>Longest time for looking up the host, connecting and TLS, 1 to 60,000; 0: 3,000.</summary>
        public long ConnectTimeoutMs { get; set; }

        /// <summary>From a call to its answer where the call names none, 1 to 86,400,000; 0: 30,000.</summary>
        public long DeadlineMs { get; set; }

        /// <summary>
        /// How much later than its time-out a request may still be executed by WeChat: no cancel is sent before. 0:
        /// 600,000. 47 h + TimeoutMs + LateWindowMs must stay under 48 h.
        /// </summary>
        public long LateWindowMs { get; set; }

        /// <summary>
        /// How long a payment of unknown outcome is retried before it is cancelled. 0: 1,800,000; negative: until 47
        /// h after its first send.
        /// </summary>
        public long UnknownPatienceMs { get; set; }

        /// <summary>How many calls may wait for their answer, 1 to 1,048,576; 0: 65,536.</summary>
        public uint QueueCapacity { get; set; }

        /// <summary>
        /// How many requests may be under way at once, 1 to 1,024; 0: 64. Each takes a thread while it is.
        /// </summary>
        public uint InFlightLimit { get; set; }

        /// <summary>How much <see cref="WxGameClient.PollLog"/> tells.</summary>
        public WxGameLogLevel LogLevel { get; set; }

        /// <summary>
        /// Drive (the default): what the journal holds as open goes on at once. Hold: it is listed and nothing of it
        /// is sent until Resume or Settle: after restoring an older journal.
        /// </summary>
        public Recovery Recovery { get; set; }

        /// <summary>
        /// The most retries a second, all payments together, 1 to 1,000,000; 0: 200. New payments go first.
        /// </summary>
        public uint RetryPerS { get; set; }

        /// <summary>Days for which a closed and acknowledged record is kept; 0: 90.</summary>
        public uint RetainDays { get; set; }

        /// <summary>
        /// A final answer that is not acknowledged comes again after this; 0: 60,000; negative: at the next open
        /// only.
        /// </summary>
        public long RedeliverAfterMs { get; set; }

        /// <summary>
        /// Days for which its number stays sealed, so that it cannot be used for another payment; 0: 400.
        /// </summary>
        public uint SealDays { get; set; }

        /// <summary>
        /// Seals session_keys and tokens in the journal, 1 to 512 characters; empty: the AppSecret does. Payment
        /// records never depend on it.
        /// </summary>
        public string JournalKey { get; set; }

        /// <summary>
        /// The JournalKey (or AppSecret) that was used before, to open what it sealed; may be empty.
        /// </summary>
        public string PreviousJournalKey { get; set; }

        /// <summary>
        /// Added to the wall clock that payments are stamped and aged by, up to 400 days either way: for your own tests
        /// of old payments and wrong clocks. Other than 0 it is taken only with a BaseUrl on loopback.
        /// </summary>
        public long ClockOffsetMs { get; set; }

        /// <summary>Where the access_token comes from.</summary>
        public TokenSource TokenSource { get; set; }

        /// <summary>
        /// Requests for an access_token a day at the most, days counted in UTC+8, 1 to 500,000; 0: 500. All clients of
        /// the appid on one journal count together.
        /// </summary>
        public uint TokenRequestsPerDay { get; set; }

        /// <summary>
        /// Token of the message push settings, for <see cref="WxGameClient.ReceivePush"/>; empty: pushes are not taken.
        /// </summary>
        public string PushToken { get; set; }

        /// <summary>
        /// EncodingAESKey of the message push settings, 43 characters: every push must then be encrypted ("safe mode").
        /// Empty: pushes come in plain text, and of those only what carries a PayEventSig is believed.
        /// </summary>
        public string PushAesKey { get; set; }

        /// <summary>
        /// With a journal that servers share: how long one that is heard no more keeps its open payments before the
        /// others take them over, 1,000 to 600,000; 0: 15,000. It is renewed at a third of that. Ignored with other
        /// journals.
        /// </summary>
        public long LeaseMs { get; set; }

        internal unsafe wxg_client_options Fill(CallText text)
        {
            return new wxg_client_options
            {
                struct_size = (uint)sizeof(wxg_client_options),
                environment = (uint)Environment,
                generation = (uint)Generation,
                no_mp_sig = NoMpSig ? 1u : 0,
                appid = text.Put(Appid),
                app_secret = text.Put(AppSecret),
                offer_id = text.Put(OfferId),
                app_key = text.Put(AppKey),
                sandbox_app_key = text.Put(SandboxAppKey),
                pf = text.Put(Pf),
                journal = text.Put(Journal),
                base_url = text.Put(BaseUrl),
                ca_file = text.Put(CaFile),
                proxy = text.Put(Proxy),
                timeout_ms = TimeoutMs,
                connect_timeout_ms = ConnectTimeoutMs,
                deadline_ms = DeadlineMs,
                late_window_ms = LateWindowMs,
                unknown_patience_ms = UnknownPatienceMs,
                queue_capacity = QueueCapacity,
                in_flight_limit = InFlightLimit,
                log_level = (int)LogLevel,
                recovery = (uint)Recovery,
                retry_per_s = RetryPerS,
                retain_days = RetainDays,
                redeliver_after_ms = RedeliverAfterMs,
                seal_days = SealDays,
                journal_key = text.Put(JournalKey),
                previous_journal_key = text.Put(PreviousJournalKey),
                clock_offset_ms = ClockOffsetMs,
                token_source = (uint)TokenSource,
                token_requests_per_day = TokenRequestsPerDay,
                push_token = text.Put(PushToken),
                push_aes_key = text.Put(PushAesKey),
                lease_ms = LeaseMs,
            };
        }
    }

    /// <summary>What every call has. Read when the call is made, and may be changed and used again after.</summary>
    public abstract class CallOptions
    {
        internal CallOptions()
        {
        }

        /// <summary>Until then there is an answer. 1 to 86,400,000 from now; 0: the client's.</summary>
        public long DeadlineMs { get; set; }

        // What an exception calls this call by.
        internal virtual string Number
        {
            get { return ""; }
        }

        // The two functions of a call: one that enqueues, one that also waits.
        internal abstract unsafe int Submit(IntPtr client, CallText text, ulong tag, IntPtr* error);

        internal abstract unsafe int Wait(IntPtr client, CallText text, long timeoutMs, IntPtr* completion,
            IntPtr* error);
    }

    /// <summary>A payment: takes coins from a player.</summary>
    public sealed class PayOptions : CallOptions
    {
        /// <summary>
        /// Your number of this purchase, [0-9A-Za-z_-]{1,63}, not beginning with _: <see
        /// cref="WxGameLibrary.NewBillNo"/> makes one. Never used for another purchase; the same again asks about the
        /// same purchase. Required.
        /// </summary>
        public string BillNo { get; set; }

        /// <summary>The player. Required.</summary>
        public string Openid { get; set; }

        /// <summary>
        /// Zone of the game, text: 1 without zones, zone_role where Midas is set up with roles. Required.
        /// </summary>
        public string ZoneId { get; set; }

        /// <summary>Coins to take, 1 to 2^53.</summary>
        public long Amount { get; set; }

        /// <summary>Name of what is bought; may be empty.</summary>
        public string PayItem { get; set; }

        /// <summary>Note for the account's log; may be empty.</summary>
        public string AppRemark { get; set; }

        /// <summary>The player's public IP address; may be empty.</summary>
        public string UserIp { get; set; }

        /// <summary>
        /// Your own books say that this number may have been sent before, from a journal that is lost. It then starts
        /// as unknown, so that 90012 means done.
        /// </summary>
        public bool SentBefore { get; set; }

        /// <summary>
        /// Bytes of yours that are kept with the record and come back in its answers, at most 256; may be empty.
        /// </summary>
        public byte[] HostData { get; set; }

        internal override string Number
        {
            get { return BillNo ?? ""; }
        }

        internal override unsafe int Submit(IntPtr client, CallText text, ulong tag, IntPtr* error)
        {
            wxg_pay_options filled = Fill(text, tag);
            return Native.wxg_client_submit_pay(client, &filled, error);
        }

        internal override unsafe int Wait(IntPtr client, CallText text, long timeoutMs, IntPtr* completion,
            IntPtr* error)
        {
            wxg_pay_options filled = Fill(text, 0);
            return Native.wxg_client_pay(client, &filled, timeoutMs, completion, error);
        }

        internal unsafe wxg_pay_options Fill(CallText text, ulong tag)
        {
            return new wxg_pay_options
            {
                struct_size = (uint)sizeof(wxg_pay_options),
                sent_before = SentBefore ? 1u : 0,
                bill_no = text.Put(BillNo),
                openid = text.Put(Openid),
                zone_id = text.Put(ZoneId),
                amount = Amount,
                pay_item = text.Put(PayItem),
                app_remark = text.Put(AppRemark),
                user_ip = text.Put(UserIp),
                user_tag = tag,
                deadline_ms = DeadlineMs,
                host_data = text.Put(HostData),
            };
        }
    }

    /// <summary>A gift: gives coins to a player.</summary>
    public sealed class PresentOptions : CallOptions
    {
        /// <summary>Your number of this gift; the rules of <see cref="PayOptions.BillNo"/>. Required.</summary>
        public string BillNo { get; set; }

        /// <summary>The player. Required.</summary>
        public string Openid { get; set; }

        /// <summary>Zone of the game, text. Required.</summary>
        public string ZoneId { get; set; }

        /// <summary>Coins to give (WeChat's present_counts), 1 to 2^53.</summary>
        public long Amount { get; set; }

        /// <summary>The player's public IP address; may be empty.</summary>
        public string UserIp { get; set; }

        /// <summary>As <see cref="PayOptions.SentBefore"/>.</summary>
        public bool SentBefore { get; set; }

        /// <summary>
        /// Bytes of yours that are kept with the record and come back in its answers, at most 256; may be empty.
        /// </summary>
        public byte[] HostData { get; set; }

        internal override string Number
        {
            get { return BillNo ?? ""; }
        }

        internal override unsafe int Submit(IntPtr client, CallText text, ulong tag, IntPtr* error)
        {
            wxg_present_options filled = Fill(text, tag);
            return Native.wxg_client_submit_present(client, &filled, error);
        }

        internal override unsafe int Wait(IntPtr client, CallText text, long timeoutMs, IntPtr* completion,
            IntPtr* error)
        {
            wxg_present_options filled = Fill(text, 0);
            return Native.wxg_client_present(client, &filled, timeoutMs, completion, error);
        }

        internal unsafe wxg_present_options Fill(CallText text, ulong tag)
        {
            return new wxg_present_options
            {
                struct_size = (uint)sizeof(wxg_present_options),
                sent_before = SentBefore ? 1u : 0,
                bill_no = text.Put(BillNo),
                openid = text.Put(Openid),
                zone_id = text.Put(ZoneId),
                amount = Amount,
                user_ip = text.Put(UserIp),
                user_tag = tag,
                deadline_ms = DeadlineMs,
                host_data = text.Put(HostData),
            };
        }
    }

    /// <summary>Undoes a payment, or gives a finished and acknowledged one back.</summary>
    public sealed class CancelPayOptions : CallOptions
    {
        /// <summary>The number of the payment. Required.</summary>
        public string BillNo { get; set; }

        /// <summary>
        /// Your number of this refund, for giving back a part of a finished payment (Generation.V2): the rules of <see
        /// cref="PayOptions.BillNo"/>, another one for every part, the same again asks about the same refund. Empty:
        /// the whole, as long as no part was given back.
        /// </summary>
        public string RefundBillNo { get; set; }

        /// <summary>Coins to give back with RefundBillNo, 1 to what is left of the payment; else 0.</summary>
        public long Amount { get; set; }

        internal override string Number
        {
            get { return BillNo ?? ""; }
        }

        internal override unsafe int Submit(IntPtr client, CallText text, ulong tag, IntPtr* error)
        {
            wxg_cancel_pay_options filled = Fill(text, tag);
            return Native.wxg_client_submit_cancel_pay(client, &filled, error);
        }

        internal override unsafe int Wait(IntPtr client, CallText text, long timeoutMs, IntPtr* completion,
            IntPtr* error)
        {
            wxg_cancel_pay_options filled = Fill(text, 0);
            return Native.wxg_client_cancel_pay(client, &filled, timeoutMs, completion, error);
        }

        internal unsafe wxg_cancel_pay_options Fill(CallText text, ulong tag)
        {
            return new wxg_cancel_pay_options
            {
                struct_size = (uint)sizeof(wxg_cancel_pay_options),
                bill_no = text.Put(BillNo),
                user_tag = tag,
                deadline_ms = DeadlineMs,
                refund_bill_no = text.Put(RefundBillNo),
                amount = Amount,
            };
        }
    }

    /// <summary>Reads a player's coins.</summary>
    public sealed class GetBalanceOptions : CallOptions
    {
        /// <summary>Those of the game, or of the recharge centre.</summary>
        public CoinType CoinType { get; set; }

        /// <summary>The player. Required.</summary>
        public string Openid { get; set; }

        /// <summary>Zone of the game, text; 1 for the coins of the recharge centre. Required.</summary>
        public string ZoneId { get; set; }

        /// <summary>The player's public IP address; may be empty.</summary>
        public string UserIp { get; set; }

        internal override unsafe int Submit(IntPtr client, CallText text, ulong tag, IntPtr* error)
        {
            wxg_get_balance_options filled = Fill(text, tag);
            return Native.wxg_client_submit_get_balance(client, &filled, error);
        }

        internal override unsafe int Wait(IntPtr client, CallText text, long timeoutMs, IntPtr* completion,
            IntPtr* error)
        {
            wxg_get_balance_options filled = Fill(text, 0);
            return Native.wxg_client_get_balance(client, &filled, timeoutMs, completion, error);
        }

        internal unsafe wxg_get_balance_options Fill(CallText text, ulong tag)
        {
            return new wxg_get_balance_options
            {
                struct_size = (uint)sizeof(wxg_get_balance_options),
                coin_type = (uint)CoinType,
                openid = text.Put(Openid),
                zone_id = text.Put(ZoneId),
                user_ip = text.Put(UserIp),
                user_tag = tag,
                deadline_ms = DeadlineMs,
            };
        }
    }

    /// <summary>Logs a player in.</summary>
    public sealed class LoginOptions : CallOptions
    {
        /// <summary>What the game client got from wx.login. Works once and for five minutes. Required.</summary>
        public string JsCode { get; set; }

        internal override unsafe int Submit(IntPtr client, CallText text, ulong tag, IntPtr* error)
        {
            wxg_login_options filled = Fill(text, tag);
            return Native.wxg_client_submit_login(client, &filled, error);
        }

        internal override unsafe int Wait(IntPtr client, CallText text, long timeoutMs, IntPtr* completion,
            IntPtr* error)
        {
            wxg_login_options filled = Fill(text, 0);
            return Native.wxg_client_login(client, &filled, timeoutMs, completion, error);
        }

        internal unsafe wxg_login_options Fill(CallText text, ulong tag)
        {
            return new wxg_login_options
            {
                struct_size = (uint)sizeof(wxg_login_options),
                js_code = text.Put(JsCode),
                user_tag = tag,
                deadline_ms = DeadlineMs,
            };
        }
    }

    /// <summary>What calls about the session of a player have in common.</summary>
    public abstract class SessionOptions : CallOptions
    {
        internal SessionOptions()
        {
        }

        /// <summary>The player. Required.</summary>
        public string Openid { get; set; }

        internal unsafe wxg_session_options Fill(CallText text, ulong tag)
        {
            return new wxg_session_options
            {
                struct_size = (uint)sizeof(wxg_session_options),
                openid = text.Put(Openid),
                user_tag = tag,
                deadline_ms = DeadlineMs,
            };
        }
    }

    /// <summary>Asks whether the session_key that is kept of a player is still good.</summary>
    public sealed class CheckSessionOptions : SessionOptions
    {
        internal override unsafe int Submit(IntPtr client, CallText text, ulong tag, IntPtr* error)
        {
            wxg_session_options filled = Fill(text, tag);
            return Native.wxg_client_submit_check_session(client, &filled, error);
        }

        internal override unsafe int Wait(IntPtr client, CallText text, long timeoutMs, IntPtr* completion,
            IntPtr* error)
        {
            wxg_session_options filled = Fill(text, 0);
            return Native.wxg_client_check_session(client, &filled, timeoutMs, completion, error);
        }
    }

    /// <summary>Has WeChat replace the session_key of a player.</summary>
    public sealed class ResetSessionOptions : SessionOptions
    {
        internal override unsafe int Submit(IntPtr client, CallText text, ulong tag, IntPtr* error)
        {
            wxg_session_options filled = Fill(text, tag);
            return Native.wxg_client_submit_reset_session(client, &filled, error);
        }

        internal override unsafe int Wait(IntPtr client, CallText text, long timeoutMs, IntPtr* completion,
            IntPtr* error)
        {
            wxg_session_options filled = Fill(text, 0);
            return Native.wxg_client_reset_session(client, &filled, timeoutMs, completion, error);
        }
    }
}
