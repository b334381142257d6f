using System;
using System.Collections.Generic;
using System.Threading;
using System.Threading.Tasks;

namespace WxGame
{
    /// <summary>
    /// One client: a journal and the connections for one appid and environment. Any member may be used from any thread
    /// at any time. Nothing is decided here: every answer is the library's.
    ///
    /// Each call comes in two forms. The one ending in Async enqueues, touching neither disk nor network, and its task
    /// ends with the answer. The other blocks the thread until the answer is there or timeoutMs is over (negative:
    /// without limit). An answer is a result whose Outcome you look at: Done, Rejected, NotSent, Unknown,
    /// NeedsReview or AwaitingPayment. A call throws <see cref="WxGameException"/> where it is refused, or where there
    /// is no outcome.
    /// </summary>
    public sealed class WxGameClient : IDisposable, IPumped
    {
        readonly ClientHandle handle;
        readonly Pump pump;
        int disposed;

        WxGameClient(ClientHandle handle, Action<WxGameClient, Completion> completed, PumpMode mode)
        {
            this.handle = handle;
            Completed = completed;
            pump = new Pump(handle, this, mode);
        }

        /// <summary>Of a client that was forgotten: it is freed within a second. Calls nothing native.</summary>
        ~WxGameClient()
        {
            // Null where the constructor was never finished.
            if (pump != null)
                pump.Abandon();
        }

        /// <summary>
        /// An answer that no task of yours waits for: the final answer of a payment that was unknown, that an earlier
        /// process began, or that has not been acknowledged (Kind Resolved); the answer of a call whose waiting was
        /// cancelled; what came of a push that <see cref="ReceivePush"/> waited for no longer (Kind Push); or a request
        /// for input (Kind SessionNeeded: log the player Openid in; TokenNeeded: call <see cref="SetAccessToken"/>).
        /// Raised on the pump's thread, or in <see cref="Tick"/>, one at a time. Without a handler a final answer comes
        /// again, as it is not acknowledged.
        /// </summary>
        public event Action<WxGameClient, Completion> Completed;

        /// <summary>
        /// A handler of <see cref="Completed"/> threw this. The answer it was given is not acknowledged by that, so
        /// it comes again. Raised where Completed is.
        /// </summary>
        public event Action<WxGameClient, Exception> HandlerFailed;

        /// <summary>
        /// Opens a client: checks every option, opens or makes the journal, and takes up the payments that it holds
        /// as open. Blocks while the journal is read.
        /// </summary>
        /// <param name="options">What to open; copied.</param>
        /// <param name="completed">
        /// The first handler of <see cref="Completed"/>. It is given here because answers of an earlier process come
        /// at once. Null where you handle none.
        /// </param>
        /// <param name="mode">Who takes the answers: a thread of the client, or you by calling Tick.</param>
        public static WxGameClient Open(WxGameClientOptions options, Action<WxGameClient, Completion> completed,
            PumpMode mode = PumpMode.Thread)
        {
            if (options == null)
                throw new ArgumentNullException("options");
            WxGameLibrary.CheckAbiVersion();
            WxGameClient client = new WxGameClient(OpenHandle(options), completed, mode);
            client.pump.Start();
#if UNITY_5_3_OR_NEWER
            UnityLifetime.Watch(client);
#endif
            return client;
        }

        /// <summary>
        /// Asks WeChat to take coins from a player. The payment is in the journal before it is sent. A BillNo that
        /// the journal knows with the same parameters is answered from it; with others WxGameStatus.BillNoConflict is
        /// thrown. After Unknown the library goes on, also after a restart, and the final answer is raised on <see
        /// cref="Completed"/>.
        /// </summary>
        /// <param name="options">The payment.</param>
        /// <param name="cancellationToken">
        /// Stops the waiting, not the payment: the task then throws <see cref="WaitCancelledException"/>, and the
        /// answer is raised on Completed. Cancelled before the call, nothing is submitted.
        /// </param>
        public Task<PayResult> PayAsync(PayOptions options,
            CancellationToken cancellationToken = default(CancellationToken))
        {
            return Answer<PayResult>(options, cancellationToken);
        }

