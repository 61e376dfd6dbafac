"""Rules: what is answered without a model. Build a `RuleSet`, ask it with `match`, answer with `choose` or `render`."""

from kefu.core.rules.reply import choose, render, variables_of
from kefu.core.rules.rule import Action, MatchContext, Pattern, Rule, RuleMatch, Scope
from kefu.core.rules.ruleset import Refusal, RuleSet, check_rule, dump_plans, load_plans

__all__ = [
    "Action",
    "MatchContext",
    "Pattern",
    "Refusal",
    "Rule",
    "RuleMatch",
    "RuleSet",
    "Scope",
    "check_rule",
    "choose",
    "dump_plans",
    "load_plans",
    "render",
    "variables_of",
]
