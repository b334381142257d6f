using System;
using System.Collections.Generic;
using System.Text;
using System.Threading;
using System.Threading.Tasks;

namespace WxGame.Tests
{
    // Each call, and what it is answered.
    static class Calls
    {
        public static void the_library_tells_what_it_is()
        {
            string version = typeof(WxGameClient).Assembly.GetName().Version.ToString(3);
            Check.Equal(version, WxGameLibrary.Version, "version of the library and of the assembly");
            Check.That(WxGameLibrary.AbiVersion >= 1, "ABI version");
            Check.Equal("WXG_ERR_BILL_NO_CONFLICT", WxGameLibrary.StatusText(WxGameStatus.BillNoConflict), "status");
            string one = WxGameLibrary.NewBillNo(), other = WxGameLibrary.NewBillNo();
            Check.That(one.Length == 26 && other.Length == 26 && one != other, "bill_no " + one + " " + other);
            ErrcodeHelp help = WxGameLibrary.ErrcodeHelp(Generation.V1, MidasCall.Pay, 90013);
            Check.Equal(ErrcodeClass.Refused, help.ErrcodeClass, "class of 90013");
            Check.That(help.CauseZh.IndexOf('余') >= 0 && help.CauseEn.Length > 0, "help: " + help.CauseZh);
            Check.Equal(WxGameStatus.InvalidArgument, Check.Throws<WxGameException>(
                () => WxGameLibrary.ErrcodeHelp(Generation.V1, 0, 90013)).Status, "help without a call");
        }

        public static void a_request_is_built_signed_and_its_answer_read()
        {
            SignedRequest request = MidasV1.Build(new MidasV1RequestOptions
            {
                Call = MidasCall.Pay,
                Appid = "wx1234567",
                OfferId = "12345678",
                AppKey = "zNLgAGgqsEWJOg1nFVaO5r7fAlIQxr1u",
                AccessToken = "TOKEN",
                SessionKey = "V7Q38/i2KXaqrQyl2Yx9Hg==",
                Openid = "oPlayer",
                ZoneId = "1",
                BillNo = "bill-1",
                PayItem = "剑",
                Amount = 30,
                Ts = 1507530737,
            });
            Check.Equal("POST", request.Method, "method");
            Check.That(request.PathAndQuery.StartsWith("/cgi-bin/midas/pay?", StringComparison.Ordinal), "path");
            string body = Encoding.UTF8.GetString(request.Body);
            Check.That(body.Contains("剑"), "body " + body);

            // WeChat's page on Midas signatures gives these keys, fields and results.
            const string Path = "/cgi-bin/midas/getbalance";
            const string Sig = "1ad64e8dcb2ec1dc486b7fdf01f4a15159fc623dc3422470e51cf6870734726b";
            const string MpSig = "ff4c5bb39dea1002a8f03be0438724e1a8bcea5ebce8f221f9b9fea3bcf3bf76";
            List<KeyValuePair<string, string>> fields = new List<KeyValuePair<string, string>>
            {
                new KeyValuePair<string, string>("openid", "odkx20ENSNa2w5y3g_qOkOvBNM1g"),
                new KeyValuePair<string, string>("appid", "wx1234567"),
                new KeyValuePair<string, string>("offer_id", "12345678"),
                new KeyValuePair<string, string>("ts", "1507530737"),
                new KeyValuePair<string, string>("zone_id", "1"),
                new KeyValuePair<string, string>("pf", "android"),
            };
            Check.Equal(Sig, MidasV1.Sign(Path, fields, "zNLgAGgqsEWJOg1nFVaO5r7fAlIQxr1u"), "sig");
            Check.Equal("appid=wx1234567&offer_id=12345678&openid=odkx20ENSNa2w5y3g_qOkOvBNM1g&pf=android" +
                "&ts=1507530737&zone_id=1&org_loc=" + Path + "&method=POST&secret=***",
                MidasV1.Explain(Path, fields), "explanation");
            Check.Equal("path", Check.Throws<WxGameException>(() => MidasV1.Sign("", fields, "key")).Field, "field");
            fields.Add(new KeyValuePair<string, string>("access_token", "ACCESSTOKEN"));
            fields.Add(new KeyValuePair<string, string>("sig", Sig));
            Check.Equal(MpSig, MidasV1.SignMpSig(Path, fields, "V7Q38/i2KXaqrQyl2Yx9Hg=="), "mp_sig");

            Completion answer = MidasV1.Parse(new MidasV1ReplyOptions
            {
                Call = MidasCall.Pay,
                HttpStatus = 200,
                BillNo = "bill-1",
                Body = Encoding.UTF8.GetBytes("{\"errcode\":0,\"bill_no\":\"bill-1\",\"balance\":70}"),
            });
            Check.Equal(Outcome.Done, answer.Outcome, "outcome");
            Check.Equal(70, answer.Balance, "balance");
            Check.Equal(null, answer.SaveAmt, "save_amt was not told");
        }

