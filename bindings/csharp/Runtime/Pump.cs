using System;
using System.Collections.Generic;
using System.Threading;
using System.Threading.Tasks;

namespace WxGame
{
    /// <summary>Who takes the answers from the library.</summary>
    public enum PumpMode
    {
        /// <summary>
        /// A background thread of the client or album, for servers: Completed, such as <see
        /// cref="WxGameClient.Completed"/>, is raised on it.
        /// </summary>
        Thread = 0,

        /// <summary>
        /// You, by calling <see cref="WxGameClient.Tick"/>, such as in Unity's Update: Completed is raised in it.
        /// </summary>
        Tick = 1,
    }

    // One submission, and who waits for its answer. Whoever takes it out of the pump ends its task.
    internal sealed class Waiter
    {
        internal readonly ulong Tag;
        readonly string billNo;
        readonly TaskCompletionSource<Completion> answer =
            new TaskCompletionSource<Completion>(TaskCreationOptions.RunContinuationsAsynchronously);

        internal Waiter(ulong tag, string billNo)
        {
            Tag = tag;
            this.billNo = billNo;
        }

        internal Task<Completion> Task
        {
            get { return answer.Task; }
        }

        internal void Answer(Completion completion)
        {
            answer.SetResult(completion);
        }

        internal void Cancel(CancellationToken cancellationToken)
        {
            answer.SetException(new WaitCancelledException(billNo, cancellationToken));
        }

        internal void End(WxGameStatus status)
        {
            answer.SetException(new OutcomeUnknownException(status, billNo));
        }
    }

    internal enum Turned
    {
        Nothing,
        Took,
        Ended,
    }

    // Whom a pump works for: a client or an album.
    internal interface IPumped
    {
        void OnCompleted(Completion completion);

        void OnHandlerFailed(Exception failure);
    }

    // Takes completions, one at a time, and gives each to the task that waits for it, or to Completed. Knows its owner
    // only weakly, so that one that is forgotten can be collected; an owner with a task under way is held by that task.
    internal sealed class Pump
    {
        // How long a forgotten owner lives on.
        const long ThreadTurnMs = 1000;

        // A handler of Completed may be stuck; disposing is not.
        const int JoinMs = 5000;

        readonly SourceHandle handle;
        readonly WeakReference<IPumped> owner;
        readonly Dictionary<ulong, Waiter> waiters = new Dictionary<ulong, Waiter>();
        readonly Thread thread;
        volatile bool abandoned;

        // All under the lock of `waiters`.
        ulong lastTag;
        int turning;
        WxGameStatus ended = WxGameStatus.Ok;

        internal Pump(SourceHandle handle, IPumped owner, PumpMode mode)
        {
            this.handle = handle;
            this.owner = new WeakReference<IPumped>(owner);
            if (mode == PumpMode.Thread)
                thread = new Thread(Run) { IsBackground = true, Name = "wxgame-pump" };
        }

        internal void Start()
        {
            if (thread != null)
                thread.Start(this);
        }

        // Submits under a tag of its own.
        internal Waiter Submit(string billNo, Action<ulong> submit)
        {
            Waiter waiter = Expect(billNo);
            bool submitted = false;
            try
            {
                submit(waiter.Tag);
                submitted = true;
            }
            finally
            {
                if (!submitted)
                    Forget(waiter);
            }
            return waiter;
        }

        internal void StopWaiting(Waiter waiter, CancellationToken cancellationToken)
        {
            if (Forget(waiter))
                waiter.Cancel(cancellationToken);
        }

        // Before it is submitted: the answer may be there before submitting returns.
        Waiter Expect(string billNo)
        {
            lock (waiters)
            {
                if (ended != WxGameStatus.Ok)
                    throw new WxGameException(ended, "", WxGameLibrary.StatusText(ended));
                Waiter waiter = new Waiter(++lastTag, billNo);
                waiters.Add(waiter.Tag, waiter);
                return waiter;
            }
        }

        // False where somebody else has taken it out, and ends its task.
        bool Forget(Waiter waiter)
        {
            lock (waiters)
                return waiters.Remove(waiter.Tag);
        }

        internal Turned Turn(long timeoutMs)
        {
            WxGameStatus status = WxGameStatus.Ok;
            Completion taken = null;
            Waiter waiter = null;
            lock (waiters)
                turning++;
            try
            {
                taken = Take(timeoutMs, out status);
            }
            catch (ObjectDisposedException)
            {
                status = WxGameStatus.Closed;
            }
            catch (Exception failure)
            {
                Report(failure);
            }
            finally
            {
                waiter = Leave(taken, status);
            }
            if (waiter != null)
                waiter.Answer(taken);
            else if (taken != null)
                Raise(taken);
            return taken != null ? Turned.Took : status == WxGameStatus.Ok ? Turned.Nothing : Turned.Ended;
        }

        // Takes what is ready, at most so many.
        internal int Tick(int budget)
        {
            if (thread != null)
                throw new InvalidOperationException("it was opened with PumpMode.Thread");
            int taken = 0;
            while (taken < budget && Turn(0) == Turned.Took)
                taken++;
            return taken;
        }

        // The owner has been collected, so no task of it is under way: the thread ends, and with it the last use of
        // the handle, whose finalizer frees.
        internal void Abandon()
        {
            abandoned = true;
        }

        // After closing: everything that is queued is handed out before this returns, unless it is called by a handler
        // on the thread, which then goes on by itself, or a handler is stuck.
        internal void Drain()
        {
            if (thread == null)
                while (Turn(ThreadTurnMs) != Turned.Ended)
                {
                }
            else if (thread != Thread.CurrentThread)
                thread.Join(JoinMs);
        }

        static void Run(object started)
        {
            Pump pump = (Pump)started;
            while (pump.Turn(ThreadTurnMs) != Turned.Ended && !pump.abandoned)
            {
            }
        }

        unsafe Completion Take(long timeoutMs, out WxGameStatus status)
        {
            using (handle.Use())
            {
                IntPtr completion;
                UIntPtr count;
                status = (WxGameStatus)handle.Take(timeoutMs, &completion, &count);
                return count == UIntPtr.Zero ? null : Completion.Take(completion);
            }
        }

        // Finds who waits for what was taken. When the handle has ended, the last to leave ends the tasks that are
        // left: before, an answer may be in another thread's hands.
        Waiter Leave(Completion taken, WxGameStatus status)
        {
            List<Waiter> left = null;
            Waiter waiter = null;
            lock (waiters)
            {
                turning--;
                if (taken != null && taken.AnswersSubmission && waiters.TryGetValue(taken.Tag, out waiter))
                    waiters.Remove(taken.Tag);
                if (status != WxGameStatus.Ok)
                    ended = status;
                if (ended != WxGameStatus.Ok && turning == 0)
                {
                    left = new List<Waiter>(waiters.Values);
                    waiters.Clear();
                }
            }
            if (left != null)
                foreach (Waiter one in left)
                    one.End(ended);
            return waiter;
        }

        void Raise(Completion completion)
        {
            IPumped alive;
            if (!owner.TryGetTarget(out alive))
                return;
            try
            {
                alive.OnCompleted(completion);
            }
            catch (Exception failure)
            {
                Report(failure);
            }
        }

        void Report(Exception failure)
        {
            IPumped alive;
            if (!owner.TryGetTarget(out alive))
                return;
            try
            {
                alive.OnHandlerFailed(failure);
            }
            catch (Exception)
            {
                // There is nobody left to tell.
            }
        }
    }
}
