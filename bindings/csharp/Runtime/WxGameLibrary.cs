using System;

namespace WxGame
{
    /// <summary>What needs no client.</summary>
    public static class WxGameLibrary
    {
        /// <summary>The native library's version, such as 0.1.0.</summary>
        public static unsafe string Version
        {
            get { return Utf8.Read(Native.wxg_version()); }
        }

        /// <summary>The version of the native library's C ABI.</summary>
        public static uint AbiVersion
        {
            get { return Native.wxg_abi_version(); }
        }

        /// <summary>
        /// Makes a new bill_no: 26 digits and capital letters, ordered by time, random beyond that, unique over
        /// machines and restarts. Store it with your order before you submit it, and keep it for every retry.
        /// </summary>
        public static unsafe string NewBillNo()
        {
            byte* made = stackalloc byte[Native.WXG_BILL_NO_SIZE];
            IntPtr error;
            WxGameException.Check(Native.wxg_bill_no_new(made, &error), error);
            return Utf8.Read(made);
        }

        /// <summary>The name of a status in C, such as WXG_ERR_CLOSED.</summary>
        public static unsafe string StatusText(WxGameStatus status)
        {
            return Utf8.Read(Native.wxg_status_text((int)status));
        }

        /// <summary>
        /// Explains an errcode as answered to one call of one generation: the same number means different things. Any
        /// number has an answer.
        /// </summary>
        public static unsafe ErrcodeHelp ErrcodeHelp(Generation generation, MidasCall call, int errcode)
        {
            wxg_errcode_help_view view;
            view.struct_size = (uint)sizeof(wxg_errcode_help_view);
            WxGameException.Check(Native.wxg_errcode_help((uint)generation, (uint)call, errcode, &view), IntPtr.Zero);
            return new ErrcodeHelp(&view);
        }

        // On first use. Calls only what every build of the library has, be it made for payments or for pictures.
        internal static void CheckAbiVersion()
        {
            if (AbiVersion < Native.WXG_ABI_VERSION)
                throw new WxGameException(WxGameStatus.Unsupported, "",
                    "the native library is " + Version + ", older than this assembly");
        }
    }

    /// <summary>What an errcode means.</summary>
    public sealed class ErrcodeHelp
    {
        internal unsafe ErrcodeHelp(wxg_errcode_help_view* view)
        {
            ErrcodeClass = (ErrcodeClass)view->errcode_class;
            CauseEn = Utf8.Read(view->cause_en);
            RemedyEn = Utf8.Read(view->remedy_en);
            CauseZh = Utf8.Read(view->cause_zh);
            RemedyZh = Utf8.Read(view->remedy_zh);
        }

        /// <summary>What it means for the money.</summary>
        public ErrcodeClass ErrcodeClass { get; private set; }

        /// <summary>The cause, in English.</summary>
        public string CauseEn { get; private set; }

        /// <summary>What to do, in English.</summary>
        public string RemedyEn { get; private set; }

        /// <summary>The cause, in Chinese.</summary>
        public string CauseZh { get; private set; }

        /// <summary>What to do, in Chinese.</summary>
        public string RemedyZh { get; private set; }
    }

    /// <summary>A log record. Holds no body, key, token or whole openid.</summary>
    public sealed class LogRecord
    {
        internal unsafe LogRecord(wxg_log_record_view* view)
        {
            Level = (WxGameLogLevel)view->level;
            TimeMs = view->time_ms;
            Message = Utf8.Read(view->message);
        }

        /// <summary>Error to Debug.</summary>
        public WxGameLogLevel Level { get; private set; }

        /// <summary>Unix time in milliseconds.</summary>
        public long TimeMs { get; private set; }

        /// <summary>What happened, in English.</summary>
        public string Message { get; private set; }

        // Reads a record of the library's and frees it.
        internal static unsafe LogRecord Take(IntPtr record)
        {
            try
            {
                wxg_log_record_view view = new wxg_log_record_view { struct_size = (uint)sizeof(wxg_log_record_view) };
                WxGameException.Check(Native.wxg_log_record_read(record, &view), IntPtr.Zero);
                return new LogRecord(&view);
            }
            finally
            {
                Native.wxg_log_record_free(record);
            }
        }
    }
}
