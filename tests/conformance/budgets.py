# Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
"""An error budget that is spent, on Debian's Prometheus with six days, over a kill.

Three events of a hundred were bad all the time, where one may be. The policy's last state is told
once, the gate is shut, and each day is known. Then the server is killed and Prometheus stopped:
what the next life says, without anybody to ask, is what the last one said. It stays so when
Prometheus is back.
"""

import json
import subprocess
import time
import urllib.error
import urllib.request

import harness

DAYS = 6
SCRAPE = 60
AHEAD = 20 * 60  # Samples of the time that the suite may take.
PERIOD_DAYS = 3
OBJECTIVE = 0.99
BAD = 0.03
CALLS = 200  # In each scrape interval.
# Days are asked from two minutes after the start on.
HISTORY_SECONDS = 300
ID = "shop-carts"
PROMETHEUS = "budgets-prometheus"

CONFIG = """\
route:
  receiver: nobody
  routes:
    - receiver: reliability
      matchers: [alertname="SLOErrorBudgetPolicy"]
      group_by: [sloth_id]
      group_wait: 100ms
      group_interval: 1s
      repeat_interval: 7d
receivers:
  - name: nobody
  - name: reliability
    webhook_configs: [{url: "HOOKS/reliability"}]
datasources: [{name: prometheus, url: "PROMETHEUS"}]
evaluation: {interval: 5s}
slo_files: [slo.yml]
"""
SLO = f"""\
version: watchfire/v1
service: shop
slos:
  - name: carts
    objective: {OBJECTIVE * 100}
    period: {PERIOD_DAYS}d
    policy: Carts
    sli:
      events:
        error_query: sum(rate(cart_requests_total{{code="500"}}[{{{{.window}}}}]))
        total_query: sum(rate(cart_requests_total[{{{{.window}}}}]))
    alerting: {{name: CartsBurn}}
---
policy:
  name: Carts
  slo: {{target: {OBJECTIVE}, measurement_window: {PERIOD_DAYS}d}}
  actions:
    - {{condition: budget_remaining > 0.5, actions: [Deploy at any time]}}
    - {{condition: budget_remaining between 0.2 and 0.5, actions: [Deploy at night]}}
    - {{condition: budget_remaining < 0.2, actions: [Deploy fixes only]}}
    - {{condition: budget_exhausted, actions: [Tell the customers]}}
"""


def write_samples(path, now):
    """A counter of good events and one of bad ones, from some days ago to a while ahead."""
    bad = int(CALLS * BAD)
    with path.open("w") as file:
        file.write("# TYPE cart_requests counter\n")
        for code, each in (("200", CALLS - bad), ("500", bad)):
            for i, at in enumerate(range(now - DAYS * 86400, now + AHEAD, SCRAPE)):
                file.write(f'cart_requests_total{{code="{code}"}} {i * each} {at}\n')
        file.write("# EOF\n")


def back_fill(programs):
    home = programs.work / PROMETHEUS
    home.mkdir()
    samples = home / "samples.txt"
    write_samples(samples, int(time.time()))
    harness.create_blocks(programs.promtool, home, samples)


def start_prometheus(programs, address="127.0.0.1:0"):
    return harness.start_prometheus(programs.prometheus, PROMETHEUS, programs.work, address=address)


def gate_status(server, query=""):
    """(HTTP status, what it says of the SLO)."""
    url = f"{server.url}/api/v1/slos/{ID}/gate{query}"
    try:
        with urllib.request.urlopen(url, timeout=30) as response:
            status, text = response.status, response.read()
    except urllib.error.HTTPError as error:
        status, text = error.code, error.read()
    return status, json.loads(text)["data"]["slos"][0]


def budget_of(server):
    slo, = harness.ask(server.url + "/api/v1/slos")["data"]["slos"]
    return slo["budget"]


def days_of(server):
    return harness.ask(f"{server.url}/api/v1/slos/{ID}/history")["data"]["days"]


def alert_of(server):
    """When the policy's alert began, and its labels; None if there is none."""
    found = [(alert["startsAt"], alert["labels"])
             for alert in harness.ask(server.url + "/api/v2/alerts",
                                      filter='alertname="SLOErrorBudgetPolicy"')]
    return found[0] if len(found) == 1 else None


def is_stored(server):
    samples = harness.parse_metrics(harness.fetch(server.url + "/metrics"))
    pending = {name: value for name, _, value in samples
               if name in ("watchfire_store_pending_records", "watchfire_deliveries")}
    return not any(pending.values())


