"""What the shop's own questions cost and where they end: the sentence that doctor proves or refutes.

Questions come from a file, decided now and recorded nowhere, or are the last ones that customers really asked.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from kefu.core.decide import Asked
from kefu.core.dialogue import State
from kefu.dify.patient import Line
from kefu.engine import Engine
from kefu.errors import BadInput
from kefu.evaluation.app_eval import read_questions
from kefu.evaluation.measured import figures_of
from kefu.evaluation.runs import Run
from kefu.store.conversations import TurnRecord
from kefu.store.shops import Shop

ASKED_LAST = 500
"""So many of the latest recorded turns are counted."""

SHOWN = 5
"""Questions shown of those that reached a person because nobody knew, and of those that a model answers."""

LONGEST = 40
"""Characters of a question that are shown."""

NOT_KNOWN = ("unknown_question", "low_confidence", "missing_information")
SILENT = ("human_active", "miss")
"""Recorded, but no answer of the bot's: a person has the conversation, or the flow went on."""


@dataclass(frozen=True, slots=True)
class Cost:
    """One question: what answered it, how many language-model calls that takes, and why a person, if one.

    ``stood_in``: a model was wanted and none was asked, `kefu-local` answered.
    """

    query: str
    route: str
    calls: int
    handoff_reason: str = ""
    stood_in: bool = False


def ask_all(engine: Engine, shop: Shop, path: Path, progress: Callable[[int], None]) -> list[Cost]:
    """Decide every question of a file (a table, or a text with one a line); rows of one conversation follow each other.

    Raises BadInput for a file without questions.
    """
    questions = _questions(path)
    states: dict[str, State] = {}
    costs = []
    for number, (query, conversation) in enumerate(questions, start=1):
        asked = Asked(query, "", engine.clock())
        decision, after = engine.rehearse(shop, asked, states.get(conversation, State()))
        if conversation:
            states[conversation] = after
        costs.append(Cost(query, decision.route, int(decision.needs_llm), decision.handoff_reason))
        progress(number)
    return costs


def _questions(path: Path) -> list[tuple[str, str]]:
    if path.suffix.lower() != ".txt":
        return [(one.query, one.conversation) for one in read_questions(path)]
    try:
        lines = [line.strip() for line in path.read_text(encoding="utf-8-sig").splitlines()]
    except OSError as error:
        raise BadInput(f"{path} cannot be read: {error.strerror}.", "Name a file with a question a line.") from error
    except UnicodeDecodeError as error:
        raise BadInput(f"{path} is no UTF-8 text.", "Save it as UTF-8, or as a CSV with a column query.") from error
    if not any(lines):
        raise BadInput(f"{path} has no questions.", "Write a question a line.")
    return [(line, "") for line in lines if line]


def were_asked(turns: Iterable[TurnRecord]) -> list[Cost]:
    """What recorded turns cost; calls are those that really reached a language model."""
    return [
        Cost(t.query, t.route, t.llm_calls, t.handoff_reason, not t.llm_calls and bool(t.detail.get("needs_llm")))
        for t in turns
        if t.route not in SILENT
    ]


def line_of(costs: Sequence[Cost], source: str) -> Line:
    """The figures as a line of doctor's table; a warning where a question takes more than one call or nobody knew."""
    if not costs:
        return Line(
            "your questions",
            "warn",
            "none yet",
            "Let customers ask, or give a file: ./kefu doctor --questions FILE (one a line, or a column query).",
        )
    total = len(costs)
    free = Counter(c.route for c in costs if not c.calls and not c.stood_in)
    stood_in, more = sum(c.stood_in for c in costs), sum(c.calls > 1 for c in costs)
    routes = ", ".join(f"{route} {count}" for route, count in free.most_common())
    one = total - free.total() - stood_in - more
    detail = f"{total} {source}: 0 LLM calls {_share(free.total(), total)}{f' ({routes})' if routes else ''}"
    detail += f", 1 call {_share(one, total)}" + (f", more {_share(more, total)}" if more else ", never more")
    if stood_in:
        detail += f"; {_share(stood_in, total)} for 1 call of a language model, answered by kefu-local without one"
    people = Counter(c.handoff_reason for c in costs if c.handoff_reason)
    if people:
        reasons = ", ".join(f"{reason} {count}" for reason, count in people.most_common())
        detail += f"; a person {_share(people.total(), total)}: {reasons}"
    unknown = list(dict.fromkeys(c.query for c in costs if c.handoff_reason in NOT_KNOWN))
    asked = list(dict.fromkeys(c.query for c in costs if c.calls or c.stood_in))
    fixes = (
        f"Nobody knew {_some(unknown)}: write rules or knowledge, or see ./kefu unanswered." if unknown else "",
        f"For a model {_some(asked)}: ./kefu chat --material QUESTION shows what it is given." if asked else "",
    )
    return Line("your questions", "warn" if more or unknown else "ok", detail, " ".join(filter(None, fixes)))


def _some(queries: Sequence[str]) -> str:
    shown = [query if len(query) <= LONGEST else f"{query[:LONGEST]}…" for query in map(_one_line, queries[:SHOWN])]
    return " / ".join(shown) + (" …" if len(queries) > SHOWN else "")


def _one_line(query: str) -> str:
    return " ".join(query.split())


def tuning_line(run: Run | None) -> Line:
    """What tuning moved, by a saved run of the ladder."""
    ask = "Measure it: ./kefu eval ladder --base NAME --tuned NAME --json RUN.json, then ./kefu doctor --run RUN.json."
    if run is None:
        return Line("fine-tuning", "ok", "not measured (a shop can do without)", ask)
    moved = [
        text for section, figure in (("intent", "macro F1"), ("slots", "F1")) if (text := _moved(run, section, figure))
    ]
    if not moved:
        return Line("fine-tuning", "warn", "the run has no base and tuned model side by side", ask)
    return Line("fine-tuning", "ok", "; ".join(moved))


def _moved(run: Run, section: str, figure: str) -> str:
    rungs = run.rungs(section)
    before, after = rungs.get("base, short"), rungs.get("tuned, short")
    if before is None or after is None:
        return ""
    values = [next(f.value for f in figures_of(one) if f.name == figure) for one in (before, after)]
    return f"{section} F1 {values[0]:.3f} → {values[1]:.3f} ({len(after.rows)} questions)"


def _share(count: int, total: int) -> str:
    return f"{count} ({100 * count / total:.0f} %)"
