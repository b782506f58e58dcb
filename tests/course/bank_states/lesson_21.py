"""A small state of lesson 21's notebook, as its exercises need it."""

STATE = {}
