"""Links to set up, passwords that are taken, and what people change for themselves."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pyotp
import pytest

from core.database import reading, writing
from core.errors import LingbaoError, NotAllowed, NotFound
from registry.accounts.credentials.changing import change_password, new_recovery_codes
from registry.accounts.credentials.passwords import PasswordRefused, require_good
from registry.accounts.credentials.set_up import CodeRefused, finish_set_up, make_set_up_link, set_up_of
from registry.actors import Actor
from registry.tables import Role
from tests.registry.office.house import PASSWORD, House

SQLITE = pytest.mark.parametrize("bare_engine", ["sqlite"], indirect=True)
NEW = "another row of words"
LONG = "".join(chr(0x4E00 + 7 * number) for number in range(128))


def shown(office: House, token: str) -> str:
    """Return the secret that a link shows."""
    with reading(office.engine) as connection:
        return set_up_of(connection, office.keys, token, office.clock.now()).secret


def finish(office: House, token: str, password: str = PASSWORD) -> tuple[str, ...]:
    """Finish a set-up with the right code."""
    code = pyotp.TOTP(shown(office, token)).at(office.clock.now())
    return finish_set_up(office.engine, office.keys, token, (password, code), office.clock.now())


@SQLITE
def test_only_administrators_make_links_and_only_for_the_office(office: House) -> None:
    """Officers and auditors make none; unknown users and those of companies get none."""
    office.add("baoyu")
    with writing(office.engine) as connection:
        for role in (Role.OFFICER, Role.APPROVER, Role.AUDITOR, Role.COMPANY):
            with pytest.raises(NotAllowed):
                make_set_up_link(connection, Actor("x", role, 99), "baoyu", office.clock.now())
        with pytest.raises(NotFound):
            make_set_up_link(connection, office.admin, "nobody", office.clock.now())


@SQLITE
def test_a_link_shows_the_same_secret_each_time_and_each_link_another(office: House) -> None:
    """To look at the page twice changes nothing; a new link has a new secret, and the old link opens nothing any more."""
    first = office.link("jiamu")
    secret = shown(office, first)
    assert shown(office, first) == secret
    second = office.link("jiamu")
    assert shown(office, second) != secret
    with pytest.raises(NotAllowed):
        shown(office, first)


def test_a_link_is_good_once_and_for_a_day(office: House) -> None:
    """A link that was used, or is a day old, opens nothing, in the same words."""
    token = office.link("jiamu")
    assert len(finish(office, token)) == 10
    late = office.link("jiamu")
    office.pass_time(24 * 3600)
    said = set()
    for one in (token, late, "made up", ""):
        with pytest.raises(NotAllowed) as caught:
            shown(office, one)
        said.add(str(caught.value))
    assert len(said) == 1


def test_of_two_who_use_a_link_at_once_one_succeeds(office: House) -> None:
    """A link that somebody else got hold of cannot be finished a second time: the owner notices."""
    token = office.link("jiamu")
    code = pyotp.TOTP(shown(office, token)).at(office.clock.now())

    def once(password: str) -> bool:
        try:
            finish_set_up(office.engine, office.keys, token, (password, code), office.clock.now())
        except LingbaoError:
            return False
        return True

    with ThreadPoolExecutor(2) as pool:
        assert sum(pool.map(once, (PASSWORD, NEW))) == 1


@SQLITE
def test_a_wrong_code_or_password_leaves_the_link_good(office: House) -> None:
    """Whoever mistypes is told what is wrong, and goes on with the same link."""
    token = office.link("jiamu")
    with pytest.raises(CodeRefused):
        finish_set_up(office.engine, office.keys, token, (PASSWORD, "000000"), office.clock.now())
    with pytest.raises(PasswordRefused):
        finish(office, token, "short")
    finish(office, token)


@SQLITE
def test_a_new_set_up_replaces_everything_and_ends_every_session(office: House) -> None:
    """After a lost phone the old password, the old app, the old codes and the old sessions are worth nothing."""
    codes = office.set_up("jiamu")
    session, phone = office.sign_in("jiamu").secret, office.phones["jiamu"]
    office.set_up("jiamu", NEW)
    with pytest.raises(NotAllowed):
        office.session(session)
    for password, code in ((PASSWORD, ""), (NEW, phone.at(office.clock.now())), (NEW, codes[0])):
        with pytest.raises(NotAllowed):
            office.sign_in("jiamu", password, code)
    office.sign_in("jiamu", NEW)
    assert [action for _, action, *_ in office.audit("account.link", "account.set-up")] == [
        "account.link", "account.set-up", "account.link", "account.set-up",
    ]  # fmt: skip


@SQLITE
def test_a_new_set_up_lifts_the_lock(office: House) -> None:
    """Whoever is locked out at night is helped by an administrator at once."""
    office.set_up("jiamu")
    office.tried("jiamu", 9)
    for _ in range(2):
        with pytest.raises(NotAllowed):
            office.sign_in("jiamu", "another password", "000000")
    office.set_up("jiamu", NEW)
    office.sign_in("jiamu", NEW)


@SQLITE
def test_changing_the_password_needs_the_old_one_and_ends_other_sessions(office: House) -> None:
    """With old password and code the new one is good at once, this session goes on, and every other is over."""
    office.set_up("jiamu")
    here, there = office.sign_in("jiamu").secret, office.sign_in("jiamu").secret
    session = office.session(here)
    office.pass_time()
    for old, new, code in (("wrong words here", NEW, office.code("jiamu")), (PASSWORD, NEW, "000000")):
        with pytest.raises(NotAllowed):
            change_password(office.engine, office.keys, session, (old, new, code), office.clock.now())
    with pytest.raises(PasswordRefused):
        change_password(office.engine, office.keys, session, (PASSWORD, "short", "000000"), office.clock.now())
    given = (PASSWORD, NEW, office.code("jiamu"))
    change_password(office.engine, office.keys, session, given, office.clock.now())
    office.session(here)
    with pytest.raises(NotAllowed):
        office.session(there)
    with pytest.raises(NotAllowed):
        office.sign_in("jiamu")
    office.sign_in("jiamu", NEW)


@SQLITE
def test_a_hijacked_session_cannot_guess_the_password(office: House) -> None:
    """Ten wrong tries on the page of the account, and the right password is refused there too."""
    office.set_up("jiamu")
    session = office.session(office.sign_in("jiamu").secret)
    office.tried("jiamu", 9, "office-known")
    with pytest.raises(NotAllowed):
        new_recovery_codes(office.engine, office.keys, session, ("guess after guess", "000000"), office.clock.now())
    office.pass_time()
    with pytest.raises(NotAllowed):
        new_recovery_codes(office.engine, office.keys, session, (PASSWORD, office.code("jiamu")), office.clock.now())


@SQLITE
def test_new_recovery_codes_replace_the_old_ones(office: House) -> None:
    """After new codes were made no old one opens."""
    old = office.set_up("jiamu")
    session = office.session(office.sign_in("jiamu").secret)
    office.pass_time()
    given = (PASSWORD, office.code("jiamu"))
    new = new_recovery_codes(office.engine, office.keys, session, given, office.clock.now())
    assert not set(old) & set(new)
    with pytest.raises(NotAllowed):
        office.sign_in("jiamu", code=old[0])
    office.sign_in("jiamu", code=new[0])


@pytest.mark.parametrize(
    "password",
    [
        "eleven char", "x" * 129, "a" * 40, "abcabcabcabc", "123456789012", "210987654321", "qwertyuiopas", "Password1234!!",
        "LINGBAO-2026-11", "jia.baoyu-2026", "my jia.baoyu 7", "1q2w3e4r5t6y", "woaizhongguo1314", "121212121212",
        "密码密码密码密码密码密码",
    ],
)  # fmt: skip
def test_passwords_that_are_refused(password: str) -> None:
    """Too short, too long, a pattern, among the first tried, or with the user's name in it."""
    with pytest.raises(PasswordRefused):
        require_good(password, "jia.baoyu")


@pytest.mark.parametrize(
    "password", ["correct horse battery", "一二三四五六七八九十甲乙", "lingbao is a word of ours", LONG]
)  # fmt: skip
def test_passwords_that_are_taken(password: str) -> None:
    """Length is enough: words, Chinese, blanks, no rule about kinds of characters."""
    require_good(password, "jia.baoyu")


@SQLITE
def test_a_password_is_the_same_however_the_keyboard_composed_it(office: House) -> None:
    """Full-width letters and composed accents are one password (NFKC), so that a phone and a desktop both get in."""
    office.set_up("jiamu", "Ｃafé au lait noir")
    office.sign_in("jiamu", "Cafe\u0301 au lait noir")
