"""
A small FHIR server on the loopback: transactions of resources that are put, and slots in pages.

It takes what the official definitions allow (fhir.resources judges each bundle) and refuses the
rest, so that an example that a real server would refuse fails here too.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

PAGE = 2


class _Handler(BaseHTTPRequestHandler):
    server: Server

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # the base's name
        """Say nothing."""

    def _answer(self, status: int, body: dict[str, Any]) -> None:
        data = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/fhir+json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def do_POST(self) -> None:  # the base's name
        from fhir.resources.R4B.bundle import Bundle

        raw = self.rfile.read(int(self.headers["Content-Length"]))
        try:
            Bundle.model_validate_json(raw)
            entries = json.loads(raw)["entry"]
            urls = [entry["request"]["url"] for entry in entries]
            wanted = [f"{one['resourceType']}/{one['id']}" for one in resources(entries)]
            if json.loads(raw)["type"] != "transaction" or len({*urls}) < len(urls):
                raise ValueError("no transaction, or a place twice")
            if urls != wanted or any(entry["request"]["method"] != "PUT" for entry in entries):
                raise ValueError("a resource is put where it does not belong")
        except (KeyError, ValueError) as error:
            self._answer(400, {"resourceType": "OperationOutcome", "text": str(error)})
            return
        said = ["200 OK" if url in self.server.kept else "201 Created" for url in urls]
        self.server.kept |= dict(zip(urls, resources(entries), strict=True))
        made = [{"response": {"status": one}} for one in said]
        self._answer(200, {"resourceType": "Bundle", "type": "transaction-response", "entry": made})

    def do_GET(self) -> None:  # the base's name
        parts = urlsplit(self.path)
        asked = parse_qs(parts.query)
        found = [
            one
            for one in self.server.slots
            if one["schedule"]["reference"] in asked["schedule"]
            and all(_holds(one["start"][:10], limit) for limit in asked.get("start", ()))
        ]
        begin = int(asked.get("_offset", ["0"])[0])
        page: dict[str, Any] = {"resourceType": "Bundle", "type": "searchset"}
        page["entry"] = [{"resource": one} for one in found[begin : begin + PAGE]]
        if begin + PAGE < len(found):
            rest = "&".join(p for p in parts.query.split("&") if not p.startswith("_offset"))
            url = f"{parts.path}?{rest}&_offset={begin + PAGE}"
            page["link"] = [{"relation": "next", "url": url}]
        self._answer(200, page)


def _holds(day: str, limit: str) -> bool:
    return day >= limit[2:] if limit.startswith("ge") else day <= limit[2:]


def resources(entries: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [entry["resource"] for entry in entries]


class Server(ThreadingHTTPServer):
    """What was put, by its place, and the slots that are handed out."""

    def __init__(self, slots: list[dict[str, Any]]) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.slots = slots
        self.kept: dict[str, dict[str, Any]] = {}

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/r4"


@contextmanager
def serving(slots: list[dict[str, Any]]) -> Iterator[Server]:
    """Serve until the block ends."""
    server = Server(slots)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
