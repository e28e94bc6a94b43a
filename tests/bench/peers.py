#!/usr/bin/env python3
# Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
"""Measures Watchfire beside Debian's Alertmanager, in one run:  peers.py [SCENARIO...]

Both get the same configuration and the same alerts, in turns, on loopback; docs/performance.md
tells what each scenario means. Prints a table with the ratio and the floor of each figure. Exits 2
when something did not run and, with --check, 1 when a floor is not met.
"""

import argparse
import json
import pathlib
import platform
import sys
import time

import scenarios
from servers import ROOT, Bench, BenchError


def show(value):
    if value is None:
        return "-"
    if value >= 1000:
        return f"{value:,.0f}"
    return f"{value:.3g}"


def floor_text(row):
    if row.ratio_floor:
        return f">= {row.ratio_floor:g} x"
    if row.floor is None:
        return "-"
    return f"<= {row.floor:g} {row.unit}".rstrip()


def cells(row):
    ratio = "-" if row.ratio is None else f"{show(row.ratio)} x"
    peer = show(row.peer) + ("*" if row.published else "")
    return [row.scenario, row.unit, show(row.ours), peer, ratio, floor_text(row),
            "-" if floor_text(row) == "-" else "yes" if row.met else "NO"]


def table(rows):
    lines = [["scenario", "unit", "Watchfire", "Alertmanager", "ratio", "floor", "met"]]
    lines += [cells(row) for row in rows]
    widths = [max(len(line[i]) for line in lines) for i in range(len(lines[0]))]
    lines.insert(1, ["-" * width for width in widths])
    text = ["| " + " | ".join(cell.ljust(width) for cell, width in zip(line, widths)) + " |"
            for line in lines]
    if any(row.published for row in rows):
        text.append("\n\\* published figure, not of this run (--full measures it)")
    return "\n".join(text)


def as_json(rows, options):
    return json.dumps({
        "at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()), "machine": platform.machine(),
        "kernel": platform.release(), "scale": options.scale, "rounds": options.rounds,
        "rows": [{"scenario": row.scenario, "unit": row.unit, "watchfire": row.ours,
                  "alertmanager": row.peer, "ratio": row.ratio, "floor": floor_text(row),
                  "published": row.published, "met": row.met} for row in rows]}, indent=2)


def parse(arguments):
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("scenario", nargs="*", help=", ".join(scenarios.SCENARIOS))
    parser.add_argument("-o", "--output", choices=["table", "json"], default="table")
    parser.add_argument("--json-file", type=pathlib.Path, default=ROOT / "build/bench/peers.json",
                        help="the same as JSON, whatever is printed")
    parser.add_argument("--scale", type=float, default=1, help="of all sizes; 0.1 is quick")
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--full", action="store_true",
                        help="let the peer do what takes it minutes as well")
    parser.add_argument("--check", action="store_true", help="fail when a floor is not met")
    parser.add_argument("--keep", action="store_true", help="keep the servers' directories")
    parser.add_argument("--bin", type=pathlib.Path, default=ROOT / "build/bench/bin")
    parser.add_argument("--peer", type=pathlib.Path,
                        default=ROOT / "build/tools/bin/prometheus-alertmanager")
    options = parser.parse_args(arguments)
    unknown = set(options.scenario) - set(scenarios.SCENARIOS)
    if unknown:
        parser.error(f"unknown scenario {', '.join(sorted(unknown))}")
    return options


def main():
    options = parse(sys.argv[1:])
    rows = []
    try:
        bench = Bench(options)
        for name, scenario in scenarios.SCENARIOS.items():
            if options.scenario and name not in options.scenario:
                continue
            begin = time.monotonic()
            print(f"{name}: {scenario.__doc__}", file=sys.stderr)
            rows += scenario(bench)
            print(f"  {time.monotonic() - begin:.0f} s", file=sys.stderr)
    except BenchError as error:
        print(f"peers.py: {error}", file=sys.stderr)
        return 2
    finally:
        if rows:
            options.json_file.parent.mkdir(parents=True, exist_ok=True)
            options.json_file.write_text(as_json(rows, options) + "\n")
            print(as_json(rows, options) if options.output == "json" else table(rows))
    return 1 if options.check and not all(row.met for row in rows) else 0


if __name__ == "__main__":
    sys.exit(main())
