"""The report of a bump: what changed, and how it is shown."""

from .changes import Change, Report, compare, strangers
from .screens import as_annotations, as_json, as_markdown, as_text
from .verdicts import Mark

__all__ = [
    "Change",
    "Mark",
    "Report",
    "as_annotations",
    "as_json",
    "as_markdown",
    "as_text",
    "compare",
    "strangers",
]
