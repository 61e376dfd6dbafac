"""A deployment against a Dify that behaves as recorded: once, twice, broken in the middle, without rights."""

from __future__ import annotations

import shutil
import stat
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from kefu.core.prober import PROBER
from kefu.dify.console import Account, AdminKey, Console, make_first_admin, setup_finished
from kefu.dify.deploy import Line, Outcome, Run, Wanted, deploy, roll_back
from kefu.dify.dsl.dataset_ids import encrypted
from kefu.dify.package import Package, identifier
from kefu.dify.state import State
from kefu.dify.undeploy import undeploy
from kefu.errors import BadInput, Conflict, Forbidden, KefuError, Unauthorized, Unavailable

ACCOUNT = Account("admin@example.com", "Kefu12345678")
TOKEN = "kefu-token-for-these-tests"


class Deployment:
    """Runs deployments into one Dify with one state folder, and keeps what was said."""

    def __init__(self, dify: Any, folder: Path, packages: tuple[Package, ...]) -> None:
        self.dify, self.folder = dify, folder
        self.tokens = 0
        self.lines: list[Line] = []
        self.traced: list[str] = []
        self.paused: list[float] = []
        self.wanted = Wanted("http://kefu:8790", self._token, packages, apps=("kefu-fast", "kefu-classic"))

    def _token(self) -> str:
        self.tokens += 1
        return TOKEN

    def state(self, **options: Any) -> State:
        return State.load(self.folder, self.dify.url, **options)

    def __call__(self, way: Any = ACCOUNT, *, dry_run: bool = False, **changes: Any) -> Outcome:
        self.lines.clear()
        self.dify.calls.clear()
        with Console(self.dify.url, dry_run=dry_run, trace=self.traced.append, pause=lambda _: None) as console:
            run = self.open(console, way, dry_run, **changes)
            return deploy(run, self.workspace)

    def open(self, console: Console, way: Any, dry_run: bool = False, **changes: Any) -> Run:
        self.workspace = console.open(way)
        wanted = replace(self.wanted, **changes)
        state = self.state(keep=not dry_run)
        return Run(console, state, wanted, self.lines.append, pause=self.paused.append)

    def happened(self, word: str) -> list[str]:
        return [line.what for line in self.lines if line.happened == word]


@pytest.fixture
def deployment(dify: Any, tmp_path: Path, packages: tuple[Package, ...]) -> Deployment:
    return Deployment(dify, tmp_path / "state", packages)


def other(package: Package) -> Package:
    """The same plugin with another checksum, as a new build has."""
    from kefu.dify import archive

    files = {**archive.read(package.data, limit=50_000_000).files, "NEWS.md": b"changed"}
    data = archive.pack(files)
    return replace(package, identifier=identifier(data), data=data)


def test_a_bare_dify_gets_everything_and_each_branch_is_talked_to(deployment: Deployment, dify: Any) -> None:
    outcome = deployment()
    assert outcome.changed
    assert outcome.works
    assert set(dify.installed) == {"kefu/kefu-tools", "kefu/kefu-models"}
    assert dify.tool_credentials[0]["credentials"] == {"server_url": "http://kefu:8790", "token": TOKEN}
    assert dify.model_credentials[0]["credentials"]["endpoint_url"] == "http://kefu:8790/v1"
    assert dify.default_model["model"] == "kefu-local"
    assert {row["name"] for row in dify.datasets} == {"kefu 售后知识", "kefu 产品使用知识"}
    assert all(row["published"] for row in dify.apps.values())
    assert len(dify.said) == len(outcome.checks) == 10
    assert dify.speakers == {PROBER}
    assert all(link.site.startswith("http://dify.test/chat/") for link in outcome.links)


def test_a_workflow_has_a_page_of_its_own_kind(deployment: Deployment) -> None:
    (link,) = deployment(apps=("kefu-stock-workflow",)).links
    assert link.site.startswith("http://dify.test/workflow/")


def test_real_dataset_ids_are_filled_into_the_app(deployment: Deployment, dify: Any) -> None:
    deployment()
    made = {row["id"] for row in dify.datasets}
    classic = next(row for row in dify.apps.values() if "经典" in row["name"])
    nodes = classic["draft"]["workflow"]["graph"]["nodes"]
    used = {one for node in nodes for one in node["data"].get("dataset_ids", ())}
    assert used == made


