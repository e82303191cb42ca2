"""JSON to models and back, end to end."""

import copy
import json
import pickle
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta, timezone
from typing import Any, Literal

import pytest
from attrs import define, field
from hypothesis import given
from hypothesis import strategies as st

from aiotables.core.convert import MOST_SHOWN, Converter
from aiotables.core.errors import DecodeError, RequestError
from aiotables.core.sentinels import UNSET, IntBool, StrEnum, UnknownVariant, Unset


class Kind(StrEnum):
    """An enum as the generator writes it."""

    COMPANY = "company"
    PEOPLE = "people"


@define(kw_only=True)
class Value:
    """What is asked."""

    prompt: str
    kind: Kind | Unset = UNSET
    labels: list[str] | Unset | None = UNSET
    additional: dict[str, Any] = field(factory=dict, metadata={"additional": True})


@define(kw_only=True)
class Agent:
    """One variant of a config."""

    kind: Literal["agent"] = "agent"
    key: str
    value: Value
    additional: dict[str, Any] = field(factory=dict, metadata={"additional": True})


@define(kw_only=True)
class Input:
    """Another."""

    kind: Literal["input"] = "input"
    key: str
    from_: int | float | str | bool | Unset | None = field(default=UNSET, metadata={"wire": "from"})


Config = Agent | Input | UnknownVariant


@define(kw_only=True)
class Column:
    """A column, as it is received."""

    id: str
    created_at: datetime
    config: Config
    is_unique: IntBool
    note: str | None = None
    next: str | None = field(default=None, metadata={"null": True})
    tags: dict[str, Kind] | None = None


JSON_VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
KINDS = st.one_of(st.sampled_from(Kind), st.text().map(Kind))
FIELDS = frozenset({"kind", "key", "value", "prompt", "labels"})
UNKNOWN = st.dictionaries(st.text().filter(lambda key: key not in FIELDS), JSON_VALUES, max_size=3)
VALUES = st.builds(
    Value,
    prompt=st.text(),
    kind=st.just(UNSET) | KINDS,
    labels=st.just(UNSET) | st.none() | st.lists(st.text(), max_size=2),
    additional=UNKNOWN,
)
UNKNOWN_VARIANTS = st.builds(
    lambda tag, raw: UnknownVariant(tag, {"kind": tag, **raw}),
    st.text().filter(lambda tag: tag not in {"agent", "input"}),
    UNKNOWN,
)
CONFIGS = st.one_of(
    st.builds(Agent, key=st.text(), value=VALUES, additional=UNKNOWN),
    st.builds(
        Input,
        key=st.text(),
        from_=st.just(UNSET) | st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.text(),
    ),
    UNKNOWN_VARIANTS,
)
TIMES = st.datetimes(
    min_value=datetime(1, 1, 2),  # noqa: DTZ001  # the zone is given beside it
    max_value=datetime(9999, 12, 30),  # noqa: DTZ001  # as above
    timezones=st.integers(-1439, 1439).map(lambda minutes: timezone(timedelta(minutes=minutes))),
)
COLUMNS = st.builds(
    Column,
    id=st.text(),
    created_at=TIMES,
    config=CONFIGS,
    is_unique=st.booleans(),
    note=st.none() | st.text(),
    next=st.none() | st.text(),
    tags=st.none() | st.dictionaries(st.text(), KINDS, max_size=2),
)

CONVERTER = Converter()


@given(COLUMNS)
def test_model_survives_json(column: Column) -> None:
    """What is written is read as the same model, whatever is in it."""
    assert column == CONVERTER.decode(CONVERTER.encode(column), Column)


@given(COLUMNS)
def test_json_survives_the_model(column: Column) -> None:
    """What was read is written as the same JSON."""
    document = CONVERTER.encode(column)

    assert json.loads(document) == json.loads(CONVERTER.encode(CONVERTER.decode(document, Column)))


@given(COLUMNS)
def test_bytes_and_objects_are_the_same(column: Column) -> None:
    """Writing bytes and writing objects differ in nothing else, and both can be read."""
    written = CONVERTER.to_wire(column)

    assert written == json.loads(CONVERTER.encode(column))
    assert column == CONVERTER.decode(written, Column)


@given(COLUMNS)
def test_model_survives_pickle_and_deepcopy(column: Column) -> None:
    """A model, its unknown members and variants included, can be sent to another process and copied."""
    assert column == pickle.loads(pickle.dumps(column))  # noqa: S301  # our own pickle
    assert column == copy.deepcopy(column)


