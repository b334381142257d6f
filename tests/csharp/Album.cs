using System;
using System.Collections.Generic;
using System.IO;
using System.Runtime.InteropServices;
using System.Text;
using System.Threading;
using System.Threading.Tasks;

namespace WxGame.Tests
{
    // wx.saveImageToPhotosAlbum for a game outside WeChat. What a picture is and where it goes is tested beside the
    // library; here, that all of it is reached from C#.
    static class Album
    {
        public static void a_picture_is_saved_once_the_user_has_agreed_and_the_user_is_asked_once()
        {
            Place place = new Place();
            Asked asked = new Asked();
            string name = "截图 一.png";
            using (WxGameAlbum album = place.Open(asked))
            {
                Check.Equal(Consent.NotAsked, album.GetSetting(), "setting before");
                Task<SaveImageResult> first = album.SaveImageAsync(place.Picture(name));
                Task<SaveImageResult> second = album.SaveImageAsync(Path.Combine(place.Temp, name));
                Check.Equal(CompletionKind.ConsentNeeded, asked.Next().Kind, "kind of the question");
                Check.That(!first.IsCompleted && !second.IsCompleted, "both wait for the answer");
                album.AnswerConsent(Consent.Granted);

                SaveImageResult saved = Check.Get(first);
                Check.Equal(CompletionKind.SaveImage, saved.Kind, "kind");
                Check.Equal("saveImageToPhotosAlbum:ok", saved.Errmsg, "errmsg");
                Check.Equal(AlbumClass.Ok, saved.AlbumClass, "class");
                Check.Equal(Consent.Granted, saved.Consent, "consent");
                Check.Equal(WxGameStatus.Ok, saved.Status, "status");
                Check.Equal(CompletionFlags.None, saved.Flags, "flags");
                Check.Equal("", saved.Detail, "detail");
                Check.Equal(Path.Combine(place.Album, name), saved.SavedFilePath, "path");
                Check.That(Place.IsThePicture(saved.SavedFilePath), "the picture, byte for byte");
                Check.Equal(Path.Combine(place.Album, "截图 一 (2).png"), Check.Get(second).SavedFilePath, "a free name");
                Check.Equal(Consent.Granted, album.GetSetting(), "setting after");
            }
            using (WxGameAlbum album = place.Open(asked))
                Check.Equal(AlbumClass.Ok, Check.Get(album.SaveImageAsync(place.Picture("later.png"))).AlbumClass,
                    "the answer outlives the album");
            Check.Equal(0, asked.Left, "questions after the first");
            Check.Equal(3, Directory.GetFileSystemEntries(place.Album).Length, "pictures");
        }

        public static void a_refusal_is_remembered_until_the_settings_change_it()
        {
            Place place = new Place();
            Asked asked = new Asked();
            using (WxGameAlbum album = place.Open(asked))
            {
                string picture = place.Picture("a.png");
                Task<SaveImageResult> saving = album.SaveImageAsync(picture);
                asked.Next();
                album.AnswerConsent(Consent.Denied);
                SaveImageResult refused = Check.Get(saving);
                Check.Equal("saveImageToPhotosAlbum:fail auth deny", refused.Errmsg, "errmsg");
                Check.Equal(AlbumClass.Denied, refused.AlbumClass, "class");
                Check.Equal(Consent.Denied, refused.Consent, "consent");
                Check.Equal("", refused.SavedFilePath, "path");
                Check.Equal(AlbumClass.Denied, Check.Get(album.SaveImageAsync(picture)).AlbumClass, "the next one");
                Check.Equal("authorize:fail auth deny", Check.Get(album.AuthorizeAsync()).Errmsg, "authorize");
                Check.Equal(Consent.Denied, album.GetSetting(), "setting");
                Check.That(!Directory.Exists(place.Pictures), "nothing was saved");

                Task<OpenSettingResult> left = album.OpenSettingAsync();
                Check.Equal(CompletionKind.SettingNeeded, asked.Next().Kind, "kind of the question");
                album.AnswerSetting(Consent.Cancelled);
                Check.Equal(Consent.Denied, Check.Get(left).Consent, "settings left as they were");

                Task<OpenSettingResult> opened = album.OpenSettingAsync();
                asked.Next();
                album.AnswerSetting(Consent.Granted);
                OpenSettingResult changed = Check.Get(opened);
                Check.Equal(CompletionKind.OpenSetting, changed.Kind, "kind");
                Check.Equal("openSetting:ok", changed.Errmsg, "errmsg of the settings");
                Check.Equal(Consent.Granted, changed.Consent, "consent of the settings");
                Check.Equal(AlbumClass.Ok, Check.Get(album.SaveImageAsync(picture)).AlbumClass, "then it is saved");
            }
            Check.Equal(0, asked.Left, "other questions");
        }

