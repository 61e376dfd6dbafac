"""`/import` and `/export`: the files of `./kefu import` and `./kefu export`, by HTTP."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path, PurePath
from tempfile import TemporaryDirectory

from flask import Blueprint, Response, current_app, jsonify, request

from kefu.errors import BadInput, NotFound
from kefu.jobs.exports import write_table
from kefu.jobs.imports import STATUSES, ImportKind, run_import
from kefu.jobs.kinds import KINDS
from kefu.web.auth import current_shop

blueprint = Blueprint("imports", __name__)

MAX_FILE_BYTES = 50_000_000
"""Of one imported file: ten times what 20,000 rules take."""
_BY_COMMAND = "Use `./kefu import intents FILE`."


@blueprint.post("/import/<kind>")
def import_file(kind: str) -> Response:
    """Import a file: the body is the file, ?file= its name; ?preview=1 writes nothing, ?skip_existing=1, ?keep_going=1;
    ?prune=1 takes away what the shop has of this kind and the file has not.

    The name's ending tells the format. Gives written, counts, and every row's result: new, changed, same, skipped,
    removed or error with the reason; warnings are sentences about what was taken but may be a slip. Status 422 if
    errors kept it from being written."""
    shop, wanted = current_shop(), find_kind(kind)
    if kind == "intents":
        raise BadInput("Intents are learnt after an import, which takes longer than a request.", _BY_COMMAND)
    request.max_content_length = MAX_FILE_BYTES
    name = PurePath(request.args.get("file", "")).name
    if not name:
        raise BadInput("The file has no name.", f"POST it to /import/{wanted.name}?file=rules.csv.")
    preview = _flag("preview")
    with TemporaryDirectory(prefix="kefu-import-") as folder:
        path = Path(folder) / f"import{PurePath(name).suffix}"
        path.write_bytes(request.get_data())
        report = run_import(
            current_app.extensions["kefu"].db,
            shop.id,
            wanted,
            path,
            preview=preview,
            overwrite=not _flag("skip_existing"),
            keep_going=_flag("keep_going"),
            prune=_flag("prune"),
        )
    counts = {status: report.count(status) for status in STATUSES}
    rows = [asdict(row) for row in report.rows]
    answer = jsonify({"written": report.written, "counts": counts, "rows": rows, "warnings": report.warnings})
    answer.status_code = 200 if report.written or preview else 422
    return answer


@blueprint.get("/export/<kind>")
def export_file(kind: str) -> Response:
    """What the shop has, in the columns that an import reads: ?form=csv|xlsx|yaml|jsonl."""
    shop, wanted, form = current_shop(), find_kind(kind), request.args.get("form", "csv")
    with current_app.extensions["kefu"].db.read() as connection:
        items = wanted.load(connection, shop.id)
    content = write_table(wanted, items.values(), form)
    headers = {"Content-Disposition": f'attachment; filename="{wanted.name}.{form.lower()}"'}
    return Response(content, mimetype="application/octet-stream", headers=headers)


def find_kind(name: str) -> ImportKind:
    if name not in KINDS:
        raise NotFound(f"There is no kind “{name}”.", f"Use one of {', '.join(KINDS)}.")
    return KINDS[name]


def _flag(name: str) -> bool:
    return request.args.get(name, "").lower() in ("1", "true", "yes")
