# Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
"""Thanos and Mimir, with tenants, and with history where they have it: in a bucket.

What is older than the start of a run is a block in a bucket that is a folder, read through a store
gateway; what is written since is with Thanos' receiver and Mimir's ingester. The programs are built
by build_backend.sh.
"""

import json
import shutil
import socket
import threading

import backend_servers
import harness
import traffic

TENANT = "shop"
MIB = 1 << 20
# What all series of 30 days have is more, the requests of the busiest service are not.
THANOS_SAMPLES_MAX = 600_000


def history_in_bucket(bucket, home, programs, series, labels):
    """One block of all history, `labels` in its meta.json as Thanos' programs leave them."""
    samples = home / "samples.txt"
    traffic.write_openmetrics(samples, series)
    harness.create_blocks(programs.promtool, home, samples)
    bucket.mkdir(parents=True)
    for block in (home / "data").iterdir():
        meta = json.loads((block / "meta.json").read_text())
        meta["thanos"] = {"version": 1, "labels": labels, "downsample": {"resolution": 0},
                          "source": "receive"}
        (block / "meta.json").write_text(json.dumps(meta))
        shutil.move(block, bucket / block.name)


class Relay:
    """Passes connections on to a port of this machine, unless it is cut."""

    def __init__(self, port):
        self.upstream = ("127.0.0.1", port)
        self.is_cut = False
        self.open = []  # The sockets of connections.
        self.lock = threading.Lock()
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def cut(self):
        with self.lock:
            self.is_cut = True
            self._close_all()

    def join(self):
        with self.lock:
            self.is_cut = False

    def stop(self):
        self.cut()
        self.listener.close()

    def _close_all(self):
        for one in self.open:
            try:
                one.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass  # The other end was first.
            one.close()
        self.open = []

    def _accept(self):
        while True:
            try:
                near = self.listener.accept()[0]
            except OSError:
                return  # Stopped.
            with self.lock:
                try:
                    if self.is_cut:
                        raise ConnectionRefusedError
                    far = socket.create_connection(self.upstream)
                except OSError:
                    near.close()
                    continue
                self.open += [near, far]
            for ends in ((near, far), (far, near)):
                threading.Thread(target=self._pass_on, args=ends, daemon=True).start()

    @staticmethod
    def _pass_on(source, sink):
        try:
            while data := source.recv(65536):
                sink.sendall(data)
            sink.shutdown(socket.SHUT_WR)
        except OSError:
            pass  # Cut, or one end went away; the other notices.


class Thanos(backend_servers.Backend):
    """A querier that enforces tenancy, with a store gateway and a receiver as strict endpoints."""

    kind = "thanos"
    headers = {"X-Scope-OrgID": TENANT}
    limit = "limit"
    # Its querier has no limit of its own, its stores have; subqueries are nothing to them.
    expensive = 'last_over_time({job=~".+"}[30d]) > 0'
    has_stores = True
    relay = None

    def break_store(self):
        self.relay.cut()

    def mend_store(self):
        self.relay.join()


class Mimir(backend_servers.Backend):
    """All of Mimir in one process."""

    kind = "mimir"
    headers = {"X-Scope-OrgID": TENANT}
    limit = "err-mimir-max-"


