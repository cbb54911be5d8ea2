"""The numbers that help: what is shipped, what an office corrects, what is sure enough to be printed where."""

from __future__ import annotations

import csv
import re
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from core.places.names import codes
from notify.numbers import Asked, contact_lines, short_numbers
from notify.texts.helplines import TABLE, Certainty, Directory, Helpline, Kind, missing, shipped, to_check
from sources.model import Contact
from tests.notify.made import EMBASSY

DAY = date(2026, 11, 22)
SHARED = Path(__file__).resolve().parents[2].parent / "shared" / "data" / "contacts.csv"


def line(kind: Kind, number: str, certainty: Certainty = Certainty.OFFICIAL, **more: object) -> Helpline:
    """Make a number of Zambia, fresh if nothing else is said."""
    given: dict[str, object] = {"place": "", "as_of": "2026-05-01"} | more
    return Helpline("ZM", kind, number=number, certainty=certainty, **given)  # type: ignore[arg-type]


def book(*lines: Helpline) -> Directory:
    """Make a directory of Zambia."""
    return Directory({"ZM": lines})


def asked(directory: Directory, *contacts: Contact, countries: tuple[str, ...] = ("ZM",), local: bool = True) -> Asked:
    """Ask for readers in Zambia."""
    return Asked(contacts, countries, directory, DAY, local)


FULL = book(
    line(Kind.POLICE, "991"), line(Kind.AMBULANCE, "992"), line(Kind.FIRE, "993"), line(Kind.EMBASSY, "+260111"),
    line(Kind.CONSULATE, "+260222", place="某市"), line(Kind.SWITCHBOARD, "+260333"),
)  # fmt: skip


def test_the_shipped_table_is_clean() -> None:
    """Every line has a country we know, a number that can be dialled, a date in ISO form and where it stands."""
    lines = [one for ones in shipped().lines.values() for one in ones]
    assert len(lines) > 1000
    for one in lines:
        assert one.country in codes()
        assert re.fullmatch(r"\+?\d{2,15}", one.number)
        assert re.fullmatch(r"(\d{4}(-\d\d(-\d\d)?)?)?", one.as_of)
        assert one.origin
        assert (one.place == "") == (one.kind in (Kind.POLICE, Kind.AMBULANCE, Kind.FIRE))


def test_the_shipped_table_says_what_was_collected() -> None:
    """No number of the collection was lost or changed on its way into the project."""
    if not SHARED.exists():
        pytest.skip("the collection of numbers is not beside this checkout")
    with SHARED.open(encoding="utf-8", newline="") as file:
        collected = {(r["iso2"], r["kind"], r["place"], r["number"], r["certainty"]) for r in csv.DictReader(file)}
    with TABLE.open(encoding="utf-8", newline="") as file:
        ours = {(r["country"], r["kind"], r["place"], r["number"], r["certainty"]) for r in csv.DictReader(file)}
    assert collected <= ours
    assert {row[1] for row in ours - collected} == {"switchboard"}


@pytest.mark.parametrize(
    ("as_of", "old"),
    [("2026-11-22", False), ("2024-11-22", False), ("2024-11-21", True), ("2025", False), ("2024", True),
     ("2024-11", True), ("2024-12", False), ("", True)],
)  # fmt: skip
def test_age(as_of: str, old: bool) -> None:
    """A number is old two years after the newest source that has it; a year or month counts from its first day."""
    assert line(Kind.POLICE, "991", as_of=as_of).is_old(DAY) is old


def test_a_short_message_has_police_ambulance_embassy_and_12308() -> None:
    """For somebody there: the three that help at once and the hotline, as short as they can be."""
    assert short_numbers(asked(FULL), "zh").words("zh") == (
        "当地报警991、急救992，驻赞比亚使馆领保电话 +260111，12308热线 +86-10-12308"
    )  # fmt: skip
    assert short_numbers(asked(FULL), "en").words("en") == (
        "Local police 991, ambulance 992, Chinese embassy (Zambia) +260111, 12308 hotline +86-10-12308"
    )


def test_one_number_for_both_is_said_once() -> None:
    """Where police and ambulance have one number it stands once."""
    one = book(line(Kind.POLICE, "112"), line(Kind.AMBULANCE, "112"))
    assert short_numbers(asked(one), "zh").local == "当地报警、急救112"


def test_who_is_only_planning_gets_no_local_numbers() -> None:
    """Police and ambulance of a place help nobody who is not there yet; the embassy does."""
    told = short_numbers(asked(FULL, local=False), "zh").words("zh")
    assert "991" not in told
    assert "+260111" in told


@pytest.mark.parametrize("kind", [Kind.POLICE, Kind.EMBASSY])
def test_what_is_only_believed_stands_in_mails_and_is_marked(kind: Kind) -> None:
    """A number that nobody confirmed is in no short message; in a mail it says so."""
    unsure = book(line(kind, "+260999", Certainty.BELIEVED))
    assert "+260999" not in short_numbers(asked(unsure), "zh").words("zh")
    mail = contact_lines((), "", "zh", asked(unsure))
    assert any(one.endswith("+260999（未核实）") for one in mail)


