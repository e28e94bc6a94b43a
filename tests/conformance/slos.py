# Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
"""An SLO counted minute by minute against exact PromQL, on Debian's Prometheus with 30 days.

Two pods with restarts, a gap of two hours, and an outage that is going on. What the server asks
goes through a proxy that lets Prometheus count the samples it reads. The server's numbers are those
of exact PromQL, its page outlives a kill, and it has 200 times fewer samples read than Sloth.
"""

import json
import random
import re
import subprocess
import time
import urllib.error
import urllib.parse
import urllib.request

import harness

DAYS = 30
SCRAPE = 15
AHEAD = 45 * 60  # Samples of the time that the suite may take.
WINDOWS = ["5m", "30m", "1h", "2h", "6h", "1d", "3d", "30d"]
LESS = 200  # What has to hold; 224 were measured.
MINUTES = 7

CONFIG = """\
route: {receiver: nobody}
receivers: [{name: nobody}]
datasources: [{name: prometheus, url: "PROMETHEUS"}]
evaluation: {interval: 1m, slo_mode: incremental}
slo_files: [slo.yml]
"""
SLO = """\
version: prometheus/v1
service: shop
slos:
  - name: carts
    objective: 99.9
    sli:
      events:
        error_query: sum(rate(cart_requests_total{code="500"}[{{.window}}])) or vector(0)
        total_query: sum(rate(cart_requests_total[{{.window}}]))
    alerting: {name: CartsBurn}
"""


