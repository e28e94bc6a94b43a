# Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
"""The same expressions for Debian's promtool check rules and wfctl check: what one takes the other
takes, and what both refuse they refuse at the same place."""

import itertools
import json
import random
import re
import subprocess

import harness

SECONDS = 120
RANDOM = 3000  # Expressions of the generator.
SEED = 5

# What promtool and wfctl say about rule `number`, which stands on a line of its own.
PROMTOOL = re.compile(r'rule (\d+), "r\d+": could not parse expression: (\d+):(\d+): (.*)')
FIRST_LINE = 4
BEFORE = len("      - {record: r000000, expr: '")

METRICS = ["up", "http_requests_total", "job:errors:rate5m", "node:a:b", "_x", "sum", "by",
           "offset", "or", "start", "step", "anchored", "x{a='b'}", "x{a!=\"b\",c=~\"d.*\"}",
           "{__name__=~\"a.+\"}", "x{a!~`b|c`,}", "x{}", "{a=\"b\"}"]
RANGES = ["[5m]", "[1h30m]", "[1d]", "[5m:1m]", "[1h:]", "[30s:10s]"]
MODIFIERS = ["", "", "", " offset 5m", " offset -1w", " @ 1700000000", " @ end()", " @ start()",
             " @ -1.5 offset 1h", " offset 1h @ 3"]
NUMBERS = ["0", "1", "2.5", ".5", "1e3", "1e-7", "0x1F", "017", "Inf", "NaN", "-3", "1E+2"]
STRINGS = ['"a"', "'b'", "`c\\d`", '"\\n\\x41\\u00e9"', '"$1"', '""']
OPERATORS = ["+", "-", "*", "/", "%", "^", "atan2", "==", "!=", "<", ">", "<=", ">=", "and", "or",
             "unless"]
MATCHING = ["", "", "", " on (a)", " ignoring (a, b)", " on ()", " on (a) group_left",
            " on (a) group_left (c)", " ignoring (a) group_right (b)", " bool"]
OF_VECTOR = ["abs", "absent", "ceil", "exp", "ln", "sort", "sgn", "timestamp", "scalar", "hour",
             "histogram_count", "histogram_sum", "deg", "sqrt", "day_of_year"]
OF_RANGE = ["rate", "increase", "irate", "delta", "max_over_time", "last_over_time", "resets",
            "absent_over_time", "present_over_time", "deriv", "changes", "stddev_over_time"]
AGGREGATIONS = ["sum", "avg", "min", "max", "count", "group", "stddev", "stdvar"]
GROUPINGS = ["", "", " by (a)", " by (on, by, bool)", " without (a,)", " by ()", " without ()"]

