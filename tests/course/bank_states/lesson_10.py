"""A small state of lesson 10's notebook, as its exercises need it."""

STATE = {}