def start_thanos(name, program, programs, series):
    home = programs.work / name
    home.mkdir()
    bucket = home / "bucket"
    history_in_bucket(bucket, home, programs, series, {"tenant_id": TENANT, "receive": "0"})
    (home / "bucket.yml").write_text(f'type: FILESYSTEM\nconfig: {{directory: "{bucket}"}}\n')

    def address():
        return f"127.0.0.1:{backend_servers.free_port()}"
    store, write, http = address(), address(), address()
    receiver_port = backend_servers.free_port()
    relay = Relay(receiver_port)
    backend = Thanos(name, f"http://{http}", relay)
    backend.relay = relay
    backend.write_url = f"http://{write}/api/v1/receive"

    def start(part, *flags):
        backend.children.append(harness.Program(
            f"{name}-{part}", [program, part, "--http-grace-period=1s", "--grpc-grace-period=1s",
                               *flags], programs.work))
    try:
        start("store", f"--data-dir={home / 'store'}", f"--objstore.config-file={home}/bucket.yml",
              f"--http-address={address()}", f"--grpc-address={store}",
              f"--store.limits.request-samples={THANOS_SAMPLES_MAX}")
        start("receive", f"--tsdb.path={home / 'receive'}", "--label=receive=\"0\"",
              f"--http-address={address()}", f"--grpc-address=127.0.0.1:{receiver_port}",
              f"--remote-write.address={write}", "--receive.tenant-header=X-Scope-OrgID")
        start("query", f"--http-address={http}", f"--grpc-address={address()}",
              f"--endpoint-strict={store}", f"--endpoint-strict=127.0.0.1:{relay.port}",
              "--query.enforce-tenancy", "--query.tenant-header=X-Scope-OrgID")
        wait_until_whole(backend, series)
    except harness.Failure as failure:
        backend.stop()
        raise harness.Failure(f"{failure}\n{last_lines(backend)}") from None
    return backend


def start_mimir(name, program, programs, series):
    home = programs.work / name
    home.mkdir()
    history_in_bucket(home / "bucket" / TENANT, home, programs, series, {})
    http, grpc, gossip = (backend_servers.free_port() for _ in range(3))
    rings = [flag for ring in ("ingester.ring", "distributor.ring", "compactor.ring",
                               "store-gateway.sharding-ring", "ruler.ring", "querier.ring",
                               "query-scheduler.ring")
             for flag in (f"-{ring}.store=inmemory", f"-{ring}.instance-addr=127.0.0.1")]
    server = harness.Program(name, [
        program, "-server.http-listen-address=127.0.0.1", f"-server.http-listen-port={http}",
        "-server.grpc-listen-address=127.0.0.1", f"-server.grpc-listen-port={grpc}",
        "-memberlist.bind-addr=127.0.0.1", f"-memberlist.bind-port={gossip}", *rings,
        "-ingester.ring.replication-factor=1", "-store-gateway.sharding-ring.replication-factor=1",
        "-ingester.ring.min-ready-duration=0s", "-query-frontend.instance-addr=127.0.0.1",
        "-blocks-storage.backend=filesystem",
        f"-blocks-storage.filesystem.dir={home / 'bucket'}",
        f"-blocks-storage.tsdb.dir={home / 'tsdb'}",
        f"-blocks-storage.bucket-store.sync-dir={home / 'sync'}",
        "-blocks-storage.bucket-store.sync-interval=5s", "-compactor.cleanup-interval=5s",
        f"-compactor.data-dir={home / 'compactor'}", "-ruler-storage.backend=filesystem",
        f"-ruler-storage.filesystem.dir={home / 'rules'}", f"-ruler.rule-path={home / 'ruler'}",
        "-activity-tracker.filepath=", "-usage-stats.enabled=false",
        # The newest history is in the bucket here, not with the ingester.
        "-querier.query-store-after=0",
        f"-querier.max-estimated-memory-consumption-per-query={64 * MIB}",
    ], programs.work)
    backend = Mimir(name, f"http://127.0.0.1:{http}/prometheus", server)
    backend.write_url = f"http://127.0.0.1:{http}/api/v1/push"
    try:
        backend_servers.wait_until_ready(name, f"http://127.0.0.1:{http}/ready")
        wait_until_whole(backend, series)
    except harness.Failure as failure:
        backend.stop()
        raise harness.Failure(f"{failure}\n{last_lines(backend)}") from None
    return backend


def wait_until_whole(backend, series):
    """Until all of history is answered with."""
    wanted = sum(len(points) for labels, points in series.items() if dict(labels)["job"] == "shop"
                 and labels[0][1] == "up")
    at = max(points[-1][0] for points in series.values()) // 1000

    def is_whole():
        try:
            return backend.ask('sum(count_over_time(up{job="shop"}[40d]))', at) == wanted
        except OSError:
            return False  # Not up yet.
    harness.wait_for(f"{backend.name} has its history", is_whole)


def last_lines(backend):
    return "\n".join(child.last_lines() for child in backend.children
                     if isinstance(child, harness.Program))
