"""Preflight: what a planned version will cost, how long it will take, and what stands in its way. Pure.

Prices and rates are the office's own figures (settings `prices`, `rates`): what is not in them is named, never guessed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from core.i18n import Message, t
from core.languages import own_name
from core.settings import Settings
from core.settings_tables import Budget, Price
from notify.ledger.terms import channel_words
from notify.store.preflight import Load
from notify.tables import AlertText
from notify.texts.fit import over
from notify.texts.helplines import Directory, Kind, missing
from notify.texts.rules import FORMS, Form, TextRules
from notify.texts.shorten import URL

LONGEST_QUEUE = timedelta(hours=10)
"""A provider holds a message no longer than this: Twilio's queue of a sender is ten hours (its error 30001)."""

MOST_NAMED = 12


@dataclass(frozen=True)
class Terms:
    """What the settings say of prices, speed and templates.

    Attributes:
        rates: messages (of SMS: parts) a second, by channel.
        templates: our names of the templates a provider approved, by channel that sends nothing else.
        zone: of the office, whose day the budgets are for.
    """

    prices: Sequence[Price] = ()
    rates: Mapping[str, float] = field(default_factory=dict)
    templates: Mapping[str, frozenset[str]] = field(default_factory=dict)
    budgets: Sequence[Budget] = ()
    rules: TextRules = field(default_factory=TextRules)
    zone: str = "Asia/Shanghai"


def terms_of(settings: Settings) -> Terms:
    """Return the terms that the settings give."""
    templates = {"whatsapp": frozenset(name.partition(".")[0] for name in settings.whatsapp_templates)}
    if settings.sms_cn_provider in ("aliyun", "tencent"):
        templates["sms_cn"] = frozenset(settings.sms_cn_templates)
    return Terms(
        settings.prices, settings.rates, templates, settings.budgets, TextRules(settings.sms_most_parts), settings.zone
    )  # fmt: skip


@dataclass(frozen=True)
class Planned:
    """What was counted of a planned version.

    Attributes:
        texts: those that notices carry.
        home_numbers: SMS by a provider abroad to numbers under +86.
        used: calls that today's budgets have counted already.
        validity: how long its notices are worth sending.
        left_out: languages the office words notices in, but not this one, with the forms it lacks (`notify.texts.further`).
    """

    loads: Sequence[Load]
    texts: Sequence[AlertText]
    validity: timedelta
    home_numbers: int = 0
    used: Mapping[tuple[str, str], int] = field(default_factory=dict)
    template: str = "first"
    left_out: Mapping[str, Sequence[Form]] = field(default_factory=dict)


@dataclass(frozen=True)
class Forecast:
    """What is to be expected.

    Attributes:
        bill: sums by currency; `unpriced`: channels without a price for some country.
        seconds: how long each channel will send; a channel without a known rate is absent, and named in `unrated`.
    """

    bill: Mapping[str, float]
    unpriced: tuple[str, ...]
    seconds: Mapping[str, float]
    unrated: tuple[str, ...]
    warnings: tuple[Message, ...]

    @property
    def longest(self) -> float | None:
        """Return how many seconds the slowest channel takes; None if no rate is known. Channels send side by side."""
        return max(self.seconds.values(), default=None)


def forecast(planned: Planned, terms: Terms, directory: Directory) -> Forecast:
    """Reckon what a planned version costs and takes, and name what stands in its way."""
    bill, unpriced = _bill(planned.loads, terms.prices)
    work: dict[str, int] = {}
    for one in planned.loads:
        work[one.channel] = work.get(one.channel, 0) + one.parts
    seconds = {channel: parts / terms.rates[channel] for channel, parts in work.items() if terms.rates.get(channel)}
    unrated = tuple(channel for channel in work if channel not in seconds)
    found = [
        *_left_out(planned), *_too_long(planned, terms), *_without_template(planned, terms), *_links_home(planned), *_held(planned, terms),
        *_too_late(seconds, planned.validity), *_lacking(planned, directory),
    ]  # fmt: skip
    return Forecast(bill, unpriced, seconds, unrated, tuple(found))


