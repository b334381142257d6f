#if UNITY_5_3_OR_NEWER
using System;
using System.Collections.Generic;

namespace WxGame
{
    // Closes every client before Unity takes its assembly away: the editor reloads assemblies and leaves the native
    // library loaded, with the threads of whoever was not closed.
    internal static class UnityLifetime
    {
        static readonly List<WeakReference<WxGameClient>> Open = new List<WeakReference<WxGameClient>>();

        static UnityLifetime()
        {
            UnityEngine.Application.quitting += CloseAll;
#if UNITY_EDITOR
            UnityEditor.AssemblyReloadEvents.beforeAssemblyReload += CloseAll;
#endif
        }

        internal static void Watch(WxGameClient client)
        {
            WxGameClient alive;
            lock (Open)
            {
                Open.RemoveAll(one => !one.TryGetTarget(out alive));
                Open.Add(new WeakReference<WxGameClient>(client));
            }
        }

        static void CloseAll()
        {
            WeakReference<WxGameClient>[] clients;
            lock (Open)
            {
                clients = Open.ToArray();
                Open.Clear();
            }
            WxGameClient alive;
            foreach (WeakReference<WxGameClient> one in clients)
                if (one.TryGetTarget(out alive))
                    alive.Dispose();
        }
    }
}
#endif
