#!/usr/bin/env python3
# Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
"""Measures what SLOs and rules cost, beside Sloth's, Pyrra's and Prometheus':  slo.py [SCENARIO...]

All on Debian's Prometheus and in one run; docs/performance.md tells what each figure means. Prints
a table with the ratio and the floor of each. Exits 2 when something did not run and, with --check,
1 when a floor is not met.
"""

import argparse
import json
import os
import pathlib
import sys
import tempfile
import time

import peers
import slo_scenarios
from servers import ROOT
from slo_rigs import harness


def floor_text(row):
    if row.ratio_floor:
        return f">= {row.ratio_floor:g} x"
    return "-" if row.floor is None else f"<= {row.floor:g}"


def table(rows):
    lines = [["figure", "unit", "Watchfire", "peer", "ratio", "floor", "met"]]
    for row in rows:
        ratio = "-" if row.ratio is None else f"{peers.show(row.ratio)} x"
        floor = floor_text(row)
        lines.append([row.name, row.unit, peers.show(row.ours), peers.show(row.peer), ratio, floor,
                      "-" if floor == "-" else "yes" if row.met else "NO"])
    widths = [max(len(line[i]) for line in lines) for i in range(len(lines[0]))]
    lines.insert(1, ["-" * width for width in widths])
    return "\n".join("| " + " | ".join(cell.ljust(width) for cell, width in zip(line, widths))
                     + " |" for line in lines)


def parse(arguments):
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("scenario", nargs="*", help=", ".join(slo_scenarios.SCENARIOS))
    parser.add_argument("--minutes", type=float, default=5, help="that is measured (5)")
    parser.add_argument("--slos", type=int, default=1000, help="in load (1000)")
    parser.add_argument("--pods", type=int, default=10, help="of each SLO in load (10)")
    parser.add_argument("--series", type=int, default=10_000, help="in series (10000)")
    parser.add_argument("--rules", type=int, default=5000, help="in alerts (5000)")
    parser.add_argument("--check", action="store_true", help="fail when a floor is not met")
    parser.add_argument("--bin", type=pathlib.Path, default=ROOT / "build/bench/bin")
    for name in ("prometheus", "promtool"):
        parser.add_argument(f"--{name}", type=pathlib.Path, default=ROOT / "build/tools/bin" / name)
    parser.add_argument("--json-file", type=pathlib.Path, default=ROOT / "build/bench/slo.json",
                        help="the same as JSON")
    options = parser.parse_args(arguments)
    unknown = set(options.scenario) - set(slo_scenarios.SCENARIOS)
    if unknown:
        parser.error(f"unknown scenario {', '.join(sorted(unknown))}")
    return options


def main():
    options = parse(sys.argv[1:])
    rows = []
    try:
        harness.require(options.bin / "watchfire", options.bin / "wfctl", options.prometheus,
                        options.promtool)
        for name, scenario in slo_scenarios.SCENARIOS.items():
            if options.scenario and name not in options.scenario:
                continue
            begin = time.monotonic()
            print(f"{name}: {scenario.__doc__}", file=sys.stderr)
            with tempfile.TemporaryDirectory(prefix=f"wfbench-{name}-") as work:
                rows += scenario(options, pathlib.Path(work))
            print(f"  {time.monotonic() - begin:.0f} s", file=sys.stderr)
    except harness.Failure as failure:
        print(f"slo.py: {failure}", file=sys.stderr)
        return 2
    finally:
        if rows:
            options.json_file.parent.mkdir(parents=True, exist_ok=True)
            options.json_file.write_text(json.dumps(
                [{"figure": row.name, "unit": row.unit, "watchfire": row.ours, "peer": row.peer,
                  "floor": floor_text(row), "met": row.met} for row in rows], indent=2) + "\n")
            print(table(rows))
    return 1 if options.check and not all(row.met for row in rows) else 0


if __name__ == "__main__":
    sys.exit(main())
