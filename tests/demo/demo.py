#!/usr/bin/env python3
# Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
"""Shows Watchfire at work: starts everything on loopback, tells what happens, ends it all.

  demo.py                    an outage of a simulated Victor AI, twenty times as fast; until Ctrl-C
  demo.py --check            the same, unattended; exits 0 only if everything expected was seen
  demo.py --prometheus URL   on a Prometheus that is there already, rules unchanged; until Ctrl-C

Started by ./dev run, which builds the programs and fetches Prometheus. Everything it writes is
below build/demo (build/demo-check). Exit codes: 0 as told above or stopped by Ctrl-C, 1 something
did not happen or did not start, 2 wrong usage.
"""

import argparse
import fcntl
import pathlib
import re
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time

import observe

ROOT = pathlib.Path(__file__).resolve().parents[2]
HERE = ROOT / "tests/demo"
BIN = ROOT / "build/release/bin"
PROMETHEUS = ROOT / "build/tools/bin/prometheus"

DEFAULT_PORTS = {"pagersim": 8080, "watchfire": 9093, "prometheus": 9090, "victorsim": 8000}
START_SECONDS = 20
STOP_SECONDS = 10
SETTLE_SECONDS = 8  # After the last event, for Prometheus to have scraped it more than once.
STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
CHECK_SECONDS = 170
# The durations of rules/victor-ai and what twenty times as fast makes of them; rules/README.md
# promises that there are no others.
FASTER = {"10m": "30s", "5m": "15s", "2m": "6s"}
# The two alerts of the page fire at about 29 s and 41 s, so a first flush at 47 s has both. Between
# 77 s and 86 s they end one after the other, and a flush among these would tell the pager of every
# step; with an interval of 25 s the next ones fall at about 72 s and 97 s.
FAST = {
    "GROUP_WAIT": "18s",
    "GROUP_INTERVAL": "25s",
    "EVALUATION_INTERVAL": "2s",
    "REOPEN_WITHIN": "1s",
}
USUAL = {
    "GROUP_WAIT": "30s",
    "GROUP_INTERVAL": "5m",
    "EVALUATION_INTERVAL": "30s",
    "REOPEN_WITHIN": "5m",
}


class DemoError(Exception):
    """Something that ends the demo; the text is for its user."""


class Child:
    """A program of the demo. Ends by its own pid, never by name."""

    def __init__(self, name, arguments, directory):
        self.name = name
        self.log = directory / f"{name}.log"
        with self.log.open("wb") as log:
            # A session of its own, so that Ctrl-C reaches only us and we choose the order.
            self.process = subprocess.Popen(
                [str(argument) for argument in arguments],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=directory,
                start_new_session=True,
            )

    def last_lines(self, count=15):
        lines = self.log.read_text(errors="replace").splitlines()[-count:]
        return "\n".join(f"    | {line}" for line in lines)

    def check_alive(self):
        code = self.process.poll()
        if code is not None:
            raise DemoError(f"{self.name} ended with exit code {code}:\n{self.last_lines()}")

    def wait_ready(self, url):
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            self.check_alive()
            if observe.answers(url):
                return
            time.sleep(0.05)
        raise DemoError(f"{self.name} does not answer at {url}:\n{self.last_lines()}")

    def stop(self):
        if self.process.poll() is None:
            self.process.terminate()
        try:
            self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            print(f"{self.name} did not stop within {STOP_SECONDS} s and was killed")
            self.process.kill()
            self.process.wait()


def free_port(wanted):
    """`wanted` or the next port above it that nobody listens on; any free one for 0."""
    for port in range(wanted, wanted + 200) if wanted else [0]:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return probe.getsockname()[1]
    raise DemoError(f"no free port from {wanted} on")


def choose_ports(any_will_do):
    ports = {}
    for name, wanted in DEFAULT_PORTS.items():
        port = free_port(0 if any_will_do else wanted)
        while port in ports.values():
            port = free_port(0 if any_will_do else port + 1)
        ports[name] = port
    return ports


def faster(text):
    return re.sub(r"\b(?:10m|5m|2m)\b", lambda match: FASTER[match[0]], text)


