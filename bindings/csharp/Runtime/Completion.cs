using System;
using System.Collections.Generic;

namespace WxGame
{
    /// <summary>
    /// An answer, or a request for input, as it was when it was taken. Never changes; any thread may read it. Texts
    /// are never null.
    /// </summary>
    public class Completion
    {
        // Value of a submission that nobody waits for.
        internal readonly ulong Tag;

        internal unsafe Completion(wxg_completion_view* view)
        {
            Has has = (Has)view->has;
            Tag = view->user_tag;
            Kind = (CompletionKind)view->kind;
            Outcome = (Outcome)view->outcome;
            Reason = (Reason)view->reason;
            Status = (WxGameStatus)view->status;
            Errcode = view->errcode;
            PaymentKind = (CompletionKind)view->payment_kind;
            Flags = (CompletionFlags)view->flags;
            DeliveryId = view->delivery_id;
            Amount = view->amount;
            Balance = Told(has, Has.Balance, view->balance);
            GenBalance = Told(has, Has.GenBalance, view->gen_balance);
            UsedGenAmt = Told(has, Has.UsedGenAmt, view->used_gen_amt);
            SaveAmt = Told(has, Has.SaveAmt, view->save_amt);
            SaveSum = Told(has, Has.SaveSum, view->save_sum);
            CostSum = Told(has, Has.CostSum, view->cost_sum);
            PresentSum = Told(has, Has.PresentSum, view->present_sum);
            FirstSave = (has & Has.FirstSave) != 0 ? view->first_save != 0 : (bool?)null;
            ErrcodeClass = (ErrcodeClass)view->errcode_class;
            RecordId = view->record_id;
            CreatedAtMs = view->created_at_ms;
            FirstSentAtMs = view->first_sent_at_ms;
            WaitingFor = (WaitingFor)view->waiting_for;
            BillNo = Utf8.Read(view->bill_no);
            Openid = Utf8.Read(view->openid);
            ZoneId = Utf8.Read(view->zone_id);
            PayItem = Utf8.Read(view->pay_item);
            Unionid = Utf8.Read(view->unionid);
            Errmsg = Utf8.Read(view->errmsg);
            HostData = Utf8.ReadBytes(view->host_data);
            Verdict = (Verdict)view->verdict;
            PushEvent = (PushEvent)view->push_event;
            Refusal = (Refusal)view->refusal;
            AnswerStatus = (int)view->answer_status;
            PayState = (PayState)view->pay_state;
            DeliverState = (DeliverState)view->deliver_state;
            OrderSource = (OrderSource)view->order_source;
            RefundSource = (RefundSource)view->refund_source;
            IsPreview = view->is_preview != 0;
            GoodsPrice = view->goods_price;
            OrigPrice = view->orig_price;
            ActualPrice = view->actual_price;
            RefundAmount = view->refund_amount;
            PayFinishTime = view->pay_finish_time;
            GiftTypeId = view->gift_type_id;
            SendTime = view->send_time;
            RefundBillNo = Utf8.Read(view->refund_bill_no);
            SignData = Utf8.Read(view->sign_data);
            PaySig = Utf8.Read(view->pay_sig);
            Signature = Utf8.Read(view->signature);
            Attach = Utf8.Read(view->attach);
            EventId = Utf8.Read(view->event_id);
            OutTradeNo = Utf8.Read(view->out_trade_no);
            MchOrderNo = Utf8.Read(view->mch_order_no);
            TransactionId = Utf8.Read(view->transaction_id);
            GiftId = Utf8.Read(view->gift_id);
            Event = Utf8.Read(view->@event);
            Payload = Utf8.Read(view->payload);
            Answer = Utf8.Read(view->answer);
            AnswerContentType = Utf8.Read(view->answer_content_type);
            AlbumClass = (AlbumClass)view->album_class;
            Consent = (Consent)view->consent;
            SavedFilePath = Utf8.Read(view->saved_file_path);
            Detail = Utf8.Read(view->detail);
        }

        /// <summary>What it answers or asks.</summary>
        public CompletionKind Kind { get; private set; }

        /// <summary>What became of the call. Look at the kind first.</summary>
        public Outcome Outcome { get; private set; }

        /// <summary>Why a payment stands where it stands.</summary>
        public Reason Reason { get; private set; }

        /// <summary>Ok, or an error of the library itself.</summary>
        public WxGameStatus Status { get; private set; }

        /// <summary>
        /// WeChat's errcode; 0 also where no answer came. <see cref="WxGameLibrary.ErrcodeHelp"/> explains it.
        /// </summary>
        public int Errcode { get; private set; }

        /// <summary>
        /// Which payment it is about, also for Resolved: Pay, Present, CancelPay (a part that is given back),
        /// ItemOrder, or Push (see PushEvent); 0 where it is about none.
        /// </summary>
        public CompletionKind PaymentKind { get; private set; }

        /// <summary>How this answer came about.</summary>
        public CompletionFlags Flags { get; private set; }

        /// <summary>
        /// For <see cref="WxGameClient.Ack"/>, once you have acted on a final answer; 0 where there is nothing to
        /// acknowledge.
        /// </summary>
        public ulong DeliveryId { get; private set; }

