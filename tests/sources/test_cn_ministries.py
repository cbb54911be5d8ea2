"""Reminders of China's ministries of commerce, and of culture and tourism."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from core.errors import SourceBroken
from core.i18n import t
from sources.check import check
from sources.model import Capture, Grade, Known
from sources.publishers import cn_mct, cn_mofcom

CAPTURES = Path(__file__).parent / "captures"
NOTICE = "https://fec.mofcom.gov.cn/article/jwaq/tbtx/202611/20261105000001.shtml"
HINT = "https://www.mct.gov.cn/ggfw/cxts/202611/t20261106_960001.html"


class Web:
    """Some pages; all other addresses are gone. Remembers what was asked for."""

    def __init__(self, pages: Mapping[str, str]) -> None:
        self.pages, self.asked = pages, list[str]()

    def get(self, url: str) -> Capture:
        """Return a page, or say that it is gone."""
        self.asked.append(url)
        if url not in self.pages:
            raise SourceBroken(t("{source}: {url} is no address.", source="x", url=url))
        return Capture("x", url, datetime(2026, 11, 9, tzinfo=UTC), (CAPTURES / self.pages[url]).read_bytes())


def test_the_page_of_a_reminder_adds_its_validity() -> None:
    """The ministry of commerce repeats until when the original holds; a page that is gone leaves the line as it is."""
    web = Web({cn_mofcom.CARD.url: "cn-mofcom/list.html", NOTICE: "cn-mofcom/detail.html"})
    reading = cn_mofcom.read(web.get, Known({}, first_time=False))
    found = {one.url: one for one in reading.advisories}
    assert found[NOTICE].expires_at == datetime(2027, 1, 31, 15, 59, 59, tzinfo=UTC)
    assert found[NOTICE].level_national == 4
    assert sum(one.detail_read for one in reading.advisories) == 1
    assert len(reading.notes) == len(reading.advisories) - 1


def test_a_day_that_does_not_exist_is_quarantined() -> None:
    """An address that only looks like one with a day is no date."""
    reading = cn_mofcom.parse(Web({cn_mofcom.CARD.url: "cn-mofcom/list.html"}).get(cn_mofcom.CARD.url))
    assert [bad.entry for bad in reading.quarantined] == ["提醒中国公民暂勿前往也门"]


def test_hints_for_journeys_at_home_warn_nobody_abroad() -> None:
    """Road weather and holidays stay in the list as China's, without a level, and their pages are not read."""
    web = Web({cn_mct.CARD.url: "cn-mct/list.html"})
    reading = cn_mct.read(web.get, Known({}, first_time=False))
    home = [one for one in reading.advisories if one.countries == ("CN",)]
    assert {one.title for one in home} == {"北京暴雨出行提示", "假期安全出游提示", "全国主要公路气象预报"}
    assert all(one.level is Grade.UNSTATED and not one.acute for one in home)
    assert not any(one.url in web.asked for one in home)
    assert HINT in web.asked


def test_hints_about_places_abroad_keep_their_level() -> None:
    """避免前往 is level 4 in this ministry's words too; 境外 speaks to all, and 乌 is left to an officer."""
    found = cn_mct.parse(Web({cn_mct.CARD.url: "cn-mct/list.html"}).get(cn_mct.CARD.url)).advisories
    assert [(one.countries, one.level) for one in found if "海地" in one.title] == [(("HT",), 4)]
    assert [one.worldwide for one in found if "境外" in one.title] == [True]
    assert [(one.countries, bool(one.ambiguous)) for one in found if "赴乌" in one.title] == [((), True)]


def test_the_cards_believe_their_own_lists() -> None:
    """The bounds of both cards let our own lists pass."""
    for publisher, name in ((cn_mofcom, "cn-mofcom"), (cn_mct, "cn-mct")):
        reading = publisher.parse(Web({publisher.CARD.url: f"{name}/list.html"}).get(publisher.CARD.url))
        assert check(publisher.CARD, reading, datetime(2026, 11, 9, tzinfo=UTC), None) == reading
