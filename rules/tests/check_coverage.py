# Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
#
# Checks what promtool does not:  check_coverage.py RULES_DIR EXPANDED_SLO_DIR
#
# Every alert carries what routing and responders rely on, is tested firing and silent, and has its
# row in the README; every recording rule is tested. Prints all findings, exits 1 if there are any.

import pathlib
import re
import sys

import yaml

LABELS = ("severity", "team", "service")
ANNOTATIONS = ("summary", "description", "runbook_url", "dashboard_url")
SEVERITIES = ("critical", "warning", "info", "none")  # none: tells nobody, only mutes others.
# `./dev run` shortens exactly these durations of the Victor AI rules, so they may use no other.
DURATIONS = ("2m", "5m", "10m")


def load(paths):
    return [(path, yaml.safe_load(path.read_text())) for path in sorted(paths)]


def rules_in(paths):
    for path, content in load(paths):
        for group in content["groups"]:
            for rule in group["rules"]:
                yield path, rule


def tested(paths):
    """Names of the alerts tested firing, of those tested silent, and all tested expressions."""
    firing, silent, expressions = set(), set(), []
    for _, content in load(paths):
        for test in content["tests"]:
            for case in test.get("alert_rule_test", []):
                (firing if case.get("exp_alerts") else silent).add(case["alertname"])
            expressions += [case["expr"] for case in test.get("promql_expr_test", [])]
    return firing, silent, expressions


def shape_findings(rule):
    """What is missing or odd in one alerting rule itself."""
    labels, annotations = rule.get("labels", {}), rule.get("annotations", {})
    yield from (f"has no label {name}" for name in LABELS if not labels.get(name))
    yield from (f"has no annotation {name}" for name in ANNOTATIONS if not annotations.get(name))
    if labels.get("severity") not in SEVERITIES:
        yield f"has severity {labels.get('severity')}, not one of {', '.join(SEVERITIES)}"
    for text in annotations.values():
        for action in re.findall(r"{{.*?}}", text):
            if not re.fullmatch(r"{{ \$(labels\.\w+|value) }}", action):
                yield f"uses template {action}; only $labels.NAME and $value are portable"


def duration_findings(rule):
    used = re.findall(r"\[(\w+)\]", rule["expr"]) + [rule.get("for", DURATIONS[0])]
    return [f"uses duration {d}, not one of {', '.join(DURATIONS)}" for d in used
            if d not in DURATIONS]


def main(rules_dir, slo_dir):
    root = pathlib.Path(rules_dir).resolve()
    victor = list(rules_in(root.glob("victor-ai/*.yml")))
    slo = list(rules_in(pathlib.Path(slo_dir).glob("*.yml")))
    others = [rule for folder in ("application", "kubernetes", "watchfire")
              for rule in rules_in(root.glob(f"{folder}/*.yml"))]
    everything = victor + slo + others
    alerts = [(path, rule) for path, rule in everything if "alert" in rule]
    firing, silent, expressions = tested(root.glob("tests/**/*.yml"))
    readme = (root / "README.md").read_text().splitlines()

    findings = []
    for path, rule in alerts:
        name = rule["alert"]
        problems = list(shape_findings(rule))
        if name not in firing:
            problems.append("has no firing test")
        if name not in silent:
            problems.append("has no silent test")
        cells = [name, str(rule.get("labels", {}).get("severity")), rule.get("for", "–")]
        rows = [[cell.strip() for cell in line.strip("| ").split("|")] for line in readme]
        if not any(row[:2] == cells[:2] and row[-1] == cells[2] for row in rows):
            problems.append(f"has no row '| {name} | {cells[1]} | … | {cells[2]} |' in README.md")
        findings += [f"{path.name}: {name} {problem}" for problem in problems]
    for path, rule in victor:
        findings += [f"{path.name}: {rule['alert']} {text}" for text in duration_findings(rule)]
    for path, rule in everything:
        if "record" in rule and not any(rule["record"] in expr for expr in expressions):
            findings.append(f"{path.name}: {rule['record']} has no test")

    for finding in findings:
        print(finding, file=sys.stderr)
    print(f"{len(alerts)} alerts, {len(everything) - len(alerts)} recording rules, "
          f"{len(findings)} findings")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2]))
