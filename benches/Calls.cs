using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Threading.Tasks;
using WxGame;

// What calls.c measures, from C#: a submission with the task that will end with its answer, and a Tick that finds
// nothing.
static class Calls
{
    const int Submits = 20000, Polls = 1000000;

    static void Main(string[] arguments)
    {
        WxGameClientOptions options = new WxGameClientOptions
        {
            Appid = "wx1234567",
            OfferId = "12345678",
            AppSecret = "an-app-secret",
            AppKey = "an-app-key",
            Journal = "memory:",
            BaseUrl = "http://127.0.0.1:9",
        };
        GetBalanceOptions ask = new GetBalanceOptions
        {
            Openid = "odkx20ENSNa2w5y3g_qOkOvBNM1g",
            ZoneId = "1",
            UserIp = "113.108.77.69",
            DeadlineMs = 60000,
        };
        List<Task> asked = new List<Task>(Submits);
        double submitNs = 0, pollNs = 0;
        for (int round = 0; round < 2; round++) // the first one warms up
            using (WxGameClient client = WxGameClient.Open(options, null, PumpMode.Tick))
            {
                Stopwatch watch = Stopwatch.StartNew();
                for (int i = 0; i < Polls; i++)
                    client.Tick();
                pollNs = watch.Elapsed.TotalMilliseconds * 1e6 / Polls;
                watch.Restart();
                for (int i = 0; i < Submits; i++)
                    asked.Add(client.GetBalanceAsync(ask));
                submitNs = watch.Elapsed.TotalMilliseconds * 1e6 / Submits;
            }
        Console.WriteLine("{0,-14} {1,8:0} ns per submit {2,8:0} ns per empty poll", arguments[0], submitNs, pollNs);
    }
}
