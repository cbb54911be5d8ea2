"""Does what a command said look like what the page shows? Numbers, times and codes are free, words are not. Pure."""

from __future__ import annotations

import re

ANY = "…"
CODE = re.compile(r"(?=[\w+/-]*\d)(?=[\w+/-]*[A-Za-z])[\w+/-]{6,}", re.ASCII)
PART = re.compile(rf"{CODE.pattern}|\d+|{ANY}|\s+", re.ASCII)


def pattern(line: str) -> str:
    """Return the regular expression of a shown line: numbers, codes such as `F3RY8G`, gaps `…` and widths of columns are free."""
    made, at = "", 0
    for found in PART.finditer(line):
        made += re.escape(line[at : found.start()]) + _free(found[0])
        at = found.end()
    return made + re.escape(line[at:])


def _free(part: str) -> str:
    if part == ANY:
        return r".*"
    if part.isspace():
        return r"\s+"
    return r"\d+" if part.isdigit() else r"[\w+/-]+"


def differs(shown: str, said: str) -> str:
    """Return the first shown line that was not said in its place; empty: all of them were, and nothing else was.

    A shown line `…` stands for any lines.
    """
    lines = [line.strip() for line in said.strip().splitlines() if line.strip()]
    at, gap = 0, False
    for line in (one.strip() for one in shown.strip().splitlines()):
        if not line:
            continue
        if line == ANY:
            gap = True
            continue
        fits = re.compile(pattern(line))
        reach = range(at, len(lines) if gap else min(at + 1, len(lines)))
        found = next((one for one in reach if fits.fullmatch(lines[one])), None)
        if found is None:
            return f"shown: {line}\nsaid:  {lines[at] if at < len(lines) else 'nothing more'}"
        at, gap = found + 1, False
    return "" if gap or at == len(lines) else f"not shown: {lines[at]}"
