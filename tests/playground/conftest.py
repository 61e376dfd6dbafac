"""One pair of plugin processes for all tests here: each takes two seconds to start and keeps no state."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))  # importlib mode: `contract_server` is a neighbour, not a package

from contract_server import Script, contract_server

from kefu.playground.plugins import Plugins


@pytest.fixture(scope="session")
def plugins() -> Iterator[Plugins]:
    with Plugins() as running:
        running.start()
        yield running


@pytest.fixture
def server() -> Iterator[Script]:
    with contract_server() as script:
        yield script
