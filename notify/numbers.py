"""The telephone numbers of a notice: what the source prints, what our table adds for a reader's country, and 12308. Pure.

The source's own numbers win. Short messages carry only numbers that are sure; mails also carry the others, and say why they
are not (`notify/texts/helplines.py`).
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from core.i18n import Language
from core.places.finder import resolve
from core.places.names import display
from notify.texts.helplines import LOCAL, Directory, Helpline, Kind
from sources.model import Contact

HOTLINE = "+86-10-12308"
"""The foreign ministry's line for consular protection, day and night; printed at the end of its own notices."""

HOTLINE_NAME: Mapping[Language, str] = {
    "zh": "外交部全球领事保护与服务应急热线（24小时）", "en": "12308 hotline for consular protection (24 hours)",
}  # fmt: skip
SERVICES = {
    "火警": (Kind.FIRE, "Fire brigade"), "匪警": (Kind.POLICE, "Police"), "报警": (Kind.POLICE, "Police"),
    "急救": (Kind.AMBULANCE, "Ambulance"),
}  # fmt: skip
LOCAL_NAMES: Mapping[Language, Mapping[Kind, str]] = {
    "zh": {Kind.POLICE: "报警", Kind.AMBULANCE: "急救", Kind.FIRE: "火警"},
    "en": {Kind.POLICE: "police", Kind.AMBULANCE: "ambulance", Kind.FIRE: "fire brigade"},
}
MOST_MISSIONS = 3
"""With more missions than this in one notice a short message leaves them to the link: one of ten numbers helps nobody."""
MOST_LISTED = 12
"""With more countries than this a mail does not list their numbers: the source's and 12308 have to do."""
_AREA = re.compile(r"0(?:10|2[0-9]|[3-9][0-9]{2})[- ]?[0-9]{7,8}")
_MISSION = re.compile(r"驻(?P<place>.{1,12}?)(?P<kind>大使馆|使馆|总领事馆|总领馆|领事馆|领馆)")


@dataclass(frozen=True)
class Asked:
    """For whom numbers are looked up.

    Attributes:
        countries: where the readers of the text are; several if it is not known which of them.
        concerned: all the countries of the alert.
        local: the readers are there now: police and ambulance help them.
        day: by which the age of a number is reckoned.
    """

    contacts: Sequence[Contact] = ()
    countries: Sequence[str] = ()
    directory: Directory = field(default_factory=Directory)
    day: date = date.min
    local: bool = True
    concerned: Sequence[str] = ()

    @property
    def own(self) -> list[Contact]:
        """Return the source's numbers without those of missions in other countries of the same alert.

        A mission in a country that the alert is not about stays: the embassy to Libya has worked in Tunis.
        """
        others = set(self.concerned) - set(self.countries)
        return [one for one in self.contacts if not _only_in(one, others, self.countries)]


@dataclass(frozen=True)
class Short:
    """The numbers of a short message, in order of what may be dropped last: 12308, missions, police and ambulance."""

    local: str
    missions: tuple[str, ...]
    hotline: str

    def words(self, language: Language, *, most: int = MOST_MISSIONS, local: bool = True) -> str:
        """Join them, with at most so many missions, with or without police and ambulance."""
        chosen = ([self.local] if local and self.local else []) + [*self.missions[:most], self.hotline]
        return ("，" if language == "zh" else ", ").join(chosen)


def short_numbers(asked: Asked, language: Language) -> Short:
    """Return what a short message may carry: sure numbers only."""
    chosen: dict[str, str] = {}
    for one in asked.own:
        found = _MISSION.search(one.label)
        if found is not None and "12308" not in one.number:
            chosen.setdefault(_mission(found, language), one.number)
    for code in asked.countries:
        number = "" if _covered(asked, code) else _sure_mission(asked.directory, code)
        if number and len(asked.countries) <= MOST_MISSIONS:
            chosen.setdefault(_embassy_of(code, language), number)
    missions = [f"{label} {number}" for label, number in chosen.items()] if len(chosen) <= MOST_MISSIONS else []
    hotline = f"{'12308热线' if language == 'zh' else '12308 hotline'} {_hotline(asked.contacts)}"
    return Short(_short_local(asked, language), tuple(missions), hotline)


