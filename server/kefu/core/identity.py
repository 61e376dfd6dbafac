"""Is this a question about the assistant itself? Read by whom it is about, then by what is asked of them."""

from __future__ import annotations

import re
from dataclasses import dataclass

from kefu.core.text import normalise

KINDS = ("human", "model", "maker", "name")
MAKERS = (
    *("OpenAI", "ChatGPT", "GPT-4", "Anthropic", "Claude", "Gemini", "通义", "千问", "Qwen", "阿里", "Alibaba", "文心"),
    *("百度", "Baidu", "豆包", "字节跳动", "ByteDance", "DeepSeek", "深度求索", "Kimi", "月之暗面", "智谱", "ChatGLM"),
    *(
        "混元",
        "腾讯",
        "讯飞星火",
        "LLaMA",
        "Mistral",
        "MiniMax",
        "Baichuan",
        "百川智能",
        "InternLM",
        "书生浦语",
        "Grok",
    ),
    *("Gemma", "Copilot", "SmolLM", "Hugging Face"),
)
"""Names by which other models and their makers are known."""
_LONGEST = 80
_AI = "|".join(re.escape(maker.lower()) for maker in (*MAKERS, "gpt", "glm", "字节"))

_BREAKS = re.compile(r"[,.!?;:~。，！？；：、…]+(?!\d)")
_CHINESE = re.compile(r"[\u4e00-\u9fff]")


def _any(*patterns: str) -> re.Pattern[str]:
    return re.compile("|".join(patterns))


_YOU = "[你您]"
_WHO = r"(?:谁|哪位|(?:哪(?:个|家|里|儿|边)?|什么|啥)(?:公司|团队|品牌|店|厂商|实验室|机构)?家?)"
_MAKE = "(?:开发|研发|训练|制造|创造|发明|设计|出品|打造|做|造|搞)"
_PEOPLE = "(?:真人|活人|活的|人工|人类|机器|程序|自动回|智能客服|客服机器|ai|虚拟|人(?:吗|吧|么|嘛|还是|呀|啊|不|$))"
_TAIL = "[呀啊呢吗吧来着]*$"

