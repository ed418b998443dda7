# SPDX-License-Identifier: Apache-2.0
"""Has the rig take every descriptor, asks for /livez meanwhile, has it give them back, and asks on."""
import socket
import sys
import time

port, commands, output = int(sys.argv[1]), sys.argv[2], sys.argv[3]


def ask(patience):
    """Seconds until an answer with 200, or None."""
    start = time.monotonic()
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=patience) as client:
            client.settimeout(patience)
            client.sendall(b"GET /livez HTTP/1.1\r\nHost: a\r\n\r\n")
            answer = client.recv(4096)
    except OSError:
        return None
    return time.monotonic() - start if answer.startswith(b"HTTP/1.1 200") else None


def tell(command, lines):
    with open(commands, "w") as pipe:
        pipe.write(command + "\n")
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        with open(output) as file:
            said = file.read().splitlines()
        if len(said) > lines:
            return said[lines]
        time.sleep(0.01)
    sys.exit(f"the rig did not answer {command}")


taken = int(tell("take", 1))
meanwhile = [ask(2) for _ in range(20)]
# Clients that hold what little there is: the endpoint must come back by itself once descriptors do.
holders = []
for _ in range(50):
    holder = socket.socket()
    holder.settimeout(0.05)
    try:
        holder.connect(("127.0.0.1", port))
    except OSError:
        pass
    holders.append(holder)
time.sleep(2)
given_at = time.monotonic()
tell("give", 2)
recovered = None
while time.monotonic() - given_at < 5:
    if ask(1) is not None:
        recovered = time.monotonic() - given_at
        break
answered = [seconds for seconds in meanwhile if seconds is not None]
worst = max(answered) if answered else float("nan")
print(
    f"{taken} descriptors taken, {len(answered)} of {len(meanwhile)} probes answered without any, "
    f"worst {worst * 1000:.1f} ms; recovered {(recovered or float('nan')) * 1000:.1f} ms after their return")
sys.exit(0 if len(answered) == len(meanwhile) and worst < 1 and recovered is not None and recovered < 1 else 1)
