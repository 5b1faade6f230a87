"""`report.html` of an evaluation: one page that needs nothing beside it."""

from pixel.evaluation.report.page import write_page

__all__ = ["write_page"]
