"""Doctor's checks of the kefu side: server, store, token, model, packages, apps, clock."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from kefu.core.intents.widening import widen
from kefu.core.text import first_few
from kefu.dify import packagecheck
from kefu.dify.console import clock_skew
from kefu.dify.dsl.check import check
from kefu.dify.dsl.document import AppDocument
from kefu.dify.dsl.nodes import DEFAULT_MODELS
from kefu.dify.dsl.render import render
from kefu.dify.dsl.source import app_names, load_app
from kefu.dify.dsl.versions import version_for
from kefu.dify.patient import Line, Patient, fail, ok, warn
from kefu.errors import KefuError

SKEW_SECONDS = 60.0
TITLE_SENTENCE = "请发货"


def server(patient: Patient) -> Line:
    try:
        answer = patient.server("GET", "/readyz")
    except KefuError as error:
        return fail(error.message, "Start it with ./kefu serve, or name it with --server.")
    if answer.status_code != 200:
        return fail(f"{patient.server_url} answers {answer.status_code} to /readyz", "See its log.")
    patient.found["server_date"] = answer.headers.get("date", "")
    return ok(f"{patient.server_url}, kefu {answer.json().get('kefu', '?')}")


def database(patient: Patient) -> Line:
    if patient.database is None:
        return warn("not looked at", "Run doctor where the store is, with --data DIR.")
    return ok(patient.database())


def stock(patient: Patient) -> Line:
    if patient.without_stock is None:
        return warn("not looked at", "Run doctor where the store is, with --data DIR.")
    if not (missing := patient.without_stock()):
        return ok("every SKU has a stock row")
    return warn(
        f"SKUs without any stock row, which are answered “库存暂不确定”: {len(missing)} ({first_few(missing, 5)})",
        "./kefu import stock FILE with a row for each, 0 where there is none.",
    )


def delivery(patient: Patient) -> Line:
    if patient.delivery_gaps is None:
        return warn("not looked at", "Run doctor where the store is, with --data DIR.")
    if gaps := patient.delivery_gaps():
        return warn(" ".join(gaps), "./kefu import delivery FILE with the rows that are missing.")
    return ok("delivery rows and stock name the same warehouses")


def devices(patient: Patient) -> Line:
    if patient.device_gaps is None:
        return warn("not looked at", "Run doctor where the store is, with --data DIR.")
    if gaps := patient.device_gaps():
        return warn(" ".join(gaps), "./kefu import compatibility FILE with what is said there.")
    return ok("no two devices are called alike, or their years tell them apart")


def names(patient: Patient) -> Line:
    if patient.naming_gaps is None:
        return warn("not looked at", "Run doctor where the store is, with --data DIR.")
    if gaps := patient.naming_gaps():
        return warn(" ".join(gaps), "./kefu import products FILE with better names and values.")
    return ok("no name or value of the goods is known to be misread")


def token(patient: Patient) -> Line:
    if not patient.token:
        return warn("no shop token given", "Set KEFU_TOKEN or --token-file to check with it (./kefu shop token NAME).")
    answer = patient.server("GET", "/v1/models")
    if answer.status_code == 401:
        return fail("the server does not know this token", "Make one: ./kefu shop token NAME, then ./kefu deploy.")
    return ok("opens a shop") if answer.status_code == 200 else fail(f"{answer.status_code}", "See the server's log.")


def model(patient: Patient) -> Line:
    """The local model answers in the form that Dify's classifier node accepts."""
    if not patient.token:
        return warn("not asked: no shop token", "Set KEFU_TOKEN or --token-file.")
    answer = patient.server("POST", "/v1/chat/completions", _classifier_question())
    if answer.status_code != 200:
        return fail(f"kefu-router answers {answer.status_code}: {answer.text[:200]}", "See the server's log.")
    text = answer.json()["choices"][0]["message"]["content"]
    if not _is_node_valid(text):
        return fail(f"kefu-router's answer is no node answer: {text[:80]}", "Train: ./kefu train --shop NAME.")
    return ok("kefu-router answers a classifier node in its form")


def _classifier_question() -> dict[str, Any]:
    """What the gateway knows Dify's classifier node by: the place for the memory, and the last message's form."""
    categories = [
        {"category_id": "other", "category_name": "其他/转人工"},
        {"category_id": "urge", "category_name": "催发货"},
    ]
    rows = json.dumps(categories, ensure_ascii=False)
    said = f'    {{"input_text": ["{TITLE_SENTENCE}"],\n    "categories": {rows},\n'
    text = f'{said}    "classification_instructions": [""]}}\n'
    messages = [{"role": "system", "content": "<histories>\n\n</histories>"}, {"role": "user", "content": text}]
    return {"model": DEFAULT_MODELS["router"], "messages": messages, "max_tokens": 64}


def _is_node_valid(text: str) -> bool:
    start, end = text.find("{"), text.rfind("}")
    try:
        value = json.loads(text[start : end + 1])
    except ValueError:
        return False
    return isinstance(value, dict) and {"category_id", "category_name"} <= value.keys()


def packages(patient: Patient) -> Line:
    if not patient.packages:
        return warn("not built", "Run doctor from the repository.")
    for package in patient.packages:
        report = packagecheck.check(package.data)
        if not report.installs:
            return fail(
                f"{package.name}: {report.findings[0]}", "Dify would refuse it; ./kefu package --check shows all."
            )
    return ok(", ".join(f"{package.name} {package.version}" for package in patient.packages))


def apps_check(patient: Patient) -> Line:
    version = patient.console.version if patient.console else ""
    row = version_for(".".join(version.split(".")[:2])) if version else None
    names = patient.apps or tuple(app_names())
    for name in names:
        fatal = [found for found in check(AppDocument.of(render(load_app(name), row))) if found.fatal]
        if fatal:
            return fail(f"{name}: {fatal[0].where}: {fatal[0].message}", "Correct it in dify_apps/src.")
    return ok(f"{len(names)} apps")


def classes(patient: Patient) -> Line:
    if patient.unmapped is None:
        return warn("not looked at", "Run doctor where the store is, with --data DIR.")
    texts = _class_texts(patient.apps or tuple(app_names()))
    lost = sorted(patient.unmapped(texts))
    if lost == sorted(text for text in texts if "其他" not in text):
        return warn(
            "the shop has no intent for any class",
            "./kefu shop starter NAME gives it the general ones; ./kefu import intents FILE your own.",
        )
    if lost:
        return warn(
            f"stand for no intent of the shop: {'、'.join(lost)}",
            "Name the class like an intent, give the intent that alias, or list its intents in the node's instruction.",
        )
    return ok(f"{len(texts)} class texts")


def _class_texts(names: Sequence[str]) -> list[str]:
    nodes = [node for name in names for node in load_app(name).nodes if node.kind == "classifier"]
    texts = (
        widen(str(row["name"]), str(node.words.get("instruction", "")))
        for node in nodes
        for row in node.words["classes"].values()
    )
    return list(dict.fromkeys(texts))


def clock(patient: Patient) -> Line:
    skews = {name: clock_skew(date) for name in ("kefu",) if (date := patient.found.get("server_date"))}
    if patient.console is not None and patient.console.version:
        skews["Dify"] = patient.console.skew
    far = [f"{name} {seconds:+.0f} s" for name, seconds in skews.items() if abs(seconds) > SKEW_SECONDS]
    if far:
        return warn(", ".join(far), "Set the clocks by NTP: delivery promises and stock ages depend on them.")
    return ok(f"{' and '.join(skews)}: as here") if skews else warn("unknown", "The server did not answer.")
