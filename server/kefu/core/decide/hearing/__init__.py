"""What a message says: its words, numbers, places and wishes, read once and on demand."""
