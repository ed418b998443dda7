# SPDX-License-Identifier: Apache-2.0
"""Does what systemd's socket activation does: opens a socket, passes it as descriptor 3, and asks through it."""
import os
import socket
import sys

rig = sys.argv[1]
listener = socket.socket()
listener.bind(("127.0.0.1", 0))
listener.listen(16)
port = listener.getsockname()[1]
command_reader, command_writer = os.pipe()
output_reader, output_writer = os.pipe()
child = os.fork()
if child == 0:
    os.dup2(command_reader, 0)
    os.dup2(output_writer, 1)
    os.dup2(listener.fileno(), 3)
    # Where it was 3 already, nothing was copied and the flag still says to close it.
    os.set_inheritable(3, True)
    os.environ["LISTEN_FDS"] = "1"
    os.environ["LISTEN_PID"] = str(os.getpid())
    os.execv(rig, [rig, "serve"])
os.close(command_reader)
os.close(output_writer)
said = int(os.read(output_reader, 100))
with socket.create_connection(("127.0.0.1", port), timeout=5) as client:
    client.sendall(b"GET /livez HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
    answer = client.recv(4096)
os.close(command_writer)
status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
print(f"port {port} was passed, port {said} is served, answer {answer[9:12].decode()}, exit status {status}")
sys.exit(0 if said == port and answer.startswith(b"HTTP/1.1 200") and status == 0 else 1)
