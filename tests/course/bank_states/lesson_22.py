"""A small state of lesson 22's notebook, as its exercises need it."""

STATE = {}
