namespace WxGame
{
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

    /// <summary>
    /// The answer to a cancel_pay. Done means that the coins are back, or were never taken. With a RefundBillNo it
    /// speaks of that part alone, and is acknowledged as a payment is.
    /// </summary>
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

    /// <summary>
    /// The answer to an item_order: with AwaitingPayment the game client hands SignData, PaySig and Signature to
    /// wx.requestMidasPaymentGameItem, byte for byte. They are empty where no session_key came until the deadline: log
    /// the player in, then order again under the same OutTradeNo.
    /// </summary>
    public sealed class ItemOrderResult : Completion
    {
        internal unsafe ItemOrderResult(wxg_completion_view* view)
            : base(view)
        {
        }
    }

    /// <summary>The answer to a query_order: with Done look at PayState and DeliverState.</summary>
    public sealed class QueryOrderResult : Completion
    {
        internal unsafe QueryOrderResult(wxg_completion_view* view)
            : base(view)
        {
        }
    }

    /// <summary>
    /// What a push told: do what Verdict says, and answer WeChat with AnswerStatus, AnswerContentType and Answer,
    /// whatever the verdict.
    /// </summary>
    public sealed class PushResult : Completion
    {
        internal unsafe PushResult(wxg_completion_view* view)
            : base(view)
        {
        }
    }

    /// <summary>
    /// The answer to a save_image: AlbumClass says how it ended, Errmsg the same in WeChat's words, SavedFilePath where
    /// the picture is.
    /// </summary>
    public sealed class SaveImageResult : Completion
    {
        internal unsafe SaveImageResult(wxg_completion_view* view)
            : base(view)
        {
        }
    }

    /// <summary>The answer to an authorize: AlbumClass says how it ended.</summary>
    public sealed class AuthorizeResult : Completion
    {
        internal unsafe AuthorizeResult(wxg_completion_view* view)
            : base(view)
        {
        }
    }

    /// <summary>The answer to an open_setting: Consent is what holds now.</summary>
    public sealed class OpenSettingResult : Completion
    {
        internal unsafe OpenSettingResult(wxg_completion_view* view)
            : base(view)
        {
        }
    }

    /// <summary>One kind of goods in a gift pack.</summary>
    public sealed class Goods
    {
        internal unsafe Goods(wxg_goods_view* view)
        {
            Num = view->num;
            Id = Utf8.Read(view->id);
        }

        /// <summary>How many, 1 or more.</summary>
        public long Num { get; private set; }

        /// <summary>The item.</summary>
        public string Id { get; private set; }
    }
}
