from pathlib import Path

from islesedu.course import map
from islesedu.course.lessons import Lesson


def lesson(name, minutes):
    return Lesson(name, Path(f"{name}.ipynb"), name.replace("_", " "), minutes, {}, 1)


def test_course_map_has_a_box_a_lesson_and_a_row_a_part_that_has_some(ax):
    lessons = [lesson("00_start", 1), lesson("01_go", 2), lesson("12_train", 0.5)]
    assert map.course_map(lessons, ax) is ax
    texts = [text.get_text() for text in ax.texts]
    assert texts == [
        "Convolution",
        "00 start\n1 min",
        "01 go\n2 min",
        "The V-Net",
        "12 train\n0.5 min",
    ]
    places = [text.get_position()[1] for text in ax.texts]
    assert places[1] == places[2] > places[4]


def test_every_number_has_a_part():
    numbers = [number for part in map.PARTS.values() for number in part]
    assert numbers[:25] == list(range(25)) and len(map.COLORS) >= len(map.PARTS)