        /// <summary>PayAsync, waited for. After WxGameStatus.Timeout the payment goes on.</summary>
        public PayResult Pay(PayOptions options, long timeoutMs)
        {
            return (PayResult)Wait(options, timeoutMs);
        }

        /// <summary>
        /// Asks WeChat to give coins to a player. As <see cref="PayAsync"/>; a gift cannot be cancelled.
        /// </summary>
        public Task<PresentResult> PresentAsync(PresentOptions options,
            CancellationToken cancellationToken = default(CancellationToken))
        {
            return Answer<PresentResult>(options, cancellationToken);
        }

        /// <summary>PresentAsync, waited for. After WxGameStatus.Timeout the gift goes on.</summary>
        public PresentResult Present(PresentOptions options, long timeoutMs)
        {
            return (PresentResult)Wait(options, timeoutMs);
        }

        /// <summary>
        /// Undoes a payment of this journal. One under way turns to cancel and is sent no more; one that is done and
        /// acknowledged is given back, for 47 hours after it was sent, the whole or, with a RefundBillNo and an Amount,
        /// a part (Generation.V2). Done: the coins are back, or were never taken. Rejected: the payment is done and
        /// stays. Unknown: the library goes on. The payment's own call is answered as well. Throws
        /// WxGameStatus.NotFound or WrongState where it cannot be cancelled. A part is a journal record of its own: its
        /// final answer is acknowledged as that of a payment is.
        /// </summary>
        public Task<CancelPayResult> CancelPayAsync(CancelPayOptions options,
            CancellationToken cancellationToken = default(CancellationToken))
        {
            return Answer<CancelPayResult>(options, cancellationToken);
        }

        /// <summary>CancelPayAsync, waited for. After WxGameStatus.Timeout the cancel goes on.</summary>
        public CancelPayResult CancelPay(CancelPayOptions options, long timeoutMs)
        {
            return (CancelPayResult)Wait(options, timeoutMs);
        }

        /// <summary>Reads a player's coins. Repeated by itself until the deadline where no answer came.</summary>
        public Task<GetBalanceResult> GetBalanceAsync(GetBalanceOptions options,
            CancellationToken cancellationToken = default(CancellationToken))
        {
            return Answer<GetBalanceResult>(options, cancellationToken);
        }

        /// <summary>GetBalanceAsync, waited for.</summary>
        public GetBalanceResult GetBalance(GetBalanceOptions options, long timeoutMs)
        {
            return (GetBalanceResult)Wait(options, timeoutMs);
        }

        /// <summary>
        /// Logs a player in with the js_code of wx.login. The session_key stays inside the library, and payments that
        /// waited for it go on. A js_code is sent once: after Unknown ask the game client for a new one.
        /// </summary>
        public Task<LoginResult> LoginAsync(LoginOptions options,
            CancellationToken cancellationToken = default(CancellationToken))
        {
            return Answer<LoginResult>(options, cancellationToken);
        }

        /// <summary>LoginAsync, waited for.</summary>
        public LoginResult Login(LoginOptions options, long timeoutMs)
        {
            return (LoginResult)Wait(options, timeoutMs);
        }

        /// <summary>
        /// Asks WeChat whether the session_key that is kept of a player is still good. Done: it is. Rejected with
        /// Reason.Session: there is none, or it is not, and it is forgotten: log the player in. Not needed before a
        /// payment, which finds out by itself.
        /// </summary>
        public Task<CheckSessionResult> CheckSessionAsync(CheckSessionOptions options,
            CancellationToken cancellationToken = default(CancellationToken))
        {
            return Answer<CheckSessionResult>(options, cancellationToken);
        }

        /// <summary>CheckSessionAsync, waited for.</summary>
        public CheckSessionResult CheckSession(CheckSessionOptions options, long timeoutMs)
        {
            return (CheckSessionResult)Wait(options, timeoutMs);
        }

