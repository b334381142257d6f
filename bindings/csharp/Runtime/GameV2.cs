using System;

namespace WxGame
{
    /// <summary>
    /// The virtual payment 2.0 with an HTTP stack of your own: signs one request and reads one answer, without client,
    /// journal or network. Whoever sends keeps the rules: write the order down first, send it once, repeat it only
    /// under the same numbers with a fresh ts, and never take a missing answer for a no. Pure; any thread.
    /// </summary>
    public static class GameV2
    {
        /// <summary>
        /// Makes the pay_sig of a request: HMAC-SHA256 with the AppKey of the environment over path, &amp; and body.
        /// <paramref name="path"/> is the one posted to, such as /wxa/game/pay, without host and query; the plain name
        /// requestMidasPaymentGameItem gives the paySig of an item order, whose signData is the body. <paramref
        /// name="body"/> is what is sent, byte for byte: sign first, then send those very bytes.
        /// </summary>
        public static unsafe string Sign(string path, string body, string appKey)
        {
            byte* signature = stackalloc byte[Native.WXG_SIGNATURE_SIZE];
            using (CallText text = CallText.Rent())
            {
                wxg_str at = text.Put(path), sent = text.Put(body), key = text.Put(appKey);
                IntPtr error;
                WxGameException.Check(Native.wxg_sign_game_v2(&at, &sent, &key, signature, &error), error);
            }
            return Utf8.ReadSignature(signature);
        }

        /// <summary>
        /// Makes the signature of a request, or of an item order: HMAC-SHA256 over the body alone, with the player's
        /// session_key (as text, not base64-decoded).
        /// </summary>
        public static unsafe string SignSignature(string body, string sessionKey)
        {
            byte* signature = stackalloc byte[Native.WXG_SIGNATURE_SIZE];
            using (CallText text = CallText.Rent())
            {
                wxg_str sent = text.Put(body), key = text.Put(sessionKey);
                IntPtr error;
                WxGameException.Check(Native.wxg_sign_game_v2_signature(&sent, &key, signature, &error), error);
            }
            return Utf8.ReadSignature(signature);
        }

        /// <summary>
        /// The exact string that Sign signs; there is no secret in it. What SignSignature signs is the body itself.
        /// After 90010 compare the body with the one that WeChat's errmsg says it received, after 90011 the path and
        /// the AppKey as well. The body holds the openid: keep it out of logs.
        /// </summary>
        public static unsafe string Explain(string path, string body)
        {
            using (CallText text = CallText.Rent())
            {
                wxg_str at = text.Put(path), sent = text.Put(body);
                IntPtr explained, error;
                WxGameException.Check(Native.wxg_sign_game_v2_explain(&at, &sent, &explained, &error), error);
                return Utf8.Take(explained);
            }
        }

        /// <summary>Checks every value and makes one signed request.</summary>
        public static unsafe SignedRequest Build(GameV2RequestOptions options)
        {
            if (options == null)
                throw new ArgumentNullException("options");
            using (CallText text = CallText.Rent())
            {
                wxg_game_v2_request_options filled = options.Fill(text);
                IntPtr request, error;
                WxGameException.Check(Native.wxg_game_v2_build(&filled, &request, &error), error);
                return SignedRequest.Take(request);
            }
        }

        /// <summary>
        /// Reads the answer to a request of <see cref="Build"/>. Of a payment call it speaks of this one attempt only,
        /// as <see cref="MidasV1.Parse"/> does. Of QueryOrder it speaks of the question, not of the purchase. Done:
        /// WeChat told, and PayState then whether it is paid. Rejected with Reason.OrderUnknown: WeChat knows no such
        /// order, or not yet; with any other reason, and Unknown: this answer says nothing of it. The Errmsg of 90010
        /// repeats the body, openid included: keep it out of logs.
        /// </summary>
        public static unsafe Completion Parse(GameV2ReplyOptions options)
        {
            if (options == null)
                throw new ArgumentNullException("options");
            using (CallText text = CallText.Rent())
            {
                wxg_game_v2_reply_options filled = options.Fill(text);
                IntPtr completion, error;
                WxGameException.Check(Native.wxg_game_v2_parse(&filled, &completion, &error), error);
                return Completion.Take(completion);
            }
        }
    }

