# Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
"""The same checks on every backend that rules and SLOs are asked of; README.md says which.

All backends have the same 30 days of samples and are scraped on together, each with a server of its
own, which asks and writes through a proxy. What the counters truly counted is known.
"""

import json
import time
import urllib.parse

import backend_clusters
import backend_servers
import harness
import traffic

WINDOWS = {"5m": 300, "30m": 1800, "1h": 3600, "2h": 7200, "6h": 21600, "1d": 86400,
           "3d": 3 * 86400, "30d": 30 * 86400}
OBJECTIVE = 0.999
MINUTES = 14  # Until all of history is counted, with all the servers side by side.
TENANT = backend_clusters.TENANT
SETTLE_SECONDS = 3

CONFIG = """\
route: {receiver: nobody}
receivers: [{name: nobody}]
datasources:
  - {name: backend, type: KIND, url: "URL", headers: {X-Scope-OrgID: TENANT},
     increase: INCREASE}
remote_write: [{url: "URLWRITE", headers: {X-Scope-OrgID: TENANT}}]
evaluation: {interval: 1m, slo_mode: incremental}
slo_files: [slo.yml]
rule_files: [rules.yml]
"""
SLO = """\
version: prometheus/v1
service: JOB
slos:
  - name: answered
    objective: 99.9
    sli:
      events:
        error_query: BAD
        total_query: ALL
    alerting: {name: JOBBurns}
"""
# What is bad, what there is, and the metric that both are of.
COUNTERS = ('sum(rate({job}_requests_total{{job="{job}",code=~"5.."}}[{window}])) or vector(0)',
            'sum(rate({job}_requests_total{{job="{job}"}}[{window}]))', "{job}_requests_total")
GAUGES = ("sum(count_over_time(probe_success[{window}]) - sum_over_time(probe_success[{window}]))",
          "sum(count_over_time(probe_success[{window}]))", "probe_success")
SLIS = {"shop": COUNTERS, "rare": COUNTERS, "probe": GAUGES}
RULES = """\
groups:
  - name: quick
    interval: 5s
    query_offset: 30s
    rules:
      - {record: "job:shop_requests:rate5m", expr: "sum by (job) (rate(shop_requests_total[5m]))"}
      - {alert: Recorded, expr: "job:shop_requests:rate5m > 0"}
      - {alert: Steady, expr: 'min by (job) (up{job="shop"}) == 1'}
      - {alert: Quiet, expr: 'up{job="shop"} == 0'}
      - {alert: RateOfGauge, expr: 'rate(up{job="rare"}[5m]) >= 0'}
  - name: refused
    interval: 30s
    rules:
      - {alert: ManyToMany, expr: 'up{job="shop"} * on (job) up{job="shop"}'}
      - {alert: TooMuch, expr: 'EXPENSIVE'}
"""


class Side:
    """A backend with the server that asks it."""

    def __init__(self, backend, programs):
        self.backend = backend
        self.proxy = backend_servers.Proxy(backend)
        self.server = None
        home = programs.work / f"of-{backend.name}"
        home.mkdir()
        slos = []
        for job in SLIS:
            bad, total, _ = queries(job, "{{.window}}")
            slos.append(SLO.replace("JOB", job).replace("BAD", bad).replace("ALL", total))
        (home / "slo.yml").write_text("---\n".join(slos))
        (home / "rules.yml").write_text(RULES.replace("EXPENSIVE", backend.expensive))
        def through_proxy(url):
            return self.proxy.url + urllib.parse.urlsplit(url).path
        config = CONFIG.replace("URLWRITE", through_proxy(backend.write_url))
        config = config.replace("URL", through_proxy(backend.url)).replace("KIND", backend.kind)
        config = config.replace("INCREASE", backend.increase)
        self.server = harness.start_watchfire(
            programs.watchfire, home.name, programs.work, config.replace("TENANT", TENANT))

    def rule(self, name):
        groups = harness.ask(self.server.url + "/api/v1/rules")["data"]["groups"]
        return next(rule for group in groups for rule in group["rules"] if rule["name"] == name)

    def firing(self):
        return {alert["labels"]["alertname"]
                for alert in harness.ask(self.server.url + "/api/v2/alerts")}

    def ratios(self, metric, job):
        """{window: value}; the window is "" where it has none."""
        samples = harness.parse_metrics(harness.fetch(self.server.url + "/metrics"))
        return {labels.get("window", ""): value for name, labels, value in samples
                if name == metric and labels.get("slo", "").startswith(job)}

    def counted(self, job):
        windows = self.ratios("watchfire_slo_window_counted", job)
        return sorted(windows) == sorted(WINDOWS) and all(windows.values())

    def stop(self):
        if self.server:
            self.server.stop()
        self.proxy.stop()


def queries(job, window):
    return [text.format(job=job, window=window) for text in SLIS[job]]


