"""A real Dify: deploy, talk through both ways of its API, upgrade, undeploy. `./kefu test --dify URL` runs it.

Needs KEFU_DIFY_EMAIL and KEFU_DIFY_PASSWORD (or KEFU_DIFY_ADMIN_KEY) of an owner, and KEFU_TEST_SERVER with KEFU_TOKEN:
a kefu server with the sample shop, as Dify reaches it. KEFU_TEST_SANDBOX=1 takes the Code-node lesson in. The
environment is read at import: tests run in a clean one.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from kefu.dify import apps, archive, plugins
from kefu.dify.console import Account, AdminKey, Console, Workspace
from kefu.dify.deploy import Line, Outcome, Run, Wanted, deploy, roll_back
from kefu.dify.doctor import examine
from kefu.dify.dsl.compare import differences
from kefu.dify.dsl.source import load_app
from kefu.dify.package import Package, identifier
from kefu.dify.patient import Patient
from kefu.dify.probes import PROBES
from kefu.dify.service import ServiceApi
from kefu.dify.state import State
from kefu.dify.undeploy import undeploy

URL = os.environ.get("KEFU_TEST_DIFY", "")
SERVER = os.environ.get("KEFU_TEST_SERVER", "http://127.0.0.1:8790")
TOKEN = os.environ.get("KEFU_TOKEN", "")
ADMIN_KEY = os.environ.get("KEFU_DIFY_ADMIN_KEY", "")
WAY = (
    AdminKey(ADMIN_KEY)
    if ADMIN_KEY
    else Account(os.environ.get("KEFU_DIFY_EMAIL", ""), os.environ.get("KEFU_DIFY_PASSWORD", ""))
)
SANDBOX = bool(os.environ.get("KEFU_TEST_SANDBOX"))
NAMES = tuple(name for name in PROBES if SANDBOX or name != "lesson-2-urge-code")
"""The Code-node lesson needs Dify's sandbox, which a Dify without Docker may lack."""

pytestmark = [pytest.mark.dify, pytest.mark.skipif(not URL, reason="needs KEFU_TEST_DIFY")]


class Site:
    """The Dify under test, one state for the whole file."""

    def __init__(self, folder: Path, packages: tuple[Package, ...]) -> None:
        self.folder = folder
        self.console = Console(URL)
        self.workspace: Workspace = self.console.open(WAY)
        self.wanted = Wanted(SERVER, lambda: TOKEN, packages, apps=NAMES, token_given=TOKEN)
        self.lines: list[Line] = []

    def run(self, **changes: object) -> Run:
        self.lines.clear()
        state = State.load(self.folder, self.console.url)
        return Run(self.console, state, replace(self.wanted, **changes), self.lines.append)

    def deploy(self, **changes: object) -> Outcome:
        return deploy(self.run(**changes), self.workspace)

    def app(self, slug: str) -> tuple[str, str]:
        """App id and key."""
        source = load_app(slug)
        app_id = apps.find_app(self.console, source.name, source.mode)
        return app_id, apps.api_key(self.console, app_id)[1]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, packages: tuple[Package, ...]) -> Iterator[Site]:
    place = Site(tmp_path_factory.mktemp("state"), packages)
    with place.console:
        yield place


def test_a_deployment_works_in_every_branch(site: Site) -> None:
    outcome = site.deploy(always_converse=True)
    assert [(row.app, row.probe.branch, row.turn.error) for row in outcome.checks if not row.works] == []
    assert [(row.app, row.probe.branch, row.path) for row in outcome.checks if not row.reached] == []
    assert {row.app for row in outcome.checks} == set(NAMES)


def test_the_second_deployment_changes_nothing(site: Site) -> None:
    assert not site.deploy().changed
    assert {line.happened for line in site.lines} == {"kept"}


@pytest.mark.parametrize("slug", ["kefu-fast", "kefu-classic"])
def test_blocking_and_streaming_say_the_same(site: Site, slug: str) -> None:
    _, key = site.app(slug)
    with ServiceApi(URL, key) as api:
        streamed = api.chat_streaming("已下单，麻烦安排发货", user="real-stream")
        blocked = api.chat("已下单，麻烦安排发货", user="real-block")
        time.sleep(1.2)  # Dify orders messages by whole seconds
        second = api.chat("转人工", user="real-block", conversation_id=blocked.conversation_id)
    for turn in (streamed, blocked, second):
        assert not turn.error
        assert turn.answer.strip()
    assert second.conversation_id == blocked.conversation_id


def test_a_round_trip_through_dify_changes_nothing_that_matters(site: Site) -> None:
    import yaml

    for slug in NAMES:
        app_id, _ = site.app(slug)
        first = yaml.safe_load(apps.export_app(site.console, app_id))
        apps.import_app(site.console, yaml.safe_dump(first, allow_unicode=True), app_id)
        again = yaml.safe_load(apps.export_app(site.console, app_id))
        assert differences(first, again) == []


def test_doctor_finds_nothing_broken(site: Site, packages: tuple[Package, ...]) -> None:
    state = State.load(site.folder, site.console.url)
    patient = Patient(SERVER, TOKEN, packages, console=site.console, sign_in=lambda: site.workspace, state=state)
    assert [line for line in examine(patient) if line.status == "fail"] == []


def test_an_upgrade_and_the_way_back(site: Site, packages: tuple[Package, ...]) -> None:
    files = {**archive.read(packages[0].data, limit=50_000_000).files, "NEWS.md": b"an upgrade"}
    data = archive.pack(files)
    newer = replace(packages[0], data=data, identifier=identifier(data))
    outcome = site.deploy(packages=(newer, packages[1]), apps=("kefu-fast",))
    assert outcome.works
    assert plugins.installed_plugins(site.console)["kefu/kefu-tools"].identifier == newer.identifier
    assert roll_back(site.run())
    assert plugins.installed_plugins(site.console)["kefu/kefu-tools"].identifier == packages[0].identifier
    assert site.deploy(apps=("kefu-fast",), always_converse=True).works


def test_undeploy_leaves_nothing_of_ours(site: Site) -> None:
    state = State.load(site.folder, site.console.url)
    made = set(state.made)
    undeploy(site.console, state, site.lines.append)
    assert not [line for line in site.lines if line.happened == "failed"]
    if any(name.startswith("plugin:") for name in made):
        assert "kefu/kefu-tools" not in plugins.installed_plugins(site.console)
    assert state.made == {}
