"""The database ends, lines are cut: a dispatcher that stays goes on, and everything is accounted for."""

from __future__ import annotations

import time
from pathlib import Path

from sqlalchemy.engine import make_url

from notify.sandbox.running import Running
from tests.notify.several.fleet import Server, all_accepted, filled, office, once_each, staying, told, until
from tests.notify.several.proxy import Line, proxy, to_port, to_socket

PEOPLE = 240
RATE = 60
"""Notices a second: the sending lasts four seconds, and every fault falls into it."""


def test_the_database_is_restarted(server: Server, database: str, sandbox: Running, tmp_path: Path) -> None:
    """PostgreSQL ended at once in the middle of a send and started again: the dispatcher goes on, nothing is lost or doubled."""
    rates = {"sms": float(RATE)}
    home = filled(database, tmp_path, PEOPLE, twilio_base_url=sandbox.url, rates=rates)
    sandbox.faults("slow=0.2:1.0,step=0.05")
    with staying(home.office):
        until(lambda: sandbox.stats().messages > 40, 30, "nothing is sent")
        server.crash()
        time.sleep(1.0)
        sent = sandbox.stats().messages
        server.start()
        until(lambda: all_accepted(home), 60, "not everything was sent")
    assert sent < PEOPLE, "all was sent before the end of the database"
    once_each(sandbox, PEOPLE)


def test_the_line_to_the_provider_is_cut(database: str, sandbox: Running, tmp_path: Path) -> None:
    """Reset in the middle of answers, silent, refused: afterwards every call in doubt was asked about, and all is there once."""
    with proxy(to_port(sandbox.port)) as line:
        url = f"http://127.0.0.1:{line.port}"
        quick = {"send_timeout": 1.0, "connect_timeout": 0.5, "lease": 2.0, "grace": 0.8}
        home = filled(database, tmp_path, PEOPLE, twilio_base_url=url, rates={"sms": float(RATE)}, **quick)
        with staying(home.office):
            until(lambda: sandbox.stats().messages > 20, 30, "nothing is sent")
            for state in (Line.CUT, Line.SILENT, Line.REFUSE):
                line.turn(state, dropping=True)
                time.sleep(0.8)
            line.turn(Line.PASS, dropping=True)
            until(lambda: all_accepted(home), 60, "not everything was sent")
    once_each(sandbox, PEOPLE)
    assert told(home, by="worker")["indoubt"] > 0
    assert told(home, by="reconciler")["found"] > 0


def test_the_line_to_the_database_is_cut(server: Server, database: str, sandbox: Running, tmp_path: Path) -> None:
    """Silent, reset, refused: the dispatcher goes on when the line does, and all is there once."""
    direct = filled(database, tmp_path / "office", PEOPLE)
    with proxy(to_socket(server.socket)) as line:
        through = make_url(database).set(host="127.0.0.1", port=line.port, query={})
        rates = {"sms": float(RATE)}
        home = office(
            through.render_as_string(hide_password=False),
            tmp_path / "machine",
            twilio_base_url=sandbox.url,
            rates=rates,
        )
        with staying(home.office):
            until(lambda: sandbox.stats().messages > 20, 30, "nothing is sent")
            line.turn(Line.SILENT)
            time.sleep(1.0)
            line.turn(Line.REFUSE, dropping=True)
            time.sleep(1.5)
            line.turn(Line.CUT)
            time.sleep(0.5)
            line.turn(Line.PASS, dropping=True)
            until(lambda: all_accepted(direct), 60, "not everything was sent")
    once_each(sandbox, PEOPLE)
