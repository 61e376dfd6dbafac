"""Checks the credentials of the tool provider with a real call."""

from __future__ import annotations

from typing import Any

from dify_plugin import ToolProvider
from dify_plugin.errors.tool import ToolProviderCredentialValidationError
from tools import server_call


class KefuProvider(ToolProvider):
    """Credentials ``server_url`` and ``token``: one kefu server, one shop."""

    def _validate_credentials(self, credentials: dict[str, Any]) -> None:
        try:
            server_call.ping(credentials)
        except server_call.ServerCallError as error:
            raise ToolProviderCredentialValidationError(str(error)) from error
