# SPDX-License-Identifier: Apache-2.0
"""Ends a service by SIGTERM again and again, with keep-alive clients and probes at work; used by health-drain.sh."""

import concurrent.futures
import signal
import socket
import subprocess
import sys
import threading
import time

RIG, COUNT = sys.argv[1], int(sys.argv[2])


class Client:
    """A client on one connection that dials again when the server says or shows that it closes."""

    def __init__(self, port):
        self.port, self.socket = port, None

    def get(self, path):
        """Returns the status; None for a request on a used connection without an answer, "late" on a fresh one."""
        fresh = self.socket is None
        if fresh:
            self.socket = socket.create_connection(("127.0.0.1", self.port), timeout=2)
        try:
            self.socket.sendall(f"GET {path} HTTP/1.1\r\nHost: a\r\n\r\n".encode())
            data = b""
            while b"\r\n\r\n" not in data:
                piece = self.socket.recv(4096)
                if not piece:
                    raise ConnectionError("closed")
                data += piece
            head, body = data.split(b"\r\n\r\n", 1)
            lines = head.decode().split("\r\n")
            fields = {k.lower(): v.strip() for k, v in (line.split(":", 1) for line in lines[1:])}
            while len(body) < int(fields["content-length"]):
                piece = self.socket.recv(4096)
                if not piece:
                    raise ConnectionError("cut short")
                body += piece
        except OSError:
            self.close()
            return "late" if fresh else None
        if fields.get("connection", "").lower() == "close":
            self.close()
        return int(lines[0].split()[1])

    def close(self):
        if self.socket:
            self.socket.close()
        self.socket = None


def watch(port, path, log, stop):
    client = Client(port)
    while not stop.is_set():
        sent = time.monotonic()
        try:
            status = client.get(path)
        except OSError:
            # Refused: the listener is gone, which is the end.
            status = "refused"
        # The kernel completes connections that a closing listener never sees: such a reset is the end of the service,
        # unless something is answered afterwards.
        if status != "refused" and log and log[-1][2] == "late":
            log[-1] = (*log[-1][:2], None)
        log.append((sent, time.monotonic(), status))
        if status == "refused":
            return
        time.sleep(0.001)


def drain():
    process = subprocess.Popen([RIG, "serve", "fine=5", "every=1000", "delay=400"], stdout=subprocess.PIPE,
                               stdin=subprocess.DEVNULL, text=True)
    try:
        port = int(process.stdout.readline().split("=")[1])
        assert process.stdout.readline().strip() == "ready"
        logs = {path: [] for path in ("/readyz", "/livez", "/metrics")}
        stop = threading.Event()
        threads = [threading.Thread(target=watch, args=(port, path, log, stop)) for path, log in logs.items()]
        for thread in threads:
            thread.start()
        time.sleep(0.2)
        told = time.monotonic()
        process.send_signal(signal.SIGTERM)
        code = process.wait(timeout=20)
        stop.set()
        for thread in threads:
            thread.join()
    finally:
        if process.poll() is None:
            process.kill()
    ready = logs["/readyz"]
    first = next((sent for sent, _, status in ready if status == 503), None)
    # By requests and their answers alone: a busy machine may let no request be sent for a while.
    turned = None if first is None else max((sent - told for sent, _, status in ready if status == 200), default=0.0)
    back = sum(1 for sent, _, status in ready if first and sent > first and status == 200)
    dead = sum(1 for sent, _, status in logs["/livez"] if status not in (200, "refused", "late"))
    lost = sum(1 for log in logs.values() for _, _, status in log if status is None)
    return code, turned, back, dead, lost


def main():
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        results = [future.result() for future in [pool.submit(drain) for _ in range(COUNT)]]
    turned = [r[1] if r[1] is not None else 99 for r in results]
    checks = [
        ("health-drain-exit", f"{sum(r[0] == 0 for r in results)} of {COUNT} exits with code 0",
         all(r[0] == 0 for r in results)),
        ("health-drain-readiness", f"readiness 200 for {max(max(turned), 0) * 1000:.1f} ms after the signal at most, then 503, 200 again {sum(r[2] for r in results)} times",
         max(turned) <= 0.05 and not any(r[2] for r in results)),
        ("health-drain-liveness", f"{sum(r[3] for r in results)} liveness answers other than 200",
         not any(r[3] for r in results)),
        ("health-drain-requests", f"{sum(r[4] for r in results)} requests without an answer",
         not any(r[4] for r in results)),
    ]
    for name, figure, good in checks:
        print(("PASS" if good else "FAIL"), f"{name}: {figure}")
    sys.exit(0 if all(good for _, _, good in checks) else 1)


main()
