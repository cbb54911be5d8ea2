"""The pages belong together: each stands in the index, each Chinese twin says what its original says, and tables list what there is."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest
import yaml  # type: ignore[import-untyped]
from sqlmodel import SQLModel

import cli.app  # noqa: F401  (every table of every room is declared when it is imported)
from console.api.app import specification
from console.api.reference import page

ROOT = Path(__file__).resolve().parents[1]
DOCS = ROOT / "docs"
PAGES = sorted(path.relative_to(DOCS).as_posix() for path in DOCS.rglob("*.md"))
TWINS = [name for name in PAGES if name.endswith(".zh-CN.md")]
INDEX, CHINESE_INDEX = "README.md", "README.zh-CN.md"
LINK = re.compile(r"\]\((?!https?:)([^)\s]+)\)")
FENCE = re.compile(r"^ *```(\w*)\n(.*?)^ *```", re.MULTILINE | re.DOTALL)
COMMENT = re.compile(r"\s*(?:#|--note|--reason|<!--).*$", re.MULTILINE)


def text_of(name: str) -> str:
    """Read a page of `docs/`."""
    return (DOCS / name).read_text(encoding="utf-8")


def original_of(twin: str) -> str:
    """Return the name of the English page."""
    return twin.replace(".zh-CN.md", ".md")


def targets(name: str) -> set[str]:
    """Return the pages of `docs/` to which a page links, by name from `docs/`; anchors and languages apart."""
    found = set()
    for link in LINK.findall(FENCE.sub("", text_of(name))):
        file = link.partition("#")[0]
        if file.endswith(".md"):
            whole = ((DOCS / name).parent / file).resolve()
            found.add(original_of(whole.relative_to(ROOT).as_posix()))
    return found - {original_of(f"docs/{name}")}


@pytest.mark.parametrize("index", [INDEX, CHINESE_INDEX])
def test_every_page_stands_in_the_index(index: str) -> None:
    """Whoever begins at an index finds every page: nothing is written that nobody comes to."""
    known = targets(index)
    assert {f"docs/{original_of(name)}" for name in PAGES} - known - {f"docs/{INDEX}"} == set()


def test_the_chinese_index_leads_to_chinese_pages() -> None:
    """Where a page has a Chinese twin, the Chinese index links to it."""
    linked = {link.partition("#")[0] for link in LINK.findall(text_of(CHINESE_INDEX))}
    assert set(TWINS) - linked - {CHINESE_INDEX} == set()


@pytest.mark.parametrize("twin", TWINS)
def test_a_twin_has_the_parts_of_its_original(twin: str) -> None:
    """A page and its Chinese twin have the same headings, tables, list entries and blocks, in number and order of kinds."""
    ours, theirs = text_of(twin), text_of(original_of(twin))
    for kind in (r"^# ", r"^## ", r"^### ", r"^- ", r"^\d+\. ", r"^ *\| ", r"^ *!\["):
        counts = [len(re.findall(kind, FENCE.sub("", text), re.MULTILINE)) for text in (ours, theirs)]
        assert counts[0] == counts[1], kind
    kinds = [[language for language, _ in FENCE.findall(text)] for text in (ours, theirs)]
    assert kinds[0] == kinds[1]


@pytest.mark.parametrize("twin", TWINS)
def test_a_twin_has_the_commands_and_links_of_its_original(twin: str) -> None:
    """What can be typed is the same in both languages (words of a note apart), and both lead to the same pages."""
    blocks = [
        [
            COMMENT.sub("", block).replace("LINGBAO_LANG=zh-CN", "LINGBAO_LANG=en").split()
            for language, block in FENCE.findall(text_of(name))
            if language == "sh"
        ]
        for name in (twin, original_of(twin))
    ]
    assert blocks[0] == blocks[1]
    assert targets(twin) == targets(original_of(twin))


def test_a_page_with_a_twin_names_no_english_one_in_chinese() -> None:
    """A Chinese page links to the Chinese form of whatever has one."""
    wrong: dict[str, list[str]] = {}
    for twin in TWINS:
        links = [link.partition("#")[0] for link in LINK.findall(FENCE.sub("", text_of(twin))) if ".zh-CN" not in link]
        found = [link for link in links if link.endswith(".md") and Path(link).name != Path(original_of(twin)).name]
        has = [link for link in found if ((DOCS / twin).parent / link).with_suffix(".zh-CN.md").resolve().exists()]
        wrong |= {twin: has} if has else {}
    assert wrong == {}


def test_every_alert_rule_is_met_by_its_runbook() -> None:
    """Whoever is called by an alert of the monitoring finds its name on the page that it links to, in both languages."""
    groups = yaml.safe_load((ROOT / "deploy/prometheus/lingbao.rules.yml").read_text(encoding="utf-8"))["groups"]
    rules = [rule for group in groups for rule in group["rules"]]
    assert rules
    for rule in rules:
        (page_,) = {Path(value).name for value in rule["annotations"].values() if value.endswith(".md")}
        for name in (page_, page_.replace(".md", ".zh-CN.md")):
            assert f"`{rule['alert']}`" in text_of(f"runbooks/{name}"), name


@pytest.mark.parametrize("name", ["privacy.md", "privacy.zh-CN.md"])
def test_every_table_stands_once_on_the_page_of_privacy(name: str) -> None:
    """Each table of the database is listed as of people, of the house, or of nobody; what is sealed is named."""
    parts = text_of(name).split("\n### ")[-3:]
    assert [part.partition("\n")[0] for part in parts] == ["people", "house", "none"]
    rows = [row for part in parts[:2] for row in re.findall(r"^\| `(\w+)` \|(.*)\|$", part, re.MULTILINE)]
    nobody = re.findall(r"`(\w+)`", parts[2])
    listed = Counter([*(table for table, _ in rows), *nobody])
    assert listed == Counter(SQLModel.metadata.tables.keys())
    sealed = {
        table: {column.name for column in SQLModel.metadata.tables[table].columns if column.name.endswith("_sealed")}
        for table in listed
    }
    assert {table: names for table, names in sealed.items() if table in nobody and names} == {}
    assert {table: sealed[table] - set(re.findall(r"`(\w+)`", said)) for table, said in rows if sealed[table]} == {
        table: set() for table, _ in rows if sealed[table]
    }


def test_the_page_of_the_api_is_the_one_made_from_its_description() -> None:
    """`docs/api.md` says what the program says."""
    assert text_of("api.md") == page(specification()), "write docs/api.md anew: see its head"
