using System;
using System.Runtime.InteropServices;

namespace WxGame
{
    // Owns a handle of the library's that completions are taken from. Freed when it is disposed of and nobody uses it
    // any more, or by its finalizer, which calls the handle's own free and nothing else.
    internal abstract class SourceHandle : SafeHandle
    {
        protected SourceHandle(IntPtr owned)
            : base(IntPtr.Zero, true)
        {
            SetHandle(owned);
        }

        public override bool IsInvalid
        {
            get { return handle == IntPtr.Zero; }
        }

        // Takes one completion, if there is one or comes within timeoutMs. Only under a lease.
        internal abstract unsafe int Take(long timeoutMs, IntPtr* completion, UIntPtr* count);

        // The pointer, kept from being freed until this is disposed of. ObjectDisposedException once it is closed.
        internal Lease Use()
        {
            return new Lease(this);
        }

        internal struct Lease : IDisposable
        {
            readonly SourceHandle owner;

            internal Lease(SourceHandle owner)
            {
                bool taken = false;
                owner.DangerousAddRef(ref taken);
                this.owner = owner;
            }

            internal IntPtr Pointer
            {
                get { return owner.handle; }
            }

            public void Dispose()
            {
                owner.DangerousRelease();
            }
        }
    }

    // Owns one wxg_client.
    internal sealed class ClientHandle : SourceHandle
    {
        internal ClientHandle(IntPtr client)
            : base(client)
        {
        }

        internal override unsafe int Take(long timeoutMs, IntPtr* completion, UIntPtr* count)
        {
            return timeoutMs == 0
                ? Native.wxg_client_poll(handle, completion, (UIntPtr)1, count)
                : Native.wxg_client_wait(handle, timeoutMs, completion, (UIntPtr)1, count);
        }

        protected override bool ReleaseHandle()
        {
            Native.wxg_client_free(handle);
            return true;
        }
    }

    // Owns one wxg_album.
    internal sealed class AlbumHandle : SourceHandle
    {
        internal AlbumHandle(IntPtr album)
            : base(album)
        {
        }

        internal override unsafe int Take(long timeoutMs, IntPtr* completion, UIntPtr* count)
        {
            return timeoutMs == 0
                ? Native.wxg_album_poll(handle, completion, (UIntPtr)1, count)
                : Native.wxg_album_wait(handle, timeoutMs, completion, (UIntPtr)1, count);
        }

        protected override bool ReleaseHandle()
        {
            Native.wxg_album_free(handle);
            return true;
        }
    }
}
