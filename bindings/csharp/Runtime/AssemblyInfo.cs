using System.Reflection;
using System.Runtime.CompilerServices;

[assembly: AssemblyTitle("WxGame")]
[assembly: AssemblyDescription("Signs and executes WeChat mini-game payments: never twice, never lost")]
[assembly: AssemblyVersion("0.1.0")]
[assembly: InternalsVisibleTo("WxGame.Tests")]