        public static void a_player_pays_is_given_and_is_given_back()
        {
            Raised raised = new Raised();
            using (WxGameClient client = Sandbox.Open(Sandbox.NewJournal(), raised))
            {
                string openid = Sandbox.Player(client, "Story", 100);
                GetBalanceOptions ask = new GetBalanceOptions { Openid = openid, ZoneId = "1" };
                Check.Equal(100, Check.Get(client.GetBalanceAsync(ask)).Balance, "balance");

                PayOptions pay = Sandbox.PayOf(openid, 30);
                pay.HostData = new byte[] { 0, 255, 10, 13 };
                PayResult paid = Check.Get(client.PayAsync(pay));
                Check.Equal(Outcome.Done, paid.Outcome, "pay");
                Check.Equal(CompletionKind.Pay, paid.Kind, "kind");
                Check.Equal(pay.BillNo, paid.BillNo, "bill_no");
                Check.Equal(30, paid.Amount, "amount");
                Check.Equal(70, paid.Balance, "balance after the pay");
                Check.Equal("00-FF-0A-0D", BitConverter.ToString(paid.HostData), "host_data");
                client.Ack(paid.DeliveryId);

                PresentResult given = Check.Get(client.PresentAsync(new PresentOptions
                {
                    BillNo = WxGameLibrary.NewBillNo(),
                    Openid = openid,
                    ZoneId = "1",
                    Amount = 5,
                }));
                Check.Equal(Outcome.Done, given.Outcome, "present");
                Check.Equal(75, given.Balance, "balance after the present");
                client.Ack(given.DeliveryId);

                CancelPayResult cancelled =
                    Check.Get(client.CancelPayAsync(new CancelPayOptions { BillNo = pay.BillNo }));
                Check.Equal(Outcome.Done, cancelled.Outcome, "cancel");
                Check.Equal(105, Check.Get(client.GetBalanceAsync(ask)).Balance, "balance after the cancel");

                PayResult refused = Check.Get(client.PayAsync(Sandbox.PayOf(openid, 1000)));
                Check.Equal(Outcome.Rejected, refused.Outcome, "pay of too much");
                Check.Equal(Reason.BalanceTooLow, refused.Reason, "reason");
                Check.Equal(90013, refused.Errcode, "errcode");

                LoginResult login = Check.Get(client.LoginAsync(new LoginOptions { JsCode = "wrong" }));
                Check.Equal(Outcome.Rejected, login.Outcome, "login with a wrong code");
                Check.Equal(40029, login.Errcode, "errcode of the login");
            }
        }

        public static void the_blocking_calls_are_answered_alike()
        {
            using (WxGameClient client = Sandbox.Open(Sandbox.NewJournal(), null, PumpMode.Tick))
            {
                string openid = "oBlocking" + Sandbox.Run;
                Sandbox.TopUp(openid, 100);
                LoginResult login = client.Login(new LoginOptions { JsCode = Sandbox.Code(openid) }, -1);
                Check.Equal(openid, login.Openid, "login");
                PayOptions pay = Sandbox.PayOf(openid, 30);
                PayResult paid = client.Pay(pay, -1);
                Check.Equal(Outcome.Done, paid.Outcome, "pay");
                client.Ack(paid.DeliveryId);
                PresentResult given = client.Present(new PresentOptions
                {
                    BillNo = WxGameLibrary.NewBillNo(),
                    Openid = openid,
                    ZoneId = "1",
                    Amount = 5,
                }, -1);
                Check.Equal(75, given.Balance, "present");
                Check.Equal(Outcome.Done, client.CancelPay(new CancelPayOptions { BillNo = pay.BillNo }, -1).Outcome,
                    "cancel");
                GetBalanceOptions ask = new GetBalanceOptions { Openid = openid, ZoneId = "1" };
                Check.Equal(105, client.GetBalance(ask, -1).Balance, "balance");

                Sandbox.HangPay(openid);
                WxGameException late = Check.Throws<WxGameException>(() => client.Pay(Sandbox.PayOf(openid, 1), 10));
                Check.Equal(WxGameStatus.Timeout, late.Status, "status of a wait that is over");
            }
        }

