"""Every place where a data key is kept, the register's and ours: what a rotation of the master key has to pass."""

from __future__ import annotations

from core.rotation import Wrapped
from core.tables import table
from notify.duty.tables import DutyShift
from notify.safety.strangers.tables import UnknownSender
from registry.scope import wrapped as register

WRAPPED: tuple[Wrapped, ...] = (*register.WRAPPED, table(DutyShift).c.wrapped, table(UnknownSender).c.wrapped)
