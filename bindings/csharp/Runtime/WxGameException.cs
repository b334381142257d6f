using System;
using System.Threading;

namespace WxGame
{
    /// <summary>A call failed, or was answered with a status of the library in place of an outcome.</summary>
    public class WxGameException : Exception
    {
        internal WxGameException(WxGameStatus status, string field, string message)
            : base(message)
        {
            Status = status;
            Field = field;
        }

        internal WxGameException(Completion completion, string message)
            : base(message)
        {
            Status = completion.Status;
            Field = "";
            Completion = completion;
        }

        /// <summary>What the call came to.</summary>
        public WxGameStatus Status { get; private set; }

        /// <summary>The field or parameter at fault, by its name in C; empty where none is.</summary>
        public string Field { get; private set; }

        /// <summary>WeChat's errcode; 0 where WeChat was not asked or did not answer.</summary>
        public int Errcode
        {
            get { return Completion == null ? 0 : Completion.Errcode; }
        }

        /// <summary>The answer that this exception was made of; null where the call was refused at once.</summary>
        public Completion Completion { get; private set; }

        // Frees `error`, which may be zero: not every call tells more than its status.
        internal static unsafe void Check(int status, IntPtr error)
        {
            if (status == Native.WXG_OK)
                return;
            if (error == IntPtr.Zero)
                throw new WxGameException((WxGameStatus)status, "", Utf8.Read(Native.wxg_status_text(status)));
            try
            {
                wxg_str field, message;
                Native.wxg_error_field(error, &field);
                Native.wxg_error_message(error, &message);
                WxGameStatus told = (WxGameStatus)Native.wxg_error_status(error);
                throw new WxGameException(told, Utf8.Read(field), Utf8.Read(message));
            }
            finally
            {
                Native.wxg_error_free(error);
            }
        }
    }

    /// <summary>
    /// The client was closed before a certain answer came: the payment may have happened. Grant nothing and take
    /// nothing back. The journal keeps it, and the answer is raised on <see cref="WxGameClient.Completed"/> after the
    /// next open. An album throws it only where a handler of Completed did not return: the picture may be saved.
    /// </summary>
    public sealed class OutcomeUnknownException : WxGameException
    {
        internal OutcomeUnknownException(Completion completion)
            : base(completion, Text(completion.BillNo))
        {
            BillNo = completion.BillNo;
        }

        internal OutcomeUnknownException(WxGameStatus status, string billNo)
            : base(status, "", Text(billNo))
        {
            BillNo = billNo;
        }

        /// <summary>The payment; empty for a call that moves no coins.</summary>
        public string BillNo { get; private set; }

        static string Text(string billNo)
        {
            return billNo.Length == 0
                ? "it was closed before the answer came"
                : "the client was closed before the answer to " + billNo + " came: it may have happened";
        }
    }

    /// <summary>
    /// The waiting was cancelled, not the call, which goes on: it may have happened, or happen yet. Its answer is
    /// raised on Completed, such as <see cref="WxGameClient.Completed"/>. To undo a payment, use <see
    /// cref="WxGameClient.CancelPayAsync"/>.
    /// </summary>
    public sealed class WaitCancelledException : OperationCanceledException
    {
        internal WaitCancelledException(string billNo, CancellationToken cancellationToken)
            : base(billNo.Length == 0
                ? "the waiting was cancelled, the call goes on: its answer is raised on Completed"
                : "the waiting was cancelled, the payment " + billNo + " goes on and may have happened: its answer " +
                    "is raised on Completed", cancellationToken)
        {
            BillNo = billNo;
        }

        /// <summary>The payment; empty for a call that moves no coins.</summary>
        public string BillNo { get; private set; }
    }
}
