#!/usr/bin/env python3
# Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
"""Watchfire's messages beside Alertmanager's:  templates.py OURS PEER TEMPLATES [--check]

OURS is render_cost, PEER the program of tests/bench/peer, TEMPLATES where Alertmanager's default
templates are. The two run in turns on the same alerts; each figure is the median over the rounds.
With --check it fails when a floor is not met.
"""

import argparse
import json
import statistics
import subprocess
import sys
import tempfile

FLOOR = 20  # Alertmanager / Watchfire, for each message.
HOSTILE_MS = 100  # The longest that a template may take.
MESSAGES = ("victorops", "slack", "email")


def alerts(count):
    """About 1 kB each: 11 labels, 3 annotations, a generator URL, as of kube-state-metrics."""
    return [{
        "labels": {
            "alertname": "KubePodCrashLooping", "cluster": f"prod-{number % 3}", "container": "app",
            "instance": f"10.0.{number % 50}.1:8080", "job": "kube-state-metrics",
            "namespace": "shop", "pod": f"cart-{number:05d}-7c9f6d5b8c", "service": "cart",
            "severity": "critical", "team": "core", "uid": f"{number * 2654435761 % 2**32:08x}",
        },
        "annotations": {
            "summary": f"Pod cart-{number:05d} is <crash looping> & restarting",
            "description": "The pod has restarted more than five times within ten minutes; its "
                           "requests are served by the others, which are near their limits. " * 2,
            "runbook_url": "https://runbooks.example.com/kubernetes/crash-looping?from=alert&v=2",
        },
        "startsAt": "2026-09-01T10:00:00.123Z",
        "generatorURL": "http://prometheus.example.com/graph?g0.expr=rate%28x%5B5m%5D%29&g0.tab=1",
    } for number in range(count)]


def run(command):
    return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("ours")
    parser.add_argument("peer")
    parser.add_argument("templates")
    parser.add_argument("--alerts", type=int, default=100, help="in each message (100)")
    parser.add_argument("--rounds", type=int, default=5, help="of both programs (5)")
    parser.add_argument("--milliseconds", type=int, default=500, help="for each message (500)")
    parser.add_argument("--check", action="store_true", help="fail when a floor is not met")
    options = parser.parse_args()

    rounds = {"ours": [], "peer": []}
    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        json.dump(alerts(options.alerts), file)
        file.flush()
        tail = [file.name, str(options.milliseconds)]
        for _ in range(options.rounds):
            rounds["peer"].append(run([options.peer, options.templates, *tail]))
            rounds["ours"].append(run([options.ours, *tail]))

    def median(who, message):
        return statistics.median(each[message]["ns"] for each in rounds[who]) / 1000

    met = True
    print(f"CPU of one message of {options.alerts} alerts, median of {options.rounds} rounds")
    print(f"{'message':10} {'Watchfire':>12} {'Alertmanager':>13} {'ratio':>7}  floor "
          f"{'bytes':>16}")
    for message in MESSAGES:
        ours, peer = median("ours", message), median("peer", message)
        met = met and peer / ours >= FLOOR
        size = "/".join(str(rounds[who][0][message]["bytes"]) for who in ("ours", "peer"))
        print(f"{message:10} {ours:9.1f} us {peer:10.1f} us {peer / ours:7.1f}  {FLOOR:5} "
              f"{size:>16}")
    hostile = max(each["hostile"]["ns"] for each in rounds["ours"]) / 1e6
    met = met and hostile <= HOSTILE_MS
    print(f"the longest that a template took until its bounds: {hostile:.1f} ms of {HOSTILE_MS}")
    return 0 if met or not options.check else 1


if __name__ == "__main__":
    sys.exit(main())
