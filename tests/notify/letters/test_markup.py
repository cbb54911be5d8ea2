"""Our Markdown: what a person edits becomes blocks, plain text and a page, and nothing in it acts."""

from __future__ import annotations

from notify.markdown import linked, quoted
from notify.markup import BlockKind, blocks, page, plain

TEXT = """# 标题

一段**重**话
第二行，[原文](https://one.example/a)

- 甲
  1. 乙
  2. 丙

| 国家 | 电话 |
|---|---|
| 赞比亚 | 999 |
"""


def test_a_text_is_read_as_blocks() -> None:
    """Headings, paragraphs, items with depth and number, rows with their cells."""
    found = blocks(TEXT)
    assert [(one.kind, one.level, one.number) for one in found] == [
        (BlockKind.HEADING, 1, 0), (BlockKind.PARAGRAPH, 0, 0), (BlockKind.ITEM, 1, 0), (BlockKind.ITEM, 2, 1),
        (BlockKind.ITEM, 2, 2), (BlockKind.ROW, 1, 0), (BlockKind.ROW, 0, 0),
    ]  # fmt: skip
    assert [(run.text, run.bold, run.link) for run in found[1].runs] == [
        ("一段", False, ""), ("重", True, ""), ("话", False, ""), ("\n", False, ""), ("第二行，", False, ""),
        ("原文", False, "https://one.example/a"),
    ]  # fmt: skip


def test_plain_text_reads_well() -> None:
    """Marks are gone, links follow their words, cells are apart."""
    assert plain(TEXT) == (
        "标题\n\n一段重话\n第二行，原文 <https://one.example/a>\n\n- 甲\n  1. 乙\n  2. 丙\n\n国家 | 电话\n赞比亚 | 999\n"
    )


def test_nothing_in_a_text_acts() -> None:
    """Tags stay words; a script, a picture and a relative link make neither tag nor link."""
    shown = page("# <script>x</script>\n\n[a](javascript:x) [b](/admin) ![c](https://x.example/p.png)", "<b>", "zh")
    body = shown[shown.index("<body>") :]
    assert "<script" not in shown
    assert "<img" not in shown
    assert 'href="javascript' not in body
    assert 'href="/admin' not in body
    assert "<title>&lt;b&gt;</title>" in shown


def test_an_address_cannot_end_its_link() -> None:
    """Brackets and blanks in an address are coded, so that the link leads where it should."""
    url = "https://one.example/a(1) <b>"
    [block] = blocks(f"[{quoted('原[文]')}]({linked(url)})")
    assert [(run.text, run.link) for run in block.runs if run.link] == [
        ("原[文]", "https://one.example/a%281%29%20%3Cb%3E")
    ]
