"""Collecting a proof: page by page, so that an alert to a quarter of a million people does not have to fit in memory."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Row

from core import audit
from core.errors import NotFound
from core.i18n import t
from notify.byhand import store as hands_store
from notify.byhand.record import note_of
from notify.ledger.carried import Carried, Seals
from notify.ledger.model import About, Hand, Line, Look, Said
from notify.store import ledger as store
from registry import scope
from registry.actors import SYSTEM
from registry.masks import mask_name
from registry.scope.api import own_people
from registry.scope.rights import erased
from registry.tables import Role


def begin(connection: Connection, about: About, look: Look) -> None:
    """Let those pass who may look so, and write the look to the audit; in a transaction of its own, so that reading holds up nobody.

    Raises:
        NotAllowed: this actor may not look so.
        NotFound: the person or the company is none of this company's.
    """
    look.check(about)
    actor = look.acting.actor
    if actor.role == Role.COMPANY:
        _own(connection, about, look)
    how = ",".join(name for name, on in (("plain", look.plain), ("raw", look.raw)) if on)
    audit.record(
        connection, actor=actor.name, action="ledger.export", subject=about.subject, now=look.acting.now, detail=how
    )


def lines(connection: Connection, about: About, look: Look) -> Iterator[Line]:
    """Give one line per person and notice, by version and person. Only reads; the caller began with `begin`.

    Raises:
        NotAllowed: this actor may not look so.
        NotFound: the person or the company is none of this company's.
    """
    look.check(about)
    actor = look.acting.actor
    people = own_people(actor) if actor.role == Role.COMPANY else None
    if people is not None:
        _own(connection, about, look)
    employer = actor.employer_id if people is not None else about.employer_id
    wanted = store.Wanted(about.alert_id, about.registrant_id, employer, people)
    seals = Seals(store.seal_ranges(connection))
    said: dict[int, Said] = {}
    for page in store.pages(connection, wanted):
        said |= said_in(connection, sorted({row.version_id for row in page} - set(said)), seals)
        yield from _page(connection, page, said, look, seals)


def said_in(connection: Connection, version_ids: Sequence[int], seals: Seals) -> dict[int, Said]:
    """Return what these versions say, by number."""
    countries = store.countries_of(connection, version_ids)
    return {row.id: _said(row, countries.get(row.id, ()), seals) for row in store.version_rows(connection, version_ids)}


def hands(connection: Connection, about: About, look: Look) -> list[Hand]:
    """Return what was told by hand, in the order it was written; notes are for the office, and for whom they are about."""
    look.check(about)
    actor = look.acting.actor
    employer = about.employer_id if about.registrant_id is None else None  # a person's rows name no company
    found = hands_store.rows(
        connection, alert_id=about.alert_id, registrant_id=about.registrant_id, employer_id=employer
    )
    if employer is not None:
        found += _of_its_people(connection, about)
    if actor.role == Role.COMPANY:
        own = set(connection.execute(own_people(actor)).scalars())
        found = [one for one in found if one.registrant_id in own or one.employer_id == actor.employer_id]
    names = _names(connection, [one.registrant_id for one in found if one.registrant_id is not None], look)
    gone = {one.withdraws for one in found}
    seals = Seals(store.seal_ranges(connection))
    opens = look.keys is not None and (actor.is_office or about.registrant_id in actor.own)
    return [
        Hand(
            number=one.id or 0, alert_id=one.alert_id, version_id=one.version_id, way=one.way, at=one.at, by=one.created_by,
            written_at=one.created_at, registrant_id=one.registrant_id, employer_id=one.employer_id, group=one.group_name,
            name=names.get(one.registrant_id or 0, ""), confirmed=one.confirmed,
            note=note_of(connection, one, look.keys) if opens and look.keys is not None else "",
            withdraws=one.withdraws, withdrawn=one.id in gone, seal=seals.over("by_hand", one.id or 0),
        )
        for one in sorted(found, key=lambda one: one.id or 0)
    ]  # fmt: skip


def _own(connection: Connection, about: About, look: Look) -> None:
    """Answer a company that asks for what is not its own as if it did not exist."""
    actor = look.acting.actor
    if about.employer_id not in {None, actor.employer_id}:
        raise NotFound(t("There is no employer with number {number}.", number=about.employer_id))
    if about.registrant_id is not None and about.registrant_id not in set(
        connection.execute(own_people(actor)).scalars()
    ):
        raise NotFound(t("There is no person {number}.", number=about.registrant_id))


def _of_its_people(connection: Connection, about: About) -> list[Any]:
    wanted = store.Wanted(about.alert_id, None, about.employer_id)
    people = {row.registrant_id for page in store.pages(connection, wanted) for row in page}
    return [one for one in hands_store.rows(connection, alert_id=about.alert_id) if one.registrant_id in people]


def _page(
    connection: Connection, page: Sequence[Row[Any]], said: Mapping[int, Said], look: Look, seals: Seals
) -> Iterator[Line]:
    people = sorted({row.registrant_id for row in page})
    notices = store.deliveries_of(connection, [row.id for row in page])
    carried = [one for some in notices.values() for one in some]
    versions = sorted({one.version_id for one in carried})  # a merged notice goes out with another version
    uids = {one.id: one.instance_uid for one in store.version_rows(connection, versions)}
    bound = Carried(connection, carried, uids, look, seals)
    names, gone = _names(connection, people, look), erased(connection, SYSTEM, people)
    for row in page:
        plain = Line(
            said[row.version_id], row.registrant_id, row.employer_id, row.posting_id, row.country,
            names.get(row.registrant_id, ""), row.planned, row.doubtful, gone.get(row.registrant_id), None,
        )  # fmt: skip
        for one in notices.get(row.id, ()) or (None,):
            yield plain if one is None else Line(**(vars(plain) | {"notice": bound.notice(one)}))


def _names(connection: Connection, people: Sequence[int], look: Look) -> dict[int, str]:
    """Return names as the reader may see them: in full, or shortened; the erased are absent."""
    if look.keys is None:
        return {}
    found = scope.names_of(connection, look.acting.actor, people, look.keys)
    return found if look.plain else {one: mask_name(name) for one, name in found.items()}


def _said(row: Row[Any], countries: tuple[str, ...], seals: Seals) -> Said:
    return Said(
        version_id=row.id, alert_id=row.alert_id, no=row.no, kind=row.kind, status=row.status, mode=row.mode, level=row.level,
        level_words=row.level_words, title_zh=row.title_zh, title_en=row.title_en, origin=row.origin_name, url=row.url,
        countries=countries, hazard=row.hazard, rule=row.rule, policy=row.policy, as_of=row.as_of,
        created_by=row.created_by, approved_by=row.approved_by or "", released_at=row.released_at,
        released_by=row.released_by or "", source_id=row.advisory_source or row.source_id or "",
        capture_url=row.capture_url or "", capture_sha256=row.capture_sha256 or "", captured_at=row.fetched_at,
        capture_seal=None if row.capture_id is None else seals.over("capture", row.capture_id),
    )  # fmt: skip
