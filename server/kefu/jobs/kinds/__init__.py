"""What can be imported: one module a kind, one line here."""

from __future__ import annotations

from kefu.jobs.imports import ImportKind
from kefu.jobs.kinds import rules

KINDS: dict[str, ImportKind] = {
    kind.name: kind
    for kind in (
        # one line a kind, in the order a new shop loads them
        rules.KIND,
    )
}
