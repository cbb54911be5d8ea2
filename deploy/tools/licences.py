"""Under which licence each locked library stands. `python -m deploy.tools.licences` writes docs/licences.md.

Licences are SPDX expressions (https://spdx.org/licenses/), read from the metadata of what is installed: the expression of PEP 639
where there is one, else the older field or the classifiers, by the tables below. What is locked for other machines only is not
installed here: it stands in a table of its own.
"""

from __future__ import annotations

import importlib.metadata
from collections.abc import Iterable
from functools import cache

from license_expression import ExpressionError, Licensing, get_spdx_licensing

from deploy.tools.locked import LOCK, OURS, ROOT, Locked, read_lock

PAGE = ROOT / "docs" / "licences.md"

SAID = {
    "apache": "Apache-2.0", "apache 2.0": "Apache-2.0", "apache license 2.0": "Apache-2.0", "apache-2.0": "Apache-2.0",
    "apache software license": "Apache-2.0", "bsd-2-clause": "BSD-2-Clause", "bsd-3-clause": "BSD-3-Clause",
    "bsd-3-clause and public-domain": "BSD-3-Clause", "isc": "ISC", "isc license": "ISC", "mit": "MIT",
    "mit license": "MIT", "mit licence": "MIT", "the mit license (mit)": "MIT", "mit or apache-2.0": "MIT OR Apache-2.0",
    "mpl-2.0": "MPL-2.0", "mozilla public license 2.0 (mpl 2.0)": "MPL-2.0", "psf-2.0": "PSF-2.0", "psfl": "PSF-2.0",
    "unlicense": "Unlicense",
}  # fmt: skip
"""What older metadata say, in small letters, as SPDX."""

KNOWN = {
    "colorama": "BSD-3-Clause",  # says BSD; its LICENSE.txt has three clauses
    "cronsim": "BSD-3-Clause",
    "jinja2": "BSD-3-Clause",
    "jinja2-humanize-extension": "BSD-3-Clause",
    "segno": "BSD-3-Clause",
    "pyrage": "MIT",  # says nothing; its LICENSE is the MIT text
    "python-dateutil": "Apache-2.0 OR BSD-3-Clause",
    "requests-oauthlib": "ISC",
    "text-unidecode": "Artistic-1.0-Perl OR GPL-2.0-or-later",
    # For other systems or other versions of Python: not installed everywhere
    "async-timeout": "Apache-2.0",
    "pendulum": "MIT",
    "pywin32": "PSF-2.0",
    "whenever": "MIT",
}
"""Licences that metadata do not say, or not exactly: read in the files of the libraries themselves."""

PERMISSIVE = frozenset(
    {"0BSD", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "CC0-1.0", "CNRI-Python", "ISC", "MIT", "MIT-0", "PSF-2.0",
     "Unlicense", "Zlib"}
)  # fmt: skip
"""They ask for no more than that their text goes along."""

FOLLOWS = {
    "LGPL-3.0-only": "The driver of PostgreSQL. It is used unchanged, through Python's import, and another build of it can be put in "
    "its place in the virtual environment: that is what the licence asks for. Who hands on an installation hands on its text.",
    "MPL-2.0": "Its own files stay under it, ours are not touched. Used unchanged; whoever changes one of its files and hands it "
    "on shows that change.",
    "Artistic-1.0-Perl OR GPL-2.0-or-later": "Used unchanged, under the Artistic License. It comes with python-slugify, which "
    "Prefect wants.",
}
"""What follows from each licence that asks for more."""


class NoLicence(Exception):
    """Metadata do not say under which licence a library stands, or say it in words that are not in our table."""


def licence(one: Locked) -> str:
    """Return the SPDX expression of a locked library.

    Raises:
        NoLicence: nobody knows it: look into its files, and add it to `KNOWN`.
    """
    if one.name in KNOWN:
        return KNOWN[one.name]
    try:
        metadata = importlib.metadata.metadata(one.name)
    except importlib.metadata.PackageNotFoundError as error:
        raise NoLicence(f"{one.name} is not installed here: add it to KNOWN") from error
    for expression in metadata.get_all("License-Expression") or []:
        return str(expression)
    classes = [
        str(line).rpartition(" :: ")[2] for line in metadata.get_all("Classifier") or [] if line.startswith("License")
    ]
    words = [str(text).partition("\n")[0].strip() for text in metadata.get_all("License") or []] + classes
    for said in words:
        if found := SAID.get(said.lower()):
            return found
    raise NoLicence(f"{one.name} says {words}")


def is_permissive(expression: str) -> bool:
    """Tell whether one can choose within an expression so that only permissive licences are left.

    Raises:
        NoLicence: it is no SPDX expression.
    """
    try:
        parsed = _spdx().parse(expression, validate=True).simplify()
    except ExpressionError as error:
        raise NoLicence(f"{expression} is no SPDX expression") from error
    return _permissive(parsed)


@cache
def _spdx() -> Licensing:
    """Return what reads SPDX expressions: made once, for it reads a long list."""
    return get_spdx_licensing()


def _permissive(node: object) -> bool:
    inner = getattr(node, "args", ())
    if not inner:
        return str(node) in PERMISSIVE
    some_or_all = any if isinstance(node, _spdx().OR) else all
    return some_or_all(_permissive(one) for one in inner)


def page(packages: Iterable[Locked]) -> str:
    """Return docs/licences.md."""
    rows = {(one.name, one.version): (one, licence(one)) for one in packages}
    lines = [
        "# Licences 许可证",
        "",
        "Lingbao is under Apache-2.0. Below is every library of `requirements.lock`, with its licence as an SPDX expression.",
        "`make licences` writes this page from what is installed; a test holds it to the lock. 本页由 `make licences` 生成。",
        "",
        "None of them is changed by us, and none is part of our files. The [offline bundle](how-to/offline.md) carries each of them",
        "whole, with its licence text.",
        "",
        "## What asks for more than its text 有附加义务的许可证",
        "",
        "| licence 许可证 | libraries 组件 | what follows 说明 |",
        "|---|---|---|",
        *_obligations(rows.values()),
        "",
        f"## All {len(rows)} libraries 全部组件",
        "",
        "| library 组件 | version 版本 | licence 许可证 | needed by 使用者 |",
        "|---|---|---|---|",
        *(f"| {one.name} | {one.version} | {said} | {_by(one)} |" for one, said in rows.values()),
        "",
        "Beside these: htmx 2 (0BSD), in `console/static/`, with its licence text.",
    ]
    return "\n".join(lines) + "\n"


def _obligations(rows: Iterable[tuple[Locked, str]]) -> list[str]:
    found: dict[str, list[str]] = {}
    for one, said in rows:
        if not is_permissive(said):
            found.setdefault(said, []).append(one.name)
    return [f"| {said} | {', '.join(sorted(set(names)))} | {_follows(said)} |" for said, names in sorted(found.items())]


def _follows(said: str) -> str:
    """Raises NoLicence: nobody thought about this licence yet."""
    words = [text for part, text in FOLLOWS.items() if part in said]
    if not words:
        raise NoLicence(f"what follows from {said}? Add it to FOLLOWS")
    return " ".join(words)


def _by(one: Locked) -> str:
    return ", ".join(f"**{by}**" if by == OURS else by for by in one.needed_by)


def main() -> None:
    """Write the page."""
    PAGE.write_text(page(read_lock(LOCK)), encoding="utf-8")


if __name__ == "__main__":
    main()
