"""What the schedules start for readers: the thin coats do what they say, and again changes nothing."""

from __future__ import annotations

from flows import brief, bulletin, digest, sweep
from notify.mailings.once import Fate
from tests.notify.letters.conftest import desk as desk
from tests.notify.letters.conftest import told_once as told_once
from tests.notify.letters.desk import Desk, desk_of


def test_a_draft_is_never_written_over(desk: Desk) -> None:
    """What the office has edited stays, however often the flow runs."""
    path = bulletin.write_draft.fn(desk.office, "2026-W47")
    assert path == desk.office.settings.home / "bulletins" / "2026-W47.md"
    assert path.read_text(encoding="utf-8").startswith("# ")
    path.write_text("已编辑", encoding="utf-8")
    assert bulletin.write_draft.fn(desk.office, "2026-W47") == path
    assert path.read_text(encoding="utf-8") == "已编辑"
    assert bulletin.write_draft.fn(desk.office, "").stem == "2026-W48"  # it is Sunday: what closes next


def test_the_morning_goes_to_officers_and_companies_once(desk: Desk) -> None:
    """Brief, roll-ups and digest leave once; the second run of each finds nothing to send."""
    own = desk_of(desk.world, brief_to=("a@office.example",))
    own.contact(0, "a@one.example")
    own.later(minutes=31)
    summary, text = brief.look.fn(own.office)
    assert [one.fate for one in brief.mail.fn(own.office, summary, text)] == [Fate.SENT]
    assert [one.fate for one in brief.mail.fn(own.office, summary, text)] == [Fate.THERE]
    assert (sweep.roll_up.fn(own.office), sweep.roll_up.fn(own.office)) == (1, 0)
    assert digest.send.fn(own.office) == []
    assert [one.address for one in own.mail.sent] == ["a@office.example", "a@one.example"]
