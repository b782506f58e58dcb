import pytest

from islesedu.course.assessment.points import points_of, points_table, read_points
from islesedu.errors import LessonError

HEAD = "exercise,points\n"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "it is empty"),
        ("01.3,2\n", "its first line must be exercise,points"),
        ("name,points\n01.3,2\n", "its first line must be exercise,points"),
        (HEAD + "01.99,2\n", "line 2: there is no exercise '01.99'; the lesson has 01.1, 01.2"),
        (
            HEAD + "77.1,2\n",
            "line 2: there is no exercise '77.1'; the exercise bank has the lessons",
        ),
        (HEAD + "1.3,2\n", "line 2: there is no exercise '1.3'"),
        (HEAD + "01.3,2\n01.4,-1\n", "line 3: the points of 01.4 are '-1'; give a number from 0"),
        (HEAD + "01.3,two\n", "line 2: the points of 01.3 are 'two'"),
        (HEAD + "01.3,\n", "line 2: the points of 01.3 are ''"),
        (HEAD + "01.3,nan\n", "'nan'"),
        (HEAD + "01.3,inf\n", "'inf'"),
        (HEAD + "01.3,2,5\n", "line 2: 3 values; give two"),
        (HEAD + "01.3\n", "line 2: 1 values; give two"),
        (HEAD + "01.3,2\n01.3,3\n", "line 3: 01.3 has its points already"),
        ("\xff\xfe", "no UTF-8"),
    ],
)
def test_a_mistake_in_the_file_is_one_sentence(tmp_path, text, words):
    file = tmp_path / "points.csv"
    file.write_bytes(text.encode("latin-1"))
    with pytest.raises(LessonError) as said:
        read_points(file)
    assert words in str(said.value) and str(file) in str(said.value)
    assert "\n" not in str(said.value)


def test_no_file_is_one_sentence(tmp_path):
    with pytest.raises(LessonError, match="cannot be read"):
        read_points(tmp_path / "none.csv")
    with pytest.raises(LessonError, match="cannot be read"):
        read_points(tmp_path)


def test_a_file_as_spreadsheets_write_it(tmp_path):
    file = tmp_path / "points.csv"
    file.write_bytes(b"\xef\xbb\xbfExercise, Points\r\n01.3, 2.5\r\n\r\n,\r\n01.4,0\r\n")
    assert read_points(file) == {"01.3": 2.5, "01.4": 0}


def test_what_the_file_leaves_out_keeps_the_banks_points(tmp_path):
    file = tmp_path / "points.csv"
    file.write_text(points_table({"01.3": 7}))
    points = points_of(["01", "02"], file)
    assert points["01.3"] == 7 and points["01.1"] == 1 and "02.1" in points
    file.write_text(points_table(points))
    assert read_points(file) == points
