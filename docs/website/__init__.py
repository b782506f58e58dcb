"""The site of the course: `make site` writes it to build/site out of the executed lessons.

`__main__` runs the steps: lessons that are missing are executed, `notebooks` prepares them,
`landing`, `course_map`, `glossary`, `documents` and `reference` write the other pages, and Sphinx
with MyST-NB (conf.py beside this file) makes HTML of all. No kernel runs, and no page asks the
network for anything. docs/site.md says more.
"""
