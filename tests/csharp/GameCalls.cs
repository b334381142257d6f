using System;
using System.Text;

namespace WxGame.Tests
{
    // The calls of the virtual payment 2.0, and what they are answered.
    static class GameCalls
    {
        internal const string SessionKey = "9hAb/NEYUlkaMBEsmFgzig==";
        const string PurchaseName = "requestMidasPaymentGameItem";

        // WeChat's page on signatures gives keys, uri, body and both results.
        public static void the_signatures_of_2_0_are_wechats()
        {
            const string Path = "/wxa/game/getbalance";
            const string Body =
                "{\"offer_id\": \"12345678\", \"openid\": \"oUrsfxxxxxxxxxx\", \"ts\": 1668136271, " +
                "\"zone_id\": \"1\", \"env\": 0}";
            Check.Equal("11bac6388871d29c055c7d16fbe42e8d646855b666faf89b15c815218b1b23bd",
                GameV2.Sign(Path, Body, "12345"), "pay_sig");
            Check.Equal("42fe1d3341fb1c8bd6f5014ba735ab04eacc80a2deb3ab4669eab4700b5b6729",
                GameV2.SignSignature(Body, SessionKey), "signature");
            Check.Equal(Path + "&" + Body, GameV2.Explain(Path, Body), "explanation");
            // A request that a developer has published with its key and signature.
            Check.Equal("863baec574cde69d0468fdab78cfa2c70632895cbe1bfe634cd7ce9de1a2d132", GameV2.SignSignature(
                "{\"openid\":\"oRfYc5bilYLjGB6qb_e1qtSYbbBQ\",\"offer_id\":\"1450043962\",\"ts\":1669957114," +
                "\"zone_id\":\"1\",\"user_ip\":\"116.21.230.32\",\"env\":1}", "49Q2zEXM3ogcyacpGdCa3A=="),
                "signature of a published request");

            Check.Equal("path", Refused(() => GameV2.Sign("wxa/game/pay?a", Body, "12345")).Field, "path");
            Check.Equal("body", Refused(() => GameV2.Sign(Path, null, "12345")).Field, "body");
            Check.Equal("app_key", Refused(() => GameV2.Sign(Path, Body, "")).Field, "app_key");
            Check.Equal("session_key", Refused(() => GameV2.SignSignature(Body, null)).Field, "session_key");
            Check.Equal("path", Refused(() => GameV2.Explain("", Body)).Field, "path of an explanation");
        }

        public static void a_request_of_2_0_is_built_signed_and_its_answer_read()
        {
            GameV2RequestOptions refund = new GameV2RequestOptions
            {
                Call = MidasCall.CancelPay,
                OfferId = "12345678",
                AppKey = Sandbox.AppKey,
                AccessToken = "TOKEN",
                SessionKey = SessionKey,
                Openid = "oPlayer",
                ZoneId = "1",
                BillNo = "bill-1",
                RefundBillNo = "refund-1",
                Amount = 4,
                Ts = 1668136271,
            };
            SignedRequest request = GameV2.Build(refund);
            string body = Encoding.UTF8.GetString(request.Body);
            Check.That(body.Contains("\"pay_bill_no\":\"bill-1\"") && body.Contains("\"bill_no\":\"refund-1\""), body);
            Check.That(request.PathAndQuery.StartsWith("/wxa/game/cancelpay?", StringComparison.Ordinal), "path");
            string paySig = GameV2.Sign("/wxa/game/cancelpay", body, Sandbox.AppKey);
            Check.That(request.PathAndQuery.Contains(paySig), "pay_sig");
            Check.That(request.PathAndQuery.Contains(GameV2.SignSignature(body, SessionKey)), "signature");
            refund.RefundBillNo = null;
            Check.Equal("refund_bill_no", Refused(() => GameV2.Build(refund)).Field, "a refund without a number");
            Check.Throws<ArgumentNullException>(() => GameV2.Build(null));

            Completion given = Parse(MidasCall.CancelPay, "{\"errcode\":0,\"bill_no\":\"refund-1\"}");
            Check.Equal(Outcome.Done, given.Outcome, "a refund that is done");
            Check.Equal(ErrcodeClass.Done, given.ErrcodeClass, "class of 0");
            const string Order =
                "{\"errcode\":0,\"out_trade_no\":\"t-1\",\"product_id\":\"sword\",\"deliver_state\":1,";
            Completion paid = Parse(MidasCall.QueryOrder, Order + "\"pay_state\":2}");
            Check.Equal(Outcome.Done, paid.Outcome, "a question that is answered");
            Check.Equal(PayState.Paid, paid.PayState, "pay_state");
            Check.Equal(DeliverState.NotDelivered, paid.DeliverState, "deliver_state");
            Check.Equal("t-1", paid.OutTradeNo, "out_trade_no");
            Check.Equal("sword", paid.PayItem, "its item");
            Completion unpaid = Parse(MidasCall.QueryOrder, Order + "\"pay_state\":1}");
            Check.Equal(PayState.NotPaid, unpaid.PayState, "pay_state of an order that is not paid yet");
            Completion unknown = Parse(MidasCall.QueryOrder, "{\"errcode\":90019}");
            Check.Equal(Outcome.Rejected, unknown.Outcome, "a question about no order");
            Check.Equal(Reason.OrderUnknown, unknown.Reason, "reason");
            Check.Equal(ErrcodeClass.Refused, unknown.ErrcodeClass, "class of 90019");
            Check.Equal(Outcome.Unknown, Parse(MidasCall.Pay, "<html>").Outcome, "what cannot be read");
            Check.Throws<ArgumentNullException>(() => GameV2.Parse(null));
        }

