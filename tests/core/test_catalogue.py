"""Every sentence of the program has a Chinese form, and every Chinese form has its sentence."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from string import Formatter

from babel.messages.catalog import Message
from babel.messages.extract import extract_from_file
from babel.messages.pofile import read_po

from core.i18n import LOCALE_DIR
from core.settings import describe

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ("core", "sources", "registry", "notify", "flows", "console", "cli")
METHODS = {".py": "python", ".html": "jinja2"}
KEYWORDS = {"t": None}


@cache
def sentences() -> dict[str, str]:
    """Return every sentence marked with `t` in the code and its templates, and every meaning of a setting, with its place."""
    found = {view.meaning.text: "core/settings.py" for view in describe()}
    for file in files(*METHODS):
        options = {"silent": "false"} if file.suffix == ".html" else {}
        for line, text, _, _ in extract_from_file(METHODS[file.suffix], file, keywords=KEYWORDS, options=options):
            found.setdefault(str(text), f"{file.relative_to(ROOT)}:{line}")
    return found


@cache
def chinese() -> dict[str, list[tuple[str, Message]]]:
    """Return every entry of the Chinese catalogues by its English form, with the file it is in."""
    found: dict[str, list[tuple[str, Message]]] = {}
    for file in sorted(LOCALE_DIR.glob("*.po")):
        with file.open("rb") as handle:
            for entry in read_po(handle, locale="zh_CN", abort_invalid=True):
                if entry.id:
                    found.setdefault(str(entry.id), []).append((file.name, entry))
    return found


def files(*suffixes: str) -> Iterator[Path]:
    """Yield every file of the program with one of these suffixes."""
    for room in ROOMS:
        yield from sorted(file for file in (ROOT / room).rglob("*") if file.suffix in suffixes)


def gaps(text: str) -> list[str]:
    """Return the gaps of a sentence, sorted, each as often as it occurs."""
    return sorted(name for _, name, _, _ in Formatter().parse(text) if name is not None)


def calls() -> Iterator[tuple[str, ast.Call]]:
    """Yield every call of `t` in the code, with its place."""
    for file in files(".py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and (
                (isinstance(node.func, ast.Name) and node.func.id == "t")
                or (isinstance(node.func, ast.Attribute) and ast.unparse(node.func) == "i18n.t")
            ):
                yield f"{file.relative_to(ROOT)}:{node.lineno}", node


def test_every_sentence_has_a_chinese_form() -> None:
    """No reader of Chinese meets a sentence in English: neither missing, nor empty, nor marked as a guess."""
    good = {text for text, entries in chinese().items() for _, entry in entries if entry.string and not entry.fuzzy}
    assert {text: place for text, place in sentences().items() if text not in good} == {}


def test_every_chinese_form_has_its_sentence() -> None:
    """No entry is left over from a sentence that was changed or dropped."""
    assert {text: entries[0][0] for text, entries in chinese().items() if text not in sentences()} == {}


def test_one_sentence_has_one_chinese_form() -> None:
    """Where two rooms say the same sentence, they say it in the same Chinese words."""
    several = {text: {entry.string for _, entry in entries} for text, entries in chinese().items()}
    assert {text: forms for text, forms in several.items() if len(forms) > 1} == {}


def test_both_languages_have_the_same_gaps() -> None:
    """Nothing that is filled in is lost or made up in Chinese; gaps carry no formats, for stored values are text."""
    assert {t: f for t, e in chinese().items() for _, f in e if gaps(t) != gaps(str(f.string))} == {}
    with_formats = [text for text in sentences() if any(spec or how for _, _, spec, how in Formatter().parse(text))]
    assert with_formats == []


def test_every_sentence_is_a_literal() -> None:
    """`t` is never given a text that the catalogue cannot know."""
    unknown = [
        place
        for place, call in calls()
        if len(call.args) != 1 or not isinstance(call.args[0], ast.Constant) or not isinstance(call.args[0].value, str)
    ]
    assert unknown == []


def test_every_gap_is_filled() -> None:
    """Each sentence is given exactly the values it has gaps for: a missing one would fail when somebody must be told."""
    wrong = []
    for place, call in calls():
        names = [keyword.arg for keyword in call.keywords]
        text = call.args[0]
        if (
            None not in names
            and isinstance(text, ast.Constant)
            and sorted(set(gaps(str(text.value)))) != sorted(map(str, names))
        ):
            wrong.append(place)
    assert wrong == []
