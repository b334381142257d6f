using System;
using System.Collections.Generic;

namespace WxGame
{
    /// <summary>
    /// Midas v1 with an HTTP stack of your own: signs one request and reads one answer, without client, journal or
    /// network. Whoever sends keeps the rules: write the order down first, send it once, repeat it only under the
    /// same bill_no with a fresh ts, and never take a missing answer for a no. Pure; any thread.
    /// </summary>
    public static class MidasV1
    {
        /// <summary>
        /// Makes the sig of a request: HMAC-SHA256 with the AppKey over all fields of the body but sig and mp_sig, in
        /// any order given, then org_loc, method and the key. <paramref name="path"/> is the one posted to, such as
        /// /cgi-bin/midas/pay, with /sandbox where it is used, without host and query.
        /// </summary>
        public static string Sign(string path, IReadOnlyList<KeyValuePair<string, string>> fields, string appKey)
        {
            return Sign(path, fields, appKey, false);
        }

        /// <summary>
        /// Makes the mp_sig of a request: as Sign, but with the player's session_key (as text, not base64-decoded)
        /// and with access_token and sig among the fields.
        /// </summary>
        public static string SignMpSig(string path, IReadOnlyList<KeyValuePair<string, string>> fields,
            string sessionKey)
        {
            return Sign(path, fields, sessionKey, true);
        }

        /// <summary>
        /// The exact string that Sign (or, where access_token is among the fields, SignMpSig) signs, with every
        /// secret shown as ***: compare it with what the server says after 90011 or 90009.
        /// </summary>
        public static unsafe string Explain(string path, IReadOnlyList<KeyValuePair<string, string>> fields)
        {
            using (CallText text = CallText.Rent())
            {
                wxg_str at = text.Put(path);
                IntPtr explained, error;
                fixed (wxg_field* put = Put(text, fields))
                    WxGameException.Check(
                        Native.wxg_sign_explain(&at, put, (UIntPtr)fields.Count, &explained, &error), error);
                return Utf8.Take(explained);
            }
        }

        /// <summary>Checks every value and makes one signed request.</summary>
        public static unsafe SignedRequest Build(MidasV1RequestOptions options)
        {
            if (options == null)
                throw new ArgumentNullException("options");
            using (CallText text = CallText.Rent())
            {
                wxg_midas_v1_request_options filled = options.Fill(text);
                IntPtr request, error;
                WxGameException.Check(Native.wxg_midas_v1_build(&filled, &request, &error), error);
                return SignedRequest.Take(request);
            }
        }

        /// <summary>
        /// Reads the answer to a request of <see cref="Build"/>. It speaks of this one attempt only. Done: done.
        /// Unknown: this attempt may have been executed; also where the answer cannot be read. NeedsReview: done if
        /// an earlier attempt of yours is unaccounted for. Rejected: this attempt did nothing; earlier ones may have.
        /// </summary>
        public static unsafe Completion Parse(MidasV1ReplyOptions options)
        {
            if (options == null)
                throw new ArgumentNullException("options");
            using (CallText text = CallText.Rent())
            {
                wxg_midas_v1_reply_options filled = options.Fill(text);
                IntPtr completion, error;
                WxGameException.Check(Native.wxg_midas_v1_parse(&filled, &completion, &error), error);
                return Completion.Take(completion);
            }
        }

        static unsafe string Sign(string path, IReadOnlyList<KeyValuePair<string, string>> fields, string key,
            bool mpSig)
        {
            byte* signature = stackalloc byte[Native.WXG_SIGNATURE_SIZE];
            using (CallText text = CallText.Rent())
            {
                wxg_str at = text.Put(path), secret = text.Put(key);
                UIntPtr count = (UIntPtr)fields.Count;
                IntPtr error;
                fixed (wxg_field* put = Put(text, fields))
                    WxGameException.Check(mpSig
                        ? Native.wxg_sign_midas_v1_mp_sig(&at, put, count, &secret, signature, &error)
                        : Native.wxg_sign_midas_v1(&at, put, count, &secret, signature, &error), error);
            }
            return Utf8.ReadSignature(signature);
        }

