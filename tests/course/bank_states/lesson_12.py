"""A small state of lesson 12's notebook, as its exercises need it."""

from scipy import stats

STATE = {"stats": stats}
