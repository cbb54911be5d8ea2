"""Personal links: each names its delivery, none can be made up, and the exact words that were sent can be proven."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine

from core.clock import FixedClock
from core.database import reading, writing
from core.keys import MasterKeys
from notify.channels.base import Outgoing
from notify.ledger.check import check
from notify.ref import ALPHABET, SAFE_GAP, fill
from notify.safety.links import LENGTH, MAC, Links
from notify.store import alerts as alert_store
from registry.enrol import index_key
from sources.archive import Archive
from tests.notify.asked.scene import ask, asking_house, enrol_all, person, recorders, send
from tests.notify.sending.house import House

LINKS = Links.under(bytes(range(32)))
ABROAD, AT_HOME = "+992900000001", "+8613900139000"


@given(st.integers(1, 2**30 - 1), st.text(min_size=1, max_size=20))
def test_a_token_names_its_delivery(number: int, uid: str) -> None:
    """What was made is read again, in letters of any size; in another instance, or under another key, it is nobody's."""
    token = LINKS.token(uid, number)
    assert len(token) == LENGTH
    assert set(token) <= set(ALPHABET)
    assert MAC * 5 >= 72, "bits of the hash"
    assert LINKS.delivery_of(uid, f" {token.lower()} ") == number
    assert LINKS.delivery_of(f"{uid}!", token) is None
    assert Links.under(bytes(32)).delivery_of(uid, token) is None


@pytest.mark.parametrize(
    "text", ["", "A", "A" * LENGTH, "0" * LENGTH, "示" * LENGTH, "ı" * LENGTH, "U" * LENGTH, "A" * 4000]
)
def test_no_other_text_is_a_token(text: str) -> None:
    """What is no token of ours leads nowhere, and breaks nothing."""
    assert LINKS.delivery_of("here", text) is None


@given(st.integers(0, LENGTH - 1), st.sampled_from(ALPHABET))
def test_one_changed_letter_is_one_too_many(at: int, letter: str) -> None:
    """A token with a letter changed is none, or the same one."""
    token = LINKS.token("here", 7)
    changed = token[:at] + letter + token[at + 1 :]
    assert LINKS.delivery_of("here", changed) == (7 if changed == token else None)


@pytest.mark.parametrize("body, without", [
    (f"平安回1，求助回2（或打开 https://a.invalid/safe/{SAFE_GAP} ）。编号{{ref}}", "平安回1，求助回2。编号0A1B2C"),
    (f"Reply 1 (or open https://a.invalid/safe/{SAFE_GAP} ). Ref {{ref}}", "Reply 1. Ref 0A1B2C"),
    (f"https://a.invalid/safe/{SAFE_GAP}\nRef {{ref}}", "\nRef 0A1B2C"),
])  # fmt: skip
def test_without_a_token_the_offer_goes(body: str, without: str) -> None:
    """A text without its link offers none; with it, the link stands in it whole."""
    assert fill(body, "0A1B2C") == without
    assert "https://a.invalid/safe/TOKEN" in fill(body, "0A1B2C", "TOKEN")


@pytest.fixture
def home(engine: Engine, tmp_path: Path, clock: FixedClock, keys: MasterKeys) -> House:
    """An office that has asked two people, one with a number of China, each by SMS and mail."""
    made = asking_house(engine, tmp_path, clock, keys, recorders("sms", "email"))
    enrol_all(made, [
        person("示例一", ("sms", ABROAD), ("email", "one@example.invalid")),
        person("示例二", ("sms", AT_HOME), ("email", "two@example.invalid")),
    ])  # fmt: skip
    ask(made, channels=("sms", "email"))
    send(made)
    return made


def sent(home: House) -> dict[str, Outgoing]:
    """Return what went out, by address."""
    assert home.office.channels is not None
    return {one.address: one for channel in home.office.channels.values() for one in channel.sent}  # type: ignore[attr-defined]


def test_what_went_out_offers_the_link_and_holds_in_the_ledger(home: House, tmp_path: Path) -> None:
    """Each notice carries the link of its own delivery, in mail in both forms; an SMS to China carries none. The hash on every
    attempt is of exactly what was sent."""
    notices = sent(home)
    with reading(home.office.engine) as connection:
        uid, links = alert_store.instance(connection).uid, Links.under(index_key(connection, home.office.keys))
    for address in (ABROAD, "one@example.invalid", "two@example.invalid"):
        one = notices[address]
        assert f"/safe/{links.token(uid, one.delivery_id)} " in one.body
        assert one.ask
    assert "/safe/" in notices["one@example.invalid"].html
    assert notices["one@example.invalid"].reply_to == links.token(uid, notices["one@example.invalid"].delivery_id)
    assert "/safe/" not in notices[AT_HOME].body
    assert "平安回1，求助回2。" in notices[AT_HOME].body
    assert not any("{" in one.body + one.html for one in notices.values())
    with writing(home.office.engine) as connection:
        assert check(connection, Archive(tmp_path), links=links).wrong_texts == ()
        assert len(check(connection, Archive(tmp_path)).wrong_texts) == 3, "nobody without the key can prove the links"


def test_an_office_may_let_links_go_to_china(
    engine: Engine, tmp_path: Path, clock: FixedClock, keys: MasterKeys
) -> None:
    """The office that has an agreement with its carrier sets so, and the SMS to China carries the link too."""
    made = asking_house(engine, tmp_path, clock, keys, recorders("sms"), safe_link_home=True)
    enrol_all(made, [person("示例二", ("sms", AT_HOME))])
    ask(made)
    send(made)
    assert "/safe/" in sent(made)[AT_HOME].body
