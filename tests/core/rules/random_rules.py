"""Random patterns and messages over a small vocabulary, so that they often meet."""

from __future__ import annotations

import random

WORDS = ["发货", "退款", "卡密", "没收到", "没有收到", "下单", "我已", "请", "吗", "a", "ssd", "16g", "订单", "2", "38"]
CLASSES = [r"\d", "[0-9]", "[a-f]", "[吗呢]", ".", r"\w", "[^退]", r"[^\d]", r"\S", "[A-Z]"]
REPEATS = ["?", "*", "+", "{1,3}", "{2}", "{0,4}", "*?", "+?", "{2,}"]
SHORT_REPEATS = ["?", "{2}", "{1,2}"]
"""Over groups that repeat inside: more would hang the loop that we compare with."""

SPECIAL = [r"(?=发)", r"(?!退)", r"(?<!不)", r"\b", r"\B", r"(?<=单)"]
JUNK = ["请", "不", "件", "x", "y7", "好的", "啊", "元", "123", "1"]


def an_atom(rng: random.Random, depth: int) -> str:
    kind = rng.random()
    if kind < 0.45:
        return rng.choice(WORDS)
    if kind < 0.65:
        return rng.choice(CLASSES)
    if kind < 0.70:
        return rng.choice(SPECIAL)
    if depth > 2:
        return rng.choice(WORDS)
    inner = "|".join(a_sequence(rng, depth + 1) for _ in range(rng.randint(1, 3)))
    return f"({'?:' if rng.random() < 0.5 else ''}{inner})"


def a_sequence(rng: random.Random, depth: int = 0) -> str:
    out = ""
    for _ in range(rng.randint(1, 3)):
        piece = an_atom(rng, depth)
        if rng.random() < 0.3 and not piece.startswith(("(?=", "(?!", "(?<", r"\b", r"\B")):
            single = len(piece) == 1 or piece[0] in "[(\\"
            repeats = SHORT_REPEATS if any(sign in piece for sign in "?*+{") else REPEATS
            piece = (piece if single else f"(?:{piece})") + rng.choice(repeats)
        out += piece
    return out


def a_regex(rng: random.Random) -> str:
    body = a_sequence(rng)
    if "|" in body and not body.startswith("("):
        body = f"(?:{body})"
    start, end = rng.choice([("", ""), ("^", "$"), ("^", "$"), ("^", ""), ("", "$"), ("", "")])
    return f"{start}{body}{end}"


def a_message(rng: random.Random) -> str:
    return "".join(rng.choice(WORDS if rng.random() < 0.75 else JUNK) for _ in range(rng.randint(1, 5)))


def a_messy_message(rng: random.Random) -> str:
    """With spaces, case, widths, traditional characters and punctuation."""
    text = "".join(word + rng.choice(["", "", " ", "，", "!"]) for word in a_message(rng))
    text = rng.choice(["", "", "“", "😊", " "]) + text + rng.choice(["", "", "！！", "？", "~~", "。", "🙏🙏", " "])
    if rng.random() < 0.3:
        text = text.translate(str.maketrans("发货单订请没0123", "發貨單訂請沒０１２３")).upper()
    return text
