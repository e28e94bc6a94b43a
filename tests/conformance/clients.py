# Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
"""Scripts written for VictorOps, Opsgenie and PagerDuty, with only their base URL changed."""

import datetime
import sys

import harness

# python3-requests of Debian and what it needs, unpacked by ./dev.
PACKAGES = ("requests", "urllib3", "six", "certifi", "idna", "chardet", "charset-normalizer")

ONCALL = """\
oncall:
  schedules:
    - name: primary
      time_zone: UTC
      layers:
        - rotation: {start: 2026-01-05 09:00, every: 1 week, participants: [ada]}
  escalation_policies:
    - {name: platform, steps: [{tell: {schedule: primary}}, {after: 1h, tell: bo}]}
"""
CONFIG = """\
route: {receiver: on-call, group_by: [entity_id], group_wait: 0s, group_interval: 1s}
receivers:
  - name: on-call
    escalation_configs: [{policy: platform}]
  - name: app
    webhook_configs: [{url: "HOOKS/app"}]
oncall_files: [oncall.yml]
oncall: {fallback: app, contacts: {ada: [{receiver: app}], bo: [{receiver: app}]}}
inbound:
  victorops: [{key: vo-key, api_id: vo-id, api_key: vo-secret}]
  opsgenie: [{key: og-key}]
  pagerduty: [{key: pd-key}]
"""


class Suite:
    def __init__(self, report, url, hooks, vendor):
        self.report = report
        self.url = url
        self.hooks = hooks
        self.alerts = vendor.VictorOpsAlerts(url, "vo-key", "platform-critical")
        self.desk = vendor.VictorOpsDesk(url, "vo-id", "vo-secret")
        self.opsgenie = vendor.OpsgenieAlerts(url, "og-key")
        self.pagerduty = vendor.PagerDutyEvents(url, "pd-key")
        self.vendor = vendor

    def answered(self, what, response, code, **fields):
        """Its JSON. Checks the status and these fields of it."""
        self.report.equal(what, response.status_code, code)
        try:
            body = response.json()
        except ValueError:
            body = {}
        for name, value in fields.items():
            self.report.equal(f"{what}: {name}", body.get(name), value)
        return body

    def listed(self, phase, **wanted):
        """What VictorOps' list has of the incident with these fields, once it is in that phase."""
        def look():
            for one in self.desk.incidents("triggered,acknowledged,resolved", 100).json()[
                    "incidents"]:
                fields = {name: one[name] for name in wanted}
                if fields == wanted and one["currentPhase"] == phase:
                    return one
            return None

        found = harness.wait_for(f"{wanted} is {phase}", look)
        self.report.check(f"{' '.join(wanted.values())} is {phase}", True)
        return found

    def paged(self, entity_id, status="firing"):
        def look():
            return any(body["status"] == status and
                       body["commonLabels"].get("entity_id") == entity_id
                       for body in self.hooks.bodies("/app"))

        harness.wait_for(f"somebody is told that {entity_id} is {status}", look)
        self.report.check(f"somebody was told that {entity_id} is {status}", True)


def victorops_alerts(suite):
    answer = suite.alerts.trigger("disk-7", "Disk full", "/var has no room", host_name="db-1",
                                  **{"vo_annotate.u.Runbook": "https://runbooks.example/disk"})
    suite.answered("victorops trigger", answer, 200, result="success", entity_id="disk-7")
    suite.paged("disk-7")
    suite.answered("victorops warning", suite.alerts.warn("slow-2", "Slow"), 200,
                   result="success", entity_id="slow-2")
    suite.answered("victorops ack", suite.alerts.acknowledge("disk-7", "ada"), 200,
                   result="success")
    suite.listed("acknowledged", entityId="disk-7")
    suite.answered("victorops resolve", suite.alerts.resolve("disk-7"), 200, result="success")
    suite.paged("disk-7", "resolved")
    suite.answered("victorops without a type", suite.alerts.send("", "x"), 400, result="failure")
    stranger = suite.vendor.VictorOpsAlerts(suite.url, "wrong", "platform-critical")
    suite.report.check("victorops with a wrong key is refused",
                       400 <= stranger.trigger("x", "X", "x").status_code < 500)


