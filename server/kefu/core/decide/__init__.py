"""The product in one readable place: a message and what is known → what is answered, by whom, and why."""

from kefu.core.decide.decide import STAGES, decide
from kefu.core.decide.values import Asked, Decision, Ports, ShopParts

__all__ = ["STAGES", "Asked", "Decision", "Ports", "ShopParts", "decide"]