    /// <summary>Everything one request is made of. Fields that the call does not have stay empty.</summary>
    public sealed class GameV2RequestOptions
    {
        /// <summary>Pay, Present, GetBalance, CancelPay or QueryOrder.</summary>
        public MidasCall Call { get; set; }

        /// <summary>Production or WeChat's sandbox: the body's env.</summary>
        public WxGameEnvironment Environment { get; set; }

        /// <summary>Which coins; GetBalance.</summary>
        public CoinType CoinType { get; set; }

        /// <summary>offer_id of the payment application. Required.</summary>
        public string OfferId { get; set; }

        /// <summary>AppKey of the environment. Required.</summary>
        public string AppKey { get; set; }

        /// <summary>The app's access_token. Required.</summary>
        public string AccessToken { get; set; }

        /// <summary>The player's session_key, as text. Required.</summary>
        public string SessionKey { get; set; }

        /// <summary>The player. Required.</summary>
        public string Openid { get; set; }

        /// <summary>A zone published in the environment, text. Required.</summary>
        public string ZoneId { get; set; }

        /// <summary>
        /// Number of the order, of CancelPay that of the pay to give back. Required but for GetBalance and QueryOrder.
        /// </summary>
        public string BillNo { get; set; }

        /// <summary>
        /// Number of the refund: its own, the same for every attempt, a new one for the next part. Required; CancelPay.
        /// </summary>
        public string RefundBillNo { get; set; }

        /// <summary>The outTradeNo that the game client named. Required; QueryOrder.</summary>
        public string OutTradeNo { get; set; }

        /// <summary>Item; Pay, may be empty.</summary>
        public string PayItem { get; set; }

        /// <summary>Note; Pay, may be empty.</summary>
        public string AppRemark { get; set; }

        /// <summary>The player's public IP address; may be empty.</summary>
        public string UserIp { get; set; }

        /// <summary>Coins; Pay, Present and CancelPay.</summary>
        public long Amount { get; set; }

        /// <summary>Unix time in whole seconds: a fresh one for every attempt.</summary>
        public long Ts { get; set; }

        /// <summary>Coins or an item. Required; QueryOrder.</summary>
        public BizId BizId { get; set; }

        internal unsafe wxg_game_v2_request_options Fill(CallText text)
        {
            return new wxg_game_v2_request_options
            {
                struct_size = (uint)sizeof(wxg_game_v2_request_options),
                call = (uint)Call,
                environment = (uint)Environment,
                coin_type = (uint)CoinType,
                offer_id = text.Put(OfferId),
                app_key = text.Put(AppKey),
                access_token = text.Put(AccessToken),
                session_key = text.Put(SessionKey),
                openid = text.Put(Openid),
                zone_id = text.Put(ZoneId),
                bill_no = text.Put(BillNo),
                refund_bill_no = text.Put(RefundBillNo),
                out_trade_no = text.Put(OutTradeNo),
                pay_item = text.Put(PayItem),
                app_remark = text.Put(AppRemark),
                user_ip = text.Put(UserIp),
                amount = Amount,
                ts = Ts,
                biz_id = (uint)BizId,
            };
        }
    }

    /// <summary>An answer to be read. Fields that the call does not have stay empty.</summary>
    public sealed class GameV2ReplyOptions
    {
        /// <summary>Which call was answered: that of the request.</summary>
        public MidasCall Call { get; set; }

        /// <summary>The HTTP status, 100 to 599.</summary>
        public uint HttpStatus { get; set; }

        /// <summary>The whole body, any bytes.</summary>
        public byte[] Body { get; set; }

        /// <summary>
        /// The bill_no that was sent; empty for GetBalance and QueryOrder. An answer about another number is none.
        /// </summary>
        public string BillNo { get; set; }

        /// <summary>The refund_bill_no that was sent; CancelPay, whose answer may tell either number.</summary>
        public string RefundBillNo { get; set; }

        /// <summary>The out_trade_no that was sent; QueryOrder.</summary>
        public string OutTradeNo { get; set; }

        internal unsafe wxg_game_v2_reply_options Fill(CallText text)
        {
            return new wxg_game_v2_reply_options
            {
                struct_size = (uint)sizeof(wxg_game_v2_reply_options),
                call = (uint)Call,
                http_status = HttpStatus,
                body = text.Put(Body),
                bill_no = text.Put(BillNo),
                refund_bill_no = text.Put(RefundBillNo),
                out_trade_no = text.Put(OutTradeNo),
            };
        }
    }
}
