"""The nouns of a company's contacts (企业联络员): what they are there for, who they are. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

NAME_CONTEXT = "employer_contact.name/{id}"
PHONE_CONTEXT = "employer_contact.phone/{id}"
MAIL_CONTEXT = "employer_contact.email/{id}"


class Duty(StrEnum):
    """What a contact is there for, in the order in which they are called: 联络员, 安全, 人事, 境外, 负责人."""

    LIAISON = "liaison"
    SECURITY = "security"
    HR = "hr"
    OVERSEAS = "overseas"
    MANAGER = "manager"


@dataclass(frozen=True)
class NewLiaison:
    """A contact to be written. At least one of phone (E.164) and mail is given; the other is empty."""

    duty: Duty
    name: str
    phone: str = ""
    mail: str = ""
    language: str = "zh"


@dataclass(frozen=True)
class LiaisonView:
    """A contact as shown to a reader; masked if the reader may not see it in full. Empty: not given."""

    contact_id: int
    employer_id: int
    duty: Duty
    name: str
    phone: str
    mail: str
    language: str
