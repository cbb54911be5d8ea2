"""Templates by route: the office's own set of wordings, for the routes that name it and no others."""

from __future__ import annotations

from core.database import writing
from notify.store import alerts as store
from notify.wordings import set_wording
from tests.notify.alerts.scene import APPROVER, Scene
from tests.notify.made import draft

WORDS = "{{ signature }}{% if drill %}【演练】{% endif %}台风专用：{{ mark }}{{ sentence }}"
WORDS += "（{{ places }}）{{ contacts }} {{ url }} 编号{{ ref }}"


def test_a_route_may_have_its_own_words(scene: Scene) -> None:
    """A version of a route with a template is worded by that set where it has the form, and as usual where it has not."""
    with writing(scene.engine) as connection:
        set_wording(connection, APPROVER, "sms", "zh", WORDS, now=scene.clock.now(), template="typhoon")
    special, usual = scene.open(draft(template="typhoon", ask_safe=False)), scene.open(draft(ask_safe=False))
    with writing(scene.engine) as connection:
        texts = {one.channel + one.language: one for one in store.texts(connection, special) if one.variant == "abroad"}
        others = [one.body for one in store.texts(connection, usual)]
        texts |= {
            one.channel + one.language: one for one in store.texts(connection, special) if one.variant == "abroad.ZM"
        }
    assert "台风专用" in texts["smszh"].body
    assert texts["smszh"].wording.startswith("own-typhoon:sms.zh/1")
    assert "台风专用" not in texts["emailzh"].body + texts["smsen"].body
    assert not any("台风专用" in body for body in others)
    assert scene.version(special).template == "typhoon"