def check_rules(report, side):
    """Rules, the series they record, and what the engine only remarks on."""
    name = side.backend.name
    wanted = {"Recorded", "Steady", "RateOfGauge", "shopBurns"}
    try:
        harness.wait_for("alerts", lambda: wanted <= side.firing())
    except harness.Failure as failure:
        report.check(f"{name}: alerts fire, one of a series that a rule wrote", False,
                     f"{failure}; fire: {side.firing()}\n{side.server.last_lines()}")
        return
    report.check(f"{name}: alerts fire, one of a series that a rule wrote", True)
    report.check(f"{name}: what is not so does not fire", "Quiet" not in side.firing())
    for rule in ("job:shop_requests:rate5m", "Recorded", "Steady", "RateOfGauge"):
        report.equal(f"{name}: {rule} is well", side.rule(rule)["health"], "ok")
    statuses = {status for _, status, _ in side.proxy.writes}
    report.check(f"{name}: what rules write is taken", statuses and statuses <= {200, 204},
                 f"{statuses}")


def check_refusals(report, side):
    """What the backend refuses is an error of that rule, with the backend's words."""
    name = side.backend.name
    for rule, part in (("ManyToMany", "duplicate|many-to-many|matching"),
                       ("TooMuch", side.backend.limit)):
        harness.wait_for(f"{rule} was asked",
                         lambda rule=rule: side.rule(rule)["health"] != "unknown")
        found = side.rule(rule)
        text = found.get("lastError", "")
        report.check(f"{name}: {rule} is an error, with the reason",
                     found["health"] == "err" and any(each in text for each in part.split("|")),
                     json.dumps(found)[:500])
    report.check(f"{name}: the rules beside it go on", side.rule("Steady")["health"] == "ok")


def with_keys(**keys):
    def change(_status, answer):
        # Nothing is left of the result: taken for whole, it would resolve the alert.
        body = json.loads(answer)
        body.update(keys)
        body["data"]["result"] = []
        return 200, json.dumps(body).encode()
    return change


