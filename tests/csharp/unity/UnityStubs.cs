using System;

// As much of Unity as the package touches, so that its Unity parts are compiled and run without an editor. The real
// ones have the same signatures.
namespace UnityEngine
{
    public class MonoBehaviour
    {
    }

    public static class Application
    {
        public static event Action quitting;
        public static string persistentDataPath = ".", temporaryCachePath = ".";

        public static void Quit()
        {
            quitting();
        }
    }

    public sealed class GUILayoutOption
    {
    }

    public static class GUILayout
    {
        public static void Label(string text, params GUILayoutOption[] options)
        {
        }

        public static bool Button(string text, params GUILayoutOption[] options)
        {
            return false;
        }
    }

    public static class Debug
    {
        public static void Log(object message)
        {
            Console.WriteLine(message);
        }

        public static void LogException(Exception exception)
        {
            Console.WriteLine(exception);
        }
    }
}

namespace UnityEditor
{
    public static class AssemblyReloadEvents
    {
        public delegate void AssemblyReloadCallback();

        public static event AssemblyReloadCallback beforeAssemblyReload;

        public static void Reload()
        {
            beforeAssemblyReload();
        }
    }
}

namespace NUnit.Framework
{
    public sealed class TestAttribute : Attribute
    {
    }

    public static class Assert
    {
        public static void That(object actual, Func<object, bool> held)
        {
            if (!held(actual))
                throw new Exception("got " + actual);
        }
    }

    public static class Is
    {
        public static Func<object, bool> EqualTo(object expected)
        {
            return actual => expected.Equals(actual);
        }

        public static class Not
        {
            public static readonly Func<object, bool> Empty = actual => (string)actual != "";
        }
    }
}
