"""What the shop has written down: rules, knowledge, and what warns; and the facts that a language model is told."""
