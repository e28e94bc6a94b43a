# Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
"""Debian's amtool, every subcommand, against a running server: what it prints and how it exits."""

import dataclasses
import json
import os
import re
import subprocess

import harness

# The server's configuration. Without the lines marked as ours it is an Alertmanager's, and that is
# what amtool is to make of it.
CONFIG = """\
delivery: strict                            # ours
prompt_resolved: true                       # ours
datasources:                                # ours
  - name: metrics                           # ours
    url: http://127.0.0.1:1                 # ours
    http_config: {enable_http2: false}      # ours
evaluation: {interval: 1h}                  # ours
rule_files: [none-*.yml]                    # ours
slo_files: [none-*.yml]                     # ours
inbound: {victorops: [{key: hush}]}         # ours
incidents: {paging_receivers: [db-pager]}   # ours
route:
  receiver: default
  group_by: [alertname]
  group_wait: 1s
  group_interval: 1s
  repeat_interval: 1h
  routes:
    - receiver: db-pager
      matchers: [team="db"]
      continue: true
      delivery: strict                      # ours
      exact_repeat: false                   # ours
    - receiver: night
      matchers: [severity=~"info|warning"]
      delivery: alertmanager                # ours
receivers:
  - name: default
  - name: db-pager
    deadline: 2m                            # ours
    webhook_configs:
      - url: HOOKS/db
        page: true                          # ours
  - name: night
    delivery: alertmanager                  # ours
    webhook_configs: [{url: "HOOKS/night"}]
inhibit_rules:
  - source_matchers: [severity="critical"]
    target_matchers: [severity="warning"]
    equal: [service]
"""
PLAIN = re.sub(r".*# ours\n", "", CONFIG)
TEMPLATE = ('{{ define "line" }}{{ .Status }}:{{ range .Alerts }}{{ .Labels.team }}{{ end }}'
            '{{ end }}')
DATA = {"status": "firing", "alerts": [{"status": "firing", "labels": {"team": "db"}}]}
FILES = {
    "good.yml": PLAIN,
    "bad.yml": "route: {receiver: nobody}\nreceivers: [{name: somebody}]\n",
    "cut.json": '[{"id": "',
    "line.tmpl": TEMPLATE,
    "data.json": json.dumps(DATA),
}

UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
TIME = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC")
STAMP = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")
# Debian's amtool is older than the API it meets here, and says so each time.
WARNING = re.compile(r"^Warning: amtool version .* are different\.$", re.M)
UNKNOWN = "00000000-0000-4000-8000-000000000000"
SECONDS = 60

SLOW = '<id>  alertname="Slow"  <time>  ada  known'
SILENCES = "ID  Matchers  Ends At  Created By  Comment"
ALERTS = "Alertname  Starts At  Summary  State"
CHECKED = """\
Checking 'good.yml'  SUCCESS
Found:
- global config
- route
- 1 inhibit rules
- 3 receivers
- 0 templates"""
TREE = """\
Routing tree:
.
└── default-route  receiver: default
├── {team="db"}  continue: true  receiver: db-pager
└── {severity=~"info|warning"}  receiver: night"""


@dataclasses.dataclass
class Step:
    """One call. `wanted`: its output, ids and times aside, or a check of it; <id> in the words is
    the silence made last."""

    words: list
    wanted: object = ""
    code: int = 0
    file: str = ""  # Where to keep the output, for later steps.


def json_list(*members):
    """A check: the output is a list of one object with these values, as path=value."""
    def check(text):
        found, = json.loads(text)
        for member in members:
            path, _, value = member.partition("=")
            inner = found
            for key in path.split("."):
                inner = inner[int(key) if key.isdigit() else key]
            if str(inner) != value:
                return f"{path} is {inner!r}, not {value}"
        return ""
    return check


def contains(*texts):
    def check(text):
        return "\n".join(f"no {wanted!r} in it" for wanted in texts if wanted not in text)
    return check


