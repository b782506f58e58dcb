"""A small state of lesson 19's notebook, as its exercises need it."""

STATE = {}
