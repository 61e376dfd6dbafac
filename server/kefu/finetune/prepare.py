"""From a shop's data to training files: all of them, or none."""

from __future__ import annotations

import itertools
import json
import os
import random
import shutil
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from itertools import pairwise
from pathlib import Path
from typing import IO, Any

import yaml

from kefu.core.identity import asked_about
from kefu.errors import BadInput, Conflict
from kefu.evaluation.frozen import FrozenRow, read_frozen
from kefu.evaluation.identity_eval import foreign_maker
from kefu.evaluation.spoken import Dialogue, dialogues
from kefu.finetune import frameworks
from kefu.finetune.card import card_text
from kefu.finetune.extraction_rows import DIALOGUES, extraction_samples, merged_samples
from kefu.finetune.identity import (
    check_filled,
    check_own_name,
    fill_holes,
    identity_samples,
    own_pairs,
    surroundings,
    templates,
)
from kefu.finetune.intent_rows import Labelled, intent_samples
from kefu.finetune.readers import OwnRow, read_own
from kefu.finetune.sample import Sample, told, turn
from kefu.finetune.scrub import Scrubber
from kefu.finetune.shop_rows import ShopRows, check_classes, check_label
from kefu.finetune.splits import SPLITS, Split, group_of, groups_of
from kefu.finetune.spool import Spool, Spooled
from kefu.finetune.stored import dialogue_samples, pasts_of, scrubbed

REPLAY = Path(__file__).parent / "data" / "replay.yaml"
Say = Callable[[str], None]
_TELL = 100_000
"""Rows of a file between two lines of progress."""


@dataclass(frozen=True, slots=True)
class Plan:
    """``per_intent``: sentences taken of each intent at most (0 = all); ``copies``: fillings of each template;
    ``own``: the user's files; ``frozen``: the set that is measured on, never trained on; ``models``: keys of
    `frameworks.MODELS` to write configurations for."""

    out: Path
    own: tuple[Path, ...] = ()
    frozen: Path | None = None
    per_intent: int = 60
    copies: int = 12
    split: Split = field(default_factory=Split)
    models: tuple[str, ...] = tuple(frameworks.MODELS)
    replace: bool = False


@dataclass(slots=True)
class Tally:
    """What was written; ``counts`` by (kind, form, split). ``repeated`` and ``leaking`` rows were left out."""

    counts: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    characters: Counter[str] = field(default_factory=Counter)
    longest: int = 0
    scrubbed: int = 0
    repeated: int = 0
    leaking: int = 0

    def see(self, row: Spooled) -> None:
        self.counts[row.kind, row.form, row.split] += 1
        self.characters[row.split] += row.length
        self.longest = max(self.longest, row.length)

    @property
    def rows(self) -> int:
        return sum(self.counts.values())

    def as_dict(self) -> dict[str, Any]:
        listed = [{"kind": k, "form": f, "split": s, "rows": n} for (k, f, s), n in sorted(self.counts.items())]
        totals = {split: sum(n for (_, _, s), n in self.counts.items() if s == split) for split in SPLITS}
        return {
            "rows": self.rows,
            "splits": totals,
            "characters": dict(self.characters),
            "longest": self.longest,
            "scrubbed": self.scrubbed,
            "repeated": self.repeated,
            "leaking": self.leaking,
            "by_kind": listed,
        }


def prepare(shop: ShopRows, plan: Plan, salt: str, say: Say = lambda _: None) -> Tally:
    """Write ``plan.out``: train, valid and test JSONL, statistics, a data card and the frameworks' configurations.

    Everything is made in a folder beside it first: what cannot be read leaves nothing half-written. Raises BadInput
    (broken or unfilled row, unknown label, class without examples), Conflict (the folder exists).
    """
    check_classes((name for name, _ in shop.names), shop.examples)
    if plan.out.exists() and not plan.replace:
        raise Conflict(f"{plan.out} exists already.", "Name another folder, or add --replace.")
    part = plan.out.with_name(f".{plan.out.name}.{os.getpid()}.part")
    try:
        part.mkdir(parents=True)
        tally = _write(shop, plan, part, salt, say)
        if plan.out.exists():
            shutil.rmtree(plan.out)
        part.rename(plan.out)
    except OSError as error:
        raise BadInput(f"{plan.out} cannot be written: {error.strerror}.", "Name a folder that can be made.") from error
    finally:
        shutil.rmtree(part, ignore_errors=True)
    return tally