def victorops_desk(suite):
    for name in ("cpu-1", "cpu-2", "cpu-3"):
        suite.alerts.trigger(name, name, "busy")
        suite.paged(name)
    number = suite.listed("triggered", entityId="cpu-1")["incidentNumber"]
    only = suite.desk.incidents("triggered", 1).json()["incidents"]
    suite.report.equal("the list keeps to its limit", len(only), 1)
    found = [one["incidentNumber"] for one in suite.desk.all_incidents()]
    suite.report.equal("page by page each incident comes once", len(found), len(set(found)))
    suite.report.check("the list has all that is open", number in found and len(found) >= 4, found)

    done = suite.answered("acknowledge", suite.desk.acknowledge("ada", number, "9999"), 200)
    accepted = {one["incidentNumber"]: one["cmdAccepted"] for one in done["results"]}
    suite.report.equal("acknowledge says what it took", accepted, {number: True, "9999": False})
    suite.listed("acknowledged", entityId="cpu-1")
    suite.answered("acknowledge by user", suite.desk.acknowledge_mine("ada"), 200)
    suite.listed("acknowledged", entityId="cpu-2")
    suite.answered("resolve", suite.desk.resolve("ada", number), 200)
    suite.listed("resolved", incidentNumber=number)

    events = suite.answered("timeline", suite.desk.timeline(number), 200)
    suite.report.check("the timeline has the ack and who it was",
                       "ada" in str(events) and "looking" in str(events), events)
    words = {"summary": "the disk was full", "action_items": ["more disk"]}
    review = suite.answered("post-mortem", suite.desk.post_mortem(number, words), 200)
    suite.report.check("the post-mortem has the words", "the disk was full" in str(review), review)
    over = suite.answered("report", suite.desk.report(), 200)["incidents"]
    suite.report.check("the report has what is over",
                       number in [one["incidentNumber"] for one in over], over)

    duty = suite.answered("on call", suite.desk.on_call(), 200)
    users = [user["onCalluser"]["username"] for team in duty["teamsOnCall"]
             for now in team["oncallNow"] for user in now["users"]]
    suite.report.equal("who is on call", users, ["ada"])
    suite.answered("on call of a team", suite.desk.on_call("platform"), 200)
    stranger = suite.vendor.VictorOpsDesk(suite.url, "vo-id", "wrong")
    suite.report.check("a wrong key is refused", stranger.incidents().status_code in (401, 403))


def victorops_maintenance(suite):
    started = suite.answered("maintenance", suite.desk.start_maintenance("lab"), 200)
    instance = started["activeInstances"][0]["instanceId"]
    lab = suite.vendor.VictorOpsAlerts(suite.url, "vo-key", "lab")
    lab.trigger("lab-1", "lab-1", "down")
    suite.alerts.trigger("late-1", "late-1", "down")
    suite.paged("late-1")
    suite.report.check("nobody is paged in maintenance",
                       "lab-1" not in str(suite.hooks.bodies("/app")))
    suite.report.equal("it is listed", len(suite.desk.maintenance().json()["activeInstances"]), 1)
    suite.answered("its end", suite.desk.end_maintenance(instance), 200)
    suite.report.equal("it is gone", suite.desk.maintenance().json()["activeInstances"], [])
    suite.paged("lab-1")
    begin = datetime.datetime.now(datetime.timezone.utc).replace(tzinfo=None)
    end = begin + datetime.timedelta(hours=1)
    suite.answered("maintenance of a team, for a time",
                   suite.desk.plan_maintenance("lab", begin.isoformat() + "Z",
                                               end.isoformat() + "Z"), 200)