        /// <summary>
        /// Has WeChat replace the session_key of a player, such as after it may have leaked; the new one stays inside
        /// the library and ends when the old one would have. Done; Rejected with Reason.Session (there is none, or it
        /// was stale: log the player in); Unknown (no answer came, and it is not sent again: log the player in).
        /// </summary>
        public Task<ResetSessionResult> ResetSessionAsync(ResetSessionOptions options,
            CancellationToken cancellationToken = default(CancellationToken))
        {
            return Answer<ResetSessionResult>(options, cancellationToken);
        }

        /// <summary>ResetSessionAsync, waited for.</summary>
        public ResetSessionResult ResetSession(ResetSessionOptions options, long timeoutMs)
        {
            return (ResetSessionResult)Wait(options, timeoutMs);
        }

        /// <summary>
        /// Orders an item that the player then pays in the game client (Generation.V2). The order is in the journal
        /// before this is answered by AwaitingPayment with SignData, PaySig and Signature, which the game client hands
        /// to wx.requestMidasPaymentGameItem, byte for byte. Without SignData no session_key came until the deadline
        /// (Reason.Session): log the player in, then order again under the same OutTradeNo. With Status Journal the
        /// order may not be written down: order again. An order that is over is answered by how it ended.
        ///
        /// Grant nothing on it: whether it is paid is told by <see cref="ReceivePush"/> or on <see cref="Completed"/>,
        /// whichever is first, once, and again until acknowledged. An order of 24 hours that WeChat says is not paid is
        /// Rejected with Reason.NotPaid; should it be paid later all the same, a push brings Done in its place.
        /// </summary>
        public Task<ItemOrderResult> ItemOrderAsync(ItemOrderOptions options,
            CancellationToken cancellationToken = default(CancellationToken))
        {
            return Answer<ItemOrderResult>(options, cancellationToken);
        }

        /// <summary>ItemOrderAsync, waited for. After WxGameStatus.Timeout the order goes on.</summary>
        public ItemOrderResult ItemOrder(ItemOrderOptions options, long timeoutMs)
        {
            return (ItemOrderResult)Wait(options, timeoutMs);
        }

        /// <summary>
        /// Asks WeChat what became of a purchase (queryOrder; Generation.V2). Done: WeChat told, look at PayState and
        /// DeliverState; it tells neither amount nor quantity. Rejected with Reason.OrderUnknown: WeChat knows no such
        /// order; right after a payment it may still come to know it. An item order of this client that is paid is
        /// resolved by it.
        /// </summary>
        public Task<QueryOrderResult> QueryOrderAsync(QueryOrderOptions options,
            CancellationToken cancellationToken = default(CancellationToken))
        {
            return Answer<QueryOrderResult>(options, cancellationToken);
        }

        /// <summary>QueryOrderAsync, waited for.</summary>
        public QueryOrderResult QueryOrder(QueryOrderOptions options, long timeoutMs)
        {
            return (QueryOrderResult)Wait(options, timeoutMs);
        }

        /// <summary>
        /// Takes one request that WeChat made to your message-push URL: verifies and decrypts it, writes a payment that
        /// it tells of to the journal, and says what to do. Whatever the Verdict, answer with AnswerStatus,
        /// AnswerContentType and Answer within 3 seconds of the request. A push is told once as Verdict.Deliver,
        /// however often WeChat repeats it; what you have not acknowledged comes again as Resolved. A forged push is no
        /// exception but Verdict.Refuse; where this throws, answer WeChat with HTTP 503.
        ///
        /// Blocks for one commit of the journal, no network: call it on the thread that serves the request.
        /// </summary>
        /// <param name="query">The URL's query string as it came, still encoded.</param>
        /// <param name="body">The body as it came; empty or null for GET.</param>
        /// <param name="timeoutMs">
        /// For the journal, 2,000 is a good value (negative: without limit); should that pass, the verdict is Again,
        /// and what comes of it all the same is raised on <see cref="Completed"/>, with nothing to answer.
        /// </param>
        public unsafe PushResult ReceivePush(string query, byte[] body, long timeoutMs)
        {
            using (SourceHandle.Lease lease = handle.Use())
            using (CallText text = CallText.Rent())
            {
                wxg_str asked = text.Put(query), posted = text.Put(body);
                IntPtr completion, error;
                WxGameException.Check(Native.wxg_client_receive_push(lease.Pointer, &asked, &posted, timeoutMs,
                    &completion, &error), error);
                return (PushResult)Completion.Take(completion);
            }
        }

