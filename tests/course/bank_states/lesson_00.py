"""A small state of lesson 00's notebook, as its exercises need it."""

STATE = {}
