"""Import a file each time it changes: the till or the ERP writes it, we notice."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from threading import Event

from kefu.errors import KefuError
from kefu.jobs.imports import ImportReport

Outcome = ImportReport | KefuError


@dataclass(frozen=True, slots=True)
class Stamp:
    """What tells one state of a file from the next; None for a file that is not there."""

    size: int
    changed_ns: int
    inode: int

    @classmethod
    def of(cls, path: Path) -> Stamp | None:
        try:
            found = path.stat()
        except OSError:
            return None
        return cls(found.st_size, found.st_mtime_ns, found.st_ino)


class Watch:
    """Decides when to import: a file that changed and has kept still since the last look."""

    def __init__(self) -> None:
        self._seen: Stamp | None = None
        self._done: Stamp | None = None

    def is_due(self, stamp: Stamp | None) -> bool:
        """Look once. A file that is still being written, is gone, or was imported already is not due."""
        still = stamp is not None and stamp == self._seen
        self._seen = stamp
        if not still or stamp == self._done:
            return False
        self._done = stamp
        return True


def watch(
    path: Path,
    import_file: Callable[[Path], ImportReport],
    tell: Callable[[Outcome], None],
    stop: Event,
    every: float = 2.0,
) -> None:
    """Until ``stop``: look every ``every`` seconds and import what changed.

    A file with errors changes nothing in the shop and is told; the next version of it is tried again.
    """
    due = Watch()
    while not stop.is_set():
        if due.is_due(Stamp.of(path)):
            try:
                tell(import_file(path))
            except KefuError as error:
                tell(error)
        stop.wait(every)
