# SPDX-License-Identifier: Apache-2.0
"""Opens 250 connections to the rig, lets them idle, and reads what that costs the process."""
import socket
import sys
import time

port, pid = int(sys.argv[1]), int(sys.argv[2])
CONNECTIONS = 250


def resident_kib():
    with open(f"/proc/{pid}/status") as file:
        return next(int(line.split()[1]) for line in file if line.startswith("VmRSS:"))


def processor_ticks():
    with open(f"/proc/{pid}/stat") as file:
        fields = file.read().rsplit(")", 1)[1].split()
    return int(fields[11]) + int(fields[12])


def ask(client):
    client.sendall(b"GET /livez HTTP/1.1\r\nHost: a\r\n\r\n")
    return client.recv(4096)


with socket.create_connection(("127.0.0.1", port)) as first:
    for _ in range(100):
        ask(first)
before = resident_kib()
clients = [socket.create_connection(("127.0.0.1", port)) for _ in range(CONNECTIONS)]
answers = [ask(client) for client in clients]
each = (resident_kib() - before) / CONNECTIONS
ticks = processor_ticks()
time.sleep(5)
ticks = processor_ticks() - ticks
good = all(answer.startswith(b"HTTP/1.1 200") for answer in answers)
print(f"{each:.1f} KiB for each of {CONNECTIONS} connections, {ticks * 10} ms of processor time in 5 s of silence")
sys.exit(0 if good and each <= 64 and ticks <= 1 else 1)
