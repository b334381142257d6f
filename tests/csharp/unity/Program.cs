using System;
using System.IO;
using System.Threading;
using System.Threading.Tasks;
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
        tests.AnAlbumOpensAndCloses();
        foreach (Action end in new Action[] { UnityEditor.AssemblyReloadEvents.Reload, UnityEngine.Application.Quit })
            foreach (PumpMode mode in new[] { PumpMode.Thread, PumpMode.Tick })
            {
                WxGameClient client = Open(mode);
                WxGameClient disposed = Open(mode);
                disposed.Dispose();
                WxGameAlbum album = OpenAlbum(mode);
                Task<AuthorizeResult> waiting = album.AuthorizeAsync();
                for (int tries = 0; Threads("wxg-engine") != 1 || Threads("wxg-album") != 1; tries++)
                {
                    // A thread gets its name a moment after it begins.
                    if (tries == 1000)
                        throw new Exception("one client and one album should run");
                    Thread.Sleep(5);
                }
                end();
                if (Threads("wxg-engine") + Threads("wxg-album") != 0)
                    throw new Exception("a client or album outlives " + end.Method.Name + ", " + mode);
                if ((waiting.GetAwaiter().GetResult().Flags & CompletionFlags.Shutdown) == 0)
                    throw new Exception("a call that waited does not say that the album was closed");
                foreach (Action use in new Action[] { () => client.Stats(), () => album.GetSetting() })
                    try
                    {
                        use();
                        throw new Exception("the client or album is still there");
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

    static WxGameAlbum OpenAlbum(PumpMode mode)
    {
        string folder = Directory.GetCurrentDirectory();
        AlbumOptions options = new AlbumOptions
        {
            TempPath = folder,
            UserDataPath = folder,
            PicturesPath = folder,
            Folder = "wxgame",
        };
        return WxGameAlbum.Open(options, null, mode);
    }

    static int Threads(string name)
    {
        int threads = 0;
        foreach (string task in Directory.GetDirectories("/proc/self/task"))
            if (File.ReadAllText(task + "/comm").StartsWith(name, StringComparison.Ordinal))
                threads++;
        return threads;
    }
}