        /// <summary>
        /// Tells the journal that you have acted on a final answer, in a transaction of your own: it is not delivered
        /// again. Does not block. An ack that is lost in a crash means that the answer comes again, so act once per
        /// BillNo.
        /// </summary>
        public unsafe void Ack(ulong deliveryId)
        {
            using (SourceHandle.Lease lease = handle.Use())
            {
                IntPtr error;
                WxGameException.Check(Native.wxg_client_ack(lease.Pointer, deliveryId, &error), error);
            }
        }

        /// <summary>
        /// In <see cref="PumpMode.Tick"/>: hands out what is ready, at most <paramref name="budget"/> answers, and
        /// tells how many there were. Tasks go on where their await wants them to; Completed is raised before this
        /// returns. Never blocks, never throws what a handler threw. 0 once the client is closed and empty.
        /// </summary>
        public int Tick(int budget = 64)
        {
            return pump.Tick(budget);
        }

        /// <summary>
        /// A descriptor for epoll, kqueue, poll or select: readable while <see cref="Tick"/> has something to take.
        /// The client's: do not read, write or close it. Not on Windows.
        /// </summary>
        public unsafe int GetWakeFd()
        {
            using (SourceHandle.Lease lease = handle.Use())
            {
                int fd;
                IntPtr error;
                WxGameException.Check(Native.wxg_client_wake_fd(lease.Pointer, &fd, &error), error);
                return fd;
            }
        }

        /// <summary>
        /// Keeps the session_key of a player that you have got by yourself; the newest wins, and payments that waited
        /// for one go on. Not needed after <see cref="LoginAsync"/>. Does not block.
        /// </summary>
        public unsafe void SetSession(string openid, string sessionKey)
        {
            using (SourceHandle.Lease lease = handle.Use())
            using (CallText text = CallText.Rent())
            {
                wxg_str player = text.Put(openid);
                wxg_str key = text.Put(sessionKey);
                IntPtr error;
                WxGameException.Check(Native.wxg_client_set_session(lease.Pointer, &player, &key, &error), error);
            }
        }

        /// <summary>
        /// Forgets the session_key of a player, in memory and in the journal: payments of that player then wait for a
        /// login. Does not block.
        /// </summary>
        public unsafe void ForgetSession(string openid)
        {
            using (SourceHandle.Lease lease = handle.Use())
            using (CallText text = CallText.Rent())
            {
                wxg_str player = text.Put(openid);
                IntPtr error;
                WxGameException.Check(Native.wxg_client_forget_session(lease.Pointer, &player, &error), error);
            }
        }

        /// <summary>
        /// Gives the client an access_token that you have fetched, which lives for <paramref name="expiresInS"/> (1 to
        /// 86,400) from now: for TokenSource.Host. Answers Kind TokenNeeded, and may come unasked; calls that waited
        /// for one go on. Does not block.
        /// </summary>
        public unsafe void SetAccessToken(string accessToken, long expiresInS)
        {
            using (SourceHandle.Lease lease = handle.Use())
            using (CallText text = CallText.Rent())
            {
                wxg_str token = text.Put(accessToken);
                IntPtr error;
                WxGameException.Check(
                    Native.wxg_client_set_access_token(lease.Pointer, &token, expiresInS, &error), error);
            }
        }

        /// <summary>
        /// Replaces the AppKey of the client's environment, such as after a reset in the console. Payments that
        /// WeChat refused as wrong (90011) while their outcome was unknown are tried again at once. Does not block.
        /// </summary>
        public unsafe void SetAppKey(string appKey)
        {
            using (SourceHandle.Lease lease = handle.Use())
            using (CallText text = CallText.Rent())
            {
                wxg_str key = text.Put(appKey);
                IntPtr error;
                WxGameException.Check(Native.wxg_client_set_app_key(lease.Pointer, &key, &error), error);
            }
        }

