#!/usr/bin/env python3
# Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
"""The scenarios of peers.py. Each is a function of a Bench that returns its rows of the table."""

import dataclasses
import json
import pathlib
import signal
import statistics
import subprocess
import threading
import time
import urllib.parse

from servers import BenchError, free_port

QUIET = """\
route: {receiver: nobody, group_by: [alertname, cluster, service], group_wait: 1h}
receivers: [{name: nobody}]
"""


@dataclasses.dataclass
class Row:
    """One line: what was measured, and the floor it is held to, as a ratio or by itself."""

    scenario: str
    unit: str
    ours: float
    peer: float = None      # None: the peer has no such figure.
    ratio_floor: float = 0  # peer / ours must be at least this; 0: `floor` counts.
    floor: float = None     # ours must be at most this; None as well: told, not judged.
    published: bool = False  # The peer's figure is the reference's, not of this run.

    @property
    def ratio(self):
        if self.peer is None:
            return None
        return self.peer / self.ours if self.ours else float("inf")

    @property
    def met(self):
        if self.ratio_floor:
            return self.ratio is not None and self.ratio >= self.ratio_floor
        return self.floor is None or self.ours <= self.floor


class Samples:
    """Figures by server and name; their medians make the rows."""

    def __init__(self):
        self.values = {}

    def add(self, server, figure, value):
        self.values.setdefault((server, figure), []).append(value)

    def median(self, server, figure):
        values = self.values.get((server, figure))
        return statistics.median(values) if values else None

    def row(self, scenario, unit, figure, **floors):
        return Row(scenario, unit, self.median("watchfire", figure),
                   self.median("alertmanager", figure), **floors)


def query(path, **filters):
    pairs = [("filter", f'{name}="{value}"') for name, value in filters.items()]
    return path + ("?" + urllib.parse.urlencode(pairs) if pairs else "")


ALL = "/api/v2/alerts"
GROUPS = "/api/v2/alerts/groups"
# 50 alerts: ten in each of the five clusters.
NARROW = {"alertname": "WorkloadUnavailable07", "service": "shop-03"}
NARROW_SMALL = {"alertname": "WorkloadUnavailable07", "service": "shop-00"}


def narrow(bench, path):
    return query(path, **(NARROW if bench.options.scale > 0.5 else NARROW_SMALL))


def cpu_per_alert(bench, server, *words):
    """Microseconds of the server's CPU for each alert that wfload posts."""
    count = bench.scaled(100_000)
    before = server.settled_cpu()
    said = bench.load(server, "post", f"count={count}", *words)
    return (server.settled_cpu() - before) / (said["exchanges"] * 64) * 1e6


def ingest(bench):
    """CPU of new and of repeated alerts, memory of alerts that are there."""
    count, passes = bench.scaled(100_000), 6
    samples = Samples()
    for _ in range(bench.options.rounds):
        with bench.pair(QUIET) as servers:
            for name, server in servers.items():
                idle = server.rss()
                samples.add(name, "new", cpu_per_alert(bench, server))
                once = server.rss()
                samples.add(name, "rss", (once - idle) / count)
                samples.add(name, "again", cpu_per_alert(bench, server, f"passes={passes}"))
                samples.add(name, "growth", (server.rss() - idle) / (once - idle))
    return [
        samples.row("CPU per new alert, batches of 64", "us", "new", ratio_floor=12),
        samples.row("CPU per repeated alert, batches of 64", "us", "again", ratio_floor=15),
        samples.row("memory per active alert", "bytes", "rss", ratio_floor=4),
        samples.row(f"memory after {passes} repetitions / after none", "x", "growth", floor=1.1),
    ]


def preload(bench, servers):
    for server in servers.values():
        bench.load(server, "post", f"count={bench.scaled(100_000)}")
        server.settled_cpu()


