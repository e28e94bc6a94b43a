#!/usr/bin/env python3
# Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
"""What the comparison measures: a Watchfire and an Alertmanager on loopback, and the load on them.

Each server has a port and a directory of its own. CPU is user and system time from /proc: the
machine may be busy with other things, so seconds on the wall say little.
"""

import contextlib
import http.client
import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
START_SECONDS = 60
STOP_SECONDS = 30
ANSWER_SECONDS = 600  # The peer needs minutes for some of them.
QUIET_SECONDS = 1.5  # Without CPU time before a measurement ends: write-behind is a cost as well.


# Debian's Alertmanager reads its templates from here and nowhere else. Unpacked, not installed, it
# gets to see its own copy in a mount namespace.
PEER_TEMPLATES = pathlib.Path("/usr/share/prometheus/alertmanager/default.tmpl")
SEE_OWN_SHARE = ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c",
                 'mount --bind "$1" /usr/share && shift && exec "$@"', "sh"]


class BenchError(Exception):
    """Ends the run; the text is for its user."""


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


class Server:
    """A running server. Ends by its own pid."""

    def __init__(self, name, program, config, directory):
        self.name = name
        self.program = program  # And what goes before it.
        self.directory = pathlib.Path(directory)
        self.directory.mkdir(parents=True, exist_ok=True)
        self.config = self.directory / "alertmanager.yml"
        self.config.write_text(config)
        self.port = free_port()
        self.process = None
        self.start()

    def start(self):
        command = [*self.program, f"--config.file={self.config}",
                   f"--storage.path={self.directory / 'data'}",
                   f"--web.listen-address=127.0.0.1:{self.port}", "--cluster.listen-address="]
        with (self.directory / "log").open("ab") as log:
            self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log,
                                            stderr=log, start_new_session=True)
        begin = time.monotonic()
        while self.status("/-/ready") != 200:
            if self.process.poll() is not None or time.monotonic() - begin > START_SECONDS:
                raise BenchError(f"{self.name} did not start, see {self.directory / 'log'}")
            time.sleep(0.01)

    def signal(self, number):
        self.process.send_signal(number)
        if number != signal.SIGHUP:
            self.process.wait(STOP_SECONDS)

    def stop(self):
        if self.process.poll() is not None:
            return
        self.process.terminate()
        try:
            self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def request(self, method, path, body=None):
        """Returns status and body."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=ANSWER_SECONDS)
        try:
            headers = {"Content-Type": "application/json"} if body is not None else {}
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()

    def status(self, path):
        try:
            return self.request("GET", path)[0]
        except OSError:
            return 0

    def get(self, path):
        status, body = self.request("GET", path)
        if status != 200:
            raise BenchError(f"{self.name}: GET {path} answered {status}")
        return json.loads(body)

    def cpu(self):
        """Seconds of user and system time so far."""
        # The name in the second field may hold blanks; the fields counted here come after it.
        text = pathlib.Path(f"/proc/{self.process.pid}/stat").read_text()
        fields = text.rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def settled_cpu(self):
        """The same, once what was asked is done: nothing has run for a while."""
        last, since = self.cpu(), time.monotonic()
        while time.monotonic() - since < QUIET_SECONDS:
            time.sleep(0.1)
            if self.cpu() > last + 0.02:
                last, since = self.cpu(), time.monotonic()
        return self.cpu()

    def rss(self):
        """Bytes resident."""
        for line in pathlib.Path(f"/proc/{self.process.pid}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) * 1024
        raise BenchError(f"no VmRSS of {self.name}")


class Sink:
    """wfload's webhook."""

    def __init__(self, wfload, port=0):
        self.process = subprocess.Popen([wfload, "sink", str(port)], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, text=True, start_new_session=True)
        self.port = json.loads(self.process.stdout.readline())["port"]

    def tell(self, line):
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()

    def report(self, whole=1):
        self.tell(f"report {whole}")
        return json.loads(self.process.stdout.readline())

    def reset(self):
        self.tell("reset")

    def wait_for(self, groups, seconds):
        """Waits until so many groups were told; returns the last report, in time or not."""
        begin = time.monotonic()
        while True:
            report = self.report()
            if report["groups"] >= groups or time.monotonic() - begin > seconds:
                return report
            time.sleep(0.1)

    def stop(self):
        self.process.stdin.close()
        self.process.wait(STOP_SECONDS)


class Bench:
    """Programs and sizes of one run."""

    def __init__(self, options):
        self.options = options
        self.wfload = str(options.bin / "wfload")
        self.programs = {"watchfire": [str(options.bin / "watchfire")],
                         "alertmanager": [str(options.peer)]}
        for program in [self.wfload, *(words[0] for words in self.programs.values())]:
            if not os.access(program, os.X_OK):
                raise BenchError(f"{program} is missing: ./dev bench builds and fetches it")
        if not PEER_TEMPLATES.exists():
            share = options.peer.resolve().parents[1] / "share"
            self.programs["alertmanager"][:0] = [*SEE_OWN_SHARE, str(share)]
        self.names = ["alertmanager", "watchfire"]

    def scaled(self, number, least=1):
        return max(least, int(number * self.options.scale))

    def load(self, server, *words):
        """Runs wfload against a server and returns what it said."""
        command, *rest = words
        done = subprocess.run([self.wfload, command, str(server.port), *map(str, rest)],
                              capture_output=True, text=True, check=False,
                              timeout=ANSWER_SECONDS)
        if done.returncode != 0:
            raise BenchError(f"wfload {' '.join(map(str, words))} on {server.name}: "
                             f"{done.stdout}{done.stderr}")
        return json.loads(done.stdout)

    @contextlib.contextmanager
    def server(self, name, config):
        directory = tempfile.mkdtemp(prefix=f"wfbench-{name}-")
        server = Server(name, self.programs[name], config, directory)
        try:
            yield server
        finally:
            server.stop()
            if not self.options.keep:
                shutil.rmtree(directory, ignore_errors=True)

    @contextlib.contextmanager
    def pair(self, config, names=None):
        """Both servers at once, by name; the one not spoken to has nothing to do."""
        with contextlib.ExitStack() as stack:
            yield {name: stack.enter_context(self.server(name, config))
                   for name in names or self.names}

    @contextlib.contextmanager
    def sink(self, port=0):
        sink = Sink(self.wfload, port)
        try:
            yield sink
        finally:
            sink.stop()
