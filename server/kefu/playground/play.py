"""The playground: one app, one server, turn after turn, as a person in front of Dify would see them."""

from __future__ import annotations

import contextlib
import time
import uuid
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Self

import httpx
import yaml
from graphon.dsl.errors import DslError
from graphon.engine import Engine
from graphon.engine.filter import EngineEventFilterContext, ResponseStreamFilter, filter_engine_events
from graphon.engine_events.base import EngineEvent
from graphon.engine_events.graph import (
    GraphRunFailedEvent,
    GraphRunPartialSucceededEvent,
    GraphRunSucceededEvent,
)
from graphon.engine_events.node import (
    NodeRunExceptionEvent,
    NodeRunFailedEvent,
    NodeRunStartedEvent,
    NodeRunStreamChunkEvent,
    NodeRunSucceededEvent,
)
from graphon.graph.graph import Graph
from graphon.graph.validation import GraphValidationError
from graphon.runtime.init_params import InitParams
from graphon.runtime.runtime_state import RuntimeState
from graphon.runtime.variable_pool import VariablePool
from graphon.variables.factory import build_segment_with_type
from graphon.variables.types import SegmentType

from kefu.dify.dsl.places import REPOSITORY
from kefu.dify.dsl.render import render
from kefu.dify.dsl.source import load_app
from kefu.dify.dsl.tools import MODEL_PROVIDER, TOOL_PROVIDER, plugin_tools
from kefu.errors import BadInput
from kefu.playground.conversation import Conversation
from kefu.playground.factory import PlayNodeFactory, TurnParts
from kefu.playground.knowledge import KnowledgeAccess
from kefu.playground.models import CallMeter, ModelAccess
from kefu.playground.plugins import Plugins
from kefu.playground.tools import ToolAccess
from kefu.playground.trace import NodeTrace, TurnTrace

_WORKERS = 2
_LOAD_SECONDS = 120


class Playground:
    """One app on one server. ``app`` is a name of the family or the path of a file as a person imports it.

    ``server_url`` and ``token`` are what a person would type into Dify's credential forms. ``plugins`` may be shared;
    without it the playground starts its own and ``close`` ends them.
    """

    def __init__(
        self,
        app: str | Path,
        server_url: str,
        token: str,
        *,
        plugins: Plugins | None = None,
        knowledge: KnowledgeAccess | None = None,
        models: Mapping[str, str] | None = None,
    ) -> None:
        self.document = load_document(app, models)
        self.mode: str = self.document["app"]["mode"]
        self.server_url = server_url.rstrip("/")
        self._token = token
        self._app_id = str(uuid.uuid4())
        self._plugins = plugins or Plugins()
        self._owns_plugins = plugins is None
        self._tools = {
            TOOL_PROVIDER: ToolAccess(
                self._plugins.tools,
                TOOL_PROVIDER,
                {"server_url": self.server_url, "token": token},
                plugin_tools(REPOSITORY),
            )
        }
        credentials = {"endpoint_url": f"{self.server_url}/v1", "api_key": token, "mode": "chat"}
        self._models = {MODEL_PROVIDER: ModelAccess(self._plugins.models, "kefu", credentials)}
        self._knowledge = knowledge or KnowledgeAccess(self.server_url, token)
        self._graph_config = _graph_config(self.document)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def close(self) -> None:
        """End the plugins that this playground started."""
        if self._owns_plugins:
            self._plugins.close()

    def warm_up(self) -> None:
        """Start the plugins and let the server load the shop, so that the first turn is as fast as the others.

        A server that is down is no error here: the turns show it.
        """
        self._plugins.start()
        with contextlib.suppress(httpx.HTTPError), httpx.Client(timeout=_LOAD_SECONDS, trust_env=False) as client:
            client.post(
                f"{self.server_url}/tools/extract_parameters",
                json={"query": ""},
                headers={"Authorization": f"Bearer {self._token}"},
            )

    def turn(
        self,
        query: str,
        conversation: Conversation | None = None,
        *,
        inputs: Mapping[str, Any] | None = None,
    ) -> tuple[TurnTrace, Conversation]:
        """One message of the customer: what happened, and the conversation after it.

        ``inputs`` are the start node's (a workflow app has no query). Raises BadInput for an app that cannot be built.
        """
        conversation = conversation or Conversation()
        meter = CallMeter()
        engine, pool = self._engine(query, conversation, inputs or {}, meter)
        started = time.perf_counter()
        recorder = _Recorder(meter)
        for event in _streamed(engine):
            recorder.see(event)
        ms = round((time.perf_counter() - started) * 1000, 1)
        trace = recorder.trace(query, ms)
        variables = {name: pool.get(["conversation", name]) for name in self._variable_names()}
        values = {name: segment.to_object() for name, segment in variables.items() if segment is not None}
        return trace, conversation.after(query, trace.reply, values)

    def _variable_names(self) -> list[str]:
        return [row["name"] for row in self.document["workflow"].get("conversation_variables") or ()]

    def _engine(
        self, query: str, conversation: Conversation, inputs: Mapping[str, Any], meter: CallMeter
    ) -> tuple[Engine, VariablePool]:
        workflow_id = str(uuid.uuid4())
        root = next(row["id"] for row in self._graph_config["nodes"] if row["data"]["type"] == "start")
        pool = self._pool(query, conversation, workflow_id, root, inputs)
        state = RuntimeState(variable_pool=pool, start_at=time.time(), workflow_id=workflow_id)
        init = InitParams(workflow_id=workflow_id, graph_config=self._graph_config, run_context={}, call_depth=0)
        parts = TurnParts(
            self._tools,
            self._models,
            self._knowledge,
            meter,
            conversation.id,
            self._app_id,
            str(uuid.uuid5(uuid.NAMESPACE_URL, conversation.user)),
            conversation.turns,
        )
        factory = PlayNodeFactory(parts, self._graph_config, init, state)
        try:
            graph = Graph.init(graph_config=self._graph_config, node_factory=factory, root_node_id=root)
        except (DslError, GraphValidationError, ValueError, KeyError) as error:
            raise BadInput(f"The engine cannot build this app: {error}", "Run `./kefu dsl check FILE`.") from error
        return Engine(graph=graph, runtime_state=state, workers=_WORKERS), pool

    def _pool(
        self, query: str, conversation: Conversation, run_id: str, root: str, inputs: Mapping[str, Any]
    ) -> VariablePool:
        pool = VariablePool()
        system: dict[str, Any] = {
            "user_id": conversation.user,
            "app_id": self._app_id,
            "workflow_id": self._app_id,
            "workflow_run_id": run_id,
            "files": [],
        }
        if self.mode == "advanced-chat":
            system |= {
                "query": query,
                "conversation_id": conversation.id,
                "dialogue_count": len(conversation.turns) + 1,
            }
        for name, value in system.items():
            pool.add(("sys", name), value)
        for row in self.document["workflow"].get("environment_variables") or ():
            pool.add(("env", row["name"]), row.get("value"))
        for row in self.document["workflow"].get("conversation_variables") or ():
            value = conversation.variables.get(row["name"], row.get("value"))
            pool.add(("conversation", row["name"]), build_segment_with_type(SegmentType(row["value_type"]), value))
        for name, value in inputs.items():
            pool.add((root, name), value)
        return pool


