"""A small state of lesson 18's notebook, as its exercises need it."""

STATE = {}
