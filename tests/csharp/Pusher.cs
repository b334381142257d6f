using System;
using System.IO;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace WxGame.Tests
{
    // Pushes as WeChat makes them. .NET's own cryptography is not used, which some runtimes lack: WeChat's page on
    // message push gives tokens, keys and signatures, and what else is to be encrypted comes from the sandbox.
    static class Pusher
    {
        internal const string Token = "AAAAA";
        internal const string Goods = "minigame_game_pay_goods_deliver_notify";

        // In plain text the signature covers no body.
        internal const string Query =
            "signature=899cf89e464efb63f54ddac96b0a0a235f53aa78&timestamp=1714037059&nonce=486452656";

        internal const string TryQuery = "signature=f464b24fc39322e44b38aa78f5edd27bd1441696&timestamp=1714036504" +
            "&nonce=1514711492&echostr=4375120948345356249";

        // A message in safe mode: for whom, with which key, and what is in it.
        internal const string SafeAppid = "wxba5fad812f8e6fb9";
        internal static readonly string SafeKey = new string('A', 43);
        internal const string SafeQuery = "signature=6c5c811b55cc85e0e1b54100749188c20beb3f5d&timestamp=1714112445" +
            "&nonce=415670741&encrypt_type=aes&msg_signature=046e02f8204d34f8ba5fa3b1db94908f3df2e9b3";
        internal const string SafeBody = "{\"ToUserName\":\"gh_97417a04a28d\",\"Encrypt\":\"" +
            "+qdx1OKCy+5JPCBFWw70tm0fJGb2Jmeia4FCB7kao+/Q5c/ohsOzQHi8khUOb05JCpj0JB4RvQMkUyus8TPxLKJGQqcvZqzDpVza" +
            "zhZv6JsXUnnR8XGT740XgXZUXQ7vJVnAG+tE8NUd4yFyjPy7GgiaviNrlCTj+l5kdfMuFUPpRSrfMZuMcp3Fn2Pede2IuQrKEYwK" +
            "SqFIZoNqJ4M8EajAsjLY2km32IIjdf8YL/P50F7mStwntrA2cPDrM1kb6mOcfBgRtWygb3VIYnSeOBrebufAlr7F9mFUPAJGj04=\"}";
        internal const string SafeMessage = "{\"ToUserName\":\"gh_97417a04a28d\"," +
            "\"FromUserName\":\"o9AgO5Kd5ggOC-bXrbNODIiE3bGY\",\"CreateTime\":1714112445,\"MsgType\":\"event\"," +
            "\"Event\":\"debug_demo\",\"debug_str\":\"hello world\"}";

        // An event of payment, whose Payload is signed with the AppKey.
        internal static string Event(string name, string payload, string appKey = Sandbox.AppKey, string more = "")
        {
            string text = payload.Replace("\\", "\\\\").Replace("\"", "\\\"");
            return "{\"MsgType\":\"event\",\"Event\":\"" + name + "\",\"MiniGame\":{\"Payload\":\"" + text +
                "\",\"PayEventSig\":\"" + GameV2.Sign(name, payload, appKey) + "\"" + more + "}}";
        }

        internal static string GoodsPayload(ItemOrderOptions order, long quantity, int env = 0)
        {
            return "{\"OpenId\":\"" + order.Openid + "\",\"Env\":" + env + ",\"OutTradeNo\":\"" + order.OutTradeNo +
                "\",\"GoodsInfo\":{\"ProductId\":\"" + order.ProductId + "\",\"Quantity\":" + quantity +
                ",\"ZoneId\":\"1\",\"OrigPrice\":1200,\"ActualPrice\":1000,\"Attach\":\"第1把\",\"OrderSource\":1}," +
                "\"WeChatPayInfo\":{\"MchOrderNo\":\"mch-1\",\"TransactionId\":\"wx-1\"}}";
        }

        internal static PushResult Plain(WxGameClient client, string message, string query = Query)
        {
            return client.ReceivePush(query, Encoding.UTF8.GetBytes(message), -1);
        }

        // Has the sandbox push in safe mode, over HTTP, and hands to the client what came.
        internal static PushResult BySandbox(WxGameClient client, string push)
        {
            TcpListener listener = new TcpListener(IPAddress.Loopback, 0);
            listener.Start();
            try
            {
                Sandbox.Ask("POST", "push/config", "{\"url\":\"http://" + listener.LocalEndpoint +
                    "/push\",\"token\":\"" + Token + "\",\"aes_key\":\"" + SafeKey + "\"}");
                Sandbox.Ask("POST", "push", push);
                using (TcpClient connection = Check.Get(listener.AcceptTcpClientAsync()))
                using (NetworkStream stream = connection.GetStream())
                    return Serve(client, stream);
            }
            finally
            {
                listener.Stop();
                Sandbox.Ask("POST", "push/config", "{\"url\":\"\"}");
            }
        }

        static PushResult Serve(WxGameClient client, Stream stream)
        {
            string target = Line(stream).Split(' ')[1];
            int length = 0;
            for (string line = Line(stream); line.Length > 0; line = Line(stream))
                if (line.StartsWith("content-length:", StringComparison.OrdinalIgnoreCase))
                    length = int.Parse(line.Substring(15));
            byte[] body = new byte[length];
            for (int read = 0; read < length;)
            {
                int some = stream.Read(body, read, length - read);
                Check.That(some > 0, "the push ends early");
                read += some;
            }
            PushResult told = client.ReceivePush(target.Substring(target.IndexOf('?')), body, -1);
            byte[] answer = Encoding.UTF8.GetBytes("HTTP/1.1 " + told.AnswerStatus + " told\r\nContent-Type: " +
                told.AnswerContentType + "\r\nContent-Length: " + Encoding.UTF8.GetByteCount(told.Answer) +
                "\r\nConnection: close\r\n\r\n" + told.Answer);
            stream.Write(answer, 0, answer.Length);
            return told;
        }

        static string Line(Stream stream)
        {
            StringBuilder line = new StringBuilder();
            for (int next = stream.ReadByte(); next >= 0 && next != '\n'; next = stream.ReadByte())
                line.Append((char)next);
            return line.ToString().TrimEnd('\r');
        }
    }
}
