using System;

namespace WxGame
{
    /// <summary>Which of WeChat's payment environments.</summary>
    public enum WxGameEnvironment : uint
    {
        /// <summary>The production environment: real money.</summary>
        Production = 0,

        /// <summary>WeChat's sandbox environment, with coins, paths and a key of its own.</summary>
        Sandbox = 1,
    }

    /// <summary>Which payment API the game was admitted to.</summary>
    public enum Generation : uint
    {
        /// <summary>As <see cref="V1"/>.</summary>
        Default = 0,

        /// <summary>Midas v1: /cgi-bin/midas/pay and its sisters.</summary>
        V1 = 1,

        /// <summary>Virtual payment 2.0: /wxa/game/pay and its sisters.</summary>
        V2 = 2,
    }

    /// <summary>Which coins of a player.</summary>
    public enum CoinType : uint
    {
        /// <summary>Coins of the game.</summary>
        Game = 0,

        /// <summary>Coins of the recharge centre; only with <see cref="Generation.V2"/>.</summary>
        RechargeCentre = 1,
    }

    /// <summary>What a player buys in the game client.</summary>
    public enum BizId : uint
    {
        /// <summary>Coins, bought by wx.requestMidasPayment.</summary>
        Coins = 1,

        /// <summary>An item, bought by wx.requestMidasPaymentGameItem.</summary>
        Item = 2,
    }

    /// <summary>What becomes at open of the payments that the journal holds as open.</summary>
    public enum Recovery : uint
    {
        /// <summary>What the journal holds as open goes on at once.</summary>
        Drive = 0,

        /// <summary>What the journal holds as open waits for an operator.</summary>
        Hold = 1,
    }

    /// <summary>Where the access_token comes from.</summary>
    public enum TokenSource : uint
    {
        /// <summary>The library fetches it by stable_token, which disturbs nobody else's.</summary>
        Stable = 0,

        /// <summary>
        /// The library fetches it by /cgi-bin/token, for accounts that have nothing else: each request ends the token
        /// that another server of the game fetched that way.
        /// </summary>
        Classic = 1,

        /// <summary>You bring it: see <see cref="WxGameClient.SetAccessToken"/>.</summary>
        Host = 2,
    }

    /// <summary>How much is logged.</summary>
    public enum WxGameLogLevel : int
    {
        /// <summary>As <see cref="Warn"/>.</summary>
        Default = 0,

        /// <summary>No log records are kept.</summary>
        Off = -1,

        /// <summary>Log records that a person must act on.</summary>
        Error = 1,

        /// <summary>And those that may need a person.</summary>
        Warn = 2,

        /// <summary>And what happened.</summary>
        Info = 3,

        /// <summary>And each step.</summary>
        Debug = 4,
    }

    /// <summary>What a completion answers or asks.</summary>
    public enum CompletionKind : uint
    {
        /// <summary>The answer to a pay.</summary>
        Pay = 1,

        /// <summary>The answer to a present.</summary>
        Present = 2,

        /// <summary>The answer to a get_balance.</summary>
        GetBalance = 3,

        /// <summary>The answer to a cancel_pay.</summary>
        CancelPay = 4,

        /// <summary>The answer to a login.</summary>
        Login = 5,

        /// <summary>
        /// The final answer of a payment that was unknown, that an earlier process began, or that has not been
        /// acknowledged. Answers no call.
        /// </summary>
        Resolved = 6,

        /// <summary>
        /// Calls of the player openid wait for a session_key: log the player in, or set one. Asked once for all of
        /// them.
        /// </summary>
        SessionNeeded = 7,

        /// <summary>What is known of one payment.</summary>
        Payment = 8,

        /// <summary>The answer to an operator's decision.</summary>
        Settle = 9,

        /// <summary>The answer to an operator's release of a held payment.</summary>
        Resume = 10,

        /// <summary>The answer to a check_session.</summary>
        CheckSession = 12,

        /// <summary>The answer to a reset_session.</summary>
        ResetSession = 13,

