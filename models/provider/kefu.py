"""Credentials of the provider: the address of a kefu server, whose built-in models need no further set-up."""

from __future__ import annotations

from typing import Any

from dify_plugin import ModelProvider
from wire import probe


class KefuModelProvider(ModelProvider):
    """Predefined models kefu-router, kefu-local and kefu; any other server is added as a customizable model."""

    def validate_provider_credentials(self, credentials: dict[str, Any]) -> None:
        """A real call to /models. Raises CredentialsValidateFailedError."""
        probe.gateway(credentials)
