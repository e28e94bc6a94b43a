#!/usr/bin/env python3
# Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
"""What slo_scenarios.py measures with: a Prometheus on samples of the past and of the time that
the bench may take, one that is made up, one that listens in, and what a process costs.
"""

import gzip
import http.client
import json
import os
import pathlib
import struct
import sys
import threading
import time
import urllib.error
import urllib.parse
import urllib.request

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "conformance"))
import harness  # noqa: E402

FORM = {"Content-Type": "application/x-www-form-urlencoded"}


def ticks_of(stat):
    """Seconds of user and system time in a stat file of /proc."""
    # The name in the second field may hold blanks; the fields counted here come after it.
    fields = pathlib.Path(stat).read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def cpu(server):
    return ticks_of(f"/proc/{server.process.pid}/stat")


def cpu_of_threads(server):
    """{thread name: seconds}."""
    seconds = {}
    for task in pathlib.Path(f"/proc/{server.process.pid}/task").iterdir():
        name = (task / "comm").read_text().strip()
        seconds[name] = seconds.get(name, 0) + ticks_of(task / "stat")
    return seconds


def rss(server):
    """Bytes resident."""
    text = pathlib.Path(f"/proc/{server.process.pid}/status").read_text()
    return int(text.partition("VmRSS:")[2].split()[0]) * 1024


HEAD_SECONDS = 2 * 3600  # The last hours are in a Prometheus' memory, what is older in blocks.


def start_prometheus(options, work, name, series, rules=None):
    """A Prometheus that has `series`, [(name, {label: value}, [(second, value)])], names in order.

    With `rules` loaded, if there are any. What is recent is written to it, as by scrapes.
    """
    home = work / name
    home.mkdir()
    samples = home / "samples.txt"
    recent = time.time() - HEAD_SECONDS
    family = None
    with samples.open("w") as file:
        for metric, labels, points in series:
            if metric != family:
                family = metric
                file.write(f"# TYPE {metric} unknown\n")
            pairs = ",".join(f'{key}="{value}"' for key, value in labels.items())
            file.writelines(f"{metric}{{{pairs}}} {value} {at}\n" for at, value in points
                            if at < recent)
        file.write("# EOF\n")
    harness.create_blocks(options.promtool, home, samples)
    server = serve(options, work, name, rules)
    try:
        # The last samples by themselves: with them Prometheus forgets which write brought the
        # others, as it does all the time where samples come in.
        for part in (slice(-1), slice(-1, None)):
            newest = [(metric, labels, [one for one in points if one[0] >= recent][part])
                      for metric, labels, points in series]
            # In the order of time: an hour before what it has, Prometheus takes nothing any more.
            end = max(points[-1][0] for _, _, points in newest)
            for begin in range(int(recent), int(end) + 1, 1800):
                write(server, [(metric, labels,
                                [one for one in points if begin <= one[0] < begin + 1800])
                               for metric, labels, points in newest])
    except Exception:
        server.stop()
        raise
    return server


def varint(number):
    out = bytearray()
    while number > 127:
        out.append(number & 127 | 128)
        number >>= 7
    return bytes(out) + bytes([number])


def message(number, data):
    """A field of a protocol buffer that holds bytes."""
    return varint(number << 3 | 2) + varint(len(data)) + data


def write(server, series):
    """By remote write."""
    for begin in range(0, len(series), 50):
        data = b""
        for metric, labels, points in series[begin:begin + 50]:
            pairs = sorted({"__name__": metric, **labels}.items())
            one = b"".join(message(1, message(1, key.encode()) + message(2, value.encode()))
                           for key, value in pairs)
            one += b"".join(message(2, b"\x09" + struct.pack("<d", value) + b"\x10" +
                                    varint(round(at * 1000))) for at, value in points)
            data += message(1, one)
        # Snappy, of literals alone.
        packed = varint(len(data)) + b"".join(
            b"\xf4" + struct.pack("<H", len(data[at:at + 65536]) - 1) + data[at:at + 65536]
            for at in range(0, len(data), 65536))
        request = urllib.request.Request(
            server.url + "/api/v1/write", packed,
            {"Content-Type": "application/x-protobuf", "Content-Encoding": "snappy",
             "X-Prometheus-Remote-Write-Version": "0.1.0"})
        try:
            urllib.request.urlopen(request, timeout=60).close()
        except urllib.error.HTTPError as error:
            raise harness.Failure(f"remote write: {error} {error.read()[:300]}") from None


