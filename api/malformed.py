"""What is no HTTP request is answered with a problem, as everything else is."""

from __future__ import annotations

import json
import uuid

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from api.problems import Problem

_PROBLEM = Problem(
    400,
    "malformed-request",
    "This is no HTTP request, or its address is longer than 65,535 bytes.",
    "Send long queries as the body of a POST to /api/v1/search.",
)


class Protocol(HttpToolsProtocol):
    """Where a request cannot be parsed, no application is asked: the server answers itself."""

    def send_400_response(self, msg: str) -> None:
        del msg
        request_id = uuid.uuid4().hex
        content = json.dumps(_PROBLEM.document(request_id)).encode("ascii")
        head = (
            "HTTP/1.1 400 Bad Request\r\n"
            "Content-Type: application/problem+json\r\n"
            f"Content-Length: {len(content)}\r\n"
            f"X-Request-Id: {request_id}\r\n"
            "X-Content-Type-Options: nosniff\r\n"
            "Connection: close\r\n\r\n"
        )
        self.transport.write(head.encode("ascii") + content)
        self.transport.close()