def _bill(loads: Iterable[Load], prices: Sequence[Price]) -> tuple[dict[str, float], tuple[str, ...]]:
    table = {(one.channel, one.country): one for one in prices}
    bill: dict[str, float] = {}
    unpriced: dict[str, None] = {}
    for load in loads:
        price = table.get((load.channel, load.country)) or table.get((load.channel, "*"))
        if price is None:
            unpriced[load.channel] = None
        else:
            bill[price.currency] = bill.get(price.currency, 0.0) + load.parts * price.per_part
    return bill, tuple(unpriced)


def _left_out(planned: Planned) -> Iterable[Message]:
    for code, forms in planned.left_out.items():
        if forms:
            yield t("Nobody is told in {language} ({code}), but in English: the office has no wording in it for {forms}.",
                    language=own_name(code), code=code, forms=", ".join(forms))  # fmt: skip
        else:
            yield t("Nobody is told in {language} ({code}), but in English: a wording does not hold what this alert must say, or is newer "
                    "than its texts.", language=own_name(code), code=code)  # fmt: skip


def _too_long(planned: Planned, terms: Terms) -> Iterable[Message]:
    for one in planned.texts:
        if over(one.channel, one.language, one.parts, terms.rules):
            yield t("A text message ({language}) takes {parts} parts: more than the office set, and nothing more can be left out.",
                    language=one.language, parts=one.parts)  # fmt: skip


def _without_template(planned: Planned, terms: Terms) -> Iterable[Message]:
    for channel, names in terms.templates.items():
        count = sum(one.notices for one in planned.loads if one.channel == channel)
        if count and planned.template not in names:
            yield t("{count} notices cannot go over {channel}: the settings name no approved template “{template}”.",
                    count=count, channel=channel_words(channel), template=planned.template)  # fmt: skip


def _links_home(planned: Planned) -> Iterable[Message]:
    linked = any(one.channel == "sms" and URL.search(one.body) for one in planned.texts)
    if planned.home_numbers and linked:
        yield t("{count} text messages with a link go to +86 numbers by a provider abroad: carriers there stop links. Use a "
                "provider at home (setting sms_cn_provider).", count=planned.home_numbers)  # fmt: skip


def _held(planned: Planned, terms: Terms) -> Iterable[Message]:
    for limit in terms.budgets:
        mine = [one for one in planned.loads if one.channel == limit.channel and limit.country in ("*", one.country)]
        counted = {country: count for (channel, country), count in planned.used.items() if channel == limit.channel}
        used = counted.get(limit.country, sum(counted.values()) if limit.country == "*" else 0)
        beyond = used + sum(one.notices for one in mine) - limit.per_day
        if mine and beyond > 0:
            yield t("A budget would hold {count} notices: {channel}, {country}, {limit} a day, {used} used.", count=beyond,
                    channel=channel_words(limit.channel), country=limit.country, limit=limit.per_day, used=used)  # fmt: skip


def _too_late(seconds: Mapping[str, float], validity: timedelta) -> Iterable[Message]:
    for channel, needed in seconds.items():
        if needed > min(validity, LONGEST_QUEUE).total_seconds():
            yield t("{channel} needs {hours} hours for this: longer than the notice is valid, or than a provider keeps it.",
                    channel=channel_words(channel), hours=f"{needed / 3600:.1f}")  # fmt: skip


def _lacking(planned: Planned, directory: Directory) -> Iterable[Message]:
    """Name the countries whose readers get no local number, or no embassy's: 12308 is all they have."""
    countries = sorted({one.country for one in planned.loads if one.country and FORMS.get(one.channel) != "group"})
    lines = missing(directory, countries)
    for kind, words in ((Kind.POLICE, t("no police number")), (Kind.EMBASSY, t("no embassy line that is sure"))):
        without = [code for code, lack in lines if lack is kind]
        if without:
            names = ", ".join(without[:MOST_NAMED]) + (" …" if len(without) > MOST_NAMED else "")
            yield t("{what}: {countries}. See `lingbao numbers check`.", what=words, countries=names)