        public static void a_dialog_that_is_closed_is_no_answer_and_the_next_call_asks_again()
        {
            Asked asked = new Asked();
            using (WxGameAlbum album = new Place().Open(asked))
            {
                OpenSettingResult nothing = Check.Get(album.OpenSettingAsync());
                Check.Equal(Consent.NotAsked, nothing.Consent, "the settings show only what has been asked");

                Task<AuthorizeResult> first = album.AuthorizeAsync();
                asked.Next();
                album.AnswerConsent(Consent.Cancelled);
                AuthorizeResult cancelled = Check.Get(first);
                Check.Equal(CompletionKind.Authorize, cancelled.Kind, "kind");
                Check.Equal("authorize:fail cancel", cancelled.Errmsg, "errmsg");
                Check.Equal(AlbumClass.Cancelled, cancelled.AlbumClass, "class");
                Check.Equal(CompletionFlags.None, cancelled.Flags, "flags: the album is open");
                Check.Equal(Consent.NotAsked, album.GetSetting(), "setting");

                Task<AuthorizeResult> second = album.AuthorizeAsync();
                Check.Equal(CompletionKind.ConsentNeeded, asked.Next().Kind, "asked again");
                album.AnswerConsent(Consent.Granted);
                Check.Equal("authorize:ok", Check.Get(second).Errmsg, "errmsg");
            }
        }

        public static void a_file_that_cannot_be_saved_is_an_answer_in_wechats_words()
        {
            Place place = new Place();
            AlbumOptions options = place.Options();
            options.MaxBytes = Place.Png.Length;
            place.Grant();
            File.WriteAllText(Path.Combine(place.UserData, "text.png"), "no picture");
            byte[] large = new byte[Place.Png.Length + 1];
            Place.Png.CopyTo(large, 0);
            File.WriteAllBytes(Path.Combine(place.UserData, "large.png"), large);
            Dictionary<string, string> expected = new Dictionary<string, string>
            {
                { place.Picture("just.png"), "ok" },
                { "", "fail url invalid" },
                { "https://example.com/a.png", "fail url invalid" },
                { place.UserData + "/../a.png", "fail url invalid" },
                { "http://usr/没有.png", "fail file not found" },
                { "wxfile://usr/text.png", "fail invalid file type" },
                { "wxfile://usr/large.png", "fail file too large" },
            };
            using (WxGameAlbum album = WxGameAlbum.Open(options, null))
                foreach (KeyValuePair<string, string> one in expected)
                {
                    SaveImageResult told = Check.Get(album.SaveImageAsync(one.Key));
                    Check.Equal("saveImageToPhotosAlbum:" + one.Value, told.Errmsg, "errmsg of " + one.Key);
                    bool saved = one.Value == "ok";
                    Check.Equal(saved ? AlbumClass.Ok : AlbumClass.BadFile, told.AlbumClass, "class of " + one.Key);
                    Check.Equal(told.AlbumClass, WxGameAlbum.ErrMsgClass(told.Errmsg), "class of the errmsg");
                    Check.Equal(saved, told.Detail == "", "detail of " + one.Key + ", " + told.Detail);
                    Check.Equal(saved, told.SavedFilePath != "", "path of " + one.Key);
                }
        }

