# Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
"""As much C++ as tidy.py must understand: what is code, and where functions begin and end."""

import re

TOKEN = re.compile(
    r"""(?P<raw>\bR"(?P<mark>[^()\\\s]{0,16})\(.*?\)(?P=mark)")
      | (?P<comment>//[^\n]*|/\*.*?\*/)
      | (?P<text>"(?:\\.|[^"\\\n])*")
      | (?P<separated>(?<=[0-9a-fA-F])'(?=[0-9a-fA-F]))
      | (?P<character>'(?:\\.|[^'\\\n])+')""",
    re.VERBOSE | re.DOTALL,
)
SCOPE = re.compile(r"\b(namespace|class|struct|union|enum|extern)\b")
# What may stand between the parameters of a function and its body.
TRAILER = re.compile(r"\)\s*(const|noexcept|override|final|mutable|&{1,2}|WF_\w+(\([^{}]*\))?"
                     r"|requires\b[^{}]*|->[^{};]*|\s)*$")
INITIALISERS = re.compile(r"\)\s*(noexcept\s*)?:(?!:)")


def strip(text):
    """`text` with comments and the insides of literals blanked; lines stay where they are."""

    def blank(match):
        if match["separated"]:
            return "'"
        inside = re.sub(r"[^\n]", " ", match[0])
        return inside if match["comment"] else '"' + inside[1:-1] + '"'

    return TOKEN.sub(blank, text)


def data_lines(text):
    """Numbers of the lines that a raw string literal carries on: data, not code."""
    lines = set()
    for match in TOKEN.finditer(text):
        if match["raw"]:
            first = line_of(text, match.start())
            lines.update(range(first + 1, first + match[0].count("\n") + 1))
    return lines


def functions(code):
    """(line of the opening brace, line of the closing one) of every function with a body.

    `code` comes from strip(). Lambdas and local classes count as part of the function around them.
    """
    code = re.sub(r"^[ \t]*#(?:[^\n]*\\\n)*[^\n]*", lambda m: re.sub(r"[^\n]", " ", m[0]), code,
                  flags=re.MULTILINE)
    found, position, head = [], 0, 0
    while position < len(code):
        character = code[position]
        if character in ";}":
            head = position + 1
        elif character == "{":
            kind = classify(code[head:position])
            if kind == "scope":
                head = position + 1
            else:
                end = closing(code, position)
                if kind == "function":
                    found.append((line_of(code, position), line_of(code, end)))
                    head = end + 1
                # Another brace initialises a value or a member; the declaration goes on after it.
                position = end
        position += 1
    return found


def classify(head):
    """What the brace after `head` opens: a "function", a "scope" to look into, or a "value"."""
    # A default argument or initialiser in braces, as in f(X x = {}), says nothing here.
    if TRAILER.search(head) and not re.search(r"=\s*$", head):
        return "function"
    if INITIALISERS.search(head):
        # `: a_(1), b_{2} {`: the body's brace follows a closing one, a member's its name.
        return "function" if re.search(r"[)}]\s*$", head) else "value"
    is_scope = SCOPE.search(head) and not re.search(r"[=(]", head.split("(")[0][-1:])
    return "scope" if is_scope and not re.search(r"=\s*$", head) else "value"


def closing(code, position):
    """Position of the brace that closes the one at `position`; the end if there is none."""
    depth = 0
    for index in range(position, len(code)):
        if code[index] == "{":
            depth += 1
        elif code[index] == "}":
            depth -= 1
            if depth == 0:
                return index
    return len(code) - 1


def line_of(code, position):
    return code.count("\n", 0, position) + 1
