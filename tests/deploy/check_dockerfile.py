# Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
"""Checks the Dockerfile without Docker: its shape, the files it copies, its Debian packages.

usage: check_dockerfile.py ROOT
If a release or dev build is there, its binaries are also held against the package list: every
shared library they load must come from a listed package or from what it depends on. Prints every
fault and exits 1 if there is any.
"""

import json
import pathlib
import re
import subprocess
import sys

BINARIES = ("watchfire", "wfctl")


def instructions(text):
    """Returns [(keyword, rest)], comments gone and continued lines joined."""
    text = re.sub(r"(?m)^\s*#.*\n", "", text)
    text = re.sub(r"\\\n\s*", " ", text)
    return [tuple(line.split(None, 1)) for line in text.splitlines() if line.strip()]


def output(*command):
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout


def closure(packages):
    """The packages and all they depend on, by apt's own record."""
    kinds = ("recommends", "suggests", "conflicts", "breaks", "replaces", "enhances")
    listed = output("apt-cache", "depends", "--recurse", *(f"--no-{k}" for k in kinds), *packages)
    return {line for line in listed.splitlines() if line and not line.startswith((" ", "|", "<"))}


def missing_packages(binary, packages):
    """Returns ["library (package)"] of what the binary loads and the packages do not bring."""
    missing = []
    for path in re.findall(r"=> (/\S+)", output("ldd", str(binary))):
        real = str(pathlib.Path(path).resolve())
        owners = output("dpkg", "-S", real) or output("dpkg", "-S", real.removeprefix("/usr"))
        owner = owners.split(":")[0]
        if owner not in packages:
            missing.append(f"{path} ({owner or 'no package'})")
    return missing


def faults(root):
    lines = instructions((root / "Dockerfile").read_text(encoding="utf-8"))
    stages = [rest for keyword, rest in lines if keyword == "FROM"]
    for stage in stages:
        if stage.split()[0] != "debian:12-slim":
            yield f"FROM {stage}: not debian:12-slim"
    if len(stages) != 2:
        yield "not two stages: the compilers would ship"
    start = max(index for index, line in enumerate(lines) if line[0] == "FROM")
    build, final = dict(lines[:start]), dict(lines[start:])
    if build.get("RUN") != "./dev build":
        yield "the first stage does not run ./dev build"
    if not re.fullmatch(r"[1-9]\d*:\d+", final.get("USER", "")):
        yield "USER is not a number above 0, which runAsNonRoot needs"
    if "VOLUME" in final:
        yield "VOLUME hides the owner of /alertmanager"
    if json.loads(final["ENTRYPOINT"]) != ["/usr/bin/watchfire"]:
        yield "ENTRYPOINT is not the binary alone: an Alertmanager's arguments would miss it"
    flags = dict(flag.split("=") for flag in json.loads(final["CMD"]))
    for keyword, rest in lines[start:]:
        if keyword == "COPY" and not rest.startswith("--from"):
            for name in rest.split()[:-1]:
                if not (root / name).exists():
                    yield f"COPY {name}: no such file"
    if not any(word == "COPY" and rest.endswith(flags["--config.file"]) for word, rest in lines):
        yield "the default configuration is not in the image"
    runs = " ".join(rest for keyword, rest in lines[start:] if keyword == "RUN")
    if flags["--storage.path"] not in runs:
        yield "the data directory is not made in the image"
    install = r"apt-get install --yes --no-install-recommends ([\w.+\- ]+?) &&"
    packages = re.search(install, runs)[1].split()
    for name in packages:
        if not output("apt-cache", "show", name):
            yield f"{name}: Debian has no such package"
    if packages != sorted(packages):
        yield "the packages are not sorted"
    known = closure(packages)
    for path in (f"{preset}/bin/{name}" for preset in ("release", "dev") for name in BINARIES):
        if (root / "build" / path).exists():
            for library in missing_packages(root / "build" / path, known):
                yield f"{path}: loads {library}, which no listed package brings"


def main(root):
    found = list(faults(pathlib.Path(root)))
    for fault in found:
        print(f"Dockerfile: {fault}", file=sys.stderr)
    sys.exit(bool(found))


main(*sys.argv[1:])