        public static void errcodes_of_2_0_are_explained_apart()
        {
            ErrcodeHelp over = WxGameLibrary.ErrcodeHelp(Generation.V2, MidasCall.Pay, 90016);
            Check.Equal(ErrcodeClass.Session, over.ErrcodeClass, "class of 90016 in 2.0");
            Check.That(over.CauseZh.Length > 0 && over.RemedyEn.Length > 0, "help: " + over.CauseZh);
            ErrcodeHelp classic = WxGameLibrary.ErrcodeHelp(Generation.V1, MidasCall.Pay, 90016);
            Check.That(classic.ErrcodeClass != ErrcodeClass.Session, "class of 90016 in Midas v1");
            Check.Equal(ErrcodeClass.Refused,
                WxGameLibrary.ErrcodeHelp(Generation.V2, MidasCall.QueryOrder, 90019).ErrcodeClass, "class of 90019");
            Check.Equal(WxGameStatus.InvalidArgument, Refused(() => WxGameLibrary.ErrcodeHelp(Generation.V1,
                MidasCall.QueryOrder, 90019)).Status, "Midas v1 has no such call");
        }

        public static void a_part_is_given_back_once_under_its_own_number()
        {
            using (WxGameClient client = Open())
            {
                string openid = Sandbox.Player(client, "Part", 100);
                PayOptions pay = Sandbox.PayOf(openid, 30);
                PayResult paid = client.Pay(pay, -1);
                Check.Equal(70, paid.Balance, "balance after the pay");
                client.Ack(paid.DeliveryId);

                CancelPayOptions part = new CancelPayOptions
                {
                    BillNo = pay.BillNo,
                    RefundBillNo = WxGameLibrary.NewBillNo(),
                    Amount = 10,
                };
                CancelPayResult given = Check.Get(client.CancelPayAsync(part));
                Check.Equal(Outcome.Done, given.Outcome, "a part");
                Check.Equal(CompletionKind.CancelPay, given.PaymentKind, "kind of payment");
                Check.Equal(pay.BillNo, given.BillNo, "bill_no");
                Check.Equal(part.RefundBillNo, given.RefundBillNo, "refund_bill_no");
                Check.Equal(10, given.Amount, "amount");
                Check.That(given.DeliveryId != 0, "a part is acknowledged by itself");
                Check.Equal(80, Balance(client, openid), "balance after a part");

                Check.Equal(Outcome.Done, client.CancelPay(part, -1).Outcome, "the same part again");
                Check.Equal(80, Balance(client, openid), "balance after the same part again");
                client.Ack(given.DeliveryId);
                part.Amount = 11;
                Check.Equal(WxGameStatus.BillNoConflict, Cancelled(client, part).Status, "its number for more");
                part.RefundBillNo = WxGameLibrary.NewBillNo();
                part.Amount = 21;
                WxGameException more = Cancelled(client, part);
                Check.Equal(WxGameStatus.WrongState, more.Status, "more than is left");
                Check.That(more.Message.Contains("20 coins"), "message: " + more.Message);
                part.Amount = 20;
                Check.Equal(Outcome.Done, client.CancelPay(part, -1).Outcome, "the rest");
                Check.Equal(100, Balance(client, openid), "balance after all parts");

                part.Amount = 0;
                Check.Equal("amount", Cancelled(client, part).Field, "a part of nothing");
                part.Amount = 1;
                part.RefundBillNo = "_refund";
                Check.Equal("refund_bill_no", Cancelled(client, part).Field, "a wrong number");
                part.RefundBillNo = null;
                Check.Equal("refund_bill_no", Cancelled(client, part).Field, "a part without a number");
            }
        }

