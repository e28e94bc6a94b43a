# Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
"""Alertmanager's own acceptance tests, as Debian ships them (0.25), against our binary.

The compiled suites come from build_suite.sh. Every test that exists upstream is either expected,
and then must run and pass, or excluded with its reason; one that is neither fails the run. How that
is done is here for every release; acceptance35.py has the newest one's tests.
"""

import dataclasses
import re

import harness

API = "with_api_v2/acceptance"
CLI = "cli/acceptance"
OLD_API = "with_api_v1/acceptance"
GOSSIP = "needs gossip between three processes; to be replaced by a test with two replicas"
OLD = "drives API v1, which Alertmanager 0.27 removed; ours answers 410 as it does"
CLIENT = "tests the suite's own client for API v1, no server"


@dataclasses.dataclass(frozen=True)
class Release:
    """A release's tests, and what they find where; paths are relative to the home of a run."""

    version: str
    name: str  # Of the directory below build/tools with its programs.
    server: str
    amtool: str
    defaults: str  # What amtool reads its flags' defaults from.
    start: str  # Where its programs are started; they look for the others from there.
    expected: dict  # {suite: {test, …}}
    excluded: dict  # {(suite, test): reason}


RELEASE = Release(
    "0.25", "acceptance", "bin/prometheus-alertmanager", "bin/amtool",
    ".config/prometheus/amtool.yml", ".",
    expected={
        API: {
            "TestAlertGetReturnsCurrentAlertStatus", "TestAlwaysInhibiting", "TestBatching",
            "TestFilterAlertRequest", "TestInhibiting", "TestMergeAlerts",
            "TestMergeAlertsWithEndsAt", "TestReload", "TestRepeat", "TestResolved",
            "TestResolvedFilter", "TestRetry", "TestSilenceDelete", "TestSilencing",
            "TestWebWithPrefix",
        },
        CLI: {"TestAddAlert", "TestAmtoolVersion", "TestQueryAlert", "TestQuerySilence"},
    },
    excluded={
        (API, "TestClusterDeduplication"): GOSSIP,
        (API, "TestClusterVSInstance"): GOSSIP,
        ("with_api_v1", "TestAPI"): CLIENT,
        ("with_api_v1", "TestAPIClientDo"): CLIENT,
        **{(OLD_API, name): OLD for name in (
            "TestAlwaysInhibiting", "TestBatching", "TestInhibiting", "TestMergeAlerts",
            "TestReload", "TestRepeat", "TestResolved", "TestResolvedFilter", "TestRetry",
            "TestSilenceDelete", "TestSilencing", "TestWebWithPrefix",
        )},
    },
)

# The tests sleep through most of their time, so several share a core; more would make each other
# late, and they measure to a tenth of a second.
PARALLEL = 5
SUITE_SECONDS = 300
RESULT = re.compile(r"^--- (PASS|FAIL|SKIP): (\w+) \(([\d.]+)s\)$", re.M)


def take_stock(report, release, directory):
    """Whether every test that exists is accounted for."""
    found = {tuple(line.split()) for line in (directory / "tests").read_text().splitlines()}
    expected = {(suite, name) for suite, names in release.expected.items() for name in names}
    unknown = sorted(found - expected - set(release.excluded))
    report.check(f"each of {len(found)} tests of {release.version} is expected or excluded",
                 not unknown, "\n".join(" ".join(entry) for entry in unknown))
    gone = sorted((expected | set(release.excluded)) - found)
    report.check("none that is named here is gone", not gone,
                 "\n".join(" ".join(entry) for entry in gone))
    readme = (harness.HERE / "README.md").read_text()
    silent = sorted({name for _, name in release.excluded if name not in readme})
    report.check("README.md names each that is excluded", not silent, "\n".join(silent))
    for (suite, name), reason in sorted(release.excluded.items()):
        print(f"  not run: {suite} {name}: {reason}")


@dataclasses.dataclass(frozen=True)
class Runner:
    """Runs the suites of one release against one server."""

    release: Release
    programs: object  # As conformance.py has them.
    directory: object  # Of the release's programs.
    amtool: object

    def run(self, suite, names, attempt, parallel):
        """{test: (result, seconds)} of one run of a suite's program."""
        short = suite.split("/", maxsplit=1)[0]
        name = f"{self.release.name}-{short}-{attempt}"
        home = self.programs.work / name
        start = home / self.release.start
        start.mkdir(parents=True)
        for path, target in ((self.release.server, self.programs.watchfire),
                             (self.release.amtool, self.amtool)):
            (home / path).parent.mkdir(exist_ok=True)
            (home / path).symlink_to(target)
        # An amtool that is older than the API it meets here says so above what it was asked for,
        # and the suite reads that as a table's header.
        defaults = home / self.release.defaults
        defaults.parent.mkdir(parents=True)
        defaults.write_text("version-check: false\n")
        wanted = f"^({'|'.join(sorted(names))})$"
        program = harness.Program(
            name, [self.directory / f"{short}.test", "-test.v", f"-test.run={wanted}",
                   f"-test.parallel={parallel}", f"-test.timeout={SUITE_SECONDS}s"],
            self.programs.work,
            {"GOPATH": str(home), "TMPDIR": str(home), "HOME": str(home),
             "XDG_CONFIG_HOME": str(home / ".config"), "TZ": "UTC"},
            start)
        try:
            program.wait(SUITE_SECONDS + harness.STOP_SECONDS)
            # The suite sends SIGTERM to its servers and does not wait for them.
            harness.wait_for("the servers of the suite end",
                             lambda: not harness.lives(program.process.pid))
        finally:
            program.stop()
        return {test: (result, float(seconds)) for result, test, seconds
                in RESULT.findall(program.text())}

    def check(self, report, suite):
        names = self.release.expected[suite]
        results = self.run(suite, names, 1, PARALLEL)
        late = {name for name in names if results.get(name, ("",))[0] == "FAIL"}
        if late:
            # These tests expect messages within tenths of a second, which a busy machine may miss.
            # What is really wrong fails again with the machine to itself.
            print(f"  once more, one at a time: {', '.join(sorted(late))}")
            results.update(self.run(suite, late, 2, 1))
        for name in sorted(names):
            result, seconds = results.get(name, ("did not run", 0.0))
            again = ", at the second attempt" if name in late else ""
            report.check(f"{self.release.version} {suite} {name} ({seconds:.1f} s{again})",
                         result == "PASS", f"{result}; see the logs in {self.programs.work}")


def run_release(report, programs, release, amtool):
    """Every expected test of it, with that amtool."""
    directory = programs.tools / release.name
    harness.require(directory / "tests", programs.watchfire, amtool)
    take_stock(report, release, directory)
    runner = Runner(release, programs, directory, amtool)
    for suite in release.expected:
        runner.check(report, suite)


def main(report, programs):
    run_release(report, programs, RELEASE, programs.amtool)
