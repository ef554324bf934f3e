"""The command `jq` for the README's recipes, on the package of that name: `-r`, `-c` and `-e`.

So the recipes are run in the same way where the command itself is not installed.
"""

import json
import sys

import jq


def main():
    flags = "".join(word[1:] for word in sys.argv[1:] if word.startswith("-"))
    program, *paths = [word for word in sys.argv[1:] if not word.startswith("-")]
    assert not paths
    assert set(flags) <= set("rce")
    value = None
    for value in jq.compile(program).input_text(sys.stdin.read()):
        if "r" in flags and isinstance(value, str):
            print(value)
        else:
            indent, separators = (None, (",", ":")) if "c" in flags else (2, None)
            print(json.dumps(value, indent=indent, separators=separators, ensure_ascii=False))
    return int("e" in flags and value in (None, False))


if __name__ == "__main__":
    sys.exit(main())