def test_a_mail_says_how_old_a_number_is_and_what_others_say() -> None:
    """The reader who cannot get through knows what else to dial, and that the list may be out of date."""
    one = book(line(Kind.POLICE, "991", as_of="2012-04-03", also=("999",)))
    assert contact_lines((), "", "zh", asked(one))[0] == "当地报警：991（或 999，2012年资料）"
    assert contact_lines((), "", "en", asked(one))[0] == "Local police: 991 (or 999, as of 2012)"


def test_the_sources_own_numbers_win() -> None:
    """What the publisher prints for a mission or the police replaces ours, in short and in mails."""
    given = asked(FULL, EMBASSY, Contact("当地匪警", "02"))
    short = short_numbers(given, "zh").words("zh")
    assert "报警02" in short
    assert EMBASSY.number in short
    assert "+260111" not in short
    mail = "\n".join(contact_lines(given.contacts, "", "zh", given))
    assert "+260111" not in mail
    assert "991" not in mail
    assert "急救：992" in mail


def test_a_reader_gets_the_missions_of_their_own_country() -> None:
    """Of a joint notice's missions a text for one country carries that country's; one in no country of the alert stays."""
    other, tunis = Contact("驻马拉维使馆领事保护与协助电话", "+265-1"), Contact("驻突尼斯使馆领保电话", "+216-1")
    given = replace(asked(FULL, EMBASSY, other, tunis), concerned=("MW", "ZM"))
    told = short_numbers(given, "zh").words("zh")
    assert "+265-1" not in told
    assert EMBASSY.number in told
    assert "+216-1" in told


def test_a_text_for_several_countries_names_each() -> None:
    """A mail to people in one of several countries has a line a country; no local number stands without its country."""
    two = Directory(
        {"ZM": FULL.lines["ZM"], "MW": (Helpline("MW", Kind.POLICE, "", "997", "2026", Certainty.OFFICIAL),)}
    )
    mail = contact_lines((), "", "zh", asked(two, countries=("MW", "ZM")))
    assert mail[:2] == ["马拉维：报警997", "赞比亚：报警991，急救992，火警993，使馆+260111"]
    assert short_numbers(asked(two, countries=("MW", "ZM")), "zh").local == ""


def test_the_switchboard_only_where_there_is_no_better_line() -> None:
    """An embassy's general line stands in mails only, named as what it is, where no consular line is sure."""
    assert "+260333" not in "\n".join(contact_lines((), "", "zh", asked(FULL)))
    only = book(line(Kind.SWITCHBOARD, "+260333"))
    assert contact_lines((), "", "zh", asked(only))[0] == "中国驻赞比亚使馆总机（不是领事保护专线）：+260333"
    assert "+260333" not in short_numbers(asked(only), "zh").words("zh")


def test_the_office_corrects_takes_away_and_puts_back() -> None:
    """An office's number stands in the place of all of its kind; an empty one takes it away; the last word counts."""
    right, none = line(Kind.POLICE, "999", Certainty.CHECKED), line(Kind.POLICE, "", Certainty.CHECKED)
    assert FULL.corrected([right]).sure("ZM", Kind.POLICE) == "999"
    assert FULL.corrected([right, none]).sure("ZM", Kind.POLICE) == ""
    assert FULL.corrected([none, right]).sure("ZM", Kind.POLICE) == "999"
    assert FULL.corrected([right]).sure("ZM", Kind.AMBULANCE) == "992"


def test_a_consulate_is_corrected_by_its_city() -> None:
    """A new number of one consulate leaves those of other cities alone."""
    two = book(line(Kind.CONSULATE, "+1", place="甲"), line(Kind.CONSULATE, "+2", place="乙"))
    new = two.corrected([line(Kind.CONSULATE, "+3", Certainty.CHECKED, place="乙")])
    assert {one.place: one.number for one in new.of("ZM", Kind.CONSULATE)} == {"甲": "+1", "乙": "+3"}


def test_what_is_to_be_checked() -> None:
    """Believed, disputed and old numbers are listed with the reasons; what is lacking too; what is fresh and sure is not."""
    lines = book(line(Kind.POLICE, "991"), line(Kind.AMBULANCE, "992", also=("999",), as_of="2012"),
                 line(Kind.EMBASSY, "+1", Certainty.BELIEVED, as_of=""))  # fmt: skip
    found = {one.kind: [why.render("zh") for why in doubts] for one, doubts in to_check(lines, ["ZM"], DAY)}
    assert found == {
        Kind.AMBULANCE: ["另有来源为 999", "2012 之后无新资料"], Kind.EMBASSY: ["未核实", "资料无日期"],
    }  # fmt: skip
    assert missing(lines, ["ZM"]) == [("ZM", Kind.EMBASSY)]
