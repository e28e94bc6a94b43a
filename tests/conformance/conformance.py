#!/usr/bin/env python3
# Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
"""Runs what others wrote for Alertmanager against our binary; README.md says what and why.

  conformance.py [--only SUITE] [--server PROGRAM]

Started by ./dev test or ./dev conformance, which build the program and fetch what it is tried with.
Everything written is below build/conformance. Exit codes: 0 all is as it should be, 1 something is
not, 2 wrong usage.
"""

import argparse
import dataclasses
import pathlib
import shutil
import signal
import sys
import time

import acceptance
import acceptance35
import amtool
import backends
import budgets
import clients
import configs
import harness
import prometheus
import promql
import ruletests
import slos

ROOT = pathlib.Path(__file__).resolve().parents[2]
TOOLS = ROOT / "build/tools"
SUITES = {"acceptance": acceptance, "acceptance35": acceptance35, "amtool": amtool,
          "backends": backends, "budgets": budgets, "clients": clients, "configs": configs,
          "prometheus": prometheus, "promql": promql, "ruletests": ruletests, "slos": slos}
SLOW = {"backends", "budgets", "slos"}  # Only when asked for by name.


@dataclasses.dataclass
class Programs:
    """What is tested, what it is tested with, and where there is room."""

    watchfire: pathlib.Path
    work: pathlib.Path
    amtool: pathlib.Path = TOOLS / "bin/amtool"
    prometheus: pathlib.Path = TOOLS / "bin/prometheus"
    promtool: pathlib.Path = TOOLS / "bin/promtool"
    tools: pathlib.Path = TOOLS

    @property
    def wfctl(self):
        """It is built beside the server."""
        return self.watchfire.parent / "wfctl"


def run_suite(name, programs, report):
    print(f"{name}:", flush=True)
    start = time.monotonic()
    try:
        SUITES[name].main(report, programs)
    except harness.Failure as failure:
        report.check(f"{name} runs to its end", False, failure)
    print(f"  {time.monotonic() - start:.0f} s\n", flush=True)


def usual_suites():
    """The names of those that are run when none is asked for."""
    names = SUITES.keys() - SLOW
    if not acceptance35.is_built(TOOLS):
        print("acceptance35: not built, so not run; ./dev conformance acceptance35 does both\n")
        names = names - {"acceptance35"}
    return sorted(names)


def parse(arguments):
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--only", choices=SUITES, help="this suite alone")
    parser.add_argument("--server", metavar="PROGRAM", type=pathlib.Path,
                        default=ROOT / "build/dev/bin/watchfire",
                        help="the server to try, by default build/dev/bin/watchfire")
    return parser.parse_args(arguments)


def main():
    options = parse(sys.argv[1:])
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # Ends the children as well.
    work = ROOT / "build/conformance"
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    report = harness.Report()
    programs = Programs(options.server.absolute(), work)
    try:
        for name in [options.only] if options.only else usual_suites():
            run_suite(name, programs, report)
    except KeyboardInterrupt:
        print("\nstopped")
        return 1
    print(f"{report.count} checks, {len(report.failures)} failed")
    for failure in report.failures:
        print(f"FAIL {failure}")
    return 1 if report.failures or not report.count else 0


if __name__ == "__main__":
    sys.exit(main())
