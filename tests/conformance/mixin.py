# Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
"""What alertmanager-mixin reads, as a table, and whether a server has it and Prometheus finds it.

Facts only: names and labels. The alerts and panels are paraphrased in mixin.yml and QUERIES, so
that Prometheus evaluates each on our own /metrics: none may be blind while all is well, and each
alert must fire when it should.
"""

import dataclasses
import re

import harness

INTEGRATIONS = {
    "discord", "email", "incidentio", "jira", "mattermost", "msteams", "msteamsv2", "opsgenie",
    "pagerduty", "pushover", "rocketchat", "slack", "sns", "telegram", "victorops", "webex",
    "webhook", "wechat",
}
REASONS = {"authError", "clientError", "configError", "contextCanceled", "contextDeadlineExceeded",
           "encodingError", "fileReadError", "missingContext", "other", "rateLimited",
           "requestError", "serverError", "templateError"}


@dataclasses.dataclass
class Metric:
    """One that the mixin uses. `labels`: name -> values that must be there from the start; a series
    has these labels and no other, or the mixin's joins do not find each other."""

    labels: dict
    used_by: str
    suffixes: tuple = ("",)


METRICS = {
    "alertmanager_alerts": Metric(
        {"state": {"active", "suppressed", "unprocessed"}}, "panel Alerts; cluster variable"),
    "alertmanager_alerts_received_total": Metric(
        {"status": {"firing", "resolved"}, "version": {"v2"}}, "panel Alerts receive rate"),
    "alertmanager_alerts_invalid_total": Metric({"version": {"v2"}}, "panel Alerts receive rate"),
    "alertmanager_notifications_total": Metric(
        {"integration": INTEGRATIONS},
        "alerts …FailedToSendAlerts (3); panel Send Rate; integration variable"),
    "alertmanager_notifications_failed_total": Metric(
        {"integration": INTEGRATIONS, "reason": REASONS},
        "alerts …FailedToSendAlerts (3); panel Send Rate"),
    "alertmanager_notification_latency_seconds": Metric(
        {"integration": INTEGRATIONS}, "panel Notification Duration",
        ("_bucket", "_sum", "_count")),
    "alertmanager_config_last_reload_successful": Metric({}, "alert …FailedReload"),
    "alertmanager_config_hash": Metric({}, "alert …ConfigInconsistent"),
    "alertmanager_cluster_members": Metric({}, "alert …MembersInconsistent"),
    "alertmanager_cluster_failed_peers": Metric({}, "alert …ClusterFailedPeers"),
    "process_start_time_seconds": Metric({}, "alert …ClusterCrashlooping"),
}

# Alert of mixin.yml -> what it compares, and the panels; of one server that is well and has sent a
# notification. How many series each answers with, all of them numbers.
QUERIES = {
    "ReloadFailed":
        ('max_over_time(alertmanager_config_last_reload_successful{job="good"}[5s])', 1),
    "MembersDisagree": ('max_over_time(alertmanager_cluster_members{job="good"}[5s]) >= on (job) '
                        'group_left count by (job) '
                        '(max_over_time(alertmanager_cluster_members{job="good"}[5s]))', 1),
    "SendingFails": (
        'rate(alertmanager_notifications_failed_total{job="good",integration="webhook"}[1m]) '
        '/ ignoring (reason) group_left '
        'rate(alertmanager_notifications_total{job="good",integration="webhook"}[1m])',
        len(REASONS)),
    "SendingFailsEverywhere": (
        'min by (job, integration) ('
        'rate(alertmanager_notifications_failed_total{job="good",integration="webhook"}[1m]) '
        '/ ignoring (reason) group_left '
        'rate(alertmanager_notifications_total{job="good",integration=~"web.*ook"}[1m]))', 1),
    "ConfigurationsDiffer": ('count by (job) (count_values by (job) ("hash", '
                             'alertmanager_config_hash{job="good"})) == 1', 1),
    "HalfIsDown": ('avg_over_time(up{job="good"}[5s])', 1),
    "HalfRestarts": ('changes(process_start_time_seconds{job="good"}[1m])', 1),
    "PeersFail": ('max_over_time(alertmanager_cluster_failed_peers{job="good"}[5s])', 1),
    "panel Alerts": ('sum by (job, instance) (alertmanager_alerts{job="good"})', 1),
    "panel Alerts receive rate":
        ('sum by (job, instance) (rate(alertmanager_alerts_received_total{job="good"}[1m]))', 1),
    "panel Alerts receive rate, invalid":
        ('sum by (job, instance) (rate(alertmanager_alerts_invalid_total{job="good"}[1m]))', 1),
    "panel Send Rate": ('sum by (integration, job, instance) '
                        '(rate(alertmanager_notifications_total{job="good"}[1m]))',
                        len(INTEGRATIONS)),
    "panel Send Rate, failed": ('sum by (integration, job, instance) '
                                '(rate(alertmanager_notifications_failed_total{job="good"}[1m]))',
                                len(INTEGRATIONS)),
    **{f"panel Notification Duration, p{quantile}": (
        f'histogram_quantile(0.{quantile}, sum by (le, job, instance) (rate('
        'alertmanager_notification_latency_seconds_bucket{job="good",integration="webhook"}[1m])))',
        1) for quantile in (99, 50)},
    "panel Notification Duration, mean": (
        'sum by (job, instance) (rate('
        'alertmanager_notification_latency_seconds_sum{job="good",integration="webhook"}[1m]))'
        ' / sum by (job, instance) (rate('
        'alertmanager_notification_latency_seconds_count{job="good",integration="webhook"}[1m]))',
        1),
}

