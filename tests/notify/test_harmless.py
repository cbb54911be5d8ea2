"""What a source writes reaches people as words: no tag, no link of its own, no turned reading direction, no formula."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from markdown_it import MarkdownIt
from rich.console import Console
from rich.table import Table

from cli.show import table
from core.i18n import t
from notify.brief import brief
from notify.compose import compose
from notify.ledger import for_spreadsheet
from notify.markdown import quoted
from notify.summary import source_json
from sources.entries import cleaned
from sources.model import Advisory, Capture, Quarantined
from sources.publishers import cn_mfa
from sources.read import SourceReport, SourceStatus
from tests.notify.made import OFFICE, advisory, draft
from tests.notify.night_of_fiction import NIGHT_JSON

ATTACKS = (
    "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "<a href='javascript:alert(1)'>here</a>",
    "&lt;script&gt;alert(1)&lt;/script&gt;", "[here](javascript:alert(1))", "![x](https://elsewhere.example/x.png)",
    "\\[here\\](javascript:alert(1))", "\\\\[here](javascript:alert(1))", "<javascript:alert(1)>", "\n\n# heading\n\n[x]: javascript:1",
    "\u202egro.elpmaxe\u202c", "暂\u200b勿\u2060前\u00ad往", "[bold]x[/bold] [/] [link=https://elsewhere.example]y[/link]", "\x1b[31mred",
)  # fmt: skip
UNSEEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
ACTS = re.compile(r"<(?:a|img|script|iframe|svg|h[1-6])\b|javascript:[^)]*[\"']\s*>", re.IGNORECASE)
every_attack = pytest.mark.parametrize("attack", ATTACKS)


def notice(attack: str) -> Advisory:
    """Return a notice as it comes out of the sources: the attack in its title, text, grade, place and label."""
    words = f"提醒中国公民{attack}暂勿前往赞比亚"
    return cleaned(
        advisory(title=words, summary=words, level_words=words, places=(words,), url="https://one.example/a b\u202e<x>")
    )


@every_attack
def test_a_mail_shows_words_and_no_more(attack: str) -> None:
    """The mail holds no tag of the source's, no link but our own, and no character that nobody sees."""
    one = notice(attack)
    told = draft(
        title_zh=one.title,
        title_en=one.title,
        body_zh=one.summary,
        body_en=one.summary,
        level_words=one.level_words,
        url=one.url,
    )
    plain = draft(title_zh="x", title_en="x", body_zh="x", body_en="x", level_words="x", url=one.url)
    for text, usual in zip(compose(told, OFFICE), compose(plain, OFFICE), strict=True):
        assert not UNSEEN.search(text.subject + text.body + text.html)
        assert "\n" not in text.subject
        assert len(re.findall(r"<(?:script|img|iframe|svg)\b|href=.?javascript", text.html, re.IGNORECASE)) == 0
        added = set(re.findall(r"href=\"([^\"]*)\"", text.html)) - set(re.findall(r"href=\"([^\"]*)\"", usual.html))
        assert all(
            link.startswith("https://elsewhere.example") for link in added
        )  # written out in the text, as it stands


@every_attack
def test_the_brief_shows_words_and_no_more(attack: str) -> None:
    """As Markdown, a title, a fault or a note of a source makes no link, no picture, no tag and no heading."""
    report = SourceReport(
        "cn-mfa", SourceStatus.BROKEN, reason=t("{source}: {url} gave the unexpected answer {status}.", source="x", url=attack, status=1),
        quarantined=(Quarantined(attack, t("no known place: {name}", name=attack)),), notes=(t("no known place: {name}", name=attack),),
    )  # fmt: skip
    run = {**NIGHT_JSON["en"], "sources": [source_json(report, "en")]}
    run["alerts"] = [{**one, "title_en": attack} for one in run["alerts"]]
    run["gaps"] = [{"kind": "x", "subject": "x", "text": attack}]
    quiet = {
        **run,
        "alerts": [{**one, "title_en": "x"} for one in run["alerts"]],
        "gaps": [{"kind": "x", "subject": "x", "text": "x"}],
    }
    quiet["sources"] = [source_json(replace(report, reason=None, notes=()), "en")]
    shown, usual = (MarkdownIt().render(brief(one, "Office", "Asia/Shanghai", "en")) for one in (run, quiet))
    assert len(ACTS.findall(shown)) == len(ACTS.findall(usual))


def test_what_is_quoted_still_reads_well() -> None:
    """Ordinary titles stay as they are; only what could act gets a stroke before it."""
    assert (
        quoted("Haiti - Level 4: Do Not Travel (海地)_x_ 50 % & more")
        == "Haiti - Level 4: Do Not Travel (海地)_x_ 50 % & more"
    )
    assert quoted("a [b] <c>") == r"a \[b\] \<c>"


@every_attack
def test_a_table_on_the_screen_shows_words(attack: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Brackets in a title are no orders to the terminal, and do not stop the command."""
    one = notice(attack)
    table([t("Title")], [[one.title]])
    printed = capsys.readouterr().out
    assert not UNSEEN.search(printed)
    if "[bold]" in attack:
        assert "[bold]" in printed


def test_a_table_of_rich_alone_would_act() -> None:
    """The guard is needed: without it the same cell stops the program."""
    plain = Table("x")
    plain.add_row("[/]")
    with pytest.raises(Exception, match="closing tag"):
        Console(file=io.StringIO()).print(plain)


@pytest.mark.parametrize("attack", ["=cmd|' /C calc'!A0", "+1+1", "-1+1", "@SUM(1)", "\t=1", "\r=1"])
def test_an_exported_title_is_no_formula(attack: str) -> None:
    """A title that a spreadsheet would run gets a quote before it."""
    row = next(iter(for_spreadsheet([{"title_zh": attack}])))
    out = io.StringIO()
    csv.DictWriter(out, ["title_zh"], extrasaction="ignore").writerow(row)
    assert out.getvalue().lstrip('"').startswith("'")


def test_characters_that_nobody_sees_make_no_second_notice() -> None:
    """A title with invisible characters or a tag inside a word has the key, the country and the grade of the plain one."""
    titles = (
        "提醒中国公民暂勿前往海地",
        "提醒中国公民暂\u200b勿前往海\ufeff地",
        "提醒中国公民<b>暂勿</b><font>前往</font>海<wbr>地",
    )
    found = []
    for title in titles:
        page = (
            f'<html><ul class="news-list"><li><a href="./t1.html">{title}</a><span>2026-11-05</span></li></ul></html>'
        )
        capture = Capture("cn-mfa", cn_mfa.CARD.url, datetime(2026, 11, 9, tzinfo=UTC), page.encode())
        found.append(cn_mfa.parse(capture).advisories[0])
    assert {(one.native_id, one.countries, one.level_national, one.title) for one in found} == {
        (found[0].native_id, ("HT",), 4, titles[0])
    }
