#!/usr/bin/env python3
# Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
"""Measures good POSTs among a thousand bad clients:  slow_clients.py WATCHFIRE [--posts 500]

A third of the clients says nothing, a third sends one byte of a header each second, a third stops
in the middle of a body. Prints the latency of POST /api/v2/alerts on one kept connection without
them and with them, and exits 1 if their p99 with them is past the limit.
"""

import argparse
import http.client
import json
import pathlib
import resource
import socket
import sys
import tempfile
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "demo"))
import demo  # noqa: E402
import idle  # noqa: E402

CLIENTS = 1000
LIMIT_MS = 100
HEAD = b"POST /api/v2/alerts HTTP/1.1\r\nHost: wf\r\n"
BEGINNINGS = (
    b"",
    HEAD + b"X-Slow: ",
    HEAD + b"Content-Type: application/json\r\nContent-Length: 1000\r\n\r\n[{",
)


def connect(port):
    clients = []
    for number in range(CLIENTS):
        client = socket.create_connection(("127.0.0.1", port))
        client.sendall(BEGINNINGS[number % len(BEGINNINGS)])
        clients.append(client)
    return clients


def drip(clients, stop):
    """One byte a second from those that are in their headers."""
    while not stop.wait(1):
        for client in clients[1::len(BEGINNINGS)]:
            client.sendall(b"x")


def measure(port, posts):
    """Returns the sorted milliseconds of `posts` requests, spread over some seconds."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    took = []
    for number in range(posts):
        body = json.dumps([{"labels": {"alertname": f"A{number}", "service": "bench"}}])
        begin = time.monotonic()
        connection.request("POST", "/api/v2/alerts", body, {"Content-Type": "application/json"})
        answer = connection.getresponse()
        answer.read()
        took.append((time.monotonic() - begin) * 1000)
        if answer.status != 200:
            sys.exit(f"slow_clients.py: POST answered {answer.status}")
        time.sleep(0.005)
    connection.close()
    return sorted(took)


def show(name, took):
    p50, p99 = took[len(took) // 2], took[len(took) * 99 // 100]
    print(f"{name:28} p50 {p50:8.2f} ms   p99 {p99:8.2f} ms   max {took[-1]:8.2f} ms")
    return p99


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("program", help="the server")
    parser.add_argument("--posts", type=int, default=500)
    options = parser.parse_args()
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    with tempfile.TemporaryDirectory() as directory:
        port = demo.free_port(0)
        process = idle.start(options.program, directory, port)[0]
        stop = threading.Event()
        try:
            show("POST, no slow clients", measure(port, options.posts))
            clients = connect(port)
            threading.Thread(target=drip, args=(clients, stop), daemon=True).start()
            p99 = show(f"POST, {CLIENTS} slow clients", measure(port, options.posts))
        finally:
            stop.set()
            idle.stop(process)
    if p99 > LIMIT_MS:
        sys.exit(f"slow_clients.py: p99 is past {LIMIT_MS} ms")


if __name__ == "__main__":
    main()