        public static void errors_tell_status_field_and_rule()
        {
            using (WxGameClient client = Sandbox.Open(Sandbox.NewJournal(), null))
            {
                string openid = Sandbox.Player(client, "Errors", 100);
                PayOptions pay = Sandbox.PayOf(openid, 0);
                WxGameException refused = Check.Throws<WxGameException>(() => Check.Get(client.PayAsync(pay)));
                Check.Equal(WxGameStatus.InvalidArgument, refused.Status, "status");
                Check.Equal("amount", refused.Field, "field");
                Check.That(refused.Message.Length > 0 && refused.Completion == null && refused.Errcode == 0, "message");
                pay.Amount = 1;
                pay.BillNo = null;
                Check.Equal("bill_no", Check.Throws<WxGameException>(() => client.Pay(pay, -1)).Field, "field");

                pay.BillNo = "bill_no-" + Sandbox.Run;
                Check.Equal(Outcome.Done, Check.Get(client.PayAsync(pay)).Outcome, "pay");
                pay.Amount = 2;
                WxGameException conflict = Check.Throws<WxGameException>(() => Check.Get(client.PayAsync(pay)));
                Check.Equal(WxGameStatus.BillNoConflict, conflict.Status, "status of a conflict");
                Check.That(conflict.Message.Contains("amount"), "message of a conflict: " + conflict.Message);
                Check.Equal(pay.BillNo, conflict.Completion.BillNo, "completion of a conflict");
                WxGameException unknown = Check.Throws<WxGameException>(
                    () => Check.Get(client.CancelPayAsync(new CancelPayOptions { BillNo = "never-sent" })));
                Check.Equal(WxGameStatus.NotFound, unknown.Status, "status of a cancel of nothing");
                refused = Check.Throws<WxGameException>(() => client.Ack(0));
                Check.Equal(WxGameStatus.InvalidArgument, refused.Status, "ack of nothing");
                Check.Throws<ArgumentNullException>(() => Check.Get(client.PayAsync(null)));
                Check.Throws<ArgumentNullException>(() => client.Pay(null, 0));
                // A lone half of a character would become another text.
                pay.PayItem = "\ud800";
                Check.Throws<EncoderFallbackException>(() => Check.Get(client.PayAsync(pay)));
                // Nothing of what was refused is still waited for.
                Check.Equal(Outcome.Done, Check.Get(client.PayAsync(Sandbox.PayOf(openid, 1))).Outcome, "pay");
            }
            WxGameClientOptions options = Sandbox.Options("memory:");
            options.CaFile = Sandbox.CaFile + ".missing";
            WxGameException closed = Check.Throws<WxGameException>(() => WxGameClient.Open(options, null));
            Check.Equal(WxGameStatus.Configuration, closed.Status, "status of a missing file");
            Check.Equal("ca_file", closed.Field, "field of a missing file");
            options.CaFile = Sandbox.CaFile;
            options.LeaseMs = 999;
            Check.Equal("lease_ms", Check.Throws<WxGameException>(() => WxGameClient.Open(options, null)).Field,
                "field of a short lease");
            Check.Throws<ArgumentNullException>(() => WxGameClient.Open(null, null));
        }

        public static void a_text_longer_than_the_buffer_arrives_whole()
        {
            using (WxGameClient client = Sandbox.Open("memory:", null))
            {
                string openid = Sandbox.Player(client, "Long", 10);
                PayOptions pay = Sandbox.PayOf(openid, 1);
                pay.HostData = new byte[5000];
                WxGameException refused = Check.Throws<WxGameException>(() => Check.Get(client.PayAsync(pay)));
                Check.Equal("host_data", refused.Field, "field");
            }
            string text = new string('剑', 3000);
            SignedRequest request = MidasV1.Build(new MidasV1RequestOptions
            {
                Call = MidasCall.Pay,
                Appid = "wx1234567",
                OfferId = "12345678",
                AppKey = "zNLgAGgqsEWJOg1nFVaO5r7fAlIQxr1u",
                AccessToken = new string('T', 400),
                SessionKey = "V7Q38/i2KXaqrQyl2Yx9Hg==",
                Openid = "oPlayer",
                ZoneId = "1",
                BillNo = "bill-1",
                Amount = 30,
                Ts = 1507530737,
            });
            Check.That(request.PathAndQuery.Contains(new string('T', 400)), "access_token");
            List<KeyValuePair<string, string>> fields = new List<KeyValuePair<string, string>>
            {
                new KeyValuePair<string, string>("a", "1"),
                new KeyValuePair<string, string>("pay_item", text),
                new KeyValuePair<string, string>("z", "2"),
            };
            Check.That(MidasV1.Explain("/cgi-bin/midas/pay", fields).StartsWith("a=1&pay_item=" + text + "&z=2&",
                StringComparison.Ordinal), "a long field between short ones");
        }