# Cases that a generator would not think of. Each for both, whatever they say.
HAND_MADE = [
    " ", "# only a comment", "up # comment", "1 > 2", "1 > bool 2", "'text'", "x[5m]", "x[5m:]",
    "rate(x)", "rate(x[5m])", "rate(x[5m], 1)", "rate()", "sum()", "sum(x, y)", "topk(x)",
    "topk(1, x)", "topk('a', x)", "count_values('v', x)", "count_values(1, x)", "quantile(0.9, x)",
    "foo(x)", "Rate(x[5m])", "SUM(x)", "sum BY (a) (x)", "sum(x) by (a)", "sum(x) by (a) by (b)",
    "sum by (a) (x) by (b)", "sum by a (x)", "sum by (a b) (x)", "sum by (1) (x)",
    "sum by (a,,) (x)", "sum by (without) (x)", "sum x", "sum", "sum + sum", "sum by", "on", "bool",
    "group_left", "atan2", "x or", "or or or", "x and bool y", "x + bool y", "1 and x", "x and 1",
    "x and on (a) y", "x and on (a) group_left y", "x * on (a) group_left (a) y",
    "x * group_left y", "x + on (a) 1", "1 + on () 1", "-x", "+x", "--x", "-x[5m]", "-'a'",
    "-1 ^ 2", "2 ^ -1", "x ^ -y ^ z", "(x", "x)", "()", "((x))", "(x)[5m]", "(x)[5m:]",
    "(x) offset 5m", "x offset", "x offset -5m", "x offset - 5m",
    "x offset 5m offset 5m", "x offset 5m[5m]", "x @ 5[5m]", "x @ start()[5m]", "x @ 1 @ 2",
    "x @ start() @ 1", "x @ foo", "x @ start", "x @ Inf", "x @ 1e20", "1 @ 5", "1 offset 5m",
    "x[5m] offset 5m @ 3", "x[5m] @ end() offset 5m", "rate(x[5m])[1h:] offset 5m", "x[5m][5m]",
    "x[5m:][5m:]", "x[]", "x[a]", "x[5m", "x[5]m", "x[5m:1m:1m]", "x[:1m]", "x[1m1h]", "x[5x]",
    "x[5.5m]", "x[-5m]", "{}", "{a=''}", "{a=~'.*'}", "{a!=''}", "{a=~'|b'}", "{a!~'.*'}", "x{a}",
    "x{a=}", "x{a=b}", "x{=\"b\"}", "x{a=\"b\" c=\"d\"}", "x{,}", "x{a=\"b\",,}", "x{a:b=\"c\"}",
    "x{a==\"b\"}", "x{a>\"b\"}", "x{", "x}", "x{a=\"(\"}", "x{a=~\"(\"}", "x{a=~\"a**\"}",
    "x{a=~\"a{2,1}\"}", "x{__name__=\"y\"}", "{__name__=\"a\",__name__=\"b\"}", "a:b{c=\"d\"}",
    "a:b(c)", ":", ":a", "a b", "a, b", "a = b", "a =~ b", "a ! b", "a !~ b", "a $ b", "a & b",
    "\"a", "'a\\'", "`a", "\"\\q\"", "\"\\400\"", "\"\\xfg\"", "\"\\ud800\"", "1a", "0x", "0xg",
    "1e", "1e400", "1.2.3", "08", "1..2", "9223372036854775808", "abs(x", "abs(x,)", "abs(,x)",
    "abs('a')", "abs(1)", "abs(x[5m])", "vector(x)", "vector(1)", "scalar(1)", "time()", "time(1)",
    "pi()", "round(x)", "round(x, 1)", "round(x, 1, 2)", "round(x, y)",
    "label_replace(x, 'a', 'b', 'c', 'd')", "label_replace(x, 'a')", "label_join(x, 'a', 'b')",
    "label_join(x, 'a', 'b', 'c', 'd', 'e')", "label_join(x, 'a', 'b', 1)",
    "histogram_quantile(0.9, x)", "histogram_quantile(x, 0.9)", "clamp(x, 1, 2)", "clamp(x, 1)",
    "holt_winters(x[5m], 0.5, 0.5)", "predict_linear(x[1h], 3600)",
    "quantile_over_time(0.9, x[5m])", "histogram_fraction(0, 1, x)", "hour()", "hour(x, y)",
    "sum(x) > 1 and on () y unless z", "end", "x * * y", "x + (y", "(x + y))", "[5m]",

]
# Since 2.42 numbers and durations may stand for each other.
ONE_KIND = re.compile(r'unexpected (number|duration) "')
SAME_WORDS = 0.9  # At least so many of the messages did not change since 2.42.

# Taken by Prometheus 3, not yet by Debian's 2.42.
NEWER = [
    "{\"my.metric\", \"a.b\"=\"c\"}", "x{\"a\"=\"b\"}", "sum by (\"a b\") (x)", "1_000", "x[300]",
    "x offset 300", "x > 1h", "histogram_avg(x)", "x[5m] anchored", "x[step()]", "x + fill (0) y",
    "limitk(1, x)", "info(x)", "mad_over_time(x[5m])", "x @ 5m",
    "5m", "x offset 5", "start()",
]


class Generator:
    """Random expressions, mostly of right types; one in three is then damaged."""

    def __init__(self, seed):
        self.random = random.Random(seed)
        self.any = self.random.choice

    def vector(self, depth):
        kind = self.random.randrange(7) if depth > 0 else 0
        if kind < 2:
            return self.any(METRICS) + self.any(MODIFIERS)
        if kind == 2:
            return f"{self.any(OF_VECTOR)}({self.vector(depth - 1)})"
        if kind == 3:
            return f"{self.any(OF_RANGE)}({self.range(depth - 1)})"
        if kind == 4:
            inner = f"({self.vector(depth - 1)})"
            grouping = self.any(GROUPINGS)
            return self.any(AGGREGATIONS) + self.any([grouping + " " + inner, inner + grouping])
        if kind == 5:
            return self.any(["-", "+", ""]) + f"({self.vector(depth - 1)})"
        sides = [self.vector(depth - 1), self.any([self.vector(depth - 1), self.any(NUMBERS)])]
        self.random.shuffle(sides)
        return f"{sides[0]} {self.any(OPERATORS)}{self.any(MATCHING)} {sides[1]}"

    def range(self, depth):
        inner = self.vector(depth) if self.random.random() < 0.2 else self.any(METRICS)
        return inner + self.any(RANGES) + self.any(MODIFIERS)

    def damaged(self, text):
        at = self.random.randrange(len(text) + 1)
        what = self.any(["", "", *"()[]{},=!~<>+*^@ ", " by ", " on (a) ", " 1 ", "a", "5m", "\""])
        return text[:at] + what + text[at + self.random.randrange(2):]

    def many(self, count):
        for number in range(count):
            text = self.vector(self.random.randrange(5))
            yield self.damaged(text) if number % 3 == 0 else text


