# Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
"""Alertmanager's own acceptance tests, as Debian ships them, against our binary.

The compiled suites come from build_suite.sh. Every test that exists upstream is either in EXPECTED,
and then must run and pass, or in EXCLUDED with its reason; one that is in neither fails the run.
"""

import re

import harness

API = "with_api_v2/acceptance"
CLI = "cli/acceptance"
OLD_API = "with_api_v1/acceptance"

EXPECTED = {
    API: {
        "TestAlertGetReturnsCurrentAlertStatus", "TestAlwaysInhibiting", "TestBatching",
        "TestFilterAlertRequest", "TestInhibiting", "TestMergeAlerts", "TestMergeAlertsWithEndsAt",
        "TestReload", "TestRepeat", "TestResolved", "TestResolvedFilter", "TestRetry",
        "TestSilenceDelete", "TestSilencing", "TestWebWithPrefix",
    },
    CLI: {"TestAddAlert", "TestAmtoolVersion", "TestQueryAlert", "TestQuerySilence"},
}

GOSSIP = "needs gossip between three processes; to be replaced by a test with two replicas"
OLD = "drives API v1, which Alertmanager 0.27 removed; ours answers 410 as it does"
CLIENT = "tests the suite's own client for API v1, no server"
EXCLUDED = {
    (API, "TestClusterDeduplication"): GOSSIP,
    (API, "TestClusterVSInstance"): GOSSIP,
    ("with_api_v1", "TestAPI"): CLIENT,
    ("with_api_v1", "TestAPIClientDo"): CLIENT,
    **{(OLD_API, name): OLD for name in (
        "TestAlwaysInhibiting", "TestBatching", "TestInhibiting", "TestMergeAlerts", "TestReload",
        "TestRepeat", "TestResolved", "TestResolvedFilter", "TestRetry", "TestSilenceDelete",
        "TestSilencing", "TestWebWithPrefix",
    )},
}

# The tests sleep through most of their time, so several share a core; more would make each other
# late, and they measure to a tenth of a second.
PARALLEL = 5
SUITE_SECONDS = 300
RESULT = re.compile(r"^--- (PASS|FAIL|SKIP): (\w+) \(([\d.]+)s\)$", re.M)


def take_stock(report, directory):
    """Whether every test that exists is accounted for."""
    found = {tuple(line.split()) for line in (directory / "tests").read_text().splitlines()}
    expected = {(suite, name) for suite, names in EXPECTED.items() for name in names}
    unknown = sorted(found - expected - set(EXCLUDED))
    report.check(f"each of {len(found)} upstream tests is expected or excluded", not unknown,
                 "\n".join(" ".join(entry) for entry in unknown))
    gone = sorted((expected | set(EXCLUDED)) - found)
    report.check("none that is named here is gone", not gone,
                 "\n".join(" ".join(entry) for entry in gone))
    readme = (harness.HERE / "README.md").read_text()
    silent = sorted({name for _, name in EXCLUDED if name not in readme})
    report.check("README.md names each that is excluded", not silent, "\n".join(silent))
    for (suite, name), reason in sorted(EXCLUDED.items()):
        print(f"  not run: {suite} {name}: {reason}")


def run(programs, suite, names, attempt, parallel):
    """{test: (result, seconds)} of one run of a suite's program."""
    name = f"{suite.split('/', maxsplit=1)[0]}-{attempt}"
    home = programs.work / name
    (home / "bin").mkdir(parents=True)
    (home / "bin/prometheus-alertmanager").symlink_to(programs.watchfire)
    (home / "bin/amtool").symlink_to(programs.amtool)
    # Debian's amtool is older than the API it meets here. It says so above what it was asked for,
    # and the suite reads that as a table's header.
    defaults = home / ".config/prometheus/amtool.yml"
    defaults.parent.mkdir(parents=True)
    defaults.write_text("version-check: false\n")
    wanted = f"^({'|'.join(sorted(names))})$"
    program = harness.Program(
        name, [programs.suites / f"{suite.split('/', maxsplit=1)[0]}.test", "-test.v",
               f"-test.run={wanted}", f"-test.parallel={parallel}",
               f"-test.timeout={SUITE_SECONDS}s"],
        programs.work, {"GOPATH": str(home), "TMPDIR": str(home), "HOME": str(home), "TZ": "UTC"})
    try:
        program.wait(SUITE_SECONDS + harness.STOP_SECONDS)
        # The suite sends SIGTERM to its servers and does not wait for them.
        harness.wait_for("the servers of the suite end",
                         lambda: not harness.lives(program.process.pid))
    finally:
        program.stop()
    return {test: (result, float(seconds)) for result, test, seconds
            in RESULT.findall(program.text())}


def run_suite(report, programs, suite):
    names = EXPECTED[suite]
    results = run(programs, suite, names, 1, PARALLEL)
    late = {name for name in names if results.get(name, ("",))[0] == "FAIL"}
    if late:
        # These tests expect messages within tenths of a second, which a busy machine may miss. What
        # is really wrong fails again with the machine to itself.
        print(f"  once more, one at a time: {', '.join(sorted(late))}")
        results.update(run(programs, suite, late, 2, 1))
    for name in sorted(names):
        result, seconds = results.get(name, ("did not run", 0.0))
        again = ", at the second attempt" if name in late else ""
        report.check(f"{suite} {name} ({seconds:.1f} s{again})", result == "PASS",
                     f"{result}; see the logs in {programs.work}")


def main(report, programs):
    harness.require(programs.suites / "tests", programs.watchfire, programs.amtool)
    take_stock(report, programs.suites)
    for suite in EXPECTED:
        run_suite(report, programs, suite)
