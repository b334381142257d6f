#if UNITY_5_3_OR_NEWER
using System;
using System.Collections.Generic;

namespace WxGame
{
    // Closes every client and album before Unity takes its assembly away: the editor reloads assemblies and leaves the
    // native library loaded, with the threads of whoever was not closed.
    internal static class UnityLifetime
    {
        static readonly List<WeakReference<IDisposable>> Open = new List<WeakReference<IDisposable>>();

        static UnityLifetime()
        {
            UnityEngine.Application.quitting += CloseAll;
#if UNITY_EDITOR
            UnityEditor.AssemblyReloadEvents.beforeAssemblyReload += CloseAll;
#endif
        }

        internal static void Watch(IDisposable opened)
        {
            IDisposable alive;
            lock (Open)
            {
                Open.RemoveAll(one => !one.TryGetTarget(out alive));
                Open.Add(new WeakReference<IDisposable>(opened));
            }
        }

        static void CloseAll()
        {
            WeakReference<IDisposable>[] closing;
            lock (Open)
            {
                closing = Open.ToArray();
                Open.Clear();
            }
            IDisposable alive;
            foreach (WeakReference<IDisposable> one in closing)
                if (one.TryGetTarget(out alive))
                    alive.Dispose();
        }
    }
}
#endif
