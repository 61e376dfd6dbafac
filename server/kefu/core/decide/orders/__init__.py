"""Stages for orders that exist: whose they are, how they stand, what is wanted of them."""
