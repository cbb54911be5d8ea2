"""`lingbao user` and the console: links to set up, and the password of a demonstration."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from cli.app import app
from core.clock import SystemClock
from core.database import open_engine, reading, set_mode, writing
from core.errors import LingbaoError, NotAllowed
from core.keys import load_master_keys
from core.settings import load
from core.tables import Mode
from registry.accounts.credentials.proving import Claim
from registry.accounts.credentials.set_up import set_up_of
from registry.accounts.credentials.sign_in import sign_in

PASSWORD = "four words in a row"
URL = re.compile(r"(https?://\S+)/office/set-up/([\w\-]{43})")


@dataclass
class Home:
    """A command line with a home of its own, and the tokens it was given."""

    path: Path
    tokens: dict[str, str] = field(default_factory=dict)

    def run(self, *words: str, by: str = "", typed: str = "") -> Result:
        """Run a command as a user."""
        env = {"LINGBAO_HOME": str(self.path), "LINGBAO_LANG": "en", "LINGBAO_TOKEN": self.tokens.get(by, ""),
               "LINGBAO_PUBLIC_BASE_URL": "https://lingbao.example.cn"}  # fmt: skip
        return CliRunner().invoke(app, [*(("--as", by) if by else ()), *words], env=env, input=typed)

    def add(self, name: str, *more: str, by: str = "", typed: str = "") -> Result:
        """Add a user; keep the token, which is all that stands on stdout."""
        result = self.run("user", "add", name, *more, by=by, typed=typed)
        assert result.exit_code == 0, (result.output, result.exception)
        (self.tokens[name],) = result.stdout.split()
        return result

    def secret_of(self, token: str) -> str:
        """Return the secret that a link shows."""
        settings = load(home=self.path)
        engine = open_engine(settings.database)
        with reading(engine) as connection:
            return set_up_of(connection, load_master_keys(settings), token, SystemClock().now()).secret

    def signs_in(self, name: str, password: str) -> bool:
        """Tell whether a password alone opens."""
        settings = load(home=self.path)
        try:
            sign_in(
                open_engine(settings.database),
                load_master_keys(settings),
                Claim(name, password),
                "",
                SystemClock().now(),
            )
        except NotAllowed:
            return False
        return True


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """Give a home with nothing in it."""
    return Home(tmp_path / "home")


def test_a_user_of_the_office_is_added_with_a_link(home: Home) -> None:
    """The token stays alone on stdout, for a file; beside it stands the link, which opens; only administrators renew it."""
    first = URL.search(home.add("chief").stderr)
    home.add("wang", "--role", "officer", by="chief")
    assert first is not None
    assert first.group(1) == "https://lingbao.example.cn"
    assert len(home.secret_of(first.group(2))) == 32
    again = home.run("user", "set-up", "wang", by="chief")
    found = URL.search(again.stdout)
    assert found is not None
    assert home.secret_of(found.group(2))
    refused = home.run("user", "set-up", "chief", by="wang")
    assert isinstance(refused.exception, NotAllowed)
    unknown = home.run("user", "set-up", "nobody", by="chief")
    assert isinstance(unknown.exception, LingbaoError)


def test_a_password_is_given_in_the_sandbox_only(home: Home) -> None:
    """The demonstration's users sign in by password; a weak one, or another mode, adds nobody."""
    given = home.add("chief", "--password-stdin", typed=f"{PASSWORD}\n")
    assert URL.search(given.stderr) is None
    assert home.signs_in("chief", PASSWORD)
    assert not home.signs_in("chief", "another password")
    weak = home.run("user", "add", "wang", "--password-stdin", by="chief", typed="password1234\n")
    assert isinstance(weak.exception, LingbaoError)
    with writing(open_engine(load(home=home.path).database)) as connection:
        set_mode(connection, Mode.DRILL)
    drill = home.run("user", "add", "wang", "--password-stdin", by="chief", typed=f"{PASSWORD}\n")
    assert isinstance(drill.exception, NotAllowed)
    assert "wang" not in home.run("user", "list", by="chief").stdout