def check_first_life(report, programs, server, hooks):
    """What is left, in all places that tell it."""
    harness.wait_for("the state is told", lambda: hooks.bodies("/reliability"))
    message = hooks.bodies("/reliability")[0]
    alert, = message["alerts"]
    report.equal("told: the state", (message["status"], alert["labels"]["budget_state"]),
                 ("firing", "exhausted"))
    report.equal("told: not critical", alert["labels"]["severity"], "warning")
    report.equal("told: what to do", alert["annotations"]["budget_actions"], "Tell the customers")
    gate = subprocess.run([programs.wfctl, "--url", server.url, "slo", "gate", ID],
                          capture_output=True, text=True, check=False)
    report.equal("wfctl slo gate: exit code", gate.returncode, 1)
    report.check("wfctl slo gate: why", "exhausted" in gate.stdout and
                 "Tell the customers" in gate.stdout, gate.stdout + gate.stderr)
    status, slo = gate_status(server)
    report.equal("the gate's status", status, 503)
    left = 1 - BAD / (1 - OBJECTIVE)
    report.check("what is left is what Prometheus has", abs(slo["budget"]["remaining"] - left) <
                 0.02, slo["budget"]["remaining"])
    report.equal("a misspelt parameter opens nothing", misspelt(server), 400)
    harness.wait_for("the days of a period", lambda: len(days_of(server)) >= PERIOD_DAYS,
                     HISTORY_SECONDS)
    for day in days_of(server):
        report.check(f"{day['day']}: a period's budget, as often as it was spent in a day",
                     abs(day["consumed"] - (1 - left) / PERIOD_DAYS) < 0.02, day)
    budget = budget_of(server)
    allowed = CALLS * 86400 / SCRAPE * PERIOD_DAYS * (1 - OBJECTIVE)
    report.check("what is left in events", abs(budget.get("remainingEvents", 0) / allowed - left) <
                 0.02, budget)


def misspelt(server):
    try:
        harness.fetch(f"{server.url}/api/v1/slos/{ID}/gate?purpos=chaos")
    except harness.Failure as failure:
        return 400 if "400" in str(failure) else str(failure)
    return 200


def state_of(server):
    budget = budget_of(server)
    return {"state": budget["state"], "since": budget["since"], "alert": alert_of(server),
            "days": days_of(server)}


def check_lives(report, programs, server, prometheus, hooks):
    """Kills the server with Prometheus away; returns what runs after that."""
    config = server.config
    harness.wait_for("all is stored", lambda: is_stored(server))
    before = state_of(server)
    server.process.kill()
    server.stop()
    address = prometheus.address
    prometheus.stop()
    server = start_server(programs, config)
    try:
        for what, was in before.items():
            report.equal(f"nobody to ask after a kill: {what}", state_of(server)[what], was)
        report.equal("the gate is shut", gate_status(server)[0], 503)
        report.equal("and does not open for what was known last",
                     gate_status(server, "?unknown=last")[0], 503)
        known = budget_of(server)["knownAt"]
        prometheus = start_prometheus(programs, address)
        harness.wait_for("it is known again", lambda: budget_of(server)["knownAt"] > known)
        time.sleep(10)  # Two more evaluations, and as many chances to tell it twice.
        after = state_of(server)
        for what in ("state", "since", "alert"):
            report.equal(f"Prometheus is back: {what}", after[what], before[what])
        report.equal("Prometheus is back: the days", after["days"][-len(before["days"]):],
                     before["days"])
        report.equal("it was told once", [m["status"] for m in hooks.bodies("/reliability")],
                     ["firing"])
        report.check("nothing was resolved", "alert: resolved" not in server.text())
    except harness.Failure:
        server.stop()
        raise
    return server, prometheus


def start_server(programs, config):
    server = harness.start_watchfire(programs.watchfire, "budgets", programs.work, config)
    server.config = config
    return server


def main(report, programs):
    harness.require(programs.watchfire, programs.wfctl, programs.prometheus, programs.promtool)
    running = []
    try:
        back_fill(programs)
        prometheus = start_prometheus(programs)
        running.append(prometheus)
        hooks = harness.Hooks()
        running.append(hooks)
        (programs.work / "budgets").mkdir()
        (programs.work / "budgets/slo.yml").write_text(SLO)
        config = CONFIG.replace("PROMETHEUS", prometheus.url).replace("HOOKS", hooks.url)
        server = start_server(programs, config)
        running.append(server)
        check_first_life(report, programs, server, hooks)
        server, prometheus = check_lives(report, programs, server, prometheus, hooks)
        running += [server, prometheus]
    finally:
        for one in reversed(running):
            one.stop()
