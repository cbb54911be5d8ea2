"""Signing in to the console: who gets in, who does not, and what is told of it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from argon2 import PasswordHasher
from sqlalchemy import select, update

from core.database import reading, writing
from core.errors import NotAllowed, StoreBusy
from core.keys import MasterKeys
from core.tables import Mode, table
from registry import users
from registry.accounts.credentials.passwords import fit, give_password, hashed, nobody
from registry.accounts.credentials.proving import MOST_OF_CALLER
from registry.accounts.credentials.tables import Credential, OfficeVisit, RecoveryCode, SetUpLink
from registry.employers import add_employer
from registry.tables import Role, User
from tests.registry.office.house import PASSWORD, House

SQLITE = pytest.mark.parametrize("bare_engine", ["sqlite"], indirect=True)
STEP = timedelta(seconds=30)
CREDENTIALS, USERS = table(Credential), table(User)


def refused(office: House, *given: str, **more: str) -> str:
    """Return the sentence of a refusal."""
    with pytest.raises(NotAllowed) as caught:
        office.sign_in(*given, **more)
    return str(caught.value)


def test_password_and_code_open_a_session(office: House) -> None:
    """Name, password and the code of the app give a session of that user, and the audit has a line of it."""
    office.set_up("jiamu")
    signed = office.sign_in("jiamu")
    session = office.session(signed.secret)
    assert (session.actor, signed.failed, signed.by_recovery, signed.codes_left) == (office.admin, 0, False, 10)
    number = office.admin.user_id
    assert office.audit("session.begin") == [("jiamu", "session.begin", f"user/{number}", "app")]


@SQLITE
def test_a_code_opens_once(office: House) -> None:
    """A code that was used opens nothing again, nor does an older one that is still within the slack of the clock."""
    office.set_up("jiamu")
    older = office.code("jiamu")
    office.pass_time()
    code = office.code("jiamu")
    office.sign_in("jiamu", code=code)
    assert refused(office, "jiamu", PASSWORD, code) == refused(office, "jiamu", PASSWORD, older)
    office.sign_in("jiamu")


@SQLITE
def test_the_clock_of_a_phone_may_be_off_by_one_step(office: House) -> None:
    """The code before and the code after the present one are good; two steps away are not."""
    office.set_up("jiamu")
    office.pass_time(3000)
    now, phone = office.clock.now(), office.phones["jiamu"]
    refused(office, "jiamu", PASSWORD, phone.at(now + -2 * STEP))
    refused(office, "jiamu", PASSWORD, phone.at(now + 2 * STEP))
    office.sign_in("jiamu", code=phone.at(now + -1 * STEP))
    office.sign_in("jiamu", code=phone.at(now + 1 * STEP))


@SQLITE
def test_one_sentence_for_every_refusal(office: House) -> None:
    """Unknown, closed, a company's, a wrong password, a wrong code: nobody outside can tell which; the audit can, without the name."""
    office.set_up("jiamu")
    office.add("baoyu")
    office.set_up("baoyu")
    office.add("never.set.up")
    with writing(office.engine) as connection:
        users.close_user(connection, office.admin, "baoyu", office.clock.now())
        firm = add_employer(connection, office.admin, code="C1", name="甲公司", now=office.clock.now())
        users.add_user(
            connection, office.admin, name="xue.pan", role=Role.COMPANY, now=office.clock.now(), employer_id=firm
        )
    said = {
        refused(office, "nobody.here"), refused(office, "baoyu"), refused(office, "never.set.up"), refused(office, "xue.pan"),
        refused(office, "jiamu", "another password"), refused(office, "jiamu", PASSWORD, "000000"), refused(office, "", ""),
        refused(office, "jiamu", PASSWORD, "no-code-at-all"),
    }  # fmt: skip
    assert len(said) == 1
    lines = office.audit("session.fail")
    assert [detail for *_, detail in lines].count("wrong-code") == 2
    assert {detail for *_, detail in lines} == {"unknown", "closed", "wrong-password", "wrong-code"}
    assert {actor for actor, *_ in lines} == {"sign-in"}
    assert not any("nobody.here" in part for line in lines for part in line)


@SQLITE
def test_a_user_who_became_a_company_s_is_out(office: House) -> None:
    """A session ends with the role that it began with: at once, and no new one begins."""
    office.set_up("jiamu")
    secret = office.sign_in("jiamu").secret
    with writing(office.engine) as connection:
        connection.execute(update(USERS).values(role=Role.COMPANY))
    with pytest.raises(NotAllowed):
        office.session(secret)
    refused(office, "jiamu")


def test_ten_wrong_tries_lock_a_name_for_a_quarter_of_an_hour(office: House) -> None:
    """After ten wrong tries the right password is refused too, in the same words, and is good again after 15 minutes."""
    office.set_up("jiamu")
    office.tried("jiamu", 9)
    words = refused(office, "jiamu", "another password", "000000")
    office.pass_time(14 * 60)
    assert refused(office, "jiamu") == words
    office.pass_time(60)
    assert office.sign_in("jiamu").failed == 2
    assert [action for _, action, *_ in office.audit("session.lock")] == ["session.lock"]


@SQLITE
def test_a_good_sign_in_begins_the_count_anew(office: House) -> None:
    """Nine wrong tries and a right one, again and again, lock nobody; each sign-in tells of the wrong ones before it."""
    office.set_up("jiamu")
    for _ in range(2):
        office.tried("jiamu", 8)
        refused(office, "jiamu", "another password", "000000")
        assert office.sign_in("jiamu").failed == 1
    assert office.sign_in("jiamu").failed == 0


