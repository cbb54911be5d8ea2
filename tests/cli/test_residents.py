"""Residents, companies' contacts and whereabouts at the command line, with the real SDK and the sandbox."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from notify.sandbox.running import running
from registry.signup.texts import current
from tests.cli.test_doors import Desk

PHONE = "+33612345678"
BASE = ("resident", "register", "示例一", "--country", "法国", "--city", "里昂", "--accept", current(), "--json")


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """A fresh home and a sandbox, with an administrator, an officer and an auditor."""
    with running(tmp_path / "sandbox") as sandbox:
        desk = Desk(tmp_path / "home", sandbox)
        desk.user("chief")
        desk.user("officer", by="chief")
        desk.user("auditor", "--role", "auditor", by="chief")
        yield desk


def code_in(text: str) -> str:
    """Return the code in a message."""
    found = re.search(r"(?<!\d)\d{6}(?!\d)", text)
    assert found is not None, text
    return found[0]


def rows(text: str) -> list[dict[str, Any]]:
    """Return JSON Lines."""
    return [json.loads(line) for line in text.splitlines()]


def registered(desk: Desk, *more: str) -> int:
    """Register somebody end to end, by text message; return the number."""
    words = (*BASE, "--address", PHONE, "--foreign", *more)
    asked = json.loads(desk.ok(*words, by="officer"))
    code = code_in(desk.sandbox.messages()[-1].body)
    done = json.loads(
        desk.ok("resident", "confirm", "--ticket", asked["ticket"], "--code", code, "--json", by="officer")
    )
    return int(done["person"])


def test_a_resident_registers_by_text_message_and_leaves(desk: Desk) -> None:
    """The code goes out through the sandbox, comes back, and the person is in the register; another one lets them leave."""
    number = registered(desk, "--companion", "示例二", "--contact", "示例三", "--contact-phone", "13900139000")
    (message,) = desk.sandbox.messages()
    assert (message.to, message.body.startswith("【示例市外办】")) == (PHONE, True)
    listed = rows(desk.ok("people", "list", "--json", by="officer"))
    assert [(one["name"], one["companion_of"]) for one in listed] == [("示例一", None), ("示例二", number)]
    assert listed[0]["contacts"] == [{"name": "示例三", "relation": "", "phone": "+8613900139000"}]
    asked = rows(desk.ok("resident", "leave", "--name", "示例一", "--address", PHONE, "--json", by="officer"))[0]
    assert asked["asked"] is True
    code = code_in(desk.sandbox.messages()[-1].body)
    words = ("resident", "leave", "--ticket", asked["ticket"], "--code", code, "--companions", "--json")
    assert json.loads(desk.ok(*words, by="officer"))["stays"] == 2
    assert rows(desk.ok("people", "where", "--json", by="officer")) == []
    sent = len(desk.sandbox.messages())
    nobody = rows(desk.ok("resident", "leave", "--name", "无此人", "--address", PHONE, "--json", by="officer"))[0]
    assert set(nobody) == set(asked)
    assert len(desk.sandbox.messages()) == sent


def test_without_consent_to_providers_abroad_the_code_goes_by_mail(desk: Desk) -> None:
    """Who refuses providers abroad gets the code by mail."""
    asked = json.loads(desk.ok(*BASE, "--address", PHONE, "--address", "a@example.com", "--lang", "en", by="officer"))
    assert (asked["sent"], desk.sandbox.messages()) == ("accepted", [])
    (mail,) = desk.sandbox.mail()
    assert mail.to == ("a@example.com",)
    words = ("resident", "confirm", "--ticket", asked["ticket"], "--json", "--code")
    wrong = f"{(int(code_in(mail.text)) + 1) % 10**6:06d}"
    assert "Tries left: 4" in desk.refused(*words, wrong, by="officer")
    assert "Tries left: 3" in desk.refused(*words, wrong, by="officer")  # the first try was kept
    desk.ok(*words, code_in(mail.text), by="officer")
    assert "confirmed already" in desk.refused(*words, code_in(mail.text), by="officer")


def test_who_refuses_providers_abroad_and_has_a_phone_alone_is_registered(desk: Desk) -> None:
    """Nothing is sent; the officer telephones and reads the code out, and it is the officer's name that is on record."""
    asked = json.loads(desk.ok(*BASE, "--address", PHONE, by="officer"))
    assert (asked["sent"], desk.sandbox.messages(), desk.sandbox.mail()) == ("by-phone", [], [])
    words = ("resident", "confirm", "--ticket", asked["ticket"])
    assert "Only the office" in desk.refused(*words, "--by-phone", by="auditor")
    desk.refused(*words, by="officer")
    (waiting,) = rows(desk.ok("resident", "to-call", "--json", by="officer"))
    found = (
        "resident",
        "confirm",
        "--ticket",
        waiting["ticket"],
        "--by-phone",
    )  # who registered on the pages has the other one
    told = json.loads(desk.ok(*found, "--json", by="officer"))
    assert told["address"] == PHONE
    number = json.loads(desk.ok(*words, "--code", told["code"], "--json", by="officer"))["person"]
    assert "Nobody waits" in desk.ok("resident", "to-call", by="officer")
    held = json.loads(desk.ok("person", "show", str(number), "--json", by="officer"))
    assert ([c["foreign"] for c in held["consents"]], held["addresses"][0]["verified_at"] is None) == ([False], False)
    shown = desk.ok(*BASE[:-1], "--address", "+33612345679", by="officer")
    assert "--by-phone" in shown
    ticket = shown.split("--ticket ")[1].split()[0]
    assert "let the person say it back" in desk.ok(
        "resident", "confirm", "--ticket", ticket, "--by-phone", by="officer"
    )


