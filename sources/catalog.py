"""All publishers, found by looking into the folder: a new source is one new file there and nothing else."""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache
from typing import cast

import sources.publishers
from core.errors import WrongSetting
from core.i18n import t
from core.settings import ExtraSource
from sources.generic import publisher_of
from sources.model import Publisher


@cache
def publishers() -> dict[str, Publisher]:
    """Return every publisher by its id, in order of ids."""
    names = (module.name for module in pkgutil.iter_modules(sources.publishers.__path__))
    # A module with CARD, parse and read is a Publisher; the contract test holds every file in the folder to it.
    found = [cast(Publisher, importlib.import_module(f"sources.publishers.{name}")) for name in names]
    return {publisher.CARD.id: publisher for publisher in sorted(found, key=lambda one: one.CARD.id)}


@cache
def publishers_with(extras: tuple[ExtraSource, ...]) -> dict[str, Publisher]:
    """Return every publisher by its id, those added in the settings after ours.

    Args:
        extras: `Settings.extra_sources`.

    Raises:
        WrongSetting: two sources have the same id, or an added one contradicts what there is.
    """
    found = dict(publishers())
    for extra in extras:
        if extra.id in found:
            raise WrongSetting(t("Two sources are named {name}.", name=extra.id))
        found[extra.id] = publisher_of(extra)
    return found
