# Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
"""Watches the demo from outside, over HTTP, as its user could: what has been seen, and when."""

import json
import re
import urllib.error
import urllib.request

SLO_ALERT = "VictorAiErrorBudgetBurn"
THRESHOLD_ALERT = "CriticalProviderFailureRate"
INHIBITED_ALERT = "HighProviderFailureRate"
# A page is what wakes somebody; the vendor calls the other kinds RECOVERY, INFO …
PAGES = ("CRITICAL", "WARNING")
ACK_METRIC = re.compile(r"^watchfire_ack_duration_seconds_(count|sum)(?:\{.*\})? (\S+)$", re.M)

# What --check expects, in the order of its table.
EXPECTED = {
    "slo": f"SLO burn-rate alert fires ({SLO_ALERT})",
    "threshold": f"threshold alert fires ({THRESHOLD_ALERT})",
    "inhibited": f"inhibited alert is known as such ({INHIBITED_ALERT})",
    "page": "one grouped page with both alerts arrives",
    "ack": "the responder's ack is recorded",
    "metric": "ack time is in /metrics",
    "recovery": "the recovery is sent, the incident resolved",
}


def fetch(url, timeout=5):
    """The body at `url`, or None if it does not answer 200."""
    try:
        with urllib.request.urlopen(url, timeout=timeout) as response:
            return response.read().decode()
    except (OSError, ValueError, urllib.error.URLError):
        return None


def answers(url):
    return fetch(url) is not None


def fetch_json(url, fallback):
    """What the JSON at `url` says; `fallback` while there is none."""
    text = fetch(url)
    return fallback if text is None else json.loads(text)


class Observer:
    """Looks at everything each time poll() is called and remembers what was new."""

    def __init__(self, urls, is_scripted):
        self.urls = urls
        self.is_scripted = is_scripted  # Victor AI is simulated, so EXPECTED will happen.
        self.seen = {}  # Key of EXPECTED -> seconds since the start.
        self.alerts = {}  # Fingerprint -> (what to call it, is inhibited), of those that fire.
        self.faults = set()
        self.incident_states = {}
        self.messages = []  # Everything that arrived for the on-call receiver.
        self.last_page = 0
        self.ack_count = 0

    def poll(self, now):
        """What happened since the last call, a sentence each. `now`: seconds since the start."""
        events = []
        if self.is_scripted:
            events += self.poll_faults()
        events += self.poll_alerts(now)
        events += self.poll_pager(now)
        events += self.poll_incidents(now)
        events += self.poll_metrics(now)
        return [f"(+{now:3.0f} s) {event}" for event in events]

    def mark(self, key, now):
        self.seen.setdefault(key, now)

    def poll_faults(self):
        faults = fetch_json(self.urls["victorsim"] + "/faults", [])
        on = {fault["name"] for fault in faults if fault["on"]}
        events = [f"Victor AI breaks: {f['name']} ({f['summary']})" for f in faults
                  if f["name"] in on - self.faults]
        events += [f"Victor AI heals: {name}" for name in sorted(self.faults - on)]
        self.faults = on
        return events

    def poll_alerts(self, now):
        answer = fetch_json(self.urls["watchfire"] + "/api/v2/alerts", None)
        if answer is None:
            return []
        alerts, events = {}, []
        for alert in answer:
            key, labels = alert["fingerprint"], alert["labels"]
            name = labels["alertname"]
            what = f"alert {name} ({labels.get('severity', 'no severity')})"
            inhibited = bool(alert["status"]["inhibitedBy"])
            alerts[key] = (what, inhibited)
            if self.alerts.get(key) == alerts[key]:
                continue
            if inhibited:
                events.append(f"{what} is inhibited, so it pages nobody")
            else:
                events.append(f"{what} is not inhibited any more" if key in self.alerts
                              else f"{what} fires")
            self.mark_alert(name, labels, inhibited, now)
        over = [what for key, (what, _) in self.alerts.items() if key not in alerts]
        events += [f"{what} is over" for what in over]
        self.alerts = alerts
        return events

    def mark_alert(self, name, labels, inhibited, now):
        if name == SLO_ALERT and labels.get("severity") == "critical":
            self.mark("slo", now)
        if name == THRESHOLD_ALERT:
            self.mark("threshold", now)
        if name == INHIBITED_ALERT and inhibited:
            self.mark("inhibited", now)

    def poll_pager(self, now):
        events = []
        for page in fetch_json(f"{self.urls['pagersim']}/api/pages?after={self.last_page}", []):
            self.last_page = page["seq"]
            if "/alert/" not in page["path"]:
                continue  # The log-only webhook.
            body = page["body"]
            self.messages.append(body)
            kind, title = body["message_type"], body.get("entity_display_name", "")
            if kind in PAGES:
                events.append(f"page arrives: {kind} {title}")
                if all(name in body["state_message"] for name in (SLO_ALERT, THRESHOLD_ALERT)):
                    self.mark("page", now)
            else:
                events.append(f"pager is told: {kind} {title}")
        return events

    def poll_incidents(self, now):
        answer = fetch_json(self.urls["watchfire"] + "/api/v1/incidents", None)
        events = []
        for incident in answer["data"]["incidents"] if answer else []:
            state = incident["state"]
            if self.incident_states.get(incident["id"]) == state:
                continue
            self.incident_states[incident["id"]] = state
            by = incident["ackedBy"] if state == "acknowledged" else ""
            events.append(f"incident {incident['id']} is {state}" + (f" by {by}" if by else ""))
            if state == "acknowledged" and by:
                self.mark("ack", now)
        is_told = any(message["message_type"] == "RECOVERY" for message in self.messages)
        if is_told and "resolved" in self.incident_states.values():
            self.mark("recovery", now)
        return events

    def poll_metrics(self, now):
        total = {"count": 0.0, "sum": 0.0}
        for kind, value in ACK_METRIC.findall(fetch(self.urls["watchfire"] + "/metrics") or ""):
            total[kind] += float(value)
        if total["count"] <= self.ack_count:
            return []
        self.ack_count = total["count"]
        self.mark("metric", now)
        mean = total["sum"] / total["count"]
        return [f"/metrics knows the time from page to ack: {mean:.0f} s"]

    def complete(self):
        return self.is_scripted and all(key in self.seen for key in EXPECTED)

    def violations(self):
        """What must not have happened but did."""
        pages = [m for m in self.messages if m["message_type"] in PAGES]
        found = []
        if len(pages) != 1:
            found.append(f"{len(pages)} pages arrived instead of one")
        # The recovery may name it: by then it is resolved, and nothing inhibits it any more.
        if any(INHIBITED_ALERT in json.dumps(page) for page in pages):
            found.append(f"the inhibited {INHIBITED_ALERT} is in a page")
        if len(self.incident_states) != 1:
            found.append(f"{len(self.incident_states)} incidents were opened instead of one")
        return found

    def table(self):
        width = max(map(len, EXPECTED.values()))
        lines = [f"{'observation':<{width}}  seconds"]
        for key, text in EXPECTED.items():
            when = f"{self.seen[key]:7.1f}" if key in self.seen else "  NEVER"
            lines.append(f"{text:<{width}}  {when}")
        return "\n".join(lines + [f"WRONG: {text}" for text in self.violations()])