def serve(options, work, name, rules=None):
    """The Prometheus of start_prometheus(), once more, with other rules."""
    home = work / name
    config = "global: {scrape_interval: 1m, evaluation_interval: 1m}\n"
    if rules is not None:
        (home / "rules.yml").write_text(rules)
        config += "rule_files: [rules.yml]\n"
    (home / "prometheus.yml").write_text(config)
    return harness.start_prometheus(options.prometheus, name, work,
                                    "--web.enable-remote-write-receiver")


def get(server, path, kind=str):
    """What is at `path`, however long it takes: /metrics of thousands of groups does."""
    with urllib.request.urlopen(server.url + path, timeout=900) as response:
        data = response.read()
    return data if kind is bytes else data.decode()


def instant(server, query, at):
    """Samples that Prometheus reads for an instant query."""
    data = harness.ask(server.url + "/api/v1/query", query=query, time=at, stats="all")["data"]
    return data["stats"]["samples"]["totalQueryableSamples"]


class Answerer(harness.Loopback):
    """An HTTP server for queries, on connections that stay open. answer(path, body) -> bytes."""

    def __init__(self, answer):
        class Handler(harness.QuietHandler):
            protocol_version = "HTTP/1.1"
            wbufsize = 1 << 20  # One write for each answer.

            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                text = answer(self.path, body)
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                self.wfile.write(text)

        self.serve(Handler)


class Asked:
    """One query that passed by."""

    def __init__(self, path, body):
        self.path = path
        self.body = body
        self.parameters = dict(urllib.parse.parse_qsl(body))
        self.expr = self.parameters["query"]
        self.begin = time.monotonic()
        self.end = None
        self.samples = 0

    def is_samples(self):
        """A range selector: its samples are the answer."""
        return self.expr.endswith("]")

    def is_newest(self):
        """Asked for the newest minute: as samples, with the minute before, or as sums."""
        if self.is_samples():
            return self.expr.endswith("[2m]")
        return self.path.endswith("/query") and "[1m]" in self.expr

    def is_range(self):
        return self.path.endswith("/query_range")

    def points(self):
        """Of a range, how many; else one."""
        if not self.is_range():
            return 1
        begin, end, step = (float(self.parameters[key]) for key in ("start", "end", "step"))
        return int((end - begin) / step) + 1

    def is_again(self):
        """The last five minutes once more."""
        if self.is_samples():
            return self.expr.endswith("[6m]")
        return self.is_range() and float(self.parameters["step"]) == 60 and self.points() == 5


class Listening(Answerer):
    """Passes queries on to a Prometheus, and notes when each was out and what was read for it."""

    def __init__(self, upstream):
        self.asked = []
        self.upstream = urllib.parse.urlparse(upstream).netloc
        self.local = threading.local()
        super().__init__(self.pass_on)

    def pass_on(self, path, body):
        one = Asked(path, body)
        text = post(self.local, self.upstream, path, body + "&stats=all")
        one.end = time.monotonic()
        read = json.loads(text).get("data", {}).get("stats", {}).get("samples", {})
        one.samples = read.get("totalQueryableSamples", 0)
        self.asked.append(one)
        return text


def post(local, address, path, body):
    """The answer to a form, on the connection that `local` keeps."""
    if not hasattr(local, "connection"):
        local.connection = http.client.HTTPConnection(address, timeout=120)
    local.connection.request("POST", path, body, FORM)
    return local.connection.getresponse().read()


