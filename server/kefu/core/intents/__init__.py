"""Intent: which of the shop's intents a message is, how sure that is, and when it is none of them."""

from kefu.core.intents.cascade import decide
from kefu.core.intents.forms import forms_of
from kefu.core.intents.in_context import in_context, possible
from kefu.core.intents.mapping import ClassMapping, IntentNames, map_classes
from kefu.core.intents.model import IntentModel
from kefu.core.intents.roles import role_of, roles_of
from kefu.core.intents.training import train
from kefu.core.intents.values import Candidate, Example, IntentResult

__all__ = [
    "Candidate",
    "ClassMapping",
    "Example",
    "IntentModel",
    "IntentNames",
    "IntentResult",
    "decide",
    "forms_of",
    "in_context",
    "map_classes",
    "possible",
    "role_of",
    "roles_of",
    "train",
]
