"""The feed as the world sees it: nothing unless switched on, only what home authorities said, the same bytes each time."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import update

from console.feed import router
from core.database import writing
from core.errors import NotFound
from core.settings import load
from notify import alerts
from notify.cap.publish import feed, message, of_alert
from notify.cap.write import message_xml
from notify.office import Office
from notify.store.alerts import ALERTS, VERSIONS
from notify.tables import VersionKind
from registry.actors import Actor
from registry.tables import Role
from sources.cap import read_cap
from sources.model import Capture, ChangeKind
from tests.notify.made import NIGHT, advisory, draft
from tests.notify.proof.world import OFFICER, World, read_source

APPROVER = Actor("wang.xifeng", Role.APPROVER, 8)


def publishing(world: World) -> Office:
    """Return the office with its feed switched on."""
    return replace(world.office, settings=load(home=world.home, cap_public=True))


def ask(office: Office, path: str, method: str = "GET", **headers: str) -> httpx.Response:
    """Ask the application inside this process."""
    app = FastAPI()
    app.include_router(router(office))

    async def once() -> httpx.Response:
        """Make one request."""
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://inside.invalid") as client:
            return await client.request(
                method, path, headers={name.replace("_", "-"): one for name, one in headers.items()}
            )

    return asyncio.run(once())


def test_nothing_is_published_unless_switched_on(told: World) -> None:
    """By default both addresses are not there, whoever asks; `lingbao cap` still writes the message, as Restricted."""
    [restricted] = of_alert(told.office, told.alert_id)
    assert (restricted.scope, restricted.status, bool(restricted.restriction)) == ("Restricted", "Test", True)
    [public] = of_alert(publishing(told), told.alert_id)
    for path in ("/feeds/alerts.atom", f"/feeds/cap/{public.uuid}.xml", f"/feeds/cap/{restricted.uuid}.xml"):
        assert ask(told.office, path).status_code == 404
    with pytest.raises(NotFound):
        message(told.office, public.uuid)


def test_the_feed_and_its_messages_are_served(told: World) -> None:
    """The feed links the message; both have an ETag that a reader may send back, and hold nothing of people."""
    office = publishing(told)
    [public] = of_alert(office, told.alert_id)
    found = ask(office, "/feeds/alerts.atom")
    assert (found.status_code, found.headers["content-type"]) == (200, "application/atom+xml; charset=utf-8")
    path = f"/feeds/cap/{public.uuid}.xml"
    assert f"{office.settings.public_base_url}{path}" in found.text
    one = ask(office, path)
    assert (one.content, one.headers["content-type"]) == (message_xml(public), "application/cap+xml; charset=utf-8")
    for answer, where in ((found, "/feeds/alerts.atom"), (one, path)):
        again = ask(office, where, if_none_match=answer.headers["etag"])
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", answer.headers["etag"])
        assert ask(office, where, if_none_match='"other"').status_code == 200
        for secret in ("孙悟空", "+2609", "lin.daiyu", "花果山A-1公司"):
            assert secret not in answer.text
    assert ask(office, path, "HEAD").status_code == 200


@pytest.mark.parametrize("name", ["x", "../../etc/passwd", "7f1c0b5e-6c0e-4a53-9a39-3b0f6d0a7c11", "%00", "A" * 5000])
def test_unknown_names_are_not_there(told: World, name: str) -> None:
    """A name we never gave, and what is no name, are answered alike."""
    assert ask(publishing(told), f"/feeds/cap/{name}.xml").status_code == 404


def test_an_officers_alert_is_never_public(own: World) -> None:
    """A draft of an officer, approved by a second one and sent, is in no feed and has no public message."""
    office = publishing(own)
    with writing(own.office.engine) as connection:
        one = draft(channels=("sms",), source_id=None, native_id=None, change_id=None, advisory_id=None, origin_key=None,
                    title_zh="内部提醒", rule="manual")  # fmt: skip
        version = alerts.open_alert(connection, one, office.acting(OFFICER))
        assert version is not None
        alerts.submit(connection, version, office.acting(OFFICER))
        alerts.approve(connection, version, office.acting(APPROVER))
        alerts.release(connection, version, office.acting(OFFICER))
    assert "内部提醒" not in feed(office).body.decode()
    assert [made.scope for made in of_alert(office, 2)] == ["Restricted"]


def test_what_another_authority_said_is_never_public(own: World) -> None:
    """An office whose rules pass on other governments' words does not publish them under its own name."""
    foreign = advisory(
        source="uk-fcdo", native_id="zambia", url="https://two.example/zambia", title="Zambia: avoid all travel"
    )
    changed, number = read_source(own, foreign)
    own.release(draft(channels=("sms",), change_id=changed, advisory_id=number, origin_key="change/2", source_id="uk-fcdo",
                      title_zh="关于赞比亚的安全提醒"))  # fmt: skip
    assert "关于赞比亚" not in feed(publishing(own)).body.decode()


def test_the_feed_has_the_newest_word_of_each_alert(own: World) -> None:
    """After an all-clear the Cancel stands in the feed until what it cancelled would have ended; old messages stay readable."""
    office = publishing(own)
    [first] = of_alert(office, own.alert_id)
    changed, number = read_source(own, advisory(), ChangeKind.WITHDRAWN)
    own.clock.advance(timedelta(hours=2))
    own.release(draft(kind=VersionKind.ALL_CLEAR, follows=own.alert_id, told_only=True, channels=("sms",), change_id=changed,
                      advisory_id=number, origin_key=None))  # fmt: skip
    _, cancel = of_alert(office, own.alert_id)
    body = feed(office).body.decode()
    assert cancel.identifier in body
    assert f"<id>{first.identifier}</id>" not in body
    assert message(office, first.uuid).body == message_xml(first)
    own.clock.moment = first.expires
    assert "<entry>" not in feed(office).body.decode()


def test_a_copy_in_another_mode_publishes_nothing_of_the_first(own: World) -> None:
    """Alerts of another instance, or of another mode than this one's now, are not in the feed."""
    for changes in ({"mode": "live"}, {"instance_uid": "7f1c0b5e-6c0e-4a53-9a39-3b0f6d0a7c11", "mode": "sandbox"}):
        with writing(own.office.engine) as connection:
            connection.execute(update(ALERTS).values(**changes))
        assert "<entry>" not in feed(publishing(own)).body.decode()


def test_our_reader_reads_what_is_served(told: World) -> None:
    """What a neighbour's reader gets has our times, country and level words, and is marked as a test."""
    office = publishing(told)
    [public] = of_alert(office, told.alert_id)
    read = read_cap(Capture("office", "https://office.example/", NIGHT, message(office, public.uuid).body))
    assert (read.status, read.is_actual, read.sent) == ("Test", False, public.sent)
    assert dict(read.info("zh").parameters)["sourceLevel"] == "暂勿前往"
    with pytest.raises(NotFound):
        of_alert(office, 99)


def test_an_unreleased_alert_has_no_message(own: World) -> None:
    """A draft is nobody's message."""
    with writing(own.office.engine) as connection:
        connection.execute(update(VERSIONS).values(released_at=None))
    with pytest.raises(NotFound):
        of_alert(own.office, own.alert_id)
