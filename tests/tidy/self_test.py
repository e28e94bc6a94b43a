# Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
"""Bad samples that tidy.py must catch, and good ones that it must leave alone."""

import pathlib
import tempfile

LICENCE = "// Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0\n"
HASHED = LICENCE.replace("//", "#")
NOTE = "TO" "DO"
LONG_BODY = "".join(f"  Call({i});\n" for i in range(71))

# A checkout in which nothing is wrong.
GOOD = {
    "CMakeLists.txt": HASHED + "foreach(folder base slo app)\nforeach(program sim)\n",
    "pkg/base/CMakeLists.txt": HASHED + "wf_package(base 0)\n",
    "pkg/base/a.h": LICENCE + "#pragma once\n#include <mutex>\nstd::mutex m;  // Here it may be.\n",
    "pkg/slo/CMakeLists.txt": HASHED + "wf_package(slo 5 DEPS base)\n",
    "pkg/slo/s.h": LICENCE + "#pragma once\n",
    "pkg/slo/s.cc": LICENCE + '#include "pkg/base/a.h"\n#include "pkg/slo/s.h"\n'
                    "// Not a call: steady_clock::now(), nor a lock: std::mutex.\n"
                    f'const char* text = "rand(), std::mutex and {{";  // {NOTE}(#12): one more.\n'
                    "const int big = 1'000'000;\nint operand(int x) { return x; }\n"
                    "int Short(int x) {\n  return x;\n}\n"
                    'const char* Page() { return R"(' + "\n" * 80 + 'x' * 101 + '\n)"; }\n',
    "pkg/app/CMakeLists.txt": HASHED + "wf_package(app 9 DEPS slo)\n",
    "pkg/app/x.cc": LICENCE + "#include <thread>\nauto t = std::chrono::steady_clock::now();\n",
    "run.sh": HASHED + "exit 0\n",
    "dev": "#!/usr/bin/env bash\n" + HASHED + "./run.sh\n",
}

# Path, what is appended to the good file or a new one, and what must be said about it.
BAD = [
    ("pkg/slo/new.py", "import sys\n", "no licence line"),
    ("pkg/slo/s.cc", '#include "pkg/app/x.cc"\n', "dependencies point downward"),
    ("pkg/slo/s.cc", '#include "s.h"\n', "is no file of ours"),
    ("pkg/slo/s.cc", "#include <thread>\n", "layers 0 to 5 and core are pure"),
    ("pkg/slo/s.cc", "#include <fstream>\n", "layers 0 to 5 and core are pure"),
    ("pkg/slo/s.cc", "#include <curl/curl.h>\n", "layers 0 to 5 and core are pure"),
    ("pkg/app/x.cc", "#include <yaml-cpp/yaml.h>\n", "yaml-cpp outside pkg/config"),
    ("pkg/slo/s.cc", "auto t = std::chrono::system_clock::now();\n", "time and chance"),
    ("pkg/slo/s.cc", "int r = rand();\n", "time and chance"),
    ("pkg/slo/s.cc", "std::random_device device;\n", "time and chance"),
    ("pkg/slo/s.cc", "void F() { std::this_thread::sleep_for(1s); }\n", "time and chance"),
    ("pkg/app/x.cc", "std::mutex mine;\n", "mutexes live in pkg/base"),
    ("pkg/app/x.cc", "int Long(int x) {\n" + LONG_BODY + "}\n", "function of 72 lines"),
    ("pkg/app/x.cc", "C::C(int x)\n    : a_(x), b_{x} {\n" + LONG_BODY + "}\n", "function of 72"),
    ("pkg/app/x.cc", "namespace n {\nclass C {\n int Get() const override {\n" + LONG_BODY
     + "}\n};\n}\n", "function of 72 lines"),
    ("run.sh", "def=1\n" * 600, "lines, at most 600"),
    ("pkg/app/x.cc", "// " + "x" * 100 + "\n", "columns, at most 100"),
    ("pkg/app/x.cc", "int a;  \n", "blanks at the end"),
    ("README.md", f"{NOTE}: write this\n", "without an issue"),
    ("README.md", "<" * 7 + " HEAD\n", "what a merge left behind"),
    ("README.md", "see /ho" "me/somebody/notes\n", "a path of somebody's machine"),
    ("README.md", "from registry.npm" "js.org\n", "names the registry"),
    ("big.bin", "x" * (1 << 20) + "x", "bytes, at most"),
    ("pkg/slo/lonely.h", LICENCE + "#pragma once\n", "nobody includes this header"),
    ("pkg/new/new.cc", LICENCE, "no CMakeLists.txt of a listed folder"),
    ("lonely.sh", HASHED, "nothing mentions this file"),
    ("pkg/slo/t.h", LICENCE + "int x;\n", "no #pragma once"),
    ("tests/lonely.py", HASHED + "def f():\n" + "    x = 1\n" * 72, "function of 72 lines"),
]


def problems_with(check, changes):
    with tempfile.TemporaryDirectory() as directory:
        root = pathlib.Path(directory)
        for name, content in {**GOOD, **changes}.items():
            path = root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(content)
        return [f"{path}:{line}: {reason}" for path, line, reason in check(root)]


def run(check):
    """Returns 0 if every sample gives what it should."""
    wrong = [f"good tree: {problem}" for problem in problems_with(check, {})]
    for path, addition, expected in BAD:
        problems = problems_with(check, {path: GOOD.get(path, "") + addition})
        if not any(problem.startswith(path) and expected in problem for problem in problems):
            wrong.append(f"{path} with {addition[:40]!r}: not caught: {expected} ({problems})")
    for text in wrong:
        print(f"self-test: {text}")
    print(f"tidy self-test: {len(BAD) + 1} samples, {len(wrong)} not as they should be")
    return 1 if wrong else 0
