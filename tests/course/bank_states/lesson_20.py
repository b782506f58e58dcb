"""A small state of lesson 20's notebook, as its exercises need it."""

STATE = {}
