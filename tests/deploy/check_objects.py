# Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
"""Checks what neither Helm nor kubectl checks in a scenario's objects: that they fit together.

usage: check_objects.py ROOT NAME < objects.json
Reads the List that `kubectl apply --dry-run=client -o json` prints; ROOT is the repository, NAME
stands in messages. Prints every fault and exits 1 if there is any.
"""

import json
import pathlib
import sys

PORT = 9093
CONFIG_MAP_BYTES_MAX = 1024 * 1024  # etcd's limit for an object
CONFIG_KEYS = (
    "route",
    "receivers",
    "datasources",
    "evaluation",
    "rule_files",
    "slo_files",
    "inbound",
)
VERSION_LABELS = {"helm.sh/chart", "app.kubernetes.io/version", "app.kubernetes.io/managed-by"}


class Checker:
    def __init__(self, root, objects):
        self.root = root
        self.objects = objects
        self.faults = []
        self.stateful_set = next(o for o in objects if o["kind"] == "StatefulSet")
        self.pod = self.stateful_set["spec"]["template"]
        self.spec = self.pod["spec"]
        self.container = next(c for c in self.spec["containers"] if c["name"] == "watchfire")
        self.flags = dict(arg.removeprefix("--").split("=", 1) for arg in self.container["args"])

    def expect(self, holds, fault):
        if not holds:
            self.faults.append(fault)

    def of_kind(self, kind):
        return [o for o in self.objects if o["kind"] == kind]

    def find(self, kind, name):
        return next((o for o in self.of_kind(kind) if o["metadata"]["name"] == name), None)

    def metadata(self):
        for item in self.objects:
            meta = item["metadata"]
            where = f"{item['kind']} {meta['name']}"
            self.expect(len(meta["name"]) <= 63, f"{where}: name longer than 63 characters")
            self.expect(
                "namespace" in meta or item["kind"] == "Namespace",
                f"{where}: no namespace of its own",
            )
            for field in ("labels", "annotations"):
                for key, value in meta.get(field, {}).items():
                    self.expect(isinstance(value, str), f"{where}: {field}.{key} is not a string")
        self.expect(
            len(self.stateful_set["metadata"]["name"]) <= 52,
            "StatefulSet: name longer than 52 characters",
        )

    def selectors(self):
        labels = self.pod["metadata"]["labels"]
        selectors = [("StatefulSet", self.stateful_set["spec"]["selector"]["matchLabels"])]
        selectors += [("Service", o["spec"]["selector"]) for o in self.of_kind("Service")]
        for kind, field in (("PodDisruptionBudget", "selector"), ("NetworkPolicy", "podSelector")):
            selectors += [(kind, o["spec"][field]["matchLabels"]) for o in self.of_kind(kind)]
        for kind, selector in selectors:
            self.expect(selector.items() <= labels.items(), f"{kind}: selects other pods")
            self.expect(
                not VERSION_LABELS & selector.keys(),
                f"{kind}: a label that changes is in the selector",
            )
        for claim in self.stateful_set["spec"].get("volumeClaimTemplates", []):
            labels = claim["metadata"]["labels"].keys()
            self.expect(
                not VERSION_LABELS & labels, "claim: a label that changes is immutable here"
            )

    def ports(self):
        port = next(
            (p["name"] for p in self.container["ports"] if p["containerPort"] == PORT), None
        )
        for service in self.of_kind("Service"):
            only, where = service["spec"]["ports"][0], f"Service {service['metadata']['name']}"
            self.expect(only["name"] == only["targetPort"] == port, f"{where}: port is not {port}")
        governing = self.find("Service", self.stateful_set["spec"]["serviceName"]) or {"spec": {}}
        headless = governing["spec"].get("clusterIP") == "None"
        self.expect(headless, "no headless governing service")
        for monitor in self.of_kind("ServiceMonitor"):
            wanted = monitor["spec"]["selector"]["matchLabels"].items()
            absent = monitor["spec"]["selector"]["matchExpressions"][0]["key"]
            labels = [s["metadata"]["labels"] for s in self.of_kind("Service")]
            count = sum(wanted <= each.items() and absent not in each for each in labels)
            self.expect(count == 1, f"ServiceMonitor: selects {count} services instead of 1")
            self.expect(
                monitor["spec"]["endpoints"][0]["port"] == port, "ServiceMonitor: wrong port"
            )
        for ingress in self.of_kind("Ingress"):
            for path in (
                path for rule in ingress["spec"]["rules"] for path in rule["http"]["paths"]
            ):
                backend = path["backend"]["service"]
                self.expect(self.find("Service", backend["name"]), "Ingress: no such service")
                self.expect(backend["port"]["name"] == port, "Ingress: wrong port")

    def probes_and_flags(self):
        prefix = self.flags["web.route-prefix"].rstrip("/")
        self.expect(
            self.flags["web.listen-address"] == f":{PORT}", "the container port is not the flag's"
        )
        self.expect(self.flags["storage.path"] == "/data", "the database is not on its volume")
        web = "".join(o["stringData"].get("web.yml", "") for o in self.of_kind("Secret"))
        self.expect(bool(web) == ("web.config.file" in self.flags), "web.yml and its flag")
        for probe, path in (("livenessProbe", "/-/healthy"), ("readinessProbe", "/-/ready")):
            handlers = self.container[probe].keys() & {"httpGet", "tcpSocket", "exec"}
            self.expect(len(handlers) == 1, f"{probe}: {len(handlers)} handlers instead of 1")
            got = self.container[probe].get("httpGet")
            if got:
                self.expect(got["path"] == prefix + path, f"{probe}: not under the route prefix")
                tls = got.get("scheme", "HTTP") == "HTTPS"
                self.expect(tls == ("tls_server_config:" in web), f"{probe}: the port's scheme")
            protected = "basic_auth_users:" in web or "client_auth_type: Require" in web
            self.expect(not (got and protected), f"{probe}: answered 401")
        for monitor in self.of_kind("ServiceMonitor"):
            got = monitor["spec"]["endpoints"][0]["path"]
            self.expect(got == prefix + "/metrics", "ServiceMonitor: not under the route prefix")
            tls = monitor["spec"]["endpoints"][0].get("scheme", "http") == "https"
            self.expect(tls == ("tls_server_config:" in web), "ServiceMonitor: the port's scheme")

    def restricted(self):
        """The Pod Security Standard "restricted", a read-only root and no token."""
        pod = self.spec.get("securityContext", {})
        self.expect(pod.get("runAsNonRoot") is True, "pod: may run as root")
        self.expect(pod.get("runAsUser") != 0, "pod: runs as root")
        self.expect(
            pod.get("seccompProfile", {}).get("type") == "RuntimeDefault", "pod: no seccomp profile"
        )
        self.expect(self.spec["automountServiceAccountToken"] is False, "pod: has an API token")
        self.expect(self.spec["enableServiceLinks"] is False, "pod: gets a variable per service")
        for field in ("hostNetwork", "hostPID", "hostIPC"):
            self.expect(not self.spec.get(field), f"pod: {field}")
        for container in self.spec["containers"] + self.spec.get("initContainers", []):
            context, where = container.get("securityContext", {}), f"container {container['name']}"
            escalates = context.get("allowPrivilegeEscalation") is not False
            self.expect(not escalates, f"{where}: may gain privileges")
            self.expect(context.get("readOnlyRootFilesystem") is True, f"{where}: writable root")
            dropped = context.get("capabilities", {}).get("drop")
            self.expect(dropped == ["ALL"], f"{where}: keeps capabilities")
        for volume in self.spec["volumes"]:
            self.expect("hostPath" not in volume, f"volume {volume['name']}: hostPath")

    def volumes(self):
        known = {v["name"] for v in self.spec["volumes"]}
        claims = self.stateful_set["spec"].get("volumeClaimTemplates", [])
        known |= {claim["metadata"]["name"] for claim in claims}
        for container in self.spec["containers"] + self.spec.get("initContainers", []):
            for mount in container.get("volumeMounts", []):
                self.expect(mount["name"] in known, f"mount {mount['name']}: no such volume")
                self.expect("subPath" not in mount, f"mount {mount['name']}: never updated")
        self.expect("data" in known, "no volume for the database")

    def config(self):
        volume = next(v for v in self.spec["volumes"] if v["name"] == "config")
        sources = volume["projected"]["sources"]
        secret = self.find("Secret", sources[0]["secret"]["name"])
        name = pathlib.PurePath(self.flags["config.file"])
        self.expect(str(name.parent) == "/etc/watchfire", "--config.file is not in its volume")
        if secret:
            text = secret["stringData"].get(name.name, "")
            for key in CONFIG_KEYS:
                self.expect(f"\n{key}:" in f"\n{text}", f"{name}: has no {key}")
        for projected in (source["configMap"] for source in sources[1:] if "configMap" in source):
            where = projected["name"]
            directory = where.rsplit("-", 1)[1]
            paths = {item["key"]: item["path"] for item in projected["items"]}
            data = self.find("ConfigMap", where)["data"]
            self.expect(paths.keys() == data.keys(), f"{where}: not all files are mounted")
            for key, path in paths.items():
                self.expect(path == f"{directory}/{key}", f"{where}: {key} is not in {directory}")

    def copies(self):
        """Every shipped file arrives in the cluster byte for byte."""
        rules = self.root / "rules"
        shipped = {str(p.relative_to(rules)).replace("/", "-"): p for p in rules.glob("*/**/*.yml")}
        for path in (self.root / "grafana/dashboards").glob("*.json"):
            prefix = "" if path.name.startswith("watchfire") else "watchfire-"
            shipped[prefix + path.name] = path
        for config_map in self.of_kind("ConfigMap"):
            where = config_map["metadata"]["name"]
            size = len(json.dumps(config_map["data"]).encode())
            self.expect(size < CONFIG_MAP_BYTES_MAX, f"{where}: larger than 1 MiB")
            for name in config_map["data"].keys() & shipped.keys():
                original = shipped[name].read_text(encoding="utf-8")
                same = config_map["data"][name] == original
                self.expect(same, f"{where}: {name} is not {shipped[name]}")


def main(root, name):
    listed = json.load(sys.stdin)
    checker = Checker(pathlib.Path(root), listed.get("items", [listed]))
    checks = (
        "metadata",
        "selectors",
        "ports",
        "probes_and_flags",
        "restricted",
        "volumes",
        "config",
        "copies",
    )
    for check in checks:
        getattr(checker, check)()
    for fault in checker.faults:
        print(f"{name}: {fault}", file=sys.stderr)
    sys.exit(bool(checker.faults))


main(*sys.argv[1:])
