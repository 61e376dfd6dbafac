"""Kefu: the e-commerce customer-service kit for self-hosted Dify."""

__version__ = "0.1.0"
