# Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
"""The same configurations for Debian's amtool check-config and wfctl check: what one takes the
other takes."""

import itertools
import re
import subprocess

import harness

SECONDS = 120
BATCH = 200  # Files of one call.
CHECKING = re.compile(r"^Checking '(\d+)\.yml' +(\w+)", re.M)
VERDICT = re.compile(r"^(\d+)\.yml: (?:(ok) \(|\d+ errors?$)", re.M)

RECEIVER = "receivers: [{name: a}]\n"
ROUTE = "route: {receiver: a}\n"

# Everything that a value may be and hardly any field wants.
VALUES = ["", "~", "''", "word", "'5'", "5", "-1", "yes", "'yes'", "0x10", "[]", "{}", "[word]",
          "[~]", "{k: v}", "[{}]", "!!int '5'", "!!bool 'true'", "'http://h'", "5m", "<secret>"]

GLOBAL = ["resolve_timeout", "smtp_from", "smtp_hello", "smtp_smarthost", "smtp_auth_username",
          "smtp_auth_password", "smtp_auth_password_file", "smtp_auth_secret", "smtp_auth_identity",
          "smtp_require_tls", "slack_api_url", "slack_api_url_file", "pagerduty_url",
          "opsgenie_api_key", "opsgenie_api_key_file", "opsgenie_api_url", "wechat_api_url",
          "wechat_api_secret", "wechat_api_corp_id", "victorops_api_key", "victorops_api_key_file",
          "victorops_api_url", "telegram_api_url", "webex_api_url"]

ROUTE_KEYS = ["receiver", "group_by", "continue", "match", "match_re", "matchers", "group_wait",
              "mute_time_intervals", "routes"]

# A receiver's kind -> what it needs, and further fields.
RECEIVERS = {
    "webhook": ({"url": "'http://h'"}, ["max_alerts"]),
    "email": ({"to": "t", "from": "f", "smarthost": "'h:25'"},
              ["hello", "headers", "html", "text", "require_tls", "tls_config", "auth_password",
               "auth_password_file"]),
    "pagerduty": ({"routing_key": "k"}, ["service_key", "routing_key_file", "url", "severity",
                                         "images", "links"]),
    "slack": ({"api_url": "'http://h'"},
              ["api_url_file", "channel", "fields", "short_fields", "mrkdwn_in", "link_names"]),
    "opsgenie": ({"api_key": "k"}, ["api_key_file", "api_url", "details", "responders", "tags",
                                    "update_alerts"]),
    "wechat": ({"api_secret": "s", "corp_id": "c"}, ["api_url", "to_user", "message_type"]),
    "pushover": ({"user_key": "u", "token": "t"}, ["retry", "expire", "html", "priority"]),
    "victorops": ({"api_key": "k", "routing_key": "r"},
                  ["api_key_file", "api_url", "message_type", "custom_fields"]),
    "sns": ({"topic_arn": "t"}, ["phone_number", "target_arn", "sigv4", "attributes"]),
    "telegram": ({"bot_token": "t", "chat_id": "1"},
                 ["api_url", "disable_notifications", "parse_mode"]),
    "webex": ({"room_id": "r", "http_config": "{authorization: {credentials: c}}"}, ["api_url"]),
    "discord": ({"webhook_url": "'http://h'"}, ["title"]),
}

URLS = ["HTTP://h", "ftp://h", "h", "//h", "http://", "http:///x", "http://h:", "http://h:99999",
        "http://h:x", "http://:80", "http://[::1]:80", "http://[::1", "http://[::1]x", "http://::1",
        "http://h/%41", "http://h/%4", "http://h%41/", "http://u:p@h", "http://u{p@h",
        "http://h h/", "http://h/a b", "http://h|x", "1http://h", "://h", "http:h", "mailto:x",
        "http://h?a=%zz",
        "localhost:3128"]
