import pytest

from islesedu.errors import IslesError
from islesedu.isles.check import check_folder
from islesedu.isles.clinical_table import case_id, column, read_clinical
from islesedu.isles.find import find_cases


@pytest.fixture
def table(tmp_path):
    """Return a function that reads a text as the clinical table of training cases."""

    def read(text, name="ISLES2017_Training.csv"):
        (tmp_path / name).write_text(text, encoding="utf-8")
        return read_clinical(tmp_path / name)

    return read


@pytest.fixture
def join(tmp_path):
    """Return a function that finds cases beside a table; each case's TTT by its name."""

    def find(text, cases="training_1 training_2", name="ISLES2017_Training.csv"):
        for case in cases.split():
            part = "test" if "test" in case else "training"
            (tmp_path / part / case).mkdir(parents=True, exist_ok=True)
            (tmp_path / part / case / "MR_ADC.nii").touch()
        (tmp_path / name).write_text(text, encoding="utf-8")
        return {case.name: case.clinical.get("TTT") for case in find_cases(tmp_path)}

    return find


@pytest.mark.parametrize(
    "text",
    [
        "Case,TTT\ntraining_1,95\ntraining_2,60\n",
        "Case,TTT\n1,95\n2,60\n",
        "Case,TTT\n1.0,95\n2.0,60\n",
        "Case,TTT\n01,95\n002,60\n",
        "case id;TTT\nTraining 1;95,0\nTRAINING-02;60,0\n",
        "\tCase\tTTT\n0\ttraining_2\t60\n1\ttraining_1\t95\n",
        ",Case,TTT\n2,1,95\n1,2,60\n",
        "No,Case,TTT\n2,1,95\n1,2,60\n",
        "Index,TTT, Patient-ID \n2,95,training_1\n1,60,training_2\n",
        "ID,Name,TTT\n2,training_1,95\n1,training_2,60\n",
        "#,,TTT\n2,training_1,95\n1,training_2,60\n",
        "Case,Patient ID,TTT\n1,83920,95\n2,11,60\n",
        "TTT (min),CASE\n95,training_1\n60,training_2\n",
        '"Case","TTT","remarks"\n"training_1","95","a, b"\n\n"training_2","60",""\n',
        "Case,TTT,,\ntraining_1,95,,\ntraining_2,60,,\n,,,\n",
        "Case,TTT\ntraining_1,95\ntraining_2,60\ntest_1,1\nTest_2,2\n",
        "Case,TTT\ntraining_1,95\ntraining_2,60\ntraining_12,1\nMean,77.5\n",
    ],
)
def test_the_case_is_found_by_its_whole_name_wherever_it_stands(text, join):
    assert join(text) == {"training_1": 95, "training_2": 60}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("training_1,2,95\ntraining_2,3,60\n", "has no header: its first row is training_1, 2, 95"),
        ("No,TTT\n1,95\n2,60\n", "which column names the case is unclear .none of No, TTT.; head"),
        (",TTT\n1,95\n2,60\n", "which column names the case is unclear"),
        ("ID,Patient,TTT\n2,1,95\n1,2,60\n", "is unclear .'ID' and 'Patient' of"),
        ("Case,TTT\ntraining_1,95\n1,60\n", "two rows for 1, in lines 2 and 3; keep one"),
        ("Case,TTT\ntraining_1,95\ntraining_2,2\ntraining_1,95\n", "two rows for training_1, in"),
        ("Case,TTT\ntraining_1,95\ntraining_1_v2,60\n", "line 3: training_1_v2 is the name of no"),
        ("Case,TTT\ntraining_1 (2),95\n", r"line 2: training_1 \(2\) is the name of no case"),
        ("Case,TTT\ntraining_1,95\n,60\n", "line 3 names no case; fill the cell or drop the row"),
        ("Case,TSS,TTT\ntraining_1,9,95\ntraining_2,12,5,60\n", "4 cells under 3 headings"),
        ("Case,TTT,TTT\ntraining_1,95,3\n", "two columns for TTT: 'TTT' and 'TTT'; rename or drop"),
        ('Case,TTT\ntraining_1,"95\ntraining_2,60\n', "a quote is opened and not closed"),
        ("Case,TTT\ntraining_1,01:30\n", "line 2 .training_1. has TTT '01:30'; give a number"),
        (
            "Case,TTT\ntraining_7,95\n8,1\n",
            "has a row for none of the cases .training_1, training_2",
        ),
        ("Case,TTT\n", "has a row for none of the cases .*; it has no row"),
        ("", "is empty"),
    ],
)
def test_what_is_unclear_is_refused_in_one_sentence_that_names_the_file(text, words, join):
    with pytest.raises(IslesError, match=f"ISLES2017_Training.csv.*{words}") as error:
        join(text)
    assert "\n" not in str(error.value)