def reads(bench):
    """Reads with all alerts there, alone and while more come."""
    samples = Samples()
    with bench.pair(QUIET) as servers:
        preload(bench, servers)
        paths = {"all": ALL, "groups": GROUPS, "narrow": narrow(bench, ALL),
                 "narrow groups": narrow(bench, GROUPS)}
        for _ in range(bench.options.rounds):
            for figure, path in paths.items():
                for name, server in servers.items():
                    times = 20 if name == "watchfire" and "narrow" in figure else 3
                    said = bench.load(server, "get", path, f"times={times}")
                    samples.add(name, figure, said["p50_ms"])
        for name, server in servers.items():
            samples.add(name, "post", post_p99_during_reads(bench, server))
    count = f"{bench.scaled(100_000):,} alerts"
    return [
        samples.row(f"GET alerts, {count}, p50", "ms", "all", ratio_floor=10),
        samples.row(f"GET alerts/groups, {count}, p50", "ms", "groups", ratio_floor=10),
        samples.row("GET alerts, 50 of them, p50", "ms", "narrow", ratio_floor=50),
        samples.row("GET alerts/groups, 50 of them, p50", "ms", "narrow groups", ratio_floor=50),
        samples.row("POST p99 while such GETs run", "ms", "post", floor=20),
    ]


def post_p99_during_reads(bench, server):
    """Two readers, of all alerts and of all groups, while 5,000 known alerts a second arrive."""
    seconds = 8
    readers = [subprocess.Popen([bench.wfload, "get", str(server.port), path, f"seconds={seconds}",
                                 "times=1"], stdout=subprocess.DEVNULL)
               for path in (ALL, GROUPS)]
    rate = 5_000
    said = bench.load(server, "post", f"count={bench.scaled(seconds * rate, 640)}", f"rate={rate}",
                      "connections=2")
    for reader in readers:
        reader.wait()
    return said["p99_ms"]


def inhibition(bench):
    """The same reads when 1,000 alerts inhibit by 100 rules."""
    rules = "\n".join(
        f'- {{source_matchers: [severity="critical", job="rack-{rack:02}"], '
        f'target_matchers: [severity="warning"], equal: [cluster]}}' for rack in range(100))
    samples = Samples()
    sources, checked = 1_000, {}
    with bench.pair(f"{QUIET}inhibit_rules:\n{rules}\n") as servers:
        for name, server in servers.items():
            bench.load(server, "post", "kind=source", f"count={sources}")
            bench.load(server, "post", f"count={bench.scaled(100_000)}")
            server.settled_cpu()
        for figure, path, times in (("all", ALL, 1), ("groups", GROUPS, 1),
                                    ("narrow", narrow(bench, ALL), 1)):
            for name, server in servers.items():
                many = times if name == "alertmanager" else 5
                before = server.cpu()
                said = bench.load(server, "get", path, f"times={many}")
                samples.add(name, figure, said["p50_ms"])
                samples.add(name, figure + " cpu", (server.cpu() - before) / many)
        for name, server in servers.items():
            rows = server.get(narrow(bench, ALL))
            checked[name] = sorted(row["fingerprint"] for row in rows
                                   if row["status"]["inhibitedBy"])
    if checked["watchfire"] != checked["alertmanager"] or not checked["watchfire"]:
        raise BenchError("the servers disagree about who is inhibited")
    inhibited = "1,000 inhibitors x 100 rules, p50"
    return [
        samples.row(f"GET alerts, {inhibited}", "ms", "all", ratio_floor=30),
        samples.row(f"GET alerts/groups, {inhibited}", "ms", "groups", ratio_floor=30),
        samples.row(f"GET 50 alerts, {inhibited}", "ms", "narrow", ratio_floor=30),
    ]


def one_more_silence(bench):
    """From one silence more among 1,000 to an answer that shows it."""
    samples = Samples()
    group = 7
    with bench.pair(QUIET) as servers:
        preload(bench, servers)
        for server in servers.values():
            bench.load(server, "silences", "first=20000", "count=1000")
            server.get(narrow(bench, ALL))
        pod = bench_pod(servers["watchfire"], group)
        for number in range(bench.options.rounds):
            for name, server in servers.items():
                begin, cpu = time.monotonic(), server.cpu()
                bench.load(server, "silences", f"first={group + number}", "count=1")
                rows = server.get(query(ALL, pod=pod))
                samples.add(name, "seen", (time.monotonic() - begin) * 1000)
                samples.add(name, "cpu", (server.cpu() - cpu) * 1000)
                if len(rows) != 1 or not rows[0]["status"]["silencedBy"]:
                    raise BenchError(f"{name} does not show the silence")
    return [samples.row("one more silence among 1,000, seen in a GET", "ms", "seen",
                        ratio_floor=100)]


