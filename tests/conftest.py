"""Every test has a fresh home, a clean environment and a database of its own."""

from __future__ import annotations

import fcntl
import os
import pwd
import shutil
import subprocess
import tempfile
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
from hypothesis import settings

from kefu.clock import make_clock
from kefu.demo.install import ensure_sample_shop
from kefu.engine import Engine
from kefu.jobs.training import ensure_model
from kefu.settings import load_settings
from kefu.store.db import Database
from kefu.store.shops import Shop, create_shop, find_shop

settings.register_profile("the same every time", derandomize=True)
settings.load_profile("the same every time")  # `--hypothesis-profile default` tries others each time

NOW = "2026-11-20T14:00:00+08:00"
"""A Friday afternoon: the moment at which the sample conversations take place."""


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in [name for name in os.environ if name.startswith("KEFU_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path))


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated, empty SQLite file to copy: migrating takes longer than most tests."""
    path = tmp_path_factory.mktemp("template") / "kefu.sqlite"
    database = Database(f"sqlite:///{path}")
    database.migrate()
    database.close()
    return path


@pytest.fixture
def sqlite_database(tmp_path: Path, migrated_file: Path) -> Iterator[Database]:
    """A migrated SQLite database in a real file."""
    path = tmp_path / "kefu.sqlite"
    shutil.copy(migrated_file, path)
    database = Database(f"sqlite:///{path}")
    yield database
    database.close()


@pytest.fixture
def db(sqlite_database: Database) -> Database:
    """The database of a test that is about something else; `tests/store` asks both engines."""
    return sqlite_database


@pytest.fixture(scope="session")
def postgres_address() -> Iterator[str]:
    """A private PostgreSQL on a Unix socket in a folder of its own, gone at the end; holds a migrated ``template``."""
    programs = max(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name), default=None)
    if programs is None:
        pytest.skip("no PostgreSQL server programs in /usr/lib/postgresql; install the package `postgresql`")
    memory = Path("/dev/shm")  # a new database is 300 files: 20 ms there, 300 ms on a disk that is busy
    roomy = os.access(memory, os.W_OK) and shutil.disk_usage(memory).free > 1 << 30
    folder = Path(tempfile.mkdtemp(prefix="kefu-pg-", dir=memory if roomy else None))
    user = pwd.getpwnam("postgres").pw_name if os.geteuid() == 0 else None  # it refuses to run as root
    if user:
        shutil.chown(folder, user)
    data, address = folder / "data", f"postgresql://kefu@/{{}}?host={folder}"
    make = (programs / "initdb", "-D", data, "-U", "kefu", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync")
    options = f"-c listen_addresses= -c unix_socket_directories={folder} -c fsync=off -c full_page_writes=off"
    control = (programs / "pg_ctl", "-D", data, "-l", folder / "log", "-w")
    try:
        subprocess.run(make, user=user, cwd=folder, check=True, stdout=subprocess.DEVNULL)
        subprocess.run((*control, "-o", options, "start"), user=user, cwd=folder, check=True, stdout=subprocess.DEVNULL)
        with psycopg.connect(address.format("postgres"), autocommit=True) as connection:
            connection.execute("CREATE DATABASE template")
        template = Database(_sqlalchemy_url(address, "template"))
        template.migrate()
        template.close()
        yield address
    finally:
        subprocess.run((*control, "-m", "immediate", "stop"), user=user, cwd=folder, stdout=subprocess.DEVNULL)
        shutil.rmtree(folder)


def _sqlalchemy_url(address: str, database: str) -> str:
    return address.format(database).replace("postgresql:", "postgresql+psycopg:", 1)


@pytest.fixture
def postgres_database(postgres_address: str) -> Iterator[Database]:
    """A migrated PostgreSQL database of the test's own."""
    name = f"test_{uuid.uuid4().hex}"
    with psycopg.connect(postgres_address.format("postgres"), autocommit=True) as server:
        server.execute(f"CREATE DATABASE {name} TEMPLATE template STRATEGY FILE_COPY")
        database = Database(_sqlalchemy_url(postgres_address, name))
        yield database
        database.close()
        server.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def shop(db: Database) -> Shop:
    with db.write() as connection:
        return create_shop(connection, "demo")


@pytest.fixture(scope="session")
def imported_file(tmp_path_factory: pytest.TempPathFactory, migrated_file: Path) -> Path:
    """The sample shop as it is imported, with no model trained: half a second instead of twenty."""

    def build(database: Database) -> None:
        ensure_sample_shop(database)

    return built_once(tmp_path_factory, "imported.sqlite", migrated_file, build)


@pytest.fixture(scope="session")
def sample_file(tmp_path_factory: pytest.TempPathFactory, imported_file: Path) -> Path:
    """The sample shop with its trained intents."""

    def build(database: Database) -> None:
        with database.read() as connection:
            shop = find_shop(connection, "demo")
        ensure_model(database, shop.id, lambda _: None)

    return built_once(tmp_path_factory, "sample.sqlite", imported_file, build)


def built_once(factory: pytest.TempPathFactory, name: str, template: Path, build: Callable[[Database], None]) -> Path:
    """A copy of ``template`` with something built into it: once for all worker processes of this run."""
    base = factory.getbasetemp()
    folder = base.parent if os.environ.get("PYTEST_XDIST_WORKER") else base
    path = folder / name
    with (folder / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not path.exists():
            building = folder / f"building-{name}"
            shutil.copy(template, building)
            database = Database(f"sqlite:///{building}")
            build(database)
            database.close()
            building.rename(path)
    return path


@pytest.fixture
def sample_db(tmp_path: Path, sample_file: Path) -> Iterator[Database]:
    """The sample shop in a database of the test's own."""
    path = tmp_path / "kefu.sqlite"
    shutil.copy(sample_file, path)
    database = Database(f"sqlite:///{path}")
    yield database
    database.close()


@pytest.fixture
def sample_shop(sample_db: Database) -> Shop:
    with sample_db.read() as connection:
        return find_shop(connection, "demo")


@pytest.fixture
def sample_engine(sample_db: Database, tmp_path: Path) -> Iterator[Engine]:
    """An engine over the sample shop whose clock stands at ``NOW``."""
    settings = load_settings({}, data_dir=str(tmp_path), now=NOW)
    engine = Engine(sample_db, settings, make_clock(settings))
    yield engine
    engine.snapshots.close()
