#!/usr/bin/env python3
"""Checks that the parts of the Unreal plugin fit together, and that every path its rules name is there.

    unreal.py PLUGIN

PLUGIN is a copy of examples/unreal in which the library has been put where its README.md says.
"""

import json
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
ENGINE = {"Core", "CoreUObject", "Engine"}


def require(holds, what):
    if not holds:
        raise SystemExit(f"unreal: FAILED: {what}")


def check_rules(path):
    """What a *.Build.cs names: modules it needs, and paths beside it."""
    rules = path.read_text()
    name = path.name.removesuffix(".Build.cs")
    require(f"class {name} : ModuleRules" in rules, f"{path.name} does not define {name}")
    require(rules.count("{") == rules.count("}"), f"{path.name}: braces do not match")

    needed = set()
    for names in re.findall(r"DependencyModuleNames\.Add(?:Range)?\(([^;]*)\);", rules):
        needed |= set(re.findall(r'"(\w+)"', names))
    named = []
    for parts in re.findall(r"Path\.Combine\(ModuleDirectory, ([^)]*)\)", rules):
        named.append(path.parent.joinpath(*re.findall(r'"([^"]*)"', parts)))
        require(named[-1].exists(), f"{path.name} names {named[-1]}, which is not there")
    return needed, named, rules


def main():
    plugin = pathlib.Path(sys.argv[1])
    descriptors = list(plugin.glob("*.uplugin"))
    require(len(descriptors) == 1, "a plugin has one descriptor")
    descriptor = json.loads(descriptors[0].read_text())
    version = re.search(r'^version = "(.*)"', (ROOT / "Cargo.toml").read_text(), re.M)[1]
    require(descriptor["VersionName"] == version, f"the descriptor's version is not {version}")

    modules = {path.name.removesuffix(".Build.cs"): path for path in plugin.glob("Source/**/*.Build.cs")}
    for module in descriptor["Modules"]:
        require(module["Name"] in modules, f"{module['Name']} has no Build.cs")
        require(module["Type"] == "ServerOnly", "keys belong on servers")
        sources = "".join(path.read_text() for path in modules[module["Name"]].parent.rglob("*.cpp"))
        require(re.search(rf"IMPLEMENT_MODULE\(\w+, {module['Name']}\)", sources), f"{module['Name']} is not implemented")

    libraries = []
    for path in modules.values():
        needed, named, rules = check_rules(path)
        require(needed <= ENGINE | set(modules), f"{path.name} needs {needed - ENGINE - set(modules)}")
        libraries += [file for file in named if file.name == "libwxgame.so"]
        loaded = re.findall(r'RuntimeDependencies\.Add\("\$\(BinaryOutputDir\)/([^"]*)"', rules)
        for library in libraries if loaded else []:
            dynamic = subprocess.run(["readelf", "-d", library], capture_output=True, text=True, check=True).stdout
            require(f"soname: [{loaded[0]}]" in dynamic, f"{library} is loaded by another name than {loaded[0]}")
    require(libraries, "no rules name the library")

    for header in plugin.glob("Source/*/Public/*.h"):
        includes = re.findall(r'#include "([^"]*)"', header.read_text())
        require(includes[-1] == f"{header.stem}.generated.h", f"{header.name}: the generated header comes last")
    print("unreal: ok")


if __name__ == "__main__":
    main()