def samples(shop: ShopRows, plan: Plan, labelled: Sequence[Labelled], scrubber: Scrubber, say: Say) -> Iterator[Sample]:
    """All rows made from the shop, one kind after the other, then the user's. ``shop`` and ``labelled`` hold no
    personal data any more, nor do our templates: only the user's rows are left to clean."""
    rng = random.Random(plan.split.seed)
    say("identity …")
    own = own_pairs(shop.identity, shop.voice)
    mine = {pair.question for pair in own}
    pairs = [*own, *(pair for pair in templates() if pair.question not in mine)]
    yield from identity_samples(pairs, shop.voice, shop.talk, rng)
    say(f"intent: {len(labelled)} sentences …")
    pasts = pasts_of(shop.dialogues, shop.talk)
    yield from intent_samples(labelled, shop.names, plan.split.seed, pasts)
    made = unlike(dialogues(DIALOGUES, shop.goods, plan.copies, rng))
    say(f"extraction: {len(made)} dialogues …")
    yield from extraction_samples(made, plan.split.seed)
    yield from merged_samples(made, [name for name, _ in shop.names], shop.roles, plan.split.seed)
    yield from replay_samples(shop)
    yield from dialogue_samples(shop.dialogues, shop.voice)
    for path in plan.own:
        yield from own_samples(path, shop, plan.split.seed, scrubber, say)


def unlike(rows: Iterable[Dialogue]) -> list[Dialogue]:
    """Each dialogue once: small shops fill a template twice with the same product."""
    return list({(row.text, row.before): row for row in rows}.values())


def own_samples(path: Path, shop: ShopRows, seed: int, scrubber: Scrubber, say: Say) -> Iterator[Sample]:
    """The user's rows, placeholders filled, personal data replaced; labelled sentences in the prompts of the nodes.

    Raises BadInput with file and line.
    """
    known = [name for name, _ in shop.names]
    for number, row in enumerate(read_own(path)):
        if number % _TELL == 0:
            say(f"{path.name}: {number} rows …")
        if row.label:
            check_label(row.label, row.where, known)
            yield from intent_samples([_labelled(row, path, scrubber)], shop.names, seed + number)
        else:
            yield from _spoken(row, path, shop, scrubber, random.Random(f"{seed}:{number}"))


def _spoken(row: OwnRow, path: Path, shop: ShopRows, scrubber: Scrubber, rng: random.Random) -> Iterator[Sample]:
    """The row as it is; a single question about who speaks also after the shop's system prompt and in mid-dialogue."""
    messages = tuple({**m, "content": fill_holes(str(m["content"]), shop.voice)} for m in row.messages)
    for message in messages:
        check_filled(str(message["content"]), row.where)
    for asked, answer in pairwise(messages):
        if asked["role"] == "user" and asked_about(str(asked["content"])).kind:
            check_own_name(row.where, foreign_maker(str(answer["content"]), shop.voice, denied=True))
    group = scrubber.name(f"{path.name}:{row.conversation}" if row.conversation else str(messages[0]["content"]))
    said = scrubber.messages(messages)
    yield Sample("own", "own", f"own:{group}", said, day=row.day)
    if len(said) == 2 and asked_about(str(said[0]["content"])).kind:
        for form, before in surroundings(shop.voice, shop.talk, rng):
            yield Sample("own", form, f"own:{group}", (*before, *said), day=row.day)


def _labelled(row: OwnRow, path: Path, scrubber: Scrubber) -> Labelled:
    said = [scrubber.text(str(message["content"])) for message in row.messages]
    text = scrubber.text(row.text)
    group = f"own:{scrubber.name(f'{path.name}:{row.conversation}')}" if row.conversation else group_of(text)
    return Labelled(text, row.label, group, tuple(zip(said[::2], said[1::2], strict=True)), row.day)


