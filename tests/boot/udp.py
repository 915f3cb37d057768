# SPDX-License-Identifier: MIT
"""udp.py PORT - in the guest: datagrams through SOCKS5 UDP ASSOCIATE."""
import socket
import struct
import sys

port = int(sys.argv[1])
tcp = socket.create_connection(("127.0.0.1", 1080))
tcp.sendall(b"\5\1\0")
assert tcp.recv(2) == b"\5\0"
tcp.sendall(b"\5\3\0\1\0\0\0\0\0\0")
reply = tcp.recv(10)
assert reply[:4] == b"\5\0\0\1", reply
relay = (socket.inet_ntoa(reply[4:8]), struct.unpack(">H", reply[8:])[0])
udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
udp.settimeout(20)
good = 0
for size in (0, 1, 500, 1400, 8000):
    data = bytes(i * 7 % 256 for i in range(size))
    head = b"\0\0\0\1\x7f\0\0\1" + struct.pack(">H", port)
    udp.sendto(head + data, relay)
    answer = udp.recvfrom(65536)[0]
    good += answer == head + data[::-1]
print("%d of 5" % good)