        /// <summary>Coins of the payment; how many of an item.</summary>
        public long Amount { get; private set; }

        /// <summary>Coins after the call, gifts included; null where WeChat did not tell.</summary>
        public long? Balance { get; private set; }

        /// <summary>Gift coins; null where WeChat did not tell.</summary>
        public long? GenBalance { get; private set; }

        /// <summary>Gift coins that the payment used; null where WeChat did not tell.</summary>
        public long? UsedGenAmt { get; private set; }

        /// <summary>Coins topped up, in all; null where WeChat did not tell.</summary>
        public long? SaveAmt { get; private set; }

        /// <summary>Coins obtained, in all; null where WeChat did not tell.</summary>
        public long? SaveSum { get; private set; }

        /// <summary>Coins spent, in all; null where WeChat did not tell.</summary>
        public long? CostSum { get; private set; }

        /// <summary>Coins given, in all; null where WeChat did not tell.</summary>
        public long? PresentSum { get; private set; }

        /// <summary>WeChat's first_save flag; null where WeChat did not tell.</summary>
        public bool? FirstSave { get; private set; }

        /// <summary>
        /// What the errcode means for the money, from <see cref="MidasV1.Parse"/> or <see cref="GameV2.Parse"/>; else
        /// 0.
        /// </summary>
        public ErrcodeClass ErrcodeClass { get; private set; }

        /// <summary>The journal's number of the record, for paging; 0 without one.</summary>
        public ulong RecordId { get; private set; }

        /// <summary>When the payment was submitted, Unix time in milliseconds; 0 unknown.</summary>
        public long CreatedAtMs { get; private set; }

        /// <summary>When it was first sent, Unix time in milliseconds; 0 never.</summary>
        public long FirstSentAtMs { get; private set; }

        /// <summary>What an open payment waits for; with kind Payment.</summary>
        public WaitingFor WaitingFor { get; private set; }

        /// <summary>
        /// The payment's number; of an item order its OutTradeNo; of a push the number that tells it from others.
        /// </summary>
        public string BillNo { get; private set; }

        /// <summary>The player.</summary>
        public string Openid { get; private set; }

        /// <summary>The zone.</summary>
        public string ZoneId { get; private set; }

        /// <summary>The item; of an item order its ProductId.</summary>
        public string PayItem { get; private set; }

        /// <summary>From a login, where the account has one.</summary>
        public string Unionid { get; private set; }

        /// <summary>WeChat's errmsg, or the library's own words.</summary>
        public string Errmsg { get; private set; }

        /// <summary>What you gave with the payment.</summary>
        public byte[] HostData { get; private set; }

        /// <summary>What to do with a push; 0 for all else, also for one that comes again.</summary>
        public Verdict Verdict { get; private set; }

        /// <summary>What the push is about, also for one that comes again; 0 without a push.</summary>
        public PushEvent PushEvent { get; private set; }

        /// <summary>Why a push is refused; 0 where it is not.</summary>
        public Refusal Refusal { get; private set; }

        /// <summary>HTTP status to answer a push with.</summary>
        public int AnswerStatus { get; private set; }

        /// <summary>Of a query_order: whether it is paid.</summary>
        public PayState PayState { get; private set; }

        /// <summary>Of a query_order: whether it is delivered; 0 where WeChat did not tell.</summary>
        public DeliverState DeliverState { get; private set; }

        /// <summary>Of goods: where they were bought; 0 where WeChat did not tell.</summary>
        public OrderSource OrderSource { get; private set; }

        /// <summary>Of a refund: who gave the money back.</summary>
        public RefundSource RefundSource { get; private set; }

        /// <summary>A gift pack that is only tried out.</summary>
        public bool IsPreview { get; private set; }

        /// <summary>Price of one item in fen, of an item order.</summary>
        public long GoodsPrice { get; private set; }

        /// <summary>Price before discounts in fen, of goods or coins; as WeChat tells it.</summary>
        public long OrigPrice { get; private set; }

        /// <summary>What the player paid in fen, of goods or coins; as WeChat tells it.</summary>
        public long ActualPrice { get; private set; }

        /// <summary>Money that went back, in fen.</summary>
        public long RefundAmount { get; private set; }

        /// <summary>
        /// Of a query_order: when it was paid, as WeChat tells it (no page gives the unit); 0 not told.
        /// </summary>
        public long PayFinishTime { get; private set; }

        /// <summary>Of a gift pack: its type, by WeChat's list.</summary>
        public long GiftTypeId { get; private set; }

        /// <summary>Of a gift pack: when the player took it, Unix time in seconds.</summary>
        public long SendTime { get; private set; }

        /// <summary>Your number of the refund, where a part of a payment is given back.</summary>
        public string RefundBillNo { get; private set; }

        /// <summary>
        /// Of an item order: hand it to wx.requestMidasPaymentGameItem as signData, byte for byte.
        /// </summary>
        public string SignData { get; private set; }

        /// <summary>Of an item order: paySig.</summary>
        public string PaySig { get; private set; }

