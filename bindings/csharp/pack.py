#!/usr/bin/env python3
"""Packs the C# binding: for NuGet, and for Unity's package manager.

    pack.py nuget --assembly WxGame.dll --native RID=FILE... --out DIR
    pack.py unity --native RID=FILE... --out DIR

WxGame.xml is taken from beside the assembly. RID is one of linux-x64, linux-arm64, win-x64, osx-x64, osx-arm64 and osx
(both in one file). Unity gets those that it has a place for. The same files give the same bytes. Prints the path of the
package.
"""

import argparse
import gzip
import hashlib
import io
import json
import pathlib
import tarfile
import zipfile
from xml.etree import ElementTree

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
LICENSES = ("LICENSE-MIT", "LICENSE-APACHE")

# RID: name of the file; where Unity has it; what Unity calls the platform, its editor's system, and the processor.
NATIVES = {
    "linux-x64": ("libwxgame.so", "x86_64", ("Linux64", "Linux", "x86_64")),
    "linux-arm64": ("libwxgame.so", None, None),
    "win-x64": ("wxgame.dll", "x86_64", ("Win64", "Windows", "x86_64")),
    "osx-x64": ("libwxgame.dylib", None, None),
    "osx-arm64": ("libwxgame.dylib", None, None),
    "osx": ("libwxgame.dylib", "macOS", ("OSXUniversal", "OSX", "AnyCPU")),
}
PLATFORMS = ("Linux64", "OSXUniversal", "Win", "Win64")


# ---- NuGet: a zip of known parts -------------------------------------------------------------------------------------

CONTENT_TYPES = """<?xml version="1.0" encoding="utf-8"?>
<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">
{types}
</Types>
"""
RELATIONSHIPS = """<?xml version="1.0" encoding="utf-8"?>
<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">
  <Relationship Type="http://schemas.microsoft.com/packaging/2010/07/manifest" Target="/WxGame.nuspec" Id="R1" />
  <Relationship Type="http://schemas.openxmlformats.org/package/2006/relationships/metadata/core-properties" \
Target="/{core}" Id="R2" />
</Relationships>
"""
CORE_PROPERTIES = """<?xml version="1.0" encoding="utf-8"?>
<coreProperties xmlns:dc="http://purl.org/dc/elements/1.1/" \
xmlns="http://schemas.openxmlformats.org/package/2006/metadata/core-properties">
  <dc:creator>{authors}</dc:creator>
  <dc:description>{description}</dc:description>
  <dc:identifier>{id}</dc:identifier>
  <version>{version}</version>
  <keywords>{tags}</keywords>
</coreProperties>
"""


def nuget(assembly, natives, out):
    nuspec = (HERE / "wxgame.nuspec").read_bytes()
    said = {node.tag.partition("}")[2]: node.text for node in ElementTree.fromstring(nuspec)[0]}
    parts = {
        "WxGame.nuspec": nuspec,
        "README.md": (HERE / "README.md").read_bytes(),
        "lib/netstandard2.0/WxGame.dll": assembly.read_bytes(),
        "lib/netstandard2.0/WxGame.xml": assembly.with_suffix(".xml").read_bytes(),
    }
    for name in LICENSES:
        parts[f"{name}.txt"] = (ROOT / name).read_bytes()
    for rid, file in natives.items():
        parts[f"runtimes/{rid}/native/{NATIVES[rid][0]}"] = file.read_bytes()

    core = "package/services/metadata/core-properties/wxgame.psmdcp"
    parts[core] = CORE_PROPERTIES.format(**said).encode()
    parts["_rels/.rels"] = RELATIONSHIPS.format(core=core).encode()
    types = {
        "rels": "application/vnd.openxmlformats-package.relationships+xml",
        "psmdcp": "application/vnd.openxmlformats-package.core-properties+xml",
    }
    for name in parts:
        types.setdefault(name.rpartition(".")[2], "application/octet-stream")
    parts["[Content_Types].xml"] = CONTENT_TYPES.format(
        types="\n".join(f'  <Default Extension="{ext}" ContentType="{types[ext]}" />' for ext in sorted(types))
    ).encode()

    path = out / f"{said['id']}.{said['version']}.nupkg"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as package:
        for name in sorted(parts):
            entry = zipfile.ZipInfo(name)  # of 1980: the clock does not matter
            entry.external_attr = 0o644 << 16
            entry.compress_type = zipfile.ZIP_DEFLATED
            package.writestr(entry, parts[name])
    return path


# ---- Unity: a tarball whose every file and folder has a .meta --------------------------------------------------------