def write_rules(path, expressions):
    lines = ["groups:", "  - name: g", "    rules:"]
    for number, text in enumerate(expressions):
        quoted = text.replace("'", "''")
        lines.append(f"      - {{record: r{number:06}, expr: '{quoted}'}}")
    path.write_text("\n".join(lines) + "\n")


def of_promtool(programs, path):
    """Number of each expression that is refused -> its column and why."""
    done = subprocess.run([programs.promtool, "check", "rules", path], stdin=subprocess.DEVNULL,
                          capture_output=True, text=True, timeout=SECONDS, check=False)
    refused = {}
    for match in PROMTOOL.finditer(done.stdout + done.stderr):
        refused[int(match[1]) - 1] = (int(match[3]), match[4])
    if bool(refused) != (done.returncode != 0):
        raise harness.Failure(f"promtool says\n{done.stdout[:2000]}{done.stderr[:2000]}")
    return refused


def of_wfctl(programs, path):
    """The same. A column that quotes before it would move is none."""
    main = path.with_name("main.yml")
    main.write_text("route: {receiver: a}\nreceivers: [{name: a}]\n")
    wfctl = programs.watchfire.with_name("wfctl")
    done = subprocess.run([wfctl, "check", "-o", "json", main, f"--rules={path}"],
                          stdin=subprocess.DEVNULL, capture_output=True, text=True,
                          timeout=SECONDS, check=False)
    if done.returncode not in (0, 1):
        raise harness.Failure(f"wfctl says\n{done.stdout[:2000]}{done.stderr[:2000]}")
    return {problem["line"] - FIRST_LINE: (problem["column"] - BEFORE, problem["message"])
            for problem in json.loads(done.stdout)
            if problem["level"] == "error" and problem["line"] >= FIRST_LINE}


def compare(programs, name, expressions):
    path = programs.work / f"promql-{name}.yml"
    write_rules(path, expressions)
    return of_promtool(programs, path), of_wfctl(programs, path)


def tell(expressions, theirs, ours, numbers):
    return "\n".join(f"{expressions[number]!r}\n  promtool: {theirs.get(number, 'takes it')}\n"
                     f"  wfctl:    {ours.get(number, 'takes it')}"
                     for number in itertools.islice(numbers, 10))


def check_same(report, programs, name, expressions):
    theirs, ours = compare(programs, name, expressions)
    unlike = [number for number in sorted(theirs.keys() ^ ours.keys())
              if number in ours or not ONE_KIND.search(theirs[number][1])]
    both = sorted(theirs.keys() & ours.keys())
    report.check(f"{name}: {len(expressions)} expressions, {len(both)} of them refused by both",
                 not unlike, tell(expressions, theirs, ours, unlike))
    alike = [number for number in both
             if ours[number][1].removeprefix("expr: ") ==
             theirs[number][1].removeprefix("parse error: ")]
    report.check(f"{name}: mostly in the same words", len(alike) >= SAME_WORDS * len(both),
                 tell(expressions, theirs, ours, sorted(set(both) - set(alike))))
    elsewhere = [number for number in alike
                 if "'" not in expressions[number] and expressions[number].strip()
                 and theirs[number][0] != ours[number][0]]
    report.check(f"{name}: then at the same place", not elsewhere,
                 tell(expressions, theirs, ours, elsewhere))


def main(report, programs):
    if not programs.promtool.exists():
        raise harness.Failure(f"no promtool at {programs.promtool}")
    check_same(report, programs, "hand-made", HAND_MADE)
    # So many at a time that none of the problems is beyond the bound of wfctl.
    generated = list(Generator(SEED).many(RANDOM))
    check_same(report, programs, "generated", generated)
    theirs, ours = compare(programs, "newer", NEWER)
    report.equal("newer: all refused by promtool 2.42", len(theirs), len(NEWER))
    report.check("newer: none refused by wfctl", not ours, tell(NEWER, theirs, ours, ours))
