"""The course itself: the exercise bank and its checks, progress, and the runner of the lessons.

All lessons. Open `exercises` first: `check`. `slips` names common mistakes, `lessons` knows the
notebooks, `runner` schedules them and `worker` executes one.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submodules=["machine", "progress", "slips"],
    submod_attrs={
        "assessment.grading": ["grade", "start_assignment"],
        "checking": ["check"],
        "folders": ["build_folder", "data_folder"],
        "exercises": ["check_function", "check_place"],
        "lessons": ["Lesson", "list_lessons"],
        "map": ["course_map"],
        "parameters": ["check_parameters"],
        "runner": ["run_lessons"],
        "machine": ["check_machine"],
    },
)