        public static void cancelling_stops_the_waiting_and_not_the_payment()
        {
            Raised raised = new Raised();
            using (WxGameClient client = Sandbox.Open(Sandbox.NewJournal(), raised))
            {
                string openid = Sandbox.Player(client, "Cancel", 100);
                Sandbox.SlowPay(openid, 300);
                PayOptions pay = Sandbox.PayOf(openid, 30);
                using (CancellationTokenSource source = new CancellationTokenSource())
                {
                    Task<PayResult> paying = client.PayAsync(pay, source.Token);
                    Check.Until(() => Sandbox.Charged(pay.BillNo) == 1, "the payment is charged");
                    source.Cancel();
                    WaitCancelledException stopped = Check.Throws<WaitCancelledException>(() => Check.Get(paying));
                    Check.That(paying.IsCanceled, "the task is cancelled");
                    Check.Equal(pay.BillNo, stopped.BillNo, "bill_no");
                    Check.That(stopped.Message.Contains("may have happened"), "message: " + stopped.Message);
                    Check.That(stopped.CancellationToken == source.Token, "token");
                }
                Completion told = raised.Await(one => one.BillNo == pay.BillNo);
                Check.Equal(CompletionKind.Pay, told.Kind, "kind");
                Check.Equal(Outcome.Done, told.Outcome, "outcome");
                client.Ack(told.DeliveryId);

                // A token that is cancelled already submits nothing.
                ulong submitted = client.Stats().Submitted;
                pay = Sandbox.PayOf(openid, 1);
                Check.Throws<OperationCanceledException>(
                    () => Check.Get(client.PayAsync(pay, new CancellationToken(true))));
                Check.Equal(submitted, client.Stats().Submitted, "submissions");
                Check.Equal(Outcome.None, client.Payment(pay.BillNo, -1).Outcome, "of what was never submitted");
            }
        }

        public static void a_session_that_is_needed_is_asked_for()
        {
            Raised raised = new Raised();
            using (WxGameClient client = Sandbox.Open(Sandbox.NewJournal(), raised))
            {
                string openid = Sandbox.Player(client, "Session", 100);
                Sandbox.ExpireSession(openid);
                Task<PayResult> paying = client.PayAsync(Sandbox.PayOf(openid, 30));
                Completion need = raised.Await(one => one.Kind == CompletionKind.SessionNeeded);
                Check.Equal(openid, need.Openid, "openid");
                Check.That(!paying.IsCompleted, "the payment waits");
                Check.Get(client.LoginAsync(new LoginOptions { JsCode = Sandbox.Code(openid) }));
                Check.Equal(Outcome.Done, Check.Get(paying).Outcome, "outcome");
            }
        }

        public static void a_session_is_checked_replaced_and_forgotten()
        {
            using (WxGameClient client = Sandbox.Open(Sandbox.NewJournal(), null))
            {
                string openid = Sandbox.Player(client, "Check", 10);
                CheckSessionOptions check = new CheckSessionOptions { Openid = openid };
                ResetSessionOptions reset = new ResetSessionOptions { Openid = openid };
                Check.Equal(Outcome.Done, Check.Get(client.CheckSessionAsync(check)).Outcome, "check");
                Check.Equal(Outcome.Done, Check.Get(client.ResetSessionAsync(reset)).Outcome, "reset");
                Check.Equal(Outcome.Done, client.CheckSession(check, -1).Outcome, "check after the reset");
                Check.Equal(Outcome.Done, client.ResetSession(reset, -1).Outcome, "reset once more");
                Check.Equal(Outcome.Done, Check.Get(client.PayAsync(Sandbox.PayOf(openid, 1))).Outcome, "pay");
                client.ForgetSession(openid);
                CheckSessionResult gone = Check.Get(client.CheckSessionAsync(check));
                Check.Equal(Outcome.Rejected, gone.Outcome, "check of what was forgotten");
                Check.Equal(Reason.Session, gone.Reason, "reason");
            }
        }

