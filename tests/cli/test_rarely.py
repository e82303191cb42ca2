"""Lines of the log that come again and again."""

import logging

import pytest

from aiotables.cli.rarely import AGAIN, TALKATIVE, Rarely, said_rarely


def line(text: str, *values: object) -> logging.LogRecord:
    """A line, with the traceback of an error."""
    error = ValueError("no")
    return logging.LogRecord("any", logging.WARNING, "file", 1, text, values, (ValueError, error, None))


def test_a_line_comes_once_in_a_while() -> None:
    """What differs in its values alone is the same line, and comes again when some time has passed."""
    times = iter([0.0, 1.0, 2.0, AGAIN - 0.5, AGAIN])
    rarely = Rarely(now=lambda: next(times))

    assert rarely(line("for another %d s", 88))
    assert not rarely(line("for another %d s", 87))
    assert rarely(line("something else"))
    assert not rarely(line("for another %d s", 1))
    assert rarely(line("for another %d s", 88))


def test_no_traceback() -> None:
    """A line that is written is one line."""
    written = line("lost")

    assert Rarely()(written)
    assert written.exc_info is None


@pytest.mark.parametrize("name", TALKATIVE)
def test_inside_of_the_block_alone(name: str, caplog: pytest.LogCaptureFixture) -> None:
    """Afterwards the loggers are as they were."""
    logger = logging.getLogger(name)
    before = list(logger.filters)

    with said_rarely():
        logger.warning("away: %d", 1)
        logger.warning("away: %d", 2)
    assert before == logger.filters
    logger.warning("away: %d", 3)

    assert ["away: 1", "away: 3"] == caplog.messages
