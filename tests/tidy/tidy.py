#!/usr/bin/env python3
# Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
"""Enforces what the compiler cannot: layers, banned calls, lengths, licence lines, dead files.

  tidy.py [ROOT]        prints file:line: reason for everything wrong; exits 1 if there is anything
  tidy.py --self-test   checks that each rule catches what it should and nothing else

Looks at the files that git knows or would add; without git at everything but build output.
"""

import ast
import pathlib
import re
import subprocess
import sys

import cxx

LICENCE = "Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0"
COLUMNS_MAX = 100
FILE_LINES_MAX = 600
FUNCTION_LINES_MAX = 70
FILE_BYTES_MAX = 1 << 20
PURE_LAYER_MAX = 5  # Folders up to this layer, and core, know no thread, disk or network.

CODE = {".cc", ".h", ".py", ".sh", ".ts", ".mjs"}  # What people write and read as programs.
COMMENTED = CODE | {".yml", ".yaml", ".cmake"}
SCRIPTS = {"dev", "run"}  # Programs without an ending.
# Copies and outputs of tests/deploy/render.sh, and files whose templates begin with their own text.
DERIVED = re.compile(r"^(deploy/helm/watchfire/(files|templates)/|deploy/k8s/|tests/deploy/goldens/"
                     r"|grafana/dashboards/|tests/fuzz/corpus/)|/testdata/")

IMPURE = re.compile(r"httplib\.h|curl/|prometheus/|spdlog/|thread|fstream|mutex|condition_variable")
CLOCK_CALLS = re.compile(r"\b((system|steady|high_resolution)_clock::now|sleep_for|sleep_until"
                         r"|s?rand(?=\s*\()|random_device|usleep|gettimeofday)\b")
CLOCK_FOLDERS = re.compile(r"^(pkg/(app|net|store)/|cmd/\w+sim/|tests/)")
LOCKS = re.compile(r"\b(std::(recursive_|shared_|timed_)*mutex|std::(lock_guard|unique_lock"
                   r"|scoped_lock|shared_lock|condition_variable)|Mutex|MutexLock|CondVar)\b")
LOCK_FOLDERS = re.compile(r"^(pkg/base/|cmd/\w+sim/|tests/|.*_test\.cc$)")
NOTE = re.compile(r"\b(TO" r"DO|FIX" r"ME|XX" r"X)\b(?!\(#\d+\))")
CONFLICT = re.compile(r"(<{7}|>{7}) ")
HOME = re.compile(r"(?<![\w.])/(home/(?!nonroot)\w+|root|Users/\w+)/")
REGISTRIES = re.compile(r"\b(registry\.npmjs\.org|(files\.)?pypi\.org|pythonhosted\.org"
                        r"|proxy\.golang\.org|sum\.golang\.org|(deb|security)\.debian\.org"
                        r"|(static\.)?crates\.io|registry\.\w+\.(com|org|io)|ghcr\.io|docker\.io"
                        r"|quay\.io|gcr\.io|repo1?\.maven\.org)\b")
INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')
PACKAGE = re.compile(r"wf_package\(\s*(\w+)\s+(\d+)")


class Tree:
    """A checkout: its files, the layers of its folders, and what was found wrong with it."""

    def __init__(self, root):
        self.root = root
        self.paths = list_files(root)
        self.layers = read_layers(root, self.paths)
        self.includes = set()  # Everything that is included with quotes.
        self.problems = []

    def fail(self, path, line, reason):
        self.problems.append((path, line, reason))

    def text(self, path):
        return (self.root / path).read_text(errors="replace")


def list_files(root):
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    try:
        found = subprocess.run(command, cwd=root, capture_output=True, check=True).stdout
        paths = [name for name in found.decode().split("\0") if name]
    except (OSError, subprocess.CalledProcessError):
        skipped = {".git", "build", "node_modules", "__pycache__", ".build"}
        paths = [str(path.relative_to(root)) for path in root.rglob("*")
                 if not skipped.intersection(path.relative_to(root).parts)]
    return sorted(path for path in set(paths) if (root / path).is_file())


