"""Does a rule hold for this turn, whatever the message says?"""

from __future__ import annotations

from datetime import time, timedelta

from kefu.core.rules.rule import EVERYWHERE, MatchContext, Rule


def blocked(rule: Rule, context: MatchContext) -> str:
    """Why ``rule`` must stay silent in ``context``, as a short English phrase; ``""`` if it may fire."""
    if rule.scope is not EVERYWHERE:
        reason = _outside(rule, context)
        if reason:
            return reason
    if rule.cooldown_s and context.now is not None:
        last = context.last_fired.get(rule.id)
        if last is not None and context.now - last < timedelta(seconds=rule.cooldown_s):
            return f"cooldown: fired less than {rule.cooldown_s} s ago"
    return ""


def _outside(rule: Rule, context: MatchContext) -> str:
    scope = rule.scope
    if scope.channels and context.channel.lower() not in scope.channels:
        return f"channel: only {', '.join(scope.channels)}"
    if scope.products and not {name.lower() for name in context.products} & set(scope.products):
        return f"product: only {', '.join(scope.products)}"
    if scope.first_message and not context.first_message:
        return "first message only"
    if scope.days and (context.now is None or not scope.days[0] <= context.now.date() <= scope.days[1]):
        return f"dates: only {scope.days[0]}..{scope.days[1]}"
    if scope.hours and (context.now is None or not _within(context.now.time(), *scope.hours)):
        return f"hours: only {scope.hours[0]:%H:%M}-{scope.hours[1]:%H:%M}"
    return ""


def _within(moment: time, start: time, end: time) -> bool:
    """Half-open; a window that ends before it starts passes midnight."""
    return start <= moment < end if start < end else moment >= start or moment < end
