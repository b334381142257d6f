using System;
using System.Threading;
using System.Threading.Tasks;

namespace WxGame
{
    /// <summary>
    /// The pictures of one game of one user of this machine, with the contract of wx.saveImageToPhotosAlbum: for a game
    /// that runs outside WeChat, such as in an editor, a desktop build or a kiosk. Needs no client, key, journal or
    /// network, and of the native library nothing but what is built with its feature album alone. Any member may be
    /// used from any thread at any time.
    ///
    /// A call that ends in Async enqueues, touching no disk, and its task ends with the answer: a result whose
    /// AlbumClass you look at, also where the user refused or the path is wrong. Errmsg is what WeChat says. A call
    /// throws <see cref="WxGameException"/> only where it is refused.
    /// </summary>
    public sealed class WxGameAlbum : IDisposable, IPumped
    {
        readonly AlbumHandle handle;
        readonly Pump pump;
        int disposed;

        WxGameAlbum(AlbumHandle handle, Action<WxGameAlbum, Completion> completed, PumpMode mode)
        {
            this.handle = handle;
            Completed = completed;
            pump = new Pump(handle, this, mode);
        }

        /// <summary>Of an album that was forgotten: it is freed within a second. Calls nothing native.</summary>
        ~WxGameAlbum()
        {
            // Null where the constructor was never finished.
            if (pump != null)
                pump.Abandon();
        }

        /// <summary>
        /// A request for input: with Kind ConsentNeeded ask the user, then <see cref="AnswerConsent"/>; with
        /// SettingNeeded show the settings, then <see cref="AnswerSetting"/>. It is raised once, so keep it where you
        /// cannot ask at once; calls wait as long as there is no answer. Or the answer of a call whose waiting was
        /// cancelled. Raised on the pump's thread, or in <see cref="Tick"/>, one at a time.
        /// </summary>
        public event Action<WxGameAlbum, Completion> Completed;

        /// <summary>A handler of <see cref="Completed"/> threw this. Raised where Completed is.</summary>
        public event Action<WxGameAlbum, Exception> HandlerFailed;

        /// <summary>Opens an album: checks every option, writes nothing.</summary>
        /// <param name="options">What to open; copied.</param>
        /// <param name="completed">The first handler of <see cref="Completed"/>, which asks the user.</param>
        /// <param name="mode">Who takes the answers: a thread of the album, or you by calling Tick.</param>
        public static WxGameAlbum Open(AlbumOptions options, Action<WxGameAlbum, Completion> completed,
            PumpMode mode = PumpMode.Thread)
        {
            if (options == null)
                throw new ArgumentNullException("options");
            WxGameLibrary.CheckAbiVersion();
            WxGameAlbum album = new WxGameAlbum(OpenHandle(options), completed, mode);
            album.pump.Start();
#if UNITY_5_3_OR_NEWER
            UnityLifetime.Watch(album);
#endif
            return album;
        }

        /// <summary>
        /// What an errMsg of these calls means, whoever said it: an album, or WeChat on any of its platforms, whose
        /// wordings differ. AlbumClass.Other for a text that nobody knows.
        /// </summary>
        public static unsafe AlbumClass ErrMsgClass(string errMsg)
        {
            using (CallText text = CallText.Rent())
            {
                wxg_str said = text.Put(errMsg);
                uint meant;
                WxGameException.Check(Native.wxg_album_errmsg_class(&said, &meant), IntPtr.Zero);
                return (AlbumClass)meant;
            }
        }

        /// <summary>
        /// wx.saveImageToPhotosAlbum. If the user has not been asked yet, the call waits, and ConsentNeeded is raised
        /// on <see cref="Completed"/>. The picture appears whole and durable, under a name that was free, or not at
        /// all; SavedFilePath tells where.
        /// </summary>
        /// <param name="filePath">
        /// A temporary or permanent local file of the game: wxfile://tmp…, wxfile://usr/…, http://tmp/…, http://usr/…,
        /// or an absolute path below TempPath or UserDataPath.
        /// </param>
        /// <param name="cancellationToken">
        /// Stops the waiting, not the call: the task then throws <see cref="WaitCancelledException"/>, and the answer
        /// is raised on Completed. Cancelled before the call, nothing is submitted.
        /// </param>
        public Task<SaveImageResult> SaveImageAsync(string filePath,
            CancellationToken cancellationToken = default(CancellationToken))
        {
            return Answer<SaveImageResult>(tag => SubmitSaveImage(filePath, tag), cancellationToken);
        }

        /// <summary>
        /// wx.authorize for scope.writePhotosAlbum: asks the user ahead of the first picture. A user who has refused is
        /// not asked again.
        /// </summary>
        public Task<AuthorizeResult> AuthorizeAsync(CancellationToken cancellationToken = default(CancellationToken))
        {
            return Answer<AuthorizeResult>(SubmitAuthorize, cancellationToken);
        }

        /// <summary>
        /// wx.openSetting: lets the user change the answer. SettingNeeded is raised on <see cref="Completed"/>; the
        /// result's Consent is what holds after that. The settings show only what has been asked before: if nothing
        /// has, it ends at once with Consent.NotAsked.
        /// </summary>
        public Task<OpenSettingResult> OpenSettingAsync(
            CancellationToken cancellationToken = default(CancellationToken))
        {
            return Answer<OpenSettingResult>(SubmitOpenSetting, cancellationToken);
        }

        /// <summary>
        /// wx.getSetting: NotAsked, Granted or Denied, also where another process asked. Reads one small file, and
        /// blocks that long.
        /// </summary>
        public unsafe Consent GetSetting()
        {
            using (SourceHandle.Lease lease = handle.Use())
            {
                uint consent;
                IntPtr error;
                WxGameException.Check(Native.wxg_album_get_setting(lease.Pointer, &consent, &error), error);
                return (Consent)consent;
            }
        }