def opsgenie(suite):
    made = suite.answered("opsgenie create", suite.opsgenie.create(
        "Queue stuck", "queue-9", description="nobody reads it", priority="P1", tags=["shop"],
        details={"queue": "orders"}, actions=["restart_service", "check_logs"],
        responders=[{"type": "team", "name": "platform"}, {"type": "schedule", "name": "primary"}],
        visibleTo=[{"type": "team", "name": "platform"}]), 202,
                          result="Request will be processed")
    suite.paged("queue-9")
    done = suite.answered("opsgenie request", suite.opsgenie.request(made["requestId"]), 200)
    suite.report.equal("it was done", done["data"]["isSuccess"], True)
    suite.answered("opsgenie note", suite.opsgenie.act("notes", "queue-9", note="seen"), 202)
    suite.answered("opsgenie acknowledge", suite.opsgenie.act(
        "acknowledge", "queue-9", note="mine", source="cli", user="ada"), 202)
    suite.listed("acknowledged", entityId="queue-9")
    open_ones = suite.answered("opsgenie list", suite.opsgenie.list("status: open"), 200)["data"]
    mine = [one for one in open_ones if one["alias"] == "queue-9"]
    suite.report.check("the list says that it is acknowledged",
                       len(mine) == 1 and mine[0]["acknowledged"], open_ones)
    today = datetime.datetime.now(datetime.timezone.utc)
    days = [(today + datetime.timedelta(days=n)).strftime("%Y-%m-%d") for n in (-30, 0)]
    suite.report.check("a search by days finds it", "queue-9" in [
        one["alias"] for one in suite.answered("opsgenie search", suite.opsgenie.list(
            f"createdAt >= {days[0]} AND createdAt <= {days[1]}"), 200)["data"]])
    suite.answered("opsgenie close", suite.opsgenie.act("close", "queue-9", note="done"), 202)
    suite.paged("queue-9", "resolved")
    suite.answered("opsgenie incident", suite.opsgenie.create_incident(
        "All is down", description="every shop", tags=["shop"], details={"shop": "all"},
        priority="P1", responders=[{"type": "team", "name": "platform"}],
        actions=["View Dashboard"]), 202)
    suite.answered("opsgenie without a message", suite.opsgenie.create("", "x"), 422)
    stranger = suite.vendor.OpsgenieAlerts(suite.url, "wrong")
    suite.report.check("a wrong key is refused",
                       stranger.create("x", "x").status_code in (401, 403))


def pagerduty(suite):
    suite.answered("pagerduty trigger", suite.pagerduty.trigger("Replica late", "rep-1"), 202,
                   status="success", dedup_key="rep-1")
    suite.paged("rep-1")
    suite.answered("pagerduty acknowledge", suite.pagerduty.send("acknowledge", "rep-1"), 202,
                   status="success")
    suite.listed("acknowledged", entityId="rep-1")
    suite.answered("pagerduty resolve", suite.pagerduty.send("resolve", "rep-1"), 202,
                   status="success")
    suite.paged("rep-1", "resolved")
    made = suite.answered("pagerduty without a key of its own",
                          suite.pagerduty.trigger("Somewhere"), 202, status="success")
    suite.report.check("it is given one", made.get("dedup_key"))
    suite.answered("pagerduty with a bad severity",
                   suite.pagerduty.trigger("x", "x", severity="loud"), 400,
                   status="invalid event")


def main(report, programs):
    places = [programs.tools / f"python3-{name}/usr/lib/python3/dist-packages"
              for name in PACKAGES]
    harness.require(*places)
    sys.path[:0] = map(str, places)
    import vendor_clients  # pylint: disable=import-outside-toplevel
    hooks = harness.Hooks()
    home = programs.work / "clients"
    home.mkdir()
    (home / "oncall.yml").write_text(ONCALL)
    server = harness.start_watchfire(programs.watchfire, "clients", programs.work,
                                     CONFIG.replace("HOOKS", hooks.url))
    try:
        suite = Suite(report, server.url, hooks, vendor_clients)
        for part in (victorops_alerts, victorops_desk, victorops_maintenance, opsgenie,
                     pagerduty):
            part(suite)
    finally:
        server.stop()
        hooks.stop()
