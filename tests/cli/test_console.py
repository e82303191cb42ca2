"""What goes where, and that text from outside stays text."""

import orjson
import pytest

from aiotables.cli.console import complain, err, out, plain, print_json, say, spoken


def test_streams(capsys: pytest.CaptureFixture[str]) -> None:
    """Results go to standard output; progress and complaints to standard error."""
    out().print("result")
    err().print("progress")
    complain("wrong")

    assert ("result\n", "progress\nwrong\n") == capsys.readouterr()


def test_long_lines(capsys: pytest.CaptureFixture[str]) -> None:
    """Long lines are left to the terminal, so that what is piped can be searched by the line."""
    out().print("word " * 100)
    complain("word " * 100)

    assert [1, 1] == [len(text.splitlines()) for text in capsys.readouterr()]


def test_text_from_outside(capsys: pytest.CaptureFixture[str]) -> None:
    """Markup and control characters in a text are shown, and not obeyed; lines stay lines."""
    complain("[red]a[/red] \x1b[2J\rb\x07\nc ä 表")

    assert "[red]a[/red] \N{REPLACEMENT CHARACTER}[2J" in (text := capsys.readouterr().err)
    assert "\x1b" not in text
    assert "\r" not in text
    assert text.endswith("\nc ä 表\n")
    assert "red" == plain("x", "red").style


def test_many_lines(capsys: pytest.CaptureFixture[str]) -> None:
    """Lines that are printed fast are as harmless as others, and as long as they are."""
    say("[red]a[/red] \x1b[2J " + "x" * 1000)

    (line,) = capsys.readouterr().out.splitlines()
    assert "[red]a[/red] \N{REPLACEMENT CHARACTER}[2J " + "x" * 1000 == line


def test_json_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    """A JSON object is one line, however long, and is never coloured."""
    value = {"text": "x" * 1000 + "\n[red]"}

    print_json(value)

    (line,) = capsys.readouterr().out.splitlines()
    assert value == orjson.loads(line)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(1.4, "1 s"), (119.0, "119 s"), (130.0, "2 min"), (7100.0, "118 min"), (9000.0, "2.5 h")],
)
def test_times_in_words(seconds: float, words: str) -> None:
    """A time is told in the unit that people would choose."""
    assert words == spoken(seconds)
