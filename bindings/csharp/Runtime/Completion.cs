using System;

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
        /// Which payment call it is about, also for Resolved: Pay or Present; 0 where it is about none.
        /// </summary>
        public CompletionKind PaymentKind { get; private set; }

        /// <summary>How this answer came about.</summary>
        public CompletionFlags Flags { get; private set; }

        /// <summary>
        /// For <see cref="WxGameClient.Ack"/>, once you have acted on a final answer; 0 where there is nothing to
        /// acknowledge.
        /// </summary>
        public ulong DeliveryId { get; private set; }

        /// <summary>Coins of the payment.</summary>
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

        /// <summary>What the errcode means for the money, from <see cref="MidasV1.Parse"/>; else 0.</summary>
        public ErrcodeClass ErrcodeClass { get; private set; }

        /// <summary>The journal's number of the record, for paging; 0 without one.</summary>
        public ulong RecordId { get; private set; }

        /// <summary>When the payment was submitted, Unix time in milliseconds; 0 unknown.</summary>
        public long CreatedAtMs { get; private set; }

        /// <summary>When it was first sent, Unix time in milliseconds; 0 never.</summary>
        public long FirstSentAtMs { get; private set; }

        /// <summary>What an open payment waits for; with kind Payment.</summary>
        public WaitingFor WaitingFor { get; private set; }

        /// <summary>The payment's number.</summary>
        public string BillNo { get; private set; }

        /// <summary>The player.</summary>
        public string Openid { get; private set; }

        /// <summary>The zone.</summary>
        public string ZoneId { get; private set; }

        /// <summary>The item.</summary>
        public string PayItem { get; private set; }

        /// <summary>From a login, where the account has one.</summary>
        public string Unionid { get; private set; }

        /// <summary>WeChat's errmsg, or the library's own words.</summary>
        public string Errmsg { get; private set; }

        /// <summary>What you gave with the payment.</summary>
        public byte[] HostData { get; private set; }

        // Reads a completion of the library's and frees it.
        internal static unsafe Completion Take(IntPtr completion)
        {
            try
            {
                wxg_completion_view view = new wxg_completion_view { struct_size = (uint)sizeof(wxg_completion_view) };
                WxGameException.Check(Native.wxg_completion_read(completion, &view), IntPtr.Zero);
                switch ((CompletionKind)view.kind)
                {
                    case CompletionKind.Pay: return new PayResult(&view);
                    case CompletionKind.Present: return new PresentResult(&view);
                    case CompletionKind.GetBalance: return new GetBalanceResult(&view);
                    case CompletionKind.CancelPay: return new CancelPayResult(&view);
                    case CompletionKind.Login: return new LoginResult(&view);
                    case CompletionKind.CheckSession: return new CheckSessionResult(&view);
                    case CompletionKind.ResetSession: return new ResetSessionResult(&view);
                    default: return new Completion(&view);
                }
            }
            finally
            {
                Native.wxg_completion_free(completion);
            }
        }

        // Whether it answers the submission that its tag names. Others bear the tag of their payment, which an earlier
        // process may have given.
        internal bool AnswersSubmission
        {
            get { return GetType() != typeof(Completion); }
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

        static long? Told(Has has, Has which, long amount)
        {
            return (has & which) != 0 ? amount : (long?)null;
        }
    }

    /// <summary>The answer to a pay.</summary>
    public sealed class PayResult : Completion
    {
        internal unsafe PayResult(wxg_completion_view* view)
            : base(view)
        {
        }
    }

    /// <summary>The answer to a present.</summary>
    public sealed class PresentResult : Completion
    {
        internal unsafe PresentResult(wxg_completion_view* view)
            : base(view)
        {
        }
    }

    /// <summary>The answer to a get_balance.</summary>
    public sealed class GetBalanceResult : Completion
    {
        internal unsafe GetBalanceResult(wxg_completion_view* view)
            : base(view)
        {
        }
    }

    /// <summary>The answer to a cancel_pay. Done means that the coins are back, or were never taken.</summary>
    public sealed class CancelPayResult : Completion
    {
        internal unsafe CancelPayResult(wxg_completion_view* view)
            : base(view)
        {
        }
    }

    /// <summary>The answer to a login, with Openid and, where bound, Unionid.</summary>
    public sealed class LoginResult : Completion
    {
        internal unsafe LoginResult(wxg_completion_view* view)
            : base(view)
        {
        }
    }

    /// <summary>The answer to a check_session.</summary>
    public sealed class CheckSessionResult : Completion
    {
        internal unsafe CheckSessionResult(wxg_completion_view* view)
            : base(view)
        {
        }
    }

    /// <summary>The answer to a reset_session.</summary>
    public sealed class ResetSessionResult : Completion
    {
        internal unsafe ResetSessionResult(wxg_completion_view* view)
            : base(view)
        {
        }
    }
}
