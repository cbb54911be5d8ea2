"""What a night is ended with, as the command tells it to whoever called it."""

from __future__ import annotations

import pytest

from notify.rundown import has_findings


@pytest.mark.parametrize(
    ("status", "kinds", "expected"),
    [
        ("Completed", [], False),
        ("Completed", ["alert-waiting"], False),
        ("Completed", ["alert-waiting", "delivery-planned", "budget-near"], False),
        ("Completed", ["unreachable"], True),
        ("Completed", ["alert-waiting", "changes-held"], True),
        ("Partial", [], True),
        ("Failed", [], True),
    ],
)
def test_a_waiting_draft_is_no_finding(status: str, kinds: list[str], expected: bool) -> None:
    """Drafts, notices for the morning and a budget that is nearly used up are as they should be; a gap or a broken source is not."""
    assert has_findings({"status": status, "gaps": [{"kind": one} for one in kinds]}) is expected
