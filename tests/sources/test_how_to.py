"""The how-to for a new source: followed to the letter, its file is a source that meets the contract, and its table what comes out."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import types
from datetime import UTC, datetime
from pathlib import Path
from typing import cast

import pytest

from core.errors import SourceBroken
from core.settings import load
from sources.catalog import publishers_with
from sources.model import Capture, Publisher
from tests.flows.running import environment, run
from tests.sources import test_publishers as contract

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "how-to" / "add-a-source.md"
ROOMS = ("core", "sources", "registry", "notify", "flows", "console", "cli", "deploy", "tests")
CLI, PYTEST = (sys.executable, "-m", "cli"), (sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider")
FETCHED = datetime(2026, 11, 9, tzinfo=UTC)


def block(kind: str) -> str:
    """Return the one code block of a kind on the page."""
    (found,) = re.findall(rf"^```{kind}\n(.*?)^```$", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    return cast(str, found)


@pytest.fixture(scope="module")
def publisher() -> Publisher:
    """Give the source of the page, as a module."""
    module = types.ModuleType("xx_north")
    exec(compile(block("python"), "xx_north.py", "exec"), module.__dict__)  # noqa: S102 - our own page
    return cast(Publisher, module)


def page(publisher: Publisher, body: bytes) -> Capture:
    """Return bytes as the answer of the source's address."""
    return Capture(publisher.CARD.id, publisher.CARD.url, FETCHED, body)


def test_the_lines_for_the_settings_are_sources(tmp_path: Path) -> None:
    """What the page says to write into `lingbao.toml` gives two sources and one embassy more, and one embassy less."""
    (tmp_path / "lingbao.toml").write_text(block("toml"), encoding="utf-8")
    settings = load(home=tmp_path)
    found = publishers_with(settings.extra_sources, settings.posts)
    assert {"no-weather", "city-notices"} <= found.keys()
    assert "zm.china-embassy.gov.cn" in found["cn-embassy"].CARD.hosts
    assert "rs.china-embassy.gov.cn" not in found["cn-embassy"].CARD.hosts


def test_the_sample_becomes_what_the_table_says(publisher: Publisher) -> None:
    """Kenya and Atlantis are read as the table says, Chad is quarantined."""
    found = publisher.parse(page(publisher, block("xml").encode()))
    kenya, atlantis = found.advisories
    assert (kenya.native_id, kenya.countries, kenya.level, kenya.summary) == (
        "adv-KE",
        ("KE",),
        2,
        "Floods in the west.",
    )
    assert kenya.updated_at == datetime(2026, 11, 4, 9, tzinfo=UTC)
    assert (atlantis.native_id, atlantis.countries, atlantis.unresolved, atlantis.level) == (
        "adv-AT",
        (),
        ("Atlantis",),
        4,
    )
    assert [(one.entry, str(one.reason)) for one in found.quarantined] == [
        ("Chad: Ask the embassy", "unknown level: Ask the embassy")
    ]
    assert not found.complete


def test_the_card_of_the_page_makes_sense(publisher: Publisher) -> None:
    """The card meets what is asked of every card."""
    contract.test_the_card_makes_sense(publisher)


@pytest.mark.parametrize(
    "body",
    [b"", b"null", b"<rss version='2.0'><channel/></rss>", b"<html><input name='password'></html>", b"[" * 100_000],
)
def test_the_source_of_the_page_refuses_what_is_no_list(publisher: Publisher, body: bytes) -> None:
    """Empty answers, login pages and hostile bytes break it, as they break every source."""
    with pytest.raises(SourceBroken, match="xx-north"):
        publisher.parse(page(publisher, body))


def as_long_as_the_card_says(sample: str) -> str:
    """Return the list as a real one is: the sample has three entries, and so few are not believed."""
    item = "<item><title>Province {0}: Take care</title><guid>adv-{0}</guid><description>Floods.</description></item>"
    return sample.replace("</channel>", "".join(item.format(number) for number in range(180)) + "</channel>")


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """Give a checkout of one's own in which the page was followed up to its third step."""
    top = tmp_path / "checkout"
    for room in ROOMS:
        shutil.copytree(ROOT / room, top / room, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", top)
    (top / "sources" / "publishers" / "xx_north.py").write_text(block("python"), encoding="utf-8")
    (top / "north.xml").write_text(block("xml"), encoding="utf-8")
    monday = as_long_as_the_card_says(block("xml"))
    (top / "monday.xml").write_text(monday, encoding="utf-8")
    (top / "tuesday.xml").write_text(monday.replace("Kenya: Take care", "Kenya: Do not travel"), encoding="utf-8")
    return top


@pytest.mark.timeout(300)  # on a machine that does much else
def test_the_page_followed_to_the_letter(checkout: Path, tmp_path: Path) -> None:
    """In a checkout with the new file each command of the page does what it says: recorded, tested, asked for, read, compared."""

    def typed(*command: str) -> subprocess.CompletedProcess[str]:
        nowhere = {"HTTPS_PROXY": "http://127.0.0.1:9", "LINGBAO_FETCH_TRIES": "1", "PYTHONPATH": str(checkout)}
        return run(list(command), environment(tmp_path / "home", **nowhere), cwd=checkout)

    to = ("--out", "tests/sources/captures")
    recorded = typed(*CLI, "sources", "record", "xx-north", "--file", "north.xml", "--at", "2026-11-09T00:00:00Z", *to)
    assert recorded.returncode == 1, recorded.stderr
    assert "3 entries, between" in recorded.stderr
    assert (checkout / "tests" / "sources" / "captures" / "xx-north" / "expected.json").is_file()
    for command in ("tests/sources",), ("tests/sources/test_fuzz.py",):
        tested = typed(*PYTEST, *command, "-k", "xx-north")
        assert tested.returncode == 0, tested.stdout
        assert "no tests ran" not in tested.stdout
    asked = typed(*CLI, "sources", "check", "xx-north")
    assert (asked.returncode, "could not be reached" in asked.stdout) == (1, True), asked.stdout
    parsed = typed(*CLI, "sources", "parse", "xx-north", "monday.xml", "--at", "2026-11-09T00:00:00Z")
    assert "adv-KE" in parsed.stdout
    compared = typed(*CLI, "sources", "diff", "xx-north", "monday.xml", "tuesday.xml")
    assert "adv-KE" in compared.stdout