USED = re.compile(r"\b(?:alertmanager|process)_\w+")
ALERT = re.compile(r"- alert: (\w+)")


def series_of(name, metric, samples):
    wanted = {name + suffix for suffix in metric.suffixes}
    return [(sample, labels) for sample, labels, _ in samples if sample in wanted]


def check_metric(report, name, metric, samples):
    series = series_of(name, metric, samples)
    what = f"{name}{{{','.join(metric.labels)}}}, for {metric.used_by}"
    missing = [name + suffix for suffix in metric.suffixes
               if not any(sample == name + suffix for sample, _ in series)]
    other = {tuple(sorted(set(labels) - {"le"})) for _, labels in series}
    other -= {tuple(sorted(metric.labels))}
    lacking = [f"{label}={value}" for label, values in metric.labels.items() for value in values
               if not any(labels.get(label) == value for _, labels in series)]
    report.check(what, not missing and not other and not lacking,
                 f"missing: {missing}\nother labels: {other}\nno series with: {lacking}")


def check_table(report, samples):
    """The table against what a fresh server exposes, and against our own paraphrase."""
    for name, metric in METRICS.items():
        check_metric(report, name, metric, samples)
    rules = (harness.HERE / "mixin.yml").read_text()
    queries = " ".join(query for query, _ in QUERIES.values())
    known = {name + suffix for name, metric in METRICS.items() for suffix in metric.suffixes}
    for where, text in (("alerts of mixin.yml", rules), ("queries", queries)):
        unknown = set(USED.findall(text)) - known
        report.check(f"the {where} read what is in the table", not unknown, sorted(unknown))
    asked = set(USED.findall(rules + queries))
    report.check("each metric of the table is read by one of them", known <= asked, known - asked)
    report.check("each alert has its query", set(ALERT.findall(rules)) <= set(QUERIES),
                 set(ALERT.findall(rules)) - set(QUERIES))


def query(prometheus, expression):
    answer = harness.ask(f"{prometheus.url}/api/v1/query", query=expression)
    return [float(sample["value"][1]) for sample in answer["data"]["result"]]


def check_queries(report, prometheus):
    """No alert and no panel is blind while all is well."""
    for name, (expression, count) in QUERIES.items():
        def numbers(expression=expression, count=count):
            values = query(prometheus, expression)
            return len(values) == count and all(value == value for value in values)
        try:
            harness.wait_for(name, numbers)
            is_good, detail = True, ""
        except harness.Failure as failure:
            is_good, detail = False, f"{failure}\n{expression}\n{query(prometheus, expression)}"
        report.check(f"{name} has {count} numbers to look at", is_good, detail)


def firing(prometheus, name):
    """{(job, instance or "")} for which the alert fires."""
    answer = harness.ask(f"{prometheus.url}/api/v1/alerts")
    return {(alert["labels"]["job"], alert["labels"].get("instance", ""))
            for alert in answer["data"]["alerts"]
            if alert["labels"]["alertname"] == name and alert["state"] == "firing"}


def expect_firing(report, prometheus, name, wanted):
    try:
        harness.wait_for(name, lambda: firing(prometheus, name) == wanted)
        report.check(f"{name} fires for what is wrong and nothing else", True)
    except harness.Failure as failure:
        report.check(f"{name} fires for what is wrong and nothing else", False,
                     f"{failure}\nwanted {wanted}\ngot    {firing(prometheus, name)}")
