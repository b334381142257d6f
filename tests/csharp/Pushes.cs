using System;
using System.Text;
using System.Threading.Tasks;

namespace WxGame.Tests
{
    // What WeChat pushes, and what is to be done and answered.
    static class Pushes
    {
        const string Success = "{\"ErrCode\":0,\"ErrMsg\":\"Success\"}";

        public static void the_url_is_tried()
        {
            using (WxGameClient client = Open("memory:"))
            {
                PushResult tried = client.ReceivePush("?" + Pusher.TryQuery, null, -1);
                Check.Equal(CompletionKind.Push, tried.Kind, "kind");
                Check.Equal(Verdict.Echo, tried.Verdict, "verdict");
                Check.Equal(200, tried.AnswerStatus, "status");
                Check.Equal("4375120948345356249", tried.Answer, "answer");
                Check.That(tried.AnswerContentType.StartsWith("text/plain", StringComparison.Ordinal), "content type");
                PushResult forged = client.ReceivePush(Pusher.TryQuery.Replace("nonce=1", "nonce=2"), new byte[0], -1);
                Refused(forged, Refusal.Signature);
                Check.That(forged.Errmsg.Contains("push_token"), "message: " + forged.Errmsg);
            }
        }

        public static void an_ordered_item_that_is_paid_is_told_once_and_until_acknowledged()
        {
            string journal = Sandbox.NewJournal();
            ItemOrderOptions order = Ordered("Paid");
            string message = Pusher.Event(Pusher.Goods, Pusher.GoodsPayload(order, 2));
            ulong delivery;
            using (WxGameClient client = Open(journal, null, order))
            {
                PushResult paid = Pusher.Plain(client, message);
                Check.Equal(Verdict.Deliver, paid.Verdict, "verdict");
                Check.Equal(Outcome.Done, paid.Outcome, "outcome");
                Check.Equal(CompletionKind.ItemOrder, paid.PaymentKind, "kind of payment");
                Check.Equal(PushEvent.Goods, paid.PushEvent, "push_event");
                Check.Equal(order.OutTradeNo, paid.EventId, "event_id");
                Check.Equal(order.OutTradeNo, paid.BillNo, "bill_no");
                Check.Equal(order.Openid, paid.Openid, "openid");
                Check.Equal("sword", paid.PayItem, "pay_item");
                Check.Equal(2, paid.Amount, "amount");
                Check.Equal("ours", Encoding.UTF8.GetString(paid.HostData), "host_data");
                Check.Equal(1200, paid.OrigPrice, "orig_price");
                Check.Equal(1000, paid.ActualPrice, "actual_price");
                Check.Equal(OrderSource.Game, paid.OrderSource, "order_source");
                Check.Equal("mch-1 wx-1", paid.MchOrderNo + " " + paid.TransactionId, "WeChat Pay");
                Check.Equal(Pusher.Goods, paid.Event, "event");
                Check.Equal(Pusher.GoodsPayload(order, 2), paid.Payload, "payload");
                Check.That((paid.Flags & CompletionFlags.NotOrdered) == 0, "it was ordered");
                Check.Equal(Success, paid.Answer, "answer");
                Check.Equal(200, paid.AnswerStatus, "status");
                Check.Equal("application/json", paid.AnswerContentType, "content type");
                delivery = paid.DeliveryId;
                Check.That(delivery != 0, "delivery_id");

                PushResult again = Pusher.Plain(client, message);
                Check.Equal(Verdict.AlreadyDelivered, again.Verdict, "verdict of a repeat");
                Check.Equal(Success, again.Answer, "answer to a repeat");
                Check.Equal(0ul, again.DeliveryId, "delivery_id of a repeat");
                Check.Equal(Outcome.Done, client.Payment(order.OutTradeNo, -1).Outcome, "where it stands");
            }
            Raised raised = new Raised();
            using (WxGameClient client = Open(journal, raised))
            {
                Completion told = raised.Await(one => one.Kind == CompletionKind.Resolved);
                Check.Equal(delivery, told.DeliveryId, "delivery_id");
                Check.Equal(CompletionKind.ItemOrder, told.PaymentKind, "kind of payment that comes again");
                Check.Equal(order.OutTradeNo, told.EventId, "event_id that comes again");
                Check.Equal(PushEvent.Goods, told.PushEvent, "push_event that comes again");
                Check.Equal((Verdict)0, told.Verdict, "verdict is a push's alone");
                Check.That((told.Flags & CompletionFlags.Redelivered) != 0, "delivered again, and it says so");
                client.Ack(told.DeliveryId);
            }
            raised = new Raised();
            using (WxGameClient client = Open(journal, raised))
            {
                Check.Equal(Verdict.AlreadyDelivered, Pusher.Plain(client, message).Verdict, "a late repeat");
                Check.Equal(null, raised.Find(one => one.Kind == CompletionKind.Resolved), "what was acknowledged");
            }
        }

