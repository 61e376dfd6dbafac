"""Knowledge of a shop: entries, and the index that finds them."""

from kefu.core.knowledge.conditions import Condition, parse_conditions
from kefu.core.knowledge.entry import KNOWLEDGE_IDS, Entry
from kefu.core.knowledge.index import Hit, KnowledgeIndex
from kefu.core.knowledge.passage import passage, said, split_passage

__all__ = [
    "KNOWLEDGE_IDS",
    "Condition",
    "Entry",
    "Hit",
    "KnowledgeIndex",
    "parse_conditions",
    "passage",
    "said",
    "split_passage",
]
