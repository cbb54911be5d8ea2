"""The tables an office may write into its settings: sources and posts of its own, prices and budgets."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator


class ExtraSource(BaseModel):
    """A source that an office adds by a few lines in its settings: any CAP 1.2 feed, any RSS or Atom feed, any HTML list.

    Attributes:
        id: short name, which no other source has.
        kind: `cap` reads a CAP message or a feed of links to them, `rss` also Atom, `html` a page with a list.
        authority: whose word it is: `home`, `hazard` or `peer`. Only `home` may go out by rule.
        url: over https; plain http only on this machine.
        hosts: where redirects and further pages may lead, besides the host of `url`.
        countries: ISO codes of the countries every entry is about; empty: read from each title.
        entries: fewest and most entries of a believable reading.
        trusted: somebody compared its entries with its pages. Until then what it says makes drafts, never notices by rule.
        stale_days: a reading whose newest entry is older than this is frozen; 0: age says nothing.
        item: for `html`, the CSS selector of one entry; `title`, `link` and `date` select within it, an empty one means
            the first link in it, or its text.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str = Field(pattern=r"^[a-z][a-z0-9-]{1,30}$")
    kind: Literal["cap", "rss", "html"]
    publisher: str = Field(min_length=1)
    publisher_zh: str = Field(min_length=1)
    authority: Literal["home", "hazard", "peer"] = "peer"
    url: str = Field(pattern=r"^(https://[^/\s]+|http://(127\.0\.0\.1|localhost)(:\d+)?)/\S*$")
    hosts: tuple[str, ...] = ()
    language: str = "en"
    countries: tuple[str, ...] = ()
    entries: tuple[int, int] = (1, 500)
    stale_days: int = Field(0, ge=0)
    trusted: bool = False
    terms: str = ""
    item: str = ""
    title: str = ""
    link: str = ""
    date: str = ""

    @model_validator(mode="after")
    def _makes_sense(self) -> Self:
        if self.kind == "html" and not self.item:
            raise ValueError("an html source needs the selector `item`")
        if not 0 < self.entries[0] < self.entries[1]:
            raise ValueError("`entries` must be a fewest and a larger most")
        return self


class PostSite(BaseModel):
    """The site of one embassy or consulate, for a source that speaks through many: added to ours, or put in the place of ours.

    Attributes:
        source: whose posts: `cn-embassy` or `us-embassy`.
        post: the name of the post; one that we have already is replaced.
        countries: ISO codes of the countries the post speaks for, the one where it sits first.
        url: address of the list, or of the alert feed for `us-embassy`; empty with `read = false`.
        links: CSS selector of the links in the list; `body` CSS selectors of a notice's text, the first that finds some.
            An empty one means what most of these sites use. Not used for feeds.
        read: false: this post is not read.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    source: Literal["cn-embassy", "us-embassy"] = "cn-embassy"
    post: str = Field(pattern=r"^[a-z][a-z0-9.-]{1,60}$")
    countries: tuple[str, ...] = ()
    url: str = Field("", pattern=r"^(https://[^/\s]+/\S*)?$")
    links: str = ""
    body: str = ""
    read: bool = True

    @model_validator(mode="after")
    def _makes_sense(self) -> Self:
        if self.read and not (self.url and self.countries):
            raise ValueError("a post that is read needs `url` and `countries`")
        return self


class Price(BaseModel):
    """What one part of a message costs: a part of an SMS, a call, a WhatsApp message, a mail.

    Attributes:
        country: ISO code of where people are, or `*` for all others.
        per_part: in units of `currency`.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    channel: str = Field(min_length=1)
    country: str = Field("*", pattern=r"^([A-Z]{2}|\*)$")
    per_part: float = Field(ge=0)
    currency: str = Field("CNY", pattern=r"^[A-Z]{3}$")


class Budget(BaseModel):
    """How many calls to a provider may be made on one day of the office. At the limit notices wait; none is dropped.

    Attributes:
        channel: of the notices, for instance `sms`.
        country: ISO code of where the people are; `*`: all countries together.
        per_day: calls, counted when a notice is taken in hand, so that a second try counts too.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    channel: str = Field(min_length=1)
    country: str = Field("*", pattern=r"^([A-Z]{2}|\*)$")
    per_day: int = Field(ge=1)