def bench_pod(server, group):
    """The name of a pod of deployment `group`."""
    rows = server.get(query(ALL, alertname=f"WorkloadUnavailable{group % 40:02}"))
    pods = sorted(row["labels"]["pod"] for row in rows)
    return next(pod for pod in pods if pod.startswith(f"web-{group}-"))


PUBLISHED_10K_SECONDS = 264


def many_silences(bench):
    """10,000 silences of regular expressions, one after the other, and the first GET after them."""
    count = bench.scaled(10_000)
    full = bench.options.full or bench.options.scale <= 0.1
    samples = Samples()
    with bench.pair(QUIET, None if full else ["watchfire"]) as servers:
        preload(bench, servers)
        for name, server in servers.items():
            before = server.settled_cpu()
            bench.load(server, "silences", f"count={count}")
            begin = time.monotonic()
            bench.load(server, "get", narrow(bench, ALL), "times=1")
            samples.add(name, "first", time.monotonic() - begin)
            samples.add(name, "cpu", server.settled_cpu() - before)
        silenced = len([row for row in servers["watchfire"].get(narrow(bench, ALL))
                        if row["status"]["silencedBy"]])
    if silenced == 0:
        raise BenchError("no silence matched")
    title = f"{count:,} regex silences x {bench.scaled(100_000):,} alerts"
    rows = [samples.row(f"{title}, first GET", "s", "first", floor=5),
            samples.row(f"{title}, CPU of all POSTs and that GET", "s", "cpu")]
    if not full:
        rows[0].peer, rows[0].published = PUBLISHED_10K_SECONDS, True
    return rows


def paging(port, wait, interval="1h"):
    return f"""\
route: {{receiver: hook, group_by: [alertname, cluster, service], group_wait: {wait},
        group_interval: {interval}, repeat_interval: 4h}}
receivers: [{{name: hook, webhook_configs: [{{url: "http://127.0.0.1:{port}/"}}]}}]
"""


def notifications(bench):
    """100,000 alerts in 10,000 groups; then the same after a reload."""
    count = bench.scaled(100_000)
    groups = count // 10
    samples = Samples()
    for _ in range(bench.options.rounds):
        with bench.pair(QUIET) as servers:
            base = {name: cpu_per_alert(bench, server) for name, server in servers.items()}
        for name in bench.names:
            samples.add(name, "told", cpu_per_notification(bench, name, count, base[name]))
    for name in bench.names:
        samples.add(name, "incomplete", incomplete_after_reload(bench, name, count))
    return [
        samples.row(f"CPU per notification of 10 alerts, {groups:,} groups", "us", "told",
                    ratio_floor=8),
        samples.row("first notifications incomplete after a reload", "%", "incomplete", floor=0),
    ]


def cpu_per_notification(bench, name, count, per_alert):
    """Microseconds of the server's CPU for each, less what `count` alerts by themselves cost."""
    groups = count // 10
    with bench.sink() as sink, bench.server(name, paging(sink.port, "1s")) as server:
        before = server.settled_cpu()
        bench.load(server, "post", f"count={count}")
        report = sink.wait_for(groups, 120)
        if report["groups"] < groups:
            raise BenchError(f"{name} told {report['groups']} of {groups} groups")
        spent = (server.settled_cpu() - before) * 1e6 - per_alert * count
        return spent / report["notifications"]


