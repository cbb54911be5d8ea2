"""Mail addresses as rosters write them. Pure."""

from __future__ import annotations

import re
from functools import lru_cache

from email_validator import EmailNotValidError, validate_email

from core.i18n import t
from registry.cells import Problem, clean

# A local part as nearly all are; anything else goes through the whole grammar.
PLAIN_LOCAL = re.compile(r"[A-Za-z0-9_+\-]{1,60}(?:\.[A-Za-z0-9_+\-]{1,60})?")
BETWEEN = re.compile(r"[/;、,\s]+")


def read_mails(text: str) -> tuple[str | Problem, ...]:
    """Read the mail addresses in a cell, each as its normal form or as what is wrong with it. No name is looked up."""
    return tuple(_read(part) for part in BETWEEN.split(clean(text)) if part)


def _read(text: str) -> str | Problem:
    local, at, domain = text.partition("@")
    if at and len(local) <= 64 and PLAIN_LOCAL.fullmatch(local) and (normal := _domain(domain)):
        return f"{local}@{normal}"
    try:
        return validate_email(text, check_deliverability=False).normalized
    except EmailNotValidError:
        return Problem(text, t("This is no mail address. Write it as name@example.com."))


@lru_cache(maxsize=4096)
def _domain(text: str) -> str:
    # A roster of thousands has few domains, and checking one is most of the work. Empty: the whole grammar must judge.
    try:
        return validate_email(f"x@{text}", check_deliverability=False).domain
    except EmailNotValidError:
        return ""
