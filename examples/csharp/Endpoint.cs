using System;
using System.Collections.Generic;
using System.Collections.Specialized;
using System.IO;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.RegularExpressions;
using System.Threading;
using System.Web;
using Mono.Unix;
using Mono.Unix.Native;
using WxGame;

// An item bought with money, from the order to the goods: makes the strings that the game client pays with, takes
// WeChat's pushes at /push, and grants each purchase once. TLS and limits are your proxy's. The fifth argument is the
// EncodingAESKey of safe mode.
//
//   Endpoint https://localhost:8331 ca.pem sqlite:endpoint.journal 8340
static class Endpoint
{
    // Stands for your database: one transaction that grants, with the number as its unique key.
    static readonly HashSet<string> Granted = new HashSet<string>();

    static int Main(string[] arguments)
    {
        WxGameClientOptions options = new WxGameClientOptions
        {
            Generation = Generation.V2, Appid = "wx1234567", OfferId = "12345678",
            AppSecret = "sandbox-app-secret", AppKey = "zNLgAGgqsEWJOg1nFVaO5r7fAlIQxr1u",
            PushToken = "endpoint-token", PushAesKey = arguments.Length > 4 ? arguments[4] : "",
            BaseUrl = arguments[0], CaFile = arguments[1], Journal = arguments[2],
            TimeoutMs = 1000, DeadlineMs = 5000, RedeliverAfterMs = 500,
        };
        using (UnixSignal stop = new UnixSignal(Signum.SIGTERM)) // on .NET: AppDomain.ProcessExit
        using (WxGameClient client = WxGameClient.Open(options, OnCompleted))
        using (HttpListener listener = Listen(int.Parse(arguments[3])))
        {
            new Thread(() => Serve(listener, client)) { IsBackground = true }.Start();
            stop.WaitOne();
            listener.Stop();
            client.Close(5000); // lets the acknowledgements be written
        }
        return 0;
    }

    // What no push told, what the journal took too late to answer WeChat, and what was not acknowledged.
    static void OnCompleted(WxGameClient client, Completion told)
    {
        if (told.Kind == CompletionKind.Resolved || told.Kind == CompletionKind.Push)
            Settle(client, told);
    }

    // BillNo is the EventId of a push, and the OutTradeNo of an item order that WeChat was asked about.
    static void Settle(WxGameClient client, Completion told)
    {
        lock (Granted)
            if (told.Outcome == Outcome.Done && !told.IsPreview && Granted.Add(told.BillNo))
                Console.WriteLine("grant " + told.BillNo + Goods(told) +
                    " redelivered=" + ((told.Flags & CompletionFlags.Redelivered) != 0 ? 1 : 0));
        if (told.Outcome == Outcome.NeedsReview)
            Console.Error.WriteLine(told.BillNo + ": a person must look; no grant, no refusal");
        if (told.DeliveryId != 0)
            client.Ack(told.DeliveryId);
    }

    static void Push(HttpListenerContext context, WxGameClient client)
    {
        MemoryStream body = new MemoryStream();
        context.Request.InputStream.CopyTo(body);
        string url = context.Request.RawUrl;
        PushResult push = client.ReceivePush(url.Substring(Math.Max(url.IndexOf('?'), 0)), body.ToArray(), 2000);
        Console.WriteLine("push " + Snake(push.Verdict) + " event=" + (push.PushEvent == 0 ? "" : Snake(push.PushEvent)) +
            " event_id=" + push.EventId + Goods(push) + " refusal=" + (uint)push.Refusal);
        if (push.Verdict == Verdict.Deliver)
            Settle(client, push);
        Answer(context, push.AnswerStatus, push.AnswerContentType, push.Answer);
    }

