"""What a channel adapter and an agent's desk call: the queue, claim, reply, resolve, messages to deliver, echoes."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

from flask import Blueprint, Response, current_app, jsonify, request, stream_with_context

from kefu.core.handoff import STATES, Clock, Desk, HandOff, read_clock
from kefu.errors import BadInput, Unavailable
from kefu.store import handoffs, profiles
from kefu.store.handoffs import Message
from kefu.web.auth import current_shop
from kefu.web.body import json_object, number_in_query, text_of

blueprint = Blueprint("handoff", __name__, url_prefix="/handoffs")

MAX_WAIT = 25
"""Seconds a poll or stream may stay open: under every proxy's usual limit of 30."""
POLL_EVERY = 0.5
_waiting = threading.BoundedSemaphore(4)
"""Polls that wait, and streams, hold a thread each: the others must stay free for customers."""


@blueprint.get("")
def list_queue() -> Response:
    """The queue, most urgent first, each with its clock: ?state=pending|open|resolved, agent, after, limit."""
    shop, engine = current_shop(), current_app.extensions["kefu"]
    state = request.args.get("state", "")
    if state and state not in STATES:
        raise BadInput(f"“{state[:20]}” is no state.", f"Use one of {', '.join(STATES)}, or leave it out for all.")
    after, limit = number_in_query("after", 0, 2**31), number_in_query("limit", 50, 200)
    with engine.db.read() as connection:
        agent = request.args.get("agent", "")
        found = handoffs.list_handoffs(connection, shop.id, state, agent=agent, after=after, limit=limit)
        desk = profiles.get_profile(connection, shop.id, "desk")
    return jsonify({"handoffs": [show_handoff(record, desk, engine.clock()) for record in found]})


@blueprint.get("/<int:handoff_id>")
def show(handoff_id: int) -> Response:
    """One hand-off with everything said since."""
    shop, engine = current_shop(), current_app.extensions["kefu"]
    with engine.db.read() as connection:
        record = handoffs.get_handoff(connection, shop.id, handoff_id)
        desk = profiles.get_profile(connection, shop.id, "desk")
        said = handoffs.list_messages(connection, shop.id, handoff_id)
    return jsonify(show_handoff(record, desk, engine.clock()) | {"messages": [show_message(m) for m in said]})


@blueprint.post("/<int:handoff_id>/claim")
def claim(handoff_id: int) -> Response:
    """An agent takes the conversation: {agent}."""
    shop, engine, body = current_shop(), current_app.extensions["kefu"], json_object()
    with engine.db.write() as connection:
        record = handoffs.claim(connection, shop.id, handoff_id, text_of(body, "agent"), engine.clock())
    return jsonify(handoffs.describe(record))


@blueprint.post("/<int:handoff_id>/release")
def release(handoff_id: int) -> Response:
    """An agent puts the conversation back into the queue: {agent}."""
    shop, engine, body = current_shop(), current_app.extensions["kefu"], json_object()
    with engine.db.write() as connection:
        return jsonify(handoffs.describe(handoffs.release(connection, shop.id, handoff_id, text_of(body, "agent"))))


@blueprint.post("/<int:handoff_id>/reply")
def reply(handoff_id: int) -> Response:
    """Send the customer an agent's words: {agent, text, key}.

    The same key again sends nothing twice (header Idempotency-Key works as well)."""
    shop, engine, body = current_shop(), current_app.extensions["kefu"], json_object()
    key = text_of(body, "key", default=request.headers.get("Idempotency-Key", ""))
    with engine.db.write() as connection:
        agent, words = text_of(body, "agent"), text_of(body, "text")
        message = handoffs.reply(connection, shop.id, handoff_id, agent, words, engine.clock(), key)
    return jsonify(show_message(message))


@blueprint.post("/<int:handoff_id>/resolve")
def resolve(handoff_id: int) -> Response:
    """Give the conversation back to the bot: {agent, note}."""
    shop, engine, body = current_shop(), current_app.extensions["kefu"], json_object()
    with engine.db.write() as connection:
        agent, note = text_of(body, "agent"), text_of(body, "note")
        record = handoffs.resolve(connection, shop.id, handoff_id, agent, engine.clock(), note)
    return jsonify(handoffs.describe(record))


@blueprint.get("/messages")
def poll() -> Response:
    """Agents' messages not acknowledged yet, or none after ``wait`` seconds: ?after, wait."""
    shop, engine = current_shop(), current_app.extensions["kefu"]
    wait, after = number_in_query("wait", 0, MAX_WAIT), number_in_query("after", 0, 2**31)
    found = _fetch(engine, shop.id, after)
    if not found and wait:
        found = _wait_for(engine, shop.id, after, wait)
    return jsonify({"messages": [show_message(message) for message in found]})


