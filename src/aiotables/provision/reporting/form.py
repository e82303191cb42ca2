"""What a report can be written as."""

import enum


class Form(enum.StrEnum):
    """What a report is written as."""

    MARKDOWN = "markdown"
    JSON = "json"
    HTML = "html"