        /// <summary>
        /// The client needs an access_token from you: SetAccessToken. Asked once, however many calls wait, and again
        /// when that one ends soon or WeChat refuses it. Only with TokenSource.Host.
        /// </summary>
        TokenNeeded = 14,

        /// <summary>The answer to an item_order.</summary>
        ItemOrder = 15,

        /// <summary>The answer to a query_order.</summary>
        QueryOrder = 16,

        /// <summary>What a push told, and what to answer it.</summary>
        Push = 17,

        /// <summary>The answer to a save_image of a <see cref="WxGameAlbum"/>.</summary>
        SaveImage = 18,

        /// <summary>The answer to an authorize of a <see cref="WxGameAlbum"/>.</summary>
        Authorize = 19,

        /// <summary>The answer to an open_setting of a <see cref="WxGameAlbum"/>.</summary>
        OpenSetting = 20,

        /// <summary>
        /// Calls of a <see cref="WxGameAlbum"/> wait for the user's consent: show your dialog, then AnswerConsent.
        /// Asked once for all of them.
        /// </summary>
        ConsentNeeded = 21,

        /// <summary>
        /// Calls of a <see cref="WxGameAlbum"/> wait for the settings: show them, then AnswerSetting. Asked once for
        /// all of them.
        /// </summary>
        SettingNeeded = 22,
    }

    /// <summary>What became of a call.</summary>
    public enum Outcome : uint
    {
        /// <summary>No answer about a payment: input is needed, or status says why there is none.</summary>
        None = 0,

        /// <summary>It happened, once. Grant what was bought, then acknowledge.</summary>
        Done = 1,

        /// <summary>It did not happen and never will under this number; reason tells why.</summary>
        Rejected = 2,

        /// <summary>Nothing of it ever left, nor will.</summary>
        NotSent = 3,

        /// <summary>
        /// It may have happened. Grant nothing, take nothing back, use no other number: the journal keeps it, and the
        /// final answer comes as <see cref="CompletionKind.Resolved"/>.
        /// </summary>
        Unknown = 4,

        /// <summary>
        /// The library can neither finish nor deny it; a person must look. No grant, no refusal, never a new number.
        /// </summary>
        NeedsReview = 5,

        /// <summary>
        /// The player may pay the item order now. Grant nothing: the journal keeps it, and a push or <see
        /// cref="CompletionKind.Resolved"/> tells.
        /// </summary>
        AwaitingPayment = 6,
    }

    /// <summary>Why a payment stands where it stands.</summary>
    public enum Reason : uint
    {
        /// <summary>Nothing to add.</summary>
        None = 0,

        /// <summary>The player has too few coins.</summary>
        BalanceTooLow = 1,

        /// <summary>
        /// No valid session_key until the deadline: log the player in and take a new bill_no; this one took nothing.
        /// </summary>
        Session = 2,

        /// <summary>WeChat gave no access_token, or the quota was used up, until the deadline.</summary>
        Credential = 3,

        /// <summary>
        /// WeChat refused the request as wrong: key, offer_id, zone_id or another parameter. See errcode and errmsg.
        /// </summary>
        Configuration = 4,

        /// <summary>Cancelled: by you, or because its outcome stayed unknown for unknown_patience_ms.</summary>
        Cancelled = 5,

        /// <summary>Somebody else had used this bill_no before.</summary>
        Duplicate = 6,

        /// <summary>WeChat could not be reached until the deadline.</summary>
        Network = 7,

        /// <summary>No answer within 47 hours.</summary>
        Expired = 8,

        /// <summary>WeChat does not know the order that was to be given back.</summary>
        RefundUnknown = 9,

        /// <summary>The deadline passed before anything could be sent.</summary>
        Deadline = 10,

        /// <summary>The journal could not be written, so nothing was sent.</summary>
        Journal = 11,

        /// <summary>An operator decided.</summary>
        Settled = 12,

        /// <summary>WeChat said of an item order of 24 hours that it is not paid.</summary>
        NotPaid = 13,

        /// <summary>WeChat knows no such purchase, or not yet.</summary>
        OrderUnknown = 14,

        /// <summary>WeChat told of another player, item or quantity than was ordered under this number.</summary>
        Mismatch = 15,
    }

