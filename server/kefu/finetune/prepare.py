"""From a shop's data to training files: all of them, or none."""

from __future__ import annotations

import itertools
import json
import os
import random
import shutil
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import IO, Any

import yaml

from kefu.errors import BadInput, Conflict
from kefu.finetune import frameworks
from kefu.finetune.card import card_text
from kefu.finetune.extraction_rows import Dialogue, dialogues, extraction_samples, merged_samples
from kefu.finetune.identity import check_filled, fill_holes, identity_samples, own_pairs, templates
from kefu.finetune.intent_rows import Labelled, intent_samples
from kefu.finetune.readers import read_own
from kefu.finetune.sample import Sample, told, turn
from kefu.finetune.scrub import Scrubber
from kefu.finetune.shop_rows import ShopRows
from kefu.finetune.splits import SPLITS, LeakCheck, Split, groups_of

REPLAY = Path(__file__).parent / "data" / "replay.yaml"
Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Plan:
    """``per_intent``: sentences taken of each intent at most (0 = all); ``copies``: fillings of each template;
    ``own``: the user's files; ``models``: keys of `frameworks.MODELS` to write configurations for."""

    out: Path
    own: tuple[Path, ...] = ()
    per_intent: int = 60
    copies: int = 12
    split: Split = field(default_factory=Split)
    models: tuple[str, ...] = tuple(frameworks.MODELS)
    replace: bool = False


@dataclass(slots=True)
class Tally:
    """What was written; ``counts`` by (kind, form, split)."""

    counts: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    characters: Counter[str] = field(default_factory=Counter)
    longest: int = 0
    scrubbed: int = 0
    repeated: int = 0

    def see(self, sample: Sample, split: str) -> None:
        length = sum(len(str(m.get("content") or "")) for m in sample.messages)
        self.counts[sample.kind, sample.form, split] += 1
        self.characters[split] += length
        self.longest = max(self.longest, length)

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
            "by_kind": listed,
        }


def prepare(shop: ShopRows, plan: Plan, salt: str, say: Say = lambda _: None) -> Tally:
    """Write ``plan.out``: train, valid and test JSONL, statistics, a data card and the frameworks' configurations.

    Everything is made in a folder beside it first: what cannot be read leaves nothing half-written. Raises BadInput
    (broken or unfilled row), Conflict (the folder exists, or rows leak over the split).
    """
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


def samples(shop: ShopRows, plan: Plan, say: Say) -> Iterator[Sample]:
    """All rows made from the shop, one kind after the other, then the user's."""
    rng = random.Random(plan.split.seed)
    say("identity …")
    own = own_pairs(shop.identity)
    mine = {pair.question for pair in own}
    pairs = [*own, *(pair for pair in templates() if pair.question not in mine)]
    yield from identity_samples(pairs, shop.voice, shop.talk, rng)
    labelled = _grouped(_some(shop.labelled, plan.per_intent))
    say(f"intent: {len(labelled)} sentences …")
    yield from intent_samples(labelled, shop.names, plan.split.seed)
    made = unlike(dialogues(shop.products, shop.variants, plan.copies, rng))
    say(f"extraction: {len(made)} dialogues …")
    yield from extraction_samples(made, plan.split.seed)
    yield from merged_samples(made, [name for name, _ in shop.names], plan.split.seed)
    yield from replay_samples(shop)
    for path in plan.own:
        say(f"{path.name} …")
        yield from own_samples(path, shop)


def unlike(rows: Iterable[Dialogue]) -> list[Dialogue]:
    """Each dialogue once: small shops fill a template twice with the same product."""
    return list({(row.text, row.before): row for row in rows}.values())


