#!/usr/bin/env python3
# Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
"""What it costs to acknowledge among 10,000 open incidents:  oncall.py [--check]

Starts Watchfire on loopback with a store on disk, opens an incident for each of so many groups,
and acknowledges some of them over kept connections: one client alone, four at once, and one while
alerts keep coming. Then kills it with SIGKILL in the midst of acks and looks for those that were
answered. Before that `oncall_bench` says what "who is on call" and a year's final schedule cost.
docs/performance.md has the figures. Exits 2 when something did not run and, with --check, 1 when a
floor is not met.
"""

import argparse
import http.client
import json
import pathlib
import signal
import subprocess
import sys
import tempfile
import threading
import time

from servers import ROOT, BenchError, Server, Sink

# What a release has to keep.
WHO_US = 50
YEAR_MS = 50
ACK_P99_MS = 10

CONFIG = """\
route: {{receiver: on-call, group_by: ['...'], group_wait: 0s, repeat_interval: 24h}}
receivers:
  - name: on-call
    webhook_configs: [{{url: 'http://127.0.0.1:{port}/', page: true}}]
"""
OPEN_SECONDS = 300
BENCHMARKS = {  # Of oncall_bench: the floor, and the unit it prints.
    "WhoIsOnCall": (WHO_US, "us"),
    "AYearOf/WeeklyTurns": (YEAR_MS, "ms"),
    "AYearOf/HourlyTurns": (YEAR_MS, "ms"),
}


class Row:
    def __init__(self, what, value, unit, floor=None):
        self.what, self.value, self.unit, self.floor = what, value, unit, floor

    @property
    def met(self):
        return self.floor is None or self.value <= self.floor

    def __str__(self):
        floor = "" if self.floor is None else f"at most {self.floor:g}"
        verdict = "" if self.floor is None else "yes" if self.met else "NO"
        return f"| {self.what:48} | {self.value:10.3f} {self.unit:4} | {floor:12} | {verdict:3} |"


def micro(binary):
    done = subprocess.run([binary, "--benchmark_format=json", "--benchmark_min_time=0.3"],
                          capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise BenchError(f"{binary}: {done.stderr}")
    found = {one["name"]: one for one in json.loads(done.stdout)["benchmarks"]}
    for name, (floor, unit) in BENCHMARKS.items():
        if found[name]["time_unit"] != unit:
            raise BenchError(f"{name} counts in {found[name]['time_unit']}, not in {unit}")
        yield Row(name, found[name]["real_time"], unit, floor)


def post_alerts(server, numbers):
    body = json.dumps([{"labels": {"alertname": f"Bench{number}", "service": f"s{number % 50}",
                                   "severity": "critical", "team": "core"},
                        "annotations": {"summary": f"number {number} is down"},
                        "endsAt": "2099-01-01T00:00:00Z"} for number in numbers])
    status, text = server.request("POST", "/api/v2/alerts", body)
    if status != 200:
        raise BenchError(f"POST alerts answered {status}: {text[:200]}")


def triggered(server):
    text = server.request("GET", "/metrics")[1].decode()
    return sum(float(line.rsplit(" ", 1)[1]) for line in text.splitlines()
               if line.startswith("watchfire_incidents{") and 'state="triggered"' in line)


def open_incidents(server, count):
    for first in range(0, count, 200):
        post_alerts(server, range(first, min(first + 200, count)))
    begin = time.monotonic()
    while triggered(server) < count:
        if time.monotonic() - begin > OPEN_SECONDS:
            raise BenchError(f"only {triggered(server):.0f} of {count} incidents are open")
        time.sleep(0.2)
    server.settled_cpu()


class Acker(threading.Thread):
    """Acknowledges incidents one after the other on one connection."""

    def __init__(self, server, ids, gap=0.0):
        super().__init__()
        self.server, self.ids, self.gap = server, ids, gap
        self.took, self.answered, self.fault = [], [], None

    def run(self):
        connection = http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=30)
        body = json.dumps({"actor": "ada", "note": "on it"})
        try:
            for number in self.ids:
                begin = time.perf_counter()
                connection.request("POST", f"/api/v1/incidents/{number}/ack", body,
                                   {"Content-Type": "application/json"})
                answer = connection.getresponse()
                answer.read()
                self.took.append((time.perf_counter() - begin) * 1000)
                if answer.status != 200:
                    raise BenchError(f"ack of {number} answered {answer.status}")
                self.answered.append(number)
                time.sleep(self.gap)
        except (OSError, http.client.HTTPException, BenchError) as fault:
            self.fault = fault
        finally:
            connection.close()


