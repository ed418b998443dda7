# SPDX-License-Identifier: Apache-2.0
"""Serves the probe's files on a free port of the loopback, by Accept header, for a real server to scrape."""

import http.server
import sys

folder, port_file = sys.argv[1:]


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        accept = self.headers.get("Accept", "")
        name = "prometheusText"
        if accept.startswith("application/vnd.google.protobuf"):
            name = "protobuf"
        elif accept.startswith("application/openmetrics-text"):
            name = "openMetrics"
        with open(f"{folder}/{name}", "rb") as file:
            body = file.read()
        with open(f"{folder}/{name}.type") as file:
            kind = file.read()
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
with open(port_file + ".new", "w") as file:
    file.write(str(server.server_address[1]))
import os
os.rename(port_file + ".new", port_file)
server.serve_forever()