        /// <summary>
        /// Looks one payment up: where it stands, since when, and what it waits for. Outcome None with Status
        /// NotFound: this journal never sent it. Nothing is sent. Waits for the journal.
        /// </summary>
        public unsafe Completion Payment(string billNo, long timeoutMs)
        {
            using (SourceHandle.Lease lease = handle.Use())
            using (CallText text = CallText.Rent())
            {
                wxg_str number = text.Put(billNo);
                IntPtr completion, error;
                WxGameException.Check(
                    Native.wxg_client_payment(lease.Pointer, &number, timeoutMs, &completion, &error), error);
                return Completion.Take(completion);
            }
        }

        /// <summary>
        /// Lists the payments that are open, parked or held, or that need review, oldest first: up to <paramref
        /// name="capacity"/> (1 to 1,024) with a RecordId above <paramref name="afterId"/> (0 for the first page). Item
        /// orders that wait for their player are not among them. Fewer than capacity means that there are no more.
        /// Waits for the journal.
        /// </summary>
        public unsafe IReadOnlyList<Completion> ListUnresolved(ulong afterId, long timeoutMs, int capacity = 64)
        {
            using (SourceHandle.Lease lease = handle.Use())
            {
                IntPtr[] listed = new IntPtr[Math.Max(capacity, 1)];
                UIntPtr count;
                IntPtr error;
                fixed (IntPtr* first = listed)
                    WxGameException.Check(Native.wxg_client_list_unresolved(lease.Pointer, afterId, timeoutMs, first,
                        checked((UIntPtr)capacity), &count, &error), error);
                Completion[] taken = new Completion[(int)count];
                for (int index = 0; index < taken.Length; index++)
                    taken[index] = Completion.Take(listed[index]);
                return taken;
            }
        }

        /// <summary>
        /// Decides a payment that needs review, or is held: Done or Rejected, as a person found out with WeChat. The
        /// decision is journaled, final, and delivered like any final answer. Outcome None with Status WrongState or
        /// NotFound: nothing was decided. Waits for the journal.
        /// </summary>
        public unsafe Completion Settle(string billNo, Outcome outcome, long timeoutMs)
        {
            using (SourceHandle.Lease lease = handle.Use())
            using (CallText text = CallText.Rent())
            {
                wxg_str number = text.Put(billNo);
                IntPtr completion, error;
                WxGameException.Check(Native.wxg_client_settle(lease.Pointer, &number, (uint)outcome, timeoutMs,
                    &completion, &error), error);
                return Completion.Take(completion);
            }
        }

        /// <summary>
        /// Lets a payment go on that is held because the client was opened with Recovery.Hold. Status WrongState or
        /// NotFound: there was nothing to release. Waits for the journal.
        /// </summary>
        public unsafe Completion Resume(string billNo, long timeoutMs)
        {
            using (SourceHandle.Lease lease = handle.Use())
            using (CallText text = CallText.Rent())
            {
                wxg_str number = text.Put(billNo);
                IntPtr completion, error;
                WxGameException.Check(
                    Native.wxg_client_resume(lease.Pointer, &number, timeoutMs, &completion, &error), error);
                return Completion.Take(completion);
            }
        }

        /// <summary>
        /// Takes up to <paramref name="capacity"/> log records, oldest first. The client keeps 1,024; when it had to
        /// drop some, a record of its own says how many. Works on a closed client too, until it is disposed of.
        /// </summary>
        public unsafe IReadOnlyList<LogRecord> PollLog(int capacity = 64)
        {
            using (SourceHandle.Lease lease = handle.Use())
            {
                IntPtr[] records = new IntPtr[Math.Max(capacity, 1)];
                UIntPtr count;
                fixed (IntPtr* first = records)
                    WxGameException.Check(
                        Native.wxg_client_poll_log(lease.Pointer, first, checked((UIntPtr)capacity), &count),
                        IntPtr.Zero);
                LogRecord[] taken = new LogRecord[(int)count];
                for (int index = 0; index < taken.Length; index++)
                    taken[index] = LogRecord.Take(records[index]);
                return taken;
            }
        }

