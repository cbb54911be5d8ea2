"""All publishers, found by looking into the folder: a new source is one new file there and nothing else."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Sequence
from functools import cache
from typing import Protocol, cast

import sources.publishers
from core.errors import WrongSetting
from core.i18n import t
from core.settings import Settings
from core.settings_tables import ExtraSource, PostSite
from sources.generic import publisher_of
from sources.model import Card, Publisher


@cache
def publishers() -> dict[str, Publisher]:
    """Return every publisher by its id, in order of ids."""
    names = (module.name for module in pkgutil.iter_modules(sources.publishers.__path__))
    # A module with CARD, parse and read is a Publisher; the contract test holds every file in the folder to it.
    found = [cast(Publisher, importlib.import_module(f"sources.publishers.{name}")) for name in names]
    return {publisher.CARD.id: publisher for publisher in sorted(found, key=lambda one: one.CARD.id)}


@cache
def publishers_with(extras: tuple[ExtraSource, ...], posts: tuple[PostSite, ...] = ()) -> dict[str, Publisher]:
    """Return every publisher by its id, those added in the settings after ours.

    Args:
        extras: `Settings.extra_sources`.
        posts: `Settings.posts`, the embassies of sources that speak through many sites.

    Raises:
        WrongSetting: two sources have the same id, or an added one or a post contradicts what there is.
    """
    found = dict(publishers())
    for source in dict.fromkeys(post.source for post in posts):
        many = cast(_ManyPosts, found[source])
        found[source] = many.with_posts([post for post in posts if post.source == source])
    for extra in extras:
        if extra.id in found:
            raise WrongSetting(t("Two sources are named {name}.", name=extra.id))
        found[extra.id] = publisher_of(extra)
    return found


def is_on(card: Card, settings: Settings) -> bool:
    """Tell whether a source is read: by its card, unless the settings say otherwise. What is said to be off stays off."""
    return (card.enabled or card.id in settings.sources_on) and card.id not in settings.sources_off


class _ManyPosts(Protocol):
    """A publisher that speaks through many sites."""

    def with_posts(self, posts: Sequence[PostSite]) -> Publisher: ...
