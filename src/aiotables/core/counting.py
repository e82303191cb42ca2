"""Numbers of things, in words."""


def counted(number: int, one: str, many: str | None = None) -> str:
    """
    `1 table`, `2,000 tables`.

    Args:
        number: How many there are.
        one: What one of them is called, with its verb if there is one.
        many: What others are called; by default with an s.
    """
    return f"{number:,} {one if number == 1 else many or f'{one}s'}"
