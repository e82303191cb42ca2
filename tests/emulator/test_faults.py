"""Fault rules: what can be written, and what fires."""

import pytest

from aiotables.emulator import Fault
from aiotables.emulator.delays import Delay


CREATE = "zangtable.create_table"


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        (f"{CREATE}:after:drop", Fault(operation=CREATE, when="after", what="drop")),
        (f"{CREATE}:after:drop:p=0.05", Fault(operation=CREATE, when="after", what="drop", probability=0.05)),
        (
            "extruct.*:before:stall:stall=2.5",
            Fault(operation="extruct.*", when="before", what="stall", stall_seconds=2.5),
        ),
        (
            "*:before:throttle:retry_after=3:nth=2",
            Fault(operation="*", when="before", what="throttle", retry_after=3, nth=2),
        ),
        (
            "*:before:status:status=503:times=4",
            Fault(operation="*", when="before", what="status", status=503, times=4),
        ),
        (
            "extruct:before:delay:delay=uniform,0.1,0.5:path=/v1/*",
            Fault(
                operation="extruct",
                when="before",
                what="delay",
                delay=Delay("uniform", 0.1, 0.5),
                path="/v1/*",
            ),
        ),
        (
            "*:before:quota:calls=3:window=60",
            Fault(operation="*", when="before", what="quota", calls=3, window=60),
        ),
        (
            '*:after:status:status=502:body={"a":"b:c"}',
            Fault(operation="*", when="after", what="status", status=502, body='{"a":"b:c"}'),
        ),
        ("*:after:reset:probability=0.5", Fault(operation="*", when="after", what="reset", probability=0.5)),
    ],
)
def test_a_fault_is_read_from_text(text: str, fault: Fault) -> None:
    """Each part and each key of the text form has its place."""
    assert fault == Fault.parse(text)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("zangtable.create_table", "is not OPERATION:WHEN:WHAT"),
        ("", "is not OPERATION:WHEN:WHAT"),
        (":after:drop", "operation"),
        ("x:during:drop", "when of a fault is one of before, after, not 'during'"),
        (
            "x:after:explode",
            "one of drop, reset, stall, delay, status, throttle, quota, cut, garble, not 'explode'",
        ),
        ("x:after:drp", "not 'drp' (did you mean drop?)"),
        ("x:after:drop:p", "'p' is not KEY=VALUE"),
        ("x:after:drop:odds=1", "a fault has no 'odds'; there are p, stall, operation"),
        ("x:after:drop:tims=1", "a fault has no 'tims' (did you mean times?)"),
        ("x:after:drop:p=often", "p is not a number: 'often'"),
        ("x:after:drop:p=0.1:p=0.2", "p is given twice"),
        ("x:after:drop:p=0.1:probability=0.2", "probability is given twice"),
        ("x:after:drop:p=1.5", "probability of a fault lies between 0 and 1, not at 1.5"),
        ("x:after:drop:p=nan", "probability of a fault lies between 0 and 1"),
        ("x:after:drop:nth=0", "nth of a fault lies between 1"),
        ("x:after:drop:times=1.5", "times is not a whole number: '1.5'"),
        ("x:after:status:status=200", "status of a fault lies between 400 and 599, not at 200"),
        ("x:before:throttle:retry_after=-1", "retry_after of a fault lies between 0"),
        ("x:after:throttle", "use before:throttle"),
        ("x:after:quota:calls=1:window=1", "use before:quota"),
        ("x:before:delay", "delay needs how long"),
        ("x:before:drop:delay=1", "nothing else takes it"),
        ("x:before:delay:delay=exponential,1", "no distribution is named 'exponential'"),
        ("x:before:quota", "quota needs `calls` and `window`"),
        ("x:before:quota:calls=1", "quota needs `calls` and `window`"),
        ("x:before:drop:calls=1:window=1", "nothing else takes them"),
        ("x:after:drop:body=x", "a body goes with status, throttle, quota, not with drop"),
    ],
)
def test_a_wrong_fault_is_told_clearly(text: str, says: str) -> None:
    """The message names the whole text and what is wrong with it."""
    with pytest.raises(ValueError, match="fault") as caught:
        Fault.parse(text)

    assert says in str(caught.value)
    assert repr(text) in str(caught.value)


@pytest.mark.parametrize(
    ("rule", "fault"),
    [
        (f"{CREATE}:after:drop", Fault(operation=CREATE, when="after", what="drop")),
        (
            {"operation": CREATE, "when": "before", "what": "stall", "stall": 2, "p": 0.5},
            Fault(operation=CREATE, when="before", what="stall", stall_seconds=2, probability=0.5),
        ),
        (
            {"operation": "*", "when": "after", "what": "status", "status": 418, "body": {"a": [1]}},
            Fault(operation="*", when="after", what="status", status=418, body='{"a":[1]}'),
        ),
        (
            {"operation": "*", "when": "after", "what": "delay", "delay": 0.5},
            Fault(operation="*", when="after", what="delay", delay=0.5),
        ),
    ],
)
def test_a_fault_is_read_from_json(rule: object, fault: Fault) -> None:
    """A rule of a file or a request is a text or a mapping; a body in it may be any JSON."""
    assert fault == Fault.of(rule)


@pytest.mark.parametrize(
    ("rule", "says"),
    [
        (5, "a fault is a text OPERATION:WHEN:WHAT"),
        ({"operation": "x"}, "a fault needs when and what"),
        ({"operation": "x", "when": "after", "what": "drop", "nth": 1.5}, "nth is not a whole number: 1.5"),
        ({"operation": "x", "when": "after", "what": "drop", "nth": True}, "nth is not a whole number: True"),
        ({"operation": "x", "when": "after", "what": "drop", "p": None}, "p is not a number: None"),
        (
            {"operation": "x", "when": "after", "what": "drop", "nth": float("inf")},
            "nth is not a whole number",
        ),
        ({"operation": 5, "when": "after", "what": "drop"}, "operation is not a text: 5"),
        ({"operation": "x", "when": "after", "what": "drop", 7: 1}, "a fault has no 7"),
    ],
)
def test_json_that_is_no_fault(rule: object, says: str) -> None:
    """The message says what is wrong."""
    with pytest.raises(ValueError, match=r"fault|number|text") as caught:
        Fault.of(rule)

    assert says in str(caught.value)


@pytest.mark.parametrize(
    "text",
    [f"{CREATE}:after:drop:p=0.5:nth=2", "*:before:delay:delay=normal,0.2,0.1", "*:before:status:body=<p>:"],
)
def test_a_fault_can_be_written_down_again(text: str) -> None:
    """What is shown of a rule is read as the same rule, and says no more than it must."""
    fault = Fault.parse(text)

    assert fault == Fault.of(fault.to_mapping())
    assert "times" not in fault.to_mapping()


def test_a_fault_is_told_in_short() -> None:
    """The record of calls names a fault by its three parts."""
    assert f"{CREATE}:after:drop" == str(Fault(operation=CREATE, when="after", what="drop", probability=0.5))
