"""The ways in: messages, keys and the spool; the newest alert that asked is answered, and nothing is dropped."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from pydantic import SecretStr
from sqlalchemy import Engine, select

from core.clock import FixedClock
from core.database import reading, writing
from core.keys import MasterKeys
from core.tables import table
from notify.channels.twilio_account import DIGIT_PATH, REPLY_PATH
from notify.duty.store import open_pages
from notify.replies import Reply
from notify.safety import inbox, spool
from notify.safety.strangers.keep import list_open, settle
from notify.safety.strangers.tables import UnknownSender
from notify.store.safe_ways import COUNTS_FOR
from notify.tables import Alert
from registry.actors import SYSTEM
from tests.console.hooks import BASE, SECRET, Caller, build, post
from tests.notify.asked.scene import (
    PHONES,
    ask,
    asking_house,
    enrol_all,
    gone_out,
    person,
    recorders,
    said,
    send,
    states,
)
from tests.notify.sending.house import House

FORM = {"To": "+15005550006", "AccountSid": "AC1"}
CALL = FORM | {"CallSid": "CA1", "CallStatus": "in-progress", "From": "+15005550006"}


@pytest.fixture
def home(engine: Engine, tmp_path: Path, clock: FixedClock, keys: MasterKeys) -> House:
    """An office that has asked three people by SMS; two of them share one number, and one is called too."""
    made = asking_house(engine, tmp_path, clock, keys, recorders("sms", "voice"), twilio_auth_token=SecretStr(SECRET))
    assert made.office.settings.public_base_url == BASE
    enrol_all(made, [
        person("示例一", ("sms", PHONES[0])), person("示例二", ("sms", PHONES[1])), person("示例三", ("sms", PHONES[1])),
    ])  # fmt: skip
    ask(made, channels=("sms", "voice"))
    send(made)
    return made


@pytest.fixture
def client(home: House) -> Caller:
    """The application, called inside this process."""
    return Caller(build(home.office))


def write(client: Caller, number: str, words: str, sid: str = "SM1") -> int:
    """Let somebody write to our number; return the status of our answer."""
    return post(client, REPLY_PATH, FORM | {"MessageSid": sid, "From": number, "Body": words})


def call_to(home: House, number: str) -> int:
    """Return the delivery of the call to a number."""
    return next(one.delivery_id for one in gone_out(home, "voice") if one.address == number)


def strangers(home: House) -> list[tuple[str, str]]:
    """Return number and words of every message in the list."""
    with writing(home.office.engine) as connection:
        return [
            (one.number, one.words) for one in list_open(connection, SYSTEM, home.office.keys, home.office.clock.now())
        ]


def causes(home: House) -> set[str]:
    """Return why the duty officer is wanted."""
    with reading(home.office.engine) as connection:
        return {one.cause for one in open_pages(connection)}


def test_one_message_one_answer(home: House, client: Caller) -> None:
    """What a person answers counts for them, once however often it is brought; help pages an officer at once."""
    assert [write(client, PHONES[0], "平安") for _ in range(2)] == [204, 204]
    assert said(home) == [(1, 1, "safe", "sms")]
    assert causes(home) == set()
    assert write(client, PHONES[0], "2", "SM2") == 204
    assert states(home, 1)[1] == "help"
    assert causes(home) == {"help/1/1"}


def test_who_was_asked_by_mail_may_answer_from_their_telephone(
    engine: Engine, tmp_path: Path, clock: FixedClock, keys: MasterKeys
) -> None:
    """Somebody asked by mail alone writes from a number that stands at them, by SMS or WhatsApp: it is their answer, and no stranger's.
    Of two at whom the number stands neither is safe by it; whoever was not asked still is a stranger."""
    made = asking_house(engine, tmp_path, clock, keys, recorders("email"), twilio_auth_token=SecretStr(SECRET))
    enrol_all(made, [
        person("示例一", ("email", "one@example.invalid"), ("sms", PHONES[0])),
        person("示例二", ("email", "two@example.invalid"), ("sms", PHONES[1])),
        person("示例三", ("email", "three@example.invalid"), ("sms", PHONES[1])),
        person("示例四", ("sms", PHONES[2])),
    ])  # fmt: skip
    ask(made, channels=("email",))
    send(made)
    caller = Caller(build(made.office))
    assert write(caller, f"whatsapp:{PHONES[0]}", "平安") == 204
    assert write(caller, PHONES[1], "1", "SM2") == 204
    assert states(made, 1) == {1: "safe", 2: "unclear", 3: "unclear", 4: "silent"}
    assert strangers(made) == []
    assert write(caller, PHONES[2], "你好", "SM3") == 204
    assert strangers(made) == [(PHONES[2], "你好")]


def test_a_shared_number_saves_nobody_and_may_call_for_all(home: House, client: Caller) -> None:
    """Of two behind one number neither is safe by one "1"; one "2" is a call for help of both."""
    path = f"{DIGIT_PATH}?d={call_to(home, PHONES[1])}.1&l=zh&a=1"
    assert post(client, path, CALL | {"Digits": "1"}) == 200
    assert "已记录您平安" not in client.words
    assert "谢谢" in client.words
    write(client, PHONES[1], "1")
    assert states(home, 1) == {1: "silent", 2: "unclear", 3: "unclear"}
    write(client, PHONES[1], "求助", "SM2")
    assert states(home, 1) == {1: "silent", 2: "help", 3: "help"}


def test_keys_of_the_telephone(home: House, client: Caller, clock: FixedClock) -> None:
    """1 says safe and 2 says help, each is answered so; it was read then; another key is asked again, with the same question."""
    path = f"{DIGIT_PATH}?d={call_to(home, PHONES[0])}.1&l=zh&a=1"
    assert post(client, path, CALL | {"Digits": "5"}) == 200
    assert "如需要帮助，请按2" in client.words
    assert "a=1" in client.words
    assert said(home) == []
    assert post(client, path, CALL | {"Digits": "2"}) == 200
    assert "需要帮助" in client.words
    assert said(home) == [(1, 1, "help", "voice")]
    clock.advance(timedelta(minutes=1))
    assert post(client, path, CALL | {"Digits": "1", "CallSid": "CA2"}) == 200
    assert "平安" in client.words
    assert states(home, 1)[1] == "safe"
    row = next(one for one in home.rows() if one.id == call_to(home, PHONES[0]))
    assert row.provider_status == "read"


def test_a_notice_that_did_not_ask_hears_no_answer(home: House, client: Caller) -> None:
    """To a notice that asked nothing 1 only confirms, and 2 is a wrong key; nobody is safe or in need by it."""
    ask(home, channels=("voice",), asks=False)
    send(home)
    number = max(one.id or 0 for one in home.rows())
    assert post(client, f"{DIGIT_PATH}?d={number}.1&l=zh", CALL | {"Digits": "2"}) == 200
    assert "请按 1" in client.words or "请按1" in client.words
    assert post(client, f"{DIGIT_PATH}?d={number}.1&l=zh", CALL | {"Digits": "1"}) == 200
    assert said(home) == []


def test_the_newest_alert_that_asked_and_still_counts(home: House, client: Caller, clock: FixedClock) -> None:
    """An answer goes to the newest alert that asked this number, past a newer one that did not, and to the older one in force that
    asked it too; a late one goes to the newest and is marked late; and to an alert that is long over it is only kept."""
    clock.advance(timedelta(hours=1))
    ask(home)
    send(home)
    clock.advance(timedelta(hours=1))
    ask(home, asks=False)
    send(home)
    write(client, PHONES[0], "1")
    assert said(home) == [(1, 1, "safe", "sms"), (2, 1, "safe", "sms")]
    end = clock.now() + timedelta(hours=1)
    with writing(home.office.engine) as connection:
        connection.execute(table(Alert).update().values(closed_at=end))
    clock.advance(timedelta(hours=2))
    write(client, PHONES[0], "1", "SM2")
    assert len(said(home)) == 3
    clock.advance(COUNTS_FOR)
    write(client, PHONES[0], "1", "SM3")
    assert len(said(home)) == 3
    assert strangers(home) == []


def test_a_number_nobody_asked_is_kept_for_an_officer(home: House, client: Caller, keys: MasterKeys) -> None:
    """A message of an unknown number is kept once, sealed; only who cries for help in words pages; settled, it is forgotten."""
    unknown = "+992999999999"
    assert [write(client, unknown, "1", "SM7") for _ in range(2)] == [204, 204]
    assert causes(home) == set()
    assert write(client, unknown, "救命，我被困在矿区", "SM8") == 204
    assert strangers(home) == [(unknown, "1"), (unknown, "救命，我被困在矿区")]
    assert causes(home) == {"help/stranger/2"}
    rows = table(UnknownSender).c
    with writing(home.office.engine) as connection:
        settle(connection, SYSTEM, 2, home.office.clock.now())
        kept = connection.execute(select(rows.wrapped, rows.words_sealed).where(rows.id == 2)).one()
    assert tuple(kept) == (None, b"")
    assert strangers(home) == [(unknown, "1")]


def test_help_after_two_alerts_pages_once(home: House, client: Caller, clock: FixedClock) -> None:
    """Asked by two alerts in force, one call for help counts for both, and wakes the officer once."""
    clock.advance(timedelta(hours=1))
    ask(home)
    send(home)
    write(client, PHONES[0], "2")
    assert [(one[0], one[2]) for one in said(home)] == [(1, "help"), (2, "help")]
    assert causes(home) == {"help/2/1"}


def test_a_drill_saves_nobody_and_hides_no_cry(home: House, client: Caller, clock: FixedClock) -> None:
    """After a drill that asked the same number, "1" says nothing of the live alert; "2" counts for it and pages as for a live one."""
    clock.advance(timedelta(hours=1))
    drill = ask(home)
    send(home)
    rows = table(Alert)
    with writing(home.office.engine) as connection:
        connection.execute(rows.update().where(rows.c.id == drill).values(mode="drill"))
    write(client, PHONES[0], "1")
    assert (states(home, 1)[1], states(home, drill)[1]) == ("silent", "safe")
    write(client, PHONES[0], "2", "SM2")
    assert (states(home, 1)[1], states(home, drill)[1]) == ("help", "help")
    assert causes(home) == {"help/1/1", f"help/{drill}/1"}


def stopped(home: House) -> list[str]:
    """Return why addresses are stopped."""
    with reading(home.office.engine) as connection:
        query = "SELECT stop_reason FROM address WHERE stopped_at IS NOT NULL ORDER BY id"
        return list(connection.exec_driver_sql(query).scalars())


@pytest.mark.parametrize("words, more", [("开始", {}), ("Unstop!", {}), ("yes", {"OptOutType": "START"})])
def test_start_takes_back_a_stop(home: House, client: Caller, words: str, more: dict[str, str]) -> None:
    """Who stopped a number and writes 开始 or START from it is written to again, all behind it, and the audit says so; what a
    provider stopped stays so; and it is no answer."""
    write(client, PHONES[1], "TD")
    assert len(stopped(home)) == 2
    with writing(home.office.engine) as connection:
        connection.exec_driver_sql(
            "UPDATE address SET stopped_at = created_at, stop_reason = 'no such number' WHERE id = 1"
        )
    for number in PHONES[:2]:
        post(client, REPLY_PATH, FORM | {"MessageSid": f"SM{number}", "From": number, "Body": words} | more)
    assert stopped(home) == ["no such number"]
    with reading(home.office.engine) as connection:
        query = "SELECT count(*) FROM audit WHERE action = 'address.use-again'"
        assert connection.exec_driver_sql(query).scalar_one() == 2
    assert {one[2] for one in said(home)} <= {"unclear"}


def test_stop_is_no_answer(home: House, client: Caller) -> None:
    """Who wants no more messages has not said how they are."""
    write(client, PHONES[0], "退订")
    assert said(home) == []


def test_nothing_is_lost_while_the_database_is_busy(
    home: House, client: Caller, clock: FixedClock, tmp_path: Path
) -> None:
    """Messages and keys that come while the database is locked wait in sealed files, and count later with the time they came at."""
    came = clock.now()
    with home.office.engine.begin():
        assert write(client, PHONES[0], "我被困了") == 204
        assert post(client, f"{DIGIT_PATH}?d={call_to_locked(home)}.1&l=zh&a=1", CALL | {"Digits": "2"}) == 200
        assert "需要帮助" in client.words
    assert spool.waiting(home.office.settings.home) == 2
    files = b"".join(one.read_bytes() for one in (home.office.settings.home / spool.FOLDER).iterdir())
    assert PHONES[0].encode() not in files
    clock.advance(timedelta(minutes=3))
    with home.office.engine.begin():
        assert inbox.catch_up(home.office) == 0, "still locked: the files stay"
    assert inbox.catch_up(home.office) == 2
    assert inbox.catch_up(home.office) == 0
    assert {(one[1], one[2], one[3]) for one in said(home)} >= {(1, "help", "sms"), (1, "help", "voice")}
    with reading(home.office.engine) as connection:
        assert set(connection.exec_driver_sql("SELECT count(DISTINCT at) FROM safe_word").scalars()) == {1}
    assert came < clock.now()


def call_to_locked(home: House) -> int:
    """Return the delivery of the first call, without the database."""
    return call_to(home, PHONES[0])


def test_a_damaged_file_keeps_nobody_waiting(home: House) -> None:
    """A file in the spool that does not open is put aside, and the others are taken."""
    folder = home.office.settings.home / spool.FOLDER
    folder.mkdir(parents=True)
    (folder / "a.json").write_text("{")
    spool.put(home.office.settings.home, {"channel": "sms", "number": PHONES[0], "body": "1", "provider": "twilio_sms",
              "provider_id": "SM1", "opted_out": "", "at": home.office.clock.now().isoformat()}, home.office.keys)  # fmt: skip
    assert inbox.catch_up(home.office) == 1
    assert [one.name for one in folder.iterdir()] == ["a.bad"]
    assert said(home) == [(1, 1, "safe", "sms")]


def test_a_message_that_fits_nothing_keeps_nobody_waiting(home: House) -> None:
    """An answer to an alert that is not there, or one without its fields, is put aside, and stops no rounds."""
    now = home.office.clock.now().isoformat()
    lost = {
        "alert": "99",
        "people": "1",
        "answer": "safe",
        "words": "",
        "provider_id": "x",
        "provider": "link",
        "at": now,
    }
    for fields in (lost, {"at": now}):
        spool.put(home.office.settings.home, fields, home.office.keys)
    assert inbox.catch_up(home.office) == 0
    assert spool.waiting(home.office.settings.home) == 0
    assert {one.suffix for one in (home.office.settings.home / spool.FOLDER).iterdir()} == {spool.BAD}


def test_three_hundred_answers_in_a_row(home: House) -> None:
    """Answers of many people and strangers at once: each is there, none twice."""
    for turn in range(150):
        for sid in (f"SM{turn}", f"SM{turn}"):
            inbox.take(home.office, Reply("sms", f"+9929100{turn:05d}", "1", "twilio_sms", sid, False, {"Body": "1"}))
    with reading(home.office.engine) as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM unknown_sender").scalar_one() == 150
