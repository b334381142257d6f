#!/usr/bin/env python3
"""Prints the vectors of tests/vectors/midas_v1.json or game_v2.json, named by its argument, as the C tables that sign.c
or game_v2.c includes."""
import json
import sys


def text(value):
    """A C string literal, or NULL for None; numbers become text as they stand in a body."""
    if value is None:
        return "NULL"
    value = value if isinstance(value, str) else str(value)
    return '"' + "".join(c if c.isascii() and c.isalnum() else "".join(f"\\{b:03o}" for b in c.encode()) for c in value) + '"'


def texts(of, names):
    return ", ".join(text(of.get(name)) for name in names)


def fields(of):
    """How many, and the names with their values, in reverse: sorting shall have something to do."""
    pairs = "".join(f"{{{text(name)}, {text(value)}}}, " for name, value in reversed(of.items()))
    return f"{len(of)}, {{{pairs}}}"


def constants(of, names):
    for name in names:
        print(f"static const char VECTOR_{name.upper()}[] = {text(of[name])};")


def midas_v1(data):
    constants(data, ("app_key", "session_key", "access_token"))
    print("static const vector VECTORS[] = {")
    for v in data["vectors"]:
        print(f"    {{{texts(v, ('call', 'path', 'sig', 'mp_sig', 'explain_sig', 'explain_mp_sig'))}, {fields(v['fields'])}}},")
    print("};")


def game_v2(data):
    requests, orders = data["requests"], data["item_orders"]
    constants(requests, ("session_key", "access_token"))
    print("static const signed_text SIGNED[] = {")
    for v in data["signed"]:
        print(f"    {{{texts(v, ('path', 'body', 'app_key', 'pay_sig', 'session_key', 'signature'))}}},")
    for v in orders["vectors"]:
        v = v | {"path": orders["name"], "body": v["sign_data"], "session_key": orders["session_key"]}
        v["app_key"] = orders["app_keys"][v["environment"]]
        print(f"    {{{texts(v, ('path', 'body', 'app_key', 'pay_sig', 'session_key', 'signature'))}}},")
    print("};")
    print("static const vector VECTORS[] = {")
    for v in requests["vectors"]:
        v = v | {"app_key": requests["app_keys"][v["environment"]]}
        print(f"    {{{texts(v, ('call', 'environment', 'app_key', 'path', 'body', 'pay_sig', 'signature'))}, {fields(v['fields'])}}},")
    print("};")


with open(sys.argv[1], encoding="utf-8") as file:
    vectors = json.load(file)
if "requests" in vectors:
    game_v2(vectors)
else:
    midas_v1(vectors)
