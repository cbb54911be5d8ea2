"""Settings of "are you safe?": which notices carry a personal link, and how long silence is waited for."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, field_validator
from pydantic_settings import BaseSettings, NoDecode


class SafeSettings(BaseSettings):
    """What the office sets of the questions whether people are safe, and of the rounds to those who are silent."""

    safe_link_channels: Annotated[tuple[str, ...], NoDecode] = Field(
        ("sms", "email", "wecom", "wechat"),
        description="Channels whose notices offer a personal link to answer by, when they ask whether people are safe.",
    )
    safe_link_home: bool = Field(
        False, description="SMS to +86 numbers carry that link too; carriers at home usually refuse links."
    )
    safe_silence: int = Field(
        30,
        ge=1,
        le=1440,
        description="Minutes without an answer until the next step: other channels, the company, the contact at home.",
    )

    @field_validator("safe_link_channels", mode="before")
    @classmethod
    def _channels_by_commas(cls, value: object) -> object:
        return [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value
