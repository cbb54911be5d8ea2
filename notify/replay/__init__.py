"""Replay: past captures and changes through today's rules, in a database of its own. Sends nothing and writes nothing into the
office's database; people are matched read-only against its register.
"""

from notify.replay.model import Difference, Item, Replayed, Told, Was
from notify.replay.run import From, run

__all__ = ["Difference", "From", "Item", "Replayed", "Told", "Was", "run"]
