namespace WxGame
{
    /// <summary>
    /// What an album is opened with. Everything is copied by <see cref="WxGameAlbum.Open"/>. Null, empty and zero mean
    /// the default. All paths are absolute.
    /// </summary>
    public sealed class AlbumOptions
    {
        /// <summary>
        /// The folder of the game's temporary files: what wxfile://tmp… and http://tmp/… stand for. It must be there.
        /// In Unity Application.temporaryCachePath. Required.
        /// </summary>
        public string TempPath { get; set; }

        /// <summary>
        /// The folder of the game's own files: what wx.env.USER_DATA_PATH, wxfile://usr/… and http://usr/… stand for.
        /// It must be there. The user's answer is kept in it, as .wxgame/scope.writePhotosAlbum: do not let the game
        /// write there. In Unity Application.persistentDataPath. Required.
        /// </summary>
        public string UserDataPath { get; set; }

        /// <summary>
        /// The folder of the user's pictures, made where it is missing. Empty: where the platform has it (XDG user
        /// directories, Known Folders, ~/Pictures).
        /// </summary>
        public string PicturesPath { get; set; }

        /// <summary>
        /// The game's folder in there, such as the name of the game: one name that every system takes. Required.
        /// </summary>
        public string Folder { get; set; }

        /// <summary>The largest picture in bytes; 0: 134,217,728 (128 MiB).</summary>
        public long MaxBytes { get; set; }

        /// <summary>How many calls may wait for their answer, 1 to 1,048,576; 0: 1,024.</summary>
        public uint QueueCapacity { get; set; }

        internal unsafe wxg_album_options Fill(CallText text)
        {
            return new wxg_album_options
            {
                struct_size = (uint)sizeof(wxg_album_options),
                queue_capacity = QueueCapacity,
                max_bytes = MaxBytes,
                temp_path = text.Put(TempPath),
                user_data_path = text.Put(UserDataPath),
                pictures_path = text.Put(PicturesPath),
                folder = text.Put(Folder),
            };
        }
    }
}