META = """fileFormatVersion: 2
guid: {guid}
{importer}
  userData: 
  assetBundleName: 
  assetBundleVariant: 
"""
FOLDER = "folderAsset: yes\nDefaultImporter:\n  externalObjects: {}"
IMPORTERS = {
    ".cs": "MonoImporter:\n  externalObjects: {}\n  serializedVersion: 2\n  defaultReferences: []\n"
    "  executionOrder: 0\n  icon: {instanceID: 0}",
    ".asmdef": "AssemblyDefinitionImporter:\n  externalObjects: {}",
    ".json": "PackageManifestImporter:\n  externalObjects: {}",
    ".md": "TextScriptImporter:\n  externalObjects: {}",
}


def plugin_importer(platform, system, processor):
    def setting(first, enabled, settings):
        lines = "".join(f"\n        {name}: {value}" for name, value in settings)
        return f"  - first:\n      {first}\n    second:\n      enabled: {enabled}\n      settings:" + (lines or " {}")

    excluded = [(f"Exclude {name}", int(name not in ("Editor", platform))) for name in ("Editor", *PLATFORMS)]
    editor = [("CPU", processor), ("DefaultValueInitialized", "true"), ("OS", system)]
    settings = [setting(": Any", 0, excluded), setting("Any: ", 0, []), setting("Editor: Editor", 1, editor)]
    for name in PLATFORMS:
        used = name == platform
        settings.append(setting(f"Standalone: {name}", int(used), [("CPU", processor if used else "None")]))
    return (
        "PluginImporter:\n  externalObjects: {}\n  serializedVersion: 2\n  iconMap: {}\n  executionOrder: {}\n"
        "  defineConstraints: []\n  isPreloaded: 0\n  isOverridable: 0\n  isExplicitlyReferenced: 0\n"
        "  validateReferences: 1\n  platformData:\n" + "\n".join(settings)
    )


def hidden(path):
    """Unity imports nothing in folders such as Samples~, so they need no .meta."""
    return any(part.endswith("~") or part.startswith(".") for part in path.parts)


def with_metas(package, files, plugins):
    """`files` and a .meta for each of them and their folders. A guid is of the path alone, so it never changes."""
    metas = {}
    for path in map(pathlib.PurePosixPath, files):
        for known in (path, *path.parents):
            if known.name == "" or hidden(known):
                continue
            if known != path:
                importer = FOLDER
            elif str(path) in plugins:
                importer = plugin_importer(*plugins[str(path)])
            else:
                importer = IMPORTERS[path.suffix]
            guid = hashlib.md5(f"{package}/{known}".encode()).hexdigest()
            metas[f"{known}.meta"] = META.format(guid=guid, importer=importer).encode()
    return {**files, **metas}


def unity(natives, out):
    manifest = json.loads((HERE / "package.json").read_text())
    files = {name: (HERE / name).read_bytes() for name in ("package.json", "README.md")}
    for folder in ("Runtime", "Tests", "Samples~"):
        for path in sorted((HERE / folder).rglob("*")):
            if path.is_file():
                files[path.relative_to(HERE).as_posix()] = path.read_bytes()
    files["CHANGELOG.md"] = (ROOT / "CHANGELOG.md").read_bytes()
    files["LICENSE.md"] = b"\n\n".join((ROOT / name).read_bytes() for name in LICENSES)
    files["Documentation~/csharp.md"] = (ROOT / "docs/csharp.md").read_bytes()
    plugins = {}
    for rid, file in natives.items():
        name, folder, platform = NATIVES[rid]
        if folder is not None:
            path = f"Runtime/Plugins/{folder}/{name}"
            files[path] = file.read_bytes()
            plugins[path] = platform

    path = out / f"{manifest['name']}-{manifest['version']}.tgz"
    files = with_metas(manifest["name"], files, plugins)
    with open(path, "wb") as raw, gzip.GzipFile("", "wb", mtime=0, fileobj=raw) as packed:
        with tarfile.open(fileobj=packed, mode="w", format=tarfile.USTAR_FORMAT) as package:
            for name in sorted(files):
                entry = tarfile.TarInfo(f"package/{name}")
                entry.size = len(files[name])
                package.addfile(entry, io.BytesIO(files[name]))
    return path


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("package", choices=("nuget", "unity"))
    parser.add_argument("--assembly", type=pathlib.Path)
    parser.add_argument("--native", action="append", required=True, metavar="RID=FILE")
    parser.add_argument("--out", type=pathlib.Path, required=True)
    asked = parser.parse_args()
    natives = {}
    for given in asked.native:
        rid, _, file = given.partition("=")
        if rid not in NATIVES or rid in natives:
            parser.error(f"--native {given}: RID is one of {', '.join(NATIVES)}, each once")
        natives[rid] = pathlib.Path(file)
    if asked.package == "nuget" and asked.assembly is None:
        parser.error("--assembly is missing")
    asked.out.mkdir(parents=True, exist_ok=True)
    print(nuget(asked.assembly, natives, asked.out) if asked.package == "nuget" else unity(natives, asked.out))


if __name__ == "__main__":
    main()