@pytest.mark.parametrize("make", [bytes, bytearray, memoryview])
def test_documents_may_be_any_bytes(make: Any) -> None:  # noqa: ANN401  # a type
    """What a socket or a file gives is read without a copy."""
    assert [1] == CONVERTER.decode(make(b"[1]"), list[int])


def test_text_is_a_value_and_no_document() -> None:
    """Text that looks like JSON is still text."""
    assert "[1]" == CONVERTER.decode("[1]", str)


@pytest.mark.parametrize("document", [b"", b"{", b'{"a": secret}', b"\xff", b"[1] 2", b"NaN"])
def test_no_json_is_told_with_its_place(document: bytes) -> None:
    """A document that is no JSON is told by line and column, not by what it holds."""
    with pytest.raises(
        DecodeError, match=r"the document cannot be read: \$: not JSON \(line 1, column \d+\)"
    ) as caught:
        CONVERTER.decode(document, Column)

    assert "secret" not in str(caught.value)
    assert 1 == len(caught.value.problems)


FAULTY = {
    "id": None,
    "created_at": "a secret",
    "config": {"kind": "agent", "key": "k", "value": {"labels": ["a", 3]}},
    "is_unique": 7,
    "tags": {"x": "company", "y": None},
}


def test_all_faults_are_told_at_once() -> None:
    """Every fault has its path in wire names, its expectation and the type that was found."""
    with pytest.raises(DecodeError) as caught:
        CONVERTER.decode(FAULTY, Column)

    assert (
        "$.id: expected str, got null",
        "$.created_at: expected date-time, got another str",
        "$.config.value.prompt: required field missing",
        "$.config.value.labels[1]: expected str, got int",
        "$.is_unique: expected 0 or 1, got another int",
        "$.tags.y: expected str, got null",
    ) == caught.value.problems


def test_message_shows_the_first_faults() -> None:
    """The message names the type and a few of the problems; the rest is on the error."""
    with pytest.raises(DecodeError) as caught:
        CONVERTER.decode(FAULTY, Column)

    assert str(caught.value).startswith("Column cannot be read: $.id: expected str, got null; ")
    assert str(caught.value).endswith("; ...")
    assert MOST_SHOWN == str(caught.value).count("expected") + str(caught.value).count("missing")


@given(st.text(min_size=12))
def test_values_are_not_told(secret: str) -> None:
    """No error quotes what was in the data, wherever it was."""
    value = {"id": [secret], "created_at": secret, "config": {"kind": [secret]}, "is_unique": secret}

    with pytest.raises(DecodeError) as caught:
        CONVERTER.decode(value, Column)

    assert secret not in str(caught.value)
    assert secret not in "".join(caught.value.problems)
    assert caught.value.__cause__ is None


def test_error_survives_pickle() -> None:
    """A worker can send the error to its parent, good items included."""
    with pytest.raises(DecodeError) as caught:
        CONVERTER.decode([1, "a"], list[int])

    arrived = pickle.loads(pickle.dumps(caught.value))  # noqa: S301  # our own pickle

    assert caught.value.problems == arrived.problems
    assert ("$", ((0, 1),)) == (arrived.list_path, arrived.good)


GOOD = {
    "id": "1",
    "created_at": "2026-06-02T01:00:00Z",
    "config": {"kind": "input", "key": "k"},
    "is_unique": 0,
}


def test_bad_item_does_not_lose_the_page() -> None:
    """Of a list with a bad item, the good ones are on the error, each with its index."""
    good = CONVERTER.decode(GOOD, Column)

    with pytest.raises(DecodeError) as caught:
        CONVERTER.decode([GOOD, {**GOOD, "id": 3}, GOOD, None], list[Column])

    assert ((0, good), (2, good)) == caught.value.good
    assert ("$[1].id: expected str, got int", "$[3]: expected object, got null") == caught.value.problems
    assert str(caught.value).startswith("list of Column cannot be read: $[1].id")


@define(kw_only=True)
class Sheet:
    """A page inside of something larger."""

    name: str
    columns: list[Column]
    rows: list[dict[str, int]] | None = None
    deep: dict[str, list[list[int]]] | None = None
    next: "Sheet | None" = None


SHEET: dict[str, Any] = {"name": "s", "columns": [GOOD]}


def unread(document: object) -> DecodeError:
    """The error of a sheet."""
    with pytest.raises(DecodeError) as caught:
        CONVERTER.decode(document, Sheet)
    return caught.value


