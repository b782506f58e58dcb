"""A small state of lesson 16's notebook, as its exercises need it: nothing."""

STATE = {}
