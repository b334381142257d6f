using System.IO;
using NUnit.Framework;

namespace WxGame.Tests
{
    // That the native library is there and is the one this package was made with. What it does is tested where it is
    // built.
    public sealed class PluginTests
    {
        [Test]
        public void TheNativeLibraryIsThere()
        {
            Assert.That(WxGameLibrary.Version, Is.Not.Empty);
            Assert.That(WxGameLibrary.NewBillNo().Length, Is.EqualTo(26));
        }

        [Test]
        public void AClientOpensAndCloses()
        {
            WxGameClientOptions options = new WxGameClientOptions
            {
                Appid = "wx1234567",
                OfferId = "12345678",
                AppSecret = "an-app-secret",
                AppKey = "an-app-key",
                Journal = "memory:",
            };
            using (WxGameClient client = WxGameClient.Open(options, null, PumpMode.Tick))
                Assert.That(client.Tick(), Is.EqualTo(0));
        }

        [Test]
        public void AnAlbumOpensAndCloses()
        {
            AlbumOptions options = new AlbumOptions
            {
                TempPath = Path.GetTempPath(),
                UserDataPath = Path.GetTempPath(),
                PicturesPath = Path.GetTempPath(),
                Folder = "wxgame",
            };
            using (WxGameAlbum album = WxGameAlbum.Open(options, null, PumpMode.Tick))
                Assert.That(album.Tick(), Is.EqualTo(0));
        }
    }
}
