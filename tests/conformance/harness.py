# Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
"""What every suite needs: children that end with it, a webhook that remembers, a report."""

import http.server
import json
import os
import pathlib
import re
import signal
import subprocess
import threading
import time
import urllib.error
import urllib.parse
import urllib.request

HERE = pathlib.Path(__file__).resolve().parent
START_SECONDS = 60
STOP_SECONDS = 30
WAIT_SECONDS = 90  # For anything that takes a second or two on an idle machine.
POLL_SECONDS = 0.05
LISTENING = re.compile(r'msg="?Listening on"?(?: component=\w+)? address=(\S+)')


class Failure(Exception):
    """Something that ends a suite; the text is for its reader."""


class Report:
    """What was checked, and what of it was not as it should be."""

    def __init__(self):
        self.count = 0
        self.failures = []

    def check(self, what, is_good, detail=""):
        self.count += 1
        print(f"  {'ok  ' if is_good else 'FAIL'} {what}", flush=True)
        if not is_good:
            self.failures.append(what)
            for line in str(detail).splitlines():
                print(f"       | {line}", flush=True)
        return is_good

    def equal(self, what, got, wanted):
        return self.check(what, got == wanted, f"wanted {wanted!r}\ngot    {got!r}")


def wait_for(what, probe, seconds=WAIT_SECONDS):
    """The first true value of `probe`. Failure if there is none in time."""
    deadline = time.monotonic() + seconds
    while True:
        value = probe()
        if value:
            return value
        if time.monotonic() > deadline:
            raise Failure(f"{what}: not within {seconds} s")
        time.sleep(POLL_SECONDS)


def fetch(url, body=None, method=None):
    """The text at `url`. Failure if it does not answer 2xx."""
    request = urllib.request.Request(url, body, {"Content-Type": "application/json"}, method=method)
    try:
        with urllib.request.urlopen(request, timeout=30) as response:
            return response.read().decode()
    except (OSError, urllib.error.URLError) as error:
        raise Failure(f"{url}: {error}") from None


def ask(url, **parameters):
    """The JSON that `url` answers with."""
    return json.loads(fetch(url + ("?" + urllib.parse.urlencode(parameters) if parameters else "")))


def require(*paths):
    for path in paths:
        if not path.exists():
            raise Failure(f"no {path}; start this through ./dev")


def lives(group):
    """Whether any process of the group still runs; what is dead and waits to be reaped does not."""
    for path in pathlib.Path("/proc").glob("[0-9]*/stat"):
        try:
            state, _, number = path.read_text().rpartition(")")[2].split()[:3]
        except OSError:
            continue  # Ended just now.
        if int(number) == group and state != "Z":
            return True
    return False


