#!/usr/bin/env python3
"""Prints tests/vectors/midas_v1.json, named by its argument, as the C tables that sign.c includes."""
import json
import sys


def text(value):
    """A C string literal; numbers become text as they stand in a body."""
    value = value if isinstance(value, str) else str(value)
    return '"' + "".join(c if c.isascii() and c.isalnum() else "".join(f"\\{b:03o}" for b in c.encode()) for c in value) + '"'


with open(sys.argv[1], encoding="utf-8") as file:
    data = json.load(file)
for name in ("app_key", "session_key", "access_token"):
    print(f"static const char VECTOR_{name.upper()}[] = {text(data[name])};")
print("static const vector VECTORS[] = {")
for v in data["vectors"]:
    fields = "".join(f"{{{text(name)}, {text(value)}}}, " for name, value in reversed(v["fields"].items()))
    texts = ", ".join(text(v[name]) for name in ("call", "path", "sig", "mp_sig", "explain_sig", "explain_mp_sig"))
    print(f"    {{{texts}, {len(v['fields'])}, {{{fields}}}}},")
print("};")