        public static void what_is_forged_or_strange_is_answered_and_not_believed()
        {
            ItemOrderOptions order = Ordered("Forged");
            using (WxGameClient client = Open(Sandbox.NewJournal(), null, order))
            {
                string payload = Pusher.GoodsPayload(order, 2);
                string good = Pusher.Event(Pusher.Goods, payload);
                Refused(Pusher.Plain(client, Pusher.Event(Pusher.Goods, payload, "guess")), Refusal.PayEventSig);
                Refused(Pusher.Plain(client, good, Pusher.Query.Replace("nonce=4", "nonce=5")), Refusal.Signature);
                Refused(Pusher.Plain(client, good, ""), Refusal.Signature);
                Refused(Pusher.Plain(client, Pusher.Event(Pusher.Goods, Pusher.GoodsPayload(order, 2, 1), "other")),
                    Refusal.Environment);
                Refused(Pusher.Plain(client, good.Replace("PayEventSig", "Nothing")), Refusal.Unprotected);
                Refused(Pusher.Plain(client, "{\"Event\":"), Refusal.Malformed);
                Refused(client.ReceivePush(Pusher.Query, new byte[] { 0xff }, -1), Refusal.Malformed);
                Refused(client.ReceivePush(Pusher.Query, new byte[2 << 20], -1), Refusal.TooLarge);

                PushResult mock = Pusher.Plain(client, Pusher.Event(Pusher.Goods, payload, "any", ",\"IsMock\":true"));
                Check.Equal(Verdict.Mock, mock.Verdict, "verdict of the console's test");
                Check.Equal(Success, mock.Answer, "answer to the console's test");
                const string Talk = "{\"MsgType\":\"event\",\"Event\":\"user_enter_tempsession\"}";
                PushResult other = Pusher.Plain(client, Talk);
                Check.Equal(Verdict.Other, other.Verdict, "verdict of what is no payment");
                Check.Equal("user_enter_tempsession", other.Event, "event");
                Check.Equal(Talk, other.Payload, "the whole message");
                Check.Equal("success", other.Answer, "answer to what is no payment");
                Check.Equal(Outcome.AwaitingPayment, client.Payment(order.OutTradeNo, -1).Outcome, "the order");
                Check.Equal(Verdict.Deliver, Pusher.Plain(client, good).Verdict, "the good one");
            }
        }

        public static void another_quantity_than_was_ordered_is_for_a_person_to_look_at()
        {
            Raised raised = new Raised();
            ItemOrderOptions order = Ordered("Mismatch");
            using (WxGameClient client = Open(Sandbox.NewJournal(), raised, order))
            {
                PushResult more = Pusher.Plain(client, Pusher.Event(Pusher.Goods, Pusher.GoodsPayload(order, 3)));
                Refused(more, Refusal.Mismatch);
                Completion stands = client.Payment(order.OutTradeNo, -1);
                Check.Equal(Outcome.NeedsReview, stands.Outcome, "where the order stands");
                Check.Equal(Reason.Mismatch, stands.Reason, "reason");
                Check.Equal(2, stands.Amount, "what was ordered");
                Completion told = raised.Await(one => one.Kind == CompletionKind.Resolved);
                Check.Equal(Outcome.NeedsReview, told.Outcome, "what is told");
            }
        }

