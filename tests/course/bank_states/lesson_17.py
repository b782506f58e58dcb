"""A small state of lesson 17's notebook, as its exercises need it: nothing."""

STATE = {}
