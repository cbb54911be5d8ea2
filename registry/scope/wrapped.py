"""Every place where a data key is kept, wrapped by a master key: what a rotation has to pass. A test finds new ones."""

from __future__ import annotations

from core.rotation import Wrapped
from core.tables import Instance, table
from registry.accounts.credentials.tables import Credential
from registry.accounts.tables import RosterDraft
from registry.scope.door import KEYS
from registry.signup.tables import Registration
from registry.tables import EmployerContact

WRAPPED: tuple[Wrapped, ...] = (
    KEYS.c.wrapped,
    table(EmployerContact).c.wrapped,
    table(Registration).c.wrapped,
    table(RosterDraft).c.wrapped,
    table(Credential).c.wrapped,
    table(Instance).c.index_key,
)
