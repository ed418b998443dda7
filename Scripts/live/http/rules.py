# SPDX-License-Identifier: Apache-2.0
"""Sends one raw request for each protocol rule to the rig and compares status and fate of the connection."""
import socket
import sys

port = int(sys.argv[1])
LONG = b"a" * 9000
OK = b"GET /livez HTTP/1.1\r\nHost: a\r\n\r\n"

# name, bytes, status, whether the connection must be closed afterwards
RULES = [
    ("a plain request", OK, 200, False),
    ("HTTP/1.0 without Host", b"GET /livez HTTP/1.0\r\n\r\n", 200, True),
    ("HTTP/1.0 that stays", b"GET /livez HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", 200, False),
    ("Connection: close", b"GET /livez HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", 200, True),
    ("HEAD", b"HEAD /livez HTTP/1.1\r\nHost: a\r\n\r\n", 200, False),
    ("absolute form", b"GET http://a/livez HTTP/1.1\r\nHost: b\r\n\r\n", 200, False),
    ("an unknown path", b"GET /nothing HTTP/1.1\r\nHost: a\r\n\r\n", 404, False),
    ("a path that is not raw", b"GET /./livez HTTP/1.1\r\nHost: a\r\n\r\n", 404, False),
    ("an unknown method", b"BREW /livez HTTP/1.1\r\nHost: a\r\n\r\n", 405, False),
    ("a counted body", b"POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nhi", 200, False),
    ("a chunked body", b"POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n", 200, False),
    ("a body nobody wants", b"GET /livez HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nhi", 200, False),
    ("TE with CL", b"POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n", 400, True),
    ("another TE", b"POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n", 400, True),
    ("TE twice", b"POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n", 400, True),
    ("TE on 1.0", b"POST /echo HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", 400, True),
    ("CL twice", b"POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nContent-Length: 2\r\n\r\nhi", 400, True),
    ("a list in CL", b"POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 2, 2\r\n\r\nhi", 400, True),
    ("a signed CL", b"POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: +2\r\n\r\nhi", 400, True),
    ("a hex CL", b"POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 0x2\r\n\r\nhi", 400, True),
    ("an empty CL", b"POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length:\r\n\r\n", 400, True),
    ("an overflowing CL", b"POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 18446744073709551618\r\n\r\nhi", 400, True),
    ("blank before colon", b"GET /livez HTTP/1.1\r\nHost : a\r\n\r\n", 400, True),
    ("a folded line", b"GET /livez HTTP/1.1\r\nHost: a\r\nX: a\r\n b\r\n\r\n", 400, True),
    ("NUL", b"GET /livez HTTP/1.1\r\nHost: a\r\nX: a\0b\r\n\r\n", 400, True),
    ("a bare CR", b"GET /livez HTTP/1.1\r\nHost: a\r\nX: a\rb\r\n\r\n", 400, True),
    ("a bare LF", b"GET /livez HTTP/1.1\nHost: a\n\n", 400, True),
    ("two Hosts", b"GET /livez HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n", 400, True),
    ("no Host", b"GET /livez HTTP/1.1\r\n\r\n", 400, True),
    ("authority form", b"CONNECT a:80 HTTP/1.1\r\nHost: a\r\n\r\n", 400, True),
    ("asterisk form", b"OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n", 400, True),
    ("HTTP/2's preface", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505, True),
    ("TLS", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n\n", 400, True),
    ("a long request line", b"GET /" + LONG + b" HTTP/1.1\r\n\r\n", 414, True),
    ("large fields", b"GET /livez HTTP/1.1\r\nHost: a\r\nX: " + LONG + b"\r\nY: " + LONG + b"\r\n\r\n", 431, True),
    ("many fields", b"GET /livez HTTP/1.1\r\nHost: a\r\n" + b"X: 1\r\n" * 100 + b"\r\n", 431, True),
    ("a large body", b"POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 1048577\r\n\r\n", 413, True),
    ("an unknown expectation", b"POST /echo HTTP/1.1\r\nHost: a\r\nExpect: x\r\nContent-Length: 2\r\n\r\n", 417, True),
    ("a chunk that lies", b"POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhixx\r\n", 400, True),
    ("a signed chunk", b"POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n-2\r\nhi\r\n", 400, True),
    ("a huge chunk", b"POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffffff\r\n", 400, True),
]


def answer_of(client):
    """Status, fields and body of one answer."""
    data = b""
    while b"\r\n\r\n" not in data:
        chunk = client.recv(65536)
        if not chunk:
            return 0, "", data
        data += chunk
    head, body = data.split(b"\r\n\r\n", 1)
    text = head.decode("latin-1").lower()
    return int(head[9:12]), text, body


def judge(request, status, closes):
    with socket.create_connection(("127.0.0.1", port), timeout=5) as client:
        client.sendall(request)
        got, head, body = answer_of(client)
        if got != status:
            return f"got {got}, expected {status}"
        if ("connection: close" in head) != closes:
            return "says the wrong thing about the connection"
        for needed in ("x-content-type-options: nosniff", "cache-control: no-store", "content-length: ", "date: "):
            if needed not in head:
                return f"has no {needed}"
        if "access-control" in head or "server:" in head:
            return "tells too much"
        if status >= 400 and (b"<" in body or len(body) > 80):
            return "echoes or rambles"
        if closes:
            client.shutdown(socket.SHUT_WR)
            while chunk := client.recv(65536):
                if b"HTTP/1.1" in chunk:
                    return "answers twice"
            return None
        client.sendall(OK)
        # The first answer's body may still stand in front, unless all of it was read.
        rest = b""
        while b"HTTP/1.1 200" not in rest:
            chunk = client.recv(65536)
            if not chunk:
                return "closed a connection that stays"
            rest += chunk
        return None


problems = []
for name, request, status, closes in RULES:
    problem = judge(request, status, closes)
    if problem:
        problems.append(f"{name}: {problem}")
for problem in problems:
    print(problem)
print(f"{len(RULES)} rules, {len(problems)} broken")
sys.exit(1 if problems else 0)