def test_a_second_run_changes_nothing_and_says_so(deployment: Deployment, dify: Any) -> None:
    deployment()
    outcome = deployment()
    assert not outcome.changed
    assert dify.writes() == []
    assert deployment.happened("made") == deployment.happened("changed") == []
    assert deployment.tokens == 1


def test_a_dry_run_names_each_call_and_makes_none(deployment: Deployment, dify: Any) -> None:
    deployment(dry_run=True)
    assert dify.writes() == []
    assert not deployment.state().path.exists()
    text = "\n".join(deployment.traced)
    for call in (
        "/plugin/install/pkg",
        "/add ",
        "/datasets/external ",
        "/apps/imports",
        "/publish",
        "/default-model",
        "/api-keys",
    ):
        assert call in text


def test_a_dry_run_waits_for_nothing_and_names_each_package_once(deployment: Deployment) -> None:
    deployment(dry_run=True)
    assert deployment.paused == []
    for call in ("/plugin/upload/pkg", "/plugin/install/pkg"):
        assert len([line for line in deployment.traced if call in line]) == 2, deployment.traced


def test_a_dry_run_of_an_upgrade_names_it_once_and_touches_nothing(
    deployment: Deployment, dify: Any, packages: tuple[Package, ...]
) -> None:
    deployment()
    deployment.traced.clear()
    deployment.paused.clear()
    deployment(dry_run=True, packages=(packages[0], other(packages[1])))
    assert deployment.paused == dify.writes() == []
    for call in ("/plugin/upload/pkg", "/plugin/uninstall", "/plugin/install/pkg"):
        assert len([line for line in deployment.traced if call in line]) == 1, deployment.traced


def test_no_secret_is_traced_or_kept(deployment: Deployment) -> None:
    deployment()
    kept = deployment.state().path
    assert TOKEN not in "\n".join(deployment.traced)
    assert ACCOUNT.password not in "\n".join(deployment.traced)
    assert TOKEN not in kept.read_text()
    assert "app-" not in kept.read_text()
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert ACCOUNT.password not in repr(ACCOUNT)


BREAKS = ["/plugin/install/pkg", "/add", "/models/", "/datasets/external", "/apps/imports", "/publish", "/api-keys"]


@pytest.mark.parametrize("call", [*BREAKS, "/default-model", "/external-knowledge-api", "POST /v1/chat-messages"])
def test_a_run_that_broke_is_continued_by_the_next(deployment: Deployment, dify: Any, fake: Any, call: str) -> None:
    dify.faults.append(fake.Fault(call, 500, times=9))
    if call != "/models/":
        with pytest.raises(Unavailable):
            deployment()
    dify.faults.clear()
    assert deployment().works
    assert len(dify.apps) == 2
    assert len(dify.datasets) == 2
    assert len(dify.knowledge_apis) == len(dify.tool_credentials) == len(dify.model_credentials) == 1
    assert not deployment().changed


def test_a_lost_session_in_the_middle_is_renewed(deployment: Deployment, dify: Any, fake: Any) -> None:
    dify.faults.append(fake.Fault("POST /apps/imports", 401, body={"code": "unauthorized", "message": "expired"}))
    assert deployment().works
    assert "POST /refresh-token" in dify.calls


def test_a_dead_refresh_cookie_means_the_password_again(deployment: Deployment, dify: Any, fake: Any) -> None:
    gone = {"code": "unauthorized", "message": "expired"}
    dify.faults += [fake.Fault("POST /apps/imports", 401, body=gone), fake.Fault("/refresh-token", 401, body=gone)]
    assert deployment().works
    assert dify.calls.count("POST /login") == 2


def test_one_500_on_a_call_that_may_be_repeated_is_not_noticed(deployment: Deployment, dify: Any, fake: Any) -> None:
    dify.faults += [fake.Fault("/plugin/list", 500), fake.Fault("/publish", 500), fake.Fault("/plugin/upload/pkg", 500)]
    assert deployment().works


