"""The database: is it there, does it take a row, is its file whole, and is its schema the one of this program?"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from sqlalchemy.engine import make_url

from cli.doctor.model import Finding, Patient, fault, ok, warning
from core.database import check_not_newer, newest_schema, reading, schema_version, writing
from core.errors import WrongSetting
from core.examine import PostgresFacts, postgres_facts, sqlite_facts
from core.i18n import t
from notify.duty.store import beat
from notify.office import Office
from notify.readiness import is_gone

NAME, SCHEMA, WHOLE = "database", "schema", "database-file"
BEAT = "doctor"
OLDEST_POSTGRES = 130000
NEARLY_FULL = 0.8


def check(patient: Patient) -> Iterable[Finding]:
    """See whether there is a database, and of which version. Never makes or changes one."""
    shown = make_url(patient.settings.database).render_as_string(hide_password=True)
    found = None if is_gone(patient.engine) else schema_version(patient.engine)
    if found is None:
        yield fault(
            NAME,
            t("There is no office in {place} yet.", place=shown),
            t("Make it with `lingbao db init`; or is LINGBAO_HOME another one?"),
        )
        return
    yield ok(NAME, t("The database answers: {place}", place=shown))
    try:
        check_not_newer(patient.engine)
    except WrongSetting:
        yield fault(SCHEMA, t("The database (schema {found}) was made by a newer version of this program.", found=found),
                    t("Start the newer program. Nothing may be written by this one."))  # fmt: skip
        return
    if found != newest_schema():
        yield fault(SCHEMA, t("The schema is {found}; this program needs {wanted}.", found=found, wanted=newest_schema()),
                    t("Back up, then run `lingbao db upgrade`. The doctor does not do it."))  # fmt: skip
        return
    yield ok(SCHEMA, t("The schema is the newest one, {found}.", found=found))


def check_whole(patient: Patient, office: Office) -> Iterable[Finding]:
    """See whether the database takes a row, and what it says of itself."""
    with writing(office.engine) as connection:
        beat(connection, BEAT, patient.clock.now())
    with reading(office.engine) as connection:
        if connection.dialect.name == "postgresql":
            yield from _postgres(postgres_facts(connection))
            return
        facts = sqlite_facts(connection)
    if facts.quick != "ok":
        yield fault(WHOLE, t("The database file is damaged: {words}", words=facts.quick),
                    t("Stop everything, keep a copy of the file, and restore the last backup."))  # fmt: skip
    elif facts.journal != "wal":
        yield fault(WHOLE, t("SQLite's journal is {mode}: readers and writers keep each other out.", mode=facts.journal),
                    t("Put the home directory on a local disk: network disks do not carry WAL."))  # fmt: skip
    else:
        yield ok(WHOLE, t("SQLite takes rows, and its file is whole."))


def _postgres(facts: PostgresFacts) -> Iterator[Finding]:
    if facts.version < OLDEST_POSTGRES:
        yield warning(WHOLE, t("PostgreSQL is of version {version}; 13 is the oldest that is cared for.", version=facts.version // 10000),
                      t("Move to a newer PostgreSQL."))  # fmt: skip
    if facts.encoding != "UTF8":
        yield fault(WHOLE, t("The database is encoded in {encoding}: it cannot hold every name.", encoding=facts.encoding),
                    t("Make a database with ENCODING 'UTF8' and move there."))  # fmt: skip
    if not facts.durable:
        yield fault(
            WHOLE,
            t(
                "PostgreSQL does not wait for its disk: what is written may be lost when it ends, and a notice that has left is sent again."
            ),
            t("Set fsync and synchronous_commit to on."),
        )
    if facts.connections > NEARLY_FULL * facts.most_connections:
        yield warning(
            WHOLE,
            t(
                "{used} of {most} connections of PostgreSQL are in use.",
                used=facts.connections,
                most=facts.most_connections,
            ),
            t("Raise max_connections, or put a pooler before it."),
        )
    yield ok(WHOLE, t("PostgreSQL {version} takes rows; {used} of {most} connections are in use.", version=facts.version // 10000,
                      used=facts.connections, most=facts.most_connections))  # fmt: skip
