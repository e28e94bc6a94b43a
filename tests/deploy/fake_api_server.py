#!/usr/bin/env python3
# Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
"""A Kubernetes API server with no objects, for dry runs of kubectl and Helm.

kubectl's client-side dry run still asks a server which kinds exist, which fields they have and
whether the object is already there. This one answers discovery and OpenAPI from a real swagger.json
(k8s.io/kubectl carries one in testdata/openapi), adds the kinds of the chart that it lacks, says
404 for every object, and refuses every write.

usage: fake_api_server.py SWAGGER KUBECONFIG
Listens on a free loopback port, writes KUBECONFIG for it once it is ready, and runs until killed.
"""

import http.server
import json
import os
import re
import sys

GVK = "x-kubernetes-group-version-kind"


# --- protobuf ---
# kubectl reads /openapi/v2 only as the protobuf message openapi.v2.Document of google/gnostic
# (OpenAPIv2.proto). Just the fields that validation reads are written: definitions, and in them
# what `encode_schema` names.


def varint(number):
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes(out + bytes([number]))


def field(number, payload):
    """A length-delimited field; text is encoded as UTF-8."""
    data = payload.encode() if isinstance(payload, str) else payload
    return varint(number << 3 | 2) + varint(len(data)) + data


def named(number, items):
    """A repeated field of {name = 1, value = 2}."""
    return b"".join(field(number, field(1, name) + field(2, value)) for name, value in items)


def encode_schema(schema):
    out = b""
    if "$ref" in schema:
        out += field(1, schema["$ref"])
    if "format" in schema:
        out += field(2, schema["format"])
    for name in schema.get("required", []):
        out += field(19, name)
    if isinstance(schema.get("additionalProperties"), dict):
        out += field(21, field(1, encode_schema(schema["additionalProperties"])))
    if "type" in schema:
        out += field(22, field(1, schema["type"]))
    if "items" in schema:
        out += field(23, field(1, encode_schema(schema["items"])))
    if "properties" in schema:
        properties = ((name, encode_schema(value)) for name, value in schema["properties"].items())
        out += field(25, named(1, properties))
    keys = (key for key in schema if key.startswith("x-kubernetes-"))
    extensions = [(key, field(2, json.dumps(schema[key]))) for key in keys]
    return out + named(31, extensions)


def encode_document(swagger):
    definitions = ((name, encode_schema(schema)) for name, schema in swagger["definitions"].items())
    info = field(1, "Kubernetes") + field(2, "v1")
    return field(1, "2.0") + field(2, info) + field(8, b"") + field(9, named(1, definitions))


# --- kinds the swagger.json lacks ---


def strings():
    return {"type": "object", "additionalProperties": {"type": "string"}}


def listing(items):
    return {"type": "array", "items": items}


def record(required=(), **properties):
    return {"type": "object", "required": list(required), "properties": properties}


TEXT, FLAG = {"type": "string"}, {"type": "boolean"}
RELABELING = record(
    action=TEXT,
    regex=TEXT,
    replacement=TEXT,
    separator=TEXT,
    sourceLabels=listing(TEXT),
    targetLabel=TEXT,
)
SELECTOR = {"$ref": "#/definitions/io.k8s.apimachinery.pkg.apis.meta.v1.LabelSelector"}
KEY = record(["key"], name=TEXT, key=TEXT, optional=FLAG)
TLS = record(
    ca=record(secret=KEY, configMap=KEY),
    cert=record(secret=KEY, configMap=KEY),
    keySecret=KEY,
    serverName=TEXT,
    insecureSkipVerify=FLAG,
)
OPERATOR_KINDS = {
    "ServiceMonitor": record(
        ["endpoints", "selector"],
        selector=SELECTOR,
        namespaceSelector=record(any=FLAG, matchNames=listing(TEXT)),
        endpoints=listing(
            record(
                port=TEXT,
                path=TEXT,
                scheme=TEXT,
                interval=TEXT,
                scrapeTimeout=TEXT,
                tlsConfig=TLS,
                basicAuth=record(username=KEY, password=KEY),
                honorLabels=FLAG,
                relabelings=listing(RELABELING),
                metricRelabelings=listing(RELABELING),
            )
        ),
    ),
    "PrometheusRule": record(
        groups=listing(
            record(
                ["name"],
                name=TEXT,
                interval=TEXT,
                limit={"type": "integer"},
                labels=strings(),
                rules=listing(
                    record(
                        ["expr"],
                        alert=TEXT,
                        record=TEXT,
                        expr=TEXT,
                        keep_firing_for=TEXT,
                        labels=strings(),
                        annotations=strings(),
                        **{"for": TEXT},
                    )
                ),
            )
        )
    ),
}


