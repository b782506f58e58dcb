"""Graded work: assignments for nbgrader and Otter, points, grades, and the table of a class."""
