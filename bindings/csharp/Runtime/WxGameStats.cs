namespace WxGame
{
    /// <summary>What a client has done and holds. Counters begin at 0 when the client is opened.</summary>
    public sealed class WxGameStats
    {
        /// <summary>
        /// Column of requests of which nothing left this machine. The columns before are those of ErrcodeClass, less
        /// 1.
        /// </summary>
        public const int NotSentColumn = Native.WXG_ANSWERS_NOT_SENT;

        /// <summary>Column of requests to which no whole answer came.</summary>
        public const int NoAnswerColumn = Native.WXG_ANSWERS_NO_ANSWER;

        internal unsafe WxGameStats(wxg_stats* read)
        {
            Submitted = read->submitted;
            Completed = read->completed;
            QueueDepth = read->queue_depth;
            OpenWaiting = read->open_waiting;
            OpenUnknown = read->open_unknown;
            OpenCancelling = read->open_cancelling;
            OpenHeld = read->open_held;
            OldestUnknownAgeMs = read->oldest_unknown_age_ms;
            NeedsReview = read->needs_review;
            InFlight = read->in_flight;
            Unacked = read->unacked;
            Retries = read->retries;
            PayAnswers = Columns(read->pay_answers);
            CancelPayAnswers = Columns(read->cancel_pay_answers);
            GetBalanceAnswers = Columns(read->get_balance_answers);
            PresentAnswers = Columns(read->present_answers);
            LatencySumMs = read->latency_sum_ms;
            LatencyCount = read->latency_count;
            LatencyMaxMs = read->latency_max_ms;
            TokenRequests = read->token_requests;
            TokenAgeMs = read->token_age_ms;
            ClockSkewMs = read->clock_skew_ms;
            Sessions = read->sessions;
            JournalCommits = read->journal_commits;
            JournalWrites = read->journal_writes;
            JournalFailed = read->journal_failed;
            JournalWaiting = read->journal_waiting;
            LogDropped = read->log_dropped;
            JournalBytes = read->journal_bytes;
            JournalError = (WxGameStatus)read->journal_error;
            TakenOver = read->taken_over;
            LeasesLost = read->leases_lost;
        }

        /// <summary>Submissions taken by the engine.</summary>
        public ulong Submitted { get; private set; }

        /// <summary>Completions made, requests for input included.</summary>
        public ulong Completed { get; private set; }

        /// <summary>Completions that wait to be polled.</summary>
        public ulong QueueDepth { get; private set; }

        /// <summary>Open payments of which no attempt is unaccounted for.</summary>
        public ulong OpenWaiting { get; private set; }

        /// <summary>Open payments that may have been executed. Watch this one.</summary>
        public ulong OpenUnknown { get; private set; }

        /// <summary>Open payments that have turned to cancel.</summary>
        public ulong OpenCancelling { get; private set; }

        /// <summary>Open payments that are held and wait for an operator.</summary>
        public ulong OpenHeld { get; private set; }

        /// <summary>
        /// Age of the oldest payment that may have been executed, from its first send; 0 without one. Alert on this.
        /// </summary>
        public ulong OldestUnknownAgeMs { get; private set; }

        /// <summary>Payments that need review, as far as this process has met them. Alert on this.</summary>
        public ulong NeedsReview { get; private set; }

        /// <summary>Requests under way, the access_token's excepted.</summary>
        public ulong InFlight { get; private set; }

        /// <summary>Final answers handed out, or waiting to be, and not acknowledged.</summary>
        public ulong Unacked { get; private set; }

        /// <summary>Requests that repeated an earlier one of the same submission.</summary>
        public ulong Retries { get; private set; }

        /// <summary>Answers to pay, by ErrcodeClass; see <see cref="NotSentColumn"/>.</summary>
        public ulong[] PayAnswers { get; private set; }

        /// <summary>Answers to cancelPay, by ErrcodeClass; see <see cref="NotSentColumn"/>.</summary>
        public ulong[] CancelPayAnswers { get; private set; }

        /// <summary>Answers to getBalance, by ErrcodeClass; see <see cref="NotSentColumn"/>.</summary>
        public ulong[] GetBalanceAnswers { get; private set; }

        /// <summary>Answers to present, by ErrcodeClass; see <see cref="NotSentColumn"/>.</summary>
        public ulong[] PresentAnswers { get; private set; }

        /// <summary>From send to answer, all answered requests added up.</summary>
        public ulong LatencySumMs { get; private set; }

        /// <summary>How many answers that sum counts.</summary>
        public ulong LatencyCount { get; private set; }

        /// <summary>The slowest of them.</summary>
        public ulong LatencyMaxMs { get; private set; }

        /// <summary>Requests for an access_token.</summary>
        public ulong TokenRequests { get; private set; }

        /// <summary>Age of the access_token; -1 without one.</summary>
        public long TokenAgeMs { get; private set; }

        /// <summary>
        /// WeChat's clock minus ours, to the second WeChat tells; 0 until an answer came. Payments carry our time:
        /// keep this small.
        /// </summary>
        public long ClockSkewMs { get; private set; }

        /// <summary>Players with a session_key.</summary>
        public ulong Sessions { get; private set; }

        /// <summary>Journal commits.</summary>
        public ulong JournalCommits { get; private set; }

        /// <summary>Journal writes those commits carried.</summary>
        public ulong JournalWrites { get; private set; }

        /// <summary>Journal writes that failed.</summary>
        public ulong JournalFailed { get; private set; }

        /// <summary>Journal writes waiting for a commit.</summary>
        public ulong JournalWaiting { get; private set; }

        /// <summary>Log records dropped because nobody polled them.</summary>
        public ulong LogDropped { get; private set; }

        /// <summary>Bytes of the journal's files, the write-ahead log included; 0 for memory: and postgres:.</summary>
        public ulong JournalBytes { get; private set; }

        /// <summary>
        /// Status of the journal's last failure, Ok without one. The log tells why. Alert on a change of JournalFailed;
        /// this says what it was.
        /// </summary>
        public WxGameStatus JournalError { get; private set; }

        /// <summary>Payments, orders and final answers taken over from servers that are heard no more.</summary>
        public ulong TakenOver { get; private set; }

        /// <summary>
        /// How often this client's lease had ended, so that others were free to take over what it had. Each is a pause
        /// of the process, or a database out of reach, longer than LeaseMs.
        /// </summary>
        public ulong LeasesLost { get; private set; }

        static unsafe ulong[] Columns(ulong* counted)
        {
            ulong[] columns = new ulong[Native.WXG_ANSWERS_SIZE];
            for (int column = 0; column < columns.Length; column++)
                columns[column] = counted[column];
            return columns;
        }
    }
}
