"""The one meeting point: shops as compiled snapshots, a turn decided and recorded, tools and models answered."""

from kefu.engine.engine import Engine
from kefu.engine.retrieval import Retrieval
from kefu.engine.tools import TOOLS, ToolRequest

__all__ = ["TOOLS", "Engine", "Retrieval", "ToolRequest"]
