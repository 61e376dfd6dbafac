"""Knowledge of a shop: entries, and the index that finds them."""

from kefu.core.knowledge.conditions import Condition, parse_conditions
from kefu.core.knowledge.entry import KNOWLEDGE_IDS, Entry
from kefu.core.knowledge.index import Hit, KnowledgeIndex, judged
from kefu.core.knowledge.judging import About
from kefu.core.knowledge.passage import passage, said, split_passage
from kefu.core.knowledge.senses import Senses

__all__ = [
    "KNOWLEDGE_IDS",
    "About",
    "Condition",
    "Entry",
    "Hit",
    "KnowledgeIndex",
    "Senses",
    "judged",
    "parse_conditions",
    "passage",
    "said",
    "split_passage",
]