def read_layers(root, paths):
    """Folder below pkg, such as "notify/webhook" -> its layer."""
    layers = {}
    for path in paths:
        folder = re.match(r"pkg/(.+)/CMakeLists\.txt$", path)
        declared = folder and PACKAGE.search((root / path).read_text())
        if declared:
            layers[folder[1]] = int(declared[2])
    return layers


def ending(path):
    return pathlib.PurePosixPath(path).suffix


def folder_of(path):
    """ "pkg/notify/webhook/a.h" -> "notify/webhook"; None outside pkg."""
    match = re.match(r"pkg/(.+)/[^/]+$", path)
    return match and match[1]


def is_code(path):
    name = pathlib.PurePosixPath(path).name
    return ending(path) in CODE or ("." not in name and name in SCRIPTS)


def check_licence(tree, path, lines):
    is_commented = ending(path) in COMMENTED or is_code(path)
    is_commented |= pathlib.PurePosixPath(path).name in ("CMakeLists.txt", "Dockerfile")
    if is_commented and not any(LICENCE in line for line in lines[:3]):
        tree.fail(path, 1, f"no licence line: {LICENCE}")


def check_lines(tree, path, lines, data):
    """What holds for any text that people write. `data`: the lines inside raw literals."""
    # A checkout right below / has too common a name, such as /src in the Dockerfile.
    own = f"{tree.root}/" if len(tree.root.parts) > 2 else "\0"
    for number, line in enumerate(lines, 1):
        if is_code(path) and len(line) > COLUMNS_MAX and number not in data:
            tree.fail(path, number, f"{len(line)} columns, at most {COLUMNS_MAX}")
        if NOTE.search(line):
            tree.fail(path, number, f"{NOTE.search(line)[0]} without an issue, as in TO" "DO(#12)")
        if CONFLICT.match(line):
            tree.fail(path, number, "what a merge left behind")
        if HOME.search(line) or own in line:
            tree.fail(path, number, "a path of somebody's machine")
        if REGISTRIES.search(line):
            tree.fail(path, number, f"names the registry {REGISTRIES.search(line)[0]}")
        if line != line.rstrip() and is_code(path):
            tree.fail(path, number, "blanks at the end of the line")
    if is_code(path) and len(lines) > FILE_LINES_MAX:
        tree.fail(path, len(lines), f"{len(lines)} lines, at most {FILE_LINES_MAX}: split it")


def check_include(tree, path, number, quote, name):
    folder = folder_of(path)
    layer = tree.layers.get(folder)
    is_pure = layer is not None and (layer <= PURE_LAYER_MAX or folder == "core")
    is_test = path.endswith("_test.cc")
    if quote == "<":
        if is_pure and folder != "base" and not is_test and IMPURE.match(name):
            tree.fail(path, number, f"<{name}> in pkg/{folder}: layers 0 to 5 and core are pure")
        if folder is not None and folder != "config" and name.startswith("yaml-cpp"):
            tree.fail(path, number, "yaml-cpp outside pkg/config: receivers see a config::Section")
        return
    tree.includes.add(name)
    if name not in tree.known:
        tree.fail(path, number, f'"{name}" is no file of ours, by its full path')
    other = folder_of(name)
    if layer is None or is_test and name.startswith("tests/"):
        return
    if other is None:
        tree.fail(path, number, f'pkg/{folder} must not include "{name}"')
    elif other != folder and not is_test and tree.layers.get(other, layer) >= layer:
        tree.fail(path, number, f"pkg/{folder} [{layer}] must not include pkg/{other} "
                                f"[{tree.layers.get(other, '?')}]: dependencies point downward")