def acks(server, ids, clients=1):
    """Returns the sorted milliseconds of all."""
    ackers = [Acker(server, ids[i::clients]) for i in range(clients)]
    for acker in ackers:
        acker.start()
    for acker in ackers:
        acker.join()
        if acker.fault is not None:
            raise BenchError(str(acker.fault))
    return sorted(one for acker in ackers for one in acker.took)


def rows_of(what, took, floor=ACK_P99_MS):
    yield Row(f"{what}, p50", took[len(took) // 2], "ms")
    yield Row(f"{what}, p99", took[len(took) * 99 // 100], "ms", floor)
    yield Row(f"{what}, longest", took[-1], "ms")


def busily(server, ids, count):
    """The same while 500 alerts a second are repeated, 50 in a request."""
    stop = threading.Event()
    faults = []

    def repeat():
        first = 0
        while not stop.wait(0.1):
            try:
                post_alerts(server, range(first, first + 50))
            except (OSError, BenchError) as fault:
                faults.append(fault)
                return
            first = (first + 50) % (count - 50)

    thread = threading.Thread(target=repeat)
    thread.start()
    try:
        took = acks(server, ids)
    finally:
        stop.set()
        thread.join()
    if faults:
        raise BenchError(str(faults[0]))
    return took


def lost_by_kill(server, ids):
    """Kills the server while four clients acknowledge; how many answered acks are gone after it."""
    ackers = [Acker(server, ids[i::4]) for i in range(4)]
    for acker in ackers:
        acker.start()
    time.sleep(1)
    server.signal(signal.SIGKILL)
    for acker in ackers:
        acker.join()
    answered = [number for acker in ackers for number in acker.answered]
    if not answered:
        raise BenchError("no ack was answered before the kill")
    server.start()
    lost = sum(server.get(f"/api/v1/incidents/{number}")["data"]["state"] != "acknowledged"
               for number in answered)
    return lost, len(answered)


def measure(options):
    yield from micro(options.bin / "oncall_bench")
    sink = Sink(str(options.bin / "wfload"))
    with tempfile.TemporaryDirectory(prefix="wfbench-oncall-") as directory:
        server = Server("watchfire", [str(options.bin / "watchfire")],
                        CONFIG.format(port=sink.port), directory)
        try:
            begin = time.monotonic()
            open_incidents(server, options.incidents)
            print(f"{options.incidents} incidents are open after {time.monotonic() - begin:.0f} s",
                  file=sys.stderr)
            ids = list(range(1, options.incidents + 1))
            acked, few = options.acks, f"ack among {options.incidents}"
            yield from rows_of(few, acks(server, ids[:acked]))
            yield from rows_of(f"{few}, four clients", acks(server, ids[acked:2 * acked], 4))
            yield from rows_of(f"{few}, 500 alerts a second",
                               busily(server, ids[2 * acked:3 * acked], options.incidents))
            lost, answered = lost_by_kill(server, ids[3 * acked:])
            yield Row(f"kill -9: acks lost, of {answered} answered", lost, "", 0)
        finally:
            server.stop()
            sink.stop()


def parse():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--incidents", type=int, default=10_000)
    parser.add_argument("--acks", type=int, default=2000, help="measured in each part")
    parser.add_argument("--check", action="store_true", help="fail when a floor is not met")
    parser.add_argument("--bin", type=pathlib.Path, default=ROOT / "build/bench/bin")
    options = parser.parse_args()
    if options.incidents < 4 * options.acks:
        parser.error("--incidents must be at least four times --acks")
    return options


def main():
    options = parse()
    rows = []
    try:
        for row in measure(options):
            rows.append(row)
            print(row, flush=True)
    except BenchError as error:
        print(f"oncall.py: {error}", file=sys.stderr)
        return 2
    return 1 if options.check and not all(row.met for row in rows) else 0


if __name__ == "__main__":
    sys.exit(main())
