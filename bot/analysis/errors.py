"""Why an analysis gave no report."""

from __future__ import annotations


class AnalysisFailed(Exception):  # noqa: N818 - named as its reader thinks of it
    """A limit was reached, as it would be again; ``str(error)`` is a sentence for the log and the dead letter."""


class AnalysisTooLong(AnalysisFailed):
    """The time limit passed; the process was ended."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"the analysis took longer than {seconds:g} seconds")
        self.seconds = seconds


class AnalysisTooLarge(AnalysisFailed):
    """The memory limit was reached; ``megabytes`` is the limit, in units of 2**20 bytes."""

    def __init__(self, megabytes: int) -> None:
        super().__init__(f"the analysis needed more than {megabytes} MB of memory")
        self.megabytes = megabytes


class AnalysisCrashed(Exception):  # noqa: N818 - named as its reader thinks of it
    """The process died, which may have had a cause outside of it; ``reason`` says how. Worth another attempt."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"the analysis process {reason}")
        self.reason = reason
