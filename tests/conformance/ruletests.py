# Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
"""The same unit tests of rules for promtool and wfctl test: what fires, with which labels and
annotations, and what expressions give, is the same, whatever the series do.

Each made-up file expects nothing, so that both programs print all that they found. The tests of the
shipped rules are run as well.
"""

import pathlib
import random
import re
import shutil
import subprocess

import harness

SECONDS = 300
SCENARIOS = 24
SEED = 20261127
ROOT = pathlib.Path(__file__).resolve().parents[2]

EXPRESSIONS = [
    "load > 1", "load > bool 1", "rate(hits[5m]) > 0", "sum by (job) (load) >= 2", "absent(gone)",
    "load offset 2m > 0", "max_over_time(load[3m]) > 2", "job:load:sum > 1", "ALERTS{job=\"a\"}",
    "count(load) or vector(0)", "load unless on (job) off", "vector(time()) > 120", "up{x=~\".+\"}",
    "ALERTS_FOR_STATE % 60", "load / on (job, instance) hits", "sum(load) < time() / 60",
    "increase(hits[4m]) > 1 and load > 0", "label_replace(load, \"n\", \"$1\", \"job\", \"(.*)\")",
]
# Which series of an answer comes first is nobody's promise: what is printed depends on no order.
ANNOTATIONS = [
    "{{ $labels.job }} has {{ $value }}", "{{ $value | humanize }}{{ $externalLabels.zone }}",
    "{{ with query \"max(load)\" }}{{ . | first | value }}{{ end }}", "{{ $labels.nothing }}.",
    "{{ range query \"sum by (job) (load)\" | sortByLabel \"job\" }}{{ .Labels.job }}={{ .Value }} "
    "{{ end }}",
    "{{ printf \"%.2f\" $value }}", "{{ $value | humanizeDuration }}", "plain",
    "{{ if gt $value 1.0 }}much{{ else }}little{{ end }}", "{{ .Labels.job | toUpper }}",
]
VALUES = ["0x10", "0+1x20", "5-1x8", "1 2 3 _ _ 3 stale 1x9", "_x4 2x9", "0 0 3x4 0x3 3x6", "1x3",
          "10+2.5x12", "3 stale _x3 3x5", "2x20", "-1+0.5x14", "1e3x4 NaN 2x4", "0x4 Inf 1x3"]
RECORDS = [("job:load:sum", "sum by (job) (load)"), ("hits:rate", "rate(hits[3m])"),
           ("twice", "job:load:sum * 2"), ("const", "vector(4)")]

PROMTOOL_BLOCK = re.compile(
    r"(?:alertname: (\S+), time: (\S+?), |expr: \"(.*?)\", time: (\S+?),)\s*"
    r"\n\s*exp:.*?\n\s*got:(.*?)(?=\n\s+alertname:|\n\s+expr:|\Z)", re.S)
PROMTOOL_ALERT = re.compile(r"Labels:(\{.*?\})\n\s*Annotations:(\{.*?\}),?\n")
PROMTOOL_SAMPLE = re.compile(r"(\{.*?\}) ([^\s,]+)")
OURS = re.compile(r"^\s*\S+?:\d+:\d+: (?:alert (\S+)|expr (.*)) at (\S+)\n((?:    .*\n?)*)", re.M)
OUR_FINDING = re.compile(r"^    got       (\{.*)$", re.M)


def scenario(rng):
    """A rule file and a test file."""
    rules = []
    for name, expr in rng.sample(RECORDS, rng.randrange(len(RECORDS) + 1)):
        labels = "        labels: {kind: rec}\n" if rng.random() < 0.3 else ""
        rules.append(f"      - record: {name}\n        expr: {expr}\n{labels}")
    names = []
    for index in range(rng.randrange(2, 6)):
        names.append(f"Alert{index}")
        rules.append(f"      - alert: Alert{index}\n        expr: '{rng.choice(EXPRESSIONS)}'\n")
        if rng.random() < 0.6:
            rules[-1] += f"        for: {rng.choice(['30s', '1m', '2m', '5m'])}\n"
        if rng.random() < 0.4:
            rules[-1] += f"        keep_firing_for: {rng.choice(['1m', '3m', '90s'])}\n"
        if rng.random() < 0.7:
            label = rng.choice(["page", "'{{ $labels.job }}x'", "'{{ $value }}'", "''"])
            rules[-1] += f"        labels: {{severity: {label}}}\n"
        rules[-1] += f"        annotations: {{text: '{rng.choice(ANNOTATIONS)}'}}\n"
    rule_text = "groups:\n  - name: g\n    rules:\n" + "".join(rules)
    interval = rng.choice(["30s", "1m", "2m"])
    series = []
    for name in ["load", "hits", "up", "off"]:
        for job in rng.sample(["a", "b"], rng.randrange(1, 3)):
            for instance in rng.sample(["1", "2"], rng.randrange(1, 3)):
                text = f'{name}{{job="{job}",instance="{instance}"}}'
                series.append(f"      - {{series: '{text}', values: '{rng.choice(VALUES)}'}}\n")
    times = sorted(rng.sample(range(0, 20), 6))
    alerts = "".join(
        f"      - {{eval_time: {minute}m{rng.choice(['', '30s'])}, alertname: {name}}}\n"
        for name in names for minute in times)
    exprs = "".join(f"      - {{expr: '{expr}', eval_time: {minute}m}}\n"
                    for expr in rng.sample(EXPRESSIONS, 4) for minute in times[:3])
    step = rng.choice(["30s", "1m", "90s"])
    test_text = (f"rule_files: [rules.yml]\nevaluation_interval: {step}\n"
                 f"tests:\n  - interval: {interval}\n    external_labels: {{zone: eu}}\n"
                 f"    external_url: 'http://prom.example/x'\n    input_series:\n{''.join(series)}"
                 f"    alert_rule_test:\n{alerts}    promql_expr_test:\n{exprs}")
    return rule_text, test_text


