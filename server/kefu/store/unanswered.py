"""Questions the bot could not answer, in clusters; approving one makes it answerable, in one transaction."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Column, Connection, ForeignKey, Index, Integer, Row, String, Table, Text, func, select

from kefu.core.clusters import MAX_EXAMPLES, Group, Grouper, as_pattern, as_question, features, pick_title
from kefu.core.knowledge import Entry
from kefu.core.rules import Pattern, Rule
from kefu.errors import BadInput, Conflict, NotFound
from kefu.store import cases, examples, knowledge, rules
from kefu.store.conversations import turns
from kefu.store.db import metadata
from kefu.store.moments import Instant
from kefu.store.shops import shops

Status = Literal["open", "approved", "dismissed"]
STATUSES: tuple[Status, ...] = ("open", "approved", "dismissed")
MAX_ANSWER = 2_000
DEFAULT_INTENT = "faq"

unanswered = Table(
    "unanswered",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("shop_id", ForeignKey("shops.id", ondelete="CASCADE"), nullable=False),
    Column("title", String(300), nullable=False),
    Column("status", String(12), nullable=False),
    Column("count", Integer, nullable=False),
    Column("examples", Text, nullable=False),
    Column("first_seen", Instant, nullable=False),
    Column("last_seen", Instant, nullable=False),
    Column("decided_at", Instant),
    Column("made", Text, nullable=False),
    Index("ix_unanswered_shop_id", "shop_id", "status"),
)


@dataclass(frozen=True, slots=True)
class Cluster:
    """Turns that ask the same. ``examples`` are their different texts, personal data masked; ``count`` counts turns.

    ``made`` names what an approval created: kind, rule_id or entry_id, case, examples.
    """

    id: int
    title: str
    status: Status
    count: int
    examples: tuple[str, ...]
    first_seen: datetime
    last_seen: datetime
    decided_at: datetime | None = None
    made: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Approval:
    """One answer for a whole cluster.

    ``kind``: an exact rule for the examples (and ``patterns``, more sentences), or an entry of ``knowledge_id``.
    ``intent``: what the examples are trained as; "" = the commonest intent seen in the turns, else ``faq``.
    """

    answer: str
    kind: Literal["rule", "knowledge"] = "rule"
    intent: str = ""
    title: str = ""
    patterns: tuple[str, ...] = ()
    knowledge_id: str = "manuals"

    def __post_init__(self) -> None:
        if not self.answer.strip() or len(self.answer) > MAX_ANSWER:
            raise BadInput("The answer is empty or too long.", f"Write 1 to {MAX_ANSWER} characters.")
        if self.kind not in ("rule", "knowledge"):
            raise BadInput(f"“{self.kind}” cannot be made.", "Use rule or knowledge.")
        if len(self.patterns) > MAX_EXAMPLES or any(not p.strip() or len(p) > 200 for p in self.patterns):
            raise BadInput("The patterns are wrong.", f"At most {MAX_EXAMPLES} sentences of 1 to 200 characters.")


def refresh(connection: Connection, shop_id: int, limit: int = 5_000) -> int:
    """Put turns that are in no cluster yet into clusters, old or new; how many. Safe to run at any time, from anywhere.

    A question of a dismissed cluster stays hidden there; one of an approved cluster counts there, so that an answer
    which does not take effect shows.
    """
    connection.execute(select(shops.c.id).where(shops.c.id == shop_id).with_for_update())  # one grouper a shop
    here = (turns.c.shop_id == shop_id) & turns.c.unanswered.is_(True) & turns.c.cluster_id.is_(None)
    query = select(turns.c.id, turns.c.query, turns.c.at).where(here).order_by(turns.c.id).limit(limit)
    fresh = connection.execute(query).all()
    if not fresh:
        return 0
    known = {row.id: _cluster(row) for row in connection.execute(select(unanswered).where(_mine(shop_id)))}
    grouper = Grouper(Group(c.id, c.examples) for c in known.values())
    changed: set[int] = set()
    for row in fresh:
        question = as_question(row.query)
        if not features(question):  # only punctuation, emoji or particles: nothing to answer
            question = ""
        key = grouper.find(question) if question else _blank(known)
        if key is None:
            key = _create(connection, shop_id, question, row.at)
            known[key] = Cluster(key, question, "open", 0, (), row.at, row.at)
        before = known[key]
        if question and question not in before.examples and len(before.examples) < MAX_EXAMPLES:
            grouper.add(key, question)
        known[key] = _with(before, question, row.at)
        changed.add(key)
        connection.execute(turns.update().where(turns.c.id == row.id).values(cluster_id=key))
    for key in changed:
        _store(connection, known[key])
    return len(fresh)


def list_clusters(
    connection: Connection, shop_id: int, status: Status = "open", *, limit: int = 50, offset: int = 0
) -> list[Cluster]:
    """Clusters of ``status``, the most asked first, then the latest."""
    if status not in STATUSES:
        raise BadInput(f"“{status}” is no status.", f"Use one of {', '.join(STATUSES)}.")
    order = (unanswered.c.count.desc(), unanswered.c.last_seen.desc(), unanswered.c.id)
    query = select(unanswered).where(_mine(shop_id), unanswered.c.status == status).order_by(*order)
    rows = connection.execute(query.limit(max(1, min(limit, 200))).offset(max(0, offset)))
    return [_cluster(row) for row in rows]


def get_cluster(connection: Connection, shop_id: int, cluster_id: int) -> Cluster:
    """Raises NotFound, also for another shop's."""
    row = connection.execute(select(unanswered).where(_mine(shop_id), unanswered.c.id == cluster_id)).first()
    if row is None:
        raise NotFound(f"There is no cluster {cluster_id}.", "List them with `./kefu unanswered list`.")
    return _cluster(row)


