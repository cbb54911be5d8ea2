"""In which language residents are warned: what the pages offer, and what was chosen."""

from __future__ import annotations

from console.pages.forms import Form
from core.database import reading
from core.languages import OURS, is_language, own_name
from notify.office import Office
from notify.texts import store


def offered(office: Office, kept: str = "") -> tuple[tuple[str, str, str], ...]:
    """Return code and own name of each language to choose from, as radio buttons want them: ours, and those the office words notices in.

    Args:
        kept: what stands in the register: it can be kept, even if nothing is worded in it.
    """
    with reading(office.engine) as connection:
        further = {*store.languages(connection), *([kept] if is_language(kept) else [])} - set(OURS)
    return tuple((code, own_name(code), "") for code in (*OURS, *sorted(further)))


def chosen(form: Form) -> str:
    """Return the code that was chosen; Chinese if none was."""
    code = form.text("reads", 5)
    return code if is_language(code) else "zh"