def replay_samples(shop: ShopRows) -> Iterator[Sample]:
    """Everyday tasks, and the shop's own answers: what tuning must not unlearn."""
    for row in yaml.safe_load(REPLAY.read_text(encoding="utf-8")):
        yield Sample("replay", "general", f"replay:{row['ask']}", told([turn("user", row["ask"])], row["answer"]))
    for asked, answer in shop.talk:
        yield Sample("replay", "in_domain", f"replay:{asked}", told([turn("user", asked)], answer))


def _some(rows: Sequence[Labelled], most: int) -> list[Labelled]:
    taken: Counter[str] = Counter()
    chosen = []
    for row in rows:
        taken[row.intent] += 1
        if not most or taken[row.intent] <= most:
            chosen.append(row)
    return chosen


def _kept_apart(rows: Sequence[Labelled], frozen: Sequence[FrozenRow]) -> tuple[list[Labelled], frozenset[str]]:
    """The rows in groups of near copies, and the groups that hold a frozen sentence: those are never trained on."""
    texts = [*(row.text for row in rows), *(row.text for row in frozen)]
    groups = groups_of(texts, [*(row.intent for row in rows), *(row.label or "other" for row in frozen)])
    exact = {group_of(row.text) for row in frozen}
    grouped = [
        replace(row, group=same if (same := group_of(row.text)) in exact else group)
        for row, group in zip(rows, groups, strict=False)
    ]
    return grouped, frozenset((*groups[len(rows) :], *exact))


def _write(shop: ShopRows, plan: Plan, folder: Path, salt: str, say: Say) -> Tally:
    scrubber = Scrubber(salt)
    clean = _scrubbed(shop, scrubber)
    frozen = read_frozen(plan.frozen, [name for name, _ in shop.names]).intents if plan.frozen else ()
    frozen = tuple(replace(row, text=scrubber.text(row.text)) for row in frozen)
    labelled, held = _kept_apart(_some(clean.labelled, plan.per_intent), frozen)
    split = replace(plan.split, frozen=held)
    spool = Spool(folder / "spool")
    try:
        for sample in samples(clean, plan, labelled, scrubber, say):
            spool.add(sample, split.of(sample))
        say(f"writing {spool.count} rows …")
        tally = _settle(spool, folder)
    finally:
        spool.close()
        shutil.rmtree(folder / "spool")
    tally.scrubbed = scrubber.replaced
    _describe(shop, plan, folder, tally)
    return tally


def _settle(spool: Spool, folder: Path) -> Tally:
    tally = Tally()
    with ExitStack() as opened:
        files: dict[str, tuple[IO[bytes], IO[bytes]]] = {
            split: (
                opened.enter_context((folder / f"{split}.jsonl").open("wb")),
                opened.enter_context(frameworks.open_dataset(folder, split)),
            )
            for split in SPLITS
        }
        for row in spool.settle():
            tally.see(row)
            files[row.split][0].write(row.line)
            files[row.split][1].write(row.dataset_line)
    tally.repeated, tally.leaking = spool.repeated, spool.leaking
    return tally


def _scrubbed(shop: ShopRows, scrubber: Scrubber) -> ShopRows:
    """Sentences, answers and dialogues without personal data, before prompts with ids of their own are made."""
    labelled = tuple(replace(row, text=scrubber.text(row.text)) for row in shop.labelled)
    talk = tuple((scrubber.text(asked), scrubber.text(answer)) for asked, answer in shop.talk)
    return replace(shop, labelled=labelled, talk=talk, dialogues=scrubbed(shop.dialogues, scrubber))


def _describe(shop: ShopRows, plan: Plan, folder: Path, tally: Tally) -> None:
    (folder / "statistics.json").write_text(
        json.dumps(tally.as_dict(), ensure_ascii=False, indent=2) + "\n", encoding="utf-8"
    )
    (folder / "DATA_CARD.md").write_text(
        card_text(shop, tally.as_dict(), plan.split, plan.frozen.name if plan.frozen else ""), encoding="utf-8"
    )
    for name, text in itertools.chain.from_iterable(frameworks.files_for(key) for key in plan.models):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    (folder / "llamafactory" / "dataset_info.json").write_text(frameworks.dataset_info(), encoding="utf-8")
    (folder / "SERVE.md").write_text(frameworks.serving(shop.voice.name), encoding="utf-8")
