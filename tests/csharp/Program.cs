using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.Net.Sockets;
using System.Reflection;
using System.Runtime.InteropServices;
using System.Text;
using System.Threading;
using System.Threading.Tasks;

namespace WxGame.Tests
{
    // Runs every test, one after the other: tests HTTP HTTPS CA_FILE DIRECTORY HEADER. With `album` behind that, those
    // of the album, on a library that holds nothing else. The last line is `tests: ok`.
    static class Program
    {
        static int Main(string[] arguments)
        {
            Sandbox.Http = new Uri(arguments[0]);
            Sandbox.Https = arguments[1];
            Sandbox.CaFile = arguments[2];
            Sandbox.Directory = arguments[3];
            Shape.Header = arguments[4];
            // The same player in two runs against one sandbox would find the other's coins.
            Sandbox.Run = Guid.NewGuid().ToString("N").Substring(0, 8);

            int passed = 0;
            Type[] all =
            {
                typeof(Shape), typeof(Calls), typeof(GameCalls), typeof(Pushes), typeof(Lifetime), typeof(Album),
            };
            if (arguments.Length > 5 && arguments[5] == "album")
                all = new[] { typeof(AlbumAlone), typeof(Album) };
            foreach (Type type in all)
                foreach (MethodInfo test in type.GetMethods(BindingFlags.Static | BindingFlags.Public))
                {
                    Stopwatch watch = Stopwatch.StartNew();
                    try
                    {
                        ((Action)test.CreateDelegate(typeof(Action)))();
                    }
                    catch (Exception failure)
                    {
                        Console.WriteLine("{0}: FAILED\n{1}", test.Name, failure);
                        return 1;
                    }
                    Console.WriteLine("{0,-70} {1,6} ms", test.Name, watch.ElapsedMilliseconds);
                    passed++;
                }
            Console.WriteLine("{0} tests passed", passed);
            Console.WriteLine("tests: ok");
            return 0;
        }
    }

    static class Check
    {
        internal static void That(bool held, string what)
        {
            if (!held)
                throw new Exception(what);
        }

        internal static void Equal<T>(T expected, T got, string what)
        {
            if (!EqualityComparer<T>.Default.Equals(expected, got))
                throw new Exception(what + ": expected " + expected + ", got " + got);
        }

        internal static T Throws<T>(Action call)
            where T : Exception
        {
            try
            {
                call();
            }
            catch (Exception thrown)
            {
                if (thrown.GetType() == typeof(T))
                    return (T)thrown;
                throw;
            }
            throw new Exception("no " + typeof(T).Name + " was thrown");
        }

        // The task's result; no test waits without an end.
        internal static T Get<T>(Task<T> task)
        {
            Ended(task);
            return task.GetAwaiter().GetResult();
        }

        internal static void Ended(Task task)
        {
            That(((IAsyncResult)task).AsyncWaitHandle.WaitOne(30000), "the task did not end in 30 s");
        }

        internal static void Until(Func<bool> held, string what)
        {
            Stopwatch watch = Stopwatch.StartNew();
            while (!held())
            {
                That(watch.ElapsedMilliseconds < 30000, "not in 30 s: " + what);
                Thread.Sleep(5);
            }
        }
    }

    // What was raised on Completed, in order.
    sealed class Raised
    {
        readonly List<Completion> completions = new List<Completion>();
        int threadId;

        internal int ThreadId
        {
            get { return threadId; }
        }

        internal void Handler(WxGameClient client, Completion completion)
        {
            lock (completions)
            {
                completions.Add(completion);
                threadId = Thread.CurrentThread.ManagedThreadId;
            }
        }

        internal Completion Find(Predicate<Completion> which)
        {
            lock (completions)
                return completions.Find(which);
        }

        internal Completion Await(Predicate<Completion> which)
        {
            Check.Until(() => Find(which) != null, "the completion is raised");
            return Find(which);
        }
    }

    // The control API of the sandbox.
    static class Sandbox
    {
        internal const string AppKey = "zNLgAGgqsEWJOg1nFVaO5r7fAlIQxr1u";
        internal static Uri Http;
        internal static string Https, CaFile, Directory, Run;
        static int journals, codes;

        internal static WxGameClientOptions Options(string journal)
        {
            return new WxGameClientOptions
            {
                Appid = "wx1234567",
                OfferId = "12345678",
                AppSecret = "sandbox-app-secret",
                AppKey = AppKey,
                BaseUrl = Https,
                CaFile = CaFile,
                Journal = journal,
                TimeoutMs = 1000,
                DeadlineMs = 10000,
                RedeliverAfterMs = -1,
                LateWindowMs = 1,
            };
        }

        // Of the virtual payment 2.0, and taking pushes.
        internal static WxGameClientOptions OptionsV2(string journal)
        {
            WxGameClientOptions options = Options(journal);
            options.Generation = Generation.V2;
            options.PushToken = Pusher.Token;
            return options;
        }

        internal static string NewJournal()
        {
            return "sqlite:" + Path.Combine(Directory, "journal-" + Interlocked.Increment(ref journals));
        }

