"""Writing, type by type."""

from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any, Literal

import pytest
from attrs import define, field

from aiotables.core.convert import Converter
from aiotables.core.errors import RequestError
from aiotables.core.sentinels import UNSET, IntBool, StrEnum, UnknownVariant, Unset


class Kind(StrEnum):
    """An enum as the generator writes it."""

    ONE = "one"


@define(kw_only=True)
class Sent:
    """A model that may be sent: absent and null differ."""

    kind: Literal["sent"] = "sent"
    from_: str | Unset = field(default=UNSET, metadata={"wire": "from"})
    note: str | Unset | None = UNSET
    made: Kind | Unset = UNSET
    parts: "list[Sent | UnknownVariant] | Unset" = UNSET
    additional: dict[str, Any] = field(factory=dict, metadata={"additional": True})


@define(kw_only=True)
class Received:
    """A model that is only received: absent is None."""

    name: str
    note: str | None = None
    next: str | None = field(default=None, metadata={"null": True})
    flag: IntBool
    flags: list[IntBool] | None = None
    maybe: IntBool | None = None
    at: datetime | None = None
    day: date | None = None
    count: int = 0
    data: Any = None


def wire(value: object) -> Any:  # noqa: ANN401  # JSON of any shape
    """*value* as JSON."""
    return Converter().to_wire(value)


def test_absent_fields_are_not_sent() -> None:
    """A field that was not given does not appear at all; the tag always does."""
    assert {"kind": "sent"} == wire(Sent())


def test_null_is_sent() -> None:
    """A field that was given as None is null, which clears it."""
    assert {"kind": "sent", "note": None} == wire(Sent(note=None))


def test_wire_names_are_used() -> None:
    """The JSON name is sent, not the Python name."""
    assert {"kind": "sent", "from": "here"} == wire(Sent(from_="here"))


@pytest.mark.parametrize("kind", [Kind.ONE, Kind("robots"), "one"])
def test_enum_is_sent_as_plain_text(kind: Any) -> None:  # noqa: ANN401  # text in place of a member, too
    """A member, an unknown one and mere text are all sent as text."""
    made = wire(Sent(made=kind))["made"]

    assert str(kind) == made
    assert str is type(made)


def test_wrong_value_of_an_enum_field_is_sent_as_it_is() -> None:
    """The service is the judge of values; nothing is made into text in silence."""
    assert {"kind": "sent", "made": 3} == wire(Sent(made=3))  # type: ignore[arg-type]  # that is the point


def test_unknown_keys_are_sent_back() -> None:
    """What was kept on reading is sent again, and what the model has a field for wins."""
    sent = Sent(from_="here", additional={"colour": Kind.ONE, "from": "there"})

    assert {"kind": "sent", "from": "here", "colour": "one"} == wire(sent)


def test_unknown_variant_is_sent_as_it_came() -> None:
    """An object of an unknown kind goes back unchanged."""
    raw = {"kind": "star", "points": [5]}

    assert {"kind": "sent", "parts": [raw, {"kind": "sent"}]} == wire(
        Sent(parts=[UnknownVariant("star", raw), Sent()])
    )


def test_received_model_leaves_out_what_was_absent() -> None:
    """None in a received model means absent, except where the service always sends null."""
    assert {"name": "a", "next": None, "flag": 1, "count": 0} == wire(Received(name="a", flag=True))


def test_flags_are_sent_as_0_and_1() -> None:
    """A flag that was read from 0 or 1 is written as such, wherever it is."""
    written = wire(Received(name="a", flag=False, flags=[True, False], maybe=True))

    assert [0, [1, 0], 1] == [written["flag"], written["flags"], written["maybe"]]
    assert int is type(written["flag"])


@pytest.mark.parametrize(
    ("expected", "at"),
    [
        ("2026-06-02T01:00:00Z", datetime(2026, 6, 2, 1, 0, tzinfo=UTC)),
        ("2026-06-02T01:00:00.000001Z", datetime(2026, 6, 2, 1, 0, 0, 1, tzinfo=UTC)),
        ("2026-06-02T01:00:00Z", datetime(2026, 6, 2, 1, 0, tzinfo=timezone(timedelta()))),
        ("2026-06-02T01:00:00-05:00", datetime(2026, 6, 2, 1, 0, tzinfo=timezone(timedelta(hours=-5)))),
    ],
)
def test_date_time_is_written_with_z(expected: str, at: datetime) -> None:
    """A time in UTC ends in Z, as both services write it; another zone keeps its offset."""
    assert expected == wire(Received(name="a", flag=True, at=at))["at"]


def test_date_time_without_zone_is_refused() -> None:
    """A time that does not say which zone it is in is not guessed at."""
    at = datetime(2026, 6, 2, 1, 0)  # noqa: DTZ001  # that is the point

    with pytest.raises(RequestError, match="without a time zone"):
        wire(Received(name="a", flag=True, at=at))