ALERT_STEPS = [
    Step(["alert", "add", "alertname=DiskFull", "team=db", "severity=critical", "service=orders",
          "--annotation=summary=nearly full", "--generator-url=http://prometheus.example.com/g"]),
    Step(["alert", "add", "Slow", "severity=warning", "service=orders"]),
    Step(["alert", "add", "Over", "--start=2026-01-02T03:04:05Z", "--end=2026-01-02T03:05:05Z"]),
    Step(["alert", "add", "x=", "--annotation=a"], contains("amtool: error: "), 1),
    Step(["alert"], f"{ALERTS}\nDiskFull  <time>  nearly full  active"),
    Step(["alert", "query", "-o", "extended"],
         "Labels  Annotations  Starts At  Ends At  Generator URL  State\n"
         'alertname="DiskFull" service="orders" severity="critical" team="db"  '
         'summary="nearly full"  <time>  <time>  http://prometheus.example.com/g  active'),
    Step(["alert", "query", "team=db", "-o", "json"], json_list(
        "labels.alertname=DiskFull", "annotations.summary=nearly full", "status.state=active",
        "status.silencedBy=[]", "status.inhibitedBy=[]", "receivers.0.name=db-pager",
        "generatorURL=http://prometheus.example.com/g", "fingerprint=78be0321ba0a1fa5")),
    Step(["alert", "query", "--inhibited"], f"{ALERTS}\nSlow  <time>  suppressed"),
    Step(["alert", "query", "--inhibited", "--receiver=night", "-o", "json"],
         json_list("labels.alertname=Slow", "status.inhibitedBy.0=78be0321ba0a1fa5")),
    Step(["alert", "query", "--receiver=night"], ALERTS),
    Step(["alert", "query", "team=~d."], f"{ALERTS}\nDiskFull  <time>  nearly full  active"),
    Step(["alert", "query", "team!=db"], ALERTS),
    Step(["alert", "query", "DiskFull", "severity!~crit.*"], ALERTS),
    Step(["alert", "query", 'team=~"("'],
         contains("amtool: error: ", "[400]", "matcher value contains unescaped double quote"), 1),
]

SILENCE_STEPS = [
    Step(["silence", "add", "team=db"], "amtool: error: comment required by config", 1),
    Step(["silence", "add", "--comment=everything", "foo=~.*"],
         contains("amtool: error: ", "at least one matcher must not match the empty string"), 1),
    Step(["silence", "add", "Slow", "--comment=known", "--author=ada", "--duration=2h"], "<id>"),
    Step(["silence", "query"], f"{SILENCES}\n{SLOW}"),
    Step(["silence", "query", "-q"], "<id>"),
    Step(["silence", "query", "alertname=Slow", "--created-by=ada", "--within=3h"],
         f"{SILENCES}\n{SLOW}"),
    Step(["silence", "query", "--within=1h"], SILENCES),
    Step(["silence", "query", "alertname=Other"], SILENCES),
    Step(["silence", "query", "-o", "extended"],
         "ID  Matchers  Starts At  Ends At  Updated At  Created By  Comment\n"
         '<id>  {alertname="Slow"}  <time>  <time>  <time>  ada  known'),
    Step(["silence", "query", "-o", "json"], json_list(
        "status.state=active", "comment=known", "createdBy=ada", "matchers.0.name=alertname",
        "matchers.0.value=Slow", "matchers.0.isEqual=True", "matchers.0.isRegex=False"),
         file="silences.json"),
    Step(["alert", "query", "--silenced", "--inhibited", "Slow", "-o", "json"],
         json_list("status.state=suppressed", "status.inhibitedBy.0=78be0321ba0a1fa5")),
    Step(["silence", "update", "--duration=4h", "--comment=longer", "<id>"],
         f'{SILENCES}\n<id>  alertname="Slow"  <time>  ada  longer'),
    Step(["silence", "query", "--within=3h"], SILENCES),
    Step(["silence", "expire", "<id>"]),
    Step(["silence", "expire", UNKNOWN], contains("amtool: error: ", "404"), 1),
    Step(["silence", "update", UNKNOWN], contains("amtool: error: [GET /silence/{silenceID}][404]"),
         1),
    Step(["silence", "query"], SILENCES),
    Step(["silence", "query", "--expired"],
         f'{SILENCES}\n<id>  alertname="Slow"  <time>  ada  longer'),
    Step(["silence", "import", "silences.json"], "<id>"),
    Step(["silence", "import", "cut.json"],
         "amtool: error: couldn't unmarshal input data, is it JSON?: unexpected EOF", 1),
    Step(["silence", "query"], f"{SILENCES}\n{SLOW}"),
]