@blueprint.get("/messages/stream")
def stream() -> Response:
    """Agents' messages as server-sent events, for up to ``wait`` seconds (default 25).

    id = message id, to go on from as ``Last-Event-ID``. A message stays undelivered, and comes again on
    reconnecting without it, until acknowledged."""
    shop, engine = current_shop(), current_app.extensions["kefu"]
    wait = number_in_query("wait", MAX_WAIT, MAX_WAIT)
    last = request.headers.get("Last-Event-ID", "")
    after = int(last) if last.isascii() and last.isdigit() else number_in_query("after", 0, 2**31)
    slot = _Slot()
    slot.take()
    events = _events(engine, shop.id, after, wait, slot)
    response = Response(stream_with_context(events), mimetype="text/event-stream")
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Accel-Buffering"] = "no"
    response.call_on_close(slot.leave)  # a client that goes before the first event
    return response


@blueprint.post("/messages/ack")
def acknowledge() -> Response:
    """Say which messages reached the customer: {delivered: [{id, channel_id}]} or {ids: [1, 2]}.

    ``channel_id`` is the channel's id of the message, by which its echo is recognised."""
    shop, engine, body = current_shop(), current_app.extensions["kefu"], json_object()
    delivered = _delivered(body)
    with engine.db.write() as connection:
        done = handoffs.acknowledge(connection, shop.id, delivered, engine.clock())
    return jsonify({"acknowledged": done, "unknown": [number for number in delivered if number not in done]})


@blueprint.post("/incoming")
def incoming() -> Response:
    """Ask before a message goes to the bot: {conversation_id, text, message_id}. Gives {echo, owner, handoff_id}:
    an echo of our own message is to be dropped; with owner human the text is kept for the agent and the bot is not
    asked; with owner bot it goes on to Dify."""
    shop, engine, body = current_shop(), current_app.extensions["kefu"], json_object()
    conversation_id = text_of(body, "conversation_id", required=True)
    words, channel_id = text_of(body, "text", required=True), text_of(body, "message_id")
    with engine.db.write() as connection:
        if handoffs.is_echo(connection, shop.id, conversation_id, words, channel_id, engine.clock()):
            return jsonify({"echo": True, "owner": "human", "handoff_id": 0})
        record = handoffs.live_handoff(connection, shop.id, conversation_id)
        if record:
            handoffs.hear(connection, shop.id, record, words, engine.clock(), channel_id)
    return jsonify({"echo": False, "owner": "human" if record else "bot", "handoff_id": record.id if record else 0})


def show_handoff(record: HandOff, desk: Desk, now: datetime) -> dict[str, Any]:
    """The record with its waiting time and the channel's clock."""
    return handoffs.describe(record) | {"clock": show_clock(read_clock(record, desk, now))}


def show_clock(clock: Clock) -> dict[str, Any]:
    data = asdict(clock) | {"next_opening": clock.next_opening.isoformat()}
    return data | {"targets": [asdict(t) | {"due_at": t.due_at.isoformat()} for t in clock.targets]}


def show_message(message: Message) -> dict[str, Any]:
    data = asdict(message)
    return {name: value.isoformat() if isinstance(value, datetime) else value for name, value in data.items()}


def _fetch(engine: Any, shop_id: int, after: int) -> list[Message]:
    limit = number_in_query("limit", 50, 200)
    with engine.db.read() as connection:
        conversation_id = request.args.get("conversation_id", "")
        return handoffs.undelivered(connection, shop_id, after=after, conversation_id=conversation_id, limit=limit)


def _wait_for(engine: Any, shop_id: int, after: int, wait: int) -> list[Message]:
    slot, until = _Slot(), time.monotonic() + wait
    found: list[Message] = []
    slot.take()
    try:
        while not found and time.monotonic() < until:
            time.sleep(POLL_EVERY)
            found = _fetch(engine, shop_id, after)
    finally:
        slot.leave()
    return found


def _events(engine: Any, shop_id: int, after: int, wait: int, slot: _Slot) -> Iterator[str]:
    yield "retry: 1000\n\n"
    until = time.monotonic() + wait
    while True:
        for message in _fetch(engine, shop_id, after):
            after = message.id
            yield f"id: {message.id}\nevent: message\ndata: {json.dumps(show_message(message), ensure_ascii=False)}\n\n"
        if time.monotonic() >= until:
            slot.leave()
            return
        yield ": still here\n\n"
        time.sleep(POLL_EVERY)


class _Slot:
    """One of the few threads that may wait; Unavailable if all are taken. Leaving twice is leaving once."""

    def __init__(self) -> None:
        self._taken = False

    def take(self) -> None:
        if not _waiting.acquire(blocking=False):
            raise Unavailable("Too many pollers wait already.", "Use one connection a channel, or poll without `wait`.")
        self._taken = True

    def leave(self) -> None:
        if self._taken:
            self._taken = False
            _waiting.release()


def _delivered(body: Mapping[str, Any]) -> dict[int, str]:
    rows = body.get("delivered") or [{"id": number} for number in body.get("ids") or []]
    if not isinstance(rows, list) or len(rows) > 500 or not rows:
        raise BadInput("Nothing to acknowledge, or over 500.", 'Send {"ids": [1, 2]} or {"delivered": [{"id": 1}]}.')
    for row in rows:
        if not isinstance(row, Mapping) or type(row.get("id")) is not int:
            raise BadInput("An acknowledgement has no id.", 'Send {"delivered": [{"id": 1, "channel_id": "…"}]}.')
    return {row["id"]: text_of(row, "channel_id") for row in rows}