def approve(connection: Connection, shop_id: int, cluster_id: int, approval: Approval, now: datetime) -> Cluster:
    """Make the cluster's answer known: a rule or knowledge entry, an evaluation case and training examples, all in the
    caller's transaction. Raises Conflict unless the cluster is open."""
    cluster = _open(connection, shop_id, cluster_id)
    title = approval.title.strip() or cluster.title
    intent = approval.intent.strip() or _commonest_intent(connection, shop_id, cluster_id)
    questions = tuple(dict.fromkeys(q for q in (cluster.title, *cluster.examples, *approval.patterns) if q.strip()))
    if not questions:
        raise BadInput("This cluster has no question in words.", "Dismiss it.")
    made: dict[str, Any] = {"kind": approval.kind, "intent": intent}
    if approval.kind == "rule":
        made["rule_id"] = _make_rule(connection, shop_id, cluster, approval, questions, title)
    else:
        made["entry_id"] = _make_entry(connection, shop_id, approval, questions, title)
    made["case"] = _make_case(connection, shop_id, cluster, approval, questions[0], now)
    rows = [examples.IntentExample(question[: examples.MAX_EXAMPLE], intent, "unanswered") for question in questions]
    made["examples"] = examples.save_examples(connection, shop_id, rows, now)
    decided = replace(cluster, title=title[:300], status="approved", decided_at=now, made=made)
    _store(connection, decided)
    return decided


def dismiss(connection: Connection, shop_id: int, cluster_id: int, now: datetime) -> Cluster:
    """Hide it, and every later question like it. Raises Conflict unless it is open."""
    decided = replace(_open(connection, shop_id, cluster_id), status="dismissed", decided_at=now)
    _store(connection, decided)
    return decided


def reopen(connection: Connection, shop_id: int, cluster_id: int) -> Cluster:
    """Show a decided cluster again; what an approval made stays."""
    opened = replace(get_cluster(connection, shop_id, cluster_id), status="open", decided_at=None)
    _store(connection, opened)
    return opened


def _make_rule(
    connection: Connection, shop_id: int, cluster: Cluster, approval: Approval, questions: Sequence[str], title: str
) -> str:
    patterns = tuple(Pattern(kind, text) for kind, text in dict.fromkeys(as_pattern(q) for q in questions))
    rule_id = f"unanswered-{cluster.id}"
    rules.save_rule(connection, shop_id, Rule(rule_id, patterns, (approval.answer.strip(),), note=title[:200]))
    return rule_id


