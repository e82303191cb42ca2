"""Tests of `aiotables.provision.ordering`."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiotables.provision.desired import Desired, TableKey, ZangTableSpec
from aiotables.provision.ordering import Circle, Missing, Ordering


def _desired(name: str, *needs: str) -> Desired:
    return Desired(
        target="t",
        key=name,
        name=name,
        spec=ZangTableSpec(name=name),
        identity=name,
        digest="",
        origin="",
        depends_on=tuple(TableKey("t", each, each) for each in needs),
    )


def _with(ordering: Ordering, **tables: str) -> Ordering:
    for name, needs in tables.items():
        ordering.add(_desired(name, *needs.split()), name.encode())
    return ordering


def test_each_comes_after_what_it_needs() -> None:
    """What is needed comes first, and what is not tied keeps its order."""
    with Ordering() as ordering:
        _with(ordering, d="c", c="a b", b="", a="", e="")

        assert [(0, b"b"), (0, b"a"), (0, b"e"), (1, b"c"), (2, b"d")] == list(ordering.ranked())
        assert [] == list(ordering.missing())
        assert ordering.circle() is None


@given(st.lists(st.tuples(st.integers(0, 20), st.integers(0, 20)), max_size=60))
def test_any_graph(edges: list[tuple[int, int]]) -> None:
    """Of a graph without circles every edge is kept; of another one a circle is named, each edge of which is there."""
    with Ordering() as ordering:
        for node in range(21):
            needs = [str(on) for of, on in edges if of == node]
            ordering.add(_desired(str(node), *needs), str(node).encode())
        circle = ordering.circle()
        if circle is None:
            place = {int(data): at for at, (_, data) in enumerate(ordering.ranked())}
            assert all(place[on] < place[of] for of, on in edges)
        elif "…" not in circle.names:
            assert circle.names[0] == circle.names[-1]
            pairs = zip(circle.names, circle.names[1:], strict=False)
            assert all((int(of[2:]), int(on[2:])) in edges for of, on in pairs)


def test_what_nobody_asks_for() -> None:
    """A need that is no table is told, once, and does not hold up the order."""
    with Ordering() as ordering:
        _with(ordering, a="b nobody nobody", b="")

        assert [Missing(b"a", 1, "t/nobody")] == list(ordering.missing())
        assert [(0, b"b"), (1, b"a")] == list(ordering.ranked())
        assert ["t/a", "t/b"] == ordering.names()


@pytest.mark.parametrize(
    ("tables", "first", "names"),
    [
        ({"a": "a"}, b"a", ("t/a", "t/a")),
        ({"behind": "a", "a": "b", "b": "c", "c": "a"}, b"a", ("t/a", "t/b", "t/c", "t/a")),
        (
            {f"n{n}": f"n{(n + 1) % 30}" for n in range(30)},
            b"n0",
            (*(f"t/n{n}" for n in range(9)), "…", "t/n0"),
        ),
    ],
)
def test_circle(tables: dict[str, str], first: bytes, names: tuple[str, ...]) -> None:
    """A circle is named from its first table round to it again; a long one is cut."""
    with Ordering() as ordering:
        assert Circle(first, names) == _with(ordering, **tables).circle()


def test_a_long_chain() -> None:
    """A chain of many tables, the last first, is put the right way round."""
    with Ordering() as ordering:
        for n in range(2000):
            ordering.add(_desired(str(n), str(n + 1)), str(n).encode())
        ordering.add(_desired("2000"), b"2000")

        assert [(2000 - n, str(n).encode()) for n in range(2000, -1, -1)] == list(ordering.ranked())


def test_one_key_twice() -> None:
    """Of two tables with one key the first counts; that they are two is told elsewhere."""
    with Ordering() as ordering:
        ordering.add(_desired("a"), b"first")
        ordering.add(_desired("a"), b"second")

        assert [(0, b"first")] == list(ordering.ranked())
