"""Our Markdown as blocks, as plain text and as a page: briefs, roll-ups, digests and bulletins are written once. Pure.

Tags of HTML in the text stay text, and links lead to http, https, mail and telephone only.
"""

from __future__ import annotations

import html
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from markdown_it import MarkdownIt
from markdown_it.token import Token

from core.i18n import Language

LINKS = ("http://", "https://", "mailto:", "tel:")
SERIF = "'FangSong','FangSong_GB2312','STFangsong','Noto Serif CJK SC',serif"
SANS = "system-ui,'PingFang SC','Microsoft YaHei','Noto Sans CJK SC',sans-serif"


class BlockKind(StrEnum):
    """What a block is."""

    HEADING = "heading"
    PARAGRAPH = "paragraph"
    ITEM = "item"
    ROW = "row"


@dataclass(frozen=True)
class Run:
    """Some words in one look; `link`: where they lead, empty for nowhere."""

    text: str
    bold: bool = False
    link: str = ""


@dataclass(frozen=True)
class Block:
    """One block of a text.

    Attributes:
        level: of a heading 1 to 6; of an item how deep it stands, from 1; of a row 1 for the head of its table, else 0.
        cells: a row has several; anything else one.
        number: of an item in a numbered list; 0 for any other.
    """

    kind: BlockKind
    level: int
    cells: tuple[tuple[Run, ...], ...]
    number: int = 0

    @property
    def runs(self) -> tuple[Run, ...]:
        """Return the words of a block that is no row."""
        return self.cells[0]


def _parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": False, "breaks": True}).enable("table").disable("image")
    parser.validateLink = lambda url: url.lower().startswith(LINKS)  # type: ignore[method-assign]
    return parser


def blocks(markdown: str) -> list[Block]:
    """Read Markdown as a list of blocks; what is quoted or code is a paragraph."""
    found: list[Block] = []
    level, kind = 0, BlockKind.PARAGRAPH
    lists: list[bool] = []
    number = 0
    cells: list[tuple[Run, ...]] | None = None
    head = 0
    for token in _parser().parse(markdown):
        if token.type in {"bullet_list_open", "ordered_list_open"}:
            lists.append(token.type.startswith("ordered"))
        elif token.type in {"bullet_list_close", "ordered_list_close"}:
            lists.pop()
        elif token.type == "list_item_open":
            number = int(token.info or 0) if lists[-1] else 0
        elif token.type == "heading_open":
            kind, level = BlockKind.HEADING, int(token.tag[1])
        elif token.type in {"thead_open", "thead_close"}:
            head = int(token.type == "thead_open")
        elif token.type == "tr_open":
            cells = []
        elif token.type == "tr_close":
            found.append(Block(BlockKind.ROW, head, tuple(cells or ())))
            cells = None
        elif token.type in {"inline", "fence", "code_block"}:
            runs = tuple(_runs(token.children)) if token.children else (Run(token.content),)
            if cells is not None:
                cells.append(runs)
                continue
            plain = BlockKind.ITEM if lists else BlockKind.PARAGRAPH
            found.append(
                Block(
                    plain if kind is BlockKind.PARAGRAPH else kind, level or len(lists), (runs,), number if lists else 0
                )
            )
            kind, level = BlockKind.PARAGRAPH, 0
    return found


def _runs(tokens: Sequence[Token]) -> Iterator[Run]:
    bold, link = 0, ""
    for token in tokens:
        if token.type in {"strong_open", "strong_close"}:
            bold += 1 if token.nesting > 0 else -1
        elif token.type in {"link_open", "link_close"}:
            link = str(token.attrGet("href") or "") if token.nesting > 0 else ""
        elif token.type in {"softbreak", "hardbreak"}:
            yield Run("\n", bool(bold), link)
        elif token.content:
            yield Run(token.content, bool(bold), link)


def plain(markdown: str) -> str:
    """Return the text without marks, for the plain half of a mail: links follow their words, cells are apart by a bar."""
    lines: list[str] = []
    last: BlockKind | None = None
    for block in blocks(markdown):
        words = " | ".join("".join(_said(run) for run in cell) for cell in block.cells)
        if lines and not (block.kind is last and last in {BlockKind.ITEM, BlockKind.ROW}):
            lines.append("")
        inner, mark = "  " * (block.level - 1), f"{block.number}." if block.number else "-"
        lines.append(
            f"{inner}{mark} {words.replace(chr(10), chr(10) + inner + '  ')}" if block.kind is BlockKind.ITEM else words
        )
        last = block.kind
    return "\n".join(lines) + "\n"


def _said(run: Run) -> str:
    return f"{run.text} <{run.link}>" if run.link and run.link != run.text else run.text


def fragment(markdown: str) -> str:
    """Return the text as a piece of HTML for a page of ours: no tag of the text is one, and a page it leads to learns nothing of us."""
    parser = _parser()
    tokens = parser.parse(markdown)
    for one in (child for token in tokens for child in token.children or ()):
        if one.type == "link_open":
            one.attrSet("rel", "noreferrer nofollow noopener")
    return str(parser.renderer.render(tokens, parser.options, {}))


STYLE = """
body{margin:0;background:#f4f6f8;color:#1c2126;font:16px/1.75 %s}
main{max-width:46rem;margin:0 auto;padding:24px 28px;background:#fff}
h1{font-size:22px;line-height:1.4;margin:0 0 16px}
h2{font-size:18px;margin:28px 0 8px;padding-bottom:4px;border-bottom:1px solid #d8dee6}
h3{font-size:16px;margin:18px 0 4px}
p{margin:0 0 10px;overflow-wrap:anywhere} li{margin:2px 0;overflow-wrap:anywhere} a{color:#1d4e89}
table{border-collapse:collapse;margin:8px 0 16px;width:100%%}
td,th{border:1px solid #c9d2dc;padding:4px 8px;text-align:left;vertical-align:top}
.red h1{font-family:'FZXiaoBiaoSong-B05S','STZhongsong','SimSun','Noto Serif CJK SC',serif;color:#c00000;font-size:40px;text-align:center;
letter-spacing:.15em;margin:12px 0 18px} .red h1+p{text-align:center;border-bottom:2px solid #c00000;padding-bottom:10px;margin-bottom:18px}
.red h2{font-family:'SimHei','Noto Sans CJK SC',sans-serif;border:0} .red h3{font-family:'KaiTi','STKaiti','Noto Serif CJK SC',serif}
"""


def page(markdown: str, title: str, language: Language, *, red: bool = False) -> str:
    """Return the text as a page of its own, which a mail may carry too. `red`: under the red title of an official paper."""
    lang = "zh-CN" if language == "zh" else language
    body = _parser().render(markdown)
    style = STYLE % (SERIF if red else SANS)
    return (
        f'<!doctype html>\n<html lang="{lang}">\n<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, '
        f'initial-scale=1">\n<title>{html.escape(title)}</title>\n<style>{style}</style></head>\n<body>\n'
        f"<main{' class=red' if red else ''}>\n{body}</main>\n</body>\n</html>\n"
    )
