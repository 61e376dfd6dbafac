"""The one meeting point: shops as compiled snapshots, a turn decided and recorded, tools and models answered."""

from kefu.engine.engine import Engine
from kefu.engine.retrieval import Retrieval
from kefu.engine.tools import COMMON, TOOLS, ToolRequest, fields_of

__all__ = ["COMMON", "TOOLS", "Engine", "Retrieval", "ToolRequest", "fields_of"]
