"""A plugin of pytest that counts, in networkx's own tests, the calls that reach the backend.

Written to the file named by FUNCNET_CALLS: for each function its calls, the outcomes of the tests
that made them, and how often networkx computed instead and why; and the reason of each skip.
With FUNCNET_EMPTY the functions are taken away first, which leaves a backend that can do nothing.
"""

import functools
import json
import os
from collections import Counter, defaultdict
from pathlib import Path

from funcnet_utils import networkx_backend
from funcnet_utils.networkx_info import FUNCTIONS

calls, refused = Counter(), defaultdict(Counter)
outcomes, skipped = defaultdict(Counter), Counter()
in_this_test = set()


def counted(name, function):
    @functools.wraps(function)
    def call(*args, **kwargs):
        calls[name] += 1
        in_this_test.add(name)
        return function(*args, **kwargs)

    return call


def asked(can_run):
    @functools.wraps(can_run)
    def ask(name, args, kwargs):
        answer = can_run(name, args, kwargs)
        if answer is not True:
            refused[name][str(answer)] += 1
        return answer

    return ask


def pytest_configure():
    networkx_backend.can_run = asked(networkx_backend.can_run)
    for name in FUNCTIONS:
        if os.environ.get("FUNCNET_EMPTY"):
            delattr(networkx_backend, name)
        else:
            setattr(networkx_backend, name, counted(name, getattr(networkx_backend, name)))


def pytest_runtest_setup():
    in_this_test.clear()


def pytest_runtest_logreport(report):
    if report.skipped and not hasattr(report, "wasxfail"):
        skipped[report.longrepr[2]] += 1
    elif report.when == "call" or report.failed:
        outcome = "xfailed" if hasattr(report, "wasxfail") else report.outcome
        outcomes[""][outcome] += 1
        for name in in_this_test:
            outcomes[name][outcome] += 1


def pytest_sessionfinish():
    found = {"calls": calls, "refused": refused, "outcomes": outcomes, "skipped": skipped}
    Path(os.environ["FUNCNET_CALLS"]).write_text(json.dumps(found))