        public static void what_wechat_says_is_classed_too()
        {
            Check.Equal(AlbumClass.Denied,
                WxGameAlbum.ErrMsgClass("saveImageToPhotosAlbum:fail auth denied"), "Android");
            Check.Equal(AlbumClass.Privacy,
                WxGameAlbum.ErrMsgClass("saveImageToPhotosAlbum:fail privacy permission is not authorized"), "privacy");
            Check.Equal(AlbumClass.Other, WxGameAlbum.ErrMsgClass("saveImageToPhotosAlbum:fail 未知"), "unknown");
            Check.Equal(AlbumClass.Other, WxGameAlbum.ErrMsgClass(null), "no text");
        }

        public static void a_call_that_waits_when_the_album_is_closed_ends_and_says_so()
        {
            Place place = new Place();
            Asked asked = new Asked();
            using (WxGameAlbum album = place.Open(asked))
            {
                Task<SaveImageResult> saving = album.SaveImageAsync(place.Picture("a.png"));
                asked.Next();
                album.Close(30000);
                EndedByClosing(saving);
                WxGameException late = Check.Throws<WxGameException>(() => Check.Get(album.AuthorizeAsync()));
                Check.Equal(WxGameStatus.Closed, late.Status, "a late call");
                late = Check.Throws<WxGameException>(() => album.AnswerConsent(Consent.Granted));
                Check.Equal(WxGameStatus.Closed, late.Status, "a late answer");
                Check.Equal(Consent.NotAsked, album.GetSetting(), "the setting is still read");
                album.Close(0);
            }
            foreach (PumpMode mode in new[] { PumpMode.Thread, PumpMode.Tick })
            {
                WxGameAlbum disposed = place.Open(asked, mode);
                Task<SaveImageResult> saving = disposed.SaveImageAsync(place.Picture("a.png"));
                disposed.Dispose();
                EndedByClosing(saving);
            }
            Check.That(!Directory.Exists(place.Pictures), "nothing was saved");
        }

        static void EndedByClosing(Task<SaveImageResult> saving)
        {
            SaveImageResult ended = Check.Get(saving);
            Check.Equal(CompletionFlags.Shutdown, ended.Flags, "flags");
            Check.Equal(WxGameStatus.Closed, ended.Status, "status");
            Check.Equal(AlbumClass.Cancelled, ended.AlbumClass, "class");
            Check.Equal("saveImageToPhotosAlbum:fail cancel", ended.Errmsg, "errmsg");
        }

        public static void a_disposed_album_may_be_disposed_of_again_and_does_nothing_else()
        {
            Place place = new Place();
            WxGameAlbum album = place.Open(null, PumpMode.Tick);
            album.Dispose();
            album.Dispose();
            Action[] uses =
            {
                () => album.GetSetting(), () => album.AnswerConsent(Consent.Granted),
                () => album.AnswerSetting(Consent.Granted), () => album.GetWakeFd(), () => album.Close(0),
            };
            foreach (Action use in uses)
                Check.Throws<ObjectDisposedException>(use);
            Check.Equal(WxGameStatus.Closed, Check.Throws<WxGameException>(
                () => Check.Get(album.SaveImageAsync(place.Picture("a.png")))).Status, "a late call");
            Check.Equal(0, album.Tick(), "a disposed album has nothing");
        }

