"""A trial: the exact text of an alert to an officer's own address, marked as a test. Nobody of the register gets it. Pure."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from core.errors import BadInput, NotAllowed
from core.i18n import Language, t
from core.languages import words_in
from notify.ref import fill
from notify.routing import HOME_PREFIX, SMS, SMS_CN
from notify.service import ServiceMessage
from notify.tables import AlertText

CODE = "TEST00"
"""Stands where the reference code will: no delivery has it."""

MARKS: dict[Language, str] = {"zh": "【测试】", "en": "[TEST] "}
KINDS: dict[Language, str] = {"zh": "测试·", "en": "TEST "}


def channel_for(address: str, written: Collection[str]) -> str:
    """Return the channel over which an address is tried: mail, or SMS by the provider that its country code asks for."""
    if "@" in address:
        return "email"
    return SMS_CN if address.startswith(f"+{HOME_PREFIX}") and SMS_CN in written else SMS


def may_try(address: str, allowed: Collection[str], *, sandbox: bool) -> None:
    """Let a trial through only to addresses of the settings; in a sandbox nothing leaves this machine anyway.

    Raises:
        NotAllowed: the address is none of an officer that the settings name.
    """
    if not sandbox and address not in allowed:
        raise NotAllowed(t("A test may only go to an address in the setting test_addresses."))


def trial(texts: Sequence[AlertText], address: str, *, channel: str, language: str, variant: str) -> ServiceMessage:
    """Return a text of an alert as a message to one address, to the letter but for the mark and the code.

    Raises:
        BadInput: the alert has no such text.
    """
    mine = (one for one in texts if (one.channel, one.language, one.variant) == (channel, language, variant))
    text = next(mine, None)
    if text is None:
        raise BadInput(t("This alert has no text for {channel}, {language}, {variant}.", channel=channel,
                         language=language, variant=variant))  # fmt: skip
    words = words_in(language)
    mark, variables = MARKS[words], {name: fill(value, CODE) for name, value in text.variables.items()}
    if "kind" in variables:
        variables["kind"] = KINDS[words] + variables["kind"]
    return ServiceMessage(
        subject=f"alert_version/{text.version_id}", channel=channel, language=language, title=mark + text.subject,
        body=mark + fill(text.body, CODE), address=address, foreign=True, template=text.template, variables=variables,
    )  # fmt: skip
