"""Lesson 15's exercises need nothing of its notebook."""

STATE: dict = {}