def incomplete_after_reload(bench, name, count):
    """Percent of groups whose first notification lacks alerts when a reload finds them waiting."""
    with bench.sink() as sink, bench.server(name, paging(sink.port, "1h")) as server:
        bench.load(server, "post", f"count={count}")
        server.settled_cpu()
        server.config.write_text(paging(sink.port, "2s"))
        if server.request("POST", "/-/reload", b"")[0] != 200:
            raise BenchError(f"{name} did not reload")
        sink.wait_for(count // 10, 120)
        report = sink.report(whole=10)
        return 100 * report["incomplete"] / max(1, report["groups"])


def latency(bench):
    """One alert, group_wait 0s: from the POST to the webhook."""
    samples = Samples()
    for _ in range(bench.options.rounds):
        for name in bench.names:
            port = free_port()
            with bench.server(name, paging(port, "0s")) as server:
                said = bench.load(server, "latency", port, f"times={bench.scaled(150, 50)}")
                samples.add(name, "p50", said["p50_ms"])
                samples.add(name, "p99", said["p99_ms"])
    return [samples.row("one alert, group_wait 0s, to the webhook, p50", "ms", "p50", floor=5),
            samples.row("one alert, group_wait 0s, to the webhook, p99", "ms", "p99", floor=5)]


def routing(bench):
    """CPU per alert that 2,000 routes add; the peer's for new alerts, ours by core_bench too."""
    routes = "\n".join(
        f'  - {{matchers: [alertname="WorkloadUnavailable{i % 400:02}", cluster="prod-{i // 400}"'
        f', \'service=~"shop-0[0-9]|shop-4{i % 10}"\'], receiver: nobody-{i % 500}}}'
        for i in range(2_000))
    receivers = ", ".join(f"{{name: nobody-{i}}}" for i in range(500))
    config = f"""\
route:
  receiver: nobody-0
  group_by: [alertname, cluster, service]
  group_wait: 1h
  routes:
{routes}
receivers: [{receivers}]
"""
    samples = Samples()
    for kind, text in (("few", QUIET), ("many", config)):
        with bench.pair(text) as servers:
            for name, server in servers.items():
                cpu_per_alert(bench, server)
                samples.add(name, kind, cpu_per_alert(bench, server, "passes=2"))
    rows = []
    for name in bench.names:
        samples.add(name, "added", max(0.001, samples.median(name, "many") -
                                       samples.median(name, "few")))
    rows.append(samples.row("CPU per alert that 2,000 routes add", "us", "added", floor=1))
    said = subprocess.run([str(bench.options.bin / "core_bench"), "--benchmark_filter=Route2000",
                           "--benchmark_format=json"], capture_output=True, text=True, check=True)
    for figure in json.loads(said.stdout)["benchmarks"]:
        rows.append(Row(f"routing with 2,000 routes, {figure['name'].partition('/')[2]}", "us",
                        figure["cpu_time"] / 1000, floor=1))
    return rows


def crash(bench):
    """kill -9 while silences are created, and after groups were notified."""
    samples = Samples()
    for name in bench.names:
        with bench.sink() as sink, bench.server(name, paging(sink.port, "1s", "2s")) as server:
            groups = 200
            bench.load(server, "post", f"count={groups * 10}", "batch=1000")
            sink.wait_for(groups, 30)
            time.sleep(1)  # Outcomes are recorded.
            acknowledged = silences_until_killed(server)
            sink.reset()
            server.start()
            known = {silence["id"] for silence in server.get("/api/v2/silences")}
            samples.add(name, "lost", len(acknowledged - known))
            samples.add(name, "acknowledged", len(acknowledged))
            bench.load(server, "post", f"count={groups * 10}", "batch=1000")
            time.sleep(6)  # group_wait, and two intervals more.
            samples.add(name, "again", sink.report()["groups"])
    figures = [f"{samples.median(name, 'acknowledged'):.0f}" for name in reversed(bench.names)]
    return [samples.row(f"kill -9: silences lost of {' / '.join(figures)} answered", "", "lost",
                        floor=0),
            samples.row("kill -9: groups of 200 told again", "", "again", floor=0)]


def silences_until_killed(server):
    """Creates silences from four threads, kills the server, returns the ids it had answered."""
    answered, lock = set(), threading.Lock()
    body = json.dumps({
        "matchers": [{"name": "alertname", "value": "Nothing", "isRegex": False, "isEqual": True}],
        "startsAt": "2026-01-01T00:00:00Z", "endsAt": "2099-01-01T00:00:00Z",
        "createdBy": "bench", "comment": "crash"}).encode()

    def create():
        while True:
            try:
                status, answer = server.request("POST", "/api/v2/silences", body)
            except (OSError, ValueError):
                return
            except Exception:  # pylint: disable=broad-except
                return  # A half answer is none.
            if status == 200:
                with lock:
                    answered.add(json.loads(answer)["silenceID"])

    threads = [threading.Thread(target=create) for _ in range(4)]
    for thread in threads:
        thread.start()
    time.sleep(2)
    server.signal(signal.SIGKILL)
    for thread in threads:
        thread.join()
    return answered


SCENARIOS = {
    "ingest": ingest, "reads": reads, "inhibition": inhibition, "silence": one_more_silence,
    "silences": many_silences, "notifications": notifications, "latency": latency,
    "routing": routing, "crash": crash,
}