    /// <summary>What an open payment waits for.</summary>
    public enum WaitingFor : uint
    {
        /// <summary>The payment is not open, or nobody drives it just now.</summary>
        Nothing = 0,

        /// <summary>It waits for a session_key of the player.</summary>
        Session = 1,

        /// <summary>It waits for an access_token.</summary>
        Token = 2,

        /// <summary>It waits for the end of a back-off.</summary>
        BackOff = 3,

        /// <summary>It waits until its cancel may be sent.</summary>
        QuietTime = 4,

        /// <summary>It waits for WeChat's answer.</summary>
        Answer = 5,

        /// <summary>It waits for the journal.</summary>
        Journal = 6,

        /// <summary>It is held and waits for an operator.</summary>
        Operator = 7,

        /// <summary>It waits for the player to pay.</summary>
        Player = 8,

        /// <summary>Another server that shares the journal drives it.</summary>
        Server = 9,
    }

    /// <summary>How an answer came about.</summary>
    [Flags]
    public enum CompletionFlags : ulong
    {
        /// <summary>Nothing to add.</summary>
        None = 0,

        /// <summary>Delivered again, because no acknowledgement of an earlier delivery is in the journal.</summary>
        Redelivered = 1,

        /// <summary>The client, or album, was closed before a better answer came.</summary>
        Shutdown = 2,

        /// <summary>The record was retired after retain_days: only how it ended is still known.</summary>
        Sealed = 4,

        /// <summary>
        /// This journal ordered no such item: a push alone told of it, such as of a purchase in the mall. It is signed,
        /// so deliver it; what is to be delivered to whom you know from the push.
        /// </summary>
        NotOrdered = 8,

        /// <summary>
        /// The user's answer could not be written into UserDataPath: it holds while this album is open, then the user
        /// is asked again.
        /// </summary>
        NotRemembered = 16,
    }

    /// <summary>What to do with a push; 0 for all else, also for one that comes again.</summary>
    public enum Verdict : uint
    {
        /// <summary>WeChat tries the URL: answer, and nothing else.</summary>
        Echo = 1,

        /// <summary>
        /// Act on it in a transaction of your own, once per EventId; then answer, and acknowledge with <see
        /// cref="WxGameClient.Ack"/>. It comes again as <see cref="CompletionKind.Resolved"/> until you do.
        /// </summary>
        Deliver = 2,

        /// <summary>It has been told before: answer, and nothing else.</summary>
        AlreadyDelivered = 3,

        /// <summary>
        /// The player's coins have changed: answer, then read the balance (<see
        /// cref="WxGameClient.GetBalanceAsync"/>).
        /// </summary>
        BalanceChanged = 4,

        /// <summary>A test from WeChat's console with values at random: answer, and nothing else.</summary>
        Mock = 5,

        /// <summary>
        /// Verified, but not about a payment: yours to handle; Event names it, Payload is the whole message.
        /// </summary>
        Other = 6,

        /// <summary>
        /// Not to be believed, or not for this client: Refusal and Errmsg say why. Answer; do nothing else.
        /// </summary>
        Refuse = 7,

        /// <summary>The journal did not take it in time: the answer asks WeChat to push it again.</summary>
        Again = 8,
    }

    /// <summary>What a push is about; 0 without a push.</summary>
    public enum PushEvent : uint
    {
        /// <summary>An item is paid, in the game or in the mall.</summary>
        Goods = 1,

        /// <summary>Coins that the player bought have arrived.</summary>
        Coins = 2,

        /// <summary>Money went back to the player.</summary>
        Refund = 3,

        /// <summary>A gift pack, for which nobody paid.</summary>
        Gift = 4,
    }

    /// <summary>Why a push is refused; 0 where it is not.</summary>
    public enum Refusal : uint
    {
        /// <summary>The outer signature does not hold: another PushToken, or a forgery.</summary>
        Signature = 1,

        /// <summary>PayEventSig does not hold: another AppKey, or a forgery.</summary>
        PayEventSig = 2,