def own_samples(path: Path, shop: ShopRows) -> Iterator[Sample]:
    """The user's rows, placeholders filled. Raises BadInput with file and line."""
    for row in read_own(path):
        messages = tuple({**m, "content": fill_holes(str(m["content"]), shop.voice)} for m in row.messages)
        for message in messages:
            check_filled(str(message["content"]), row.where)
        group = f"own:{path.name}:{row.conversation}" if row.conversation else f"own:{messages[0]['content']}"
        yield Sample("own", "own", group, messages, day=row.day)


def replay_samples(shop: ShopRows) -> Iterator[Sample]:
    """Everyday tasks, and the shop's own answers: what tuning must not unlearn."""
    for row in yaml.safe_load(REPLAY.read_text(encoding="utf-8")):
        yield Sample("replay", "general", f"replay:{row['ask']}", told([turn("user", row["ask"])], row["answer"]))
    for asked, answer in shop.talk:
        yield Sample("replay", "in_domain", f"replay:{asked}", told([turn("user", asked)], answer))


def _grouped(rows: Sequence[Labelled]) -> list[Labelled]:
    """Near copies of a sentence stay on one side of the split."""
    groups = groups_of([row.text for row in rows], [row.intent for row in rows])
    return [replace(row, group=group) for row, group in zip(rows, groups, strict=True)]


def _some(rows: Sequence[Labelled], most: int) -> list[Labelled]:
    taken: Counter[str] = Counter()
    chosen = []
    for row in rows:
        taken[row.intent] += 1
        if not most or taken[row.intent] <= most:
            chosen.append(row)
    return chosen


def _write(shop: ShopRows, plan: Plan, folder: Path, salt: str, say: Say) -> Tally:
    tally, leaks, scrubber = Tally(), LeakCheck(), Scrubber(salt)
    seen: set[bytes] = set()
    files: dict[str, IO[bytes]] = {}
    try:
        for split in SPLITS:
            files[split] = (folder / f"{split}.jsonl").open("wb")
            files[f"lf_{split}"] = frameworks.open_dataset(folder, split)
        for raw in samples(_scrubbed(shop, scrubber), plan, say):
            sample = _clean(raw, scrubber)
            key = frameworks.digest(sample)
            if key in seen:
                tally.repeated += 1
                continue
            seen.add(key)
            split = plan.split.of(sample)
            leaks.see(sample, split)
            tally.see(sample, split)
            files[split].write(sample.line())
            files[f"lf_{split}"].write(frameworks.dataset_line(sample))
    finally:
        for file in files.values():
            file.close()
    leaks.verify()
    tally.scrubbed = scrubber.replaced
    _describe(shop, plan, folder, tally)
    return tally


def _clean(sample: Sample, scrubber: Scrubber) -> Sample:
    """Only the user's rows are left to clean: our templates hold no personal data, the shop's rows were cleaned."""
    return replace(sample, messages=scrubber.messages(sample.messages)) if sample.kind == "own" else sample


def _scrubbed(shop: ShopRows, scrubber: Scrubber) -> ShopRows:
    """Sentences and answers without personal data, before prompts with ids of their own are made of them."""
    labelled = tuple(replace(row, text=scrubber.text(row.text)) for row in shop.labelled)
    talk = tuple((scrubber.text(asked), scrubber.text(answer)) for asked, answer in shop.talk)
    return replace(shop, labelled=labelled, talk=talk)


def _describe(shop: ShopRows, plan: Plan, folder: Path, tally: Tally) -> None:
    (folder / "statistics.json").write_text(
        json.dumps(tally.as_dict(), ensure_ascii=False, indent=2) + "\n", encoding="utf-8"
    )
    (folder / "DATA_CARD.md").write_text(card_text(shop, tally.as_dict(), plan.split), encoding="utf-8")
    for name, text in itertools.chain.from_iterable(frameworks.files_for(key) for key in plan.models):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    (folder / "llamafactory" / "dataset_info.json").write_text(frameworks.dataset_info(), encoding="utf-8")
    (folder / "SERVE.md").write_text(frameworks.serving(shop.voice.name), encoding="utf-8")