CONFIG_STEPS = [
    Step(["check-config", "good.yml"], CHECKED),
    Step(["check-config", "bad.yml"],
         "Checking 'bad.yml'  FAILED: undefined receiver \"nobody\" used in route\n"
         "amtool: error: failed to validate 1 file(s)", 1),
    Step(["check-config", "missing.yml"], "amtool: error: path 'missing.yml' does not exist", 1),
    Step(["config", "show"], contains("receiver: default", "source_matchers:", "equal:"),
         file="shown.yml"),
    # What the server says it runs with is a configuration again, for the real thing too.
    Step(["check-config", "shown.yml"], CHECKED.replace("good.yml", "shown.yml")),
    Step(["config", "show", "-o", "extended"], contains("uptime ", "version ")),
    Step(["config", "show", "-o", "json"], contains('"original":', '"versionInfo":')),
    Step(["config", "routes"], TREE),
    Step(["config", "routes", "show"], TREE),
    Step(["config", "routes", "show", "--config.file=good.yml"],
         f"{TREE}\nWarning: --config.file flag overrides the --alertmanager.url."),
    Step(["config", "routes", "test", "team=db", "severity=warning"], "db-pager,night"),
    Step(["config", "routes", "test", "team=web"], "default"),
    Step(["config", "routes", "test", "--tree", "--verify.receivers=night", "team=db"],
         'Matching routes:\n.\n└── default-route\n└── {team="db"}  receiver: db-pager\ndb-pager\n'
         "WARNING: Expected receivers did not match resolved receivers.", 1),
    Step(["config", "routes", "test", "--verify.receivers=db-pager,night", "team=db",
          "severity=info"], "db-pager,night"),
    Step(["config", "routes", "test", "{team=db}"],
         contains("amtool: error: Failed to parse labels: "), 1),
    Step(["cluster", "show"], contains("Cluster Status:", "Node Name:")),
    Step(["cluster"], contains("Cluster Status:")),
    Step(["cluster", "show", "-o", "extended"], contains("Address", "127.0.0.1:")),
    Step(["template", "render", "--template.glob=line.tmpl", "--template.data=data.json",
          '--template.text={{ template "line" . }}'], "firing:db"),
    Step(["template", "render", "--template.glob=line.tmpl", "--template.text={{ bad"],
         contains("amtool: error: template: "), 1),
    Step(["--version"], contains("amtool, version ")),
]


def plain(text):
    """Times and ids out of `text`, columns two blanks apart, no empty lines."""
    text = UUID.sub("<id>", STAMP.sub("<time>", TIME.sub("<time>", text)))
    lines = (re.sub(r"\s{2,}", "  ", line.replace("\xa0", " ").strip())
             for line in text.split("\n"))
    return "\n".join(line for line in lines if line)


class Runner:
    def __init__(self, report, programs, url):
        self.report = report
        self.program = programs.amtool
        self.url = url
        self.home = programs.work / "amtool-home"
        self.home.mkdir()
        self.silence = UNKNOWN
        # HOME is empty, so that nobody's defaults file has a say.
        self.environment = {**os.environ, "HOME": str(self.home), "TZ": "UTC"}

    def run(self, step):
        words = [word.replace("<id>", self.silence) for word in step.words]
        done = subprocess.run(
            [self.program, f"--alertmanager.url={self.url}", *words], stdin=subprocess.DEVNULL,
            capture_output=True, cwd=self.home, timeout=SECONDS, env=self.environment, check=False)
        text = done.stdout.decode(errors="replace")
        if step.file:
            (self.home / step.file).write_text(text)
        made = UUID.search(text)
        if made and done.returncode == 0:
            self.silence = made[0]
        text += WARNING.sub("", done.stderr.decode(errors="replace"))
        what = f"amtool {' '.join(step.words)}"
        if done.returncode != step.code:
            self.report.check(what, False, f"exit code {done.returncode}, not {step.code}\n{text}")
        elif callable(step.wanted):
            wrong = self.verdict(step, text)
            self.report.check(what, not wrong, f"{wrong}\n{text}")
        else:
            self.report.check(what, plain(text) == step.wanted,
                              f"wanted\n{step.wanted}\ngot\n{plain(text)}")

    @staticmethod
    def verdict(step, text):
        try:
            return step.wanted(text)
        except (ValueError, KeyError, IndexError, TypeError) as error:
            return f"{type(error).__name__}: {error}"


def main(report, programs):
    harness.require(programs.watchfire, programs.amtool)
    hooks = harness.Hooks()
    server = harness.start_watchfire(programs.watchfire, "amtool-server", programs.work,
                                     CONFIG.replace("HOOKS", hooks.url))
    try:
        runner = Runner(report, programs, server.url)
        for name, text in FILES.items():
            (runner.home / name).write_text(text.replace("HOOKS", hooks.url))
        for step in [*ALERT_STEPS, *SILENCE_STEPS, *CONFIG_STEPS]:
            runner.run(step)
        report.equal("the server ends cleanly", server.stop(), 0)
        # With nobody there, every command that needs a server says so.
        for words in (["alert"], ["silence"], ["cluster"], ["config"], ["config", "routes"]):
            runner.run(Step(words, contains("amtool: error: ", "connection refused"), 1))
    finally:
        server.stop()
        hooks.stop()