@pytest.mark.parametrize(
    "error",
    [
        "failed to create virtual environment: dns error",
        "failed to install dependencies: exit status 1, output: invalid peer certificate: UnknownIssuer",
        "failed to install dependencies: killed, output: init process exited due to no activity for 120 seconds",
    ],
)
def test_an_install_task_that_got_no_packages_names_the_index_and_the_certificate(
    deployment: Deployment, dify: Any, error: str
) -> None:
    dify.task_fails, dify.task_error = "kefu-tools", error
    with pytest.raises(Unavailable) as caught:
        deployment()
    assert error in caught.value.message
    assert "--offline" in caught.value.hint
    assert "certificate" in caught.value.hint


def test_another_fault_of_an_install_task_is_not_blamed_on_the_network(deployment: Deployment, dify: Any) -> None:
    dify.task_fails, dify.task_error = "kefu-tools", "no available node, plugin not found"
    with pytest.raises(Unavailable) as caught:
        deployment()
    assert "plugin_daemon container's log" in caught.value.hint
    assert "--offline" not in caught.value.hint


def test_a_daemon_that_cannot_read_its_own_dify_is_named(deployment: Deployment, dify: Any) -> None:
    """Dify 1.13.3 with the daemon of its compose file answers 500 to every local package."""
    dify.daemon_misreads, dify.version = True, "1.13.3"
    with pytest.raises(Unavailable) as caught:
        deployment()
    assert "dify-plugin-daemon:0.5.5" in caught.value.hint
    dify.version = "1.14.2"
    with pytest.raises(Unavailable) as other:
        deployment()
    assert "dify-plugin-daemon:0.5.5" not in other.value.hint


def test_a_slow_install_is_waited_for(deployment: Deployment, dify: Any) -> None:
    dify.task_polls = 40
    assert deployment().works


def test_what_installs_at_once_while_the_daemon_still_stops_it_is_installed_again(
    deployment: Deployment, dify: Any
) -> None:
    dify.task_polls = 0
    assert deployment().works
    assert dify.calls.count("POST /workspaces/current/plugin/install/pkg") == 4
    assert dify.calls.count("POST /workspaces/current/plugin/uninstall") == 2
    assert set(dify.installed) == {"kefu/kefu-tools", "kefu/kefu-models"}


def test_an_endless_install_ends_with_words(deployment: Deployment, dify: Any) -> None:
    dify.task_polls = 10**6
    with pytest.raises(Unavailable, match="still installing"):
        deployment()


def test_an_upgrade_replaces_only_the_plugin_that_differs(
    deployment: Deployment, dify: Any, packages: tuple[Package, ...]
) -> None:
    deployment()
    before = dify.installed["kefu/kefu-tools"]["plugin_unique_identifier"]
    newer = other(packages[1])
    deployment(packages=(packages[0], newer))
    assert dify.installed["kefu/kefu-tools"]["plugin_unique_identifier"] == before
    assert dify.installed["kefu/kefu-models"]["plugin_unique_identifier"] == newer.identifier
    assert dify.calls.count("POST /workspaces/current/plugin/uninstall") == 1
    assert dify.model_credentials[0]["credentials"]["api_key"] == TOKEN
    assert deployment.tokens == 1


def test_an_upgrade_that_does_not_install_puts_the_old_one_back(
    deployment: Deployment, dify: Any, packages: tuple[Package, ...]
) -> None:
    deployment()
    newer = other(packages[0])
    dify.task_fails = newer.identifier
    with pytest.raises(Unavailable):
        deployment(packages=(newer, packages[1]))
    assert dify.installed["kefu/kefu-tools"]["plugin_unique_identifier"] == packages[0].identifier


def test_roll_back_restores_plugins_and_apps(deployment: Deployment, dify: Any, packages: tuple[Package, ...]) -> None:
    deployment()
    deployment(packages=(other(packages[0]), packages[1]), models={"answer": "kefu"})
    with Console(dify.url, pause=lambda _: None) as console:
        assert roll_back(deployment.open(console, ACCOUNT))
    assert dify.installed["kefu/kefu-tools"]["plugin_unique_identifier"] == packages[0].identifier
    fast = next(row for row in dify.apps.values() if "快速" in row["name"])
    compose = next(node for node in fast["published"]["workflow"]["graph"]["nodes"] if node["id"] == "compose")
    assert compose["data"]["model"]["name"] == "kefu-local"


