"""Stages for who has not bought yet: goods asked for, looked around among, added up and sent."""