DURATIONS = ["5m", "1h30m", "1d", "0", "0s", "1", "-5m", "+5m", "1.5h", "5 m", "1m1h", "1y2w3d",
             "5M", "292y", "300y", "1us", "9223372036854775807s"]
REGEXES = ["a.*", "(", "*", "a**", "a{1000}", "a{1001}", "a{999999999}", "a{2,1}", "a{,2}", "(?i)a",
           "(?P<n>a)", "(?P<é>a)", "(?=a)", "\\1", "\\C", "\\d", "\\pN", "\\p{Foo}", "\\Q(\\E",
           "[]a]", "[z-a]", "[[:foo:]]", ")", "a|", "(?", "\\"]
MATCHERS = ["a=b", "a==b", "a=!b", "a=", "=b", "a", "", "{}", "{a=b}", "a=b,c=d", "a=b,,c=d",
            "a=b,", ",a=b", " a = b ", 'a="b', 'a="b"c', 'a="b,c"', "a=~(", "a=~a|b", "a>b",
            'a="b\\"c"']
HTTP = ["{basic_auth: {username: u, password: p, password_file: f}}",
        "{basic_auth: {username: u}, authorization: {credentials: c}}",
        "{authorization: {type: Basic}}", "{authorization: {credentials: c, credentials_file: f}}",
        "{bearer_token: b, bearer_token_file: f}", "{bearer_token: b, basic_auth: {}}",
        "{oauth2: {client_id: c, client_secret: s}}",
        "{oauth2: {client_secret: s, token_url: 'http://h'}}",
        "{oauth2: {client_id: c, client_secret: s, token_url: foo}}",
        "{tls_config: {min_version: TLS14}}", "{tls_config: {insecure_skip_verify: yes}}",
        "{follow_redirects: no, enable_http2: 1}", "{proxy: x}"]
CALENDARS = {
    "weekdays": ["monday", "Monday", "mon", "monday:friday", ":friday", "1", ""],
    "days_of_month": ["1", "31", "32", "0", "-31", "-32", "1:-1", "-1:1", "30:-1", "28:-1", "-1:-5",
                      "a", "1:2:3", "+1", "1-5"],
    "months": ["may", "May", "1:12", "12:1", "may:august", "0", "13", "sept", "may:8"],
    "years": ["2020", "2020:2022", "2022:2020", "-1", "x"]}
TIMES = ["00:00", "09:00", "9:00", "23:59", "24:00", "24:01", "25:00", "09:60", ""]
ZONES = ["UTC", "Local", "", "Europe/Berlin", "europe/berlin", "Mars", "../UTC", "EST5EDT",
         "+02:00"]

# A route and a field that are null, of which 0.25 dies, at once and later. 0.34 has the URL of a
# webhook for a secret.
UNLIKE = {("route", "routes", "[~]"), ("slack", "fields", "[~]"), ("webhook", "url", "<secret>")}

