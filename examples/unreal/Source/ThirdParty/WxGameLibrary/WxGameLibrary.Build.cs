using System.IO;
using UnrealBuildTool;

// README.md tells how include and lib get here.
public class WxGameLibrary : ModuleRules
{
	public WxGameLibrary(ReadOnlyTargetRules Target) : base(Target)
	{
		Type = ModuleType.External;
		if (Target.Platform != UnrealTargetPlatform.Linux)
		{
			throw new BuildException("wxgame is for servers on Linux");
		}

		PublicSystemIncludePaths.Add(Path.Combine(ModuleDirectory, "include"));
		PublicAdditionalLibraries.Add(Path.Combine(ModuleDirectory, "lib", "Linux", "libwxgame.so"));
		// Loaded by its soname, from beside the server's program.
		RuntimeDependencies.Add("$(BinaryOutputDir)/libwxgame.so.0.1", Path.Combine(ModuleDirectory, "lib", "Linux", "libwxgame.so.0.1"));
	}
}
