"""A small state of lesson 23's notebook, as its exercises need it."""

STATE = {}
