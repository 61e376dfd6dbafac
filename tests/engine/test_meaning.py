"""Knowledge searched by meaning too: with a real embedding server, and without it when it fails."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from tests.conftest import NOW
from tests.engine.embedding_server import KEY, EmbeddingServer

from kefu.cli import main
from kefu.clock import make_clock
from kefu.core.knowledge import Entry
from kefu.core.upstreams import EMBED, Alias, Upstream
from kefu.engine import TOOLS, Engine, Retrieval, ToolRequest
from kefu.engine.questions import PATIENCE
from kefu.gateway.errors import UpstreamError
from kefu.gateway.http import Pool
from kefu.jobs import embeddings
from kefu.jobs.embeddings import Embedded, VectorKeeper, embed_knowledge
from kefu.settings import load_settings
from kefu.store import knowledge_vectors, upstreams
from kefu.store.db import Database
from kefu.store.knowledge import delete_entries, save_entries
from kefu.store.shops import Shop

PARAPHRASE = "东西买来不想要了，能送回去吗"
"""Shares no word with the entry that answers it."""
RETURNS = "七天无理由退货"


@pytest.fixture
def server() -> Iterator[EmbeddingServer]:
    with EmbeddingServer() as server:
        yield server


@pytest.fixture
def pool() -> Iterator[Pool]:
    pool = Pool()
    yield pool
    pool.close()


@pytest.fixture
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embeddings, "PAUSES", (0.0, 0.0))


@pytest.fixture
def counts() -> Counter[str]:
    return Counter()


@pytest.fixture
def engine(sample_db: Database, tmp_path: Any, counts: Counter[str]) -> Iterator[Engine]:
    settings = load_settings({}, data_dir=str(tmp_path), now=NOW)

    def count(_name: str, outcome: str) -> None:
        counts[outcome] += 1

    engine = Engine(sample_db, settings, make_clock(settings), count)
    yield engine
    engine.close()


def point(db: Database, shop: Shop, server: EmbeddingServer, model: str = "m1", key: str = KEY) -> None:
    """Let `kefu-embed` lead to ``model`` on the server."""
    upstream = Upstream("embedder", "openai", server.url, model, key, abilities=("embeddings",))
    with db.write() as connection:
        upstreams.save_upstream(connection, shop.id, upstream)
        upstreams.save_alias(connection, shop.id, Alias(EMBED, "embedder"), make_clock(load_settings({}, now=NOW))())


def found(engine: Engine, shop: Shop, query: str = PARAPHRASE, **more: Any) -> list[tuple[str, float]]:
    records = engine.retrieve(shop, Retrieval(query, **more))
    return [(record["title"], record["score"]) for record in records]


def test_a_paraphrase_is_found_by_meaning_that_words_do_not_find(
    engine: Engine, sample_db: Database, sample_shop: Shop, server: EmbeddingServer, pool: Pool, counts: Counter[str]
) -> None:
    """Before and after: the same question, with the entry that answers it first and over the desk's threshold."""
    assert RETURNS not in [title for title, _ in found(engine, sample_shop, threshold=0.4)]
    point(sample_db, sample_shop, server)
    done = embed_knowledge(sample_db, sample_shop.id, pool)
    assert done is not None
    assert (done.same, done.gone) == (0, 0)
    hits = found(engine, sample_shop, threshold=0.4, top_k=10)
    assert RETURNS in [title for title, _ in hits]
    assert counts == {"ok": 1}
    scores = [score for _, score in hits]
    assert scores == sorted(scores, reverse=True)
    assert all(0.4 <= score <= 1 for score in scores)
    assert hits == found(engine, sample_shop, threshold=0.4, top_k=10)
    assert counts == {"ok": 1}  # the same question again: its vector is kept


def test_the_desk_answers_a_paraphrase_too(
    engine: Engine, sample_db: Database, sample_shop: Shop, server: EmbeddingServer, pool: Pool
) -> None:
    """`understand` searches as `/retrieval` does."""
    point(sample_db, sample_shop, server)
    embed_knowledge(sample_db, sample_shop.id, pool)
    answer = TOOLS["understand"](engine, sample_shop, ToolRequest("机箱里那块盘电脑里找不着", "c1", "u1", "", {}))
    assert answer["route"] == "knowledge"
    assert "磁盘管理" in answer["context"]


