using System;
using System.Threading.Tasks;
using WxGame;

// Thirty coins for order-1. Against production leave BaseUrl and CaFile out.
//
//   Quickstart https://localhost:8331 ca.pem code:oPlayer:1 order-1
static class Quickstart
{
    static void Main(string[] arguments)
    {
        Buy(arguments).GetAwaiter().GetResult();
    }

    static async Task Buy(string[] arguments)
    {
        WxGameClientOptions options = new WxGameClientOptions
        {
            Appid = "wx1234567", OfferId = "12345678", AppSecret = "sandbox-app-secret",
            AppKey = "zNLgAGgqsEWJOg1nFVaO5r7fAlIQxr1u", Journal = "sqlite:quickstart.journal",
            BaseUrl = arguments[0], CaFile = arguments[1],
        };
        using (WxGameClient client = WxGameClient.Open(options, (sender, answer) => Settle(sender, answer)))
        {
            LoginResult player = await client.LoginAsync(new LoginOptions { JsCode = arguments[2] });
            PayOptions order = new PayOptions
            {
                BillNo = arguments[3], // stands with the order in your database, from before
                Openid = player.Openid, ZoneId = "1", Amount = 30,
            };
            Settle(client, await client.PayAsync(order));
            client.Close(5000); // lets the acknowledgement be written
        }
    }

    // Also gets, by and by, the answers that no call waits for.
    static void Settle(WxGameClient client, Completion payment)
    {
        if (payment.Outcome == Outcome.Done)
            Console.WriteLine("{0}: paid {1} coins", payment.BillNo, payment.Amount); // grant it here, once
        if (payment.DeliveryId != 0)
            client.Ack(payment.DeliveryId);
    }
}