        static wxg_field[] Put(CallText text, IReadOnlyList<KeyValuePair<string, string>> fields)
        {
            if (fields == null)
                throw new ArgumentNullException("fields");
            wxg_field[] put = new wxg_field[fields.Count];
            for (int index = 0; index < put.Length; index++)
            {
                put[index].name = text.Put(fields[index].Key);
                put[index].value = text.Put(fields[index].Value);
            }
            return put;
        }
    }

    /// <summary>Everything one request is made of. Fields that the call does not have stay empty.</summary>
    public sealed class MidasV1RequestOptions
    {
        /// <summary>Pay, Present, GetBalance or CancelPay.</summary>
        public MidasCall Call { get; set; }

        /// <summary>Production or WeChat's sandbox.</summary>
        public WxGameEnvironment Environment { get; set; }

        /// <summary>Without mp_sig.</summary>
        public bool NoMpSig { get; set; }

        /// <summary>appid of the mini-game. Required.</summary>
        public string Appid { get; set; }

        /// <summary>offer_id of the payment application. Required.</summary>
        public string OfferId { get; set; }

        /// <summary>AppKey of the environment. Required.</summary>
        public string AppKey { get; set; }

        /// <summary>Platform; empty: android.</summary>
        public string Pf { get; set; }

        /// <summary>The app's access_token. Required.</summary>
        public string AccessToken { get; set; }

        /// <summary>The player's session_key, as text. Required with mp_sig.</summary>
        public string SessionKey { get; set; }

        /// <summary>The player. Required.</summary>
        public string Openid { get; set; }

        /// <summary>Zone of the game, text. Required.</summary>
        public string ZoneId { get; set; }

        /// <summary>Number of the order. Required but for GetBalance.</summary>
        public string BillNo { get; set; }

        /// <summary>Item; Pay and CancelPay, may be empty.</summary>
        public string PayItem { get; set; }

        /// <summary>Note; Pay only, may be empty.</summary>
        public string AppRemark { get; set; }

        /// <summary>The player's public IP address; may be empty.</summary>
        public string UserIp { get; set; }

        /// <summary>Coins; Pay and Present.</summary>
        public long Amount { get; set; }

        /// <summary>Unix time in whole seconds: a fresh one for every attempt.</summary>
        public long Ts { get; set; }

        internal unsafe wxg_midas_v1_request_options Fill(CallText text)
        {
            return new wxg_midas_v1_request_options
            {
                struct_size = (uint)sizeof(wxg_midas_v1_request_options),
                call = (uint)Call,
                environment = (uint)Environment,
                no_mp_sig = NoMpSig ? 1u : 0,
                appid = text.Put(Appid),
                offer_id = text.Put(OfferId),
                app_key = text.Put(AppKey),
                pf = text.Put(Pf),
                access_token = text.Put(AccessToken),
                session_key = text.Put(SessionKey),
                openid = text.Put(Openid),
                zone_id = text.Put(ZoneId),
                bill_no = text.Put(BillNo),
                pay_item = text.Put(PayItem),
                app_remark = text.Put(AppRemark),
                user_ip = text.Put(UserIp),
                amount = Amount,
                ts = Ts,
            };
        }
    }

    /// <summary>An answer to be read.</summary>
    public sealed class MidasV1ReplyOptions
    {
        /// <summary>Which call was answered: Pay, Present, GetBalance or CancelPay.</summary>
        public MidasCall Call { get; set; }

        /// <summary>The HTTP status, 100 to 599.</summary>
        public uint HttpStatus { get; set; }

        /// <summary>The whole body, any bytes.</summary>
        public byte[] Body { get; set; }

        /// <summary>
        /// The bill_no that was sent; empty for GetBalance. An answer about another number is none.
        /// </summary>
        public string BillNo { get; set; }

        internal unsafe wxg_midas_v1_reply_options Fill(CallText text)
        {
            return new wxg_midas_v1_reply_options
            {
                struct_size = (uint)sizeof(wxg_midas_v1_reply_options),
                call = (uint)Call,
                http_status = HttpStatus,
                body = text.Put(Body),
                bill_no = text.Put(BillNo),
            };
        }
    }
}