        public static void safe_mode_lets_nothing_in_the_clear_through()
        {
            using (WxGameClient client = OpenSafe(Pusher.SafeAppid, Pusher.SafeKey))
            {
                PushResult told = Pusher.Plain(client, Pusher.SafeBody, Pusher.SafeQuery);
                Check.Equal(Verdict.Other, told.Verdict, "verdict of WeChat's sample");
                Check.Equal("debug_demo", told.Event, "event");
                Check.Equal(Pusher.SafeMessage, told.Payload, "the message, decrypted");
                string message = Pusher.Event(Pusher.Goods, Pusher.GoodsPayload(Ordered("Clear"), 2));
                Refused(Pusher.Plain(client, message), Refusal.Downgrade);
            }
            using (WxGameClient client = OpenSafe("wx1234567", Pusher.SafeKey))
                Refused(Pusher.Plain(client, Pusher.SafeBody, Pusher.SafeQuery), Refusal.Appid);
            using (WxGameClient client = OpenSafe(Pusher.SafeAppid, new string('B', 43)))
                Refused(Pusher.Plain(client, Pusher.SafeBody, Pusher.SafeQuery), Refusal.Decrypt);
        }

        public static void safe_mode_brings_goods_gifts_refunds_and_coins()
        {
            using (WxGameClient client = OpenSafe("wx1234567", Pusher.SafeKey))
            {
                string openid = "oSafe" + Sandbox.Run;
                PushResult mall = Pusher.BySandbox(client, "{\"event\":\"h5_goods\",\"openid\":\"" + openid + "\"}");
                Check.Equal(Verdict.Deliver, mall.Verdict, "verdict of what only a push tells of: " + mall.Errmsg);
                Check.That((mall.Flags & CompletionFlags.NotOrdered) != 0, "it was not ordered here");

                PushResult gift = Pusher.BySandbox(client, "{\"event\":\"gift\",\"openid\":\"" + openid +
                    "\",\"out_trade_no\":\"gift-1\",\"fields\":{\"IsPreview\":1,\"GiftTypeId\":4," +
                    "\"GiftId\":\"pack-7\",\"SendTime\":1714037059," +
                    "\"GoodsList\":[{\"Id\":\"sword\",\"Num\":2},{\"Id\":\"盾\",\"Num\":1}]}}");
                Check.Equal(Verdict.Deliver, gift.Verdict, "verdict of a gift pack: " + gift.Errmsg);
                Check.Equal(CompletionKind.Push, gift.PaymentKind, "kind of payment of a gift pack");
                Check.Equal(PushEvent.Gift, gift.PushEvent, "push_event of a gift pack");
                Check.Equal("gift-1", gift.EventId, "event_id of a gift pack");
                Check.Equal("gift-1", gift.BillNo, "bill_no of a gift pack");
                Check.Equal(openid, gift.Openid, "openid of a gift pack");
                Check.Equal("pack-7", gift.GiftId, "gift_id");
                Check.Equal(4, gift.GiftTypeId, "gift_type_id");
                Check.Equal(1714037059, gift.SendTime, "send_time");
                Check.That(gift.IsPreview, "is_preview");
                Check.Equal(2, gift.Goods.Count, "kinds of goods");
                Check.Equal("2 sword", gift.Goods[0].Num + " " + gift.Goods[0].Id, "the first");
                Check.Equal("1 盾", gift.Goods[1].Num + " " + gift.Goods[1].Id, "the second");

                PushResult refund = Pusher.BySandbox(client, "{\"event\":\"refund\",\"out_trade_no\":\"t-1\"," +
                    "\"fields\":{\"RefundId\":\"refund-1\",\"RefundAmount\":600,\"RefundSource\":2}}");
                Check.Equal(Verdict.Deliver, refund.Verdict, "verdict of a refund: " + refund.Errmsg);
                Check.Equal(PushEvent.Refund, refund.PushEvent, "push_event of a refund");
                Check.Equal("refund-1 t-1", refund.EventId + " " + refund.OutTradeNo, "numbers of a refund");
                Check.Equal(600, refund.RefundAmount, "refund_amount");
                Check.Equal(RefundSource.Console, refund.RefundSource, "refund_source");
                Check.Equal(0, refund.Goods.Count, "goods of a refund");

                PushResult coins = Pusher.BySandbox(client, "{\"event\":\"coin\",\"openid\":\"" + openid +
                    "\",\"fields\":{\"CoinInfo\":{\"BuyQuantity\":60}}}");
                Check.Equal(Verdict.BalanceChanged, coins.Verdict, "verdict of coins: " + coins.Errmsg);
                Check.Equal(60, coins.Amount, "how many coins");
                Check.Equal(0ul, coins.DeliveryId, "there is nothing to acknowledge");
            }
        }

