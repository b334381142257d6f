using System;
using System.IO;
using System.Threading;
using WxGame;
using WxGame.Tests;

// Runs the package's own tests, and what only Unity does: closing before its assembly goes. The last line is
// `unity: ok`.
static class Program
{
    static int Main()
    {
        PluginTests tests = new PluginTests();
        tests.TheNativeLibraryIsThere();
        tests.AClientOpensAndCloses();
        foreach (Action end in new Action[] { UnityEditor.AssemblyReloadEvents.Reload, UnityEngine.Application.Quit })
            foreach (PumpMode mode in new[] { PumpMode.Thread, PumpMode.Tick })
            {
                WxGameClient client = Open(mode);
                WxGameClient disposed = Open(mode);
                disposed.Dispose();
                for (int tries = 0; Engines() != 1; tries++)
                {
                    // A thread gets its name a moment after it begins.
                    if (tries == 1000)
                        throw new Exception("one client should run, not " + Engines());
                    Thread.Sleep(5);
                }
                end();
                if (Engines() != 0)
                    throw new Exception("a client outlives " + end.Method.Name + ", " + mode);
                try
                {
                    client.Stats();
                    throw new Exception("the client is still there");
                }
                catch (ObjectDisposedException)
                {
                }
                end(); // a second time there is nothing left to close
            }
        Console.WriteLine("unity: ok");
        return 0;
    }

    static WxGameClient Open(PumpMode mode)
    {
        WxGameClientOptions options = new WxGameClientOptions
        {
            Appid = "wx1234567",
            OfferId = "12345678",
            AppSecret = "an-app-secret",
            AppKey = "an-app-key",
            Journal = "memory:",
        };
        return WxGameClient.Open(options, null, mode);
    }

    static int Engines()
    {
        int engines = 0;
        foreach (string task in Directory.GetDirectories("/proc/self/task"))
            if (File.ReadAllText(task + "/comm").StartsWith("wxg-engine", StringComparison.Ordinal))
                engines++;
        return engines;
    }
}