def test_a_wrong_table_is_a_problem_of_the_check_and_stops_nothing_else(join, tmp_path):
    with pytest.raises(IslesError):
        join("Case,TTT\ntraining_7,95\n")
    problems = [p for p in check_folder(tmp_path, ["ADC"]) if "ISLES2017_Training.csv" in p]
    assert [p.fatal for p in problems] == [True]
    with pytest.warns(UserWarning, match="has no row for 1 of 2 cases: training_1"):
        join("Case,TTT\ntraining_2,95\n")
    problems = [p for p in check_folder(tmp_path, ["ADC"]) if "ISLES2017_Training.csv" in p]
    assert [p.fatal for p in problems] == [False] and "no row for 1 of 2 cases" in problems[0]


def test_a_part_of_a_data_set_may_be_what_the_table_misses(join, tmp_path):
    with pytest.warns(UserWarning, match="has no row for 1 of 2 cases"):
        join("Case,TTT\ntraining_2,95\n")
    with pytest.warns(UserWarning, match="has no row for 1 of 1 cases: training_1"):
        (case,) = find_cases(tmp_path / "training" / "training_1")
    assert case.clinical == {}


def test_training_and_test_cases_of_one_number_are_never_confused(join, tmp_path):
    cases, name = "training_1 test_1", "clinical.csv"
    rows = "Case,TTT\ntest_1,60\ntraining_1,95\n"
    assert join(rows, cases, name) == {"training_1": 95, "test_1": 60}
    assert read_clinical(tmp_path / name) == {"test_1": {"TTT": 60}, "training_1": {"TTT": 95}}
    with pytest.raises(
        IslesError, match="clinical.csv, line 2: 1 may be a training or a test case"
    ):
        join("Case,TTT\n1,60\n", cases, name)
    (tmp_path / name).unlink()
    with pytest.raises(
        IslesError, match="ISLES2017_Test.csv has a row for none of the cases .test_1"
    ):
        join("Case,TTT\ntraining_1,60\n", cases, "ISLES2017_Test.csv")


@pytest.mark.parametrize(
    ("name", "row"), [("anna", "Anna"), ("case_7", "7"), ("training_1_v2", "training_1_v2")]
)
def test_other_names_of_cases_are_matched_whole(name, row, join):
    assert join(f"Case,TTT\n{row},95\n", name) == {name: 95}


def test_two_tables_for_one_part_are_refused_and_other_tables_passed_over(join, tmp_path):
    (tmp_path / "isles_training_scores.csv").write_text("case,dice\ntraining_1,0.5\n")
    rows = "Case,TTT\ntraining_1,95\ntraining_2,60\n"
    assert join(rows) == {"training_1": 95, "training_2": 60}
    with pytest.raises(IslesError, match="two clinical tables for training cases, ISLES2017_Train"):
        join(rows, name="ISLES2017_Training_old.csv")


def test_bids_patients_have_their_rows_by_name(tmp_path):
    for number in (1, 2):
        file = tmp_path / f"sub-strokecase000{number}" / f"sub-strokecase000{number}_adc.nii"
        file.parent.mkdir()
        file.touch()
    rows = "participant_id\tage\tTICI\nsub-strokecase0002\t70\t3.0\nsub-strokecase0001\t71\t2B\n"
    (tmp_path / "clinical.tsv").write_text(rows)
    found = {case.name[-1]: case.clinical for case in find_cases(tmp_path)}
    assert found == {"1": {"age": 71, "TICI": "2b"}, "2": {"age": 70, "TICI": "3"}}


def test_an_exact_heading_wins_over_one_that_contains_it(table):
    row = table("Case,pre-stroke mRS,mRS,TICI before,TICI,participants\n1,1,3,0,3,9\n")[1]
    assert row["mRS"] == 3 and row["TICI"] == "3" and row["pre-stroke mRS"] == 1
    assert row["TICI before"] == 0 and row["participants"] == 9
    assert column("Days to mRS") == "days_to_mRS" and column("pre-mRS") == "pre-mRS"


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("training_1", ("training", 1)),
        ("Test 023", ("test", 23)),
        ("1.00", (None, 1)),
        ("1.5", (None, "1.5")),
        ("-1", (None, "-1")),
        ("case_0", (None, 0)),
        ("training_1_v2", (None, "training_1_v2")),
        ("9" * 5000, (None, "9" * 5000)),
    ],
)
def test_numbers_are_those_of_whole_names(name, meant):
    assert case_id(name) == meant


def test_a_table_that_is_not_there_is_named(tmp_path):
    with pytest.raises(IslesError, match="nowhere.csv cannot be read"):
        read_clinical(tmp_path / "nowhere.csv")
