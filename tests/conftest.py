"""A skip is said, never silent; in CI only hardware that is not there may be skipped."""

import os
from collections.abc import Generator

import pytest

IN_CI = os.environ.get("CI") == "true"
HARDWARE = "hardware:"  # how the reason of a skip begins that CI accepts


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """In CI a missing program is a failure: CI shall install it (tools/test-tools.sh)."""
    report = yield
    if IN_CI and report.skipped and not hasattr(report, "wasxfail"):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
        if HARDWARE not in reason:
            report.outcome = "failed"
            report.longrepr = f"{item.nodeid} was skipped in CI: {reason}"
    return report