        internal static WxGameClient Open(string journal, Raised raised, PumpMode mode = PumpMode.Thread)
        {
            return WxGameClient.Open(Options(journal), raised == null ? (Action<WxGameClient, Completion>)null
                : raised.Handler, mode);
        }

        // A player of this test, logged in and with coins.
        internal static string Player(WxGameClient client, string name, long coins)
        {
            string openid = "o" + name + Run;
            TopUp(openid, coins);
            LoginResult login = Check.Get(client.LoginAsync(new LoginOptions { JsCode = Code(openid) }));
            Check.Equal(Outcome.Done, login.Outcome, "login");
            Check.Equal(openid, login.Openid, "openid of the login");
            return openid;
        }

        internal static string Code(string openid)
        {
            return "code:" + openid + ":" + Interlocked.Increment(ref codes);
        }

        internal static PayOptions PayOf(string openid, long amount)
        {
            return new PayOptions
            {
                BillNo = WxGameLibrary.NewBillNo(),
                Openid = openid,
                ZoneId = "1",
                Amount = amount,
                PayItem = "sword",
            };
        }

        internal static void TopUp(string openid, long coins)
        {
            Ask("POST", "topup", "{\"openid\":\"" + openid + "\",\"amt\":" + coins + "}");
        }

        internal static void TopUpRechargeCentre(string openid, long coins)
        {
            Ask("POST", "topup", "{\"openid\":\"" + openid + "\",\"amt\":" + coins + ",\"coin_type\":1}");
        }

        // Coins that the player buys in the game client; state is unpaid, paid or delivered.
        internal static void Purchase(string openid, string outTradeNo, string state)
        {
            Ask("POST", "purchase", "{\"openid\":\"" + openid + "\",\"out_trade_no\":\"" + outTradeNo +
                "\",\"amt\":60,\"state\":\"" + state + "\"}");
        }

        internal static void Fault(string fault)
        {
            Ask("POST", "faults", fault);
        }

        // The next pay of this player is executed, and never answered.
        internal static void HangPay(string openid)
        {
            Fault("{\"call\":\"pay\",\"openid\":\"" + openid + "\",\"do\":\"yes\",\"reply\":{\"kind\":\"hang\"}}");
        }

        // The next pay of this player is executed at once, and answered later.
        internal static void SlowPay(string openid, int delayMs)
        {
            Fault("{\"call\":\"pay\",\"openid\":\"" + openid +
                "\",\"do\":\"yes\",\"reply\":{\"kind\":\"slow\",\"delay_ms\":" + delayMs + "}}");
        }

        internal static void ExpireSession(string openid)
        {
            Ask("POST", "session/expire", "{\"openid\":\"" + openid + "\"}");
        }

        internal static void SetToken(string accessToken)
        {
            Ask("POST", "token/set", "{\"access_token\":\"" + accessToken + "\",\"expires_in_s\":7200}");
        }

        // How often the order was charged; -1 where no request of it came.
        internal static int Charged(string billNo)
        {
            string rows = Ask("GET", "ledger?bill_no=" + billNo, "");
            int at = rows.IndexOf("\"charged\":", StringComparison.Ordinal);
            return at < 0 ? -1 : int.Parse(rows.Substring(at + 10, rows.IndexOfAny(new[] { ',', '}' }, at) - at - 10));
        }

        internal static string Ask(string method, string path, string body)
        {
            using (TcpClient connection = new TcpClient(Http.Host, Http.Port))
            using (NetworkStream stream = connection.GetStream())
            {
                string request = method + " /sandbox/" + path + " HTTP/1.1\r\nHost: " + Http.Authority +
                    "\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: " +
                    Encoding.UTF8.GetByteCount(body) + "\r\n\r\n" + body;
                byte[] sent = Encoding.UTF8.GetBytes(request);
                stream.Write(sent, 0, sent.Length);
                string answer = new StreamReader(stream, Encoding.UTF8).ReadToEnd();
                Check.That(answer.StartsWith("HTTP/1.1 200", StringComparison.Ordinal), "the sandbox says: " + answer);
                return answer.Substring(answer.IndexOf("\r\n\r\n", StringComparison.Ordinal));
            }
        }
    }

    // What this process has open, by the kernel's account.
    static class Process
    {
        internal static int Descriptors
        {
            get { return Directory.GetFileSystemEntries("/proc/self/fd").Length; }
        }

        internal static int Threads
        {
            get { return Directory.GetDirectories("/proc/self/task").Length; }
        }

        // Clients that run, told by the thread that each has one of.
        internal static int Engines
        {
            get { return Named("wxg-engine"); }
        }

        // The same for albums.
        internal static int Albums
        {
            get { return Named("wxg-album"); }
        }

        static int Named(string name)
        {
            int named = 0;
            foreach (string task in Directory.GetDirectories("/proc/self/task"))
                try
                {
                    if (File.ReadAllText(task + "/comm").StartsWith(name, StringComparison.Ordinal))
                        named++;
                }
                catch (IOException)
                {
                    // It has ended since.
                }
            return named;
        }
    }
}
