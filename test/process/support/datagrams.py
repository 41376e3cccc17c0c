"""Prints each datagram that comes to a unix socket as one line of JSON: what a service manager is told."""
import json, os, socket, sys

receiver = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
receiver.bind(sys.argv[1])
print("bound", flush=True)
while True:
    data, _, _, _ = receiver.recvmsg(65536, 4096)
    print(json.dumps(data.decode()), flush=True)
