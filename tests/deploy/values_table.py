# Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
"""Writes the table of values in the chart's README from the comments of values.yaml.

usage: values_table.py VALUES README

A key is documented by the comment lines right above it, the first of which starts with "# --". The
table stands between the two marker lines in README. A leaf or an empty container without such a
comment is an error unless a documented key stands above it in the tree (its row covers it then).
"""

import re
import sys

BEGIN, END = "<!-- values: begin -->", "<!-- values: end -->"


def rows(lines):
    """Returns [(dotted key, default as YAML text, description)], in the order of the file."""
    table, path, comment, covered_at = [], [], [], None
    for number, line in enumerate(lines, 1):
        if not line.strip():
            comment = []
            continue
        if match := re.match(r"\s*# ?(.*)", line):
            if match[1].startswith("-- "):
                comment = [match[1][3:]]
            elif comment:
                comment.append(match[1])
            continue
        match = re.match(r"( *)([\w.-]+):(?: (.*))?$", line)
        indent = len(line) - len(line.lstrip())
        if covered_at is not None and (indent > covered_at or not match):
            continue
        if not match:
            raise SystemExit(f"values.yaml:{number}: not under a documented key: {line.strip()}")
        covered_at = None
        path = path[: indent // 2] + [match[2]]
        value = match[3] or ""
        if comment:
            default = f"`{value}`" if value else "see values.yaml"
            table.append((".".join(path), default, " ".join(comment)))
            covered_at = indent
        elif value:
            raise SystemExit(f"values.yaml:{number}: {'.'.join(path)} has no '# --' comment")
        comment = []
    return table


def main(values_path, readme_path):
    with open(values_path, encoding="utf-8") as file:
        table = rows(file.read().splitlines())
    lines = ["| value | default | meaning |", "|---|---|---|"]
    escaped = ([cell.replace("|", "\\|") for cell in row] for row in table)
    lines += [f"| `{key}` | {default} | {meaning} |" for key, default, meaning in escaped]
    with open(readme_path, encoding="utf-8") as file:
        readme = file.read()
    before, rest = readme.split(BEGIN)
    after = rest.split(END)[1]
    with open(readme_path, "w", encoding="utf-8") as file:
        file.write(before + BEGIN + "\n" + "\n".join(lines) + "\n" + END + after)


main(*sys.argv[1:])