def check_cxx(tree, path, text, data):
    code = cxx.strip(text)
    for number, line in enumerate(text.splitlines(), 1):
        match = INCLUDE.match(line)
        if match:
            check_include(tree, path, number, match[1], match[2])
    for number, line in enumerate(code.splitlines(), 1):
        call = CLOCK_CALLS.search(line)
        if call and not CLOCK_FOLDERS.match(path):
            tree.fail(path, number, f"{call[0]}: time and chance arrive as arguments")
        lock = LOCKS.search(line)
        if lock and not LOCK_FOLDERS.match(path):
            tree.fail(path, number, f"{lock[0]}: mutexes live in pkg/base only")
    for first, last in cxx.functions(code):
        check_function(tree, path, first, last - first - len(data & set(range(first, last))))
    if ending(path) == ".h" and "#pragma once" not in text:
        tree.fail(path, 1, "no #pragma once")


def check_function(tree, path, line, length):
    if length > FUNCTION_LINES_MAX:
        tree.fail(path, line, f"function of {length} lines, at most {FUNCTION_LINES_MAX}")


def check_python(tree, path, text):
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef):
            check_function(tree, path, node.lineno, node.end_lineno - node.lineno)


def check_dead(tree):
    """Everything must be built, included or mentioned by something else."""
    mentioned = {}
    for path in tree.paths:
        folder = str(pathlib.PurePosixPath(path).parent)
        if ending(path) == ".h" and path not in tree.includes:
            tree.fail(path, 1, "nobody includes this header")
        if ending(path) == ".cc" and not is_built(tree, folder):
            tree.fail(path, 1, "no CMakeLists.txt of a listed folder builds this file")
        if ending(path) in (".py", ".sh", ".mjs"):
            mentioned[path] = pathlib.PurePosixPath(path)
    texts = {path: tree.text(path) for path in tree.paths if not DERIVED.search(path)
             and (is_code(path) or ending(path) in (".json", ".yml", ".txt"))}
    for path, name in mentioned.items():
        word = re.compile(rf"\b({re.escape(name.name)}|import {re.escape(name.stem)}|from "
                          rf"{re.escape(name.stem)} import)\b")
        if not any(word.search(text) for other, text in texts.items() if other != path):
            tree.fail(path, 1, "nothing mentions this file")


def is_built(tree, folder):
    """Whether a CMakeLists.txt beside it or above it takes in the folder's sources."""
    known = set(tree.paths)
    while folder not in ("", "."):
        if f"{folder}/CMakeLists.txt" in known:
            top = re.match(r"(pkg|cmd)/(.+)$", folder)
            listed = re.escape(top[2]) if top else "tests"
            return re.search(rf"[\s(]{listed}[\s)]", tree.text("CMakeLists.txt")) is not None
        folder = str(pathlib.PurePosixPath(folder).parent)
    return False


def check(root):
    tree = Tree(root)
    tree.known = set(tree.paths)
    for path in tree.paths:
        size = (root / path).stat().st_size
        if size > FILE_BYTES_MAX:
            tree.fail(path, 1, f"{size} bytes, at most {FILE_BYTES_MAX}")
            continue
        data = (root / path).read_bytes()
        if b"\0" in data:
            continue
        text = data.decode(errors="replace")
        is_cxx = ending(path) in (".cc", ".h")
        data = cxx.data_lines(text) if is_cxx else set()
        if not DERIVED.search(path):
            check_licence(tree, path, text.splitlines())
            check_lines(tree, path, text.splitlines(), data)
        if is_cxx:
            check_cxx(tree, path, text, data)
        if ending(path) == ".py":
            check_python(tree, path, text)
    check_dead(tree)
    return sorted(tree.problems)


def main(arguments):
    if arguments == ["--self-test"]:
        import self_test  # Only then, because it needs us.

        return self_test.run(check)
    root = pathlib.Path(arguments[0] if arguments else __file__).resolve()
    problems = check(root if arguments else root.parents[2])
    for path, line, reason in problems:
        print(f"{path}:{line}: {reason}")
    print(f"tidy: {len(problems)} problems" if problems else "tidy: nothing to complain about")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