        /// <summary>Plain text, although PushAesKey is set.</summary>
        Downgrade = 3,

        /// <summary>It cannot be decrypted.</summary>
        Decrypt = 4,

        /// <summary>It is for another appid.</summary>
        Appid = 5,

        /// <summary>It is of the other environment: hand it to the client of that one.</summary>
        Environment = 6,

        /// <summary>It breaks a rule; Errmsg names the field.</summary>
        Malformed = 7,

        /// <summary>Nothing protects it: a gift pack in plain text, or a payment without PayEventSig.</summary>
        Unprotected = 8,

        /// <summary>Query or body is too long.</summary>
        TooLarge = 9,

        /// <summary>
        /// It tells of another player, item or quantity than was ordered under this number: that order needs review.
        /// </summary>
        Mismatch = 10,
    }

    /// <summary>Whether an order is paid; 0 where none was asked about.</summary>
    public enum PayState : uint
    {
        /// <summary>Not paid.</summary>
        NotPaid = 1,

        /// <summary>Paid.</summary>
        Paid = 2,
    }

    /// <summary>Whether an order is delivered; 0 where WeChat did not tell.</summary>
    public enum DeliverState : uint
    {
        /// <summary>Not delivered.</summary>
        NotDelivered = 1,

        /// <summary>Delivered.</summary>
        Delivered = 2,
    }

    /// <summary>Where goods were bought; 0 where WeChat did not tell.</summary>
    public enum OrderSource : uint
    {
        /// <summary>In the game.</summary>
        Game = 1,

        /// <summary>In the mall.</summary>
        Mall = 2,

        /// <summary>A test of the mall.</summary>
        MallTest = 3,
    }

    /// <summary>Who gave money back; 0 without a refund.</summary>
    public enum RefundSource : uint
    {
        /// <summary>The platform.</summary>
        Platform = 1,

        /// <summary>The console.</summary>
        Console = 2,

        /// <summary>A call.</summary>
        Call = 3,
    }

    /// <summary>How a call of an album ended; 0 for all else.</summary>
    public enum AlbumClass : uint
    {
        /// <summary>Saved, or allowed.</summary>
        Ok = 1,

        /// <summary>
        /// The user has refused scope.writePhotosAlbum. Only the settings can change that: <see
        /// cref="WxGameAlbum.OpenSettingAsync"/>.
        /// </summary>
        Denied = 2,

        /// <summary>
        /// The user closed the dialog without an answer, or the album was closed (<see
        /// cref="CompletionFlags.Shutdown"/>).
        /// </summary>
        Cancelled = 3,

        /// <summary>
        /// WeChat's privacy rules forbid it. Only of an errMsg that WeChat said: an album never answers it.
        /// </summary>
        Privacy = 4,

        /// <summary>
        /// The path names no local file of the game, or one that is no picture, too large, or not there. Detail says
        /// which.
        /// </summary>
        BadFile = 5,

        /// <summary>
        /// The system forbids it: the pictures folder may not be written, or the file may not be read.
        /// </summary>
        NoPermission = 6,

        /// <summary>The disk is full.</summary>
        NoSpace = 7,

        /// <summary>All else; Errmsg and Detail tell.</summary>
        Other = 8,
    }

    /// <summary>What the user has said of saving pictures; 0 where it does not matter to the call.</summary>
    public enum Consent : uint
    {
        /// <summary>Nobody has asked the user yet: scope.writePhotosAlbum is missing in authSetting.</summary>
        NotAsked = 1,

        /// <summary>The user allows it: scope.writePhotosAlbum is true.</summary>
        Granted = 2,

        /// <summary>The user has refused it: scope.writePhotosAlbum is false.</summary>
        Denied = 3,

        /// <summary>Only as an answer: the user closed the dialog, or left the settings as they were.</summary>
        Cancelled = 4,
    }

    // Which amounts WeChat told.
    [Flags]
    internal enum Has : uint
    {
        Balance = 1,
        GenBalance = 2,
        UsedGenAmt = 4,
        SaveAmt = 8,
        SaveSum = 16,
        CostSum = 32,
        PresentSum = 64,
        FirstSave = 128,
    }

