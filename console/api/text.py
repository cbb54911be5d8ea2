"""Texts, countries and addresses as the API takes them. Pure."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from core.languages import is_language
from core.places.names import codes
from registry.enrol import E164
from registry.mails import read_mails
from registry.matching import plain_name
from registry.phones import Phone as Number
from registry.phones import read_phone

PLAIN = r"^[^\x00-\x1f\x7f-\x9f\u2028\u2029]*$"


def _name(text: str) -> str:
    if not plain_name(text):
        raise PydanticCustomError("name", "no name")
    return text


def _phone(text: str) -> str:
    # A number of a form that can be called, not only of the right length.
    if not E164.fullmatch(text) or not isinstance(read_phone(text, host_country=None), Number):
        raise PydanticCustomError("phone", "no phone")
    return text


def _country(code: str) -> str:
    if code not in codes():
        raise PydanticCustomError("country", "no country")
    return code


def _language(code: str) -> str:
    if not is_language(code):
        raise PydanticCustomError("language", "no language")
    return code


Name = Annotated[str, StringConstraints(min_length=1, max_length=100, pattern=PLAIN), AfterValidator(_name)]
Country = Annotated[
    str, StringConstraints(pattern=r"^[A-Z]{2}$"), AfterValidator(_country), Field(description="ISO 3166-1 alpha-2.")
]
Phone = Annotated[
    str,
    StringConstraints(pattern=r"^\+[1-9][0-9]{6,14}$"),
    AfterValidator(_phone),
    Field(description="E.164 with `+`."),
]
Line = Annotated[str, StringConstraints(max_length=100, pattern=PLAIN)]
LongLine = Annotated[str, StringConstraints(max_length=200, pattern=PLAIN)]
LanguageName = Annotated[
    str,
    StringConstraints(pattern=r"^[a-z]{2}$"),
    AfterValidator(_language),
    Field(
        description="Language of the notices, ISO 639-1; English where the office has no wording in it.",
        examples=["zh", "en"],
    ),
]
Id = Annotated[str, Field(description="Opaque: 16 characters, without order or meaning.")]


class AddressIn(BaseModel):
    """A way to reach a person."""

    model_config = ConfigDict(extra="forbid")

    channel: Literal["sms", "email"]
    value: str = Field(
        max_length=200, pattern=PLAIN, description="`+8613800138000` for `sms`; a mail address for `email`."
    )

    @model_validator(mode="after")
    def _is_one(self) -> Self:
        if self.channel == "sms":
            _phone(self.value)
        elif len(found := read_mails(self.value)) != 1 or not isinstance(found[0], str):
            raise PydanticCustomError("mail", "no mail address")
        return self
