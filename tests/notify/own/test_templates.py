"""Templates of manual alerts: filled whole or not at all."""

from __future__ import annotations

import pytest

from core.database import reading, writing
from core.errors import BadInput, NotAllowed, NotFound
from notify.own import templates
from notify.own.templates import AlertTemplate
from notify.store import alerts as store
from tests.notify.alerts.scene import APPROVER, OFFICER, Scene
from tests.notify.own.forms import written

QUAKE = AlertTemplate(
    "地震", "{{ countries }}{{ place }}发生{{ size }}级地震，请注意安全", "请远离{{ place }}的危房。",
    "Earthquake of {{ size }} in {{ place }}, {{ countries }}",
)  # fmt: skip


def save(scene: Scene, template: AlertTemplate = QUAKE) -> int:
    """Save a template."""
    with writing(scene.engine) as connection:
        return templates.save(connection, APPROVER, template, now=scene.clock.now())


def test_it_fills_an_alert_in_both_languages(scene: Scene) -> None:
    """Gaps are filled with what the officer says and what is known; words written by hand go before those of the template."""
    assert (save(scene), save(scene)) == (1, 2)
    version = scene.version(
        written(scene, title_zh="请注意地震", template="地震", values={"place": "基特韦", "size": "6.1"})
    )
    assert (version.title_zh, version.body_zh) == ("请注意地震", "请远离基特韦的危房。")
    assert (version.title_en, version.rule) == ("Earthquake of 6.1 in 基特韦, Zambia", "officer")


HOLES = (
    ({"place": "基特韦"}, "size"), ({"place": "基特韦", "size": " "}, "size"),
    ({"place": "一", "size": "6", "siez": "6"}, "siez"), ({"place": "长" * 199, "size": "6"}, "too long"),
)  # fmt: skip


def test_a_hole_stops_the_alert(scene: Scene) -> None:
    """A gap left open or blank, a slip in its name, or a title grown too long: refused by name, and no draft is left."""
    save(scene)
    for values, words in HOLES:
        with pytest.raises(BadInput, match=words):
            written(scene, template="地震", values=values)
    with reading(scene.engine) as connection:
        assert store.versions(connection) == []


def test_a_faulty_template_is_not_saved(scene: Scene) -> None:
    """A template that could not be filled, found or read later is refused when it is saved."""
    for name, title in (("", "标题"), ("一", " "), ("一", "{{ open"), ("一/二", "标题")):
        with pytest.raises(BadInput):
            save(scene, AlertTemplate(name, title))


def test_only_who_may_release_may_save(scene: Scene) -> None:
    """A template speaks to everybody: an officer who only drafts may not change it, and one taken out of use is gone."""
    with writing(scene.engine) as connection, pytest.raises(NotAllowed):
        templates.save(connection, OFFICER, QUAKE, now=scene.clock.now())
    save(scene)
    with writing(scene.engine) as connection:
        templates.remove(connection, APPROVER, "地震", now=scene.clock.now())
    with reading(scene.engine) as connection, pytest.raises(NotFound):
        templates.find(connection, "地震")
    assert save(scene) == 3


def test_a_template_reaches_into_nothing(scene: Scene) -> None:
    """What would climb out of its sandbox is refused when it is filled, in words."""
    save(scene, AlertTemplate("坏", "{{ size.__class__.__mro__ }}标题标题"))
    with pytest.raises(BadInput, match="cannot be filled"):
        written(scene, title_zh="请注意地震", template="坏", values={"size": "6"})