def wished(desk: Desk, command: str, *more: str) -> str:
    """Ask for a code by name and address, and give it back."""
    asked = rows(desk.ok("resident", command, "--name", "示例一", "--address", PHONE, "--json", by="officer"))[0]
    code = code_in(desk.sandbox.messages()[-1].body)
    return desk.ok("resident", command, "--ticket", asked["ticket"], "--code", code, *more, by="officer")


def test_consent_is_withdrawn_and_a_stay_confirmed(desk: Desk) -> None:
    """Each message says what its code does; after a withdrawal no code goes over a provider abroad, and the office may write a yes."""
    number = str(registered(desk))
    assert "1 stays are confirmed" in wished(desk, "still-there")
    assert "仍在登记地点" in desk.sandbox.messages()[-1].body
    assert json.loads(wished(desk, "still-there", "--json")) == {"people": [int(number)], "stays": 1}
    assert "withdrawn: 1" in wished(desk, "consent", "--no-foreign")
    assert "变更境外服务商同意" in desk.sandbox.messages()[-1].body
    sent = len(desk.sandbox.messages())
    desk.ok("resident", "leave", "--name", "示例一", "--address", PHONE, by="officer")
    assert len(desk.sandbox.messages()) == sent
    desk.ok("person", "correct", number, "--foreign", "--still-there", by="officer")
    desk.ok("person", "correct", number, "--no-foreign", by="officer")
    held = json.loads(desk.ok("person", "show", number, "--json", by="officer"))
    assert [(c["text_version"], c["foreign"]) for c in held["consents"]] == [
        (f"consent/{current()}", True), ("withdrawal/1", False), ("spoken/1", True), ("withdrawal/1", False),
    ]  # fmt: skip


def test_consent_is_given_by_code_to_the_text_in_use(desk: Desk) -> None:
    """To give consent the version of the text is needed, and which of the two is meant must be said."""
    registered(desk)
    asked = rows(desk.ok("resident", "consent", "--name", "示例一", "--address", PHONE, "--json", by="officer"))[0]
    words = ("resident", "consent", "--ticket", asked["ticket"], "--code", code_in(desk.sandbox.messages()[-1].body))
    desk.refused(*words, by="officer")
    assert current() in desk.refused(*words, "--foreign", by="officer")
    assert "is given: 1" in desk.ok(*words, "--foreign", "--accept", current(), by="officer")


def test_who_is_erased_reads_who_is_still_registered(desk: Desk) -> None:
    """The message says that its code ends the registration; the companion who stays is named, with what becomes of the number."""
    registered(desk, "--companion", "示例二")
    kept = wished(desk, "leave", "--erase", "--keep-number")
    assert "终止您的境外安全提醒登记" in desk.sandbox.messages()[-1].body
    assert "示例二, with your number" in kept
    assert "nothing else reaches them" in wished(desk, "leave", "--erase")


def test_a_failed_code_says_so(desk: Desk) -> None:
    """A number the provider knows to be none is refused in words; the audit has the attempt, and neither code nor number."""
    words = (*BASE, "--address", "+15005552211", "--foreign")
    assert "could not be sent to this address" in desk.refused(*words, by="officer")
    kept = b"".join(path.read_bytes() for path in sorted(desk.home.glob("lingbao.db*")))
    assert b"sms refused 21211" in kept
    assert b"5005552211" not in kept


def test_an_address_is_verified_and_stopped(desk: Desk) -> None:
    """An officer has a code sent to an address, enters it, and later stops it."""
    number = registered(desk, "--address", "b@example.com")
    ways = {
        a["channel"]: a for a in json.loads(desk.ok("person", "show", str(number), "--json", by="officer"))["addresses"]
    }
    assert (ways["sms"]["verified_at"] is None, ways["email"]["verified_at"] is None) == (False, True)
    mail = str(ways["email"]["address_id"])
    asked = json.loads(desk.ok("resident", "verify", "--address", mail, "--json", by="officer"))
    code = code_in(desk.sandbox.mail()[-1].text)
    desk.ok("resident", "verify", "--ticket", asked["ticket"], "--code", code, by="officer")
    desk.ok("resident", "stop", mail, "--reason", "邮箱已停用", by="officer")
    desk.refused("resident", "verify", "--address", mail, by="officer")
    desk.refused("resident", "verify", by="officer")


