"""The sandbox dies and comes back."""

from __future__ import annotations

import os
import smtplib
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from core.errors import WrongSetting
from notify.sandbox.running import ACCOUNT_SID, AUTH_TOKEN, running
from notify.sandbox.server import bind, serve
from tests.notify.sandbox.conftest import TO, client_of


def test_what_was_answered_survives_a_kill(tmp_path: Path) -> None:
    """Every message answered 201 and every mail answered 250 is there after kill -9 in full flight, with its sid."""
    with running(tmp_path, faults="step=0") as sandbox:
        with smtplib.SMTP("127.0.0.1", sandbox.mail_port, timeout=10) as smtp:
            smtp.sendmail("a@x.invalid", ["b@x.invalid"], "Message-ID: <1@x>\r\n\r\ntext\r\n")
        answered: list[str] = []

        def flood(lane: int) -> None:
            with httpx.Client(base_url=sandbox.url, auth=(ACCOUNT_SID, AUTH_TOKEN), trust_env=False) as http:
                for number in range(10_000):
                    form = {"To": TO, "From": "+15005550006", "Body": f"{lane}/{number}"}
                    answered.append(
                        http.post(f"/2010-04-01/Accounts/{ACCOUNT_SID}/Messages.json", data=form).json()["sid"]
                    )
                    if len(answered) == 200:
                        sandbox.kill()

        with ThreadPoolExecutor(4) as pool:
            for lane in [pool.submit(flood, n) for n in range(4)]:
                assert isinstance(lane.exception(), httpx.HTTPError)
        sandbox.start()
        kept = {message.sid for message in sandbox.messages()}
        assert len(answered) >= 200
        assert kept >= set(answered)
        assert sandbox.stats().mail == 1
        assert client_of(sandbox).messages(answered[0]).fetch().status == "delivered"


def test_stop_words_survive_a_restart(tmp_path: Path) -> None:
    """A number that replied STOP stays stopped after a restart, until it replies START."""
    with running(tmp_path, faults="step=0") as sandbox:
        hook = "http://127.0.0.1:9/x"
        sandbox.inbound(url=hook, sender=TO, to="+15005550006", body="stop")
        sandbox.stop()
        sandbox.start()
        url = f"{sandbox.url}/2010-04-01/Accounts/{ACCOUNT_SID}/Messages.json"
        form, auth = {"To": TO, "From": "+15005550006", "Body": "x"}, (ACCOUNT_SID, AUTH_TOKEN)
        assert httpx.post(url, data=form, auth=auth, trust_env=False).json()["code"] == 21610
        sandbox.inbound(url=hook, sender=TO, to="+15005550006", body="START")
        assert httpx.post(url, data=form, auth=auth, trust_env=False).status_code == 201


def test_a_taken_port_is_named(tmp_path: Path) -> None:
    """A port in use is refused with a sentence that names it; a free pair of ports is not touched by that."""
    with running(tmp_path) as sandbox:
        with pytest.raises(WrongSetting, match=str(sandbox.port)):
            bind(sandbox.port)
        with pytest.raises(WrongSetting, match=str(sandbox.mail_port)):
            bind(sandbox.mail_port)


def test_wrong_faults_stop_the_start(tmp_path: Path) -> None:
    """Faults that make no sense are refused before anything is opened; the process says so and ends with 2."""
    with pytest.raises(WrongSetting):
        serve(1, tmp_path, faults="earthquake=1")
    command = [sys.executable, "-m", "notify.sandbox", "--port=1", f"--directory={tmp_path}", "--faults=earthquake=1"]
    ended = subprocess.run(
        command, capture_output=True, text=True, check=False, cwd=Path(__file__).parents[3],
        env={**os.environ, "LINGBAO_LANG": "en"},
    )  # fmt: skip
    assert ended.returncode == 2
    assert "earthquake" in ended.stderr
