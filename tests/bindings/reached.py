#!/usr/bin/env python3
"""Holds the bindings against include/wxgame.h: each calls every function of the header, and none that it does not have.

    reached.py [c++] [go] [csharp]

Without arguments all three. The last line is `reached: ok`.
"""

import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]

# language: where its calls are, what one looks like, and whether it has a pump. What waits by itself, as wxg_client_pay
# does beside wxg_client_submit_pay, is not needed beside a pump.
BINDINGS = {
    "c++": ("bindings/cpp", "*.hpp", r"\b(wxg_\w+)", False),
    "go": ("bindings/go", "*.go", r"\bC\.(wxg_\w+)", True),
    "csharp": ("bindings/csharp", "*.cs", r"\bextern\b[^;]*?\b(wxg_\w+)\s*\(", True),
}


def without_comments(text):
    return re.sub(r"/\*.*?\*/|//[^\n]*", "", text, flags=re.S)


def main():
    header = without_comments((ROOT / "include/wxgame.h").read_text())
    functions = set(re.findall(r"WXG_API\s[^;]*?\b(wxg_\w+)\s*\(", header))
    # Types and inline functions; what they are is up to the compiler.
    others = set(re.findall(r"\bwxg_\w+", header)) - functions
    if len(functions) < 40:
        raise SystemExit(f"reached: only {len(functions)} functions found in the header: it is read wrongly")
    submits = {name for name in functions if name.startswith("wxg_client_submit_")}
    waiting = {name.replace("_submit_", "_") for name in submits}

    failed = False
    for language in sys.argv[1:] or BINDINGS:
        folder, pattern, call, has_pump = BINDINGS[language]
        left_out = waiting if has_pump else set()
        found = sorted((ROOT / folder).rglob(pattern))
        # Tests of a binding do not count as the binding.
        files = [path for path in found if not re.search(r"_test\.go$|/tests/", str(path.relative_to(ROOT)), re.I)]
        text = "\n".join(without_comments(path.read_text()) for path in files)
        called = set(re.findall(call, text)) - others
        missing, unknown = functions - called - left_out, called - functions
        for name in sorted(missing):
            print(f"{language}: {name} is not reached")
        for name in sorted(unknown):
            print(f"{language}: {name} is not in the header")
        failed |= bool(missing or unknown)
        print(f"{language}: {len(called & functions)} of {len(functions)} functions, in {len(files)} files")
    print("reached:", "FAILED" if failed else "ok")
    raise SystemExit(failed)


if __name__ == "__main__":
    main()
