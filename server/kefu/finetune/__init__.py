"""The fine-tuning kit: rows from the shop's data, configurations for real frameworks, and whether it is worth it."""
