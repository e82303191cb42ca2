"""Tests of `aiotables.provision.problems`."""

import pickle

from aiotables.core.errors import AiotablesError
from aiotables.provision.problems import Faults, ManifestError, Place, Problem, in_row


def test_problem_prints_its_place_and_path() -> None:
    """A problem reads as `file:line:column: path: message`, which editors and terminals can follow."""
    problem = Problem.at(Place("m.yaml", 17, 5), "$.tables[3].name", "expected text; got 5")

    assert "m.yaml:17:5: $.tables[3].name: expected text; got 5" == str(problem)


def test_problem_of_a_row_has_no_path() -> None:
    """A problem in a file of rows has a line and no path of the manifest."""
    assert "t.csv:3:1: is no CSV" == str(Problem.at(Place("t.csv", 3), "", "is no CSV"))


def test_error_prints_a_line_for_each_problem() -> None:
    """All problems are in the message, each on its own line."""
    error = ManifestError(Problem("m.yaml", line, 1, "$", "bad") for line in (1, 2))

    assert "m.yaml:1:1: $: bad\nm.yaml:2:1: $: bad" == str(error)
    assert isinstance(error, AiotablesError)


def test_error_prints_at_most_fifty_problems() -> None:
    """A thousand problems do not flood the terminal: fifty are printed, and the rest is counted."""
    lines = str(ManifestError(Problem("m.yaml", line, 1, "$", "bad") for line in range(1, 1001))).splitlines()

    assert 51 == len(lines)
    assert "… and 950 more" == lines[-1]


def test_error_survives_pickling() -> None:
    """A process pool can return the error with its problems."""
    error = ManifestError([Problem("m.yaml", 1, 1, "$", "bad")])

    again = pickle.loads(pickle.dumps(error))  # noqa: S301 - made on the line itself

    assert error.problems == again.problems
    assert str(error) == str(again)


def test_in_row_says_where_the_row_is_from() -> None:
    """A problem of a template names the row whose values it was filled with."""
    error = in_row(ManifestError([Problem("m.yaml", 1, 1, "$", 'no column "x"')]), "t.csv:9")

    assert 'm.yaml:1:1: $: no column "x" (from t.csv:9)' == str(error)


def test_faults_are_noted_once() -> None:
    """The same problem found twice is one problem."""
    faults = Faults()
    faults.add(Place("m.yaml", 1), "$", "bad")
    faults.take([Problem("m.yaml", 1, 1, "$", "bad"), Problem("m.yaml", 2, 1, "$", "bad")])

    assert 2 == len(faults)


def test_faults_are_sorted_as_one_reads() -> None:
    """Problems of the manifest come first, from top to bottom, then those of files of rows."""
    faults = Faults()
    faults.add(Place("a.csv", 1), "", "row")
    faults.add(Place("m.yaml", 9), "$.b", "late")
    faults.add(Place("m.yaml", 2), "$.a", "early")

    assert ["early", "late", "row"] == [each.message for each in faults.sorted()]


def test_inside_tells_paths_apart() -> None:
    """A problem in table 10 is no problem in table 1, nor in table 10 of another file."""
    faults = Faults()
    faults.add(Place("m.yaml", 1), "$.tables[10].name", "bad")

    assert faults.inside("m.yaml", "$.tables[10]")
    assert faults.inside("m.yaml", "$.tables[10].name")
    assert faults.inside("m.yaml", "$.tables")
    assert not faults.inside("m.yaml", "$.tables[1]")
    assert not faults.inside("n.yaml", "$.tables[10]")
