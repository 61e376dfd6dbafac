"""What a conversation remembers, and what a follow-up means because of it."""

from kefu.core.dialogue.follow import FollowUp, Mentions, follow_up
from kefu.core.dialogue.state import Customer, Named, Outcome, Pending, State, Turn

__all__ = ["Customer", "FollowUp", "Mentions", "Named", "Outcome", "Pending", "State", "Turn", "follow_up"]
