from pathlib import Path

from islesedu.course import map
from islesedu.course.lessons import Lesson


def lesson(name, minutes):
    return Lesson(name, Path(f"{name}.ipynb"), name.replace("_", " "), minutes, {}, 1)


def test_course_map_has_a_link_a_lesson_under_each_part_that_has_some():
    lessons = [lesson("00_start", 1), lesson("01_go", 2), lesson("12_train", 0.5)]
    assert map.course_map(lessons).splitlines() == [
        "**Convolution**",
        "",
        "- [00 start](00_start.ipynb) (1 min)",
        "- [01 go](01_go.ipynb) (2 min)",
        "",
        "**The V-Net**",
        "",
        "- [12 train](12_train.ipynb) (0.5 min)",
    ]


def test_every_number_has_a_part():
    numbers = [number for part in map.PARTS.values() for number in part]
    assert numbers[:25] == list(range(25))