def test_date_is_written() -> None:
    """A date is year, month and day."""
    assert "2026-06-02" == wire(Received(name="a", flag=True, day=date(2026, 6, 2)))["day"]


@pytest.mark.parametrize("number", [float("nan"), float("inf"), -float("inf")])
def test_numbers_that_json_lacks_are_refused(number: float) -> None:
    """NaN is not turned into null in silence."""
    with pytest.raises(RequestError, match="NaN and infinity"):
        wire(Received(name="a", flag=True, data={"x": [number]}))


@pytest.mark.parametrize("data", [[UNSET], {"x": UNSET}])
def test_unset_is_refused_where_it_cannot_be_left_out(data: object) -> None:
    """An absent value inside a free-form object is a mistake, not the text UNSET."""
    with pytest.raises(RequestError, match="UNSET cannot be sent"):
        wire(Received(name="a", flag=True, data=data))


@pytest.mark.parametrize("number", [float("nan"), float("inf")])
def test_numbers_are_refused_wherever_they_are(number: float) -> None:
    """A NaN is found in a model, in what a model keeps, in a tuple and by itself."""
    for value in (
        Sent(additional={"x": number}),
        [Received(name="a", flag=True, data=(1, number))],
        {"a": {"b": Received(name="a", flag=True, data=number)}},
        UnknownVariant("star", {"kind": "star", "size": number}),
        number,
    ):
        with pytest.raises(RequestError, match="NaN and infinity"):
            wire(value)


def test_nulls_among_numbers_are_sent() -> None:
    """A null is no reason to refuse the numbers beside it."""
    data = {"a": [None, 1.5, "x"], "b": (None, 2), "c": Kind.ONE}

    assert {"a": [None, 1.5, "x"], "b": [None, 2], "c": "one"} == wire(
        Received(name="a", flag=True, data=data)
    )["data"]


def test_free_form_data_may_hold_models() -> None:
    """Models, members and times inside a free-form object are written like elsewhere."""
    data = {"a": [Sent(note="x"), Kind.ONE, 1.5, True, None, datetime(2026, 6, 2, tzinfo=UTC)]}

    written = wire(Received(name="a", flag=True, data=data))["data"]

    assert {"a": [{"kind": "sent", "note": "x"}, "one", 1.5, True, None, "2026-06-02T00:00:00Z"]} == written


@define(kw_only=True)
class Mixed:
    """A model with unions and lists that orjson could not write by itself."""

    either: "Sent | list[Received] | IntBool | str | None" = None
    times: list[datetime] | None = None
    by_name: dict[str, Sent] | None = None
    days: list[date] | None = None


def test_members_of_unions_are_told_apart_by_their_class() -> None:
    """A model, a list of models, a flag and a text in one field are each written their own way."""
    received = Received(name="a", flag=True)

    assert {"either": {"kind": "sent", "note": "x"}} == wire(Mixed(either=Sent(note="x")))
    assert {"either": [{"name": "a", "next": None, "flag": 1, "count": 0}]} == wire(Mixed(either=[received]))
    assert int is type(wire(Mixed(either=True))["either"])
    assert {"either": "x"} == wire(Mixed(either="x"))


def test_models_in_lists_and_objects_are_written() -> None:
    """What is in a list or an object is written as it is elsewhere."""
    mixed = Mixed(
        times=[datetime(2026, 6, 2, tzinfo=UTC)], by_name={"a": Sent(note="x")}, days=[date(2026, 6, 2)]
    )

    assert {
        "times": ["2026-06-02T00:00:00Z"],
        "by_name": {"a": {"kind": "sent", "note": "x"}},
        "days": ["2026-06-02"],
    } == wire(mixed)


def test_what_is_written_is_apart_from_the_model() -> None:
    """To change the one afterwards does not change the other, whose tree it may have shared."""
    data: dict[str, Any] = {"a": [1]}
    written = wire(Received(name="a", flag=True, data=data))
    data["a"].append(2)

    assert {"a": [1]} == written["data"]


def test_model_in_itself_is_refused() -> None:
    """A tree without an end is told as such."""
    sent = Sent()
    converter = Converter()
    assert b'{"kind":"sent"}' == converter.encode(sent)
    sent.parts = [sent]

    for one in (converter, Converter()):
        with pytest.raises(RequestError, match="cannot be written as JSON: maximum recursion depth"):
            one.encode(sent)


@pytest.mark.parametrize("text", [":null", "[null]", ",null", "null", "is_nullable", "null_"])
def test_names_and_texts_are_no_nulls(text: str) -> None:
    """Only a value is taken for what JSON lacks, whatever texts stand around it."""
    assert {"name": text, "flag": 1, "next": text, "count": 0, "data": {text: text}} == wire(
        Received(name=text, flag=True, next=text, data={text: text})
    )
    with pytest.raises(RequestError, match="NaN and infinity"):
        wire(Received(name=text, flag=True, next=text, data={text: float("nan")}))
