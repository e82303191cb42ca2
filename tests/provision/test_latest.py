"""What was made last is made once, and never given for something else."""

from aiotables.provision.latest import Latest


def test_once_for_the_same() -> None:
    """For the object of the last call nothing is made anew, for another one it is."""
    asked: list[tuple[object, ...]] = []

    def shown(values: tuple[object, ...]) -> str:
        asked.append(values)
        return repr(values)

    latest = Latest(shown)
    first, second = (1, 2), (3,)

    assert ["(1, 2)", "(1, 2)", "(3,)", "(1, 2)"] == [latest(each) for each in (first, first, second, first)]
    assert [first, second, first] == asked


def test_equal_is_not_the_same() -> None:
    """What only equals the last one is made anew: it may look otherwise."""
    latest: Latest[tuple[object, ...], str] = Latest(repr)

    assert ["(1,)", "(True,)"] == [latest((1,)), latest((True,))]