class MadeUp(Answerer):
    """Answers like a Prometheus that has `series` label sets for each query, since ten minutes ago.

    Every minute each label set has two thousand events, one of them bad.
    """

    def __init__(self, series):
        self.asked = []
        self.born = time.time() - 600
        self.heads = [f'{{"metric":{{"pod":"cart-{n:05d}"}},' for n in range(series)]
        super().__init__(self.make_up)

    def make_up(self, path, body):
        one = Asked(path, body)
        self.asked.append(one)
        if one.is_samples():
            return self.samples(one)
        value = '"1"' if 'code="500"' in one.expr else '"2000"'
        if " / " in one.expr:
            value = '"0.0005"'  # Exact PromQL for a window.
        if not one.is_range():
            tail = f'"value":[{one.parameters["time"]},{value}]}}'
            return answer_of("vector", ",".join(head + tail for head in self.heads))
        begin, step = (float(one.parameters[key]) for key in ("start", "step"))
        times = [begin + step * n for n in range(one.points()) if begin + step * n > self.born]
        if step > 60 or not times:
            return answer_of("matrix", "")
        values = ",".join(f"[{at:.3f},{value}]" for at in times)
        return answer_of("matrix",
                         ",".join(f'{head}"values":[{values}]}}' for head in self.heads))

    def samples(self, one):
        """Of two counters for each label set, 15 s apart: of the errors, and of the rest."""
        end = float(one.parameters["time"])
        begin = end - 60 * int(one.expr.rpartition("[")[2][:-2])
        times = range(-int(-begin // 15) * 15, int(end) + 1, 15)
        parts = []
        for code, rate in (("500", 1 / 60), ("200", 1999 / 60)):
            values = ",".join(f'[{at},"{at * rate:.4f}"]' for at in times)
            tail = f',"code":"{code}"}},"values":[{values}]}}'
            parts += [head[:-2] + tail for head in self.heads]
        return answer_of("matrix", ",".join(parts))


def answer_of(kind, result):
    return (f'{{"status":"success","data":{{"resultType":"{kind}","result":[{result}]}}}}'
            ).encode()


def fields(data):
    """(number, value) of each field of a protocol buffer: integers, or bytes."""
    at = 0

    def varint():
        nonlocal at
        value = shift = 0
        while True:
            byte = data[at]
            at += 1
            value |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                return value

    while at < len(data):
        key = varint()
        if key & 7 == 0:
            yield key >> 3, varint()
        elif key & 7 == 2:
            size = varint()
            yield key >> 3, data[at:at + size]
            at += size
        else:
            raise ValueError("a wire type that profiles do not have")


def integers(value):
    """Of a repeated integer, packed or not."""
    if isinstance(value, int):
        return [value]
    out, number, shift = [], 0, 0
    for byte in value:
        number |= (byte & 127) << shift
        shift += 7
        if byte < 128:
            out.append(number)
            number = shift = 0
    return out


def profile(data):
    """[(names of the functions on the stack, CPU seconds)] of a Go program's profile."""
    samples, places, functions, texts = [], {}, {}, []
    for number, value in fields(gzip.decompress(data)):
        if number == 2:
            samples.append(value)
        elif number == 4:
            known, lines = 0, []
            for inner, field in fields(value):
                if inner == 1:
                    known = field
                elif inner == 4:
                    lines += [f for n, f in fields(field) if n == 1]
            places[known] = lines
        elif number == 5:
            inner = dict(fields(value))
            functions[inner[1]] = inner.get(2, 0)
        elif number == 6:
            texts.append(value.decode())
    out = []
    for sample in samples:
        stack, values = [], []
        for number, value in fields(sample):
            if number == 1:
                stack += integers(value)
            elif number == 2:
                values += integers(value)
        names = {texts[functions[line]] for place in stack for line in places[place]}
        out.append((names, values[1] / 1e9))  # The first value is their number.
    return out