        public static void an_item_order_gives_what_the_client_pays_with()
        {
            Raised raised = new Raised();
            using (WxGameClient client = WxGameClient.Open(Sandbox.OptionsV2(Sandbox.NewJournal()), raised.Handler))
            {
                string openid = "oItem" + Sandbox.Run;
                ItemOrderOptions order = OrderOf(openid);
                order.Attach = "第1把\"剑\"";
                order.DeadlineMs = 300;
                ItemOrderResult without = Check.Get(client.ItemOrderAsync(order));
                Check.Equal(Outcome.AwaitingPayment, without.Outcome, "an order without a session_key");
                Check.Equal(Reason.Session, without.Reason, "reason");
                Check.Equal("", without.SignData, "sign_data without a session_key");
                Completion need = raised.Await(one => one.Kind == CompletionKind.SessionNeeded);
                Check.Equal(openid, need.Openid, "who is needed");

                client.SetSession(openid, SessionKey);
                order.DeadlineMs = 0;
                ItemOrderResult ordered = Check.Get(client.ItemOrderAsync(order));
                Check.Equal(CompletionKind.ItemOrder, ordered.Kind, "kind");
                Check.Equal(Outcome.AwaitingPayment, ordered.Outcome, "outcome");
                Check.Equal(order.OutTradeNo, ordered.OutTradeNo, "out_trade_no");
                Check.Equal(WaitingFor.Player, ordered.WaitingFor, "waiting_for");
                Check.Equal(600, ordered.GoodsPrice, "goods_price");
                Check.Equal(order.Attach, ordered.Attach, "attach");
                Check.Equal("ours", Encoding.UTF8.GetString(ordered.HostData), "host_data");
                Check.Equal(0ul, ordered.DeliveryId, "there is nothing to acknowledge");
                Check.That(ordered.SignData.Contains("\"outTradeNo\":\"" + order.OutTradeNo + "\""), ordered.SignData);
                Check.That(ordered.SignData.Contains("\"buyQuantity\":2"), ordered.SignData);
                Check.That(ordered.SignData.Contains("第1把\\\"剑\\\""), ordered.SignData);
                Check.Equal(GameV2.Sign(PurchaseName, ordered.SignData, Sandbox.AppKey), ordered.PaySig, "paySig");
                Check.Equal(GameV2.SignSignature(ordered.SignData, SessionKey), ordered.Signature, "signature");

                Check.Equal(ordered.SignData, client.ItemOrder(order, -1).SignData, "the same order again");
                Completion stands = client.Payment(order.OutTradeNo, -1);
                Check.Equal(Outcome.AwaitingPayment, stands.Outcome, "where it stands");
                Check.Equal(CompletionKind.ItemOrder, stands.PaymentKind, "kind of payment");
                order.BuyQuantity = 3;
                Check.Equal(WxGameStatus.BillNoConflict, Check.Throws<WxGameException>(
                    () => Check.Get(client.ItemOrderAsync(order))).Status, "another order with its number");
            }
        }

        public static void a_purchase_is_asked_about()
        {
            using (WxGameClient client = Open())
            {
                string openid = Sandbox.Player(client, "Query", 1);
                QueryOrderOptions ask = new QueryOrderOptions
                {
                    BizId = BizId.Coins,
                    OutTradeNo = "trade-" + Sandbox.Run,
                    Openid = openid,
                    ZoneId = "1",
                };
                QueryOrderResult unknown = Check.Get(client.QueryOrderAsync(ask));
                Check.Equal(Outcome.Rejected, unknown.Outcome, "a purchase that WeChat does not know");
                Check.Equal(Reason.OrderUnknown, unknown.Reason, "reason");
                Check.Equal(90019, unknown.Errcode, "errcode");
                Check.Equal((PayState)0, unknown.PayState, "pay_state of it");

                Sandbox.Purchase(openid, ask.OutTradeNo, "unpaid");
                QueryOrderResult told = Check.Get(client.QueryOrderAsync(ask));
                Check.Equal(Outcome.Done, told.Outcome, "outcome");
                Check.Equal(ask.OutTradeNo, told.OutTradeNo, "out_trade_no");
                Check.Equal(PayState.NotPaid, told.PayState, "pay_state");
                Check.Equal(DeliverState.NotDelivered, told.DeliverState, "deliver_state");
                Sandbox.Purchase(openid, ask.OutTradeNo, "delivered");
                told = client.QueryOrder(ask, -1);
                Check.Equal(PayState.Paid, told.PayState, "pay_state after it was paid");
                Check.Equal(DeliverState.Delivered, told.DeliverState, "deliver_state after it was delivered");
                Check.That(told.PayFinishTime > 0, "pay_finish_time");
                Check.Equal(61, Balance(client, openid), "balance with the coins");
            }
        }

