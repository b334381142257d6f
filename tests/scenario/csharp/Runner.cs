using System;
using System.Collections.Concurrent;
using System.Collections.Generic;
using System.Threading;
using WxGame;

// The scenario's runner in C#: ../README.md says what it answers.
static class Runner
{
    // The delivery_id last seen with each bill_no.
    static readonly Dictionary<string, ulong> Seen = new Dictionary<string, ulong>();

    // What no call waits for.
    static readonly BlockingCollection<Completion> Queue = new BlockingCollection<Completion>();

    static int Main(string[] arguments)
    {
        if (arguments.Length != 3 && arguments.Length != 4)
            return 2;
        WxGameClientOptions options = new WxGameClientOptions
        {
            Generation = arguments.Length > 3 && arguments[3] == "v2" ? Generation.V2 : Generation.V1,
            Appid = "wx1234567",
            OfferId = "12345678",
            AppSecret = "sandbox-app-secret",
            AppKey = "zNLgAGgqsEWJOg1nFVaO5r7fAlIQxr1u",
            BaseUrl = arguments[0],
            CaFile = arguments[1],
            Journal = arguments[2],
            TimeoutMs = 1000,
            DeadlineMs = 10000,
            RedeliverAfterMs = -1,
            LateWindowMs = 1,
        };
        try
        {
            using (WxGameClient client = WxGameClient.Open(options, (_, completion) => Queue.Add(completion)))
            {
                for (string line = Console.ReadLine(); line != null; line = Console.ReadLine())
                {
                    Console.WriteLine(Answer(client, line.Split(' ')));
                    Console.Out.Flush();
                }
                client.Close(5000);
            }
            return 0;
        }
        catch (WxGameException failure)
        {
            Console.Error.WriteLine(failure.Message);
            return 1;
        }
    }

    static string Answer(WxGameClient client, string[] words)
    {
        try
        {
            switch (words[0] + " " + (words.Length - 1))
            {
                case "login 1":
                    LoginResult login =
                        client.LoginAsync(new LoginOptions { JsCode = words[1] }).GetAwaiter().GetResult();
                    return Told(login, words[0], " openid=" + login.Openid + " errcode=" + login.Errcode);
                case "balance 1":
                    GetBalanceResult balance = client.GetBalanceAsync(
                        new GetBalanceOptions { Openid = words[1], ZoneId = "1" }).GetAwaiter().GetResult();
                    return Told(balance, words[0],
                        " balance=" + (balance.Balance ?? 0) + " errcode=" + balance.Errcode);
                case "pay 3":
                case "pay 4":
                    return Payment(words[0], client.PayAsync(PayOf(words)).GetAwaiter().GetResult());
                case "present 3":
                    return Payment(words[0], client.PresentAsync(new PresentOptions
                    {
                        BillNo = words[1],
                        Openid = words[2],
                        ZoneId = "1",
                        Amount = long.Parse(words[3]),
                    }).GetAwaiter().GetResult());
                case "cancel 1":
                    CancelPayResult cancel =
                        client.CancelPayAsync(new CancelPayOptions { BillNo = words[1] }).GetAwaiter().GetResult();
                    return Told(cancel, words[0], " bill_no=" + cancel.BillNo + " errcode=" + cancel.Errcode);
                case "abandon 3":
                    using (CancellationTokenSource source = new CancellationTokenSource())
                    {
                        client.PayAsync(PayOf(words), source.Token);
                        source.Cancel();
                    }
                    return "abandon ok";
                case "next 0":
                    return Next(words[0], 10000, "nothing");
                case "none 0":
                    return Next(words[0], 0, "none");
                case "ack 1":
                    ulong delivery;
                    Seen.TryGetValue(words[1], out delivery);
                    client.Ack(delivery);
                    return "ack ok";
                default:
                    return "there is no such command: " + words[0];
            }
        }
        catch (WxGameException refused)
        {
            return words[0] + " error " + WxGameLibrary.StatusText(refused.Status) + " field=" + refused.Field;
        }
    }

    static PayOptions PayOf(string[] words)
    {
        return new PayOptions
        {
            BillNo = words[1],
            Openid = words[2],
            ZoneId = "1",
            Amount = long.Parse(words[3]),
            PayItem = "sword",
            DeadlineMs = words.Length > 4 ? long.Parse(words[4]) : 0,
        };
    }

    static string Payment(string command, Completion told)
    {
        return Told(told, command, " bill_no=" + told.BillNo + " amount=" + told.Amount + " balance=" +
            (told.Balance ?? 0) + " errcode=" + told.Errcode + Redelivered(told));
    }

    static string Next(string command, int timeoutMs, string otherwise)
    {
        Completion told;
        if (!Queue.TryTake(out told, timeoutMs))
            return otherwise;
        if (told.Kind == CompletionKind.SessionNeeded)
            return "session_needed openid=" + told.Openid;
        return Told(told, told.Kind == CompletionKind.Resolved ? "resolved" : "pay",
            " bill_no=" + told.BillNo + " amount=" + told.Amount + Redelivered(told), command);
    }

    static string Told(Completion told, string said, string fields, string command = null)
    {
        if (told.Status != WxGameStatus.Ok)
            return (command ?? said) + " error " + WxGameLibrary.StatusText(told.Status) + " field=";
        if (told.DeliveryId != 0)
            Seen[told.BillNo] = told.DeliveryId;
        return said + " " + OutcomeText(told.Outcome) + fields;
    }

    static string Redelivered(Completion told)
    {
        return " redelivered=" + ((told.Flags & CompletionFlags.Redelivered) != 0 ? 1 : 0);
    }

    static string OutcomeText(Outcome outcome)
    {
        switch (outcome)
        {
            case Outcome.NotSent: return "not_sent";
            case Outcome.NeedsReview: return "needs_review";
            default: return outcome.ToString().ToLowerInvariant();
        }
    }
}
