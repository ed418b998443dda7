# SPDX-License-Identifier: Apache-2.0
"""Compares the parser's verdicts on generated requests with those of h11, line by line from standard input.

Where h11 accepts and the parser rejects, the reason must be one of the rules that are stricter on purpose. Where both
accept, method, target and body must be the same. The parser never accepts what h11 rejects, but for the one empty line
before a request that RFC 9112 2.2 asks servers to ignore.
"""
import base64
import collections
import json
import re
import sys

import h11

STRICTER = {
    "line ends without CR": "h11 takes a bare LF as a line's end",
    "folded field line": "h11 unfolds",
    "malformed Host": "h11 does not look into Host",
    "target is neither a path nor an absolute URI": "h11 does not look into targets",
    "malformed target": "the fragment mark",
    "malformed authority": "h11 does not look into targets",
    "unknown expectation": "h11 leaves Expect to its user",
    "Transfer-Encoding on HTTP/1.0": "h11 takes it",
    "both Transfer-Encoding and Content-Length": "h11 lets Transfer-Encoding win",
    "more than one Content-Length": "h11 takes equal ones",
    "malformed Content-Length": "h11 takes a list of equal numbers",
    "only HTTP/1.0 and HTTP/1.1 are served": "h11 takes any version",
    "malformed chunk size": "h11 takes blanks behind a chunk's size",
    "malformed chunk extension": "h11 takes control characters there",
    "control character in a field value": "h11 takes some",
    "body too large": "h11 has no limit",
    "chunk size too large": "more digits than a size can have",
    "chunk size ends without CR LF": "h11 takes a bare CR within an extension",
}


def judge(data):
    """The verdict of h11: its kind, method and path, and the body so far."""
    connection = h11.Connection(h11.SERVER, max_incomplete_event_size=1 << 20)
    head, body = "", b""
    try:
        connection.receive_data(data)
        while True:
            event = connection.next_event()
            if event is h11.NEED_DATA or event is h11.PAUSED:
                return "incomplete", head, body
            if isinstance(event, h11.Request):
                target = event.target.decode("latin-1")
                path = re.sub(r"^https?://[^/?]*", "", target, flags=re.I).split("?", 1)[0]
                head = event.method.decode("ascii") + " " + path
            elif isinstance(event, h11.Data):
                body += bytes(event.data)
            elif isinstance(event, h11.EndOfMessage):
                return "complete", head, body
            elif isinstance(event, h11.ConnectionClosed):
                return "incomplete", head, body
    except h11.RemoteProtocolError:
        return "rejected", head, body


def main():
    counts = collections.Counter()
    wrong = []
    for line in sys.stdin:
        entry = json.loads(line)
        data = base64.b64decode(entry["request"])
        ours = entry["verdict"]
        kind, head, body = judge(data)
        if ours in ("complete", "incomplete"):
            if kind == "rejected" and ours == "incomplete":
                # h11 looks at a line before its end: what is coming can only be rejected here as well.
                counts["h11 rejects earlier"] += 1
            elif kind == "rejected" and data.startswith(b"\r\n"):
                counts["an empty line first"] += 1
            elif kind == "incomplete" and data.startswith(b"\r\n"):
                counts["an empty line first"] += 1
            elif kind != ours:
                wrong.append((ours, kind, data))
            elif ours == "complete" and (entry["head"] != head or base64.b64decode(entry["body"]) != body):
                wrong.append((entry["head"], head, data))
            else:
                counts["same"] += 1
        elif kind == "rejected":
            counts["same"] += 1
        else:
            reason = ours.split(" ", 1)[1]
            # RFC 9110 2.5: HTTP/1.2 and above are 1.1 to us, and that needs a Host.
            is_later = reason == "no Host" and re.search(rb" HTTP/1\.[2-9]\r\n", data)
            # h11 unfolds the field before it looks at it.
            is_folded = re.search(rb"(?i)transfer-encoding:[ \t]*\r\n[ \t]", data)
            # h11 does not look into trailers; here they follow the rules of fields.
            is_trailer = re.search(rb"(?i)\n(host|transfer-encoding|expect):", data.partition(b"\r\n\r\n")[2])
            if reason in STRICTER or is_later or is_folded or is_trailer:
                counts["stricter by rule"] += 1
                counts["  " + reason] += 1
            elif kind == "incomplete":
                counts["rejected earlier"] += 1
            else:
                wrong.append((ours, kind, data))
    for ours, theirs, data in wrong[:20]:
        print(f"ours {ours!r}, h11 {theirs!r}: {data!r}", file=sys.stderr)
    total = sum(count for name, count in counts.items() if not name.startswith("  ")) + len(wrong)
    shown = ", ".join(f"{name} {count}" for name, count in sorted(counts.items()) if not name.startswith("  "))
    print(f"{total} requests, {len(wrong)} disagreements ({shown})")
    for name, count in sorted(counts.items()):
        if name.startswith("  "):
            print(f"{name}: {count}", file=sys.stderr)
    sys.exit(1 if wrong else 0)


main()