        // A push that the journal takes too late is told to Completed with the tag that its order had, which a later
        // process gives to calls of its own.
        public static void a_late_push_is_raised_and_not_taken_for_another_calls_answer()
        {
            string journal = Sandbox.NewJournal();
            ItemOrderOptions[] orders = new ItemOrderOptions[20];
            using (WxGameClient client = Open(journal))
                for (int one = 0; one < orders.Length; one++)
                {
                    orders[one] = Ordered("Late");
                    client.SetSession(orders[one].Openid, GameCalls.SessionKey);
                    Check.Get(client.ItemOrderAsync(orders[one]));
                }
            Raised raised = new Raised();
            using (WxGameClient client = Open(journal, raised))
            {
                Task<PayResult>[] paying = new Task<PayResult>[orders.Length];
                for (int one = 0; one < paying.Length; one++)
                    paying[one] = client.PayAsync(Sandbox.PayOf("oNobody" + Sandbox.Run, 1));
                raised.Await(one => one.Kind == CompletionKind.SessionNeeded);
                // Without any wait the journal is too slow, if not each time.
                PushResult hurried = null;
                foreach (ItemOrderOptions order in orders)
                {
                    string message = Pusher.Event(Pusher.Goods, Pusher.GoodsPayload(order, 2));
                    hurried = client.ReceivePush(Pusher.Query, Encoding.UTF8.GetBytes(message), 0);
                    if (hurried.Verdict == Verdict.Again)
                        break;
                }
                Check.Equal(Verdict.Again, hurried.Verdict, "verdict without a wait");
                Check.That(hurried.Answer.Contains("99999"), "answer: " + hurried.Answer);
                Completion late = raised.Await(one => one.Kind == CompletionKind.Push);
                Check.Equal(hurried.EventId, late.EventId, "event_id");
                Check.Equal(Verdict.Deliver, late.Verdict, "verdict");
                Check.Equal("", late.Answer, "there is nothing left to answer");
                client.Ack(late.DeliveryId);
                foreach (Task<PayResult> task in paying)
                    Check.That(!task.IsCompleted, "no other call is answered by it");
            }
        }

        public static void a_client_without_a_push_token_takes_no_push()
        {
            using (WxGameClient client = Sandbox.Open("memory:", null))
            {
                WxGameException refused =
                    Check.Throws<WxGameException>(() => client.ReceivePush(Pusher.Query, null, 2000));
                Check.Equal(WxGameStatus.Unsupported, refused.Status, "status");
                Check.Equal("push_token", refused.Field, "field");
            }
            WxGameClient closed = Open("memory:");
            closed.Close(0);
            string message = Pusher.Event(Pusher.Goods, Pusher.GoodsPayload(Ordered("Closed"), 2));
            Check.Equal(WxGameStatus.Closed,
                Check.Throws<WxGameException>(() => Pusher.Plain(closed, message)).Status, "a push after closing");
            closed.Dispose();
            Check.Throws<ObjectDisposedException>(() => Pusher.Plain(closed, message));
        }

        static void Refused(PushResult push, Refusal refusal)
        {
            Check.Equal(Verdict.Refuse, push.Verdict, "verdict of what has a wrong " + refusal);
            Check.Equal(refusal, push.Refusal, "refusal: " + push.Errmsg);
            Check.Equal(403, push.AnswerStatus, "status of " + refusal);
            Check.Equal(0ul, push.DeliveryId, "delivery_id of " + refusal);
        }

        static ItemOrderOptions Ordered(string name)
        {
            ItemOrderOptions order = GameCalls.OrderOf("o" + name + Sandbox.Run);
            order.Attach = "第1把";
            return order;
        }

        static WxGameClient OpenSafe(string appid, string aesKey)
        {
            WxGameClientOptions options = Sandbox.OptionsV2("memory:");
            options.Appid = appid;
            options.PushAesKey = aesKey;
            return WxGameClient.Open(options, null);
        }

        // With one order that waits for its player.
        static WxGameClient Open(string journal, Raised raised = null, ItemOrderOptions order = null)
        {
            WxGameClient client = WxGameClient.Open(Sandbox.OptionsV2(journal),
                raised == null ? (Action<WxGameClient, Completion>)null : raised.Handler);
            if (order != null)
            {
                client.SetSession(order.Openid, GameCalls.SessionKey);
                Check.Equal(Outcome.AwaitingPayment, client.ItemOrder(order, -1).Outcome, "the order");
            }
            return client;
        }
    }
}