def test_the_text_must_be_accepted_and_the_office_acts(desk: Desk) -> None:
    """Without the version in use nobody is registered; auditors register nobody; the text is there to be read."""
    words = ("resident", "register", "示例一", "--country", "FR", "--address", "a@example.com")
    assert current() in desk.refused(*words, by="officer")
    assert "Only the office" in desk.refused(*words, "--accept", current(), by="auditor")
    assert "Providers abroad" in desk.ok("resident", "text", by="officer")
    assert "境外服务商" in desk.ok("resident", "text", "--lang", "zh", by="officer")
    for bad in (
        ("--from", "x"),
        ("--from", "2026-12-02", "--to", "2026-12-01"),
        ("--contact", "示例三"),
        ("--lang", "xx"),
    ):
        desk.refused(*words, "--accept", current(), *bad, by="officer")


def test_contacts_of_a_company(desk: Desk) -> None:
    """The office and the company itself write down whom to call; another company sees nothing of it."""
    for code in ("DEMO1", "DEMO2"):
        desk.ok("employer", "add", code, f"示例{code}", "--district", "示例区", "--sector", "建筑", by="chief")
        desk.user(code.lower(), "--role", "company", "--employer", code, by="chief")
    words = ("employer", "contact-add", "DEMO1", "示例四", "--duty", "security", "--phone", "13700137000", "--json")
    number = json.loads(desk.ok(*words, by="demo1"))["contact"]
    seen = rows(desk.ok("employer", "contact-list", "DEMO1", "--json", by="officer"))
    assert [(one["name"], one["phone"], one["duty"]) for one in seen] == [("示例四", "+8613700137000", "security")]
    assert "示例四" in desk.ok("employer", "contact-list", "DEMO1", by="demo1")
    for words in (
        ("contact-list", "DEMO1"),
        ("contact-end", str(number)),
        ("contact-add", "DEMO1", "甲", "--phone", "13700137001"),
    ):
        desk.refused("employer", *words, by="demo2")
    for bad in (("--phone", "12"), ("--mail", "x"), ("--phone", "13700137000", "--lang", "fr")):
        desk.refused("employer", "contact-add", "DEMO1", "甲", *bad, by="officer")
    desk.refused("employer", "verify", "DEMO1", by="demo1")
    desk.ok("employer", "verify", "DEMO1", by="officer")
    listed = rows(desk.ok("employer", "list", "--json", by="officer"))
    assert [one["verified_at"] is None for one in listed] == [False, True]
    desk.ok("employer", "contact-end", str(number), by="demo1")
    assert desk.ok("employer", "contact-list", "DEMO1", "--json", by="officer") == ""


def test_whereabouts(desk: Desk, tmp_path: Path) -> None:
    """Rows, counts and names for those who may see them; places are looked up as written; who is unsure is not forgotten."""
    desk.ok("employer", "add", "DEMO1", "示例一公司", by="chief")
    file = tmp_path / "roster.csv"
    file.write_text(
        "姓名,所在国家,所在城市,状态,境外联系电话\n示例甲,赞比亚,卢萨卡,在外,+260977123456\n示例乙,赞比亚,,在外,+260977123457\n"
        "示例丙,赞比亚,恩多拉,在外,+260977123458\n示例丁,赞比亚,卢萨卡,休假,+260977123459\n", encoding="utf-8",
    )  # fmt: skip
    desk.run("roster", "import", str(file), "--employer", "DEMO1", "--apply", by="officer")
    ask = ("people", "whereabouts", "--country", "赞比亚,AO")
    assert [one["city"] for one in rows(desk.ok(*ask, "--json", by="officer"))] == ["卢萨卡", "", "恩多拉"]
    result = desk.run(*ask, "--place", "盧薩卡", "--json", "--names", by="officer")
    assert [(one["name"], one["perhaps"]) for one in rows(result.stdout)] == [("示例甲", False), ("示例乙", True)]
    assert "恩多拉" in result.stderr
    assert "1 people of whom it is not sure" in result.stderr
    (masked, *_) = rows(desk.ok(*ask, "--names", "--json", by="auditor"))
    assert masked["name"] == "示**"
    assert rows(desk.ok(*ask, "--count", "--json", by="officer")) == [
        {"country": "ZM", "there": 3, "planned": 0, "perhaps": 0, "doubtful": 1}
    ]
    shown = desk.ok(*ask, "--doubtful", "--place", "卢萨卡", by="officer")
    assert "perhaps there" in shown
    assert "doubtful" in shown
    assert "Zambia" in desk.ok(*ask, "--count", by="officer")
    assert "Nobody" in desk.ok("people", "whereabouts", "--country", "FR", "--count", by="officer")
    desk.refused(*ask, "--on", "morgen", by="officer")
    assert desk.ok(*ask, "--on", "2020-01-01", "--json", by="officer") != ""


def test_the_figure_is_measured_on_a_small_register(desk: Desk) -> None:
    """The benchmark runs, and finds exactly the people it made."""
    (measure,) = rows(desk.ok("bench", "whereabouts", "--people", "3000", "--hits", "700", "--json"))
    assert (measure["name"], measure["unit"], measure["value"] > 0) == ("whereabouts", "people/s", True)
