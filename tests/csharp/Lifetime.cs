using System;
using System.Collections.Generic;
using System.Runtime.CompilerServices;
using System.Threading;
using System.Threading.Tasks;

namespace WxGame.Tests
{
    // How clients and pumps begin and end.
    static class Lifetime
    {
        // Also tells that what nobody acknowledged comes again after the next open, on Completed.
        public static void disposing_with_payments_in_flight_leaves_no_task_and_loses_no_payment()
        {
            string journal = Sandbox.NewJournal();
            PayOptions pay;
            using (WxGameClient client = Sandbox.Open(journal, null))
            {
                string openid = Sandbox.Player(client, "Dispose", 100);
                Sandbox.HangPay(openid);
                pay = Sandbox.PayOf(openid, 30);
                Task<PayResult> paying = client.PayAsync(pay);
                Check.Until(() => Sandbox.Charged(pay.BillNo) == 1, "the payment is charged");
                client.Dispose();
                OutcomeUnknownException unknown = Check.Throws<OutcomeUnknownException>(() => Check.Get(paying));
                Check.Equal(pay.BillNo, unknown.BillNo, "bill_no");
                Check.Equal(WxGameStatus.Closed, unknown.Status, "status");

                client.Dispose();
                Check.Throws<ObjectDisposedException>(() => client.Ack(1));
                Check.Equal(WxGameStatus.Closed,
                    Check.Throws<WxGameException>(() => Check.Get(client.PayAsync(pay))).Status, "a late call");
            }

            Raised raised = new Raised();
            ulong delivery;
            using (Sandbox.Open(journal, raised))
            {
                Completion told = raised.Await(one => one.BillNo == pay.BillNo);
                Check.Equal(CompletionKind.Resolved, told.Kind, "kind");
                Check.Equal(CompletionKind.Pay, told.PaymentKind, "kind of payment");
                Check.Equal(Outcome.Done, told.Outcome, "outcome");
                delivery = told.DeliveryId;
            }
            raised = new Raised();
            using (WxGameClient client = Sandbox.Open(journal, raised))
            {
                Completion told = raised.Await(one => one.BillNo == pay.BillNo);
                Check.That((told.Flags & CompletionFlags.Redelivered) != 0, "delivered again, and it says so");
                Check.Equal(delivery, told.DeliveryId, "delivery_id");
                client.Ack(told.DeliveryId);
            }
            raised = new Raised();
            using (WxGameClient client = Sandbox.Open(journal, raised))
            {
                string openid = Sandbox.Player(client, "Dispose", 1);
                Check.Equal(null, raised.Find(one => one.BillNo == pay.BillNo), "what was acknowledged");
                Check.Equal(71, Check.Get(client.GetBalanceAsync(
                    new GetBalanceOptions { Openid = openid, ZoneId = "1" })).Balance, "balance: taken once");
            }
        }

        // The final answer of a payment bears the tag that the process which began it gave, and a later process gives
        // the same one to a call of its own.
        public static void an_answer_from_before_the_restart_is_not_taken_for_another_calls()
        {
            string journal = Sandbox.NewJournal();
            PayOptions before, after;
            using (WxGameClient client = Sandbox.Open(journal, null))
            {
                string openid = Sandbox.Player(client, "Tags", 100);
                before = Sandbox.PayOf(openid, 30);
                Sandbox.HangPay(openid);
                client.PayAsync(before);
                Check.Until(() => Sandbox.Charged(before.BillNo) == 1, "the payment is charged");
            }
            Raised raised = new Raised();
            WxGameClientOptions held = Sandbox.Options(journal);
            held.Recovery = Recovery.Hold;
            using (WxGameClient client = WxGameClient.Open(held, raised.Handler))
            {
                string openid = Sandbox.Player(client, "Tags", 1);
                after = Sandbox.PayOf(openid, 1);
                Sandbox.HangPay(openid);
                Task<PayResult> paying = client.PayAsync(after);
                Check.Until(() => Sandbox.Charged(after.BillNo) == 1, "the second payment is charged");
                Check.Equal(WxGameStatus.Ok, client.Settle(before.BillNo, Outcome.Done, -1).Status, "settle");
                Completion told = raised.Await(one => one.BillNo == before.BillNo);
                Check.Equal(CompletionKind.Resolved, told.Kind, "kind");
                Check.Equal(2ul, told.Tag, "tag, the same as of the call under way");
                Check.That(!paying.IsCompleted, "the second payment is not answered by that");
                Check.Equal(after.BillNo, Check.Get(paying).BillNo, "its own answer");
            }
        }

