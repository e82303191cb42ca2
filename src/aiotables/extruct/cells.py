"""Values of cells, which the service gives bare or wrapped."""


def bare(cell: object) -> object:
    """The value of a cell, without what the service may wrap it in."""
    if isinstance(cell, dict) and "value" in cell:
        value = cell["value"]
        return value.get("answer", value) if isinstance(value, dict) else value
    return cell
