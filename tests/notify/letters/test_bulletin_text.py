"""The bulletin in words: Markdown, page and Word file as they were read and found right."""

from __future__ import annotations

import io
import os
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from docx import Document

from core.i18n import Language
from notify.brief import brief
from notify.bulletin.choose import excerpt
from notify.bulletin.week import Week, week_at, week_named
from notify.bulletin.word import docx
from notify.bulletin.write import written
from notify.markup import page, plain
from tests.notify.letters.week_of_fiction import WEEK, empty, facts
from tests.notify.night_of_fiction import NIGHT_JSON

GOLDEN = Path(__file__).parent / "golden"
LANGUAGES: tuple[Language, ...] = ("zh", "en")
BESIDE = {
    "help": ["预警1：1人需要帮助，0人答复不明，6人中5人未答复，0人平安。"], "levels": ["肯尼亚：中国外交部: 3级 (“谨慎前往”)。"],
    "silences": ["静默3（领事科）至2026-12-01 00:00：<b>演习</b>"], "hours_ago": None,
    "letters": ["未发出：周报 2026-W47 致 employer/3（550）"],
}  # fmt: skip
"""What stands beside the night of fiction when its brief is read."""
DAY = datetime(2026, 11, 20, 8, tzinfo=UTC)


def word_text(data: bytes) -> str:
    """Return a Word file as lines: its paragraphs with the faces used, then its tables."""
    paper = Document(io.BytesIO(data))
    lines = [
        f"{one.alignment or '-'} | {''.join(run.text for run in one.iter_inner_content())}" for one in paper.paragraphs
    ]
    lines += [" | ".join(cell.text for cell in row.cells) for table in paper.tables for row in table.rows]
    return "\n".join(lines) + "\n"


def texts() -> Iterator[tuple[str, str]]:
    """Yield every golden file's name and text."""
    for language in LANGUAGES:
        text = written(facts(language), language)
        yield f"bulletin.{language}.md", text
        yield f"bulletin.{language}.txt", plain(text)
    chinese = written(facts("zh"), "zh")
    yield "bulletin.zh.html", page(chinese, "境外安全周报", "zh", red=True)
    yield "bulletin.zh.docx.txt", word_text(docx(chinese, "境外安全周报", "zh", DAY))
    yield "bulletin-empty.zh.md", written(empty(), "zh")
    yield "brief.zh.html", page(brief(NIGHT_JSON["zh"] | BESIDE, "花果山市外办", "Asia/Shanghai", "zh"), "晨报", "zh")


TEXTS = dict(texts())


@pytest.mark.parametrize("name", TEXTS)
def test_bulletins_are_as_they_were_read(name: str) -> None:
    """Each is, to the letter, the one that was read and found right."""
    file = GOLDEN / name
    if os.environ.get("LINGBAO_GOLDEN") == "write":
        file.write_text(TEXTS[name], encoding="utf-8")
    assert TEXTS[name] == file.read_text(encoding="utf-8")


def test_no_golden_file_is_left_over() -> None:
    """Every file in the folder belongs to a text."""
    assert {file.name for file in GOLDEN.iterdir()} == set(TEXTS)


def test_what_a_source_writes_makes_no_link_and_no_tag() -> None:
    """A title with a link or a tag in it stays words, in the page and in Word; links lead only where publishers are."""
    shown = page(TEXTS["bulletin.zh.md"], "x", "zh", red=True)
    assert "evil.example" not in "".join(re.findall(r'href="([^"]*)"', shown))
    assert "<b>" not in shown
    paper = Document(io.BytesIO(docx(TEXTS["bulletin.zh.md"], "x", "zh", DAY)))
    targets = {one.target_ref for one in paper.part.rels.values() if one.is_external}
    assert targets == {"https://one.example/t1.html", "https://one.example/t%282%29%20x.html", "https://one.example/t3.html",
                       "https://two.example/mali", "https://three.example/q1"}  # fmt: skip


def test_the_word_file_looks_like_an_official_paper() -> None:
    """A4, a red title in the middle, 仿宋 for the text and 黑体 for headings, in the attribute Word reads for Chinese."""
    paper = Document(io.BytesIO(docx(TEXTS["bulletin.zh.md"], "境外安全周报", "zh", DAY)))
    section, title = paper.sections[0], paper.paragraphs[0]
    assert (round((section.page_width or 0) / 360_000, 1), round((section.page_height or 0) / 360_000, 1)) == (
        21.0,
        29.7,
    )
    assert str(title.runs[0].font.color.rgb) == "C00000"
    faces = set(re.findall(r'w:eastAsia="([^"]+)"', paper.element.xml))
    assert {"方正小标宋简体", "仿宋", "黑体", "楷体"} <= faces
    assert (paper.core_properties.title, paper.core_properties.created) == ("境外安全周报", DAY)


def test_the_parts_of_a_paragraph_are_in_the_order_word_wants() -> None:
    """Another order makes Word call the file damaged (ECMA-376, 17.3.1.26)."""
    order = ["keepNext", "pBdr", "spacing", "ind", "jc", "outlineLvl"]
    paper = Document(io.BytesIO(docx(TEXTS["bulletin.zh.md"], "x", "zh", DAY)))
    for one in paper.paragraphs:
        found = [order.index(part.tag.partition("}")[2]) for part in one.paragraph_format._element.pPr]
        assert found == sorted(found)


@pytest.mark.parametrize(
    ("moment", "name"),
    [
        ("2026-11-20T16:00:00+08:00", "2026-W47"),
        ("2026-11-20T16:00:01+08:00", "2026-W48"),
        ("2026-11-13T16:00:00+08:00", "2026-W46"),
        ("2026-11-13T08:00:01+00:00", "2026-W47"),
        ("2027-01-01T15:59:00+08:00", "2026-W53"),
        ("2027-01-03T12:00:00+08:00", "2027-W01"),
    ],
)
def test_every_moment_belongs_to_one_week(moment: str, name: str) -> None:
    """Weeks close on Friday at 16:00 of the office, and the next begins at once; also over New Year."""
    week = week_at(datetime.fromisoformat(moment), "Asia/Shanghai")
    assert week.name == name
    assert week.begins < datetime.fromisoformat(moment) <= week.ends
    assert week_named(name, "Asia/Shanghai") == week


def test_weeks_follow_each_other_without_a_gap() -> None:
    """The end of one is the beginning of the next."""
    weeks: list[Week] = [week_at(WEEK.ends.replace(year=year), "Asia/Shanghai") for year in (2025, 2026)]
    assert week_named("2026-W48", "Asia/Shanghai").begins == WEEK.ends
    assert all((one.ends - one.begins).days == 7 for one in weeks)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("", ""),
        ("一句话。第二句。", "一句话。第二句。"),
        ("长" * 200 + "。", "长" * 159 + "…"),
        ("甲" * 150 + "。" + "乙" * 50 + "。", "甲" * 150 + "。"),
        ("One. Two.\nThree.", "One. Two. Three."),
    ],
)
def test_an_excerpt_ends_with_a_sentence(text: str, shown: str) -> None:
    """Whole sentences as far as they fit; only a first one that is too long is cut, and marked."""
    assert excerpt(text) == shown