        public static void cancelling_while_the_answer_comes_loses_none_and_doubles_none()
        {
            const int Calls = 300;
            int answered = 0, stopped = 0, raised = 0;
            using (WxGameClient client = WxGameClient.Open(Sandbox.Options("memory:"),
                (_, completion) => Interlocked.Increment(ref raised)))
            {
                GetBalanceOptions ask =
                    new GetBalanceOptions { Openid = Sandbox.Player(client, "Race", 10), ZoneId = "1" };
                for (int one = 0; one < Calls; one++)
                    using (CancellationTokenSource source = new CancellationTokenSource())
                    {
                        Task<GetBalanceResult> asking = client.GetBalanceAsync(ask, source.Token);
                        // From at once to well after the answer.
                        for (int turn = 0; (turn < one * 50 || one == Calls - 1) && !asking.IsCompleted; turn++)
                            Thread.SpinWait(100);
                        source.Cancel();
                        try
                        {
                            Check.Equal(10, Check.Get(asking).Balance, "balance");
                            answered++;
                        }
                        catch (WaitCancelledException)
                        {
                            stopped++;
                        }
                    }
                Check.Until(() => Volatile.Read(ref raised) == stopped, "every answer without a task is raised");
            }
            Check.Equal(Calls, answered + raised, "answers");
            Check.That(answered > 0 && stopped > 0, answered + " answered, " + stopped + " stopped: that is no race");
        }

        public static void closing_lets_what_is_under_way_finish()
        {
            using (WxGameClient client = Sandbox.Open(Sandbox.NewJournal(), null))
            {
                string openid = Sandbox.Player(client, "Close", 100);
                Sandbox.SlowPay(openid, 300);
                PayOptions pay = Sandbox.PayOf(openid, 30);
                Task<PayResult> paying = client.PayAsync(pay);
                Check.Until(() => Sandbox.Charged(pay.BillNo) == 1, "the payment is charged");
                client.Close(5000);
                Check.Equal(Outcome.Done, Check.Get(paying).Outcome, "outcome");
                Check.Equal(WxGameStatus.Closed, Check.Throws<WxGameException>(
                    () => Check.Get(client.PayAsync(Sandbox.PayOf(openid, 1)))).Status, "a call after closing");
            }
        }

        public static void many_payments_are_in_flight_without_a_thread_each()
        {
            const int Many = 1000;
            WxGameClientOptions options = Sandbox.Options(Sandbox.NewJournal());
            options.InFlightLimit = 8;
            options.DeadlineMs = 60000;
            Raised raised = new Raised();
            using (WxGameClient client = WxGameClient.Open(options, raised.Handler))
            {
                string openid = Sandbox.Player(client, "Many", Many);
                // All wait for a session, and so for each other.
                Sandbox.ExpireSession(openid);
                int threads = Process.Threads;
                List<Task<PayResult>> paying = new List<Task<PayResult>>();
                for (int one = 0; one < Many; one++)
                    paying.Add(client.PayAsync(Sandbox.PayOf(openid, 1)));
                raised.Await(one => one.Kind == CompletionKind.SessionNeeded);
                foreach (Task<PayResult> task in paying)
                    Check.That(!task.IsCompleted, "all are in flight at once");
                int more = Process.Threads - threads;
                Check.That(more < 32, Many + " payments took " + more + " threads");
                client.LoginAsync(new LoginOptions { JsCode = Sandbox.Code(openid) });
                HashSet<string> numbers = new HashSet<string>();
                foreach (Task<PayResult> task in paying)
                {
                    PayResult paid = Check.Get(task);
                    Check.Equal(Outcome.Done, paid.Outcome, "outcome");
                    Check.That(numbers.Add(paid.BillNo), "each task got its own answer");
                    client.Ack(paid.DeliveryId);
                }
                Check.Equal(0, Check.Get(client.GetBalanceAsync(
                    new GetBalanceOptions { Openid = openid, ZoneId = "1" })).Balance, "balance");
            }
        }