def test_only_what_changed_is_made_again(
    sample_db: Database, sample_shop: Shop, server: EmbeddingServer, pool: Pool
) -> None:
    """An edit is one entry; a deleted entry takes its vectors along; another model makes all anew."""
    point(sample_db, sample_shop, server)
    first = embed_knowledge(sample_db, sample_shop.id, pool)
    assert first is not None
    assert embed_knowledge(sample_db, sample_shop.id, pool) == Embedded("m1", 0, first.made, 0)
    with sample_db.write() as connection:
        save_entries(connection, sample_shop.id, [Entry("x", "manuals", "新条", "内容。")])
    assert embed_knowledge(sample_db, sample_shop.id, pool) == Embedded("m1", 1, first.made, 0)
    server.asked.clear()
    with sample_db.write() as connection:
        save_entries(connection, sample_shop.id, [Entry("x", "manuals", "新条", "改过的内容。")])
    embed_knowledge(sample_db, sample_shop.id, pool)
    assert server.asked == [["新条", "改过的内容。"]]
    with sample_db.write() as connection:
        delete_entries(connection, sample_shop.id, ["x"])
    assert embed_knowledge(sample_db, sample_shop.id, pool) == Embedded("m1", 0, first.made, 1)
    point(sample_db, sample_shop, server, "m2")
    assert embed_knowledge(sample_db, sample_shop.id, pool) == Embedded("m2", first.made, 0, 0)


def test_a_run_that_broke_off_goes_on(
    sample_db: Database, sample_shop: Shop, server: EmbeddingServer, pool: Pool, no_pauses: None
) -> None:
    """A server that dies in the middle: what was made stays, the next run makes the rest."""
    point(sample_db, sample_shop, server)
    server.faults = [200, 200, 503, 503, 503]
    with pytest.raises(UpstreamError):
        embed_knowledge(sample_db, sample_shop.id, pool)
    with sample_db.read() as connection:
        half = len(knowledge_vectors.made_vectors(connection, sample_shop.id))
    assert half == 2 * embeddings.BATCH
    rest = embed_knowledge(sample_db, sample_shop.id, pool)
    assert rest is not None
    assert rest.same == half


def test_a_busy_server_and_one_that_takes_few_texts_are_asked_again(
    sample_db: Database, sample_shop: Shop, server: EmbeddingServer, pool: Pool, no_pauses: None
) -> None:
    """429 and 503 pass; a refusal of many at once means fewer at once."""
    point(sample_db, sample_shop, server)
    server.faults, server.most = [429, 503], 10
    seen: list[tuple[int, int]] = []
    done = embed_knowledge(sample_db, sample_shop.id, pool, progress=lambda made, total: seen.append((made, total)))
    assert done is not None
    assert seen[-1] == (done.made, done.made)
    with sample_db.read() as connection:
        assert len(knowledge_vectors.made_vectors(connection, sample_shop.id)) == done.made


