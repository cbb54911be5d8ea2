"""The how-to for a new source: its code block is a source that meets the contract, and its table is what comes out."""

from __future__ import annotations

import re
import types
from datetime import UTC, datetime
from pathlib import Path
from typing import cast

import pytest

from core.errors import SourceBroken
from core.settings import load
from sources.catalog import publishers_with
from sources.model import Capture, Publisher
from tests.sources import test_publishers as contract

PAGE = Path(__file__).resolve().parents[2] / "docs" / "how-to" / "add-a-source.md"
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
