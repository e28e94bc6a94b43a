# Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
"""Counters as services expose them, made up, and what truly happened.

`shop` has two pods with traffic, restarts, a gap in its scrapes, and an outage that goes on. `rare`
has one request in 50 seconds, and its error series is born anew after each restart. `probe` is a
gauge of 0 and 1 with samples right at the edges of minutes. History ends when it is made; what
follows is scraped live, and written to every backend alike.
"""

import bisect
import random
import struct
import threading
import urllib.error
import urllib.request

DAYS = 30
SCRAPE = 30
GAP_BEGINS, GAP_SECONDS = 9 * 86400, 7200  # Before now; nothing is scraped then.
OUTAGE = 20 * 60  # Began so long ago.
RARE_RESTART = 6 * 3600


class Traffic:
    """Samples of all series, and the events behind them, by the scrape that saw them first."""

    def __init__(self, now):
        self.rng = random.Random(11)
        self.now = now
        self.at = now - DAYS * 86400 - 7200
        self.at -= self.at % SCRAPE
        self.counts = {}  # Labels -> value of a counter; a series that is not there has none.
        self.times = {"shop": [], "rare": [], "probe": []}
        # (bad, total) up to each of the times.
        self.sums = {job: [(0, 0)] for job in self.times}

    def scrapes(self, until):
        """Yields (labels, milliseconds, value) of what was scraped by `until`, once."""
        while self.at <= until:
            for pod in range(2):
                yield from self._shop(str(pod), self.at + 3 * pod)
            yield from self._rare(self.at + 7)
            yield from self._probe(self.at)
            self.at += SCRAPE

    def truth(self, job, window, at):
        """(bad, total) of the scrapes in (at - window, at]."""
        def up_to(when):
            return self.sums[job][bisect.bisect_right(self.times[job], when)]
        (bad0, total0), (bad, total) = up_to(at - window), up_to(at)
        return bad - bad0, total - total0

    def _note(self, job, at, bad, total):
        self.times[job].append(at)
        old_bad, old_total = self.sums[job][-1]
        self.sums[job].append((old_bad + bad, old_total + total))

    def _count(self, name, job, pod, code, more):
        labels = (("__name__", name), ("code", code), ("instance", pod), ("job", job))
        self.counts[labels] = self.counts.get(labels, 0) + more

    def _samples(self, job, pod, at):
        up = (("__name__", "up"), ("instance", pod), ("job", job))
        yield up, at * 1000, 1
        for labels, value in self.counts.items():
            if ("job", job) in labels and ("instance", pod) in labels:
                yield labels, at * 1000, value

    def _restart(self, job, pod):
        for labels in [each for each in self.counts
                       if ("job", job) in each and ("instance", pod) in each]:
            del self.counts[labels]

    def _shop(self, pod, at):
        rng = self.rng
        if rng.random() < 1 / 20000:
            self._restart("shop", pod)
        share = 0.0004
        if at > self.now - OUTAGE:
            share = 0.2
        elif at % 500_000 < 1500:
            share = 0.05
        calls = 40 + int(20 * ((at // 3600) % 24) / 24)
        bad = sum(rng.random() < share for _ in range(calls)) if share > 0.01 else \
            int(rng.random() < share * calls)
        self._count("shop_requests_total", "shop", pod, "200", calls - bad)
        self._count("shop_requests_total", "shop", pod, "500", bad)
        self._note("shop", at, bad, calls)
        age = self.now - at
        if not GAP_BEGINS - GAP_SECONDS < age < GAP_BEGINS:
            yield from self._samples("shop", pod, at)

    def _rare(self, at):
        rng = self.rng
        if at % RARE_RESTART < SCRAPE:
            self._restart("rare", "0")
        calls = int(rng.random() < SCRAPE / 50)
        bad = int(calls and rng.random() < 0.02)
        self._count("rare_requests_total", "rare", "0", "200", calls - bad)
        if bad:  # The first one makes the series.
            self._count("rare_requests_total", "rare", "0", "503", 1)
        self._note("rare", at, bad, calls)
        yield from self._samples("rare", "0", at)

    def _probe(self, at):
        bad = int(self.rng.random() < 0.02)
        self._note("probe", at, bad, 1)
        labels = (("__name__", "probe_success"), ("instance", "0"), ("job", "probe"))
        yield labels, at * 1000, 1 - bad


def by_series(samples):
    """{labels: [(milliseconds, value)]}."""
    out = {}
    for labels, at, value in samples:
        out.setdefault(labels, []).append((at, value))
    return out


def write_openmetrics(path, series):
    with path.open("w") as file:
        seen = None
        for labels in sorted(series):
            name = labels[0][1]
            if name != seen:
                kind = "counter" if name.endswith("_total") else "gauge"
                file.write(f"# TYPE {name.removesuffix('_total')} {kind}\n")
                seen = name
            text = ",".join(f'{key}="{value}"' for key, value in labels[1:])
            file.writelines(f"{name}{{{text}}} {value} {at // 1000}\n"
                            for at, value in series[labels])
        file.write("# EOF\n")


def _varint(number):
    out = bytearray()
    while number > 127:
        out.append(number & 127 | 128)
        number >>= 7
    out.append(number)
    return bytes(out)


def _field(number, body):
    return bytes([number << 3 | 2]) + _varint(len(body)) + body


def remote_write_body(series):
    """A WriteRequest in snappy's format, uncompressed: one literal."""
    body = bytearray()
    for labels, points in series.items():
        one = bytearray()
        for key, value in labels:
            one += _field(1, _field(1, key.encode()) + _field(2, value.encode()))
        for at, value in points:
            one += _field(2, b"\x09" + struct.pack("<d", value) + b"\x10" + _varint(at))
        body += _field(1, bytes(one))
    return _varint(len(body)) + b"\xfc" + struct.pack("<I", len(body) - 1) + bytes(body)


def remote_write(url, series, headers=None):
    """An error text, or ""."""
    request = urllib.request.Request(url, remote_write_body(series), {
        "Content-Type": "application/x-protobuf", "Content-Encoding": "snappy",
        "X-Prometheus-Remote-Write-Version": "0.1.0", **(headers or {})})
    try:
        with urllib.request.urlopen(request, timeout=60):
            return ""
    except urllib.error.HTTPError as error:
        return f"{url}: {error} {error.read()[:300]!r}"
    except OSError as error:
        return f"{url}: {error}"


class Feed:
    """Scrapes on, and writes what it got to every backend, as long as it is not stopped."""

    def __init__(self, traffic, backends, clock):
        self.errors = []
        self.stopped = threading.Event()
        self.lock = threading.Lock()
        self.thread = threading.Thread(target=self._run, args=(traffic, backends, clock),
                                       daemon=True)
        self.thread.start()

    def _run(self, traffic, backends, clock):
        while not self.stopped.wait(2):
            with self.lock:
                series = by_series(traffic.scrapes(clock() - 10))  # The last one is 7 s behind.
            for backend in backends if series else []:
                error = remote_write(backend.write_url, series, backend.headers)
                if error:
                    self.errors.append(error)

    def stop(self):
        self.stopped.set()
        self.thread.join(60)
