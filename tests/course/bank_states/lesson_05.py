"""A small state of lesson 05's notebook, as its exercises need it."""

STATE = {}
