"""Several things in one message, each with its own words and number."""