class Proxy(harness.Loopback):
    """Passes queries on, and notes what each was and how many samples were read for it."""

    def __init__(self, upstream):
        self.queries = []  # (path, parameters, samples)
        self.upstream = upstream
        proxy = self

        class Handler(harness.QuietHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                request = urllib.request.Request(
                    proxy.upstream + self.path, (body + "&stats=all").encode(),
                    {"Content-Type": "application/x-www-form-urlencoded"})
                try:
                    with urllib.request.urlopen(request, timeout=60) as response:
                        status, answer = response.status, response.read()
                except urllib.error.HTTPError as error:
                    status, answer = error.code, error.read()
                proxy.note(self.path, body, answer)
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

        self.serve(Handler)

    def note(self, path, body, answer):
        parameters = dict(urllib.parse.parse_qsl(body))
        read = json.loads(answer).get("data", {}).get("stats", {}).get("samples", {})
        self.queries.append((path, parameters, read.get("totalQueryableSamples", 0)))

    def newest(self, since=0):
        """Queries for one minute, as (time, samples): for samples, or for sums.

        Of what passed by after the first `since` queries. A hole of one minute is asked like this,
        too: while history comes in they are not all of the newest.
        """
        return [(float(p["time"]), samples) for path, p, samples in self.queries[since:]
                if path == "/api/v1/query" and
                (p["query"].endswith("[2m]") or "[1m]" in p["query"])]

    def again(self, since):
        """Those for the last five minutes a second time."""
        return [(float(p["time"]), samples) for path, p, samples in self.queries[since:]
                if p["query"].endswith("[6m]")]

    def ranges(self, since=0):
        return [(p, samples) for path, p, samples in self.queries[since:]
                if path == "/api/v1/query_range"]


def write_samples(path, now):
    """Counters of two pods, and that they are up, from 30 days ago to a while ahead."""
    rng = random.Random(7)
    start = now - DAYS * 86400 - 3600
    lines = {"cart_requests": [], "up": []}
    gap = (now - 9 * 86400, now - 9 * 86400 + 7200)
    for pod in range(2):
        good = bad = 0
        labels = f'job="shop",instance="{pod}"'
        for at in range(start + pod * 3, now + AHEAD, SCRAPE):
            if rng.random() < 1 / 40000:
                good = bad = 0  # A restart.
            share = 0.0004
            if at > now - 20 * 60:
                share = 0.2  # The outage that is going on.
            elif at % 500_000 < 1500:
                share = 0.05
            calls = 40 + int(20 * ((at // 3600) % 24) / 24)
            failed = sum(rng.random() < share for _ in range(calls)) if share > 0.01 else \
                int(rng.random() < share * calls)
            good, bad = good + calls - failed, bad + failed
            if gap[0] < at < gap[1]:
                continue
            lines["up"].append(f"up{{{labels}}} 1 {at}\n")
            lines["cart_requests"].append(
                f'cart_requests_total{{{labels},code="200"}} {good} {at}\n')
            lines["cart_requests"].append(
                f'cart_requests_total{{{labels},code="500"}} {bad} {at}\n')
    with path.open("w") as file:
        for name, kind in (("cart_requests", "counter"), ("up", "gauge")):
            file.write(f"# TYPE {name} {kind}\n")
            file.writelines(sorted(lines[name], key=lambda line: line[:line.index("}")]))
        file.write("# EOF\n")


def start_prometheus(programs, home):
    home.mkdir()
    samples = home / "samples.txt"
    write_samples(samples, int(time.time()))
    harness.create_blocks(programs.promtool, home, samples)
    return harness.start_prometheus(programs.prometheus, home.name, programs.work)


def exact(prometheus, query, at):
    """(value, samples read) of an instant query."""
    data = harness.ask(prometheus.url + "/api/v1/query", query=query, time=at, stats="all")["data"]
    value = float(data["result"][0]["value"][1]) if data["result"] else 0.0
    return value, data["stats"]["samples"]["totalQueryableSamples"]


def ratio_query(window):
    error = SLO[SLO.index("error_query: ") + 13:].split("\n")[0]
    total = SLO[SLO.index("total_query: ") + 13:].split("\n")[0]
    return f"({error}) / ({total})".replace("{{.window}}", window)


def slo_metrics(server, name):
    """{window: value} of a metric of the SLO; the window is "" where it has none."""
    samples = harness.parse_metrics(harness.fetch(server.url + "/metrics"))
    return {labels.get("window", ""): value for sample, labels, value in samples if sample == name}


def counted(server):
    windows = slo_metrics(server, "watchfire_slo_window_counted")
    return sorted(windows) == sorted(WINDOWS) and all(windows.values())


def page_of(server):
    """When the page began, or None."""
    found = [alert["startsAt"] for alert in harness.ask(server.url + "/api/v2/alerts")
             if alert["labels"].get("sloth_severity") == "page"]
    return found[0] if found else None


def check_numbers(report, server, prometheus, proxy):
    """What /metrics says is what exact PromQL says of the same instant."""
    def at_rest():
        before = proxy.newest()[-1][0]
        ratios = slo_metrics(server, "watchfire_slo_error_ratio")
        return (before, ratios) if proxy.newest()[-1][0] == before else None
    at, ratios = harness.wait_for("a minute", at_rest)
    for window in WINDOWS:
        value, _ = exact(prometheus, ratio_query(window), at)
        ours = ratios.get(window, -1)
        print(f"       {window}: counted {ours:.6f}, exact {value:.6f}")
        # A twentieth, or half a burn rate: what extrapolation does at the edges of short windows.
        report.check(f"{window}: counted as exact PromQL has it",
                     abs(ours - value) <= max(0.05 * value, 0.0005), f"{ours} {value}")


def sums(asked):
    """Samples by time, of [(time, samples)]."""
    out = {}
    for at, samples in asked:
        out[at] = out.get(at, 0) + samples
    return out


def check_cost(report, prometheus, proxy, whole, generated):
    """Samples a minute, re-reading included, against Sloth's recording rules.

    Of what was asked after the first `whole` queries: before that, history came in.
    """
    harness.wait_for("the last minutes are asked again", lambda: proxy.again(whole), 60 * MINUTES)
    by_tick = sums(proxy.newest(whole))
    newest = max(by_tick.values())
    ours = newest + max(sums(proxy.again(whole)).values()) / 5
    at = max(by_tick)
    sloth = 0
    for window in WINDOWS[:-1]:
        _, samples = exact(prometheus, ratio_query(window), at)
        sloth += samples
    expressions = re.findall(r'record: "?slo:sli_error:ratio_rate(\w+)', generated)
    report.equal("Sloth's rules have these windows", sorted(expressions), sorted(WINDOWS))
    print(f"       samples a minute: ours {ours:.0f}, {newest} of them for the newest minute; "
          f"Sloth's without the 30d rule {sloth}: 1/{sloth / ours:.0f}")
    report.check(f"at most 1/{LESS} of the samples of Sloth's rules", ours * LESS <= sloth,
                 f"{ours} {sloth}")


def check_restart(report, programs, server, proxy, config):
    began = page_of(server)
    report.check("the outage pages", began is not None)
    server.process.kill()
    server.stop()
    fills = len(proxy.ranges())
    address = server.address
    server = harness.start_watchfire(programs.watchfire, "slos", programs.work, config, address)
    report.equal("after a kill the page goes on", page_of(server), began)
    seen = len(proxy.newest())
    harness.wait_for("two more minutes", lambda: len(proxy.newest()) >= seen + 2, 60 * MINUTES)
    harness.wait_for("all windows are counted again", lambda: counted(server), 60 * MINUTES)
    report.equal("it has neither ended nor begun anew", page_of(server), began)
    report.check("nothing was resolved", "alert: resolved" not in server.text())
    asked = len(proxy.ranges()) - fills
    report.check("history is not asked again", asked <= 12, f"{asked} ranges")
    return server


def main(report, programs):
    harness.require(programs.watchfire, programs.wfctl, programs.prometheus, programs.promtool)
    running = []
    try:
        prometheus = start_prometheus(programs, programs.work / "slo-prometheus")
        running.append(prometheus)
        proxy = Proxy(prometheus.url)
        running.append(proxy)
        home = programs.work / "slos"
        home.mkdir()
        (home / "slo.yml").write_text(SLO)
        config = CONFIG.replace("PROMETHEUS", proxy.url)
        server = harness.start_watchfire(programs.watchfire, "slos", programs.work, config)
        running.append(server)
        harness.wait_for("the first minute", proxy.newest, 180)
        harness.wait_for("the outage pages, before history is in or after",
                         lambda: page_of(server), 60)
        harness.wait_for("history comes in and all windows are counted",
                         lambda: counted(server), 60 * MINUTES)
        known = slo_metrics(server, "watchfire_slo_known_ratio")[""]
        report.check("all of the period is known", known > 0.998, known)
        check_numbers(report, server, prometheus, proxy)
        running.remove(server)
        server = check_restart(report, programs, server, proxy, config)
        running.append(server)
        whole = len(proxy.queries)
        generated = subprocess.run([programs.wfctl, "slo", "generate", home / "slo.yml"],
                                   capture_output=True, text=True, check=True).stdout
        check_cost(report, prometheus, proxy, whole, generated)
    finally:
        for one in reversed(running):
            one.stop()
