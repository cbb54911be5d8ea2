"""What stands beside the form while it is filled in: whom it reaches, by which ways, when, at what price, and in which words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from console.pages.forms import FieldError
from console.pages.office.visit import Visit
from core.i18n import Message, t
from core.languages import language_name
from core.places.names import display
from core.places.zones import zones
from core.tables import Mode
from notify.ledger.terms import channel_words
from notify.levels_told import in_a_line
from notify.own.rehearsal import Rehearsal, Show, too_long
from notify.preview import Preview
from notify.ref import fill
from notify.sms import count
from notify.store import alerts as alert_store
from notify.store.levels import look
from notify.tables import AlertText
from notify.texts.readers import variant_words
from notify.texts.rules import text_rules
from registry.actors import SYSTEM
from registry.employers import list_employers
from registry.people import PersonView
from registry.scope.people import people_numbered
from sources.catalog import is_on

CODE = "······"
"""Shown where each notice has its reference code."""
MOST_BESIDE = 5
"""Countries whose levels are looked up while somebody types."""
MOST_TEXTS = 24
"""Texts shown: an alert for many countries has hundreds, which differ in the numbers to call."""
FEW_TEXTS = 4
"""Texts that stand open; the others open when asked."""


@dataclass(frozen=True)
class Place:
    """A country with the people there. `clock`: the time there now; `night`: people sleep, by the policy's hours."""

    country: str
    people: int
    clock: str
    night: bool
    several: bool


@dataclass(frozen=True)
class TextShown:
    """One text as its readers will see it."""

    channel: Message | str
    language: str
    code: str
    readers: Message | str
    subject: str
    body: str
    size: Message
    long: bool


@dataclass(frozen=True)
class PersonLine:
    """Somebody on a list that was asked for."""

    number: int
    name: str
    company: str


@dataclass(frozen=True)
class Panel:
    """The preview.

    Attributes:
        missing: what is wrong with the form: then there is nothing else.
        rehearsal: what would happen. `seen` is None in it: too many people for a look while typing.
        listed: the people asked for, with `show`.
        more: texts that are not shown.
        done_at: when the last notice would be with a provider, if it left now.
        sides: what each government says, by country.
        drill: of a drill, how many addresses the allow-list has: nobody else gets it.
    """

    missing: tuple[FieldError, ...] = ()
    rehearsal: Rehearsal | None = None
    places: tuple[Place, ...] = ()
    loads: tuple[tuple[Message | str, str, int, int], ...] = ()
    texts: tuple[TextShown, ...] = ()
    sides: tuple[tuple[str, str], ...] = ()
    bill: str = ""
    minutes: Message | None = None
    done_at: datetime | None = None
    more: int = 0
    listed: tuple[PersonLine, ...] = ()
    show: Show = Show.NOBODY
    warning: Message | None = None
    drill: int | None = None

    @property
    def seen(self) -> Preview | None:
        """Return the numbers, if they were counted."""
        return None if self.rehearsal is None else self.rehearsal.seen


def panel(who: Visit, found: Rehearsal, show: Show = Show.NOBODY) -> Panel:
    """Return the preview of a rehearsal. People by name are in the audit."""
    seen = found.seen
    used = seen.texts if seen is not None and seen.texts else _for_anybody(found.texts)
    shown = tuple(_text(who, one) for one in _in_order(used)[:MOST_TEXTS])
    return Panel(
        rehearsal=found, places=_places(who, found), loads=() if seen is None else _loads(who, seen), texts=shown,
        more=len(used) - len(shown), sides=_sides(who, found.countries), bill=_bill(seen), minutes=_minutes(seen),
        done_at=_done_at(who, seen), listed=_listed(who, found.listed), show=show, warning=_warning(who, found), drill=_allowed(who, found),
    )  # fmt: skip


def _places(who: Visit, found: Rehearsal) -> tuple[Place, ...]:
    people = {} if found.seen is None else found.seen.by_country
    return tuple(
        _place(who, code, people.get(code, 0)) for code in sorted(found.countries, key=lambda one: -people.get(one, 0))
    )


def _place(who: Visit, code: str, people: int) -> Place:
    there = zones(code)
    local = who.now.astimezone(ZoneInfo(there[0]))
    return Place(
        code, people, f"{local:%m-%d %H:%M}", who.office.policy.quiet.night.holds(local.time()), len(there) > 1
    )