    /// <summary>A call to WeChat.</summary>
    public enum MidasCall : uint
    {
        /// <summary>midas.pay, game.pay</summary>
        Pay = 1,

        /// <summary>midas.present, game.present</summary>
        Present = 2,

        /// <summary>midas.getBalance, game.getBalance</summary>
        GetBalance = 3,

        /// <summary>midas.cancelPay, game.cancelPay</summary>
        CancelPay = 4,

        /// <summary>code2Session</summary>
        Login = 5,

        /// <summary>getStableAccessToken</summary>
        Token = 6,

        /// <summary>checkSessionKey and ResetUserSessionKey</summary>
        Session = 7,

        /// <summary>game.queryOrder; only with <see cref="Generation.V2"/></summary>
        QueryOrder = 8,
    }

    /// <summary>What an errcode means for the money.</summary>
    public enum ErrcodeClass : uint
    {
        /// <summary>It is done. For cancelPay: the coins are back, or were never taken.</summary>
        Done = 1,

        /// <summary>Nobody can tell from this answer: ask again with the same number.</summary>
        Unknown = 2,

        /// <summary>The session_key was refused; nothing happened.</summary>
        Session = 3,

        /// <summary>The access_token was refused; nothing happened.</summary>
        Token = 4,

        /// <summary>This number has been executed before.</summary>
        Duplicate = 5,

        /// <summary>Refused for good; nothing happened.</summary>
        Refused = 6,

        /// <summary>The request or the account is set up wrong; nothing happened.</summary>
        Configuration = 7,

        /// <summary>Too many calls; nothing happened.</summary>
        Quota = 8,
    }

    /// <summary>What a call came to. New numbers may come: treat one that you do not know as a failure.</summary>
    public enum WxGameStatus : int
    {
        /// <summary>Success.</summary>
        Ok = 0,

        /// <summary>A pointer that must not be null is null. Nothing was done.</summary>
        NullArgument = 1,

        /// <summary>
        /// A value breaks a rule: the exception's Field names it, its message the rule. Nothing was done.
        /// </summary>
        InvalidArgument = 2,

        /// <summary>
        /// A struct has fields set which this version of the library does not know. Nothing was done.
        /// </summary>
        UnsupportedStruct = 3,

        /// <summary>This build or platform cannot do it.</summary>
        Unsupported = 4,

        /// <summary>The client, or album, is closed.</summary>
        Closed = 5,

        /// <summary>
        /// As many calls as queue_capacity wait for their answer. Take some (Tick, in that mode), then try again.
        /// </summary>
        QueueFull = 6,

        /// <summary>The wait is over. What was waited for goes on: its answer is raised on Completed.</summary>
        Timeout = 7,

        /// <summary>The library failed inside and closed this client. Open a new one: the journal recovers.</summary>
        Panic = 8,

        /// <summary>
        /// The client was opened before a fork and belongs to the parent process. Open one in the child.
        /// </summary>
        Forked = 9,

        /// <summary>
        /// A file or folder that the options name cannot be used: the journal's path, ca_file, or a folder of an
        /// album. The message says how to mend it.
        /// </summary>
        Configuration = 10,

        /// <summary>Another process, or another client of this appid and environment, has the journal open.</summary>
        JournalInUse = 11,

        /// <summary>The journal cannot be read or written: the disk is full, or failing.</summary>
        Journal = 12,

        /// <summary>
        /// The journal file is damaged. Restore it from a backup; do not delete it while payments may be open.
        /// </summary>
        JournalCorrupt = 13,

        /// <summary>The journal was written by a newer version of this library.</summary>
        JournalNewer = 14,

        /// <summary>The bill_no is known with other parameters. Nothing was sent.</summary>
        BillNoConflict = 15,

        /// <summary>The journal does not know this bill_no. Nothing was sent.</summary>
        NotFound = 16,

        /// <summary>
        /// The payment does not stand where this is possible; the message says where it stands. Of an album: nobody
        /// waits for that answer of the user's.
        /// </summary>
        WrongState = 17,
    }
}