def test_bad_item_of_a_list_inside() -> None:
    """A list inside of what is read is saved as well, and the error says which list it is."""
    error = unread({**SHEET, "rows": [{"a": 1}, {"a": "x"}, 5, {}]})

    assert ("$.rows[1].a: expected int, got str", "$.rows[2]: expected object, got int") == error.problems
    assert "$.rows" == error.list_path
    assert ((0, {"a": 1}), (3, {})) == error.good


def test_first_list_with_bad_items() -> None:
    """Of several lists with bad items the first is saved, the outer one where they are in each other."""
    good = CONVERTER.decode(GOOD, Column)

    both = unread({**SHEET, "columns": [{}, GOOD], "rows": [1, {}]})
    nested = unread({**SHEET, "deep": {"a": [[1], [2]], "b": [[3], [4, "x"]]}})
    further = unread({**SHEET, "next": {**SHEET, "rows": [{}, None]}})

    assert ("$.columns", ((1, good),)) == (both.list_path, both.good)
    assert ("$.deep.b", ((0, [3]),)) == (nested.list_path, nested.good)
    assert ("$.next.rows", ((0, {}),)) == (further.list_path, further.good)


def test_faults_beside_a_list() -> None:
    """What is wrong elsewhere is told as well, and saves no less."""
    error = unread({**SHEET, "name": 1, "rows": [{"a": 1}, 5]})

    assert ("$.name: expected str, got int", "$.rows[1]: expected object, got int") == error.problems
    assert ((0, {"a": 1}),) == error.good


@pytest.mark.parametrize(
    "document", [None, {}, {**SHEET, "name": 1}, {**SHEET, "rows": 3}, {**SHEET, "next": {}}]
)
def test_faults_in_no_list(document: object) -> None:
    """Where no item of a list is bad there is no list to save."""
    error = unread(document)

    assert (None, ()) == (error.list_path, error.good)


tries: list[str] = []


def _second_try(model: object, attribute: object, value: str) -> None:
    tries.append(value)
    if len(tries) == 1:
        raise ValueError(value)


@define(kw_only=True)
class Moody:
    """A class that is read at the second try."""

    name: str = field(validator=_second_try)


def test_fault_that_does_not_come_again() -> None:
    """A value that cannot be read at first, and can when it is looked for why, is an error all the same."""
    with pytest.raises(DecodeError) as caught:
        CONVERTER.decode({"name": "a"}, Moody)

    assert ("$: cannot be read",) == caught.value.problems


def test_bad_page_of_many_items_is_told_in_few_lines() -> None:
    """Ten thousand bad rows give a list that can be read."""
    with pytest.raises(DecodeError) as caught:
        CONVERTER.decode([None] * 10_000, list[Column])

    assert "and 9980 more" == caught.value.problems[-1]


def test_no_list_has_no_good_items() -> None:
    """Where a list was expected and there is none, there is nothing to save."""
    with pytest.raises(DecodeError) as caught:
        CONVERTER.decode({}, list[Column])

    assert () == caught.value.good
    assert ("$: expected array, got object",) == caught.value.problems


def test_good_document_is_good_in_a_strict_converter() -> None:
    """Forbidding unknown fields changes nothing for documents without any."""
    assert CONVERTER.decode(GOOD, Column) == Converter(forbid_unknown=True).decode(GOOD, Column)


@pytest.mark.parametrize("value", [{1: "a"}, {"a": {3}}, 2**64, "\ud800", object(), b"bytes"])
def test_value_without_a_form_in_json_is_refused(value: object) -> None:
    """What JSON has no form for is told before anything is sent."""
    with pytest.raises(RequestError, match="cannot be written as JSON"):
        CONVERTER.encode(value)


def test_list_is_written_by_what_is_in_it() -> None:
    """A list of models is written as a list of objects."""
    assert b'[{"kind":"input","key":"k"}]' == CONVERTER.encode([Input(key="k")])


def test_utc_ends_in_z() -> None:
    """A time in UTC is written as both services write it."""
    assert b'["2026-06-02T01:00:00Z"]' == CONVERTER.encode([datetime(2026, 6, 2, 1, tzinfo=UTC)])


def test_threads_share_a_converter() -> None:
    """Threads that meet the same types at the same time all read the same."""
    converter = Converter()

    with ThreadPoolExecutor(8) as pool:
        read = list(pool.map(lambda _: converter.decode(GOOD, Column), range(64)))

    assert [CONVERTER.decode(GOOD, Column)] * 64 == read
