"""The settings: what contradicts itself, and what is missing in the mode that the instance is in."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

from cli.doctor.model import Finding, Patient, fault, ok, warning
from core.database import reading
from core.i18n import t
from core.settings import FILE_NAME, Settings, origin
from core.tables import Mode
from notify.duty.fallback import fallback_phone
from notify.gate import is_loopback
from notify.office import Office
from notify.store.alerts import instance

NAME = "settings"


def check(patient: Patient, office: Office) -> Iterable[Finding]:
    """Look at the settings together."""
    settings = patient.settings
    with reading(office.engine) as connection:
        mode = Mode(instance(connection).mode)
    found = [*_addresses(settings, mode), *_people(settings, mode), *_database(settings)]
    yield from found
    if not found:
        given = [one for one in type(settings).model_fields if origin(one, settings) != "default"]
        yield ok(NAME, t("{count} settings are given, in the environment or in {file}; none contradicts another.",
                         count=len(given), file=settings.home / FILE_NAME))  # fmt: skip


def _addresses(settings: Settings, mode: Mode) -> Iterator[Finding]:
    url = urlsplit(settings.public_base_url)
    if mode is Mode.SANDBOX:
        return
    if is_loopback(url.hostname or ""):
        yield fault(NAME, t("public_base_url leads to this machine: no provider can bring a receipt, and links in notices open nothing."),
                    t("Set `public_base_url` to the address under which the console is reached from outside."))  # fmt: skip
    elif url.scheme != "https":
        yield fault(NAME, t("public_base_url is not https: links in notices and receipts go over an open line."),
                    t("Put a proxy with TLS before the console, and set `public_base_url` to its https address."))  # fmt: skip
    if settings.mail_from.endswith(".invalid") and "email" in settings.channels:
        yield fault(
            NAME,
            t("mail_from is the example: every mail would be refused."),
            t("Set `mail_from` to an address of the office."),
        )


def _people(settings: Settings, mode: Mode) -> Iterator[Finding]:
    if mode is Mode.SANDBOX:
        return
    if settings.office_name == Settings.model_fields["office_name"].default:
        yield warning(
            NAME,
            t("office_name is the example: notices are signed by it."),
            t("Set `office_name` and `office_name_en`."),
        )
    if not fallback_phone(settings):
        yield warning(
            NAME,
            t("Nobody is called if nobody is on duty, or if the database is away."),
            t("Set `duty_phone` to a mobile number."),
        )
    if mode is Mode.DRILL and not settings.drill_allow:
        yield warning(NAME, t("In mode drill notices go only to `drill_allow`, which is empty."),
                      t("Name your own addresses in `drill_allow`, or go live with `lingbao db mode live`."))  # fmt: skip
    if mode is Mode.LIVE and not settings.canaries:
        yield warning(NAME, t("No channel has a canary: a silent provider shows only with the next alert."),
                      t("Set `canaries` to addresses of the office, one for a channel."))  # fmt: skip
    if mode is Mode.LIVE and not settings.test_addresses:
        yield warning(
            NAME,
            t("No officer may try a text on their own telephone."),
            t("Name officers' addresses in `test_addresses`."),
        )


def _database(settings: Settings) -> Iterator[Finding]:
    written = settings.home / FILE_NAME
    if origin("home", settings) == "default" and not Path(written).exists():
        yield warning(
            NAME,
            t(
                "LINGBAO_HOME is not set: the office is the directory {path} beside wherever a command is started.",
                path=settings.home,
            ),
            t("Set LINGBAO_HOME for everybody who runs a command, as an absolute path."),
        )
