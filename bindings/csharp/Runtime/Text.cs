using System;
using System.Collections.Generic;
using System.Runtime.InteropServices;
using System.Text;

namespace WxGame
{
    // The texts of one call: a pinned buffer that each thread keeps for its next call. What does not fit gets another
    // one. Wiped when the call is over, because keys pass through it.
    internal sealed unsafe class CallText : IDisposable
    {
        const int Usual = 2048;

        [ThreadStatic]
        static CallText spare;

        readonly byte[] usual = new byte[Usual];
        readonly List<GCHandle> pins = new List<GCHandle>();
        byte[] buffer;
        int used;

        internal static CallText Rent()
        {
            CallText rented = spare ?? new CallText();
            spare = null;
            rented.Pin(rented.usual);
            return rented;
        }

        // Text that is no Unicode is refused with an ArgumentException: replacing a character would make another text.
        internal wxg_str Put(string text)
        {
            if (string.IsNullOrEmpty(text))
                return default(wxg_str);
            int length = Utf8.Strict.GetByteCount(text);
            wxg_str put = Reserve(length);
            Utf8.Strict.GetBytes(text, 0, text.Length, buffer, used - length);
            return put;
        }

        internal wxg_str Put(byte[] bytes)
        {
            if (bytes == null || bytes.Length == 0)
                return default(wxg_str);
            wxg_str put = Reserve(bytes.Length);
            Buffer.BlockCopy(bytes, 0, buffer, used - bytes.Length, bytes.Length);
            return put;
        }

        public void Dispose()
        {
            foreach (GCHandle pin in pins)
            {
                byte[] pinned = (byte[])pin.Target;
                Array.Clear(pinned, 0, pinned == buffer ? used : pinned.Length);
                pin.Free();
            }
            pins.Clear();
            spare = this;
        }

        wxg_str Reserve(int length)
        {
            if (length > buffer.Length - used)
                Pin(new byte[Math.Max(length, Usual)]);
            wxg_str reserved;
            reserved.data = (byte*)pins[pins.Count - 1].AddrOfPinnedObject() + used;
            reserved.len = (UIntPtr)length;
            used += length;
            return reserved;
        }

        void Pin(byte[] next)
        {
            pins.Add(GCHandle.Alloc(next, GCHandleType.Pinned));
            buffer = next;
            used = 0;
        }
    }

    internal static unsafe class Utf8
    {
        internal static readonly UTF8Encoding Strict = new UTF8Encoding(false, true);

        // What the library hands out, copied.
        internal static string Read(wxg_str text)
        {
            return text.len == UIntPtr.Zero ? "" : Encoding.UTF8.GetString(text.data, checked((int)text.len));
        }

        internal static string Read(byte* terminated)
        {
            int length = 0;
            while (terminated[length] != 0)
                length++;
            return length == 0 ? "" : Encoding.UTF8.GetString(terminated, length);
        }

        internal static string ReadSignature(byte* signature)
        {
            return Encoding.UTF8.GetString(signature, Native.WXG_SIGNATURE_SIZE);
        }

        // Reads a text of the library's and frees it.
        internal static string Take(IntPtr text)
        {
            try
            {
                return Read(Native.wxg_text_read(text, null));
            }
            finally
            {
                Native.wxg_text_free(text);
            }
        }

        internal static byte[] ReadBytes(wxg_str bytes)
        {
            byte[] read = new byte[checked((int)bytes.len)];
            if (read.Length > 0)
                Marshal.Copy((IntPtr)bytes.data, read, 0, read.Length);
            return read;
        }
    }
}
