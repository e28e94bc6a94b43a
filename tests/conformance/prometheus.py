# Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
"""Debian's Prometheus with our server as its only Alertmanager, from the scrape to the webhook.

A rule fires and resolves; the webhook is told both and nothing twice; Prometheus has dropped
nothing. The same Prometheus then evaluates what alertmanager-mixin looks at (mixin.py): on that
server, which is well ("good"), and on two that are not ("bad").
"""

import signal

import harness
import mixin

PROMETHEUS = """\
global:
  scrape_interval: 1s
  evaluation_interval: 1s
  external_labels: {region: eu}
alerting:
  alertmanagers:
    - static_configs: [{targets: ["GOOD"]}]
rule_files: [rules.yml, mixin.yml]
scrape_configs:
  - job_name: trouble
    static_configs: [{targets: ["HOOKS"]}]
  - job_name: good
    static_configs: [{targets: ["GOOD"]}]
  - job_name: bad
    static_configs: [{targets: ["BAD1", "BAD2"]}]
"""
RULES = """\
groups:
  - name: trouble
    rules:
      - alert: OrdersTrouble
        expr: conformance_trouble > 0
        for: 1s
        labels: {severity: critical}
        annotations: {summary: "{{ $labels.service }} is in trouble: {{ $value }}"}
"""
# The alerts of mixin.yml come here too, and stay out of the way.
GOOD = """\
route:
  receiver: nobody
  routes:
    - receiver: hook
      matchers: [alertname="OrdersTrouble"]
      group_by: [alertname, service]
      group_wait: 100ms
      group_interval: 1s
receivers:
  - name: nobody
  - name: hook
    webhook_configs: [{url: "HOOKS/good"}]
"""
BAD = """\
route: {receiver: hook, group_wait: 100ms, group_interval: 1s}
receivers:
  - name: hook
    webhook_configs: [{url: "HOOKS/refuses"}]
"""
ENDPOINT = "/api/v2/alerts"


def notifications(prometheus, name):
    """{alertmanager label or "": value} of one of Prometheus' own metrics."""
    samples = harness.parse_metrics(harness.fetch(prometheus.url + "/metrics"))
    return {labels.get("alertmanager", ""): value for sample, labels, value in samples
            if sample == f"prometheus_notifications_{name}"}


def check_version(report, good, samples):
    """Dashboards such as karma ask for this and talk to no server below 0.22."""
    shown = {labels["version"] for name, labels, _ in samples if name == "alertmanager_build_info"}
    version = harness.ask(good.url + "/api/v2/status")["versionInfo"]["version"]
    report.equal("one version in /metrics and the API", shown, {version})
    numbers = [int(part) for part in version.split(".")]
    report.check("it is one of an Alertmanager that clients still know",
                 len(numbers) == 3 and numbers[0] == 0 and numbers[1] >= 22, version)


def check_message(report, message, status, prometheus, good):
    alert, = message["alerts"]
    report.equal(f"{status}: the message's status", message["status"], status)
    report.equal(f"{status}: the alert's status", alert["status"], status)
    report.equal(f"{status}: labels", alert["labels"], {
        "alertname": "OrdersTrouble", "service": "orders", "severity": "critical", "region": "eu",
        "job": "trouble", "instance": alert["labels"].get("instance")})
    report.equal(f"{status}: annotations", alert["annotations"],
                 {"summary": "orders is in trouble: 7"})
    report.equal(f"{status}: group", message["groupLabels"],
                 {"alertname": "OrdersTrouble", "service": "orders"})
    report.equal(f"{status}: receiver", message["receiver"], "hook")
    report.check(f"{status}: links back to Prometheus", "/graph?g0.expr=" in alert["generatorURL"],
                 alert["generatorURL"])
    port = good.address.rpartition(":")[2]
    report.check(f"{status}: names itself", message["externalURL"].endswith(f":{port}"),
                 message["externalURL"])
    if status == "firing":
        report.equal("firing: no end yet", alert["endsAt"], "0001-01-01T00:00:00Z")
    else:
        report.check("resolved: ends after it began", alert["endsAt"] > alert["startsAt"], alert)


def check_story(report, hooks, prometheus, good):
    """One alert from scrape to webhook, and back."""
    def of_state(state):
        return [body for body in hooks.bodies("/good") if body["status"] == state]
    hooks.trouble = 7
    harness.wait_for("the webhook is told that it fires", lambda: of_state("firing"))
    shown = harness.ask(good.url + "/api/v2/alerts", filter='alertname="OrdersTrouble"')
    report.equal("the API shows it while it fires", [a["status"]["state"] for a in shown],
                 ["active"])
    hooks.trouble = 0
    harness.wait_for("the webhook is told that it is over", lambda: of_state("resolved"))
    messages = hooks.bodies("/good")
    report.equal("two messages, in this order", [m["status"] for m in messages],
                 ["firing", "resolved"])
    check_message(report, of_state("firing")[0], "firing", prometheus, good)
    check_message(report, of_state("resolved")[0], "resolved", prometheus, good)


