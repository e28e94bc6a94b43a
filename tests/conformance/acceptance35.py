# Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
"""The acceptance tests of Alertmanager 0.35 against our binary, with the amtool of that release.

They are built of its module by build_suite.sh, which needs Go 1.26. acceptance.py runs them as it
does Debian's.
"""

import acceptance
from acceptance import API, CLI, GOSSIP

INSIDE = "starts Alertmanager's own code in the test's process; no other server can be put there"

RELEASE = acceptance.Release(
    "0.35", "acceptance35", "alertmanager", "amtool", ".config/amtool/config.yml", "a/b/c",
    expected={
        API: {
            "TestAddAlerts", "TestAddSilence", "TestAddUTF8Alerts", "TestAddUTF8Silences",
            "TestAlertGetReturnsCurrentAlertStatus", "TestAlwaysInhibiting", "TestBatching",
            "TestCannotAddUTF8AlertsInClassicMode", "TestCannotAddUTF8SilencesInClassicMode",
            "TestColdStart", "TestEmptyInhibitionRule", "TestFilterAlertRequest", "TestInhibiting",
            "TestMergeAlerts", "TestMergeAlertsWithEndsAt", "TestReload", "TestRepeat",
            "TestResolved", "TestResolvedFilter", "TestRetry", "TestSendAlertsToUTF8Route",
            "TestSilenceDelete", "TestSilencedAlertSendsNoResolvedNotification", "TestSilencing",
            "TestWebWithPrefix", "TestWebhookTimeout",
        },
        CLI: {
            "TestAddAlert", "TestAmtoolVersion", "TestQueryAlert", "TestQuerySilence",
            "TestRoutesShow", "TestRoutesTest", "TestSilenceImport",
            "TestSilenceImportInvalidJSON", "TestSilenceImportInvalidSilence",
            "TestSilenceImportPartialFailure",
        },
    },
    excluded={
        (API, "TestClusterDeduplication"): GOSSIP,
        (API, "TestClusterVSInstance"): GOSSIP,
        **{("e2e", name): INSIDE for name in ("TestAPIRouting", "TestCORS", "TestStatusService")},
    },
)


def is_built(tools):
    """Whether it can be run: not everybody has the Go that builds it."""
    return (tools / RELEASE.name / "tests").exists()


def main(report, programs):
    acceptance.run_release(report, programs, RELEASE, programs.tools / RELEASE.name / "amtool")
