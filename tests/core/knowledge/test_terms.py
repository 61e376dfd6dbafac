"""What a question says besides asking."""

from __future__ import annotations

import pytest

from kefu.core.knowledge.terms import says_little, telling_words


@pytest.mark.parametrize(
    ("said", "telling"),
    [
        ("怎么弄", []),
        ("咋整", []),
        ("要不要大一号", ["大一号"]),
        ("会不会漏啊路上", ["漏", "路上"]),
        ("漏发了怎么弄", ["漏发"]),
    ],
)
def test_words_of_asking_tell_nothing(said: str, telling: list[str]) -> None:
    """会不会 and 咋整 are as empty as 怎么."""
    found = [word for word in telling_words(said) if word not in ("啊", "要", "不要")]
    assert "".join(found) == "".join(telling)
    assert says_little(said) == (len("".join(telling_words(said))) < 2)