def check_prometheus(report, prometheus, good):
    """What Prometheus itself says of us."""
    found = harness.ask(prometheus.url + "/api/v1/alertmanagers")["data"]
    report.equal("Prometheus knows one Alertmanager",
                 [entry["url"] for entry in found["activeAlertmanagers"]], [good.url + ENDPOINT])
    sent = notifications(prometheus, "sent_total")
    report.equal("its alerts went there", sorted(sent), [good.url + ENDPOINT])
    report.check("more than one of them", sum(sent.values()) >= 2, sent)
    report.equal("none was refused or timed out", notifications(prometheus, "errors_total"),
                 {good.url + ENDPOINT: 0})
    report.equal("none was dropped", notifications(prometheus, "dropped_total"), {"": 0})


class Bad:
    """Two servers of one job: one that cannot deliver, and one that is restarted."""

    def __init__(self, programs, hooks):
        self.programs = programs
        self.config = BAD.replace("HOOKS", hooks.url)
        self.first = self.start("bad-1", self.config)
        self.second = self.start("bad-2", self.config + "# Not the same file.\n")

    def start(self, name, config, address="127.0.0.1:0"):
        return harness.start_watchfire(self.programs.watchfire, name, self.programs.work, config,
                                       address)

    def break_first(self):
        """Its receiver refuses what it sends, and its configuration cannot be loaded any more."""
        harness.fetch(self.first.url + ENDPOINT, b'[{"labels": {"alertname": "Refused"}}]')
        path = self.programs.work / "bad-1/alertmanager.yml"
        path.write_text(self.config + "nonsense: true\n")
        self.first.signal(signal.SIGHUP)

    def restart_second(self):
        address = self.second.address
        self.second = self.start("bad-2", self.config + "# Not the same file.\n", address)

    def stop(self):
        self.first.stop()
        self.second.stop()


def check_mixin(report, prometheus, bad):
    mixin.check_queries(report, prometheus)
    bad.break_first()
    first = ("bad", bad.first.address)
    second = ("bad", bad.second.address)
    job = ("bad", "")
    mixin.expect_firing(report, prometheus, "ReloadFailed", {first})
    mixin.expect_firing(report, prometheus, "MembersDisagree", {first, second})
    mixin.expect_firing(report, prometheus, "SendingFails", {first})
    mixin.expect_firing(report, prometheus, "SendingFailsEverywhere", {job})
    mixin.expect_firing(report, prometheus, "ConfigurationsDiffer", {job})
    for name in ("HalfIsDown", "HalfRestarts", "PeersFail"):
        mixin.expect_firing(report, prometheus, name, set())
    report.equal("bad-2 ends cleanly", bad.second.stop(), 0)
    mixin.expect_firing(report, prometheus, "HalfIsDown", {job})
    bad.restart_second()
    mixin.expect_firing(report, prometheus, "HalfIsDown", set())
    mixin.expect_firing(report, prometheus, "HalfRestarts", {job})


def start_prometheus(programs, words):
    home = programs.work / "prometheus"
    home.mkdir()
    text = PROMETHEUS
    for word, address in words.items():
        text = text.replace(f'"{word}"', f'"{address}"')
    (home / "prometheus.yml").write_text(text)
    (home / "rules.yml").write_text(RULES)
    (home / "mixin.yml").write_text((harness.HERE / "mixin.yml").read_text())
    return harness.Listener("prometheus", [
        programs.prometheus, f"--config.file={home / 'prometheus.yml'}",
        f"--storage.tsdb.path={home / 'data'}", "--web.listen-address=127.0.0.1:0",
    ], programs.work)


def main(report, programs):
    harness.require(programs.watchfire, programs.prometheus)
    hooks = harness.Hooks()
    hooks.statuses["/refuses"] = 400
    running = [hooks]
    try:
        good = harness.start_watchfire(programs.watchfire, "good", programs.work,
                                       GOOD.replace("HOOKS", hooks.url))
        running.append(good)
        samples = harness.parse_metrics(harness.fetch(good.url + "/metrics"))
        mixin.check_table(report, samples)
        check_version(report, good, samples)
        bad = Bad(programs, hooks)
        running.append(bad)
        prometheus = start_prometheus(programs, {
            "HOOKS": hooks.address, "GOOD": good.address, "BAD1": bad.first.address,
            "BAD2": bad.second.address})
        running.append(prometheus)
        check_story(report, hooks, prometheus, good)
        check_mixin(report, prometheus, bad)
        check_prometheus(report, prometheus, good)
        report.equal("still two messages", len(hooks.bodies("/good")), 2)
    finally:
        for one in reversed(running):
            one.stop()
