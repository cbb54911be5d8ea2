"""From the nouns of the register to the answers of the API: rows by their public ids. Pure."""

from __future__ import annotations

import hmac
import json
from collections.abc import Mapping
from datetime import date
from hashlib import sha256
from typing import Any

from sqlalchemy import Row

from console.api import models
from console.api.call import Call
from console.api.ids import Ids, Kind
from core.i18n import Language, Message, t
from notify.words import STATES, reason_words, state_words
from registry.people import AddressView, PersonView, PostingView
from registry.roster.merge import Plan
from registry.roster.model import Outcome
from registry.roster.report import RosterReport, remarks

MOST_FINDINGS = 2000
UNREACHABLE = "unreachable"


def person(view: PersonView, ids: Ids, day: date) -> models.Person:
    """Return a person as the company's system sees them."""
    return models.Person(
        id=ids.show(Kind.PERSON, view.registrant_id),
        name=view.name,
        language=view.language,
        postings=[_posting(one, ids, day) for one in view.postings],
        addresses=[_address(one, ids) for one in view.addresses],
        contacts=[models.Contact(name=one.name, relation=one.relation, phone=one.phone) for one in view.contacts],
    )


def etag(shown: models.Person, secret: bytes) -> str:
    """Return the mark of a person as they are now: any change makes another one."""
    return f'"{hmac.digest(secret, shown.model_dump_json().encode(), sha256)[:12].hex()}"'


def _posting(one: PostingView, ids: Ids, day: date) -> models.Posting:
    return models.Posting(
        id=ids.show(Kind.POSTING, one.posting_id), country=one.country, status=one.status.value, date_from=one.date_from,
        date_to=one.date_to, city=one.city, site=one.site, confirmed_at=one.confirmed_at, stale=one.stale_on(day),
    )  # fmt: skip


def _address(one: AddressView, ids: Ids) -> models.Address:
    return models.Address(
        id=ids.show(Kind.ADDRESS, one.address_id), channel=one.channel, value=one.value, preference=one.preference,
        verified_at=one.verified_at, stopped_at=one.stopped_at,
    )  # fmt: skip


def findings(report: RosterReport, language: Language) -> list[models.Finding]:
    """Return what was found in a roster, row by row, at most `MOST_FINDINGS`."""
    every = ((row, one) for row in report.rows for one in row.findings)
    return [
        models.Finding(
            sheet=one.sheet, row=one.row, column=one.column, read=one.read[:200], outcome=row.outcome.value,
            weight=one.weight.value, problem=one.message.render(language),
        )
        for (row, one), _ in zip(every, range(MOST_FINDINGS), strict=False)
    ]  # fmt: skip


def roster_answer(
    report: RosterReport, people: Mapping[str, int], call: Call, *, full: bool, roster: str | None, plan: Plan | None
) -> models.RosterAnswer:
    """Return what is in a roster and what was done with it, or would be.

    Args:
        people: counts of `Plan.counts`. `roster`: public id if it was applied. `plan`: if it was not.
    """
    shown = findings(report, call.language)
    return models.RosterAnswer(
        id=roster, applied=roster is not None, full=full, file_name=report.file_name,
        rows=models.RowCounts(**{outcome.value: report.count(outcome) for outcome in Outcome}),
        people=models.PeopleCounts(**people),
        remarks=[one.render(call.language) for one in remarks(report)],
        findings=shown, more_findings=len(report.findings) - len(shown),
        doubts=_doubts(plan, call.ids) if plan is not None else [],
    )  # fmt: skip


def _doubts(plan: Plan, ids: Ids) -> list[models.RosterDoubt]:
    return [
        models.RosterDoubt(
            kind=one.kind.value, rows=list(one.rows), people=[ids.show(Kind.PERSON, who) for who in one.registrant_ids]
        )
        for one in plan.doubts
    ]


def roster(row: Row[Any], ids: Ids) -> models.Roster:
    """Return a roster that was applied, from its line."""
    kept = json.loads(row.report)
    return models.Roster(
        id=ids.show(Kind.ROSTER, row.id), file_name=row.file_name, full=not row.partial, applied_at=row.created_at,
        undone_at=row.undone_at, rows=models.RowCounts(**{one.value: kept.get(one.value, 0) for one in Outcome}),
        people=models.PeopleCounts(**people_counts(row)),
    )  # fmt: skip


def people_counts(row: Row[Any]) -> dict[str, int]:
    """Return what an import did, by people. Of one that was made before this was kept, noughts."""
    kept = json.loads(row.report).get("people", {})
    return {name: kept.get(name, 0) for name in models.PeopleCounts.model_fields}


def notice(row: Row[Any], call: Call) -> models.Notice:
    """Return what became of one notice to one person."""
    ids, state = call.ids, row.state or UNREACHABLE
    return models.Notice(
        id=ids.show(Kind.NOTICE, row.delivery_id) if row.delivery_id else None,
        alert=ids.show(Kind.ALERT, row.alert_id), person=ids.show(Kind.PERSON, row.registrant_id), country=row.country,
        level=row.level, kind=row.kind, title=row.title_en if call.language == "en" else row.title_zh,
        channel=row.channel or "", state=state, provider_status=row.provider_status or "",
        in_words=_state_words(state, row.provider_status or "").render(call.language),
        reason=_reason(row.reason or "", call.language), accepted_at=row.accepted_at, updated_at=row.updated_at,
    )  # fmt: skip


def _state_words(state: str, provider_status: str) -> Message:
    if state == UNREACHABLE:
        return t("there is no address to write to")
    provided = f"provider_{provider_status}"
    return state_words(provided if state == "accepted" and provided in STATES else state)


def _reason(reason: str, language: Language) -> str:
    words = reason_words(reason) if reason else ""
    return words.render(language) if isinstance(words, Message) else words


def alert(row: Row[Any], countries: list[str], call: Call) -> models.Alert:
    """Return an alert in force."""
    english = call.language == "en"
    return models.Alert(
        id=call.ids.show(Kind.ALERT, row.alert_id), kind=row.kind, level=row.level, level_words=row.level_words,
        title=row.title_en if english else row.title_zh, body=row.body_en if english else row.body_zh,
        countries=countries, url=row.url, released_at=row.released_at, in_force_until=row.in_force_until, people=row.people,
    )  # fmt: skip
