"""Logs: one line each, ids in it, and nobody's name, number or mail address, whoever writes it."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator
from contextlib import redirect_stderr
from typing import Any

import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st

from core import logs
from core.errors import BadInput, StoreBusy
from core.i18n import t

NAME = "欧阳‮娜\n{}%s<b>"
NUMBERS = [
    "+8613800138000",
    "+86 138 0013 8000",
    "%2B8613800138000",
    "13800138000",
    "138 0013 8000",
    "110101199003074512",
]
MAILS = ["ouyang.na@corp.example", "na%40corp.example"]


class Terminal(io.StringIO):
    """A stderr that says it is a terminal."""

    def isatty(self) -> bool:
        """Say so."""
        return True


class Lines:
    """What was written to stderr until now."""

    def __init__(self, capture: pytest.CaptureFixture[str]) -> None:
        self._capture, self._text = capture, ""

    def getvalue(self) -> str:
        """Return all of it."""
        self._text += self._capture.readouterr().err
        return self._text


@pytest.fixture
def stderr(capsys: pytest.CaptureFixture[str]) -> Iterator[Lines]:
    """Give a stderr that is no terminal, with our logs on it and on nothing else; afterwards all is as it was."""
    root, config = logging.getLogger(), structlog.get_config()
    kept, level = root.handlers[:], root.level
    root.handlers.clear()
    logs.set_up()
    yield Lines(capsys)
    root.handlers[:], root.level = kept, level
    structlog.configure(**config)


def written(stderr: Lines) -> list[dict[str, Any]]:
    """Return what was logged."""
    return [json.loads(line) for line in stderr.getvalue().splitlines()]


def test_a_line_of_ours_and_one_of_a_library_have_one_form(stderr: Lines) -> None:
    """Both are JSON with moment, level and the ids that were bound; the library's says whose it is."""
    with logs.about(alert=7, run=3):
        structlog.get_logger().warning("one", delivery=12)
        logging.getLogger("aiosmtpd").warning("two of %s", 2)
    structlog.get_logger().warning("three")
    one, two, three = written(stderr)
    assert (one["event"], one["alert"], one["run"], one["delivery"]) == ("one", 7, 3, 12)
    assert (two["event"], two["alert"], two["logger"], two["level"]) == ("two of 2", 7, "aiosmtpd", "warning")
    assert one["timestamp"].endswith("Z")
    assert "alert" not in three


@pytest.mark.parametrize("secret", [*NUMBERS, *MAILS])
def test_numbers_and_mail_addresses_are_hidden_wherever_they_stand(stderr: Lines, secret: str) -> None:
    """In the sentence, in a field, in a list and in what a library formats."""
    structlog.get_logger().warning(
        f"sent to {secret}", to=secret, more=[{"a": secret}], url=f"https://x.example/?To={secret}&b=1"
    )
    logging.getLogger("some.library").error("calling %s", secret)
    assert secret not in stderr.getvalue()
    assert stderr.getvalue().count("‹") == 5


@pytest.mark.parametrize(
    "kept",
    [
        "2026-11-22",
        "2026-11-22T18:30:00Z",
        "alert/123456",
        "SM00112233445566778899aabbccddeeff",
        "127.0.0.1:8430",
        "3.8.8",
        "0017",
    ],
)
def test_what_only_looks_like_a_number_stays(stderr: Lines, kept: str) -> None:
    """Moments, ids, versions and addresses of machines can be read."""
    structlog.get_logger().warning("about", what=kept, delivery=1234567890123)
    assert written(stderr)[0]["what"] == kept
    assert written(stderr)[0]["delivery"] == 1234567890123


def fail(error: BaseException) -> BaseException:
    """Return an error that was really raised, after another one that quotes somebody too."""
    try:
        try:
            int(NAME)
        except ValueError as cause:
            raise error from cause
    except type(error) as raised:
        return raised
    return error


@pytest.mark.parametrize(
    "error", [ValueError(NAME), KeyError(NAME), BadInput(t("This is no number: {text}", text=NAME))]
)
def test_an_error_is_logged_by_kind_and_place_and_quotes_nobody(stderr: Lines, error: Exception) -> None:
    """What a library says of a value it was given carries that value; the line has where it happened instead."""
    raised = fail(error)
    structlog.get_logger().error("broken", exc_info=raised)
    logging.getLogger("uvicorn.error").error("Exception in ASGI application\n", exc_info=raised)
    logging.getLogger("asyncio").error(f"Task exception was never retrieved\nfuture: <Task exception={error!r}>")
    ours, server, loop = written(stderr)
    assert ours["error"].startswith(type(error).__name__)
    assert ours["after"] == "ValueError"
    assert any("test_logs.py" in place and " fail" in place for place in ours["at"])
    assert (server["error"], loop["event"]) == (ours["error"], "Task exception was never retrieved")
    assert "欧阳" not in stderr.getvalue()
    assert "娜" not in stderr.getvalue()


def test_what_the_database_says_is_kept(stderr: Lines) -> None:
    """Whoever looks for the reason of an outage finds it: such errors quote no person."""
    structlog.get_logger().error(
        "x", exc_info=StoreBusy(t("The database cannot be read now: {error}", error="no route to host"))
    )
    structlog.get_logger().error("y", exc_info=ConnectionRefusedError(111, "Connection refused"))
    first, second = written(stderr)
    assert first["error"] == "StoreBusy: The database cannot be read now: no route to host"
    assert second["error"] == "ConnectionRefusedError: Connection refused"


def test_libraries_that_log_addresses_of_calls_are_kept_down(stderr: Lines) -> None:
    """An HTTP client says at `info` what it asks a provider, and numbers stand in that."""
    logging.getLogger().setLevel(logging.INFO)
    logging.getLogger("httpx").info("HTTP Request: GET https://api.example/?To=x")
    assert stderr.getvalue() == ""


def test_on_a_terminal_a_person_reads_text(stderr: Lines) -> None:
    """Without a word of the settings the form follows where the lines go; the setting goes before that."""
    with redirect_stderr(Terminal()) as terminal:
        logs.set_up()
        structlog.get_logger().warning("text", alert=3)
        logs.set_up(form="json")
        structlog.get_logger().warning("json")
    text, second = terminal.getvalue().splitlines()
    assert "alert=3" in text
    assert not text.startswith("{")
    assert json.loads(second)["event"] == "json"
    logs.set_up(form="text")
    structlog.get_logger().warning("asked for")
    assert not stderr.getvalue().startswith("{")


@given(st.text(alphabet="+0123456789 -()", max_size=12), st.from_regex(r"\+[1-9]\d{7,14}", fullmatch=True))
def test_no_surrounding_lets_a_number_through(before: str, number: str) -> None:
    """Whatever digits stand around it, a number as it is dialled is not to be read."""
    hidden = logs.scrub(None, "", {"event": f"{before} {number} x"})["event"]
    assert number not in hidden