        /// <summary>Of an item order: signature.</summary>
        public string Signature { get; private set; }

        /// <summary>Your text of an item order.</summary>
        public string Attach { get; private set; }

        /// <summary>
        /// What tells a push from others: OutTradeNo of goods and coins, RefundId of a refund, OrderId of a gift pack.
        /// </summary>
        public string EventId { get; private set; }

        /// <summary>The order that a push or query_order is about.</summary>
        public string OutTradeNo { get; private set; }

        /// <summary>Order of WeChat Pay, where that was used.</summary>
        public string MchOrderNo { get; private set; }

        /// <summary>Transaction of WeChat Pay, where that was used.</summary>
        public string TransactionId { get; private set; }

        /// <summary>The gift pack.</summary>
        public string GiftId { get; private set; }

        /// <summary>WeChat's name of the event.</summary>
        public string Event { get; private set; }

        /// <summary>
        /// What the push says of it as JSON: its Payload, of a gift pack its MiniGame. With Verdict.Other the whole
        /// message, decrypted.
        /// </summary>
        public string Payload { get; private set; }

        /// <summary>What to answer a push with.</summary>
        public string Answer { get; private set; }

        /// <summary>The Content-Type of Answer.</summary>
        public string AnswerContentType { get; private set; }

        /// <summary>How a call of an album ended; 0 for all else.</summary>
        public AlbumClass AlbumClass { get; private set; }

        /// <summary>What the user has said of saving pictures, where it matters to the call; else 0.</summary>
        public Consent Consent { get; private set; }

        /// <summary>
        /// Where a picture was saved. On Linux the system's own folders may have names that are no UTF-8: what is none
        /// of it reads as U+FFFD here, which is fit to be shown but does not find the file. Name PicturesPath where
        /// you must find it again.
        /// </summary>
        public string SavedFilePath { get; private set; }

        /// <summary>
        /// What was wrong with what, in the library's own words: Errmsg of an album says it in WeChat's.
        /// </summary>
        public string Detail { get; private set; }

        /// <summary>What is in a gift pack; empty for all else.</summary>
        public IReadOnlyList<Goods> Goods { get; private set; }

        // Reads a completion of the library's and frees it.
        internal static unsafe Completion Take(IntPtr completion)
        {
            try
            {
                wxg_completion_view view = new wxg_completion_view { struct_size = (uint)sizeof(wxg_completion_view) };
                WxGameException.Check(Native.wxg_completion_read(completion, &view), IntPtr.Zero);
                Completion taken = Of(&view);
                taken.Goods = GoodsOf(completion, view.goods_count);
                return taken;
            }
            finally
            {
                Native.wxg_completion_free(completion);
            }
        }

        // Whether it answers the submission that its tag names. Others, a late push too, bear the tag of their payment,
        // which an earlier process may have given.
        internal bool AnswersSubmission
        {
            get { return GetType() != typeof(Completion) && Kind != CompletionKind.Push; }
        }

        // What a call gives back: throws where there is no outcome, or where closing has cut it short.
        internal Completion OrThrow()
        {
            if (Outcome == Outcome.Unknown && (Flags & CompletionFlags.Shutdown) != 0)
                throw new OutcomeUnknownException(this);
            if (Outcome == Outcome.None)
                throw new WxGameException(this, Errmsg.Length > 0 ? Errmsg : WxGameLibrary.StatusText(Status));
            return this;
        }

        static unsafe Completion Of(wxg_completion_view* view)
        {
            switch ((CompletionKind)view->kind)
            {
                case CompletionKind.Pay: return new PayResult(view);
                case CompletionKind.Present: return new PresentResult(view);
                case CompletionKind.GetBalance: return new GetBalanceResult(view);
                case CompletionKind.CancelPay: return new CancelPayResult(view);
                case CompletionKind.Login: return new LoginResult(view);
                case CompletionKind.CheckSession: return new CheckSessionResult(view);
                case CompletionKind.ResetSession: return new ResetSessionResult(view);
                case CompletionKind.ItemOrder: return new ItemOrderResult(view);
                case CompletionKind.QueryOrder: return new QueryOrderResult(view);
                case CompletionKind.Push: return new PushResult(view);
                case CompletionKind.SaveImage: return new SaveImageResult(view);
                case CompletionKind.Authorize: return new AuthorizeResult(view);
                case CompletionKind.OpenSetting: return new OpenSettingResult(view);
                default: return new Completion(view);
            }
        }

        static unsafe Goods[] GoodsOf(IntPtr completion, uint count)
        {
            Goods[] goods = new Goods[count];
            for (uint index = 0; index < count; index++)
            {
                wxg_goods_view view = new wxg_goods_view { struct_size = (uint)sizeof(wxg_goods_view) };
                WxGameException.Check(Native.wxg_completion_goods(completion, (UIntPtr)index, &view), IntPtr.Zero);
                goods[index] = new Goods(&view);
            }
            return goods;
        }

        static long? Told(Has has, Has which, long amount)
        {
            return (has & which) != 0 ? amount : (long?)null;
        }
    }
}
