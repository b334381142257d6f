#!/usr/bin/env python3
"""Writes the C program that prints what bindings/csharp must agree with: the functions of include/wxgame.h with the
width of their parameters, the sizes and offsets of its structs, and its numbers.

    header.py include/wxgame.h > header.c
"""

import re
import sys

WIDTHS = {
    "void": "void",
    "int32_t": "i32",
    "wxg_status": "i32",
    "uint32_t": "u32",
    "int64_t": "i64",
    "uint64_t": "u64",
    "size_t": "usize",
}


def width(declared):
    """Of a type, or of a parameter with its name."""
    if "*" in declared:
        return "ptr"
    words = [word for word in declared.split() if word not in ("const", "struct")]
    return WIDTHS[words[0]]


header = open(sys.argv[1]).read()
code = re.sub(r"/\*.*?\*/|//[^\n]*", "", header, flags=re.S)
lines = []
for result, name, parameters in re.findall(r"WXG_API\s+([^;()]*?)(\w+)\(([^)]*)\);", code):
    passed = [] if parameters.strip() == "void" else parameters.split(",")
    lines.append(f'puts("{" ".join(["function", name, width(result), *map(width, passed)])}");')
for name, fields in re.findall(r"typedef struct (\w+) \{(.*?)\} \1;", code, flags=re.S):
    lines.append(f'printf("struct {name} %zu\\n", sizeof({name}));')
    for field in re.findall(r"(\w+)(?:\[\w+\])?;", fields):
        lines.append(
            f'printf("field {name} {field} %zu %zu\\n", offsetof({name}, {field}), sizeof((({name} *)0)->{field}));'
        )
for name in re.findall(r"#define (WXG_\w+) +-?\d+$", code, flags=re.M):
    lines.append(f'printf("value {name} %lld\\n", (long long){name});')
print("#include <stdio.h>\n#include <wxgame.h>\n\nint main(void)\n{")
print("\n".join(f"    {line}" for line in lines))
print("    return 0;\n}")