class Demo:
    """The files and programs of one run."""

    def __init__(self, options):
        self.prometheus = options.prometheus
        self.is_fast = options.prometheus is None
        self.ports = choose_ports(options.check)
        self.children = []
        self.work = ROOT / "build" / ("demo-check" if options.check else "demo")
        self.data = self.work / "data"
        self.urls = {name: f"http://127.0.0.1:{port}" for name, port in self.ports.items()}
        if self.prometheus:
            self.urls["prometheus"] = self.prometheus

    def write_files(self):
        """The data directory starts fresh each time; rules are copied so that they can differ."""
        self.lock = open(self.work.with_suffix(".lock"), "wb")  # Held until the process ends.
        try:
            fcntl.flock(self.lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise DemoError(f"{self.work} is in use by another ./dev run") from None
        shutil.rmtree(self.work, ignore_errors=True)
        self.data.mkdir(parents=True)
        for name in ("victorops", "inbound"):
            path = self.data / f"{name}.key"
            path.touch(mode=0o600)
            path.write_text(secrets.token_hex(16) + "\n")
        words = {
            "DATA": self.data,
            "PAGER_URL": self.urls["pagersim"],
            "PROMETHEUS_URL": self.urls["prometheus"],
            "VICTORSIM": self.address("victorsim"),
            "WATCHFIRE": self.address("watchfire"),
            **(FAST if self.is_fast else USUAL),
        }
        for name in ("watchfire.yml", "prometheus.yml"):
            text = (HERE / name).read_text()
            text = re.sub(r"@([A-Z_]+)@", lambda match: str(words[match[1]]), text)
            (self.work / name).write_text(text)
        rules, slos = self.work / "rules", self.work / "slo"
        rules.mkdir()
        slos.mkdir()
        for path in (ROOT / "rules/victor-ai").glob("*.yml"):
            text = path.read_text()
            (rules / path.name).write_text(faster(text) if self.is_fast else text)
        for path in (ROOT / "rules/victor-ai/slo").glob("*.yml"):
            shutil.copy(path, slos)
        if self.is_fast:
            shutil.copy(HERE / "slo-windows.yml", slos)

    def address(self, name):
        return f"127.0.0.1:{self.ports[name]}"

    def key(self, name):
        return (self.data / f"{name}.key").read_text().strip()

    def start(self, name, path, ready, *arguments):
        if not path.exists():
            raise DemoError(f"no {path}; start this through ./dev run")
        child = Child(name, [path, *arguments], self.work)
        self.children.append(child)
        child.wait_ready(self.urls[name] + ready)

    def start_all(self):
        callback = f"{self.urls['watchfire']}/inbound/victorops/{self.key('inbound')}"
        self.start(
            "pagersim", BIN / "pagersim", "/-/healthy", "--listen", self.address("pagersim"),
            "--victorops.key", self.key("victorops"), "--callback", callback, "--auto-ack", "15s",
        )
        if self.is_fast:
            self.start(
                "victorsim", BIN / "victorsim", "/-/healthy",
                "--listen", self.address("victorsim"), "--scenario", "demo",
            )
            self.started = time.monotonic()  # The scenario counts from here.
            self.start(
                "prometheus", PROMETHEUS, "/-/ready",
                f"--config.file={self.work / 'prometheus.yml'}",
                f"--storage.tsdb.path={self.data / 'prometheus'}", "--log.level=warn",
                f"--web.listen-address={self.address('prometheus')}",
            )
        self.start(
            "watchfire", BIN / "watchfire", "/-/ready",
            f"--config.file={self.work / 'watchfire.yml'}",
            f"--storage.path={self.data / 'watchfire'}",
            f"--rules.files={self.work / 'rules'}/*.yml", f"--slo.files={self.work / 'slo'}/*.yml",
            f"--web.listen-address={self.address('watchfire')}",
            f"--web.external-url={self.urls['watchfire']}",
        )

    def check_alive(self):
        for child in self.children:
            child.check_alive()

    def stop(self):
        for child in reversed(self.children):
            child.stop()


def print_places(urls, is_fast):
    places = [
        ("the pager: what arrives, and who acknowledges it", urls["pagersim"] + "/"),
        ("Watchfire: incidents, alerts, SLOs", urls["watchfire"] + "/"),
        ("its alerts, the inhibited ones too", urls["watchfire"] + "/api/v2/alerts"),
        ("time to acknowledge, at watchfire_ack_duration_seconds", urls["watchfire"] + "/metrics"),
        ("the Prometheus that Watchfire asks", urls["prometheus"] + "/"),
    ]
    if is_fast:
        places.append(("the faults of the simulated Victor AI", urls["victorsim"] + "/faults"))
    print("\nWhere to look, in this order:")
    for number, (what, url) in enumerate(places, 1):
        print(f"  {number}. {url:<42} {what}")


OUTLINE = """
What will happen, in seconds from the start:
   25  provider "openai" starts to fail 60 % of its calls, 30 % of all requests get HTTP 5xx
  ~30  the error budget burns: an SLO alert fires; ~40 CriticalProviderFailureRate joins it
  ~45  HighProviderFailureRate fires and stays silent, because the critical one inhibits it
  ~47  one page with both alerts; ~62 a simulated responder acknowledges it
   70  the outage is over; ~97 the pager is told so
"""

OUTLINE_OWN = """
What will happen: Watchfire evaluates {rules} rules and {slos} SLOs of Victor AI every 30 s, with
their usual durations. If a metric of job "victor-ai" crosses a limit for long enough, one page for
all that is wrong arrives at the toy pager, which acknowledges it after 15 s. Nothing is sent
anywhere else. A Prometheus without Victor AI pages after 5 minutes too: VictorAiTargetAbsent.
"""


def outline(demo):
    if demo.is_fast:
        return OUTLINE
    rules = sum(path.read_text().count("- alert:") for path in (demo.work / "rules").glob("*.yml"))
    slos = sum(path.read_text().count("  - name:") for path in (demo.work / "slo").glob("*.yml"))
    return OUTLINE_OWN.format(rules=rules, slos=slos)


def tell(event):
    print(f"{time.strftime('%H:%M:%S')} {event}", flush=True)


def watch(demo, check):
    """Tells what happens. Returns when --check has seen everything or waited long enough."""
    observer = observe.Observer(demo.urls, demo.is_fast)
    start = demo.started if demo.is_fast else time.monotonic()
    said_all = False
    while True:
        demo.check_alive()
        for event in observer.poll(time.monotonic() - start):
            tell(event)
        if observer.complete() and not said_all:
            said_all = True
            if check:
                return observer
            print("\nThat was all. Break something else: "
                  f"curl -X POST {demo.urls['victorsim']}/faults/cache-collapse/on\n"
                  "Ctrl-C ends everything.\n", flush=True)
        if check and time.monotonic() - start > CHECK_SECONDS:
            return observer
        time.sleep(0.5)


def run_after(command, url):
    """Runs the command of --then with the Prometheus' URL as its last argument."""
    time.sleep(SETTLE_SECONDS)
    print(f"\n$ {command} {url}", flush=True)
    return subprocess.run([*command.split(), url], cwd=ROOT, check=False).returncode == 0


def run(options):
    if options.prometheus and not observe.answers(options.prometheus + "/api/v1/query?query=1"):
        raise DemoError(f"no Prometheus answers at {options.prometheus}/api/v1/query")
    demo = Demo(options)
    demo.write_files()
    try:
        demo.start_all()
        print_places(demo.urls, demo.is_fast)
        print(outline(demo), flush=True)
        observer = watch(demo, options.check)
        print("\n" + observer.table(), flush=True)
        is_good = observer.complete() and not observer.violations()
        if options.then:
            is_good = run_after(options.then, demo.urls["prometheus"]) and is_good
        return 0 if is_good else 1
    finally:
        for number in STOP_SIGNALS:
            signal.signal(number, signal.SIG_IGN)
        demo.stop()


def parse(arguments):
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--check", action="store_true", help="unattended, on ports of its own")
    parser.add_argument("--prometheus", metavar="URL", help="use the Prometheus at this URL")
    parser.add_argument("--then", metavar="COMMAND", help="with --check: run this with its URL")
    options = parser.parse_args(arguments)
    if options.prometheus:
        if options.check:
            parser.error("--check brings its own Prometheus")
        if not re.match(r"https?://[^/]", options.prometheus):
            parser.error(f'"{options.prometheus}" is not an http:// or https:// URL')
        options.prometheus = options.prometheus.rstrip("/")
    return options


def main():
    options = parse(sys.argv[1:])
    for number in STOP_SIGNALS:
        signal.signal(number, signal.default_int_handler)
    try:
        return run(options)
    except DemoError as error:
        print(f"demo: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nstopped")
        return 1 if options.check else 0


if __name__ == "__main__":
    sys.exit(main())