        /// <summary>Reads the client's counters and gauges. Cheap; does not block.</summary>
        public unsafe WxGameStats Stats()
        {
            using (SourceHandle.Lease lease = handle.Use())
            {
                wxg_stats read = new wxg_stats { struct_size = (uint)sizeof(wxg_stats) };
                WxGameException.Check(Native.wxg_client_stats(lease.Pointer, &read), IntPtr.Zero);
                return new WxGameStats(&read);
            }
        }

        /// <summary>
        /// Closes: nothing new is accepted; requests under way may finish for <paramref name="timeoutMs"/>; what is
        /// left then completes as NotSent where that is certain, else as unknown, which ends its task with <see
        /// cref="OutcomeUnknownException"/> and goes on after the next open. Blocks until that is done, timeoutMs and
        /// a second at the most. Answers are still handed out; Dispose frees. May be called twice.
        /// </summary>
        public void Close(long timeoutMs)
        {
            using (SourceHandle.Lease lease = handle.Use())
                WxGameException.Check(Native.wxg_client_close(lease.Pointer, timeoutMs), IntPtr.Zero);
        }

        /// <summary>
        /// Closes at once and frees. Tasks under way end: with their answer where there is one, else with <see
        /// cref="OutcomeUnknownException"/>. Answers that are left are raised on Completed before this returns.
        /// Blocks a second, and as long as handlers take.
        /// </summary>
        public void Dispose()
        {
            if (Interlocked.Exchange(ref disposed, 1) != 0)
                return;
            using (SourceHandle.Lease lease = handle.Use())
                Native.wxg_client_close(lease.Pointer, 0);
            pump.Drain();
            handle.Dispose();
            GC.SuppressFinalize(this);
        }

        void IPumped.OnCompleted(Completion completion)
        {
            Action<WxGameClient, Completion> handlers = Completed;
            if (handlers != null)
                handlers(this, completion);
        }

        void IPumped.OnHandlerFailed(Exception failure)
        {
            Action<WxGameClient, Exception> handlers = HandlerFailed;
            if (handlers != null)
                handlers(this, failure);
        }

        static unsafe ClientHandle OpenHandle(WxGameClientOptions options)
        {
            using (CallText text = CallText.Rent())
            {
                wxg_client_options filled = options.Fill(text);
                IntPtr client, error;
                WxGameException.Check(Native.wxg_client_open(&filled, &client, &error), error);
                return new ClientHandle(client);
            }
        }

        // The state of this method holds the client while the answer is outstanding.
        async Task<T> Answer<T>(CallOptions options, CancellationToken cancellationToken)
            where T : Completion
        {
            if (options == null)
                throw new ArgumentNullException("options");
            cancellationToken.ThrowIfCancellationRequested();
            Waiter waiter = pump.Submit(options.Number, tag => Submit(options, tag));
            using (cancellationToken.Register(() => pump.StopWaiting(waiter, cancellationToken)))
            {
                Completion completion = await waiter.Task.ConfigureAwait(false);
                return (T)completion.OrThrow();
            }
        }

        unsafe void Submit(CallOptions options, ulong tag)
        {
            using (SourceHandle.Lease lease = handle.Use())
            using (CallText text = CallText.Rent())
            {
                IntPtr error;
                WxGameException.Check(options.Submit(lease.Pointer, text, tag, &error), error);
            }
        }

        unsafe Completion Wait(CallOptions options, long timeoutMs)
        {
            if (options == null)
                throw new ArgumentNullException("options");
            using (SourceHandle.Lease lease = handle.Use())
            using (CallText text = CallText.Rent())
            {
                IntPtr completion, error;
                WxGameException.Check(options.Wait(lease.Pointer, text, timeoutMs, &completion, &error), error);
                return Completion.Take(completion).OrThrow();
            }
        }
    }
}