        public static void many_threads_share_a_client()
        {
            using (WxGameClient client = Sandbox.Open(Sandbox.NewJournal(), null))
            {
                string openid = Sandbox.Player(client, "Threads", 80);
                int done = 0;
                List<Thread> threads = new List<Thread>();
                for (int one = 0; one < 8; one++)
                {
                    Thread thread = new Thread(() =>
                    {
                        for (int pay = 0; pay < 10; pay++)
                            if (Check.Get(client.PayAsync(Sandbox.PayOf(openid, 1))).Outcome == Outcome.Done)
                                Interlocked.Increment(ref done);
                    });
                    threads.Add(thread);
                    thread.Start();
                }
                foreach (Thread thread in threads)
                    thread.Join();
                Check.Equal(80, done, "payments that are done");
            }
        }

        public static void ticking_hands_out_answers_on_its_own_thread_and_only_then()
        {
            Raised raised = new Raised();
            Exception failed = null;
            WxGameClient client = Sandbox.Open(Sandbox.NewJournal(), raised, PumpMode.Tick);
            client.HandlerFailed += (_, failure) => failed = failure;
            string openid = "oTick" + Sandbox.Run;
            Sandbox.TopUp(openid, 100);
            Task<LoginResult> login = client.LoginAsync(new LoginOptions { JsCode = Sandbox.Code(openid) });
            Check.Until(() => client.Stats().QueueDepth == 1, "the answer is there");
            Check.That(!login.IsCompleted, "nothing is handed out before Tick");
            Check.Equal(1, client.Tick(), "answers taken");
            Check.Equal(openid, Check.Get(login).Openid, "openid");
            Check.Equal(0, client.Tick(), "answers taken when there are none");

            Sandbox.ExpireSession(openid);
            Task<PayResult> paying = client.PayAsync(Sandbox.PayOf(openid, 1));
            Task<GetBalanceResult> asking =
                client.GetBalanceAsync(new GetBalanceOptions { Openid = openid, ZoneId = "1", DeadlineMs = 400 });
            client.Completed += (_, completion) => throw new InvalidOperationException("a handler failed");
            Predicate<Completion> needed = one => one.Kind == CompletionKind.SessionNeeded;
            Check.Until(() => client.Tick(1) == 1 && raised.Find(needed) != null, "a session is asked for");
            Check.Equal(Thread.CurrentThread.ManagedThreadId, raised.ThreadId, "thread of Completed");
            Check.That(failed is InvalidOperationException, "a handler's exception goes to HandlerFailed");
            Check.Until(() => client.Tick() == 0 && asking.IsCompleted, "the balance is given up");
            client.Dispose();
            Check.Throws<OutcomeUnknownException>(() => Check.Get(paying));
            Check.Equal(0, client.Tick(), "a disposed client has nothing");

            using (WxGameClient threaded = Sandbox.Open("memory:", null))
                Check.Throws<InvalidOperationException>(() => threaded.Tick());
        }

