# Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
"""Stand-ins for the backends that cannot be built in reasonable time: Thanos and Mimir.

Each is a front of Debian's Prometheus that adds what differs, as their sources have it: paths,
tenants, how they say that something is missing or too much. They prove that Watchfire takes these
answers, not that Thanos or Mimir gives them.
"""

import json
import urllib.parse

import backend_servers
import harness

# No SLO and no rule asks more than this in their tests' stead.
TOO_MUCH = "[30d:1s]"


def error(kind, text):
    return json.dumps({"status": "error", "errorType": kind, "error": text}).encode()


class Front(harness.Loopback):
    """Serves below `prefix` what a Prometheus has; `answer` may say something else instead."""

    def __init__(self, upstream, prefix, write_path, answer):
        class Handler(harness.QuietHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                form = {}
                if self.path == write_path:
                    path = "/api/v1/write"
                elif self.path.startswith(prefix + "/api/v1/query"):
                    path = self.path[len(prefix):]
                    form = dict(urllib.parse.parse_qsl(body.decode()))
                else:
                    self.say(404, b"404 page not found\n")
                    return
                said = answer(self.headers, form)
                self.say(*(said or backend_servers.pass_on(upstream + path, self.headers, body)))

            def say(self, status, text):
                self.send_response(status)
                self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                self.wfile.write(text)

        self.serve(Handler)


class Mimir(backend_servers.Backend):
    """Refuses who names no tenant, and what is above the tenant's limits."""

    kind = "mimir"
    headers = {"X-Scope-OrgID": "shop"}
    limit = "err-mimir-max-"

    @staticmethod
    def answer(headers, form):
        if not headers.get("X-Scope-OrgID"):
            return 401, b"no org id\n"
        if TOO_MUCH in form.get("query", ""):
            return 422, error("execution", "expanding series: the query exceeded the maximum "
                              "number of chunks (limit: 2000000 chunks) "
                              "(err-mimir-max-chunks-per-query)")
        return None


class Thanos(backend_servers.Backend):
    """Has a store that is down for one query."""

    kind = "thanos"
    limit = "limit"
    has_stores = True
    down = ""  # A part of the queries whose store is down.

    def break_store(self, part):
        self.down = part

    def mend_store(self):
        self.down = ""

    def answer(self, _headers, form):
        query = form.get("query", "")
        if TOO_MUCH in query:
            return 422, error("execution", "expanding series: failed to send series: "
                              "samples limit 2000000 violated (got 2000001)")
        if not self.down or self.down not in query:
            return None
        what = "receive series from Addr: 127.0.0.1:10901: rpc error: code = Unavailable"
        if form.get("partial_response", "true") != "true":
            return 422, error("execution", f"expanding series: proxy Series(): {what}")
        return 200, json.dumps({"status": "success", "warnings": [what],
                                "data": {"resultType": "vector", "result": []}}).encode()


def start_mimir(name, program, programs, series):
    behind = backend_servers.start_prometheus(f"behind-{name}", program, programs, series)
    front = Front(behind.url, "/prometheus", "/api/v1/push", Mimir.answer)
    backend = Mimir(name, front.url + "/prometheus", *behind.children, front)
    backend.write_url = front.url + "/api/v1/push"
    return backend


def start_thanos(name, program, programs, series):
    behind = backend_servers.start_prometheus(f"behind-{name}", program, programs, series)
    backend = Thanos(name, behind.url, *behind.children)
    front = Front(behind.url, "", "/api/v1/receive", backend.answer)
    backend.url, backend.write_url = front.url, front.url + "/api/v1/receive"
    backend.children.append(front)
    return backend