def _make_entry(connection: Connection, shop_id: int, approval: Approval, questions: Sequence[str], title: str) -> str:
    entry_id = knowledge.entry_id(approval.knowledge_id, title, questions[0])
    asked = " / ".join(questions[:5])
    entry = Entry(entry_id, approval.knowledge_id, title, approval.answer.strip(), asked, source="客服解答")
    knowledge.save_entries(connection, shop_id, [entry])
    return entry_id


def _make_case(
    connection: Connection, shop_id: int, cluster: Cluster, approval: Approval, question: str, now: datetime
) -> str:
    """A rule answers with exactly this; from knowledge only the route's facts are certain."""
    name = f"unanswered-{cluster.id}: {question}"[:120]
    turn: dict[str, Any] = {"say": question}
    if approval.kind == "rule":
        turn |= {"route": "rule", "llm_calls": 0}
        if "{" not in approval.answer:
            turn["reply_contains"] = [approval.answer.strip()[:60]]
    else:
        turn["handed_off"] = False
    cases.save_case(connection, shop_id, cases.EvaluationCase(name, (turn,), "unanswered"), now)
    return name


def _commonest_intent(connection: Connection, shop_id: int, cluster_id: int) -> str:
    here = (turns.c.shop_id == shop_id) & (turns.c.cluster_id == cluster_id) & (turns.c.confidence >= 0.5)
    query = (
        select(turns.c.intent, func.count().label("seen")).where(here, turns.c.intent != "").group_by(turns.c.intent)
    )
    row = connection.execute(query.order_by(func.count().desc(), turns.c.intent)).first()
    return row.intent if row else DEFAULT_INTENT


def _open(connection: Connection, shop_id: int, cluster_id: int) -> Cluster:
    connection.execute(select(unanswered.c.id).where(_mine(shop_id), unanswered.c.id == cluster_id).with_for_update())
    cluster = get_cluster(connection, shop_id, cluster_id)
    if cluster.status != "open":
        raise Conflict(f"Cluster {cluster_id} is {cluster.status} already.", "Reopen it first.")
    return cluster


def _with(cluster: Cluster, question: str, at: datetime) -> Cluster:
    """The cluster with one more turn."""
    kept = cluster.examples
    if question and question not in kept and len(kept) < MAX_EXAMPLES:
        kept = (*kept, question)
    title = cluster.title if cluster.status != "open" or not kept else pick_title(kept)
    times = min(cluster.first_seen, at), max(cluster.last_seen, at)
    return replace(
        cluster, title=title, count=cluster.count + 1, examples=kept, first_seen=times[0], last_seen=times[1]
    )


def _blank(known: Mapping[int, Cluster]) -> int | None:
    """The one cluster of turns without words."""
    return next((key for key, cluster in known.items() if not cluster.examples), None)


def _create(connection: Connection, shop_id: int, question: str, at: datetime) -> int:
    values = {"title": question, "status": "open", "count": 0, "examples": "[]", "made": "{}"}
    row = connection.execute(unanswered.insert().values(shop_id=shop_id, first_seen=at, last_seen=at, **values))
    return int(row.inserted_primary_key[0])  # type: ignore[index]


def _store(connection: Connection, cluster: Cluster) -> None:
    values = {"title": cluster.title[:300], "status": cluster.status, "count": cluster.count}
    values |= {"examples": json.dumps(cluster.examples, ensure_ascii=False), "made": json.dumps(dict(cluster.made))}
    values |= {"first_seen": cluster.first_seen, "last_seen": cluster.last_seen}
    values |= {"decided_at": cluster.decided_at}
    connection.execute(unanswered.update().where(unanswered.c.id == cluster.id).values(**values))


def _mine(shop_id: int):
    return unanswered.c.shop_id == shop_id


def _cluster(row: Row[Any]) -> Cluster:
    return Cluster(
        row.id,
        row.title,
        row.status,
        row._mapping["count"],
        tuple(json.loads(row.examples)),
        row.first_seen,
        row.last_seen,
        row.decided_at,
        json.loads(row.made),
    )


def describe(cluster: Cluster) -> dict[str, Any]:
    """The cluster as JSON; times ISO 8601."""
    data = asdict(cluster)
    return {name: value.isoformat() if isinstance(value, datetime) else value for name, value in data.items()}
