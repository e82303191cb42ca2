"""From options to settings."""

from pathlib import Path
from typing import Any

import pytest

from aiotables.emulator import Choices, Fault, ManualClock
from aiotables.emulator.options import OPTIONS
from aiotables.emulator.serve import ServeOptions
from aiotables.emulator.settings import serve_options


def given(**options: Any) -> dict[str, Any]:  # noqa: ANN401 - whatever an option takes
    """The options, those that are not named as they are by default."""
    return {option.name: option.default for option in OPTIONS} | options


def test_nothing_said() -> None:
    """Without options all is as for the emulator in a program, but the port is a known one."""
    assert ServeOptions(port=8787) == serve_options(given())


def test_all_said(tmp_path: Path) -> None:
    """Each option has its place; files and single values add up, and of choices the single ones count more."""
    faults, choices = tmp_path / "faults.json", tmp_path / "choices.json"
    faults.write_text('["extruct:after:drop"]')
    choices.write_text('{"credits": 5, "plan_tier": "free"}')

    options = serve_options(
        given(
            port=0,
            host="0.0.0.0",  # noqa: S104 - nothing listens
            exposed=True,
            data=tmp_path,
            seed_file=tmp_path / "state.yaml",
            restore=tmp_path / "s.zip",
            fault=["zangtable:after:drop"],
            faults=[faults],
            seed=7,
            project=["a=pat_a", "b=pat_b=c"],
            extruct_token="own",
            address_file=tmp_path / "address",
            choice=["credits=7"],
            choices=choices,
            run_seconds=2.0,
            run_lag=3.0,
            query_seconds=4.0,
        )
    )

    assert (
        ServeOptions(
            port=0,
            host="0.0.0.0",  # noqa: S104 - nothing listens
            exposed=True,
            data=tmp_path,
            state=tmp_path / "state.yaml",
            snapshot=tmp_path / "s.zip",
            faults=(Fault.parse("extruct:after:drop"), Fault.parse("zangtable:after:drop")),
            seed=7,
            projects={"a": "pat_a", "b": "pat_b=c"},
            extruct_token="own",
            address_file=tmp_path / "address",
            choices=Choices(credits=7, plan_tier="free"),
            run_seconds=2.0,
            run_lag=3.0,
            query_seconds=4.0,
        )
        == options
    )


def test_time_can_stand_still() -> None:
    """Then nothing but the emulator's own endpoint moves it."""
    assert isinstance(serve_options(given(still=True)).clock, ManualClock)


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"port": 65_536}, "--port lies between 0 and 65535, not at 65536"),
        ({"port": -1}, "--port lies between"),
        ({"fault": ["x"]}, "is not OPERATION:WHEN:WHAT"),
        ({"project": ["pat_secret"]}, "a project is given as SLUG=TOKEN"),
        ({"choice": ["credits"]}, "a choice is given as NAME=VALUE, not 'credits'"),
        ({"choice": ["credit=5"]}, "(did you mean credits?)"),
        ({"run_seconds": -1.0}, "run-seconds is a number of seconds, not -1.0"),
        ({"run_lag": float("nan")}, "run-lag is a number of seconds"),
        ({"query_seconds": float("inf")}, "query-seconds is a number of seconds"),
    ],
)
def test_what_makes_no_sense(options: dict[str, Any], says: str) -> None:
    """The message says what is wrong, and repeats no token."""
    with pytest.raises(ValueError, match=r".") as caught:
        serve_options(given(**options))

    assert says in str(caught.value)
    assert "pat_secret" not in str(caught.value)


def test_a_file_of_choices_that_is_none(tmp_path: Path) -> None:
    """It is named."""
    file = tmp_path / "choices.json"
    file.write_text("[]")

    with pytest.raises(ValueError, match=r"choices\.json: the file holds no names with values"):
        serve_options(given(choices=file))