        public static void a_handler_that_throws_stops_nothing_and_may_dispose()
        {
            string journal = Sandbox.NewJournal();
            string[] numbers = new string[2];
            using (WxGameClient client = Sandbox.Open(journal, null))
            {
                string openid = Sandbox.Player(client, "Handler", 100);
                for (int one = 0; one < numbers.Length; one++)
                {
                    PayOptions pay = Sandbox.PayOf(openid, 1);
                    numbers[one] = pay.BillNo;
                    Check.Equal(Outcome.Done, Check.Get(client.PayAsync(pay)).Outcome, "pay");
                }
            }
            List<string> seen = new List<string>();
            WxGameClient second = WxGameClient.Open(Sandbox.Options(journal), (client, completion) =>
            {
                lock (seen)
                    seen.Add(completion.BillNo);
                throw new InvalidOperationException("a handler failed");
            });
            Check.Until(() => { lock (seen) return seen.Count == 2; }, "both are raised");
            second.Dispose();
            Check.That(seen.Contains(numbers[0]) && seen.Contains(numbers[1]), "bill_no");

            ManualResetEvent disposed = new ManualResetEvent(false);
            WxGameClient third = WxGameClient.Open(Sandbox.Options(journal), (client, completion) =>
            {
                client.Dispose();
                disposed.Set();
            });
            Check.That(disposed.WaitOne(30000), "a handler disposed of its client");
            Check.Until(() => Process.Engines == 0, "the client is freed");
            GC.KeepAlive(third);
        }

        public static void opening_and_closing_leaves_no_thread_and_no_descriptor()
        {
            string journal = Sandbox.NewJournal();
            Action cycle = () =>
            {
                using (WxGameClient client = Sandbox.Open(journal, null))
                {
                    client.GetWakeFd();
                    Task<LoginResult> login = client.LoginAsync(new LoginOptions { JsCode = "wrong" });
                    Check.Equal(40029, Check.Get(login).Errcode, "login");
                }
            };
            for (int warm = 0; warm < 3; warm++)
                cycle();
            int descriptors = Process.Descriptors;
            long memory = GC.GetTotalMemory(true);
            for (int more = 0; more < 30; more++)
                cycle();
            Check.Until(() => Process.Engines == 0, "no client runs");
            // The runtime opens a few of its own, by and by; 30 leaks would be 30.
            int now = Process.Descriptors;
            Check.That(now < descriptors + 10, descriptors + " descriptors became " + now);
            Check.That(GC.GetTotalMemory(true) < memory + 500000, "memory grew from " + memory);
        }

        public static void a_forgotten_client_is_freed_and_one_that_is_awaited_is_not()
        {
            const int Some = 8;
            foreach (PumpMode mode in new[] { PumpMode.Thread, PumpMode.Tick })
            {
                int before = Process.Engines;
                Elsewhere(() =>
                {
                    List<WxGameClient> clients = new List<WxGameClient>();
                    for (int one = 0; one < Some; one++)
                        clients.Add(Sandbox.Open("memory:", null, mode));
                    Check.Until(() => Process.Engines >= Some, "the clients run");
                    GC.KeepAlive(clients);
                });
                // Mono takes whatever on a stack looks like a pointer for one, so a few may stay for a while.
                Check.Until(() =>
                {
                    Collect();
                    return Process.Engines <= before + 2;
                }, "forgotten clients are freed, " + mode);
            }

            Elsewhere(() =>
            {
                Task<PayResult> paying = PayAndForget();
                while (!paying.IsCompleted)
                    Collect();
                Check.Equal(Outcome.Done, Check.Get(paying).Outcome, "outcome of a payment whose client was forgotten");
            });
        }

        [MethodImpl(MethodImplOptions.NoInlining)]
        static Task<PayResult> PayAndForget()
        {
            WxGameClient client = Sandbox.Open(Sandbox.NewJournal(), null);
            string openid = Sandbox.Player(client, "Forgotten", 10);
            Sandbox.SlowPay(openid, 900);
            return client.PayAsync(Sandbox.PayOf(openid, 1));
        }

        // On another thread, so that no pointer to what it made stays on this one's stack.
        internal static void Elsewhere(Action make)
        {
            Exception failed = null;
            Thread thread = new Thread(() =>
            {
                try
                {
                    make();
                }
                catch (Exception failure)
                {
                    failed = failure;
                }
            });
            thread.Start();
            thread.Join();
            if (failed != null)
                throw failed;
        }

        [MethodImpl(MethodImplOptions.NoInlining)]
        internal static void Collect()
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
            Thread.Sleep(20);
        }
    }
}
