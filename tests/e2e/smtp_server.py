#!/usr/bin/env python3
# Copyright 2026 The Watchfire Authors. SPDX-License-Identifier: Apache-2.0
"""A mail server for tests: aiosmtpd of Debian on 127.0.0.1, port 0, that misbehaves as asked.

  smtp_server.py [--certificate FILE --key FILE [--implicit]] [--user NAME --password TEXT]
                 [--mechanisms CRAM-MD5,LOGIN,PLAIN] [--greylist] [--refuse ADDRESS] [--cut]
                 [--hang greeting|data]

Tells on stderr its address, and every message that it took as a line "message JSON".
"""

import argparse
import asyncio
import email
import email.policy
import hashlib
import hmac
import json
import pathlib
import ssl
import sys

TOOLS = pathlib.Path(__file__).resolve().parents[2] / "build" / "tools"
for package in ("python3-aiosmtpd", "python3-public", "python3-attr"):
    sys.path.append(str(TOOLS / package / "usr" / "lib" / "python3" / "dist-packages"))

try:
    from aiosmtpd.smtp import MISSING, SMTP, AuthResult
except ImportError:
    print("start failed: no aiosmtpd; ./dev test fetches it", file=sys.stderr)
    sys.exit(77)

CHALLENGE = "<1.2@here>"


def describe(envelope):
    message = email.message_from_bytes(envelope.original_content, policy=email.policy.default)
    return {
        "from": envelope.mail_from,
        "to": envelope.rcpt_tos,
        "headers": {name: str(value) for name, value in message.items()},
        "parts": {part.get_content_type(): part.get_content().replace("\r\n", "\n")
                  for part in message.walk() if not part.is_multipart()},
    }


class Stuck(SMTP):
    """Asks for the message and does nothing more."""

    async def smtp_DATA(self, _arg):
        await self.push("354 go on")
        await asyncio.Event().wait()


class Handler:
    def __init__(self, options):
        self.options = options
        self.seen = set()

    async def handle_RCPT(self, _server, _session, envelope, address, rcpt_options):
        if address == self.options.refuse:
            return "550 5.1.1 no mailbox here by that name"
        if self.options.greylist and address not in self.seen:
            self.seen.add(address)
            return "451 4.7.1 greylisted, come back later"
        envelope.rcpt_tos.append(address)
        envelope.rcpt_options.extend(rcpt_options)
        return "250 2.1.5 fine"

    async def handle_DATA(self, server, session, envelope):
        told = describe(envelope)
        told["tls"] = session.ssl is not None or self.options.implicit
        told["login"] = getattr(session, "user", "")
        told["mechanism"] = getattr(session, "mechanism", "")
        told["hello"] = session.host_name
        print("message", json.dumps(told), file=sys.stderr, flush=True)
        if self.options.cut:
            server.transport.abort()
        return "250 2.0.0 queued as 7"

    async def auth_CRAM__MD5(self, server, _args):
        answer = await server.challenge_auth(CHALLENGE)
        if answer is MISSING:
            return AuthResult(success=False)
        user, _, digest = answer.decode().rpartition(" ")
        wanted = hmac.new(self.options.password.encode(), CHALLENGE.encode(), hashlib.md5)
        if user == self.options.user and hmac.compare_digest(digest, wanted.hexdigest()):
            server.session.mechanism = "CRAM-MD5"
            server.session.user = user
            return AuthResult(success=True)
        return AuthResult(success=False, handled=False)


def make_factory(options, context):
    handler = Handler(options)
    mechanisms = options.mechanisms.split(",")

    def authenticate(_server, session, _envelope, mechanism, data):
        session.mechanism = mechanism
        session.user = data.login.decode()
        good = session.user == options.user and data.password.decode() == options.password
        return AuthResult(success=good, handled=False, auth_data=data)

    def make():
        if options.hang == "greeting":
            return asyncio.Protocol()
        return (Stuck if options.hang == "data" else SMTP)(
            handler, hostname="mail.test", enable_SMTPUTF8=True,
            tls_context=None if options.implicit else context,
            auth_required=options.user is not None,
            auth_require_tls=options.user is None or (context is not None and not options.implicit),
            authenticator=authenticate,
            auth_exclude_mechanism=[name for name in ("CRAM-MD5", "LOGIN", "PLAIN")
                                    if name not in mechanisms])

    return make


async def main():
    parser = argparse.ArgumentParser()
    for name in ("certificate", "key", "user", "password", "refuse"):
        parser.add_argument(f"--{name}")
    parser.add_argument("--mechanisms", default="LOGIN,PLAIN")
    parser.add_argument("--hang", choices=("greeting", "data"))
    for name in ("implicit", "greylist", "cut"):
        parser.add_argument(f"--{name}", action="store_true")
    options = parser.parse_args()
    context = None
    if options.certificate:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(options.certificate, options.key)
    server = await asyncio.get_running_loop().create_server(
        make_factory(options, context), host="127.0.0.1", port=0,
        ssl=context if options.implicit else None)
    port = server.sockets[0].getsockname()[1]
    print(f"Listening on address=127.0.0.1:{port}", file=sys.stderr, flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main())
