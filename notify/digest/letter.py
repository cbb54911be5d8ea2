"""The words of a digest. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from core.i18n import Language, t
from notify.bulletin.model import Item
from notify.bulletin.write import marked, notice_line
from notify.model import OfficeName


def written(told: Sequence[Item], edition: str, office: OfficeName, language: Language, where: str) -> tuple[str, str]:
    """Return the subject and the text (Markdown): what publishers said, quoted with link and date; no alert of ours is in it.

    Args:
        where: address of the page on which the reader chooses otherwise.
    """
    title = t("Safety digest {edition}: {count} new", edition=edition, count=len(told)).render(language)
    name = office.zh if language == "zh" else office.en
    lead = t("General advice about the countries where you or your people are registered. What is urgent we send at once, apart "
             "from this.")  # fmt: skip
    foot = t(
        "{office} sends this because you chose it. To stop it, or to get it daily or weekly: {url}, or tell us.",
        office=name,
        url=where,
    )
    paragraphs = [marked(one, notice_line(one, language), language) for one in told]
    phone = [t("This office: {phone}", phone=office.phone).render(language)] if office.phone else []
    parts = [f"# {title}", lead.render(language), *paragraphs, "---", foot.render(language), *phone]
    return f"{office.signature}{title}", "\n\n".join(parts) + "\n"
