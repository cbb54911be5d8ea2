"""What a page holds for its reader to type: fenced blocks, cut into commands. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

FENCE = re.compile(r"^(?P<dent> *)```(?P<language>\S*) *$")
NOT_RUN = re.compile(r"# (?:on the server, )?not run by a test: (.+)")
EXIT = re.compile(r"#.*\bexit (\d)( if\b)?")
HERE_DOCUMENT = re.compile(r"<<-?\s*['\"]?(\w+)['\"]?")
OPENS, CLOSES = re.compile(r"^(for|while|until|if|case)\b"), re.compile(r"\b(done|fi|esac)\b")


@dataclass(frozen=True)
class Block:
    """A fenced block of a page.

    Attributes:
        line: of the page on which its fence opens, from 1.
        language: as written behind the fence; empty: none.
        text: what it holds, without the fence and its indentation.
        below: the block stands directly below the one before it, with nothing but empty lines between.
    """

    line: int
    language: str
    text: str
    below: bool

    @property
    def not_run(self) -> str:
        """Return why no test runs this block; empty: one does."""
        found = NOT_RUN.match(self.text)
        return found[1] if found else ""


@dataclass(frozen=True)
class Command:
    """One command of a block: a line, or several that belong together.

    Attributes:
        line: of the page on which it begins, from 1.
        text: as it is typed, with its comment.
        exits: statuses it may end with: 0, or what its comment says, `# exit 1: why` or `# exit 1 if …`.
    """

    line: int
    text: str
    exits: tuple[int, ...]

    @property
    def words(self) -> str:
        """Return the command without its comment."""
        return "\n".join(_scan(self.text)[1]).strip() if "#" in self.text else self.text.strip()


def blocks(page: str) -> Iterator[Block]:
    """Yield the fenced blocks of a page in order."""
    held: list[str] | None = None
    begun, language, dent, below = 0, "", 0, False
    for number, line in enumerate(page.splitlines(), 1):
        found = FENCE.match(line)
        if held is None and found:
            held, begun, language, dent = [], number, found["language"], len(found["dent"])
        elif held is not None and found:
            yield Block(begun, language, "\n".join(held), below)
            held, below = None, True
        elif held is not None:
            held.append(line[dent:])
        elif line.strip():
            below = False


def commands(block: Block) -> Iterator[Command]:
    """Yield the commands of a block: continued lines, here-documents, loops and open quotes are kept together."""
    lines = block.text.split("\n")
    at = 0
    while at < len(lines):
        begun = at
        while is_open("\n".join(lines[begun : at + 1])) and at + 1 < len(lines):
            at += 1
        at += 1
        text = "\n".join(lines[begun:at])
        if text.strip() and not text.lstrip().startswith("#"):
            said = EXIT.search(comment_of(lines[begun]) or comment_of(lines[at - 1]))
            exits = (int(said[1]), *((0,) if said[2] else ())) if said else (0,)
            yield Command(block.line + 1 + begun, text, exits)


def is_open(text: str) -> bool:
    """Tell whether a shell would wait for more lines."""
    lines = text.split("\n")
    if found := HERE_DOCUMENT.search(lines[0]):
        return len(lines) == 1 or lines[-1].strip() != found[1]
    quote, rest = _scan(text)
    if quote or text.endswith("\\"):
        return True
    return sum(bool(OPENS.match(one.strip())) for one in rest) > sum(len(CLOSES.findall(one)) for one in rest)


def comment_of(line: str) -> str:
    """Return the comment at the end of a line, from its `#` on; empty: none."""
    kept = _scan(line)[1][-1]
    return line[len(kept) :] if len(kept) < len(line) else ""


def _scan(text: str) -> tuple[str, list[str]]:
    """Return the quote that is open at the end, and the lines without their comments."""
    quote, kept, lines, skip = "", "", list[str](), False
    before = " "
    for sign in text:
        if sign == "\n":
            lines.append(kept)
            kept, skip = "", False
        elif not skip:
            if not quote and sign == "#" and before.isspace():
                skip = True
                continue
            kept += sign
            if before != "\\" and sign in {"'", '"'} and quote in {"", sign}:
                quote = "" if quote else sign
        before = sign
    return quote, [*lines, kept]
