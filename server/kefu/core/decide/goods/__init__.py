"""Which goods are meant, what is asked of them, and the answer from the catalogue and the store."""
