# Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
"""The backends that the suite `backends` is run on, each with the same history, and the proxy."""

import json
import re
import shutil
import socket
import time
import urllib.error
import urllib.parse
import urllib.request

import harness
import traffic

# What a range of 30 days in steps of a second takes, and nothing that an SLO asks.
SAMPLES_MAX = 3_000_000
WRITE_BATCH = 100_000  # Samples of one remote write of history.


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_until_ready(name, url):
    def is_ready():
        try:
            return harness.fetch(url) or "yes"
        except harness.Failure:
            return ""
    harness.wait_for(f"{name} is ready", is_ready)


class Backend:
    """A running server of the query API."""

    kind = "prometheus"  # `type` of the datasource.
    headers = {}
    limit = "too many samples"  # Of what it says to a query that is too expensive.
    expensive = "count_over_time(shop_requests_total[30d:1s]) > 0"  # Such a query.
    has_stores = False  # Then break_store() and mend_store() are there.
    increase = "auto"  # Of the datasource.

    def __init__(self, name, url, *children):
        self.name, self.url, self.children = name, url, list(children)
        self.write_url = url + "/api/v1/write"

    def ask(self, query, at):
        """The value of a query with one result, 0 if there is none."""
        form = urllib.parse.urlencode({"query": query, "time": at, "nocache": 1}).encode()
        request = urllib.request.Request(f"{self.url}/api/v1/query", form, self.headers)
        with urllib.request.urlopen(request, timeout=120) as response:
            result = json.load(response)["data"]["result"]
        return float(result[0]["value"][1]) if result else 0.0

    def stop(self):
        for child in reversed(self.children):
            child.stop()


def start_prometheus(name, program, programs, series, *flags):
    """Debian's, or a newer one."""
    home = programs.work / name
    home.mkdir()
    samples = home / "samples.txt"
    traffic.write_openmetrics(samples, series)
    harness.create_blocks(programs.promtool, home, samples)
    server = harness.start_prometheus(
        program, name, programs.work, "--web.enable-remote-write-receiver",
        f"--query.max-samples={SAMPLES_MAX}", *flags)
    return Backend(name, server.url, server)


def start_anchored(name, program, programs, series):
    """A newer one with ranges that begin with the last sample before them."""
    backend = start_prometheus(name, program, programs, series,
                               "--enable-feature=promql-extended-range-selectors")
    backend.increase = "anchored"
    return backend


class VictoriaMetrics(Backend):
    """Single node."""

    kind = "victoriametrics"
    limit = "too many points"


def start_victoriametrics(name, program, programs, series):
    home = programs.work / name
    home.mkdir()
    address = f"127.0.0.1:{free_port()}"
    server = harness.Program(name, [
        program, f"-storageDataPath={home / 'data'}", f"-httpListenAddr={address}",
        "-retentionPeriod=2y", "-memory.allowedPercent=10",
    ], programs.work)
    backend = VictoriaMetrics(name, f"http://{address}", server)
    try:
        wait_until_ready(name, backend.url + "/health")
        write_history(backend, series)
        harness.fetch(backend.url + "/internal/force_flush")
    except harness.Failure as failure:
        backend.stop()
        raise harness.Failure(f"{failure}\n{server.last_lines()}") from None
    return backend


def write_history(backend, series):
    for labels, points in series.items():
        for first in range(0, len(points), WRITE_BATCH):
            error = traffic.remote_write(backend.write_url, {
                labels: points[first:first + WRITE_BATCH]}, backend.headers)
            if error:
                raise harness.Failure(error)


def start_all(programs, series, clusters):
    """Those that are there, `clusters` ({name: start}) among them, and names of the missing."""
    tools = programs.promtool.parent
    known = [("prometheus-2", programs.prometheus, start_prometheus),
             ("prometheus-3", tools / "prometheus3", start_prometheus),
             ("prometheus-3-anchored", tools / "prometheus3", start_anchored),
             ("victoriametrics", tools / "victoria-metrics", start_victoriametrics),
             *((name, tools / name, start) for name, start in clusters.items())]
    backends, missing = [], []
    try:
        for name, program, start in known:
            if program.exists():
                shutil.rmtree(programs.work / name, ignore_errors=True)
                backends.append(start(name, program, programs, series))
            else:
                missing.append(name)
    except BaseException:
        for backend in backends:
            backend.stop()
        raise
    return backends, missing


class Proxy(harness.Loopback):
    """Passes on what a backend is asked and written, remembers it, and spoils answers if told to.

    `faults` maps a part of a query to what becomes of its answer: (status, body) of it.
    """

    def __init__(self, backend):
        self.queries = []  # (path, parameters, headers, status, answer's top-level keys)
        self.writes = []  # (headers, status, number of bytes)
        self.faults = {}
        self.spoilt = 0  # Answers.
        proxy = self

        def upstream(path):
            write = urllib.parse.urlsplit(backend.write_url)
            # Thanos has another server for it.
            here = write if path == write.path else urllib.parse.urlsplit(backend.url)
            return f"http://{here.netloc}{path}"

        class Handler(harness.QuietHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                is_query = "/api/v1/query" in self.path
                status, answer = pass_on(upstream(self.path), self.headers, body)
                if is_query:
                    parameters = dict(urllib.parse.parse_qsl(body.decode()))
                    status, answer = proxy.spoil(parameters["query"], status, answer)
                    proxy.queries.append((self.path, parameters, self.headers, status,
                                          keys_of(answer)))
                else:
                    proxy.writes.append((self.headers, status, len(body)))
                self.send_response(status)
                if status != 204:
                    self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

        self.serve(Handler)

    def spoil(self, query, status, answer):
        for part, change in list(self.faults.items()):
            if part in query:
                self.spoilt += 1
                return change(status, answer)
        return status, answer

    def counted_at(self, metric):
        """The end of the newest minute that was counted of a metric."""
        times = [float(p["time"]) for path, p, _, status, _ in list(self.queries)
                 if path.endswith("/query") and metric in p["query"] and status == 200 and
                 re.search(r"\[([126]m|59s999ms)\]", p["query"])]
        return max(times, default=0)


def pass_on(url, headers, body):
    wanted = {"Content-Type", "Content-Encoding", "X-Scope-Orgid", "X-Scope-OrgID",
              "X-Prometheus-Remote-Write-Version", "Cache-Control"}
    request = urllib.request.Request(url, body, {
        name: value for name, value in headers.items()
        if name.lower() in {each.lower() for each in wanted}})
    try:
        with urllib.request.urlopen(request, timeout=120) as response:
            return response.status, response.read()
    except urllib.error.HTTPError as error:
        return error.code, error.read()
    except OSError as error:
        return 502, str(error).encode()


def keys_of(answer):
    try:
        return sorted(json.loads(answer))
    except ValueError:
        return []


def now():
    return int(time.time())