    static void Login(HttpListenerContext context, WxGameClient client)
    {
        LoginResult login = client.Login(new LoginOptions { JsCode = context.Request.QueryString["js_code"] }, -1);
        if (login.Outcome == Outcome.Done)
            Answer(context, 200, "application/json", "{\"openid\":" + Json(login.Openid) + "}");
        else
            Answer(context, 400, "text/plain", login.Outcome + " " + login.Errmsg);
    }

    static void Order(HttpListenerContext context, WxGameClient client)
    {
        NameValueCollection asked = context.Request.QueryString;
        long quantity, price;
        long.TryParse(asked["quantity"], out quantity);
        long.TryParse(asked["goods_price"], out price);
        ItemOrderResult ordered = client.ItemOrder(new ItemOrderOptions
        {
            OutTradeNo = asked["out_trade_no"], // stands with the order in your database, from before
            Openid = asked["openid"], ZoneId = "1", ProductId = asked["product_id"],
            BuyQuantity = quantity, GoodsPrice = price, Attach = asked["attach"],
        }, -1);
        if (ordered.SignData.Length > 0)
            Answer(context, 200, "application/json", "{\"signData\":" + Json(ordered.SignData) + ",\"paySig\":" +
                Json(ordered.PaySig) + ",\"signature\":" + Json(ordered.Signature) + "}");
        else
            Answer(context, 503, "text/plain", ordered.Outcome + " " + ordered.Errmsg);
    }

    static void Serve(HttpListener listener, WxGameClient client)
    {
        while (true)
        {
            HttpListenerContext context;
            try
            {
                context = listener.GetContext();
            }
            catch (Exception) when (!listener.IsListening)
            {
                return;
            }
            // Each on a thread of its own: a push waits for the journal, a login for WeChat.
            ThreadPool.QueueUserWorkItem(_ => Handle(context, client));
        }
    }

    static void Handle(HttpListenerContext context, WxGameClient client)
    {
        try
        {
            Route(context, client);
        }
        catch (Exception failure)
        {
            // Such as one that has hung up. WeChat pushes again what it got no answer to.
            Console.Error.WriteLine(failure.Message);
            context.Response.Abort();
        }
    }

    static void Route(HttpListenerContext context, WxGameClient client)
    {
        string path = context.Request.Url.AbsolutePath;
        try
        {
            switch (path)
            {
                case "/push": Push(context, client); break;
                case "/login": Login(context, client); break;
                case "/order": Order(context, client); break;
                default: Answer(context, 404, "text/plain", "there is nothing here"); break;
            }
        }
        catch (WxGameException refused)
        {
            bool asked = refused.Status == WxGameStatus.InvalidArgument && path != "/push";
            Answer(context, asked ? 400 : 503, "text/plain", refused.Field + " " + refused.Message);
        }
    }

    static void Answer(HttpListenerContext context, int status, string contentType, string text)
    {
        byte[] body = Encoding.UTF8.GetBytes(text);
        context.Response.StatusCode = status;
        context.Response.ContentType = contentType;
        context.Response.Close(body, false);
    }

    static HttpListener Listen(int port)
    {
        if (port == 0)
        {
            // HttpListener cannot choose one.
            TcpListener free = new TcpListener(IPAddress.Loopback, 0);
            free.Start();
            port = ((IPEndPoint)free.LocalEndpoint).Port;
            free.Stop();
        }
        HttpListener listener = new HttpListener();
        listener.Prefixes.Add("http://127.0.0.1:" + port + "/");
        listener.Start();
        Console.WriteLine("ready http://127.0.0.1:" + port);
        return listener;
    }

    static string Goods(Completion told)
    {
        return " openid=" + told.Openid + " product_id=" + told.PayItem + " quantity=" + told.Amount;
    }

    static string Snake(Enum value)
    {
        return Regex.Replace(value.ToString(), "(?<=[a-z])(?=[A-Z])", "_").ToLowerInvariant();
    }

    static string Json(string text)
    {
        return HttpUtility.JavaScriptStringEncode(text, true);
    }
}
