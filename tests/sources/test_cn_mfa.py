"""The ministry's list and notices: which pages are asked for, and what a notice's own page adds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType

import pytest

from core.errors import SourceBroken
from core.i18n import t
from sources.model import Capture, Known
from sources.publishers import cn_mfa

OWN = Path(__file__).parent / "captures" / "cn-mfa"
LIST, PAGE_TWO = cn_mfa.CARD.url, "https://cs.mfa.gov.cn/aqtx/index_1.html"
NEWEST = "https://cs.mfa.gov.cn/aqtx/202611/t20261105_90000001.html"
SITE = MappingProxyType({LIST: "list.html", PAGE_TWO: "index_1.html", NEWEST: "detail.html"})


class Site:
    """The ministry's site as far as our captures go; remembers what was asked for."""

    def __init__(self, pages: Mapping[str, str] = SITE) -> None:
        self.pages, self.asked = pages, list[str]()

    def get(self, url: str) -> Capture:
        """Return a page, or say that it is gone."""
        self.asked.append(url)
        if url not in self.pages:
            raise SourceBroken(t("{source}: {url} is no address.", source="cn-mfa", url=url))
        return Capture("cn-mfa", url, datetime(2026, 11, 9, tzinfo=UTC), (OWN / self.pages[url]).read_bytes())


def marks_without(*gone: str) -> dict[str, str]:
    """Return what the last good read left behind, but for notices whose key starts with one of `gone`."""
    entries = cn_mfa.parse(Site().get(LIST)).advisories
    return {one.native_id: one.list_mark for one in entries if not one.native_id.startswith(gone)}


def test_the_first_read_takes_all_pages_and_no_details() -> None:
    """First sight is a baseline: older pages are read too, single notices are not."""
    site = Site()
    reading = cn_mfa.read(site.get, Known())
    assert site.asked == [LIST, PAGE_TWO]
    assert len(reading.advisories) == 8
    assert not any(one.detail_read for one in reading.advisories)


def test_a_missing_further_page_is_a_note() -> None:
    """The first page counts even if the second cannot be had."""
    reading = cn_mfa.read(Site({LIST: "list.html"}).get, Known())
    assert len(reading.advisories) == 7
    assert [str(note) for note in reading.notes] == [f"Older notices may be missing: cn-mfa: {PAGE_TWO} is no address."]


def test_an_ordinary_night_asks_for_one_page() -> None:
    """Nothing new: one request."""
    site = Site()
    cn_mfa.read(site.get, Known(marks_without("x"), first_time=False))
    assert site.asked == [LIST]


def test_a_new_notice_is_read_in_full() -> None:
    """Exact time, expiry, numbers and text come from the notice's page; the countries stay those of the title."""
    site = Site()
    reading = cn_mfa.read(site.get, Known(marks_without("2026-11-05"), first_time=False))
    assert site.asked == [LIST, NEWEST]
    notice = reading.advisories[0]
    assert notice.countries == ("HT",)
    assert notice.published_at == datetime(2026, 11, 5, 1, 30, tzinfo=UTC)
    assert notice.expires_at is not None
    assert notice.expires_at.date().isoformat() == "2027-01-31"
    assert "多米尼加" in notice.summary
    assert "12308" in " ".join(one.number for one in notice.contacts)
    assert notice.detail_read
    assert reading.notes == ()


def test_a_notice_without_its_page_goes_on_from_the_list() -> None:
    """A missing detail is named and holds nothing back."""
    site = Site({LIST: "list.html"})
    reading = cn_mfa.read(site.get, Known(marks_without("2026-11-05"), first_time=False))
    assert reading.advisories[0].level_national == 4
    assert not reading.advisories[0].detail_read
    assert str(reading.notes[0]).startswith("Read from the list alone: 提醒中国公民暂勿前往海地")


def test_a_page_of_new_notices_only_is_read_on() -> None:
    """After a long outage notices may have slipped to the second page."""
    site = Site()
    reading = cn_mfa.read(site.get, Known({"2020-01-01/abc": "x"}, first_time=False))
    assert site.asked[:2] == [LIST, PAGE_TWO]
    assert len(reading.advisories) == 8


def test_the_second_page_is_not_read_when_the_first_meets_known_ground() -> None:
    """One known notice on the page means that nothing slipped away."""
    site = Site()
    cn_mfa.read(site.get, Known(marks_without("2026", "2025"), first_time=False))
    assert PAGE_TWO not in site.asked


def test_refiled_addresses_change_no_key() -> None:
    """The same notice under a new address and number, laid out otherwise, is the same notice."""
    page = Site().get(LIST)
    moved = page.body.replace(b"./202611/t20261105_90000001", b"../lsbh/202612/t20261201_99999999")
    moved = moved.replace("暂勿前往海地".encode(), "暂勿前往 海地".encode())
    before, after = cn_mfa.parse(page).advisories[0], cn_mfa.parse(replace(page, body=moved)).advisories[0]
    assert before.native_id == after.native_id
    assert before.list_mark == after.list_mark
    assert before.url != after.url
    assert before.fingerprint == after.fingerprint


def test_a_page_with_another_title_is_noted() -> None:
    """The list's title stands; an officer sees that the page says something else."""
    listed = cn_mfa.parse(Site().get(LIST)).advisories[1]
    fuller, notes = cn_mfa.parse_detail(Site().get(NEWEST), listed)
    assert fuller.title == listed.title
    assert fuller.published_at == listed.published_at
    assert [str(note) for note in notes] == [f"The page of {listed.title} is headed 提醒中国公民暂勿前往海地."]


def test_a_page_that_is_no_notice_is_refused() -> None:
    """The list itself, or a page without text, is not taken for a notice."""
    listed = cn_mfa.parse(Site().get(LIST)).advisories[0]
    with pytest.raises(SourceBroken, match="暂勿前往海地"):
        cn_mfa.parse_detail(Site().get(LIST), listed)


def test_a_list_in_the_old_encoding_is_read_by_its_own_word() -> None:
    """A page that says it is in GB2312, and is, gives the same notices."""
    page = Site().get(LIST)
    old = page.body.decode().replace('charset="utf-8"', 'charset="gb2312"').encode("gb18030")
    assert cn_mfa.parse(replace(page, body=old)).advisories == cn_mfa.parse(page).advisories


def test_a_real_notice_is_read_in_full() -> None:
    """A notice of September 2026 gives its time, text and numbers, and no country beyond the title's."""
    real = Path(__file__).resolve().parents[2].parent / "shared" / "feeds" / "cn-mfa"
    files = [real / "aqtx-list-p1-20261004.fragment.html", real / "aqtx-detail-t20260914_12021693.fragment.html"]
    if not all(file.is_file() for file in files):
        pytest.skip(f"no captures in {real}")
    pages = [Capture("cn-mfa", LIST, datetime(2026, 10, 4, tzinfo=UTC), file.read_bytes()) for file in files]
    notice, notes = cn_mfa.parse_detail(pages[1], cn_mfa.parse(pages[0]).advisories[0])
    assert notes == ()
    assert notice.published_at == datetime(2026, 9, 14, 6, 55, tzinfo=UTC)
    assert notice.countries == ("AF", "TJ")
    assert (notice.level_national, notice.level_regional_max) == ("unstated", 4)
    assert {"+992-935710666", "+86-10-12308"} <= {one.number for one in notice.contacts}
    assert notice.expires_at is None
