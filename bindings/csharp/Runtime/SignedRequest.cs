using System;

namespace WxGame
{
    /// <summary>A request, ready to send. It holds secrets.</summary>
    public sealed class SignedRequest
    {
        internal unsafe SignedRequest(wxg_request_view* view)
        {
            Method = Utf8.Read(view->method);
            PathAndQuery = Utf8.Read(view->path_and_query);
            ContentType = Utf8.Read(view->content_type);
            Body = Utf8.ReadBytes(view->body);
        }

        /// <summary>POST.</summary>
        public string Method { get; private set; }

        /// <summary>
        /// Path and query, to be put behind https://api.weixin.qq.com. Holds the access_token: do not log it.
        /// </summary>
        public string PathAndQuery { get; private set; }

        /// <summary>application/json.</summary>
        public string ContentType { get; private set; }

        /// <summary>The exact bytes to send.</summary>
        public byte[] Body { get; private set; }

        // Reads a request of the library's and frees it.
        internal static unsafe SignedRequest Take(IntPtr request)
        {
            try
            {
                wxg_request_view view = new wxg_request_view { struct_size = (uint)sizeof(wxg_request_view) };
                WxGameException.Check(Native.wxg_request_read(request, &view), IntPtr.Zero);
                return new SignedRequest(&view);
            }
            finally
            {
                Native.wxg_request_free(request);
            }
        }
    }
}
