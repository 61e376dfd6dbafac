"""Runs our Chatflow files on graphon, Dify's own workflow engine, with our two real plugins over stdio.

``play.Playground`` is the door. Needs the extra ``play`` (graphon, dify-plugin): import it only where that is there.
"""
