#!/usr/bin/env python3
# Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
"""Measures a server that has nothing to do:  idle.py WATCHFIRE [--seconds 20]

Prints time from start to ready (median of several starts), resident memory and CPU use, and exits 1
if one of them is past its limit.
"""

import argparse
import os
import pathlib
import signal
import statistics
import subprocess
import sys
import tempfile
import time

import demo
import observe

STARTS = 7
LIMITS = {
    "start to ready": (300, "ms"),
    "resident memory": (40, "MiB"),
    "idle CPU": (1, "% of a core"),
}
CONFIG = demo.ROOT / "deploy/image/alertmanager.yml"


def start(program, directory, port=None):
    """Returns the process and the milliseconds until it said that it was ready."""
    address = f"127.0.0.1:{port or demo.free_port(0)}"
    begin = time.monotonic()
    process = subprocess.Popen(
        [program, f"--config.file={CONFIG}", f"--storage.path={directory}",
         f"--web.listen-address={address}"],
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )
    while not observe.answers(f"http://{address}/-/ready"):
        if process.poll() is not None or time.monotonic() - begin > demo.START_SECONDS:
            process.kill()
            sys.exit(f"idle.py: {program} did not get ready (exit code {process.wait()})")
        time.sleep(0.002)
    return process, (time.monotonic() - begin) * 1000


def stop(process):
    process.send_signal(signal.SIGTERM)
    process.wait(demo.STOP_SECONDS)


def cpu_seconds(pid):
    # The name in the second field may hold blanks; the fields counted here come after it.
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def resident_mib(pid):
    for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    raise ValueError(f"no VmRSS of {pid}")


def measure(program, seconds):
    with tempfile.TemporaryDirectory() as directory:
        times = []
        for number in range(STARTS):
            process, milliseconds = start(program, f"{directory}/{number}")
            times.append(milliseconds)
            if number < STARTS - 1:
                stop(process)
        time.sleep(2)  # What it does once after its start is no idling.
        before = cpu_seconds(process.pid)
        time.sleep(seconds)
        cpu = (cpu_seconds(process.pid) - before) / seconds * 100
        memory = resident_mib(process.pid)
        stop(process)
    return {"start to ready": statistics.median(times), "resident memory": memory, "idle CPU": cpu}


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("program")
    parser.add_argument("--seconds", type=float, default=20)
    options = parser.parse_args()
    is_good = True
    for name, value in measure(options.program, options.seconds).items():
        limit, unit = LIMITS[name]
        is_good &= value < limit
        verdict = "" if value < limit else "  OVER"
        print(f"{name:<16} {value:8.2f} {unit} (limit {limit}){verdict}")
    return 0 if is_good else 1


if __name__ == "__main__":
    sys.exit(main())
