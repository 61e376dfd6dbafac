"""Embedding models behind an OpenAI-compatible address."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from dify_plugin import TextEmbeddingModel
from dify_plugin.entities.model import AIModelEntity, EmbeddingInputType, PriceType
from dify_plugin.entities.model.text_embedding import EmbeddingUsage, TextEmbeddingResult
from dify_plugin.errors.model import InvokeError, InvokeServerUnavailableError
from wire import probe, schema, talk, tokens


class KefuTextEmbedding(TextEmbeddingModel):
    """One request for each batch of ``max_chunks`` texts."""

    def _invoke(
        self,
        model: str,
        credentials: dict[str, Any],
        texts: list[str],
        user: str | None = None,
        input_type: EmbeddingInputType = EmbeddingInputType.DOCUMENT,
    ) -> TextEmbeddingResult:
        batch = self._get_max_chunks(model, credentials)
        embeddings: list[list[float]] = []
        used = 0
        for start in range(0, len(texts), batch):
            part = texts[start : start + batch]
            answer = talk.post(credentials, "/embeddings", {"model": model, "input": part})
            embeddings += _vectors(answer, len(part))
            reported = (answer.get("usage") or {}).get("total_tokens")
            used += reported if isinstance(reported, int) else sum(map(tokens.estimate, part))
        return TextEmbeddingResult(model=model, embeddings=embeddings, usage=self._usage(model, credentials, used))

    def get_num_tokens(self, model: str, credentials: dict[str, Any], texts: list[str]) -> list[int]:
        """An estimate: no tokenizer is downloaded."""
        return [tokens.estimate(text) for text in texts]

    def validate_credentials(self, model: str, credentials: Mapping[str, Any]) -> None:
        """One real call."""
        probe.embedding(model, credentials)

    def get_customizable_model_schema(self, model: str, credentials: Mapping[str, Any]) -> AIModelEntity:
        """Made of the credential form alone."""
        return schema.embedding_model(model, credentials)

    @property
    def _invoke_error_mapping(self) -> dict[type[InvokeError], list[type[Exception]]]:
        return {}

    def _transform_invoke_error(self, error: Exception) -> InvokeError:
        return error if isinstance(error, InvokeError) else InvokeError(f"{type(error).__name__}: {error}")

    def _usage(self, model: str, credentials: dict[str, Any], used: int) -> EmbeddingUsage:
        price = self.get_price(model, credentials, PriceType.INPUT, used)
        return EmbeddingUsage(
            tokens=used,
            total_tokens=used,
            unit_price=price.unit_price,
            price_unit=price.unit,
            total_price=price.total_amount,
            currency=price.currency,
            latency=time.perf_counter() - self.started_at,
        )


def _vectors(answer: Mapping[str, Any], count: int) -> list[list[float]]:
    """The vectors in the order of the texts; servers may answer out of order."""
    rows = answer.get("data")
    if not isinstance(rows, list) or len(rows) != count:
        raise InvokeServerUnavailableError(
            "返回的向量数与文本数不同。 / The number of vectors differs from the number of texts."
        )
    try:
        return [row["embedding"] for row in sorted(rows, key=lambda row: row.get("index", 0))]
    except (AttributeError, KeyError, TypeError) as error:
        raise InvokeServerUnavailableError("返回的不是向量。 / What came back are no vectors.") from error
