#!/usr/bin/env python3
# Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
"""The scenarios of slo.py. Each is a function of options and a directory; returns rows."""

import dataclasses
import json
import random
import subprocess
import sys
import threading
import time

import slo_rigs as rigs
from slo_rigs import harness

SCRAPE = 15
AHEAD = 40 * 60  # Seconds: samples of the time that a scenario may take.
SLOTH = ["5m", "30m", "1h", "2h", "6h", "1d", "3d"]
# Of a period of 30 days; and how often they are evaluated, in times a minute.
PYRRA = ["5m", "32m", "1h4m", "2h9m", "6h26m", "1d1h43m", "4d6h51m"]
PYRRA_BURN, PYRRA_INCREASE = 2, 0.4

# Some ask a made-up Prometheus, which would take anchored ranges for good; Debian's has none.
CONFIG = """\
route: {{receiver: nobody}}
receivers: [{{name: nobody}}]
datasources: [{{name: prometheus, url: "{url}", increase: offset}}]
evaluation: {{interval: 1m, slo_mode: incremental}}
{files}
"""


@dataclasses.dataclass
class Row:
    """One line: what was measured, beside whom, and the floor."""

    name: str
    unit: str
    ours: float
    peer: float = None      # None: there is no peer.
    ratio_floor: float = 0  # peer / ours must be at least this; 0: `floor` counts.
    floor: float = None     # ours must be at most this; None as well: told, not judged.

    @property
    def ratio(self):
        return None if self.peer is None else self.peer / self.ours if self.ours else float("inf")

    @property
    def met(self):
        if self.ratio_floor:
            return self.ratio >= self.ratio_floor
        return self.floor is None or self.ours <= self.floor


def slo_file(slos):
    """Sloth's form, of (name, matchers of the error, matchers of the total, grouping)."""
    lines = ["version: prometheus/v1", "service: shop", "slos:"]
    for name, error, total, by in slos:
        lines += [
            f"  - name: {name}", "    objective: 99.9", "    sli:", "      events:",
            f"        error_query: sum{by}(rate(cart_requests_total{{{error}}}[{{{{.window}}}}]))",
            f"        total_query: sum{by}(rate(cart_requests_total{{{total}}}[{{{{.window}}}}]))",
            f"    alerting: {{name: {name}}}"]
    return "\n".join(lines) + "\n"


def start_watchfire(options, work, name, url, slos=None, rules=None):
    home = work / name
    home.mkdir()
    files = []
    for key, text in (("slo_files", slos), ("rule_files", rules)):
        if text is not None:
            (home / f"{key}.yml").write_text(text)
            files.append(f"{key}: [{key}.yml]")
    config = CONFIG.format(url=url, files="\n".join(files))
    return harness.start_watchfire(options.bin / "watchfire", name, work, config)


