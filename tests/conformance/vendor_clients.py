# Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
"""Clients as teams have them in their scripts: for a vendor, with `requests`, and a base URL.

Nothing in here knows of Watchfire. Each method makes the call that the vendor's documentation has
for it and gives the response back as it is.
"""

import json
import time

import requests

JSON = {"Content-Type": "application/json"}
TIMEOUT = 30


class VictorOpsAlerts:
    """The REST endpoint of the generic integration."""

    def __init__(self, base, key, routing_key):
        self.url = f"{base}/integrations/generic/20131114/alert/{key}/{routing_key}"

    def send(self, message_type, entity_id, **fields):
        message = {"message_type": message_type, "entity_id": entity_id,
                   "state_start_time": int(time.time()), "monitoring_tool": "cron", **fields}
        return requests.post(self.url, headers=JSON, data=json.dumps(message), timeout=TIMEOUT)

    def trigger(self, entity_id, title, text, **fields):
        return self.send("CRITICAL", entity_id, entity_display_name=title, state_message=text,
                         timestamp="2026-01-05T09:00:00.000001", **fields)

    def warn(self, entity_id, title):
        return self.send("WARNING", entity_id, entity_display_name=title, state_message=title)

    def acknowledge(self, entity_id, who):
        return self.send("ACKNOWLEDGEMENT", entity_id, ack_author=who, ack_message="on it")

    def resolve(self, entity_id):
        return self.send("RECOVERY", entity_id, entity_display_name="over", state_message="over")


class VictorOpsDesk:
    """The public API, as scripts that tidy up and report use it."""

    def __init__(self, base, api_id, api_key):
        self.base = f"{base}/api-public/v1"
        self.reports = f"{base}/api-reporting/v2"
        self.headers = {"X-VO-Api-Id": api_id, "X-VO-Api-Key": api_key, **JSON}

    def _get(self, url, **params):
        return requests.get(url, headers=self.headers, params=params, timeout=TIMEOUT)

    def _post(self, path, body):
        return requests.post(self.base + path, headers=self.headers, json=body, timeout=TIMEOUT)

    def _patch(self, path, body):
        return requests.patch(self.base + path, headers=self.headers, json=body, timeout=TIMEOUT)

    def incidents(self, statuses="triggered,acknowledged", limit=25, offset=0):
        return self._get(self.base + "/incidents", statuses=statuses, limit=limit, offset=offset,
                         sortOrder="desc")

    def all_incidents(self, page=2):
        """Every incident, page by page; ends when a page is not full."""
        found = []
        while True:
            some = self.incidents("triggered,acknowledged,resolved", page,
                                  len(found)).json()["incidents"]
            found += some
            if len(some) < page:
                return found

    def acknowledge(self, who, *numbers):
        return self._patch("/incidents/ack", {"userName": who, "incidentNames": numbers,
                                              "message": "looking"})

    def resolve(self, who, *numbers):
        return self._patch("/incidents/resolve", {"userName": who, "incidentNames": numbers,
                                                  "message": "done"})

    def acknowledge_mine(self, who):
        return self._patch("/incidents/byUser/ack", {"userName": who})

    def on_call(self, team=None):
        return self._get(self.base + "/oncall/current", **({"team": team} if team else {}))

    def plan_maintenance(self, team, begin, end):
        return self._post("/maintenancemode", {"teams": [team], "description": "upgrade",
                                               "startTime": begin, "endTime": end})

    def start_maintenance(self, *routing_keys):
        return self._post("/maintenancemode/start", {"type": "RoutingKeys", "names": routing_keys,
                                                     "purpose": "upgrade"})

    def maintenance(self):
        return self._get(self.base + "/maintenancemode")

    def end_maintenance(self, instance):
        return requests.put(f"{self.base}/maintenancemode/{instance}/end", headers=self.headers,
                            timeout=TIMEOUT)

    def timeline(self, number):
        return self._get(f"{self.base}/incidents/{number}/log")

    def post_mortem(self, number, words):
        return self._post(f"/incidents/{number}/postmortem", words)

    def report(self):
        return self._get(self.reports + "/incidents", limit=100)


class OpsgenieAlerts:
    """The Alert API v2, and what creates an incident."""

    def __init__(self, base, key):
        self.base = base
        self.headers = {"Authorization": f"GenieKey {key}", **JSON}

    def _post(self, path, body, **params):
        return requests.post(self.base + path, headers=self.headers, params=params,
                             data=json.dumps(body), timeout=TIMEOUT)

    def create(self, message, alias, **fields):
        return self._post("/v2/alerts", {"message": message, "alias": alias, **fields})

    def create_incident(self, message, **fields):
        return self._post("/v1/incidents/create", {"message": message, **fields})

    def act(self, what, alias, **fields):
        """`what`: acknowledge, close, notes …"""
        return self._post(f"/v2/alerts/{alias}/{what}", fields, identifierType="alias")

    def request(self, request_id):
        return requests.get(f"{self.base}/v2/alerts/requests/{request_id}", headers=self.headers,
                            timeout=TIMEOUT)

    def list(self, query):
        return requests.get(self.base + "/v2/alerts", headers=self.headers, timeout=TIMEOUT,
                            params={"query": query, "offset": 0, "limit": 20, "sort": "createdAt",
                                    "order": "desc"})


class PagerDutyEvents:
    """The Events API v2."""

    def __init__(self, base, key):
        self.url = base + "/v2/enqueue"
        self.key = key

    def send(self, action, dedup_key=None, **payload):
        event = {"routing_key": self.key, "event_action": action}
        if dedup_key:
            event["dedup_key"] = dedup_key
        if payload:
            event["payload"] = payload
        return requests.post(self.url, json=event, timeout=TIMEOUT)

    def trigger(self, summary, dedup_key=None, severity="critical"):
        return self.send("trigger", dedup_key, summary=summary, source="db-1", severity=severity,
                         custom_details={"free": "0 B"})