# What stands alone.
FILES = [
    "", "~\n", "{}\n", "[]\n", "word\n", ROUTE, RECEIVER, ROUTE + RECEIVER + "bogus: 1\n",
    ROUTE + RECEIVER + "route: {receiver: a}\n", ROUTE + "receivers: [{name: a}, {name: a}]\n",
    ROUTE + "receivers: [{name: b}]\n", ROUTE + "receivers: [{}]\n", ROUTE + "receivers: {}\n",
    ROUTE + RECEIVER + "---\nbogus: 1\n", ROUTE + "receivers: [{name: a}\n",
    ROUTE + "receivers:\n\t- name: a\n", ROUTE + "receivers: [{name: &n a}, {name: *m}]\n",
    "route: {receiver: a, routes: [&x {receiver: a}, {<<: *x, continue: yes}]}\n" + RECEIVER,
    "route: {receiver: a, routes: [{<<: {receiver: a}, <<: {continue: yes}}]}\n" + RECEIVER,
    "route: {receiver: a, routes: [{'<<': {receiver: a}}]}\n" + RECEIVER,
    "route: {receiver: a, routes: [{<<: word}]}\n" + RECEIVER,
    ROUTE + RECEIVER + "time_intervals: [{name: x}]\nmute_time_intervals: [{name: x}]\n",
    ROUTE + RECEIVER + "inhibit_rules: [{equal: [a, a]}, {source_match: {a-b: c}}]\n",
] + ["route: {" + route + "}\n" + RECEIVER + "time_intervals: [{name: x}]\n" for route in (
    "receiver: b", "receiver: a, continue: true", "receiver: a, match: {a: b}",
    "receiver: a, match: {}", "receiver: a, match_re: {a: b}", "receiver: a, matchers: ['']",
    "receiver: a, matchers: [a=b]", "receiver: a, mute_time_intervals: [x]",
    "receiver: a, active_time_intervals: []", "receiver: a, group_by: ['...']",
    "receiver: a, group_by: ['...', a]", "receiver: a, group_by: [a, a]",
    "receiver: a, group_by: ['']", "receiver: a, group_interval: 0s", "receiver: a, group_wait: 0s",
    "receiver: a, repeat_interval: 0s",
    "receiver: a, routes: [{receiver: b}]", "receiver: a, routes: [{mute_time_intervals: [x]}]",
    "receiver: a, routes: [{active_time_intervals: [y]}]",
    "receiver: a, routes: [{match: {a-b: c}}]",
    "receiver: a, routes: [{match_re: {a: ~}}]")]

# What 0.34 and 0.35 take and Debian's 0.25 does not know yet.
NEWER = [
    "route: {receiver: a, group_by: [a-b]}\n" + RECEIVER,
    "route: {receiver: a, routes: [{matchers: ['a-b=c']}]}\n" + RECEIVER,
    ROUTE + RECEIVER + "inhibit_rules: [{name: x}]\n",
    ROUTE + RECEIVER + "time_intervals: [{name: x, time_intervals: "
                       "[{weekdays: ['friday:monday']}]}]\n",
    ROUTE + "receivers: [{name: a, webhook_configs: [{url_file: f}]}]\n",
    ROUTE + "receivers: [{name: a, msteams_configs: [{webhook_url: 'http://h'}]}]\n",
    ROUTE + RECEIVER + "global: {http_config: {oauth2: {client_id: c, token_url: 'http://h'}}}\n",
]


def quoted(text):
    return "'" + text.replace("'", "''") + "'"


def receiver(kind, fields):
    body = ", ".join(f"{name}: {value}" for name, value in fields.items())
    return f"{ROUTE}receivers: [{{name: a, {kind}_configs: [{{{body}}}]}}]\n"


def of_receivers():
    for kind, (needed, more) in RECEIVERS.items():
        yield receiver(kind, needed)
        yield receiver(kind, {**needed, "bogus": "1"})
        for name in needed:
            yield receiver(kind, {"send_resolved": "yes",
                                  **{key: value for key, value in needed.items() if key != name}})
        common = ["send_resolved", "http_config"] if kind == "webhook" else []
        for name in dict.fromkeys([*needed, *more, *common]):
            yield from (receiver(kind, {**needed, name: value}) for value in VALUES
                        if (kind, name, value) not in UNLIKE)
    for pair in (("api_key", "api_key_file"), ("message_type", "routing_key")):
        yield receiver("victorops", dict.fromkeys(pair, "x"))
    for arns in itertools.product(("", "x"), repeat=3):
        names = ("topic_arn", "phone_number", "target_arn")
        yield receiver("sns", dict(zip(names, map(quoted, arns))))


