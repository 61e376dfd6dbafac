"""The OpenAI-compatible wire: talk (HTTP), request and answer (pure), tokens (pure). Nothing here knows Dify's host."""