_OPENING = re.compile(
    "^(?:请问|请教|麻烦|问一?下|那|诶|欸|哎|嗯|哦|你好|您好|对了|话说|顺便|等等|我?想(?:知道|问)|好奇|告诉我|说实话|说说|现在|到底|究竟"
    rf"|(?:怎么)?证明|一下|\s|{_YOU}们?(?:知道|晓得|猜|认识)|知不知道|知道|猜猜?|帮我(?:问|查|看))+"
)
_HEDGE = re.compile("到底|究竟|真的|其实|现在|当前|目前|应该|难道|明明|肯定|不会|本来|原来|该不|不就|感觉|[就该也都]")
_VERB = _any(
    "是不是|不是|(?<!还)是|叫做?|贵姓|姓|怎么(?:称呼|叫)|属于|来自|出自|归|像",
    "(?:有没有|没有|有)(?=名字|昵称|小名)",
    rf"(?:用|接|调用)(?=的|了?{_WHO}|{_AI})",
)
_OWN = {
    "name": "名字|大名|真名|原名|称呼|昵称|身份",
    "maker": "开发者|开发公司|作者|主人|老板|爸爸|公司|团队|出品方|来历",
    "model": "模型|大模型|技术|底层|大脑|版本号?|后台|指令|提示词|设定",
}
"""What the assistant has of its own, by the kind of question that asks for it."""
_HIS = rf"{_YOU}(?:的|这个?ai的?)?(?:真实|真正|原始|底层|背后)?的?"
_HIS_OWN = {kind: re.compile(f"{_HIS}(?:{nouns})") for kind, nouns in _OWN.items()}
_ONESELF = re.compile(
    rf"(?:{_YOU}(?:自己|这边)?|{_YOU}们(?:这边|这里)?的?客服|(?:{_YOU}|这边)?这个?(?:ai|客服|机器人|助手|窗口)"
    rf"|这|这边|这里|对面|底层|(?:本?客服|小助手){_YOU}?|{_YOU}?的?背后的?"
    "|(?:在|正在)?[跟和与]我(?:说话|聊天|聊|对话|讲话|沟通)的?人?|(?:在|正在)?(?:回|回复|接待|服务)我?的?人?)?"
    "(?:用|接|调用)?的?"
)
_ASKED: dict[str, re.Pattern[str]] = {
    "model": _any(
        rf"\w{{1,4}}?(?:{_AI})",
        ".{0,3}(?:什么|哪|啥|第几).{0,4}(?:模型|ai|技术|版本|接口)",
        "(?:用|接|调用)的?是?(?:哪|谁)家的?(?:公司的?)?(?:模型|技术|ai|接口)?$",
    ),
    "human": _any(rf"(?:是不是|不是|是|像)(?:在|一?个|用)?{_PEOPLE}"),
    "name": _any(
        rf"是(?:谁|哪一?位(?:客服)?|什么|啥|什么人|什么东西|(?:干|做)(?:什么|嘛|啥)的){_TAIL}",
        f"叫做?{_YOU}?(?:什么|啥|谁)|贵?姓|怎么|没?有",
    ),
    "maker": _any(
        rf"(?:是|属于|来自|出自|归)由?{_WHO}的?(?:(?:给|把)?{_YOU}?{_MAKE}(?:出来)?|管|客服|机器人)?的?{_YOU}?{_TAIL}"
    ),
}
"""What is asked of the assistant, from the verb on; the first that fits."""
_BY_WHOM = re.compile(rf"是?{_WHO}(?P<of>.*)")
_OF_ONESELF = _any(
    rf"{_MAKE}(?:出来?)?了?的?{_YOU}(?!们|家|店)",
    rf"[把给]{_YOU}{_MAKE}",
    "(?:在|正在)?(?:[跟和与]我|回复?我|接待|为我)",
)
_UNSAID = re.compile(rf"的?(?:{_MAKE}|客服|机器人|(?:模型|ai|技术).{{0,4}})?[的了呀啊呢吗嘛吧]*")
"""Asked without saying of whom: 谁开发的, 哪家的客服."""
_TALKING = re.compile(
    r"我.{0,4}[跟和与同](?:谁|哪位|.{0,2}(?:真人|活人|机器|程序|ai|人工).{0,2})(?:说话|聊|对话|讲|沟通)"
)
_SAY = _any(
    "^(?:请|做|来|先)*(?:个|一个)?自我介绍",
    f"^{_YOU}是$",
    f"(?:介绍|说说|讲讲|描述)(?:一?下)?{_YOU}自己",
    f"{_HIS}(?:{_OWN['name']})[吧呢]*$",
)
_ADDRESSED = re.compile(rf"{_YOU}(?!们|家|店)[^你您]*$")
"""What is said to the assistant at the end of a clause: 在那之前我想知道你是谁."""
_WE = re.compile(rf"{_YOU}们|(?:{_YOU}们?家?|贵|这家?)(?:店|公司|品牌)的?(?:全称|全名|名字)?")
_OF_US = _any(
    rf"(?:是不是|不是|是)(?:{_PEOPLE}|谁|官方|旗舰|自营|厂家|个人|(?:什么|啥)(?:店|公司|品牌|$))",
    "(?:是不是|不是|是)哪(?:家|个)(?:公司|店|品牌)?的?$",
    "叫(?:什么|啥)",
)
"""What is asked of the shop and means who speaks, not what the shop does or sells."""
_NOBODY = re.compile(_PEOPLE)
"""真人还是机器: of whom is left open, so it is asked of the assistant or of nobody."""
_SELLS = re.compile(rf"(?:{_YOU}们(?:店|家)?)?(?:有没有|有|卖).")