def short_contacts(contacts: Sequence[Contact], language: Language) -> str:
    """Return the source's numbers as a short message carries them: every mission's line, and 12308."""
    return short_numbers(Asked(contacts), language).words(language)


def embassy_number(asked: Asked) -> str:
    """Return the one line of a mission for a reader whose country is known: the source's, else ours; empty if none is sure."""
    said = (one.number for one in asked.own if _MISSION.search(one.label) and "12308" not in one.number)
    ours = _sure_mission(asked.directory, asked.countries[0]) if len(asked.countries) == 1 else ""
    return next(said, ours)


def local_number(asked: Asked, kind: Kind) -> str:
    """Return a local number for readers whose country is known and who are there: the source's, else ours; empty if none."""
    if len(asked.countries) != 1 or not asked.local:
        return ""
    said = (one.number for one in asked.contacts if _service(one) is kind)
    return next(said, "") or asked.directory.sure(asked.countries[0], kind)


def _short_local(asked: Asked, language: Language) -> str:
    police, ambulance = (local_number(asked, kind) for kind in (Kind.POLICE, Kind.AMBULANCE))
    zh = language == "zh"
    if police and police == ambulance:
        return f"当地报警、急救{police}" if zh else f"Local police and ambulance {police}"
    names = LOCAL_NAMES[language]
    gap = "" if zh else " "
    told = [
        f"{names[kind]}{gap}{number}" for kind, number in ((Kind.POLICE, police), (Kind.AMBULANCE, ambulance)) if number
    ]
    return ("当地" + "、".join(told) if zh else "Local " + ", ".join(told)) if told else ""


def contact_lines(contacts: Sequence[Contact], body: str, language: Language, asked: Asked | None = None) -> list[str]:
    """Return the lines that a mail adds below the text: the numbers that are not in the text already, and 12308 at the end."""
    colon = "：" if language == "zh" else ": "
    lines = [] if asked is None else _table_lines(asked, body, language)
    lines += [f"{_label(one, language)}{colon}{one.number}" for one in contacts if one.number not in body]
    if not any("12308" in text for text in (body, *lines)):
        lines.append(f"{HOTLINE_NAME[language]}{colon}{HOTLINE}")
    return lines


def _table_lines(asked: Asked, body: str, language: Language) -> list[str]:
    """Return our table's lines for the readers' countries: one a number, or, of several countries, one a country."""
    if len(asked.countries) > MOST_LISTED:
        return []
    several = len(asked.countries) > 1
    found = []
    for code in asked.countries:
        local, missions = _local_words(asked, code, language), _mission_words(asked, code, body, language)
        told = local + missions
        if several and told:
            zh = language == "zh"
            name = display(code, language)
            found.append(f"{name}：{'，'.join(told)}" if zh else f"{name}: {', '.join(told)}")
        elif told:
            found += told
    return found


def _local_words(asked: Asked, code: str, language: Language) -> list[str]:
    several = len(asked.countries) > 1
    said = {_service(one) for one in asked.contacts} if not several else set()
    by_number: dict[str, list[str]] = {}
    for one in asked.directory.of(code, *LOCAL) if asked.local else []:
        if one.kind not in said:
            by_number.setdefault(_marked(one, asked.day, language), []).append(LOCAL_NAMES[language][one.kind])
    if language == "zh":
        return [
            f"{'' if several else '当地'}{'、'.join(n)}{'' if several else '：'}{number}"
            for number, n in by_number.items()
        ]
    gap = " " if several else ": "
    joined = {number: " and ".join(names) for number, names in by_number.items()}
    return [f"{words if several else 'Local ' + words}{gap}{number}" for number, words in joined.items()]


