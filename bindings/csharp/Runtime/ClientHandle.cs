using System;
using System.Runtime.InteropServices;

namespace WxGame
{
    // Owns one wxg_client. Freed when it is disposed of and nobody uses it any more, or by its finalizer, which calls
    // wxg_client_free and nothing else.
    internal sealed class ClientHandle : SafeHandle
    {
        internal ClientHandle(IntPtr client)
            : base(IntPtr.Zero, true)
        {
            SetHandle(client);
        }

        public override bool IsInvalid
        {
            get { return handle == IntPtr.Zero; }
        }

        protected override bool ReleaseHandle()
        {
            Native.wxg_client_free(handle);
            return true;
        }

        // The client, kept from being freed until this is disposed of. ObjectDisposedException once it is closed.
        internal Lease Use()
        {
            return new Lease(this);
        }

        internal struct Lease : IDisposable
        {
            readonly ClientHandle owner;

            internal Lease(ClientHandle owner)
            {
                bool taken = false;
                owner.DangerousAddRef(ref taken);
                this.owner = owner;
            }

            internal IntPtr Client
            {
                get { return owner.handle; }
            }

            public void Dispose()
            {
                owner.DangerousRelease();
            }
        }
    }
}