def run(program, *words, cwd):
    done = subprocess.run([program, *words], cwd=cwd, capture_output=True, text=True,
                          timeout=SECONDS, check=False)
    return done.returncode, done.stdout + done.stderr


def seconds(text):
    """1m30s and 90s are the same."""
    units = {"h": 3600, "m": 60, "s": 1}
    return sum(int(number) * units[unit] for number, unit in re.findall(r"(\d+)([hms])", text))


def number(text):
    """A value, for comparison: promtool prints 1.5E+00, we print 1.5."""
    return repr(float(text.replace("Inf", "inf").replace("NaN", "nan")))


def found_by_promtool(output):
    found = set()
    for name, at, expr, expr_at, got in PROMTOOL_BLOCK.findall(output):
        if name:
            for labels, annotations in PROMTOOL_ALERT.findall(got + "\n"):
                found.add((name, seconds(at), labels, annotations))
        else:
            for labels, value in PROMTOOL_SAMPLE.findall(got):
                found.add((expr.replace('\\"', '"'), seconds(expr_at), labels, number(value)))
    return found


def found_by_us(output):
    found = set()
    for name, expr, at, lines in OURS.findall(output):
        for got in OUR_FINDING.findall(lines):
            if name:
                labels, _, annotations = got.partition("} {")
                found.add((name, seconds(at), labels + "}", "{" + annotations))
            else:
                labels, value = got.rsplit(" ", 1)
                found.add((expr, seconds(at), labels, number(value)))
    return found


def check_scenarios(report, programs):
    rng = random.Random(SEED)
    both = 0
    for index in range(SCENARIOS):
        place = programs.work / f"ruletests/{index}"
        place.mkdir(parents=True)
        rules, tests = scenario(rng)
        (place / "rules.yml").write_text(rules)
        (place / "test.yml").write_text(tests)
        code, output = run(programs.promtool, "test", "rules", "test.yml", cwd=place)
        wanted = found_by_promtool(output)
        # A Prometheus that does not come up is no difference: it gets a second chance.
        for _ in range(2):
            our_code, ours = run(programs.wfctl, "test", f"--prometheus={programs.prometheus}",
                                 "test.yml", cwd=place)
            got = found_by_us(ours)
            if got == wanted:
                break
            print(f"       | scenario {index}, wfctl ended with {our_code}: {ours[-300:]}")
        both += len(wanted)
        lines = [f"promtool alone: {one}" for one in sorted(wanted - got, key=str)]
        lines += [f"wfctl alone:    {one}" for one in sorted(got - wanted, key=str)]
        report.check(f"scenario {index}: {len(wanted)} findings, the same",
                     not lines and bool(code) == bool(our_code), "\n".join(lines[:12]))
    report.check(f"{both} findings are enough to mean something", both > 300)


def check_shipped(report, programs):
    """The tests of the shipped rules pass here as they pass there."""
    files = sorted((ROOT / "rules/tests").glob("*.yml"))
    code, output = run(programs.wfctl, "test", f"--prometheus={programs.prometheus}", *files,
                       cwd=ROOT)
    report.check(f"the {len(files)} test files of the shipped rules pass", code == 0, output)
    spoilt = programs.work / "ruletests/spoilt.yml"
    text = files[0].read_text().replace("../victor-ai", str(ROOT / "rules/victor-ai"))
    spoilt.write_text(text.replace("alertname: SlowStartup", "alertname: SlowStartUp", 1))
    for name, words in [("promtool", (programs.promtool, "test", "rules")),
                        ("wfctl", (programs.wfctl, "test", f"--prometheus={programs.prometheus}"))]:
        code, output = run(*words, spoilt, cwd=ROOT)
        report.check(f"{name} sees that one is spoilt", code == 1, output)


def main(report, programs):
    shutil.rmtree(programs.work / "ruletests", ignore_errors=True)
    check_scenarios(report, programs)
    check_shipped(report, programs)