def test_a_plugin_that_another_folder_installed_can_be_gone_back_to(
    deployment: Deployment, dify: Any, packages: tuple[Package, ...]
) -> None:
    deployment()
    shutil.rmtree(deployment.state().folder)  # another machine: this one has installed nothing
    deployment()
    deployment(packages=(other(packages[0]), packages[1]))
    with Console(dify.url, pause=lambda _: None) as console:
        assert roll_back(deployment.open(console, ACCOUNT))
    assert dify.installed["kefu/kefu-tools"]["plugin_unique_identifier"] == packages[0].identifier


def test_a_version_that_is_kept_nowhere_is_named(
    deployment: Deployment, dify: Any, packages: tuple[Package, ...]
) -> None:
    deployment()
    deployment(packages=(other(packages[0]), packages[1]))
    for kept in deployment.state().folder.rglob("*.difypkg"):
        kept.unlink()
    with Console(dify.url, pause=lambda _: None) as console:
        run = deployment.open(console, ACCOUNT)
        roll_back(run)
    assert "plugin kefu/kefu-tools" in deployment.happened("warned")


def test_an_update_whose_conversations_fail_is_taken_back(deployment: Deployment, dify: Any) -> None:
    deployment()
    dify.chat_error = "Provider kefu does not exist."
    outcome = deployment(models={"answer": "kefu"})
    assert not outcome.works
    assert {"app 电商客服（快速版）", "app 电商客服（经典版）"} <= set(deployment.happened("failed"))
    for row in dify.apps.values():
        names = {
            node["data"]["model"]["name"]
            for node in row["published"]["workflow"]["graph"]["nodes"]
            if "model" in node["data"]
        }
        assert "kefu" not in names


def test_an_app_changed_by_hand_is_kept_in_a_file_and_corrected(deployment: Deployment, dify: Any) -> None:
    deployment()
    app_id, row = next((key, row) for key, row in dify.apps.items() if "快速" in row["name"])
    row["draft"]["app"]["description"] = "我改过"
    deployment()
    assert deployment.happened("changed") == ["app 电商客服（快速版）"]
    assert "我改过" in (deployment.state().folder / "kefu-fast.yml").read_text()
    assert dify.apps[app_id]["draft"]["app"]["description"] != "我改过"


def test_another_server_address_reaches_all_three_places(deployment: Deployment, dify: Any) -> None:
    deployment()
    deployment(server_url="http://other:9000")
    assert dify.tool_credentials[0]["credentials"]["server_url"] == "http://other:9000"
    assert dify.model_credentials[0]["credentials"]["endpoint_url"] == "http://other:9000/v1"
    assert dify.knowledge_apis[0]["settings"]["endpoint"] == "http://other:9000"


def test_a_default_model_that_is_there_stays_unless_asked(deployment: Deployment, dify: Any) -> None:
    dify.default_model = {"provider": "them/x/x", "model": "big"}
    deployment()
    assert dify.default_model["model"] == "big"
    deployment(take_default_model=True)
    assert dify.default_model["model"] == "kefu-local"


def test_undeploy_removes_what_was_made_and_nothing_else(deployment: Deployment, dify: Any) -> None:
    dify.default_model = {"provider": "them/x/x", "model": "big"}
    dify.datasets.append({"id": "theirs", "name": "theirs", "provider": "vendor"})
    dify.apps["theirs"] = {"name": "别人的", "mode": "advanced-chat", "draft": {}, "published": None, "keys": []}
    deployment(take_default_model=True)
    lines: list[Line] = []
    with Console(dify.url, pause=lambda _: None) as console:
        console.open(ACCOUNT)
        removed = undeploy(console, deployment.state(), lines.append)
    assert removed == len(lines)
    assert not [line for line in lines if line.happened == "failed"]
    assert list(dify.apps) == ["theirs"]
    assert [row["id"] for row in dify.datasets] == ["theirs"]
    assert not dify.installed
    assert not dify.knowledge_apis
    assert not dify.tool_credentials
    assert not dify.model_credentials
    assert dify.default_model["model"] == "big"
    assert deployment.state().made == {}


def test_undeploy_leaves_an_adopted_app_alone(deployment: Deployment, dify: Any) -> None:
    deployment()
    deployment.state().path.unlink()
    deployment()
    with Console(dify.url, pause=lambda _: None) as console:
        console.open(ACCOUNT)
        undeploy(console, deployment.state(), lambda line: None)
    assert len(dify.apps) == 2


