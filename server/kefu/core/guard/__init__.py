"""What must not leave the shop: forbidden words, promises without data, other brands' identity, contacts."""

from kefu.core.guard.patterns import KINDS, Facts
from kefu.core.guard.screen import HOLD, Finding, Guard, GuardStream, Verdict
from kefu.core.guard.settings import ACTIONS, GuardSettings

__all__ = ["ACTIONS", "HOLD", "KINDS", "Facts", "Finding", "Guard", "GuardSettings", "GuardStream", "Verdict"]
