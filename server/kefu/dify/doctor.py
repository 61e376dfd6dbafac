"""What is wrong between Dify and the kefu server: one table of checks, each line with what to do."""

from __future__ import annotations

from collections.abc import Callable

from kefu.dify import checks_dify, checks_kefu
from kefu.dify.patient import Line, Patient, fail
from kefu.errors import KefuError

Check = Callable[[Patient], Line]


def examine(patient: Patient, *, every: Callable[[Line], None] = lambda line: None) -> list[Line]:
    """All lines, in the order of CHECKS; those of Dify are left out without one, or stop where nobody gets in."""
    lines: list[Line] = []
    for name, needs, function in CHECKS:
        if needs != "kefu" and patient.console is None:
            continue
        if needs == "workspace" and "workspace" not in patient.found:
            continue
        try:
            line = function(patient)
        except KefuError as error:
            line = fail(error.message, error.hint)
        line = Line(name, line.status, line.detail, line.fix)
        lines.append(line)
        every(line)
    return lines


CHECKS: tuple[tuple[str, str, Check], ...] = (
    ("kefu server", "kefu", checks_kefu.server),
    ("database", "kefu", checks_kefu.database),
    ("stock", "kefu", checks_kefu.stock),
    ("delivery", "kefu", checks_kefu.delivery),
    ("devices", "kefu", checks_kefu.devices),
    ("names", "kefu", checks_kefu.names),
    ("shop token", "kefu", checks_kefu.token),
    ("local model", "kefu", checks_kefu.model),
    ("plugin packages", "kefu", checks_kefu.packages),
    ("Dify", "dify", checks_dify.dify),
    ("DSL version", "dify", checks_dify.dsl_version),
    ("apps (dsl check)", "kefu", checks_kefu.apps_check),
    ("classifier classes", "kefu", checks_kefu.classes),
    ("clock", "kefu", checks_kefu.clock),
    ("account", "dify", checks_dify.sign_in),
    ("plugin daemon", "workspace", checks_dify.daemon),
    ("signature setting", "workspace", checks_dify.signature),
    ("plugins installed", "workspace", checks_dify.installed),
    ("offline install", "workspace", checks_dify.offline),
    ("tool credentials, from the plugin", "workspace", checks_dify.tool_credential),
    ("model credentials, from the plugin", "workspace", checks_dify.model_credential),
    ("models in Dify", "workspace", checks_dify.models),
    ("datasets", "workspace", checks_dify.dataset_rows),
    ("knowledge through Dify", "workspace", checks_dify.knowledge),
    ("apps published", "workspace", checks_dify.published),
)
"""Name, what it needs (kefu alone, a reachable Dify, a workspace), function. To add one: a function and a line."""