        public static void coins_of_the_recharge_centre_are_read_apart()
        {
            using (WxGameClient client = Open())
            {
                string openid = Sandbox.Player(client, "Centre", 5);
                Sandbox.TopUpRechargeCentre(openid, 7);
                GetBalanceOptions ask = new GetBalanceOptions { Openid = openid, ZoneId = "1" };
                Check.Equal(5, client.GetBalance(ask, -1).Balance, "coins of the game");
                ask.CoinType = CoinType.RechargeCentre;
                Check.Equal(7, client.GetBalance(ask, -1).Balance, "coins of the recharge centre");
                ask.ZoneId = "2";
                Check.Equal("zone_id", Refused(() => client.GetBalance(ask, -1)).Field, "zone of the recharge centre");
            }
        }

        public static void errors_of_2_0_tell_status_field_and_rule()
        {
            using (WxGameClient client = Open())
            {
                ItemOrderOptions order = OrderOf("oErrors");
                order.GoodsPrice = 0;
                WxGameException refused = Refused(() => Check.Get(client.ItemOrderAsync(order)));
                Check.Equal(WxGameStatus.InvalidArgument, refused.Status, "status");
                Check.Equal("goods_price", refused.Field, "field of no price");
                order.GoodsPrice = 1;
                order.BuyQuantity = -1;
                Check.Equal("buy_quantity", Refused(() => client.ItemOrder(order, -1)).Field, "field of no quantity");
                order.BuyQuantity = 1;
                order.Attach = new string('a', 1025);
                Check.Equal("attach", Refused(() => client.ItemOrder(order, -1)).Field, "field of a long attach");
                order.Attach = null;
                order.OutTradeNo = null;
                Check.Equal("out_trade_no", Refused(() => client.ItemOrder(order, -1)).Field, "field of no number");
                QueryOrderOptions ask = new QueryOrderOptions { OutTradeNo = "t", Openid = "oErrors", ZoneId = "1" };
                Check.Equal("biz_id", Refused(() => client.QueryOrder(ask, -1)).Field, "field of no business");
                Check.Throws<ArgumentNullException>(() => Check.Get(client.ItemOrderAsync(null)));
                Check.Throws<ArgumentNullException>(() => client.ItemOrder(null, 0));
                Check.Throws<ArgumentNullException>(() => Check.Get(client.QueryOrderAsync(null)));
                Check.Throws<ArgumentNullException>(() => client.QueryOrder(null, 0));
            }
            using (WxGameClient classic = Sandbox.Open("memory:", null))
            {
                WxGameException refused = Refused(() => classic.ItemOrder(OrderOf("oErrors"), -1));
                Check.Equal(WxGameStatus.Unsupported, refused.Status, "an item order with Midas v1");
                Check.Equal("generation", refused.Field, "field");
                Check.Equal("coin_type", Refused(() => classic.GetBalance(new GetBalanceOptions
                {
                    Openid = "oErrors",
                    ZoneId = "1",
                    CoinType = CoinType.RechargeCentre,
                }, -1)).Field, "field of the recharge centre with Midas v1");
            }
            WxGameClientOptions options = Sandbox.OptionsV2("memory:");
            options.NoMpSig = true;
            Check.Equal("no_mp_sig", Refused(() => WxGameClient.Open(options, null)).Field, "field of no signature");
            options.NoMpSig = false;
            options.PushAesKey = "short";
            Check.Equal("push_aes_key", Refused(() => WxGameClient.Open(options, null)).Field, "field of a short key");
        }

        internal static ItemOrderOptions OrderOf(string openid)
        {
            return new ItemOrderOptions
            {
                OutTradeNo = WxGameLibrary.NewBillNo(),
                Openid = openid,
                ZoneId = "1",
                ProductId = "sword",
                BuyQuantity = 2,
                GoodsPrice = 600,
                HostData = Encoding.UTF8.GetBytes("ours"),
            };
        }

        static WxGameClient Open()
        {
            return WxGameClient.Open(Sandbox.OptionsV2(Sandbox.NewJournal()), null);
        }

        static long? Balance(WxGameClient client, string openid)
        {
            return client.GetBalance(new GetBalanceOptions { Openid = openid, ZoneId = "1" }, -1).Balance;
        }

        static WxGameException Cancelled(WxGameClient client, CancelPayOptions part)
        {
            return Refused(() => Check.Get(client.CancelPayAsync(part)));
        }

        static WxGameException Refused(Action call)
        {
            return Check.Throws<WxGameException>(call);
        }

        static Completion Parse(MidasCall call, string body)
        {
            GameV2ReplyOptions reply = new GameV2ReplyOptions
            {
                Call = call,
                HttpStatus = 200,
                Body = Encoding.UTF8.GetBytes(body),
            };
            if (call == MidasCall.QueryOrder)
                reply.OutTradeNo = "t-1";
            else
                reply.BillNo = "bill-1";
            if (call == MidasCall.CancelPay)
                reply.RefundBillNo = "refund-1";
            return GameV2.Parse(reply);
        }
    }
}