_MADE = "(?:made|built|created|developed|trained|designed|programmed|coded|invented|constructed)"
_BEING = (
    r"(?:(?:really|actually|just|a|an|the|real|live) ){0,3}"
    r"(?:human|person|robot|bot|chatbot|ai|machine|program|automated|real)\b"
)
_TO = r"(?:talking|speaking|chatting)"
_ENGLISH: dict[str, re.Pattern[str]] = {
    "model": _any(
        rf"\b(?:(?:are|were) you|you(?:'re| are))\b.{{0,24}}?(?:{_AI})",
        rf"\b(?:this is|is this) (?:{_AI})|\byour (?:base|underlying|real) (?:model|llm)\b",
        r"\b(?:what|which) (?:\w+ ){0,2}(?:model|llm|engine|version)\b.{0,12}\b(?:you|this chat|this bot)\b",
    ),
    "human": _any(
        rf"\b(?:are|r|aren't) (?:you|u) {_BEING}",
        rf"\b(?:am i|i'm|i am) {_TO} (?:to|with) {_BEING}",
        rf"\bis (?:this|that) an? {_BEING}",
        rf"\b(?:if|that|whether) you(?:'re| are) {_BEING}",
    ),
    "maker": _any(
        rf"\b{_MADE} you$|\bwere you {_MADE}|\byour (?:developer|creator|maker)\b",
        r"\bcompany are you (?:from|with)|\bwho do you work for|\bwhose (?:assistant|bot) are you|\bwho is behind you",
    ),
    "name": _any(
        r"\bwho (?:are|r) (?:you|u)\b|\bwho you are$|^and you are$|^what are you$|\bwho(?: is|'s) (?:this|speaking)$",
        r"\bare you (?:really )?called$",
        r"(?<!change )(?<!be )\byour (?:(?:real|full|own) )?name$|\bdo you (?:have|go by) a name",
        r"\b(?:should|do) i call you\b|\bintroduce yourself|\babout yourself|\byour (?:real )?identity\b",
        rf"\bwho (?:am i|do i have the pleasure of) {_TO}",
    ),
}


@dataclass(frozen=True, slots=True)
class About:
    """``kind``: one of `KINDS`, "" if nothing is asked about the assistant; ``others``: the question is about somebody
    or something else."""

    kind: str = ""
    others: bool = False


def asked_about(text: str) -> About:
    """Clause by clause: one that asks about the assistant decides."""
    said = normalise(text, 200).text
    clauses = [part.strip() for part in _BREAKS.split(said) if part.strip()]
    if len(said) > _LONGEST:
        return About()
    if not _CHINESE.search(said):
        kind = next((kind for kind, pattern in _ENGLISH.items() if any(map(pattern.search, clauses))), "")
        return About(kind, not kind)
    found = [_clause(clause) for clause in clauses]
    kinds = [about.kind for about in found if about.kind]
    return About(kinds[0]) if kinds else About(others=any(about.others for about in found))


def _clause(clause: str) -> About:
    addressed = _ADDRESSED.search(clause)
    if addressed and (about := _read(addressed[0])).kind:
        return about
    return _read(_OPENING.sub("", clause))


def _read(said: str) -> About:
    if _TALKING.match(said):
        return About(_asked(f"是{said}") or "name")
    if by_whom := _BY_WHOM.match(said):
        if oneself := _OF_ONESELF.match(by_whom["of"]):
            return About("maker" if re.search(_MAKE, oneself[0]) else "name")
        return About(others=_UNSAID.fullmatch(by_whom["of"]) is None)
    if _SAY.search(said):
        return About("name")
    if _NOBODY.match(said):
        return About()
    if _SELLS.match(said):
        return About(others=True)
    verb = _VERB.search(said)
    return _asked_of(_HEDGE.sub("", said[: verb.start()]).strip(), said[verb.start() :]) if verb else About()


def _asked_of(subject: str, asked: str) -> About:
    """What is ``asked`` of ``subject``; where nobody is named it is the assistant."""
    if _WE.fullmatch(subject):
        ours = _OF_US.match(asked)
        return About(_asked(asked) if ours else "", not ours)
    if kind := next((kind for kind, noun in _HIS_OWN.items() if noun.fullmatch(subject)), ""):
        return About(kind)
    return About(_asked(asked)) if _ONESELF.fullmatch(subject) else About(others=True)


def _asked(asked: str) -> str:
    return next((kind for kind, pattern in _ASKED.items() if pattern.match(asked)), "")
