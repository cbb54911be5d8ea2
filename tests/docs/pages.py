"""Which pages there are, and which of them are run."""

from __future__ import annotations

from tests.docs.blocks import blocks, commands
from tests.docs.session import OUTPUT, TYPED
from tests.docs.tools import ROOT

LANGUAGES = {
    "sh",
    "text",
    "toml",
    "ini",
    "cron",
    "yaml",
    "json",
    "xml",
    "python",
    "sql",
    "csv",
    "caddyfile",
    "nginx",
    "env",
    "markdown",
}
SHARES = 3
"""So many files of tests share the pages."""

# docs/commands.md is made from the program: its usage lines are no commands.
ALL = sorted(
    name
    for path in (*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"))
    if (name := path.relative_to(ROOT).as_posix()) != "docs/commands.md"
)
ORIGINAL_OF = {name: name.replace(".zh-CN.md", ".md") for name in ALL if name.endswith(".zh-CN.md")}


def words_of(name: str) -> list[str]:
    """Return the commands of a page, without comments."""
    found = blocks((ROOT / name).read_text(encoding="utf-8"))
    return [one.words for block in found if block.language == TYPED for one in commands(block)]


def _is_run(name: str) -> bool:
    """Tell whether a page is run: it has something that can be, and is no twin that shows nothing of its own."""
    found = list(blocks((ROOT / name).read_text(encoding="utf-8")))
    shows = any(one.language == OUTPUT and one.below for one in found)
    twin = name in ORIGINAL_OF and words_of(name) == words_of(ORIGINAL_OF[name])
    return any(one.language == TYPED and not one.not_run for one in found) and (shows or not twin)


RUN = [name for name in ALL if _is_run(name)]


def share(number: int) -> list[str]:
    """Return the pages of one file of tests."""
    return RUN[number::SHARES]
