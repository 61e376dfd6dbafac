"""Bring Dify's own knowledge bases in line with a shop's knowledge, for those who want Dify's vector search.

Nothing is remembered here: a document's name in Dify ends with the hash of its text, so what is there says what is
left to do, and a run that broke off is simply run again. Documents that people put there themselves are not touched.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from kefu.core.knowledge.copies import Wanted
from kefu.dify.sync_datasets import Datasets, RemoteDocument
from kefu.errors import KefuError, Unauthorized

_MARK = re.compile(r"^(?P<title>.*) #kefu-(?P<hash>[0-9a-f]{12})$", re.DOTALL)
Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class SyncReport:
    """What was done, summed over the knowledge bases. ``errors``: one line a document that could not be copied."""

    created: int = 0
    updated: int = 0
    deleted: int = 0
    same: int = 0
    errors: tuple[str, ...] = ()

    def __add__(self, other: SyncReport) -> SyncReport:
        return SyncReport(
            self.created + other.created,
            self.updated + other.updated,
            self.deleted + other.deleted,
            self.same + other.same,
            self.errors + other.errors,
        )

    def summary(self) -> str:
        counts = f"{self.created} created, {self.updated} updated, {self.deleted} deleted, {self.same} the same"
        return counts + (f", {len(self.errors)} failed" if self.errors else "")


@dataclass(frozen=True, slots=True)
class Step:
    """One call that is left to do. ``remote`` is empty for a new document, ``wanted`` for one that must go."""

    wanted: Wanted | None
    remote: RemoteDocument | None


def sync_shop(
    datasets: Datasets,
    shop: str,
    material: Mapping[str, Sequence[Wanted]],
    *,
    indexing: str = "high_quality",
    dry_run: bool = False,
    progress: Progress = lambda _line: None,
) -> SyncReport:
    """Bring Dify's knowledge bases “SHOP · ID” in line with ``material``; a document's failure stops no other.

    ``dry_run`` only reads: what is left to do goes to ``progress`` and is counted as if it were done.
    """
    report = SyncReport()
    for knowledge_id, wanted in material.items():
        name = f"{shop} · {knowledge_id}"[:40]
        dataset = datasets.find(name)
        if not dataset and not dry_run:
            dataset = datasets.make(name, indexing)
        steps, same = plan(wanted, datasets.documents(dataset) if dataset else ())
        report += SyncReport(same=same)
        for number, step in enumerate(steps, start=1):
            progress(f"{knowledge_id} {number}/{len(steps)}: {_say(step)}")
            report += _planned(step) if dry_run else _do(datasets, dataset, step, indexing)
    return report


def plan(wanted: Iterable[Wanted], present: Iterable[RemoteDocument]) -> tuple[list[Step], int]:
    """What is left to do, and how many documents are as they should be.

    Of several documents of one title (a broken-off run can leave two) one is kept, the best first.
    """
    ours: dict[str, list[RemoteDocument]] = {}
    for remote in present:
        found = _MARK.match(remote.name)
        if found:
            ours.setdefault(found["title"], []).append(remote)
    steps: list[Step] = []
    same = 0
    for one in wanted:
        held = sorted(ours.pop(one.title, []), key=lambda remote: (remote.name != one.name or remote.failed, remote.id))
        if held and held[0].name == one.name and not held[0].failed:
            same += 1
        else:
            steps.append(Step(one, held[0] if held else None))
        steps.extend(Step(None, extra) for extra in held[1:])
    steps.extend(Step(None, remote) for left in ours.values() for remote in left)
    return steps, same


def _planned(step: Step) -> SyncReport:
    if step.wanted is None:
        return SyncReport(deleted=1)
    return SyncReport(updated=1) if step.remote else SyncReport(created=1)


def _do(datasets: Datasets, dataset: str, step: Step, indexing: str) -> SyncReport:
    try:
        if step.wanted is None:
            assert step.remote is not None
            datasets.delete(dataset, step.remote.id)
            return SyncReport(deleted=1)
        if step.remote is None:
            datasets.create(dataset, step.wanted.name, step.wanted.text, indexing)
            return SyncReport(created=1)
        datasets.update(dataset, step.remote.id, step.wanted.name, step.wanted.text)
        return SyncReport(updated=1)
    except Unauthorized:
        raise
    except KefuError as error:
        return SyncReport(errors=(f"{_say(step)}: {error}",))


def _say(step: Step) -> str:
    if step.wanted is None:
        return f"delete {step.remote.name if step.remote else ''}"
    return f"{'update' if step.remote else 'create'} {step.wanted.title}"