def _loads(who: Visit, seen: Preview) -> tuple[tuple[Message | str, str, int, int], ...]:
    return tuple(
        (channel_words(one.channel), display(one.country, who.language) if one.country else "", one.notices, one.parts)
        for one in seen.loads
    )


def _for_anybody(texts: Sequence[AlertText]) -> list[AlertText]:
    """Return what people there would read, if there were any."""
    return [one for one in texts if one.variant in {"abroad", "group"}]


def _in_order(texts: Sequence[AlertText]) -> list[AlertText]:
    """Chinese before English, people there before those about to leave; else as they were made."""
    return sorted(texts, key=lambda one: (one.language != "zh", one.language, "abroad" not in one.variant))


def _text(who: Visit, one: AlertText) -> TextShown:
    body, sms = fill(one.body, "0" * 6), "sms" in one.channel
    size = t("{units} units, {parts} parts", units=count(body).units, parts=one.parts) if sms else t(
        "{characters} characters", characters=len(one.body))  # fmt: skip
    rules = text_rules(who.office.settings)
    return TextShown(
        channel_words(one.channel), language_name(one.language, who.language), one.language, _readers(who, one.variant),
        one.subject, fill(one.body, CODE), size, too_long((one,), rules) is not None,
    )  # fmt: skip


def _readers(who: Visit, variant: str) -> Message | str:
    """Say who reads a text; of one for a single country, with its name."""
    kind, _, code = variant.partition(".")
    return (
        t("{who}, {country}", who=variant_words(kind), country=display(code, who.language))
        if code
        else variant_words(kind)
    )


def _sides(who: Visit, countries: Sequence[str]) -> tuple[tuple[str, str], ...]:
    zone, settings = ZoneInfo(who.office.settings.zone), who.office.settings
    cards = [one.CARD for one in who.office.sources.values() if is_on(one.CARD, settings)]
    with who.reading() as connection:
        found = [look(connection, cards, code, who.now) for code in countries[:MOST_BESIDE]]
    return tuple((one.country, in_a_line(one, zone, who.language)) for one in found)


def _bill(seen: Preview | None) -> str:
    if seen is None or seen.forecast is None:
        return ""
    return "、".join(f"{total:.2f} {currency}" for currency, total in seen.forecast.bill.items())


def _minutes(seen: Preview | None) -> Message | None:
    longest = None if seen is None or seen.forecast is None else seen.forecast.longest
    if longest is None:
        return None
    return t("less than a minute") if longest < 60 else t("about {minutes} minutes", minutes=round(longest / 60))


def _done_at(who: Visit, seen: Preview | None) -> datetime | None:
    """Return when the last notice would be with a provider, if it were released now; None if no rate is known."""
    longest = None if seen is None or seen.forecast is None else seen.forecast.longest
    if seen is None or longest is None:
        return None
    sent = who.now + timedelta(seconds=longest)
    return sent if seen.last_wait is None else max(sent, seen.last_wait)


def _listed(who: Visit, numbers: Sequence[int]) -> tuple[PersonLine, ...]:
    if not numbers:
        return ()
    with who.writing() as connection:
        found = people_numbered(connection, who.actor, who.keys, numbers)
        who.viewed(connection, [one.registrant_id for one in found])
        companies = {one.employer_id: one.name for one in list_employers(connection, SYSTEM)}
    return tuple(_person(one, companies) for one in found)


def _person(one: PersonView, companies: dict[int, str]) -> PersonLine:
    return PersonLine(one.registrant_id, one.name, companies.get(one.employer_id or 0, ""))


def _allowed(who: Visit, found: Rehearsal) -> int | None:
    with who.reading() as connection:
        mode = Mode(alert_store.instance(connection).mode)
    return len(who.office.settings.drill_allow) if found.drill or mode is Mode.DRILL else None


def _warning(who: Visit, found: Rehearsal) -> Message | None:
    """Say that a text is too long for the office's own limit: it would be refused when it is submitted."""
    rules = text_rules(who.office.settings)
    long = too_long(found.texts, rules)
    if long is None or found.version.rule != "officer":
        return None
    return t("The SMS ({language}) takes {parts} parts, and {most} are the limit. Shorten the title, or from level 3 on the text.",
             language=language_name(long.language, who.language), parts=long.parts,
             most=rules.most_parts("zh" if long.language == "zh" else "en"))  # fmt: skip