@SQLITE
def test_a_stranger_cannot_lock_an_officer_out_of_the_own_browser(office: House) -> None:
    """A browser in which a user signed in before has a count of its own; another user's mark, or a made-up one, is none."""
    office.set_up("jiamu")
    mark = office.sign_in("jiamu").mark
    office.add("baoyu")
    office.set_up("baoyu")
    other = office.sign_in("baoyu").mark
    office.tried("jiamu", 9)
    refused(office, "jiamu", "another password", "000000")
    refused(office, "jiamu", mark=f"{other}.{'0' * 32}")
    assert office.sign_in("jiamu", mark=f"{other}.{mark}").failed == 2
    office.tried("jiamu", 9, "office-known")
    refused(office, "jiamu", "another password", "000000", mark=mark)
    refused(office, "jiamu", mark=mark)
    office.pass_time(900)
    office.sign_in("jiamu")


@SQLITE
def test_one_caller_cannot_try_many_names(office: House) -> None:
    """Sixty tries from one address within a quarter of an hour are enough, whatever the names; other addresses go on."""
    office.set_up("jiamu")
    office.tried("192.0.2.7", MOST_OF_CALLER, "office-caller")
    for _ in range(3):
        refused(office, "jiamu", caller="192.0.2.7")
    assert [detail for *_, detail in office.audit("session.fail")] == ["too-many-from-one-place"]
    office.sign_in("jiamu", caller="192.0.2.8")


def test_many_at_once_find_no_gap(office: House) -> None:
    """Of one code sent four times at once, one opens a session: a code that was looked over a shoulder is worth nothing."""
    office.set_up("jiamu")
    code = office.code("jiamu")

    def once(_: int) -> bool:
        try:
            office.sign_in("jiamu", code=code)
        except NotAllowed:
            return False
        return True

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(once, range(4))) == 1


@SQLITE
def test_without_a_second_factor_only_the_sandbox_lets_in(office: House) -> None:
    """A password alone is enough in the sandbox; in a drill and live the owner, and only the owner, is told what to ask for."""
    give_password(office.engine, office.admin, "jiamu", PASSWORD, office.clock.now())
    office.sign_in("jiamu")
    for mode in (Mode.DRILL, Mode.LIVE):
        office.go(mode)
        assert "link to set up" in refused(office, "jiamu")
        assert "second factor" in refused(office, "jiamu")
        assert "second factor" not in refused(office, "jiamu", "another password")
        with pytest.raises(NotAllowed, match="sandbox"):
            give_password(office.engine, office.admin, "jiamu", PASSWORD, office.clock.now())


@SQLITE
def test_whoever_has_a_second_factor_needs_it_in_the_sandbox_too(office: House) -> None:
    """Mode sandbox spares nobody the code who has set one up."""
    office.set_up("jiamu")
    refused(office, "jiamu", PASSWORD, "-")


def test_a_recovery_code_stands_in_once(office: House) -> None:
    """A recovery code opens in place of the app however it is typed, once, and tells how many are left."""
    codes = office.set_up("jiamu")
    assert len(set(codes)) == 10
    signed = office.sign_in("jiamu", code=codes[3].upper().replace("-", " "))
    assert (signed.by_recovery, signed.codes_left) == (True, 9)
    refused(office, "jiamu", PASSWORD, codes[3])
    assert office.sign_in("jiamu", code=codes[4]).codes_left == 8
    assert [detail for *_, detail in office.audit("session.begin")] == ["recovery-code left=9", "recovery-code left=8"]


@SQLITE
def test_a_password_kept_with_weaker_parameters_is_hashed_anew(office: House) -> None:
    """When the parameters of the library rise, the next sign-in raises them for this password, and it still fits."""
    office.set_up("jiamu")
    weak = PasswordHasher(time_cost=1, memory_cost=1024, parallelism=1).hash(PASSWORD)
    with writing(office.engine) as connection:
        connection.execute(update(CREDENTIALS).values(password_hash=weak))
    office.sign_in("jiamu")
    with reading(office.engine) as connection:
        kept = connection.execute(select(CREDENTIALS.c.password_hash)).scalar_one()
    assert kept.startswith("$argon2id$")
    assert kept.split("$")[3] == PasswordHasher().hash("x").split("$")[3]
    office.sign_in("jiamu")


@SQLITE
def test_nothing_in_the_database_opens_anything(office: House, keys: MasterKeys) -> None:
    """Neither password, nor secret of the app, nor code, nor link, nor session stands in any table in clear."""
    codes = office.set_up("jiamu")
    signed, link = office.sign_in("jiamu"), office.link("jiamu")
    with reading(office.engine) as connection:
        kept = [
            connection.execute(select(table(one))).all() for one in (Credential, RecoveryCode, SetUpLink, OfficeVisit)
        ]
    text = repr(kept)
    for secret in (PASSWORD, office.phones["jiamu"].secret, codes[0], codes[0].replace("-", ""), signed.secret, link):
        assert secret not in text


def test_a_crowd_at_the_door_takes_neither_memory_nor_threads() -> None:
    """Of twenty at once at most eight hash or wait; the others are told to come back, so that other pages go on."""

    def once(_: int) -> bool:
        try:
            return fit("", PASSWORD).good
        except StoreBusy:
            return True

    fit("", PASSWORD)
    with ThreadPoolExecutor(20) as pool:
        turned_away = sum(pool.map(once, range(20)))
    assert 0 < turned_away <= 12


def test_a_name_that_is_unknown_takes_as_long_as_one_that_is_known() -> None:
    """What an unknown name is compared with is as costly as a fresh password, and fits no password: time tells nothing."""
    assert nobody().split("$")[1:4] == hashed(PASSWORD).split("$")[1:4]
    assert not fit("", PASSWORD).good
    assert not fit("", "").good
