"""The playground page in real Chromium, over the real server and both plugins."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "playground"))

from playwright.sync_api import Page, expect, sync_playwright
from shop_server import running, small_shop

CHROMIUM = next(
    (path for name in ("chromium", "chromium-browser", "google-chrome") if (path := shutil.which(name))), ""
)
expect.set_options(timeout=30_000)
pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not CHROMIUM, reason="no Chromium on this machine (apt install chromium)"),
]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    app, engine = small_shop(tmp_path_factory.mktemp("shop"))
    with running(app, engine.settings.port) as url:
        yield f"{url}/playground"
    if "kefu_playground" in app.extensions:
        app.extensions["kefu_playground"].close()
    engine.close()


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield chromium
        chromium.close()


@pytest.fixture
def page(browser: Any, site: str) -> Iterator[Page]:
    context = browser.new_context(locale="zh-CN")
    context.set_default_timeout(30_000)
    page = context.new_page()
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("console", lambda line: faults.append(line.text) if line.type == "error" else None)
    page.goto(site)
    expect(page.locator("#app option").first).to_be_attached()
    yield page
    context.close()
    assert faults == []


def test_a_conversation_shows_reply_nodes_time_and_calls(page: Page) -> None:
    """A person types a sentence and sees what Dify would show, with the walk beside it."""
    expect(page.locator("#messages .desk").first).to_contain_text("您好")
    page.fill("#query", "已下单，麻烦安排发货")
    page.press("#query", "Enter")
    expect(page.locator("#messages .desk").nth(1)).to_have_text("马上为您安排发货～")
    turn = page.locator(".turn").first
    expect(turn.locator("tr")).to_have_count(4)
    expect(turn.locator(".chip.free")).to_have_text("大模型 0 次")
    expect(turn.locator("tr").nth(1)).to_contain_text("理解并查询")
    expect(turn.locator("tr").nth(1)).to_contain_text("ms")
    expect(page.locator("#totals")).to_contain_text("0次大模型调用")


def test_another_app_starts_a_new_conversation(page: Page) -> None:
    """kefu-classic walks other nodes; a suggested question can be clicked."""
    page.select_option("#app", "kefu-classic")
    expect(page.locator("#messages li")).to_have_count(1)
    page.get_by_role("button", name="已下单，麻烦安排发货").click()
    expect(page.locator("#messages .desk").nth(1)).to_have_text("马上为您安排发货～")
    expect(page.locator(".turn tr").nth(1)).to_contain_text("规则回复")


def test_text_is_never_read_as_html(page: Page) -> None:
    """What a customer types is shown, not run."""
    page.fill("#query", "<img src=x onerror=alert(1)>发货")
    page.click("#send")
    expect(page.locator("#messages .customer")).to_have_text("<img src=x onerror=alert(1)>发货")
    expect(page.locator(".turn")).to_have_count(1)
    assert page.locator("#messages img, .turn img").count() == 0