def check_faults(report, side):
    """Answers that are not whole, or none, leave an alert as it is."""
    name = side.backend.name
    part = 'min by (job) (up{job="shop"})'
    faults = {
        "warnings of a store that is down": with_keys(warnings=["receive series from store: EOF"]),
        "isPartial": with_keys(isPartial=True),
        "a limit of the tenant, 429": lambda *_: (429, json.dumps(
            {"status": "error", "errorType": "too_many_requests",
             "error": "the request has been rejected (err-mimir-tenant-max-request-rate)"}
        ).encode()),
        "422 of the engine": lambda *_: (422, json.dumps(
            {"status": "error", "errorType": "execution", "error": "expanding series: EOF"}
        ).encode()),
        "a page of a proxy": lambda *_: (502, b"<html>Bad Gateway</html>"),
        "a body cut short": lambda _status, answer: (200, answer[:len(answer) // 2]),
    }
    for what, change in faults.items():
        side.proxy.faults = {}
        harness.wait_for("it is well", lambda: side.rule("Steady")["health"] == "ok")
        side.proxy.spoilt = 0
        side.proxy.faults = {part: change}
        try:
            # The second is asked after the first was dealt with.
            harness.wait_for("two spoilt answers", lambda: side.proxy.spoilt >= 2, 60)
            harness.wait_for("an error", lambda: side.rule("Steady")["health"] == "err", 60)
            is_held = "Steady" in side.firing()
        except harness.Failure:
            is_held = False
        report.check(f"{name}: {what}: an error of the rule, and the alert stays", is_held,
                     json.dumps(side.rule("Steady"))[:400])
    if side.backend.has_stores:
        side.proxy.faults = {}
        harness.wait_for("it is well", lambda: side.rule("Steady")["health"] == "ok")
        side.backend.break_store()
        harness.wait_for("an error", lambda: side.rule("Steady")["health"] == "err")
        report.check(f"{name}: a store that is down is a partial result, not a wrong query",
                     "partial result" in side.rule("Steady")["lastError"] and
                     "Steady" in side.firing(), json.dumps(side.rule("Steady"))[:400])
        side.backend.mend_store()
        harness.wait_for("it is well again", lambda: side.rule("Steady")["health"] == "ok")
    side.proxy.faults = {part: with_keys(infos=["PromQL info: metric might not be a counter"])}
    harness.wait_for("a whole, empty answer", lambda: side.rule("Steady")["state"] == "inactive")
    report.equal(f"{name}: remarks are no error", side.rule("Steady")["health"], "ok")
    side.proxy.faults = {}
    harness.wait_for("it fires again", lambda: side.rule("Steady")["state"] == "firing")


def check_requests(report, side):
    """Every request says whose it is; answers to questions of all kinds were taken."""
    name = side.backend.name
    proxy = side.proxy
    asked = list(proxy.queries)
    tenants = {headers.get("X-Scope-OrgID") for _, _, headers, _, _ in asked}
    tenants |= {headers.get("X-Scope-OrgID") for headers, _, _ in list(proxy.writes)}
    report.equal(f"{name}: each query and each write names its tenant", tenants, {TENANT})
    ranges = [(p, headers, status) for path, p, headers, status, _ in asked
              if path.endswith("/query_range")]
    report.check(f"{name}: history comes by query_range", ranges and
                 all(status == 200 for _, _, status in ranges),
                 f"{[status for _, _, status in ranges if status != 200]}")
    report.check(f"{name}: no cache answers for history",
                 all(headers.get("Cache-Control") == "no-store" and p.get("nocache") == "1"
                     for p, headers, _ in ranges), f"{ranges[:1]}")
    report.check(f"{name}: full resolution is asked for, and warnings for errors of stores",
                 all(p.get("partial_response") == "true" and p.get("max_source_resolution") == "0s"
                     for _, p, _, _, _ in asked), f"{asked[0][1]}")
    # Others are asked once whether they take them.
    anchored = [(path, status) for path, p, _, status, _ in asked if " anchored" in p["query"]]
    taken = [path for path, status in anchored if status == 200 and path.endswith("/query_range")]
    report.check(f"{name}: history is counted by anchored ranges where they are wanted",
                 bool(taken) == (side.backend.increase == "anchored"), f"{anchored[:5]}")
    report.check(f"{name}: each instant is named",
                 all("time" in p for path, p, _, _, _ in asked if path.endswith("/query")))


def numbers(side, job):
    """(instant, {window: ratio}, budget left), of one and the same minute."""
    metric = queries(job, "")[2]
    seen = {}

    def at_rest():
        # What was answered a while ago is in the metrics.
        newest = side.proxy.counted_at(metric)
        if time.monotonic() - seen.setdefault(newest, time.monotonic()) < SETTLE_SECONDS:
            return None
        ratios = side.ratios("watchfire_slo_error_ratio", job)
        left = side.ratios("watchfire_slo_error_budget_remaining_ratio", job).get("")
        return (newest, ratios, left) if side.proxy.counted_at(metric) == newest else None
    return harness.wait_for("a minute", at_rest)


def check_counts(report, side, history, job):
    """What was counted is the truth, within an event and the edges of windows; so is the budget."""
    name = side.backend.name
    at, ratios, left = numbers(side, job)
    for window, seconds in WINDOWS.items():
        ours = ratios.get(window, -1)
        bad, total = history.truth(job, seconds, at)
        truth = bad / total if total else 0
        bad_query, total_query, _ = queries(job, window)
        exact = side.backend.ask(f"({bad_query}) / ({total_query})", at)
        print(f"       {name} {job} {window}: counted {ours:.6f}, true {truth:.6f}, "
              f"exact {exact:.6f}")
        # Of rare events one at the edge of the window, or of a scrape that was reset, is a lot.
        edge = 1.5 / max(total, 1)
        report.check(f"{name}: {job} {window}: counted as it was",
                     abs(ours - truth) <= 0.02 * truth + edge, f"{ours} {truth} {bad}/{total}")
        if job != "rare":
            report.check(f"{name}: {job} {window}: counted as its own PromQL has it",
                         abs(ours - exact) <= max(0.05 * exact, 0.0005) +
                         (edge if job == "probe" else 0), f"{ours} {exact}")
    truth = ratios.get("30d", -1)
    report.check(f"{name}: {job}: the budget follows",
                 left is not None and abs(left - (1 - truth / (1 - OBJECTIVE))) < 0.02,
                 f"{left} {truth}")


def main(report, programs):
    harness.require(programs.watchfire, programs.prometheus, programs.promtool)
    history = traffic.Traffic(backend_servers.now())
    series = traffic.by_series(history.scrapes(history.now - 40))
    running = []
    try:
        backends, missing = backend_servers.start_all(programs, series, {
            "mimir": backend_clusters.start_mimir, "thanos": backend_clusters.start_thanos})
        running += backends
        if missing:
            print(f"       not there, so not tried: {', '.join(missing)}")
        feed = traffic.Feed(history, backends, backend_servers.now)
        running.append(feed)
        sides = []
        for backend in backends:
            sides.append(Side(backend, programs))
            running.append(sides[-1])
        for side in sides:
            check_rules(report, side)
            check_refusals(report, side)
            check_faults(report, side)
        for side in sides:
            for job in SLIS:
                harness.wait_for(f"{side.backend.name}: all windows of {job} are counted",
                                 lambda side=side, job=job: side.counted(job), 60 * MINUTES)
        for side in sides:
            for job in SLIS:
                check_counts(report, side, history, job)
            check_requests(report, side)
        report.check("each backend took what was scraped", not feed.errors,
                     "\n".join(feed.errors[:5]))
    finally:
        for one in reversed(running):
            one.stop()
