"""A question set through a deployed app's own API: many conversations at once, continued after a break."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import asdict, dataclass
from pathlib import Path

from kefu.dify.service import ServiceApi, Turn
from kefu.errors import BadInput, KefuError
from kefu.evaluation.metrics import Figure, share
from kefu.jobs.tables import read_table

QUESTION = ("query", "text", "question", "问题")
PAUSE_SECONDS = 1.1
"""Dify orders the messages of a conversation by whole seconds; faster turns get the wrong memory."""


@dataclass(frozen=True, slots=True)
class Question:
    """A row of the set. ``expect``: texts of which the answer must hold one; ``branch``: node id or title to reach."""

    row: int
    query: str
    conversation: str = ""
    expect: tuple[str, ...] = ()
    branch: str = ""


@dataclass(frozen=True, slots=True)
class Answered:
    """What came of a question; ``right`` is None where the row expects nothing."""

    row: int
    query: str
    answer: str
    error: str
    path: tuple[str, ...]
    right: bool | None
    reached: bool | None
    seconds: float
    first_word_seconds: float | None
    tokens: int


def read_questions(path: Path) -> list[Question]:
    """CSV, XLSX, JSONL or YAML with a column query and, if wanted, conversation, expect (a|b), branch."""
    questions = [_question(row.number, row.values) for row in read_table(path)]
    if not questions:
        raise BadInput(f"{path} has no questions.", f"One of these columns must be there: {', '.join(QUESTION)}.")
    return questions


def _question(number: int, values: Mapping[str, str]) -> Question:
    query = next((values[name].strip() for name in QUESTION if values.get(name, "").strip()), "")
    if not query:
        raise BadInput(f"Row {number} has no question.", f"Name its column {QUESTION[0]}.")
    expect = tuple(part.strip() for part in values.get("expect", "").split("|") if part.strip())
    return Question(number, query, values.get("conversation", "").strip(), expect, values.get("branch", "").strip())


def done_before(path: Path) -> dict[int, Answered]:
    """Rows answered by an earlier run; a line cut off in the middle is asked again."""
    found: dict[int, Answered] = {}
    if path.is_file():
        for line in path.read_text(encoding="utf-8").splitlines():
            try:
                raw = json.loads(line)
                found[raw["row"]] = Answered(**{**raw, "path": tuple(raw["path"])})
            except (ValueError, TypeError, KeyError):
                continue
    return {row: one for row, one in found.items() if not one.error}


def evaluate(
    open_api: Callable[[], ServiceApi],
    questions: Sequence[Question],
    out: Path,
    *,
    workers: int = 4,
    pause: Callable[[float], None],
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> list[Answered]:
    """Answers of all questions, each written to ``out`` the moment it is there. What is in ``out`` is not asked again.

    Rows of one ``conversation`` are asked in order; a broken conversation is asked again from its start.
    """
    before = done_before(out)
    groups = [group for group in _conversations(questions) if not all(one.row in before for one in group)]
    fresh = {one.row for group in groups for one in group}
    answered = [one for row, one in before.items() if row not in fresh and row in {q.row for q in questions}]
    out.parent.mkdir(parents=True, exist_ok=True)
    with out.open("a", encoding="utf-8") as file, open_api() as api, ThreadPoolExecutor(workers) as pool:
        waiting = [pool.submit(_ask_all, api, group, pause) for group in groups]
        for finished in as_completed(waiting):
            for one in finished.result():
                answered.append(one)
                file.write(json.dumps(asdict(one), ensure_ascii=False) + "\n")
            file.flush()
            progress(len(answered), len(questions))
    return sorted(answered, key=lambda one: one.row)


def _conversations(questions: Iterable[Question]) -> list[list[Question]]:
    groups: dict[str, list[Question]] = {}
    for one in questions:
        groups.setdefault(one.conversation or f"#{one.row}", []).append(one)
    return list(groups.values())


def _ask_all(api: ServiceApi, group: Sequence[Question], pause: Callable[[float], None]) -> list[Answered]:
    conversation, answers = "", []
    for index, question in enumerate(group):
        if index:
            pause(PAUSE_SECONDS)
        try:
            turn = api.chat_streaming(question.query, user=f"kefu-eval-{group[0].row}", conversation_id=conversation)
        except KefuError as error:
            turn = Turn("", conversation, error=error.message)
        conversation = turn.conversation_id or conversation
        answers.append(_judged(question, turn))
    return answers


def _judged(question: Question, turn: Turn) -> Answered:
    names = {name for node in turn.nodes for name in (node.id, node.title)}
    return Answered(
        question.row,
        question.query,
        turn.answer,
        turn.error,
        tuple(node.title or node.id for node in turn.nodes),
        any(text in turn.answer for text in question.expect) if question.expect else None,
        question.branch in names if question.branch else None,
        round(turn.seconds, 3),
        turn.first_word_seconds,
        turn.tokens,
    )


def figures(name: str, answers: Sequence[Answered]) -> list[Figure]:
    """Shares with intervals: answered at all; right text and right branch among the rows that expect one."""
    return list(_figures(name, answers))


def _figures(name: str, answers: Sequence[Answered]) -> Iterator[Figure]:
    yield share(name, "answered", [bool(one.answer.strip()) and not one.error for one in answers])
    judged = [one.right for one in answers if one.right is not None]
    if judged:
        yield share(name, "expected text", judged)
    reached = [one.reached for one in answers if one.reached is not None]
    if reached:
        yield share(name, "expected branch", reached)


def latency(answers: Sequence[Answered]) -> tuple[float, float]:
    """Median and 95th percentile of a turn in seconds; zeros for no turns."""
    times = sorted(one.seconds for one in answers)
    if not times:
        return 0.0, 0.0
    return times[len(times) // 2], times[min(len(times) - 1, int(len(times) * 0.95))]
