"""A thousand replies in a minute, brought by several callbacks at once, some of them twice."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from sqlalchemy import Engine

from core.clock import FixedClock
from core.keys import MasterKeys
from notify.replies import Reply
from notify.safety import inbox, spool
from tests.notify.asked.scene import ask, asking_house, enrol_all, person, recorders, said, send, states

PEOPLE, REPLIES = 200, 1000


def test_a_thousand_replies_at_once(engine: Engine, tmp_path: Path, clock: FixedClock, keys: MasterKeys) -> None:
    """Each counts once; what the busy database did not take at once waited in the spool, and counts too; everybody is safe."""
    home = asking_house(engine, tmp_path, clock, keys, recorders("sms"))
    phones = [f"+9929{turn:08d}" for turn in range(PEOPLE)]
    enrol_all(home, [person(f"示例{phone[-3:]}", ("sms", phone)) for phone in phones])
    alert = ask(home)
    send(home)

    def bring(turn: int) -> None:
        reply = Reply("sms", phones[turn % PEOPLE], "1", "twilio_sms", f"SM{turn}", False, {"Body": "1"})
        for _ in range(2 if turn % 10 == 0 else 1):
            inbox.take(home.office, reply)

    with ThreadPoolExecutor(2) as callbacks:
        list(callbacks.map(bring, range(REPLIES)))
    inbox.catch_up(home.office)
    assert spool.waiting(home.office.settings.home) == 0
    assert [one[1] for one in said(home)] == [1 + turn // 5 for turn in range(REPLIES)]
    assert set(states(home, alert).values()) == {"safe"}
