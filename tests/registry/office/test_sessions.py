"""Sessions of the office: how long they last, and how they end."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select

from core.database import reading, writing
from core.errors import NotAllowed, NotFound
from core.tables import table
from registry import users
from registry.accounts.credentials.tables import OfficeVisit
from registry.accounts.office import KEPT, begin, end_sessions, note_use, sessions_of, worth_noting
from registry.actors import Actor
from registry.tables import Role
from tests.registry.office.house import House

SQLITE = pytest.mark.parametrize("bare_engine", ["sqlite"], indirect=True)
SESSIONS = table(OfficeVisit)


def begun(office: House, user_id: int | None = None, device: str = "") -> str:
    """Begin a session of the administrator, or of somebody else."""
    with writing(office.engine) as connection:
        number = user_id or office.admin.user_id or 0
        return begin(connection, number, office.clock.now(), device=device)


def test_a_session_ends_after_half_an_hour_of_rest_and_after_twelve_hours(office: House) -> None:
    """Used again and again a session lasts twelve hours and no longer; unused it is over after thirty minutes."""
    used, rested = begun(office), begun(office)
    for _ in range(24):
        office.pass_time(29 * 60)
        session = office.session(used)
        assert worth_noting(session, office.clock.now())
        with writing(office.engine) as connection:
            note_use(connection, session, office.clock.now())
    office.pass_time(25 * 60)
    for secret in (used, rested, "", "made up"):
        with pytest.raises(NotAllowed):
            office.session(secret)


@SQLITE
def test_a_rested_session_is_over_at_thirty_minutes(office: House) -> None:
    """At 29 minutes of rest a session is alive, at 30 it is not."""
    secret = begun(office)
    office.pass_time(29 * 60)
    office.session(secret)
    office.pass_time(60)
    with pytest.raises(NotAllowed):
        office.session(secret)


def test_people_see_and_end_their_own_sessions_only(office: House) -> None:
    """A list shows the devices of one user; ending one leaves the others; another user's session is not there."""
    other = office.add("baoyu")
    here, there, foreign = begun(office, device="Firefox"), begun(office, device="Edge"), begun(office, other)
    session, theirs = office.session(here), office.session(foreign)
    now = office.clock.now()
    with reading(office.engine) as connection:
        assert [one.device for one in sessions_of(connection, session, now)] == ["Edge", "Firefox"]
    with writing(office.engine) as connection:
        with pytest.raises(NotFound):
            end_sessions(connection, session, now, only=theirs.session_id)
        assert end_sessions(connection, session, now, only=office.session(there).session_id) == 1
    with pytest.raises(NotAllowed):
        office.session(there)
    with writing(office.engine) as connection:
        assert end_sessions(connection, office.session(here), now) == 1
    office.session(foreign)


@SQLITE
def test_a_closed_user_is_out_at_once(office: House) -> None:
    """Closing an account ends its sessions in the same transaction."""
    number = office.add("baoyu")
    secret = begun(office, number)
    with writing(office.engine) as connection:
        users.close_user(connection, office.admin, "baoyu", office.clock.now())
    with reading(office.engine) as connection:
        assert connection.execute(select(SESSIONS.c.ended_at)).scalar_one() == office.clock.now()
    with pytest.raises(NotAllowed):
        office.session(secret)


@SQLITE
def test_sessions_that_are_long_over_are_forgotten(office: House) -> None:
    """A month after it began no row of a session is left; the audit has its own line."""
    begun(office)
    office.pass_time(int(KEPT.total_seconds()) + 1)
    begun(office)
    with reading(office.engine) as connection:
        assert connection.execute(select(func.count()).select_from(SESSIONS)).scalar_one() == 1


def test_the_last_administrator_stays(office: House) -> None:
    """Nobody closes themselves, and of two who would close each other the second is refused: somebody can let others in."""
    number = office.add("wang.xifeng", Role.ADMINISTRATOR)
    second = Actor("wang.xifeng", Role.ADMINISTRATOR, number)
    with writing(office.engine) as connection:
        with pytest.raises(NotAllowed, match="own account"):
            users.close_user(connection, office.admin, office.admin.name, office.clock.now())
        users.close_user(connection, office.admin, second.name, office.clock.now())
    with writing(office.engine) as connection, pytest.raises(NotAllowed, match="last administrator"):
        users.close_user(connection, second, office.admin.name, office.clock.now())
