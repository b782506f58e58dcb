import pytest

from islesedu.errors import IslesError
from islesedu.isles.clinical_values import read_value


@pytest.mark.parametrize(
    ("name", "cell", "heading", "value"),
    [
        ("TICI", "3.0", "", "3"),
        ("TICI", "3", "", "3"),
        ("TICI", "2B", "", "2b"),
        ("TICI", "TICI 2b", "", "2b"),
        ("TICI", "mTICI IIa", "", "2a"),
        ("TICI", "0,0", "", "0"),
        ("TSS", "12,5", "TSS", 12.5),
        ("TSS", "12.50", "TSS (min)", 12.5),
        ("TSS", "90 min", "TSS", 90),
        ("TSS", "90min.", "TSS (h)", 90),
        ("TSS", "1,5 h", "TSS", 90),
        ("TTT", "1.5", "TTT (h)", 90),
        ("TTT", "1.5", "Time to treatment in hours", 90),
        ("TTT", "95.0", "patient's TTT", 95),
        ("TTT", "0", "TTT", 0),
        ("mRS", "2.0", "", 2),
        ("mRS", "6", "", 6),
        ("days_to_mRS", "90 days", "", 90),
        ("days_to_mRS", "90", "Days to mRS", 90),
        ("age", "71", "", 71),
        ("age", "71,5", "", "71,5"),
        ("sex", "F", "", "F"),
        *[(name, cell, "", None) for name in ("TICI", "TSS") for cell in ("", "N/A", "-", "NaN")],
        ("mRS", "#N/A", "", None),
    ],
)
def test_a_cell_is_read_by_the_stated_rule(name, cell, heading, value):
    found = read_value(name, cell, heading)
    assert found == value and type(found) is type(value)


@pytest.mark.parametrize(
    ("name", "cell", "words"),
    [
        *[("TSS", cell, "give a number of minutes such as 90, 0 or more")
          for cell in ("01:30", "1:30:00", "-5", "2017-05-03", "3.5.2017", "inf", "1,200", "90 kg",
                       "90-95", "wake-up", "1e999")],
        *[("mRS", cell, "give a whole number from 0 to 6")
          for cell in ("7", "-1", "99", "2.5", "two", "3 days", "2\ntraining_2,3")],
        *[("TICI", cell, "give one of 0, 1, 2, 2a, 2b, 2c, 3")
          for cell in ("4", "2d", "2a-b", "2.5")],
        *[("days_to_mRS", cell, "give a number of days, 0 or more")
          for cell in ("-90", "90 min", "3/5/17")],
    ],
)  # fmt: skip
def test_a_value_that_makes_no_sense_is_refused_with_its_place(name, cell, words):
    with pytest.raises(IslesError, match=f"t.csv, line 2 .* has {name} .*; {words}, or nothing"):
        read_value(name, cell, name, "t.csv, line 2 (training_1)")
