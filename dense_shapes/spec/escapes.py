"""Characters that JSON writes as escapes which YAML cannot read."""

from __future__ import annotations


def without_surrogates(text: str) -> str:
    """Return JSON with the characters that it may write as two escapes, which YAML cannot read."""
    if "\\ud" not in text.lower():
        return text
    import re  # noqa: PLC0415 - few files need these
    from json import loads  # noqa: PLC0415

    pair = r"(?<!\\)((?:\\\\)*)(\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2})"
    return re.sub(pair, lambda found: found[1] + str(loads(f'"{found[2]}"')), text)