def load_document(app: str | Path, models: Mapping[str, str] | None = None) -> dict[str, Any]:
    """The file as imported, or a family app rendered for the default Dify. Raises NotFound or BadInput."""
    path = Path(app)
    if path.suffix not in {".yml", ".yaml"}:
        return render(load_app(str(app)), models=models)
    try:
        document = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise BadInput(f"{path} cannot be read: {error}.", "Name an exported Dify app.") from error
    mode = document.get("app", {}).get("mode") if isinstance(document, dict) else None
    if mode not in {"advanced-chat", "workflow"}:
        raise BadInput(f"{path} is no Chatflow or Workflow.", "Export one from Dify, or use `./kefu dsl render`.")
    return document


def _graph_config(document: Mapping[str, Any]) -> dict[str, Any]:
    """The graph without canvas notes; every edge names its exit."""
    graph = document["workflow"]["graph"]
    nodes = [row for row in graph["nodes"] if row.get("type") != "custom-note"]
    if sum(row["data"]["type"] == "start" for row in nodes) != 1:
        raise BadInput("The app needs exactly one start node.", "Run `./kefu dsl check FILE`.")
    edges = [{"sourceHandle": "source", **edge} for edge in graph["edges"]]
    return {"nodes": nodes, "edges": edges}


def _streamed(engine: Engine) -> Iterator[EngineEvent]:
    """The run's events with the answer as Dify streams it; a run that fails ends with its event, not an exception."""
    events = filter_engine_events(
        engine.run(), context=EngineEventFilterContext.from_engine(engine), filters=[ResponseStreamFilter()]
    )
    failed = False
    try:
        for event in events:
            failed = failed or isinstance(event, GraphRunFailedEvent)
            yield event
    except Exception:  # the engine raises the failed node's own error after its event
        if not failed:
            raise


class _Recorder:
    """Collects one run's events."""

    def __init__(self, meter: CallMeter) -> None:
        self._meter = meter
        self._titles: dict[str, str] = {}
        self._nodes: list[NodeTrace] = []
        self._chunks: list[str] = []
        self._status = "failed"
        self._error = ""
        self._outputs: dict[str, Any] = {}

    def see(self, event: EngineEvent) -> None:
        match event:
            case NodeRunStartedEvent():
                self._titles[event.node_id] = event.node_title
            case NodeRunStreamChunkEvent():
                self._chunks.append(event.chunk)
            case NodeRunSucceededEvent():
                self._add(event, "succeeded", "")
            case NodeRunExceptionEvent():
                self._add(event, "exception", event.error)
            case NodeRunFailedEvent():
                self._add(event, "failed", event.error)
            case GraphRunSucceededEvent():
                self._status, self._outputs = "succeeded", dict(event.outputs)
            case GraphRunPartialSucceededEvent():
                self._status, self._outputs = "partial-succeeded", dict(event.outputs)
            case GraphRunFailedEvent():
                self._error = event.error

    def _add(
        self, event: NodeRunSucceededEvent | NodeRunExceptionEvent | NodeRunFailedEvent, status: str, error: str
    ) -> None:
        seconds = (event.finished_at - event.start_at).total_seconds() if event.finished_at else 0.0
        self._nodes.append(
            NodeTrace(
                event.node_id,
                self._titles.get(event.node_id, event.node_id),
                event.node_type,
                status,
                round(seconds * 1000, 1),
                self._meter.of(event.node_id),
                error,
                dict(event.node_run_result.outputs),
            )
        )

    def trace(self, query: str, ms: float) -> TurnTrace:
        outputs = {name: value for name, value in self._outputs.items() if name not in {"answer", "files"}}
        return TurnTrace(query, "".join(self._chunks), self._status, ms, tuple(self._nodes), self._error, outputs)
