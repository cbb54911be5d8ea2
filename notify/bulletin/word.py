"""The bulletin as a Word file, in the look of official papers: red title, 仿宋 text, 黑体 and 楷体 headings (after GB/T 9704-2012)."""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import groupby
from typing import Any

from docx import Document
from docx.document import Document as Paper
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm, Pt, RGBColor
from docx.text.paragraph import Paragraph

from core.i18n import Language
from notify.markup import Block, BlockKind, Run, blocks

RED, BLUE = RGBColor(0xC0, 0x00, 0x00), RGBColor(0x1D, 0x4E, 0x89)
LATIN = "Times New Roman"
TEXT, BLACK, KAI, TITLE = "仿宋", "黑体", "楷体", "方正小标宋简体"
SIZES = {1: 36.0, 2: 16.0, 3: 16.0}
"""Points of headings; 16 is 三号, the size of official text."""
SMALL = 12.0
AFTER_BORDER = ("w:shd", "w:tabs", "w:spacing", "w:ind", "w:jc", "w:outlineLvl")
LINE = 28.0
"""Points from line to line, as official papers have them."""


def docx(markdown: str, title: str, language: Language, day: datetime) -> bytes:
    """Return the bytes of the Word file. `day`: what it says of when it was made, an aware time."""
    paper = Document()
    _set_up(paper, title, language, day)
    found = blocks(markdown)
    for is_row, group in groupby(enumerate(found), key=lambda one: one[1].kind is BlockKind.ROW):
        numbered = list(group)
        if is_row:
            _table(paper, [block for _, block in numbered])
            continue
        for place, block in numbered:
            under_title = place > 0 and found[place - 1].kind is BlockKind.HEADING and found[place - 1].level == 1
            _block(paper, block, under_title=under_title)
    buffer = io.BytesIO()
    paper.save(buffer)
    return buffer.getvalue()


def _set_up(paper: Paper, title: str, language: Language, day: datetime) -> None:
    section = paper.sections[0]
    section.page_width, section.page_height = Cm(21), Cm(29.7)
    section.top_margin, section.bottom_margin = Cm(3.7), Cm(3.5)
    section.left_margin, section.right_margin = Cm(2.8), Cm(2.6)
    head = paper.core_properties
    head.title, head.author, head.language = title, "", "zh-CN" if language == "zh" else language
    head.created = head.modified = day.astimezone(UTC).replace(tzinfo=None)
    normal: Any = paper.styles["Normal"]
    _face(normal, TEXT, 16.0)
    foot = section.footer.paragraphs[0]
    foot.alignment = WD_ALIGN_PARAGRAPH.CENTER
    _page_number(foot)


def _face(thing: Any, chinese: str, size: float) -> None:
    """Set both faces: Word takes the one for Chinese from an attribute of its own."""
    thing.font.name, thing.font.size = LATIN, Pt(size)
    thing.element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), chinese)


def _block(paper: Paper, block: Block, *, under_title: bool) -> None:
    paragraph = paper.add_paragraph()
    shape = paragraph.paragraph_format
    shape.space_before = shape.space_after = Pt(0)
    shape.line_spacing = Pt(LINE)
    if block.kind is BlockKind.HEADING:
        _heading(paragraph, block)
    elif under_title:
        paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
        shape.space_after = Pt(18)
        _red_line(paragraph)
        _words(paragraph, block.runs, TEXT, SMALL)
    elif block.kind is BlockKind.ITEM:
        shape.left_indent = Pt(32.0 * block.level)
        shape.first_line_indent = Pt(-16)
        _words(paragraph, (Run(f"{block.number}. " if block.number else "· "), *block.runs), TEXT, 16.0)
    else:
        shape.first_line_indent = Pt(32)
        _words(paragraph, block.runs, TEXT, 16.0)


def _heading(paragraph: Paragraph, block: Block) -> None:
    shape = paragraph.paragraph_format
    shape.keep_with_next = True
    if block.level == 1:
        paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
        shape.line_spacing = Pt(48)
        shape.space_after = Pt(12)
    else:
        shape.first_line_indent = Pt(32)
        shape.space_before = Pt(8 if block.level == 2 else 0)
    face = {1: TITLE, 2: BLACK}.get(block.level, KAI)
    _words(paragraph, block.runs, face, SIZES.get(block.level, 16.0), RED if block.level == 1 else None)
    _outline(paragraph, block.level)


def _words(paragraph: Paragraph, runs: Sequence[Run], face: str, size: float, colour: RGBColor | None = None) -> None:
    for run in runs:
        if run.link:
            _link(paragraph, run, face, size)
            continue
        written = paragraph.add_run(run.text)
        _face(written, face, size)
        written.bold = run.bold or None
        if colour is not None:
            written.font.color.rgb = colour


def _link(paragraph: Paragraph, run: Run, face: str, size: float) -> None:
    relation = paragraph.part.relate_to(run.link, RELATIONSHIP_TYPE.HYPERLINK, is_external=True)
    written = paragraph.add_run(run.text)
    _face(written, face, size)
    written.font.color.rgb, written.font.underline = BLUE, True
    link: Any = OxmlElement("w:hyperlink")
    link.set(qn("r:id"), relation)
    link.append(written._r)
    paragraph._p.append(link)


def _table(paper: Paper, rows: Sequence[Block]) -> None:
    grid = paper.add_table(rows=0, cols=max(len(row.cells) for row in rows))
    grid.style = "Table Grid"
    for row in rows:
        cells = grid.add_row().cells
        for cell, runs in zip(cells, row.cells, strict=False):
            _words(cell.paragraphs[0], runs, BLACK if row.level else TEXT, SMALL)
            cell.paragraphs[0].paragraph_format.space_after = Pt(0)


def _red_line(paragraph: Paragraph) -> None:
    border: Any = OxmlElement("w:pBdr")
    line: Any = OxmlElement("w:bottom")
    for name, value in (("val", "single"), ("sz", "18"), ("space", "6"), ("color", "C00000")):
        line.set(qn(f"w:{name}"), value)
    border.append(line)
    # The schema wants an order (ECMA-376, 17.3.1.26), and Word calls a file damaged that has another.
    paragraph._p.get_or_add_pPr().insert_element_before(border, *AFTER_BORDER)


def _outline(paragraph: Paragraph, level: int) -> None:
    """Let the heading stand in Word's list of headings."""
    outline: Any = OxmlElement("w:outlineLvl")
    outline.set(qn("w:val"), str(level - 1))
    paragraph._p.get_or_add_pPr().append(outline)


def _page_number(paragraph: Paragraph) -> None:
    for kind, text in (("begin", ""), ("", "PAGE"), ("end", "")):
        run = paragraph.add_run()
        part: Any = OxmlElement("w:fldChar" if kind else "w:instrText")
        if kind:
            part.set(qn("w:fldCharType"), kind)
        part.text = text or None
        run._r.append(part)
