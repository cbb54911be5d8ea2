"""The page of what is kept how long, made of the terms. Pure."""

from __future__ import annotations

from core.i18n import Language, Message, t
from notify.keeping.terms import TERMS

TITLE = t("What is kept, and how long")
HEAD = t(
    "This page is made from the program's own table; tests hold that every table of the database and every directory of the home "
    "directory stands in it. What is over is deleted every day at 04:10 by the retention run, or by `lingbao retention run`; "
    "`lingbao retention run --dry-run` counts first. Nothing under the proof chain is ever deleted: `lingbao ledger verify` holds "
    "before and after."
)
COLUMNS = (t("What"), t("Kept in"), t("How long"), t("What for"), t("About people"))
TO_MAKE = t("To write it anew")


def page(language: Language) -> str:
    """Return the page in Markdown."""
    lines = [
        f"# {TITLE.render(language)}",
        "",
        HEAD.render(language),
        "",
        _row(*COLUMNS, language=language),
        "|---|---|---|---|---|",
    ]
    for one in TERMS:
        where = ", ".join(f"`{name}`" for name in one.where)
        lines.append(_row(one.thing, where, one.kept, one.why, t("yes") if one.personal else "–", language=language))
    name = "keeping.md" if language == "en" else "keeping.zh-CN.md"
    command = f"python -c \"from notify.keeping.page import page; print(page('{language}'), end='')\" > docs/{name}"
    return "\n".join([*lines, "", f"{TO_MAKE.render(language)}: `{command}`", ""])


def _row(*cells: Message | str, language: Language) -> str:
    words = (one.render(language) if isinstance(one, Message) else one for one in cells)
    return f"| {' | '.join(words)} |"