        public static void a_host_brings_its_access_token()
        {
            Raised raised = new Raised();
            WxGameClientOptions options = Sandbox.Options("memory:");
            options.TokenSource = TokenSource.Host;
            using (WxGameClient client = WxGameClient.Open(options, raised.Handler))
            {
                string openid = Sandbox.Player(client, "Token", 10);
                Task<PayResult> paying = client.PayAsync(Sandbox.PayOf(openid, 1));
                raised.Await(one => one.Kind == CompletionKind.TokenNeeded);
                Check.That(!paying.IsCompleted, "the payment waits");
                Sandbox.SetToken("token-of-the-host");
                client.SetAccessToken("token-of-the-host", 7200);
                Check.Equal(Outcome.Done, Check.Get(paying).Outcome, "outcome");
                Check.Equal("expires_in_s", Check.Throws<WxGameException>(
                    () => client.SetAccessToken("token-of-the-host", 0)).Field, "field");
            }
        }

        public static void an_operator_sees_and_decides()
        {
            Raised raised = new Raised();
            string journal = Sandbox.NewJournal();
            string billNo;
            using (WxGameClient client = Sandbox.Open(journal, raised))
            {
                string openid = Sandbox.Player(client, "Operator", 100);
                Sandbox.Fault("{\"call\":\"pay\",\"openid\":\"" + openid +
                    "\",\"do\":\"no\",\"times\":0,\"reply\":{\"kind\":\"reset\"}}");
                PayOptions pay = Sandbox.PayOf(openid, 30);
                pay.DeadlineMs = 1500;
                billNo = pay.BillNo;
                Check.Equal(Outcome.Unknown, Check.Get(client.PayAsync(pay)).Outcome, "outcome without an answer");
                Completion stands = client.Payment(billNo, -1);
                Check.Equal(CompletionKind.Payment, stands.Kind, "kind");
                Check.Equal(Outcome.Unknown, stands.Outcome, "where it stands");
                IReadOnlyList<Completion> listed = client.ListUnresolved(0, -1);
                Check.Equal(1, listed.Count, "unresolved payments");
                Check.Equal(billNo, listed[0].BillNo, "the unresolved payment");
                Check.Equal(0, client.ListUnresolved(listed[0].RecordId, -1).Count, "the next page");
                Check.Equal(WxGameStatus.InvalidArgument,
                    Check.Throws<WxGameException>(() => client.ListUnresolved(0, -1, 0)).Status, "a page of none");
                Check.Equal(WxGameStatus.WrongState, client.Settle(billNo, Outcome.Done, -1).Status, "settle");
                Check.Equal(WxGameStatus.NotFound, client.Resume("never-sent", -1).Status, "resume");
                Check.Equal(1ul, client.Stats().OpenUnknown, "open_unknown");
                Check.That(client.PollLog().Count > 0, "a lost answer is logged");
                Check.That(client.GetWakeFd() >= 0, "wake_fd");
                client.SetSession(openid, "V7Q38/i2KXaqrQyl2Yx9Hg==");
                Check.Equal("session_key", Check.Throws<WxGameException>(
                    () => client.SetSession(openid, "no base64!")).Field, "field of a wrong session_key");
                client.SetAppKey("zNLgAGgqsEWJOg1nFVaO5r7fAlIQxr1u");
                Check.Equal("app_key", Check.Throws<WxGameException>(() => client.SetAppKey("")).Field,
                    "field of a wrong app_key");
            }

            WxGameClientOptions held = Sandbox.Options(journal);
            held.Recovery = Recovery.Hold;
            using (WxGameClient client = WxGameClient.Open(held, raised.Handler))
            {
                Check.Equal(WaitingFor.Operator, client.Payment(billNo, -1).WaitingFor, "a held payment");
                Check.Equal(Outcome.Rejected, client.Settle(billNo, Outcome.Rejected, -1).Outcome, "settled");
                Completion told = raised.Await(one => one.Kind == CompletionKind.Resolved && one.BillNo == billNo);
                Check.Equal(Reason.Settled, told.Reason, "reason");
                client.Ack(told.DeliveryId);
            }
        }
    }
}