        /// <summary>
        /// Answers ConsentNeeded with what the user did: Granted or Denied, which are kept, or Cancelled, which is not.
        /// All calls that wait go on, or fail. Throws WxGameStatus.WrongState where nobody waits: it was answered, or
        /// decided elsewhere meanwhile. Does not block.
        /// </summary>
        public unsafe void AnswerConsent(Consent consent)
        {
            using (SourceHandle.Lease lease = handle.Use())
            {
                IntPtr error;
                WxGameException.Check(Native.wxg_album_answer_consent(lease.Pointer, (uint)consent, &error), error);
            }
        }

        /// <summary>
        /// Answers SettingNeeded with how the user left the settings: Granted or Denied, which are kept and decide for
        /// the calls that wait for consent too, or Cancelled for no change. Throws WxGameStatus.WrongState where nobody
        /// waits. Does not block.
        /// </summary>
        public unsafe void AnswerSetting(Consent consent)
        {
            using (SourceHandle.Lease lease = handle.Use())
            {
                IntPtr error;
                WxGameException.Check(Native.wxg_album_answer_setting(lease.Pointer, (uint)consent, &error), error);
            }
        }

        /// <summary>
        /// In <see cref="PumpMode.Tick"/>: hands out what is ready, at most <paramref name="budget"/> answers, and
        /// tells how many there were. Tasks go on where their await wants them to; Completed is raised before this
        /// returns. Never blocks, never throws what a handler threw. 0 once the album is closed and empty.
        /// </summary>
        public int Tick(int budget = 64)
        {
            return pump.Tick(budget);
        }

        /// <summary>
        /// A descriptor for epoll, kqueue, poll or select: readable while <see cref="Tick"/> has something to take.
        /// The album's: do not read, write or close it. Not on Windows.
        /// </summary>
        public unsafe int GetWakeFd()
        {
            using (SourceHandle.Lease lease = handle.Use())
            {
                int fd;
                IntPtr error;
                WxGameException.Check(Native.wxg_album_wake_fd(lease.Pointer, &fd, &error), error);
                return fd;
            }
        }

        /// <summary>
        /// Closes: nothing new is accepted; pictures in the queue may be saved for <paramref name="timeoutMs"/>; what
        /// is left then, and what waits for the user, ends as AlbumClass.Cancelled with the flag Shutdown and leaves
        /// nothing behind. Blocks until that is done, timeoutMs and a second at the most, even if the disk
        /// hangs: only then may a picture still appear whose call ended so. Answers are still handed out; Dispose
        /// frees. May be called twice.
        /// </summary>
        public void Close(long timeoutMs)
        {
            using (SourceHandle.Lease lease = handle.Use())
                WxGameException.Check(Native.wxg_album_close(lease.Pointer, timeoutMs), IntPtr.Zero);
        }

        /// <summary>
        /// Closes at once and frees. Every task ends, as <see cref="Close"/> says. Blocks a second, and as long as
        /// handlers take. May be called twice.
        /// </summary>
        public void Dispose()
        {
            if (Interlocked.Exchange(ref disposed, 1) != 0)
                return;
            using (SourceHandle.Lease lease = handle.Use())
                Native.wxg_album_close(lease.Pointer, 0);
            pump.Drain();
            handle.Dispose();
            GC.SuppressFinalize(this);
        }

        void IPumped.OnCompleted(Completion completion)
        {
            Action<WxGameAlbum, Completion> handlers = Completed;
            if (handlers != null)
                handlers(this, completion);
        }

        void IPumped.OnHandlerFailed(Exception failure)
        {
            Action<WxGameAlbum, Exception> handlers = HandlerFailed;
            if (handlers != null)
                handlers(this, failure);
        }

        static unsafe AlbumHandle OpenHandle(AlbumOptions options)
        {
            using (CallText text = CallText.Rent())
            {
                wxg_album_options filled = options.Fill(text);
                IntPtr album, error;
                WxGameException.Check(Native.wxg_album_open(&filled, &album, &error), error);
                return new AlbumHandle(album);
            }
        }

        // The state of this method holds the album while the answer is outstanding.
        async Task<T> Answer<T>(Action<ulong> submit, CancellationToken cancellationToken)
            where T : Completion
        {
            cancellationToken.ThrowIfCancellationRequested();
            Waiter waiter = pump.Submit("", submit);
            using (cancellationToken.Register(() => pump.StopWaiting(waiter, cancellationToken)))
                return (T)await waiter.Task.ConfigureAwait(false);
        }

        unsafe void SubmitSaveImage(string filePath, ulong tag)
        {
            using (SourceHandle.Lease lease = handle.Use())
            using (CallText text = CallText.Rent())
            {
                wxg_save_image_options filled = new wxg_save_image_options
                {
                    struct_size = (uint)sizeof(wxg_save_image_options),
                    user_tag = tag,
                    file_path = text.Put(filePath),
                };
                IntPtr error;
                WxGameException.Check(Native.wxg_album_submit_save_image(lease.Pointer, &filled, &error), error);
            }
        }

        unsafe void SubmitAuthorize(ulong tag)
        {
            using (SourceHandle.Lease lease = handle.Use())
            {
                IntPtr error;
                WxGameException.Check(Native.wxg_album_submit_authorize(lease.Pointer, tag, &error), error);
            }
        }

        unsafe void SubmitOpenSetting(ulong tag)
        {
            using (SourceHandle.Lease lease = handle.Use())
            {
                IntPtr error;
                WxGameException.Check(Native.wxg_album_submit_open_setting(lease.Pointer, tag, &error), error);
            }
        }
    }
}
