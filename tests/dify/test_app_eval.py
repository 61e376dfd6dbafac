"""A question set through a deployed app, and `doctor`, against the fake."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from kefu.dify import apps, archive, sign
from kefu.dify.checks_kefu import clock
from kefu.dify.console import Account, Console
from kefu.dify.deploy import Run, Wanted, deploy
from kefu.dify.doctor import CHECKS, examine
from kefu.dify.dsl.places import REPOSITORY
from kefu.dify.package import Package, build, identifier, with_wheels
from kefu.dify.patient import Patient
from kefu.dify.service import ServiceApi
from kefu.dify.state import State
from kefu.errors import BadInput, Unauthorized
from kefu.evaluation.app_eval import done_before, evaluate, figures, latency, read_questions

ACCOUNT = Account("admin@example.com", "Kefu12345678")


@pytest.fixture
def deployed(dify: Any, packages: tuple[Package, ...], tmp_path: Path) -> tuple[Any, State]:
    with Console(dify.url, pause=lambda _: None) as console:
        workspace = console.open(ACCOUNT)
        state = State.load(tmp_path, console.url)
        wanted = Wanted("http://kefu:8790", lambda: "t", packages, apps=("kefu-fast",))
        deploy(Run(console, state, wanted, pause=lambda _: None), workspace)
    dify.said.clear()
    return dify, state


def ask(dify: Any, state: State, table: Path, out: Path) -> list[Any]:
    key = f"app-{state.made['app:kefu-fast']}"
    return evaluate(lambda: ServiceApi(dify.url, key), read_questions(table), out, pause=lambda _: None)


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "questions.csv"
    path.write_text(
        "query,conversation,expect,branch\n有货吗,,有货|没货,say\n什么时候发货,a,发货,nowhere\n那明天呢,a,,\n",
        encoding="utf-8",
    )
    return path


def test_every_row_is_asked_judged_and_kept(deployed: Any, table: Path, tmp_path: Path) -> None:
    answers = ask(*deployed, table, tmp_path / "out.jsonl")
    assert [one.right for one in answers] == [True, True, None]
    assert [one.reached for one in answers] == [True, False, None]
    assert {figure.name: figure.value for figure in figures("app", answers)} == {
        "answered": 1.0,
        "expected text": 1.0,
        "expected branch": 0.5,
    }
    assert len(done_before(tmp_path / "out.jsonl")) == 3
    assert latency(answers)[1] >= latency(answers)[0] > 0


def test_a_second_run_asks_only_what_is_missing(deployed: Any, table: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.jsonl"
    ask(*deployed, table, out)
    lines = out.read_text(encoding="utf-8").splitlines()
    kept = [line for line in lines if "有货吗" in line]
    out.write_text("\n".join(kept) + '\n{"row": 3, "que', encoding="utf-8")
    deployed[0].said.clear()
    answers = ask(*deployed, table, out)
    assert sorted(deployed[0].said) == ["什么时候发货", "那明天呢"]
    assert len(answers) == 3


def test_a_failing_app_is_reported_row_by_row(deployed: Any, table: Path, tmp_path: Path) -> None:
    deployed[0].chat_error = "Provider does not exist."
    answers = ask(*deployed, table, tmp_path / "out.jsonl")
    assert {one.error for one in answers} == {"Provider does not exist."}
    assert done_before(tmp_path / "out.jsonl") == {}


def test_a_wrong_key_is_refused_before_anything_is_asked(dify: Any) -> None:
    with ServiceApi(dify.url, "app-wrong") as api, pytest.raises(Unauthorized):
        api.info()


def test_a_table_without_questions_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text("name\na\n", encoding="utf-8")
    with pytest.raises(BadInput, match="no question"):
        read_questions(path)


def test_blocking_failures_are_turns_with_an_error(deployed: Any) -> None:
    dify, state = deployed
    dify.chat_error = "boom"
    with ServiceApi(dify.url, f"app-{state.made['app:kefu-fast']}") as api:
        assert "boom" in api.chat("在吗", user="u").error


def patient(dify: Any, state: State, console: Console, packages: tuple[Package, ...]) -> Patient:
    signed_in = lambda: console.open(ACCOUNT)  # noqa: E731 — one expression, one caller
    return Patient("http://127.0.0.1:9", "t", packages, ("kefu-fast",), console=console, sign_in=signed_in, state=state)


DIFY_CHECKS = {name for name, needs, _ in CHECKS if needs != "kefu"}


def test_doctor_is_content_with_a_deployed_dify(deployed: Any, packages: tuple[Package, ...]) -> None:
    dify, state = deployed
    with Console(dify.url, pause=lambda _: None) as console:
        lines = {line.check: line for line in examine(patient(dify, state, console, packages))}
    assert {name for name in DIFY_CHECKS if lines[name].status != "ok"} == set()
    assert lines["datasets"].detail == "no deployed app reads knowledge through Dify"
    assert lines["kefu server"].status == "fail"
    assert lines["plugin packages"].status == "ok"


@pytest.mark.parametrize(
    ("change", "check", "words"),
    [
        ({"signature_forced": True}, "signature setting", "THIRD_PARTY_SIGNATURE_VERIFICATION_ENABLED"),
        ({"server_reachable": False}, "tool credentials, from the plugin", "container"),
        ({"server_reachable": False}, "model credentials, from the plugin", "container"),
        ({"role": "normal"}, "account", "owner"),
        ({"installed": {}}, "plugins installed", "deploy"),
        ({"model_credentials": []}, "models in Dify", "deploy"),
        ({"apps": {}}, "apps published", "deploy"),
        ({"set_up": False}, "Dify", "first-admin"),
        ({"password": "another-1"}, "account", "five"),
    ],
)
def test_doctor_names_what_is_wrong_and_what_to_do(
    deployed: Any, packages: tuple[Package, ...], change: dict[str, Any], check: str, words: str
) -> None:
    dify, state = deployed
    for name, value in change.items():
        setattr(dify, name, value)
    with Console(dify.url, pause=lambda _: None) as console:
        lines = {line.check: line for line in examine(patient(dify, state, console, packages))}
    assert lines[check].status == "fail"
    assert words in lines[check].fix


def test_doctor_shows_the_error_that_only_hit_testing_shows(
    dify: Any, packages: tuple[Package, ...], tmp_path: Path
) -> None:
    dify.knowledge_error = "Reached maximum retries (3) for URL http://kefu:8790/retrieval"
    with Console(dify.url, pause=lambda _: None) as console:
        workspace = console.open(ACCOUNT)
        state = State.load(tmp_path, console.url)
        wanted = Wanted("http://kefu:8790", lambda: "t", packages, apps=("kefu-classic",), converse=False)
        deploy(Run(console, state, wanted, pause=lambda _: None), workspace)
        lines = {line.check: line for line in examine(patient(dify, state, console, packages))}
    assert "maximum retries" in lines["knowledge through Dify"].detail
    assert "ssrf_proxy" in lines["knowledge through Dify"].fix


def test_doctor_misses_the_datasets_that_a_deployed_app_reads(
    dify: Any, packages: tuple[Package, ...], tmp_path: Path
) -> None:
    with Console(dify.url, pause=lambda _: None) as console:
        workspace = console.open(ACCOUNT)
        state = State.load(tmp_path, console.url)
        wanted = Wanted("http://kefu:8790", lambda: "t", packages, apps=("kefu-classic",), converse=False)
        deploy(Run(console, state, wanted, pause=lambda _: None), workspace)
        dify.datasets.clear()
        lines = {line.check: line for line in examine(patient(dify, state, console, packages))}
    assert (lines["datasets"].status, lines["knowledge through Dify"].status) == ("fail", "fail")
    assert "kefu 售后知识" in lines["datasets"].detail


def test_doctor_sees_apps_that_a_person_imported(dify: Any, packages: tuple[Package, ...], tmp_path: Path) -> None:
    """By the names that the files give them; their knowledge nodes must read a dataset that is there."""
    with Console(dify.url, pause=lambda _: None) as console:
        workspace = console.open(ACCOUNT)
        state = State.load(tmp_path, console.url)
        wanted = Wanted("http://kefu:8790", lambda: "t", packages, apps=("kefu-fast",), converse=False)
        deploy(Run(console, state, wanted, pause=lambda _: None), workspace)
        made = apps.import_app(console, (REPOSITORY / "dify_apps/kefu-classic.yml").read_text(encoding="utf-8"))
        lines = {line.check: line for line in examine(patient(dify, state, console, packages))}
        assert lines["apps published"].status == "fail"
        assert "never published: kefu-classic" in lines["apps published"].detail
        assert lines["datasets"].status == "fail"
        assert "kefu-classic, imported by hand: knowledge nodes without a dataset" in lines["datasets"].detail
        apps.publish(console, made.app_id, "by hand")
        read = apps.datasets_read_by(console, made.app_id)
        dify.datasets += [{"id": name, "name": name, "provider": "external"} for name in read]
        lines = {line.check: line for line in examine(patient(dify, state, console, packages))}
    assert (lines["datasets"].status, lines["apps published"].status) == ("ok", "ok")
    assert lines["apps published"].detail == "kefu-classic (imported by hand), kefu-fast"


def test_doctor_knows_signed_packages_with_wheels_as_ours(dify: Any, tmp_path: Path) -> None:
    """A Dify that takes only signed ones, without an index: nothing is wrong when such packages are installed."""
    key = tmp_path / "kefu.pem"
    sign.write_key_pair(key, bits=2048)
    plain = build(REPOSITORY)
    special = tuple(with_key_and_wheel(package, key.read_bytes()) for package in plain)
    dify.signature_forced = True
    with Console(dify.url, pause=lambda _: None) as console:
        workspace = console.open(ACCOUNT)
        state = State.load(tmp_path, console.url)
        wanted = Wanted("http://kefu:8790", lambda: "t", special, apps=("kefu-fast",), converse=False)
        deploy(Run(console, state, wanted, pause=lambda _: None), workspace)
        lines = {line.check: line for line in examine(patient(dify, state, console, plain))}
    assert (lines["signature setting"].status, lines["plugins installed"].status) == ("ok", "ok")
    assert "signed" in lines["signature setting"].detail


def with_key_and_wheel(package: Package, key: bytes) -> Package:
    files = with_wheels(archive.read(package.data, limit=sign.MAX_BYTES).files, {"x-1-py3-none-any.whl": b"x"}, "arm64")
    data = sign.sign(archive.pack(files), key, time=1)
    return replace(package, data=data, identifier=identifier(data))


def test_doctor_sees_a_dify_whose_clock_is_wrong(dify: Any, packages: tuple[Package, ...], tmp_path: Path) -> None:
    with Console(dify.url) as console:
        console.open(ACCOUNT)
        assert abs(console.skew) < 5
        console.skew = 300.0
        line = clock(patient(dify, State.load(tmp_path, console.url), console, packages))
    assert (line.status, line.detail) == ("warn", "Dify +300 s")


def test_a_silent_kefu_server_is_called_by_its_name() -> None:
    (line,) = [line for line in examine(Patient("http://127.0.0.1:9", "")) if line.check == "kefu server"]
    assert line.detail.startswith("kefu server at http://127.0.0.1:9 does not answer")


def test_without_a_dify_doctor_checks_what_it_can(packages: tuple[Package, ...]) -> None:
    lines = examine(Patient("http://127.0.0.1:9", "", packages, ("kefu-fast",)))
    assert {line.check for line in lines} == {name for name, needs, _ in CHECKS if needs == "kefu"}
    assert all(line.fix for line in lines if line.status != "ok")