def _mission_words(asked: Asked, code: str, body: str, language: Language) -> list[str]:
    several, covered = len(asked.countries) > 1, _covered(asked, code)
    found = []
    for one in asked.directory.missions(code):
        if one.number in body or (covered and one.kind is not Kind.CONSULATE):
            continue  # the source's own number of the embassy wins
        if several and (one.kind is not Kind.EMBASSY or not one.sure):
            continue
        label = _long_label(one, language) if not several else ("使馆" if language == "zh" else "Chinese embassy ")
        gap = "" if several else ("：" if language == "zh" else ": ")
        found.append(f"{label}{gap}{_marked(one, asked.day, language)}")
    return found


def _long_label(one: Helpline, language: Language) -> str:
    where = display(one.country, language)
    if language == "zh":
        return {
            Kind.EMBASSY: f"中国驻{where}使馆领事保护与协助电话", Kind.CONSULATE: f"中国驻{one.place}领馆领事保护与协助电话",
        }.get(one.kind, f"中国驻{where}使馆总机（不是领事保护专线）")  # fmt: skip
    return {
        Kind.EMBASSY: f"Chinese embassy ({where}), consular protection", Kind.CONSULATE: f"Chinese consulate ({one.place})",
    }.get(one.kind, f"Chinese embassy ({where}), switchboard (no line for consular protection)")  # fmt: skip


def _marked(one: Helpline, day: date, language: Language) -> str:
    """Return the number with what a reader should know of it."""
    told = [caution.render(language) for caution in one.cautions(day)]
    if not told:
        return one.number
    return f"{one.number}（{'，'.join(told)}）" if language == "zh" else f"{one.number} ({', '.join(told)})"


def _covered(asked: Asked, code: str) -> bool:
    """Tell whether the source prints a mission's number for this country."""
    found = [match for one in asked.contacts if (match := _MISSION.search(one.label)) is not None]
    return any(code in resolve(match["place"]) for match in found)


def _only_in(contact: Contact, others: Collection[str], countries: Sequence[str]) -> bool:
    found = _MISSION.search(contact.label)
    codes = resolve(found["place"]) if found is not None else ()
    return any(code in others for code in codes) and not any(code in countries for code in codes)


def _sure_mission(directory: Directory, code: str) -> str:
    """Return the embassy's line; where there is none, that of the only consulate."""
    consulates = {one.place: one.number for one in reversed(directory.of(code, Kind.CONSULATE)) if one.sure}
    return directory.sure(code, Kind.EMBASSY) or (next(iter(consulates.values())) if len(consulates) == 1 else "")


def _service(contact: Contact) -> Kind | None:
    return next((kind for chinese, (kind, _) in SERVICES.items() if chinese in contact.label), None)


def _label(contact: Contact, language: Language) -> str:
    found = _MISSION.search(contact.label)
    if language == "zh" or "12308" in contact.number:
        return contact.label if language == "zh" else HOTLINE_NAME["en"]
    if found is not None:
        return _mission(found, language)
    return next((english for chinese, (_, english) in SERVICES.items() if chinese in contact.label), contact.label)


def _hotline(contacts: Sequence[Contact]) -> str:
    return next((one.number for one in contacts if "12308" in one.number), HOTLINE)


def _embassy_of(code: str, language: Language) -> str:
    where = display(code, language)
    return f"驻{where}使馆领保电话" if language == "zh" else f"Chinese embassy ({where})"


def _mission(found: re.Match[str], language: Language) -> str:
    place, consulate = found["place"], "领" in found["kind"]
    if language == "zh":
        return f"驻{place}{'总领馆' if consulate else '使馆'}领保电话"
    codes = resolve(place)
    name = f" ({display(codes[0], 'en')})" if len(codes) == 1 and not consulate else f" ({place})"
    return f"Chinese {'consulate' if consulate else 'embassy'}{name}"


def from_abroad(phone: str) -> str:
    """Return the office's number as it can be dialled where its readers are: with +86 in place of the zero of a Chinese area.

    What is not written like that (a short number, one with a plus, a mobile phone) stays as it is.
    """
    return f"+86-{phone[1:]}" if _AREA.fullmatch(phone) else phone