def of_texts():
    child = "route: {receiver: a, routes: [{%s}]}\n" + RECEIVER
    after = ROUTE + RECEIVER
    for url in map(quoted, URLS):
        yield f"{after}global: {{pagerduty_url: {url}}}\n"
        yield f"{after}global: {{http_config: {{proxy_url: {url}}}}}\n"
        yield receiver("discord", {"webhook_url": url})
    for duration in map(quoted, DURATIONS):
        yield f"{after}global: {{resolve_timeout: {duration}}}\n"
        yield child % f"repeat_interval: {duration}"
        yield receiver("pushover", {"user_key": "u", "token": "t", "retry": duration})
    for regex in map(quoted, REGEXES):
        yield child % f"match_re: {{x: {regex}}}"
    for matcher in map(quoted, MATCHERS):
        yield child % f"matchers: [{matcher}]"
        yield f"{after}inhibit_rules: [{{source_matchers: [{matcher}]}}]\n"
    for http in HTTP:
        yield f"{after}global: {{http_config: {http}}}\n"


def of_calendars():
    def calendar(fields):
        return f"{ROUTE}{RECEIVER}time_intervals: [{{name: x, time_intervals: [{{{fields}}}]}}]\n"
    for field, texts in CALENDARS.items():
        yield from (calendar(f"{field}: [{quoted(text)}]") for text in texts)
        yield from (calendar(f"{field}: {value}") for value in VALUES if value != "[~]")
    for start, end in itertools.product(map(quoted, TIMES), repeat=2):
        yield calendar(f"times: [{{start_time: {start}, end_time: {end}}}]")
    yield from (calendar(f"location: {quoted(zone)}") for zone in ZONES)


GROUPS = {
    "files": lambda: FILES,
    "global": lambda: (f"{ROUTE}{RECEIVER}global: {{{key}: {value}}}\n"
                       for key in GLOBAL for value in VALUES),
    "routes": lambda: (f"route: {{receiver: a, routes: [{{{key}: {value}}}]}}\n{RECEIVER}"
                       for key in ROUTE_KEYS
                       for value in VALUES if ("route", key, value) not in UNLIKE),
    "receivers": of_receivers,
    "texts": of_texts,
    "calendars": of_calendars,
}


def accepted(command, texts, directory, pattern):
    """Which of `texts` the command takes."""
    verdicts = []
    for begin in range(0, len(texts), BATCH):
        names = [f"{index}.yml" for index in range(begin, min(begin + BATCH, len(texts)))]
        for name, text in zip(names, texts[begin:]):
            (directory / name).write_text(text)
        done = subprocess.run([*command, *names], cwd=directory, capture_output=True, text=True,
                              timeout=SECONDS, check=False)
        found = {int(index): word in ("SUCCESS", "ok")
                 for index, word in pattern.findall(done.stdout)}
        if len(found) != len(names):
            raise harness.Failure(f"{command[0]} said nothing of {len(names) - len(found)} files:\n"
                                  f"{done.stderr[-1000:]}")
        verdicts += [found[index] for index in sorted(found)]
    return verdicts


def main(report, programs):
    wfctl = programs.wfctl
    harness.require(programs.amtool, wfctl)
    directory = programs.work / "configs"
    directory.mkdir()
    for name, texts in GROUPS.items():
        texts = list(texts())
        theirs = accepted([programs.amtool, "check-config"], texts, directory, CHECKING)
        ours = accepted([wfctl, "check"], texts, directory, VERDICT)
        unlike = [("amtool" if theirs[index] else "wfctl") + " alone takes: " + text.strip()
                  for index, text in enumerate(texts) if theirs[index] != ours[index]]
        report.check(f"{name}: {len(texts)} files, {sum(theirs)} of them good, alike",
                     not unlike and 0 < sum(theirs) < len(texts), "\n".join(unlike[:20]))
    report.equal("what 0.34 and 0.35 added is taken",
                 accepted([wfctl, "check"], NEWER, directory, VERDICT), [True] * len(NEWER))
    report.equal("and unknown to Debian's amtool",
                 accepted([programs.amtool, "check-config"], NEWER, directory, CHECKING),
                 [False] * len(NEWER))
