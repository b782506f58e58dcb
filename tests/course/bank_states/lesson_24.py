"""A small state of lesson 24's notebook, as its exercises need it."""

STATE = {}