def requests(pods, days, now, seed=7):
    """Counters of `pods`, and that they are up: 15 s apart, until AHEAD of now.

    At milliseconds of their own, as scrapes are: no sample is at the edge of a minute.
    """
    rng = random.Random(seed)
    start = now - days * 86400 - 3600
    calls, up = [], []
    for pod in range(pods):
        labels = {"job": "shop", "instance": str(pod)}
        times = [round(start + pod * 1.37 % SCRAPE + 0.217 + n * SCRAPE, 3)
                 for n in range((now + AHEAD - start) // SCRAPE)]
        for code, share in (("200", 1), ("500", 0.001)):
            value, points = 0, []
            for at in times:
                value += int(40 * share + rng.random())
                points.append((at, value))
            calls.append(("cart_requests_total", {**labels, "code": code}, points))
        up.append(("up", labels, [(at, 1) for at in times]))
    return calls + up


def recorded(now):
    """What Sloth's rules have recorded of an SLO in 30 days."""
    return ("slo:sli_error:ratio_rate5m", {"sloth_id": "shop-carts", "sloth_window": "5m"},
            [(at, 0.001) for at in range(now - 30 * 86400 - 3600, now + AHEAD, 60)])


def ratio_samples(prometheus, window, at, error='code="500"'):
    query = (f"sum(rate(cart_requests_total{{{error}}}[{window}])) / "
             f"sum(rate(cart_requests_total[{window}]))")
    return rigs.instant(prometheus, query, at)


def samples(options, work):
    """samples read by Prometheus for one SLO of two pods with 30 days, and the fill of history"""
    now = int(time.time())
    prometheus = rigs.start_prometheus(options, work, "samples-prometheus",
                                       [*requests(2, 30, now), recorded(now)])
    listening = rigs.Listening(prometheus.url)
    watchfire = start_watchfire(options, work, "samples", listening.url,
                                slo_file([("carts", 'code="500"', "", "")]))
    try:
        time.sleep(60 * options.minutes)
        asked = list(listening.asked)
        harness.wait_for("minutes asked again",
                         lambda: any(one.is_again() for one in list(listening.asked)), 600)
        return samples_rows(prometheus, list(listening.asked)) + duty_rows(asked)
    finally:
        for server in (watchfire, listening, prometheus):
            server.stop()


def samples_rows(prometheus, asked):
    by_tick, again = {}, {}
    for one in asked:
        if one.is_newest():
            by_tick[one.parameters["time"]] = by_tick.get(one.parameters["time"], 0) + one.samples
        elif one.is_again():
            key = one.parameters["time"]
            again[key] = again.get(key, 0) + one.samples
    ours = max(by_tick.values()) + max(again.values()) / 5
    at = int(float(max(by_tick)))
    windows = sum(ratio_samples(prometheus, window, at) for window in SLOTH)
    mean = rigs.instant(prometheus, "sum_over_time({0}[30d]) / count_over_time({0}[30d])".format(
        'slo:sli_error:ratio_rate5m{sloth_id="shop-carts"}'), at)
    burn = sum(ratio_samples(prometheus, window, at) for window in PYRRA)
    increase = rigs.instant(prometheus, "sum by (code)(increase(cart_requests_total[30d]))", at)
    unit = "samples a minute"
    return [
        Row("Sloth's rules", unit, ours, windows + mean, ratio_floor=200),
        Row("Sloth's rules without that of 30d", unit, ours, windows, ratio_floor=200),
        Row("Pyrra's rules", unit, ours, PYRRA_BURN * burn + PYRRA_INCREASE * increase,
            ratio_floor=200),
        Row("Pyrra's rules, if once a minute", unit, ours, burn + increase, ratio_floor=200)]


def duty_rows(asked):
    """Of the time between two questions for history, the most that they were being answered."""
    fills = sorted((one for one in asked if one.is_range() and not one.is_again()),
                   key=lambda one: one.begin)
    stretches = []  # The two queries of a stretch begin together: [begin, seconds of queries].
    for one in fills:
        same = stretches and one.parameters["end"] == stretches[-1][2]
        if not same:
            stretches.append([one.begin, 0, one.parameters["end"], 0])
        stretches[-1][1] += one.end - one.begin
        stretches[-1][3] = max(stretches[-1][3], one.end - stretches[-1][0])
    pairs = list(zip(stretches, stretches[1:]))
    if not pairs:
        raise harness.Failure("no history was asked for")
    span = pairs[-1][1][0] - pairs[0][0][0]
    unit = f"% of the time, {len(stretches)} stretches"
    return [
        Row("fill of 30 days, seconds of queries", unit,
            100 * sum(a[1] for a, _ in pairs) / span, floor=20),
        Row("the same, worst stretch", unit,
            max(100 * a[1] / (b[0] - a[0]) for a, b in pairs), floor=20),
        Row("the same, seconds in which any was out", unit,
            100 * sum(a[3] for a, _ in pairs) / span, floor=20)]


def load(options, work):
    """CPU of Prometheus for many SLOs: what Watchfire asks in a minute, and Sloth's rules"""
    count, pods = options.slos, options.pods
    now = int(time.time())
    prometheus = rigs.start_prometheus(options, work, "load-prometheus",
                                       [*requests(pods, 4, now), recorded(now)])
    # Each has queries of its own: nothing is shared by SLOs here.
    slos = slo_file([(f"carts-{n:04d}", f'code="500",zone!="{n}"', f'zone!="{n}"', "")
                     for n in range(count)])
    rules = work / "load.yml"
    rules.write_text(slos)
    try:
        ours = ours_load(options, work, prometheus, slos, count)
        mean = count * mean_load(prometheus)
    finally:
        prometheus.stop()
    generated = subprocess.run([options.bin / "wfctl", "slo", "generate", rules],
                               capture_output=True, text=True, check=True).stdout
    prometheus = rigs.serve(options, work, "load-prometheus", seven_windows(generated))
    try:
        peer = sloth_load(options, prometheus)
    finally:
        prometheus.stop()
    name = f"CPU of Prometheus, {count:,} SLOs of {pods} pods"
    return [Row(name, "s a minute", ours, peer + mean, ratio_floor=20),
            Row(f"{name}, Sloth without 30d", "s a minute", ours, peer, ratio_floor=20)]


def mean_load(prometheus):
    """Seconds for Sloth's rule of 30 days of one SLO: the mean of what it recorded each minute."""
    record = 'slo:sli_error:ratio_rate5m{sloth_id="shop-carts"}'
    seconds, times = {}, 500
    for query in ("vector(1)", f"sum_over_time({record}[30d]) / count_over_time({record}[30d])"):
        bodies = [rigs.urllib.parse.urlencode({"query": query, "time": time.time()})] * times
        replay(prometheus, "/api/v1/query", bodies[:50])
        before = rigs.cpu(prometheus)
        replay(prometheus, "/api/v1/query", bodies)
        seconds[query] = rigs.cpu(prometheus) - before
    few, many = seconds.values()
    return (many - few) / times  # Without what HTTP costs.


def seven_windows(generated):
    """Sloth's own rule for 30 days reads what the others record, of which there is nothing yet."""
    out, skip = [], False
    for line in generated.splitlines():
        if line.startswith(("  - ", "- ")):
            skip = "ratio_rate30d" in line and "record" in line
        if not skip:
            out.append(line)
    return "\n".join(out) + "\n"


def ours_load(options, work, prometheus, slos, count):
    """Seconds of Prometheus for what is asked in a minute: the newest, and a fifth of the rest."""
    made_up = rigs.MadeUp(1)
    watchfire = start_watchfire(options, work, "load", made_up.url, slos)
    try:
        # Errors are among the samples of all requests: a question for each SLO.
        harness.wait_for("everything is asked", lambda: len(
            {one.expr for one in list(made_up.asked) if one.is_newest()}) >= count, 300)
        newest = {one.expr: one for one in list(made_up.asked) if one.is_newest()}
    finally:
        watchfire.stop()
        made_up.stop()
    def body(one, again):
        expr = one.expr.replace("[2m]", "[6m]") if again else one.expr
        at = float(one.parameters["time"])
        return rigs.urllib.parse.urlencode({"query": expr, "time": at})
    seconds = []
    for again in (False, True):
        path = "/api/v1/query"
        bodies = [body(one, again) for one in newest.values()]
        replay(prometheus, path, bodies[:200])
        before = rigs.cpu(prometheus)
        replay(prometheus, path, bodies)
        seconds.append(rigs.cpu(prometheus) - before)
    print(f"  {seconds[0]:.2f} s for the newest minute, {seconds[1]:.2f} s for five again",
          file=sys.stderr)
    return seconds[0] + seconds[1] / 5


def replay(prometheus, path, bodies):
    """As Watchfire asks: on connections that stay open."""
    address = prometheus.url.partition("//")[2]
    failures = []

    def run(part):
        local = threading.local()
        for body in part:
            try:
                text = rigs.post(local, address, path, body)
            except OSError as error:
                text = str(error).encode()
            if not text.startswith(b'{"status":"success"'):
                return failures.append(f"{path}: {text[:300]}")
        return local.connection.close()

    threads = [threading.Thread(target=run, args=(bodies[n::4],)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise harness.Failure(failures[0])


def sloth_load(options, prometheus):
    """Seconds of Prometheus for every rule once."""
    def iterations():
        metrics = harness.parse_metrics(rigs.get(prometheus, "/metrics"))
        return [value for name, _, value in metrics
                if name == "prometheus_rule_group_iterations_total"]
    harness.wait_for("every group has been evaluated", lambda: min(iterations()) > 0, 600)
    before, done = rigs.cpu(prometheus), sum(iterations())
    time.sleep(60 * options.minutes)
    seconds, groups = rigs.cpu(prometheus) - before, iterations()
    # Where the machine is busy it skips some: what was evaluated counts.
    return seconds * len(groups) / (sum(groups) - done)


def series(options, work):
    """memory and CPU of counting 10,000 label sets of SLOs every minute"""
    each = 500
    slos = [(f"carts-{n:02d}", f'code="500",zone="{n}"', f'zone="{n}"', " by (pod) ")
            for n in range(options.series // each)]
    figures = {}
    for name, size in (("few", 1), ("many", each)):
        made_up = rigs.MadeUp(size)
        watchfire = start_watchfire(options, work, f"series-{name}", made_up.url, slo_file(slos))
        try:
            harness.wait_for("history is in", lambda m=made_up: is_filled(m, len(slos)), 900)
            before, begin = rigs.cpu(watchfire), time.monotonic()
            threads = rigs.cpu_of_threads(watchfire)
            time.sleep(60 * options.minutes)
            seconds = (rigs.cpu(watchfire) - before) / (time.monotonic() - begin)
            after = rigs.cpu_of_threads(watchfire)
            kinds = [one for one in list(made_up.asked) if one.begin > begin]
            figures[name] = seconds, rigs.rss(watchfire)
            print(f"  {name}: {seconds * 100:.2f} % of a core, {rigs.rss(watchfire):,} B, "
                  f"{len(kinds)} queries, {sum(k.is_newest() for k in kinds)} of the newest, "
                  f"{sum(k.is_range() for k in kinds)} ranges; CPU seconds by thread "
                  f"{ {k: round(v - threads.get(k, 0), 2) for k, v in after.items()} }",
                  file=sys.stderr)
        finally:
            watchfire.stop()
            made_up.stop()
    more = len(slos) * (each - 1)
    return [
        Row(f"CPU of {len(slos) * each:,} SLO series a minute", "% of a core",
            100 * figures["many"][0], floor=20),
        Row("memory of an SLO series", "kB",
            (figures["many"][1] - figures["few"][1]) / more / 1000, floor=45)]


def is_filled(made_up, ledgers):
    """Whether history has been asked for, is no more, and no window is asked exactly."""
    asked = list(made_up.asked)
    since = time.monotonic() - 75
    old = [one for one in asked if one.begin < since]
    return sum(one.points() > 100 for one in old) >= ledgers and not any(
        " / " in one.expr or one.points() > 10 for one in asked[len(old):])


def alerting_rules(count):
    """Groups of a hundred at 30 s; one rule in ten fires."""
    lines = ["groups:"]
    for n in range(count):
        if n % 100 == 0:
            lines += [f"  - name: g{n // 100}", "    interval: 30s", "    rules:"]
        bound = 0 if n % 10 == 0 else 100
        lines += [f"      - alert: Load{n}",
                  f'        expr: machine_load{{n="{n % 200}"}} > {bound}',
                  "        for: 1m", "        labels: {severity: page}",
                  '        annotations: {summary: "{{ $labels.n }} has {{ $value }}"}']
    return "\n".join(lines) + "\n"


def alerts(options, work):
    """CPU of evaluating alerting rules at 30 s, without the queries' execution"""
    now = int(time.time())
    rules = alerting_rules(options.rules)
    loads = [("machine_load", {"n": str(n)},
              [(at, 7) for at in range(now - 3 * 3600, now + AHEAD, SCRAPE)]) for n in range(200)]
    prometheus = rigs.start_prometheus(options, work, "alerts-prometheus", loads, rules)
    try:
        time.sleep(120)  # What fires, fires.
        peer = ruler(options, prometheus)
    finally:
        prometheus.stop()
    prometheus = rigs.serve(options, work, "alerts-prometheus")
    watchfire = start_watchfire(options, work, "alerts", prometheus.url, rules=rules)
    try:
        time.sleep(120)
        before, begin = rigs.cpu_of_threads(watchfire), time.monotonic()
        time.sleep(60 * options.minutes)
        minutes = (time.monotonic() - begin) / 60
        after = rigs.cpu_of_threads(watchfire)
    finally:
        watchfire.stop()
        prometheus.stop()
    threads = {name: (seconds - before.get(name, 0)) / minutes for name, seconds in after.items()}
    print(f"  seconds a minute, by thread: { {k: round(v, 2) for k, v in threads.items()} }",
          file=sys.stderr)
    unit = f"s a minute, {options.rules:,} rules"
    rows = [Row("evaluator with all that asks over HTTP", unit, sum(threads.values()), peer,
                ratio_floor=2)]
    if "core" in threads:  # Else its threads have no names.
        reading = reading_seconds(options) * options.rules * 2
        print(f"  of the net thread, reading answers: {reading:.3f}", file=sys.stderr)
        rows.append(Row("evaluator alone: deciding and reading answers", unit,
                        threads["core"] + reading, peer, ratio_floor=2))
    return rows


def reading_seconds(options):
    """What one answer takes to be read, by itself: the thread that does it does more."""
    done = subprocess.run([options.bin / "rules_bench", "--benchmark_filter=ReadAnswers",
                           "--benchmark_format=json"],
                          capture_output=True, text=True, check=True)
    return 1 / json.loads(done.stdout)["benchmarks"][0]["items_per_second"]


def ruler(options, prometheus):
    """CPU seconds a minute of Prometheus' ruler, from a profile: its groups without queries."""
    seconds = int(60 * options.minutes)
    before = rigs.cpu(prometheus)
    stacks = rigs.profile(rigs.get(prometheus, f"/debug/pprof/profile?seconds={seconds}", bytes))
    whole = rigs.cpu(prometheus) - before
    queries = groups = 0
    for names, value in stacks:
        if any("rules.(*Group)" in name for name in names):
            groups += value
            # What is parsed and executed; the rest is the ruler's.
            if any("promql.(*Engine)" in name or "promql.(*query)" in name for name in names):
                queries += value
    print(f"  Prometheus in {seconds} s: {whole:.2f} s of CPU, {groups:.2f} s in rule groups, "
          f"{queries:.2f} s of these in queries", file=sys.stderr)
    return (groups - queries) * 60 / seconds


SCENARIOS = {"samples": samples, "load": load, "series": series, "alerts": alerts}
