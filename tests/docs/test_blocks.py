"""How pages are cut into blocks, and blocks into commands; and what counts as the same output."""

from __future__ import annotations

from datetime import date

import pytest

from tests.docs.blocks import blocks, commands
from tests.docs.session import redated
from tests.docs.shapes import differs

PAGE = """\
Before.

```sh
one   # exit 1: it finds something
two \\
  three   # exit 2 if it's late
# a remark
cat > file <<'R'
it's text # no remark
R
for x in a b; do
  echo $x
done
echo "a
b # c"
```

```text
out
```

1. A list.

   ```toml
   a = 1
   ```

```sh
# on the server, not run by a test: it needs root
sudo reboot
```
"""


def test_a_page_is_cut_into_blocks() -> None:
    """Blocks have their language, their first line, and know whether they stand directly below another one."""
    found = list(blocks(PAGE))
    assert [(one.language, one.line, one.below) for one in found] == [
        ("sh", 3, False),
        ("text", 18, True),
        ("toml", 24, False),
        ("sh", 28, True),
    ]
    assert found[2].text == "a = 1"
    assert [one.not_run for one in found] == ["", "", "", "it needs root"]


def test_a_block_is_cut_into_commands() -> None:
    """Continued lines, here-documents, loops and quotes stay together; a comment may say how a command ends."""
    found = list(commands(next(blocks(PAGE))))
    assert [(one.line, one.exits) for one in found] == [(4, (1,)), (5, (2, 0)), (8, (0,)), (11, (0,)), (14, (0,))]
    assert found[0].words == "one"
    assert found[2].text.endswith("no remark\nR")
    assert found[4].text == 'echo "a\nb # c"'


@pytest.mark.parametrize(
    ("shown", "said"),
    [
        ("12 people, code F3RY8G", "3 people, code ABC123"),
        ("a  b\n…\nz", "a b\n1\n2\nz\n"),
        ("…\nend", "x\nend"),
        ("Notices … = 4", "Notices planned 4 = 4"),
        ("2026-11-22 18:00", "2027-01-02 07:30"),
    ],
)
def test_numbers_and_gaps_are_free(shown: str, said: str) -> None:
    """Numbers, times, codes, the widths of columns and what `…` stands for may differ."""
    assert differs(shown, said) == ""


@pytest.mark.parametrize(
    ("shown", "said"),
    [("2 people", "2 persons"), ("one\ntwo", "one"), ("one", "one\ntwo"), ("a\nz", "a\nb\nz"), ("b\na", "a\nb")],
)
def test_other_words_are_found(shown: str, said: str) -> None:
    """Another word, a line too few, one too many, or another order is a difference."""
    assert differs(shown, said) != ""


def test_days_and_weeks_move_with_today() -> None:
    """A page is written as on one day; later its days and weeks are as far from that day as they were."""
    text = "--from 2026-11-23T08:00:00+08:00 --week 2026-W47 --accept 2026-11"
    assert redated(text, date(2026, 11, 22)) == text
    assert redated(text, date(2027, 1, 3)) == "--from 2027-01-04T08:00:00+08:00 --week 2026-W53 --accept 2026-11"
