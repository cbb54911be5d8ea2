"""Posts to groups in a proof: what was posted where and when. Nobody knows who reads a group, so no person is told of here."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import Connection

from notify.groups import name_of
from notify.ledger.carried import Carried, Seals
from notify.ledger.collect import said_in
from notify.ledger.model import About, Look, Post
from notify.store import ledger as store


def posts(connection: Connection, about: About, look: Look) -> Iterator[Post]:
    """Give the posts to groups of an alert, or of all, by version; none in the proof of a person or a company. Only reads.

    Raises:
        NotAllowed: this actor may not look so.
    """
    look.check(about)  # a company and a resident pass with a person or a company alone
    if about.registrant_id is not None or about.employer_id is not None:
        return
    seals = Seals(store.seal_ranges(connection))
    for page in store.post_pages(connection, about.alert_id):
        versions = sorted({row.version_id for row in page})
        said = said_in(connection, versions, seals)
        uids = {row.id: row.instance_uid for row in store.version_rows(connection, versions)}
        carried = Carried(connection, page, uids, look, seals)
        for row in page:
            yield Post(said[row.version_id], name_of(row.address_index), carried.notice(row))