class Program:
    """A child in a process group of its own, which ends with it."""

    def __init__(self, name, command, directory, environment=None, start=None):
        """Its log is in `directory`, where it is started, too, unless `start` says where."""
        self.name = name
        self.log = directory / f"{name}.log"
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [str(word) for word in command], stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                cwd=start or directory, env={**os.environ, **(environment or {})},
                start_new_session=True,
            )

    def text(self):
        return self.log.read_text(errors="replace")

    def last_lines(self, count=20):
        return "\n".join(self.text().splitlines()[-count:])

    def signal(self, number):
        self.process.send_signal(number)

    def wait(self, seconds):
        """Its exit code; None if it has not ended by then."""
        try:
            return self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            return None

    def stop(self):
        """Ends it and all that it started. Its exit code; None if it had to be killed."""
        if self.process.poll() is None:
            self.process.terminate()
        code = self.wait(STOP_SECONDS)
        try:
            os.killpg(self.process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        self.process.wait()
        return code


class Listener(Program):
    """A program that says where it listens, as Prometheus' programs and Watchfire do."""

    def __init__(self, name, command, directory, environment=None):
        known = len(LISTENING.findall(self._old_text(directory, name)))
        super().__init__(name, command, directory, environment)
        try:
            self.address = wait_for(f"{name} says where it listens", lambda: self._address(known),
                                    START_SECONDS)
        except Failure as failure:
            self.stop()
            raise Failure(f"{failure}\n{self.last_lines()}") from None
        self.url = f"http://{self.address}"

    @staticmethod
    def _old_text(directory, name):
        log = directory / f"{name}.log"
        return log.read_text(errors="replace") if log.exists() else ""

    def _address(self, known):
        if self.process.poll() is not None:
            raise Failure(f"{self.name} ended with exit code {self.process.returncode}")
        found = LISTENING.findall(self.text())
        return found[known] if len(found) > known else None


def start_watchfire(program, name, directory, config, address="127.0.0.1:0"):
    """Watchfire, or whatever takes Alertmanager's flags, with `config` in its own directory."""
    home = directory / name
    home.mkdir(exist_ok=True)
    (home / "alertmanager.yml").write_text(config)
    return Listener(name, [
        program, f"--config.file={home / 'alertmanager.yml'}", f"--storage.path={home / 'data'}",
        f"--web.listen-address={address}", "--cluster.listen-address=127.0.0.1:0",
    ], directory)


def create_blocks(promtool, home, samples):
    """Puts an OpenMetrics file, which is gone then, into a Prometheus' home as history."""
    # One block: promtool reads the file once for each.
    done = subprocess.run([promtool, "tsdb", "create-blocks-from", "--max-block-duration=2000h",
                           "openmetrics", samples, home / "data"],
                          capture_output=True, text=True, check=False)
    samples.unlink()
    if done.returncode:
        raise Failure(f"promtool: {done.stderr[-500:]}")
    (home / "prometheus.yml").write_text("global: {scrape_interval: 1m}\n")


def start_prometheus(program, name, directory, *flags, address="127.0.0.1:0"):
    """The Prometheus whose home is `name` in that directory, with all its history, ready."""
    home = directory / name
    prometheus = Listener(name, [
        program, f"--config.file={home / 'prometheus.yml'}",
        f"--storage.tsdb.path={home / 'data'}", "--storage.tsdb.retention.time=10y",
        f"--web.listen-address={address}", *flags,
    ], directory)

    def is_ready():
        try:
            return fetch(prometheus.url + "/-/ready")
        except Failure:
            return ""

    wait_for("Prometheus is ready", is_ready)
    return prometheus


class QuietHandler(http.server.BaseHTTPRequestHandler):
    """Logs no request."""

    def log_message(self, *arguments):
        pass


class Loopback:
    """An HTTP server on a free port of this machine, a thread for each connection."""

    def serve(self, handler):
        """Serves from now until stop(), at `url`."""
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def stop(self):
        self.server.shutdown()
        self.server.server_close()


class Hooks:
    """An HTTP server: remembers what is posted to it, and exposes one metric that can be set."""

    def __init__(self):
        self.received = []  # (path, decoded body), in the order of arrival.
        self.statuses = {}  # Path -> what to answer; 200 unless it is named here.
        self.trouble = 0
        hooks = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                hooks.received.append((self.path, json.loads(body)))
                self.answer(hooks.statuses.get(self.path, 200), "")

            def do_GET(self):
                self.answer(200, f'conformance_trouble{{service="orders"}} {hooks.trouble}\n')

            def answer(self, status, text):
                self.send_response(status)
                self.send_header("Content-Type", "text/plain; version=0.0.4")
                self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                self.wfile.write(text.encode())

            def log_message(self, *arguments):
                pass

        class Server(http.server.ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, *arguments):
                pass  # A client that went away, which a killed one may.

        self.server = Server(("127.0.0.1", 0), Handler)
        self.address = f"127.0.0.1:{self.server.server_port}"
        self.url = f"http://{self.address}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def bodies(self, path):
        return [body for where, body in list(self.received) if where == path]

    def stop(self):
        self.server.shutdown()
        self.server.server_close()


SAMPLE = re.compile(r"^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)$")
LABEL = re.compile(r'(\w+)="((?:[^"\\]|\\.)*)"')


def parse_metrics(text):
    """[(name, {label: value}, number)] of the text format."""
    samples = []
    for line in text.splitlines():
        if not line or line.startswith("#"):
            continue
        match = SAMPLE.match(line)
        if not match:
            raise Failure(f"not a line of the text format: {line}")
        samples.append((match[1], dict(LABEL.findall(match[2] or "")), float(match[3])))
    return samples
