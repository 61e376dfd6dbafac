"""One piece of knowledge, small enough to hand to a model whole."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from kefu.errors import BadInput

KNOWLEDGE_IDS = ("products", "manuals", "after-sales", "scripts")
"""The knowledge ids that a Dify dataset names; `products` is made from the catalogue at the moment of the call."""

MAX_CONTENT = 4_000

SHORTEST_QUESTION = 4
"""Characters from which a tag that a customer says word for word is answered by its entry."""
SHORTEST_WAY = 5
"""Characters from which a tag counts as a way of asking for its entry."""

_REPORTED = re.compile(r"^(?:客户|顾客|买家|用户)(?:询?问|说|反映)?")


@dataclass(frozen=True, slots=True)
class Entry:
    """``question`` is how customers ask (may be empty), ``content`` the text, ``source`` what is cited.

    ``product`` is a product id, several with | between, or ``""`` for the whole shop; ``version`` counts the
    edits of the document it is from.
    """

    id: str
    knowledge_id: str
    title: str
    content: str
    question: str = ""
    source: str = ""
    product: str = ""
    tags: tuple[str, ...] = ()
    version: int = field(default=1, compare=False)
    metadata: Mapping[str, str] = field(default_factory=dict)

    @property
    def products(self) -> tuple[str, ...]:
        """The ids of the products that it is about."""
        return tuple(filter(None, (one.strip() for one in self.product.split("|"))))

    @property
    def asked(self) -> str:
        """How customers ask for it, without the 客户问 under which scripts are filed; else its title."""
        return _REPORTED.sub("", self.question or self.title) or self.title

    def __post_init__(self) -> None:
        if self.knowledge_id not in KNOWLEDGE_IDS:
            raise BadInput(f"“{self.knowledge_id}” is no knowledge id.", f"Use one of {', '.join(KNOWLEDGE_IDS)}.")
        if not self.content.strip():
            raise BadInput(
                f"Entry “{self.title or self.id}” has no content.", "Write the answer, or leave the row out."
            )
        if len(self.content) > MAX_CONTENT:
            raise BadInput(
                f"Entry “{self.title or self.id}” has {len(self.content)} characters.",
                f"At most {MAX_CONTENT} each: `./kefu import knowledge FILE.md` splits documents by headings.",
            )