@pytest.mark.parametrize(
    ("fault", "outcome"),
    [
        ({"status": 401}, "upstream_unauthorized"),
        ({"status": 500}, "upstream_failed"),
        ({"dimensions": 64}, "other_dimension"),
        ({"missing": 1}, "upstream_malformed"),
    ],
)
def test_words_alone_answer_when_the_server_fails(
    engine: Engine,
    sample_db: Database,
    sample_shop: Shop,
    server: EmbeddingServer,
    pool: Pool,
    counts: Counter[str],
    fault: dict[str, int],
    outcome: str,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """The same records as without a model; counted and logged once, then the server rests."""
    before = found(engine, sample_shop, "怎么退货", top_k=10)
    point(sample_db, sample_shop, server)
    embed_knowledge(sample_db, sample_shop.id, pool)
    for name, value in fault.items():
        setattr(server, name, value)
    with caplog.at_level(logging.WARNING, "kefu.engine"):
        assert found(engine, sample_shop, "怎么退货", top_k=10) == before
        assert found(engine, sample_shop, "怎么退货", top_k=10) == before
    assert counts == {outcome: 1, "resting": 1}
    assert [record.message for record in caplog.records] == ["knowledge is searched by words alone"]
    assert KEY not in caplog.text


def test_a_silent_server_costs_less_than_dify_waits(
    engine: Engine, sample_db: Database, sample_shop: Shop, server: EmbeddingServer, pool: Pool, counts: Counter[str]
) -> None:
    """Well within Dify's five seconds, by words alone."""
    point(sample_db, sample_shop, server)
    embed_knowledge(sample_db, sample_shop.id, pool)
    server.open.clear()
    assert found(engine, sample_shop, "怎么退货")[0][0] == RETURNS
    assert counts == {"upstream_timeout": 1}
    assert PATIENCE < 5 / 2


def test_a_server_that_is_gone_is_not_missed(
    engine: Engine, sample_db: Database, sample_shop: Shop, pool: Pool, counts: Counter[str]
) -> None:
    """Connection refused."""
    with EmbeddingServer() as server:
        point(sample_db, sample_shop, server)
        embed_knowledge(sample_db, sample_shop.id, pool)
    assert found(engine, sample_shop, "怎么退货")[0][0] == RETURNS
    assert counts == {"upstream_unreachable": 1}


def test_vectors_of_another_model_or_of_an_older_text_do_not_count(
    engine: Engine, sample_db: Database, sample_shop: Shop, server: EmbeddingServer, pool: Pool, counts: Counter[str]
) -> None:
    """After a change of model nothing is asked until the vectors are made; an edited entry waits for its own."""
    point(sample_db, sample_shop, server)
    embed_knowledge(sample_db, sample_shop.id, pool)
    point(sample_db, sample_shop, server, "m2")
    found(engine, sample_shop)
    assert counts == {}
    embed_knowledge(sample_db, sample_shop.id, pool)
    found(engine, sample_shop)
    assert counts == {"ok": 1}
    whole = engine.snapshots.of(sample_shop.id).parts.knowledge
    edited = next(entry for entry in whole.entries if entry.title == RETURNS)
    with sample_db.write() as connection:
        changed = Entry(edited.id, edited.knowledge_id, edited.title, "另写的内容。")
        save_entries(connection, sample_shop.id, [changed])
    now = engine.snapshots.of(sample_shop.id).parts.knowledge
    place = now.entries.index(changed)
    vector = engine.questions.vector_of(engine.snapshots.of(sample_shop.id), PARAPHRASE)
    assert vector is not None
    assert now.nearness.scores(vector)[place] == 0
    assert whole.nearness.scores(vector)[place] > 0


def test_without_a_model_there_is_nothing_to_do(sample_db: Database, sample_shop: Shop, pool: Pool) -> None:
    """No alias, no job."""
    assert embed_knowledge(sample_db, sample_shop.id, pool) is None


def test_a_running_server_makes_what_is_missing(
    sample_db: Database, sample_shop: Shop, server: EmbeddingServer
) -> None:
    """Each round of its thread: a new model, an edit, and nothing when nothing changed; a fault waits."""
    keeper = VectorKeeper(sample_db)
    keeper.look()
    assert server.asked == []
    point(sample_db, sample_shop, server)
    keeper.look()
    made = sum(map(len, server.asked))
    with sample_db.read() as connection:
        assert made == 2 * len(knowledge_vectors.made_vectors(connection, sample_shop.id)) > 0
    keeper.look()
    assert sum(map(len, server.asked)) == made
    with sample_db.write() as connection:
        save_entries(connection, sample_shop.id, [Entry("x", "manuals", "新条", "内容。")])
    server.status = 401
    keeper.look()
    keeper.look()
    assert server.asked[-1:] == [["新条", "内容。"]]
    assert sum(map(len, server.asked)) == made + 2


def test_the_command_makes_them_and_says_whether_the_model_fits(
    sample_db: Database, sample_shop: Shop, server: EmbeddingServer, tmp_path: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    """`./kefu knowledge embed`, `list` and `search`, on the store that they open themselves."""
    flags = ["--data", str(tmp_path)]
    assert main(["knowledge", "embed", *flags]) == 0
    assert "models alias kefu-embed" in capsys.readouterr().out
    point(sample_db, sample_shop, server)
    assert main(["knowledge", "embed", *flags]) == 0
    said = capsys.readouterr().out
    assert "m1: " in said
    assert "by its own title" in said
    assert main(["knowledge", "list", *flags]) == 0
    there, _, every = capsys.readouterr().out.splitlines()[-1].removeprefix("vectors of m1: ").split()[:3]
    assert there == every
    assert main(["knowledge", "search", PARAPHRASE, *flags]) == 0
    assert RETURNS in capsys.readouterr().out