        public static void an_answer_that_nobody_waits_for_and_a_call_too_many_are_refused()
        {
            Place place = new Place();
            AlbumOptions options = place.Options();
            options.QueueCapacity = 1;
            Asked asked = new Asked();
            using (WxGameAlbum album = WxGameAlbum.Open(options, asked.Handler))
            {
                Check.Equal(WxGameStatus.WrongState,
                    Check.Throws<WxGameException>(() => album.AnswerConsent(Consent.Granted)).Status, "consent");
                Check.Equal(WxGameStatus.WrongState,
                    Check.Throws<WxGameException>(() => album.AnswerSetting(Consent.Granted)).Status, "setting");
                WxGameException wrong = Check.Throws<WxGameException>(() => album.AnswerConsent(Consent.NotAsked));
                Check.Equal(WxGameStatus.InvalidArgument, wrong.Status, "status");
                Check.Equal("consent", wrong.Field, "field");

                Task<AuthorizeResult> first = album.AuthorizeAsync();
                asked.Next();
                Check.Equal(WxGameStatus.QueueFull,
                    Check.Throws<WxGameException>(() => Check.Get(album.AuthorizeAsync())).Status, "a call too many");
                album.AnswerConsent(Consent.Granted);
                Check.Equal(AlbumClass.Ok, Check.Get(first).AlbumClass, "the first");
            }
        }

        public static void options_that_break_a_rule_name_the_field()
        {
            Place place = new Place();
            Check.Throws<ArgumentNullException>(() => WxGameAlbum.Open(null, null));
            Refused(place, "temp_path", WxGameStatus.InvalidArgument, options => options.TempPath = null);
            Refused(place, "temp_path", WxGameStatus.Configuration, options => options.TempPath += "/没有");
            Refused(place, "user_data_path", WxGameStatus.InvalidArgument, options => options.UserDataPath = "usr");
            Refused(place, "pictures_path", WxGameStatus.InvalidArgument, options => options.PicturesPath = "pictures");
            Refused(place, "folder", WxGameStatus.InvalidArgument, options => options.Folder = "");
            Refused(place, "folder", WxGameStatus.InvalidArgument, options => options.Folder = "a/b");
            Refused(place, "max_bytes", WxGameStatus.InvalidArgument, options => options.MaxBytes = -1);
            Refused(place, "queue_capacity", WxGameStatus.InvalidArgument, options => options.QueueCapacity = 1048577);
        }

        static void Refused(Place place, string field, WxGameStatus status, Action<AlbumOptions> spoil)
        {
            AlbumOptions options = place.Options();
            spoil(options);
            WxGameException refused = Check.Throws<WxGameException>(() => WxGameAlbum.Open(options, null));
            Check.Equal(field, refused.Field, "field");
            Check.Equal(status, refused.Status, "status of " + field);
            Check.That(refused.Message.Length > 0, "a message");
        }

        public static void tick_asks_and_answers_on_the_callers_thread()
        {
            Place place = new Place();
            List<int> threads = new List<int>();
            using (WxGameAlbum album = WxGameAlbum.Open(place.Options(), (sender, asked) =>
            {
                threads.Add(Thread.CurrentThread.ManagedThreadId);
                sender.AnswerConsent(Consent.Granted);
            }, PumpMode.Tick))
            {
                Task<SaveImageResult> saving = album.SaveImageAsync(place.Picture("a.png"));
                for (int taken = 0; taken < 2; taken++) // the question, then the answer
                {
                    Readable(album.GetWakeFd());
                    Check.Equal(1, album.Tick(1), "what is ready");
                }
                Check.Equal(AlbumClass.Ok, Check.Get(saving).AlbumClass, "class");
                Check.Equal(0, album.Tick(), "nothing is left");
            }
            Check.Equal(1, threads.Count, "questions");
            Check.Equal(Thread.CurrentThread.ManagedThreadId, threads[0], "thread of the handler");
            using (WxGameAlbum threaded = place.Open(null))
                Check.Throws<InvalidOperationException>(() => threaded.Tick());
        }

