"""Lines for prompts: labelled for the search, clean when said."""

from __future__ import annotations

from kefu.core.decide.written.facts import FIRST_ANSWERS, FIRST_MAY_ANSWER
from kefu.core.knowledge import Entry, passage, said, split_passage
from kefu.gateway.local import UNSURE, answer_locally


def made(**more: str) -> Entry:
    fields = {"id": "1", "knowledge_id": "manuals", "title": "安装", "content": "先关机。\n再拆盖。", **more}
    return Entry(**fields)  # type: ignore[arg-type]


def test_a_passage_is_one_line_with_label_and_source() -> None:
    """Dify adds nothing to the contents, so each line speaks for itself."""
    entry = made(question="内存条怎么装", source="手册")
    assert passage(entry) == "【安装 / 内存条怎么装】先关机。 再拆盖。（来源：手册）"
    assert split_passage(passage(entry)) == ("安装 / 内存条怎么装", said(entry))


def test_a_label_says_a_name_once_and_cannot_be_broken() -> None:
    """Title = question is one name; brackets in a title do not end the label; scripts are said without a source."""
    assert passage(made(title="怎么退】货", question="怎么退】货")) == "【怎么退]货】先关机。 再拆盖。"
    assert passage(made(knowledge_id="scripts", source="话术")).endswith("再拆盖。")
    assert split_passage("没有标签") == ("", "没有标签")


def test_the_local_answer_searches_the_label_and_does_not_say_it() -> None:
    """内存条怎么装 is answered by a text that does not repeat the question."""
    lines = [passage(made(question="内存条怎么装", source="手册")), "【退货 / 怎么退货】签收七天内可退。"]
    prompt = {"role": "system", "content": "\n".join(("你是客服", "<资料>", *lines, "</资料>"))}

    def answer(question: str) -> str:
        return answer_locally([prompt, {"role": "user", "content": question}])

    assert answer("内存条怎么装") == "先关机。 再拆盖。（来源：手册）"
    assert answer("怎么退货") == "签收七天内可退。"
    assert answer("羽绒服怎么洗") == UNSURE


def test_the_local_answer_asks_whether_a_likely_passage_was_meant() -> None:
    """A sure one is said as it stands; both are found where the question shares no word with them."""
    lines = [passage(made(question="内存条怎么装", source="手册")), "【退货 / 怎么退货】签收七天内可退。"]

    def answer(opening: str) -> str:
        prompt = {"role": "system", "content": "\n".join(("你是客服", opening, *lines, "</资料>"))}
        return answer_locally([prompt, {"role": "user", "content": "这玩意咋弄进去"}])

    assert answer(FIRST_ANSWERS) == "先关机。 再拆盖。（来源：手册）"
    assert answer(FIRST_MAY_ANSWER).startswith("您看是不是这个情况：先关机。 再拆盖。（来源：手册）\n如果不是")
    assert answer("<资料>") == UNSURE