def test_the_admin_key_works_without_a_password(deployment: Deployment, dify: Any, fake: Any) -> None:
    assert deployment(AdminKey(fake.ADMIN_KEY)).works
    assert not deployment(AdminKey(fake.ADMIN_KEY, "w1")).changed


def test_a_wrong_password_says_so_and_tries_once(deployment: Deployment, dify: Any) -> None:
    with pytest.raises(Unauthorized, match="e-mail and password"):
        deployment(Account(ACCOUNT.email, "wrong-1234"))
    assert dify.calls.count("POST /login") == 1


def test_missing_rights_are_named(deployment: Deployment, dify: Any) -> None:
    dify.role = "editor"
    with pytest.raises(Forbidden) as caught:
        deployment()
    assert "owner or admin" in caught.value.hint


def test_a_refused_signature_names_both_settings(deployment: Deployment, dify: Any) -> None:
    dify.signature_forced = True
    with pytest.raises(BadInput) as caught:
        deployment()
    assert "FORCE_VERIFYING_SIGNATURE" in caught.value.hint
    assert "down && docker compose up" in caught.value.hint


def test_a_server_that_the_plugin_cannot_reach_is_explained(deployment: Deployment, dify: Any) -> None:
    dify.server_reachable = False
    with pytest.raises(BadInput, match="The kefu server does not answer") as caught:
        deployment()
    assert "container" in caught.value.hint


def test_a_new_dify_gets_its_first_account_when_asked(dify: Any, deployment: Deployment) -> None:
    dify.set_up = False
    with pytest.raises(Conflict, match="no first account"):
        deployment()
    with Console(dify.url, pause=lambda _: None) as console:
        assert not setup_finished(console)
        make_first_admin(console, ACCOUNT)
    assert deployment().works


@pytest.mark.parametrize("password", ["short1", "onlyletters", "1234567890"])
def test_a_password_that_dify_would_refuse_is_refused_here(dify: Any, password: str) -> None:
    dify.set_up = False
    with Console(dify.url) as console, pytest.raises(BadInput, match="longer password"):
        make_first_admin(console, Account("a@example.com", password))


def test_a_dify_that_is_too_old_is_refused(deployment: Deployment, dify: Any) -> None:
    dify.version = "1.3.1"
    with pytest.raises(BadInput, match="older than our apps support"):
        deployment()


def test_a_dify_before_1_9_gets_what_it_understands(deployment: Deployment, dify: Any) -> None:
    """A session in the answer, a workspace by GET, dataset ids as its own export writes them (seen on 1.4.2)."""
    dify.version = "1.8.1"
    assert deployment(apps=("kefu-classic",)).works
    (app,) = dify.apps.values()
    knowledge = [node["data"] for node in app["draft"]["workflow"]["graph"]["nodes"] if "dataset_ids" in node["data"]]
    assert knowledge
    assert all(data["dataset_ids"] for data in knowledge)
    assert not deployment(apps=("kefu-classic",)).changed


def test_dataset_ids_are_encrypted_as_dify_does() -> None:
    """The text was made by the encryption library of Dify 1.4.2, with its key and vector."""
    text = "lVPUdsEE9E+rFQZ0Gz7JNV7n0HwJdH8hyktZNcPdPHHCVg9+O6rYGBui/fFUxhnc"
    assert encrypted("11111111-2222-4333-8444-555555555555", "0f0e0d0c-0b0a-4908-8706-050403020100") == text


def test_nobody_at_the_address_is_one_clear_error(free_address: str) -> None:
    with Console(free_address, pause=lambda _: None) as console, pytest.raises(Unavailable, match="does not answer"):
        console.open(ACCOUNT)


@pytest.fixture
def free_address() -> str:
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{probe.getsockname()[1]}"


@pytest.mark.parametrize("url", ["", "dify.example", "ftp://x"])
def test_an_address_that_is_none_is_refused(url: str) -> None:
    with pytest.raises(BadInput):
        Console(url)


def test_a_damaged_state_file_is_named(dify: Any, tmp_path: Path) -> None:
    state = State.load(tmp_path, dify.url)
    state.save()
    state.path.write_text("{")
    with pytest.raises(KefuError, match="damaged"):
        State.load(tmp_path, dify.url)


def test_printed_lines_know_every_word(deployment: Deployment) -> None:
    from kefu.cli.deploy import MARKS

    deployment()
    assert {line.happened for line in deployment.lines} <= set(MARKS)