        public static void a_handler_that_throws_is_told_of_and_its_question_can_still_be_answered()
        {
            using (ManualResetEvent told = new ManualResetEvent(false))
            using (WxGameAlbum album = WxGameAlbum.Open(new Place().Options(), (sender, asked) =>
            {
                throw new InvalidOperationException("no dialog");
            }))
            {
                string failure = null;
                album.HandlerFailed += (sender, thrown) =>
                {
                    failure = thrown.Message;
                    told.Set();
                };
                Task<AuthorizeResult> asking = album.AuthorizeAsync();
                Check.That(told.WaitOne(30000), "HandlerFailed is raised");
                Check.Equal("no dialog", failure, "what the handler threw");
                album.AnswerConsent(Consent.Granted);
                Check.Equal(AlbumClass.Ok, Check.Get(asking).AlbumClass, "class");
            }
        }

        public static void a_call_whose_waiting_is_cancelled_is_answered_on_completed()
        {
            Place place = new Place();
            Asked asked = new Asked();
            using (CancellationTokenSource source = new CancellationTokenSource())
            using (WxGameAlbum album = place.Open(asked))
            {
                Task<SaveImageResult> saving = album.SaveImageAsync(place.Picture("a.png"), source.Token);
                asked.Next();
                source.Cancel();
                Check.Throws<WaitCancelledException>(() => Check.Get(saving));
                Check.Throws<OperationCanceledException>(() => Check.Get(album.AuthorizeAsync(source.Token)));
                album.AnswerConsent(Consent.Granted);
                Completion told = asked.Next();
                Check.Equal(CompletionKind.SaveImage, told.Kind, "kind");
                Check.That(Place.IsThePicture(told.SavedFilePath), "the picture is saved all the same");
            }
        }

        // Such a path cannot come out of the folders that a test may choose, which are UTF-8.
        public static unsafe void a_path_that_is_no_utf8_is_read_with_replacement_characters()
        {
            byte[] spelled = { (byte)'/', 0xD6, 0xD0, (byte)'/', (byte)'a' };
            fixed (byte* data = spelled)
            {
                wxg_completion_view view = new wxg_completion_view { kind = (uint)CompletionKind.SaveImage };
                view.saved_file_path.data = data;
                view.saved_file_path.len = (UIntPtr)spelled.Length;
                Check.Equal("/\uFFFD\uFFFD/a", new SaveImageResult(&view).SavedFilePath, "path");
            }
        }

        public static void opening_and_closing_leaves_no_thread_and_no_descriptor()
        {
            Place place = new Place();
            place.Grant();
            Action cycle = () =>
            {
                using (WxGameAlbum album = place.Open(null))
                {
                    album.GetWakeFd();
                    Check.Equal(AlbumClass.Ok, Check.Get(album.SaveImageAsync(place.Picture("a.png"))).AlbumClass,
                        "class");
                }
            };
            for (int warm = 0; warm < 3; warm++)
                cycle();
            int descriptors = Process.Descriptors;
            for (int more = 0; more < 30; more++)
                cycle();
            Check.Until(() => Process.Albums == 0, "no album runs");
            // The runtime opens a few of its own, by and by; 30 leaks would be 30.
            int now = Process.Descriptors;
            Check.That(now < descriptors + 10, descriptors + " descriptors became " + now);
        }

        public static void a_forgotten_album_is_freed()
        {
            const int Some = 8;
            Place place = new Place();
            foreach (PumpMode mode in new[] { PumpMode.Thread, PumpMode.Tick })
            {
                Lifetime.Elsewhere(() =>
                {
                    List<WxGameAlbum> albums = new List<WxGameAlbum>();
                    for (int one = 0; one < Some; one++)
                        albums.Add(place.Open(null, mode));
                    Check.Until(() => Process.Albums >= Some, "the albums run");
                    GC.KeepAlive(albums);
                });
                // Mono takes whatever on a stack looks like a pointer for one, so a few may stay for a while.
                Check.Until(() =>
                {
                    Lifetime.Collect();
                    return Process.Albums <= 2;
                }, "forgotten albums are freed, " + mode);
            }
        }