def add_kind(swagger, group, version, kind, definition):
    names = {"group": group, "version": version, "kind": kind}
    swagger["definitions"][f"{group}.{version}.{kind}"] = {**definition, GVK: [names]}
    swagger["paths"][f"/apis/{group}/{version}/namespaces/{{namespace}}/{kind.lower()}s"] = {
        "post": {GVK: names}
    }


def add_kinds(swagger):
    """The Prometheus Operator's, as far as the chart uses them, and policy/v1 (v1beta1 renamed)."""
    meta = {"$ref": "#/definitions/io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta"}
    for kind, spec in OPERATOR_KINDS.items():
        definition = record(["spec"], apiVersion=TEXT, kind=TEXT, metadata=meta, spec=spec)
        add_kind(swagger, "monitoring.coreos.com", "v1", kind, definition)
    budget = swagger["definitions"]["io.k8s.api.policy.v1beta1.PodDisruptionBudget"]
    add_kind(swagger, "policy", "v1", "PodDisruptionBudget", budget)


# --- discovery ---


def discovery(swagger):
    """Returns {path: answer} for /version, /api, /apis and every group version."""
    resources = {}
    for path, operations in swagger["paths"].items():
        match = re.fullmatch(
            r"/(api|apis/[^/]+)/([^/]+)/(namespaces/\{namespace\}/)?([a-z]+)", path
        )
        if not match or GVK not in operations.get("post", {}):
            continue
        prefix, version, namespaced, name = match.groups()
        kind = operations["post"][GVK]["kind"]
        verbs = ["create", "delete", "get", "list", "patch", "update"]
        listed = resources.setdefault((prefix, version), {})
        if namespaced or name not in listed:
            listed[name] = {
                "name": name,
                "singularName": "",
                "namespaced": bool(namespaced),
                "kind": kind,
                "verbs": verbs,
            }
    answers = {
        "/version": {"major": "1", "minor": "30", "gitVersion": "v1.30.0"},
        "/api": {"kind": "APIVersions", "versions": ["v1"], "serverAddressByClientCIDRs": []},
    }
    groups = {}
    for (prefix, version), listed in resources.items():
        group = prefix.removeprefix("apis/") if prefix != "api" else ""
        group_version = f"{group}/{version}".lstrip("/")
        answers[f"/{prefix}/{version}"] = {
            "kind": "APIResourceList",
            "apiVersion": "v1",
            "groupVersion": group_version,
            "resources": list(listed.values()),
        }
        if group:
            groups.setdefault(group, []).append({"groupVersion": group_version, "version": version})
    answers["/apis"] = {
        "kind": "APIGroupList",
        "apiVersion": "v1",
        "groups": [
            {"name": group, "versions": versions, "preferredVersion": versions[0]}
            for group, versions in groups.items()
        ],
    }
    return answers


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    answers = {}
    openapi = b""

    def do_GET(self):
        path = self.path.split("?")[0].rstrip("/")
        if path == "/openapi/v2":
            # The media type kubectl asks for has an @, which its own parser of answers refuses.
            self.reply(200, self.openapi, "application/octet-stream")
        elif path in self.answers:
            self.reply_json(200, self.answers[path])
        else:
            self.refuse(404, "NotFound")

    def refuse(self, code, reason):
        status = {
            "kind": "Status",
            "apiVersion": "v1",
            "status": "Failure",
            "reason": reason,
            "code": code,
        }
        self.reply_json(code, status)

    def write_refused(self):
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.refuse(405, "MethodNotAllowed")

    do_POST = do_PUT = do_PATCH = do_DELETE = write_refused

    def reply_json(self, code, value):
        self.reply(code, json.dumps(value).encode(), "application/json")

    def reply(self, code, body, content_type):
        self.send_response(code)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


def main(swagger_path, kubeconfig_path):
    with open(swagger_path, encoding="utf-8") as file:
        swagger = json.load(file)
    add_kinds(swagger)
    Handler.answers = discovery(swagger)
    Handler.openapi = encode_document(swagger)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    url = f"http://127.0.0.1:{server.server_port}"
    config = {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": "fake",
        "clusters": [{"name": "fake", "cluster": {"server": url}}],
        "contexts": [{"name": "fake", "context": {"cluster": "fake", "user": "nobody"}}],
        "users": [{"name": "nobody", "user": {}}],
    }
    # Written beside and renamed, so that whoever waits for it never reads half of it.
    def private(path, flags):
        return os.open(path, flags, 0o600)

    with open(kubeconfig_path + ".tmp", "w", encoding="utf-8", opener=private) as file:
        json.dump(config, file)
    os.rename(kubeconfig_path + ".tmp", kubeconfig_path)
    server.serve_forever()


main(*sys.argv[1:])
