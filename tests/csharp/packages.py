#!/usr/bin/env python3
"""Checks the packages that bindings/csharp/pack.py makes.

    packages.py WxGame.1.2.3.nupkg com.wxgame.wxgame-1.2.3.tgz LIBRARY

The last line is `packages: ok`.
"""

import collections
import json
import pathlib
import re
import sys
import tarfile
import zipfile
from xml.etree import ElementTree

ROOT = pathlib.Path(__file__).resolve().parents[2]
VERSION = re.search(r'#define WXG_VERSION "(.*)"', (ROOT / "include/wxgame.h").read_text()).group(1)


def check(held, what):
    if not held:
        raise SystemExit(f"packages: FAILED: {what}")


def nuget(path, library):
    with zipfile.ZipFile(path) as package:
        check(package.testzip() is None, "the zip is damaged")
        names = package.namelist()
        check(len(names) == len(set(names)), "a part is there twice")
        check(not [name for name in names if "\\" in name or name.startswith("/")], "a part has no plain path")
        parts = {name: package.read(name) for name in names}
    for name in (
        "[Content_Types].xml",
        "_rels/.rels",
        "WxGame.nuspec",
        "README.md",
        "LICENSE-MIT.txt",
        "LICENSE-APACHE.txt",
        "lib/netstandard2.0/WxGame.dll",
        "lib/netstandard2.0/WxGame.xml",
        "runtimes/linux-x64/native/libwxgame.so",
    ):
        check(name in parts, f"the package has no {name}")

    metadata = ElementTree.fromstring(parts["WxGame.nuspec"])[0]
    space = metadata.tag.partition("}")[0] + "}"
    said = {node.tag.removeprefix(space): node for node in metadata}
    check(said["id"].text == "WxGame" and said["version"].text == VERSION, "id or version of the nuspec")
    check(said["readme"].text in parts, "the readme of the nuspec is not there")
    check(path.name == f"WxGame.{VERSION}.nupkg", f"the package is called {path.name}")
    check(said["dependencies"][0].get("targetFramework") == ".NETStandard2.0", "target framework")
    check(b"WxGame.WxGameClient.PayAsync" in parts["lib/netstandard2.0/WxGame.xml"], "the documentation")
    check(parts["lib/netstandard2.0/WxGame.dll"][:2] == b"MZ", "the assembly is none")
    check(parts["runtimes/linux-x64/native/libwxgame.so"] == library, "the native library is another one")

    types = ElementTree.fromstring(parts["[Content_Types].xml"])
    typed = {node.get("Extension") for node in types if node.get("ContentType")}
    for name in parts:
        check(name == "[Content_Types].xml" or name.rpartition(".")[2] in typed, f"{name} has no content type")
    relationships = ElementTree.fromstring(parts["_rels/.rels"])
    targets = {node.get("Type").rpartition("/")[2]: node.get("Target") for node in relationships}
    check(targets["manifest"] == "/WxGame.nuspec", "the relationship of the nuspec")
    check(targets["core-properties"][1:] in parts, "the relationship of the core properties")
    ElementTree.fromstring(parts[targets["core-properties"][1:]])
    print(f"{path.name}: {len(parts)} parts")


def unity(path, library):
    with tarfile.open(path) as package:
        check(all(entry.isfile() for entry in package), "there is more than files")
        names = package.getnames()
        check(all(name.startswith("package/") for name in names), "a file is not under package/")
        files = {name.removeprefix("package/"): package.extractfile(name).read() for name in names}
    check(len(names) == len(files), "a file is there twice")

    manifest = json.loads(files["package.json"])
    check(manifest["version"] == VERSION, f"version {manifest['version']}")
    check(path.name == f"{manifest['name']}-{VERSION}.tgz", f"the package is called {path.name}")
    for sample in manifest["samples"]:
        check(any(name.startswith(f"{sample['path']}/") for name in files), f"no sample at {sample['path']}")
    for name in ("README.md", "CHANGELOG.md", "LICENSE.md", "Documentation~/csharp.md"):
        check(name in files, f"the package has no {name}")
    sources = {file.name for file in (ROOT / "bindings/csharp/Runtime").glob("*.cs")}
    check({f"Runtime/{name}" for name in sources} <= files.keys(), "a source is missing")

    assemblies = {}
    for name, text in files.items():
        if name.endswith(".asmdef"):
            assembly = json.loads(text)
            assemblies[assembly["name"]] = assembly
            check(pathlib.PurePosixPath(name).stem == assembly["name"], f"{name} names another assembly")
    check(assemblies["WxGame"]["allowUnsafeCode"] is True, "WxGame.asmdef does not allow unsafe code")
    check("WxGame" in assemblies["WxGame.Tests"]["references"], "the tests do not see the assembly")

    # Unity takes what is in folders such as Samples~ for hidden. All else needs a .meta, folders too, and a guid of its
    # own; a .meta without its file makes Unity complain.
    seen = {name for name in files if not any(part.endswith("~") for part in name.split("/"))}
    assets = {name for name in seen if not name.endswith(".meta")}
    for name in list(assets):
        assets |= {str(parent) for parent in pathlib.PurePosixPath(name).parents} - {"."}
    metas = {name.removesuffix(".meta") for name in files if name.endswith(".meta")}
    check(not assets - metas, f"without .meta: {sorted(assets - metas)}")
    check(not metas - assets, f".meta of nothing: {sorted(metas - assets)}")
    guids = collections.Counter()
    for name in sorted(metas):
        text = files[f"{name}.meta"].decode()
        found = re.match(r"fileFormatVersion: 2\nguid: ([0-9a-f]{32})\n(folderAsset: yes\n)?\w+Importer:\n", text)
        check(found, f"{name}.meta is none")
        check(bool(found.group(2)) == (name not in files), f"{name}.meta says the wrong thing about a folder")
        guids[found.group(1)] += 1
    check(max(guids.values()) == 1, "two files have one guid")

    plugin = "Runtime/Plugins/x86_64/libwxgame.so"
    check(files.get(plugin) == library, "the native library is another one")
    importer = files[f"{plugin}.meta"].decode()
    check("PluginImporter:" in importer and "Exclude Linux64: 0" in importer, "the library is not for Linux")
    check("Exclude Win64: 1" in importer and "Exclude OSXUniversal: 1" in importer, "it is not for Linux alone")
    print(f"{path.name}: {len(files)} files, {len(guids)} guids")


library = pathlib.Path(sys.argv[3]).read_bytes()
nuget(pathlib.Path(sys.argv[1]), library)
unity(pathlib.Path(sys.argv[2]), library)
print("packages: ok")