        [StructLayout(LayoutKind.Sequential)]
        struct PollFd
        {
            internal int Fd;
            internal short Events, Returned;
        }

        [DllImport("libc.so.6")]
        static extern unsafe int poll(PollFd* descriptors, UIntPtr count, int timeoutMs);

        static unsafe void Readable(int fd)
        {
            PollFd one = new PollFd { Fd = fd, Events = 1 };
            Check.Equal(1, poll(&one, (UIntPtr)1, 30000), "the descriptor is readable");
        }
    }

    // For a library that holds the pictures alone, as one built with the feature album does: that it is one.
    static class AlbumAlone
    {
        public static void the_library_knows_no_payment()
        {
            Check.Throws<EntryPointNotFoundException>(() => WxGameLibrary.NewBillNo());
            WxGameClientOptions options = Sandbox.Options("memory:");
            Check.Throws<EntryPointNotFoundException>(() => WxGameClient.Open(options, null));
        }
    }

    // The folders of one game on one machine.
    sealed class Place
    {
        // One red dot.
        internal static readonly byte[] Png = Convert.FromBase64String("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJ" +
            "AAAADUlEQVR4nGP4z8DwHwAFAAH/iZk9HQAAAABJRU5ErkJggg==");

        static int places;

        internal readonly string Temp, UserData, Pictures;

        internal Place()
        {
            string place = Path.Combine(Sandbox.Directory, "album-" + Interlocked.Increment(ref places));
            Temp = Path.Combine(place, "临时");
            UserData = Path.Combine(place, "usr");
            Pictures = Path.Combine(place, "图片");
            Directory.CreateDirectory(Temp);
            Directory.CreateDirectory(UserData);
        }

        // Where the game's pictures go.
        internal string Album
        {
            get { return Path.Combine(Pictures, "我的 游戏"); }
        }

        internal AlbumOptions Options()
        {
            return new AlbumOptions
            {
                TempPath = Temp,
                UserDataPath = UserData,
                PicturesPath = Pictures,
                Folder = "我的 游戏",
            };
        }

        internal WxGameAlbum Open(Asked asked, PumpMode mode = PumpMode.Thread)
        {
            return WxGameAlbum.Open(Options(),
                asked == null ? (Action<WxGameAlbum, Completion>)null : asked.Handler, mode);
        }

        // A picture among the temporary files, as WeChat spells its path.
        internal string Picture(string name)
        {
            File.WriteAllBytes(Path.Combine(Temp, name), Png);
            return "wxfile://tmp/" + name;
        }

        internal static bool IsThePicture(string path)
        {
            return Convert.ToBase64String(File.ReadAllBytes(path)) == Convert.ToBase64String(Png);
        }

        // The user has agreed before.
        internal void Grant()
        {
            Asked asked = new Asked();
            using (WxGameAlbum album = Open(asked))
            {
                Task<AuthorizeResult> asking = album.AuthorizeAsync();
                asked.Next();
                album.AnswerConsent(Consent.Granted);
                Check.Equal(AlbumClass.Ok, Check.Get(asking).AlbumClass, "the user agrees");
            }
        }
    }

    // What an album has raised on Completed, in order.
    sealed class Asked
    {
        readonly List<Completion> raised = new List<Completion>();

        internal int Left
        {
            get
            {
                lock (raised)
                    return raised.Count;
            }
        }

        internal void Handler(WxGameAlbum album, Completion completion)
        {
            lock (raised)
            {
                raised.Add(completion);
                Monitor.Pulse(raised);
            }
        }

        internal Completion Next()
        {
            lock (raised)
            {
                while (raised.Count == 0)
                    Check.That(Monitor.Wait(raised, 30000), "nothing was raised in 30 s");
                Completion next = raised[0];
                raised.RemoveAt(0);
                return next;
            }
        }
    }
}
