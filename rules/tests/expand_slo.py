# Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
#
# Writes the alerts of Sloth prometheus/v1 files as plain Prometheus rules, so that promtool can
# test them:  expand_slo.py OUTPUT_DIR SLO_FILE...
#
# Each alert fires if both windows of one pair burn faster than the pair's factor. Factors and
# windows are the SRE workbook's for a period of 30 days (chapter "Alerting on SLOs", table 5-8),
# with the 1d/2h pair that Sloth adds.

import pathlib
import sys

import yaml

PAIRS = {
    "page": [(14.4, "5m", "1h"), (6, "30m", "6h")],
    "ticket": [(3, "2h", "1d"), (1, "6h", "3d")],
}


def burns(slo, factor, window):
    """PromQL: the error ratio over `window` is above `factor` times the budget."""
    events = slo["sli"]["events"]
    error = events["error_query"].replace("{{.window}}", window)
    total = events["total_query"].replace("{{.window}}", window)
    budget = (100.0 - slo["objective"]) / 100.0
    return f"(({error}) / ({total}) > {factor} * {budget!r})"


def alert(slo, kind, labels):
    alerting = slo["alerting"]
    own = alerting.get(f"{kind}_alert", {})
    pairs = [f"({burns(slo, k, s)} and {burns(slo, k, l)})" for k, s, l in PAIRS[kind]]
    return {
        "alert": alerting["name"],
        "expr": " or ".join(pairs),
        "labels": {**labels, **alerting.get("labels", {}), **own.get("labels", {}),
                   "sloth_severity": kind},
        "annotations": {**alerting.get("annotations", {}), **own.get("annotations", {})},
    }


def main(output, files):
    for path in map(pathlib.Path, files):
        spec = yaml.safe_load(path.read_text())
        labels = spec.get("labels", {})
        rules = [alert(slo, kind, labels) for slo in spec["slos"] for kind in PAIRS]
        groups = {"groups": [{"name": f"slo-{spec['service']}", "rules": rules}]}
        pathlib.Path(output, path.name).write_text(yaml.safe_dump(groups))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
