"""Users, tokens and employers: who may do what."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from core.errors import BadInput, NotAllowed, NotFound
from core.tables import Audit, table
from registry import users
from registry.actors import SYSTEM, Actor, require_writer
from registry.employers import add_employer, find_employer, list_employers
from registry.enrol import index_key
from registry.tables import Role, UserToken
from tests.registry.people import AUDITOR, NOBODY, OFFICER, Register, company


def first(register: Register) -> Actor:
    """Add the first administrator and log in."""
    connection, now = register.connection, register.clock.now()
    users.add_user(connection, NOBODY, name="jiamu", role=Role.ADMINISTRATOR, now=now)
    token = users.issue_token(connection, NOBODY, "jiamu", now)
    return users.authenticate(connection, name="jiamu", token=token, now=now)


def test_the_first_user_is_an_administrator_added_by_anybody(register: Register) -> None:
    """An empty database takes its first administrator from anybody, and nobody else after that."""
    connection, now = register.connection, register.clock.now()
    assert users.bootstrap_needed(connection)
    with pytest.raises(BadInput):
        users.add_user(connection, NOBODY, name="baoyu", role=Role.OFFICER, now=now)
    admin = first(register)
    assert (admin.name, admin.role, admin.is_office) == ("jiamu", Role.ADMINISTRATOR, True)
    assert not users.bootstrap_needed(connection)
    for other in (NOBODY, OFFICER, AUDITOR):
        with pytest.raises(NotAllowed):
            users.add_user(connection, other, name="baoyu", role=Role.OFFICER, now=now)
        with pytest.raises(NotAllowed):
            users.issue_token(connection, other, "jiamu", now)


def test_names_and_employers_of_users(register: Register) -> None:
    """A name is there once and is none of our own; a company user has an employer, and nobody else has."""
    connection, now, admin = register.connection, register.clock.now(), first(register)
    employer = register.employer()
    users.add_user(connection, admin, name="xue.pan", role=Role.COMPANY, now=now, employer_id=employer)
    for name, role, of in [
        ("jiamu", Role.OFFICER, None), ("system", Role.OFFICER, None), ("a b", Role.OFFICER, None), ("", Role.OFFICER,
        None), ("b", Role.COMPANY, None), ("b", Role.OFFICER, employer),
    ]:  # fmt: skip
        with pytest.raises(BadInput):
            users.add_user(connection, admin, name=name, role=role, now=now, employer_id=of)
    with pytest.raises(NotFound):
        users.add_user(connection, admin, name="b", role=Role.COMPANY, now=now, employer_id=employer + 1)
    token = users.issue_token(connection, admin, "xue.pan", now)
    actor = users.authenticate(connection, name="xue.pan", token=token, now=now)
    assert (actor.role, actor.employer_id, actor.is_office) == (Role.COMPANY, employer, False)
    assert [user.name for user in users.list_users(connection, OFFICER)] == ["jiamu", "xue.pan"]
    with pytest.raises(NotAllowed):
        users.list_users(connection, actor)


def test_every_refusal_sounds_the_same(register: Register) -> None:
    """Unknown name, wrong token, revoked token and closed account cannot be told apart; the token itself is kept
    nowhere.
    """
    connection, now, admin = register.connection, register.clock.now(), first(register)
    for name in ("baochai", "xifeng"):
        users.add_user(connection, admin, name=name, role=Role.OFFICER, now=now)
    revoked = users.issue_token(connection, admin, "baochai", now)
    closed = users.issue_token(connection, admin, "xifeng", now)
    assert revoked.startswith("lb_")
    assert revoked.encode() not in connection.execute(select(table(UserToken).c.token_hash)).scalars().all()
    assert users.revoke_tokens(connection, admin, "baochai", now) == 1
    users.close_user(connection, admin, "xifeng", now)
    said = set()
    for name, token in [
        ("nobody", revoked),
        ("jiamu", revoked),
        ("baochai", revoked),
        ("xifeng", closed),
        ("jiamu", ""),
    ]:
        with pytest.raises(NotAllowed) as refused:
            users.authenticate(connection, name=name, token=token, now=now)
        said.add(str(refused.value))
    assert len(said) == 1


def test_users_mind_their_own_tokens(register: Register) -> None:
    """A user issues and revokes own tokens, not those of others, and cannot close the own account."""
    connection, now, admin = register.connection, register.clock.now(), first(register)
    users.add_user(connection, admin, name="tanchun", role=Role.OFFICER, now=now)
    token = users.issue_token(connection, admin, "tanchun", now)
    officer = users.authenticate(connection, name="tanchun", token=token, now=now)
    second = users.issue_token(connection, officer, "tanchun", now)
    assert users.authenticate(connection, name="tanchun", token=second, now=now) == officer
    with pytest.raises(NotAllowed):
        users.revoke_tokens(connection, officer, "jiamu", now)
    assert users.revoke_tokens(connection, officer, "tanchun", now) == 2
    with pytest.raises(NotAllowed):
        users.close_user(connection, admin, "jiamu", now)


def test_every_act_leaves_a_line(register: Register) -> None:
    """Adding, issuing and logging in are in the audit; many commands in a row are one session."""
    connection, clock = register.connection, register.clock
    first(register)
    token = users.issue_token(connection, Actor("jiamu", Role.ADMINISTRATOR, 1), "jiamu", clock.now())
    for minutes in (0, 5, 20):
        clock.advance(timedelta(minutes=minutes))
        users.authenticate(connection, name="jiamu", token=token, now=clock.now())
    acts = connection.execute(select(table(Audit).c.action).order_by(table(Audit).c.id)).scalars().all()
    session = "user.session"
    assert acts == ["user.add", "token.issue", session, "token.issue", session, session]


def test_a_company_sees_only_itself_among_employers(register: Register) -> None:
    """For a company contact other employers do not exist; the office and auditors see all."""
    connection, now = register.connection, register.clock.now()
    own, other = register.employer("OFFICE-1"), register.employer("OFFICE-2", "高老庄农业有限公司")
    contact = company(own)
    assert find_employer(connection, contact, "office-1").employer_id == own
    with pytest.raises(NotFound):
        find_employer(connection, contact, "OFFICE-2")
    assert [view.employer_id for view in list_employers(connection, contact)] == [own]
    assert [view.employer_id for view in list_employers(connection, AUDITOR)] == [own, other]
    assert list_employers(connection, NOBODY) == ()
    with pytest.raises(NotAllowed):
        add_employer(connection, contact, code="OFFICE-3", name="x", now=now)
    for code, name in (("OFFICE-1", "again"), ("OFFICE-4", " ")):
        with pytest.raises(BadInput):
            add_employer(connection, OFFICER, code=code, name=name, now=now)


def test_who_may_write_people() -> None:
    """The office writes anybody, a company its own people, and nobody else anyone; having no employer is no key to
    residents.
    """
    for actor, employer in [(OFFICER, None), (OFFICER, 1), (SYSTEM, None), (company(1), 1)]:
        require_writer(actor, employer)
    nowhere = Actor("x", Role.COMPANY, 9, None)
    for actor, employer in [(company(1), 2), (company(1), None), (nowhere, None), (AUDITOR, 1), (NOBODY, 1)]:
        with pytest.raises(NotAllowed):
            require_writer(actor, employer)


def test_a_database_without_instance_has_no_index_key(register: Register) -> None:
    """Asking a database that was not set up says so."""
    from core.errors import WrongSetting

    with pytest.raises(WrongSetting):
        index_key(register.connection, register.keys)
