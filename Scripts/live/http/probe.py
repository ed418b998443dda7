# SPDX-License-Identifier: Apache-2.0
"""Asks for /livez on a fresh connection every 20 ms and prints how long answers took; fails above 50 ms."""
import socket
import sys
import time

port, seconds = int(sys.argv[1]), float(sys.argv[2])
times, lost = [], 0
end = time.monotonic() + seconds
while time.monotonic() < end:
    start = time.monotonic()
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=2) as client:
            client.sendall(b"GET /livez HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
            answer = client.recv(4096)
        if not answer.startswith(b"HTTP/1.1 200"):
            lost += 1
    except OSError:
        lost += 1
    times.append(time.monotonic() - start)
    time.sleep(0.02)
times.sort()
print(
    f"{len(times)} probes, {lost} lost, median {times[len(times) // 2] * 1000:.2f} ms, "
    f"p99 {times[len(times) * 99 // 100] * 1000:.2f} ms, worst {times[-1] * 1000:.2f} ms")
sys.exit(0 if lost == 0 and times[-1] <= 0.05 else 1)
