"""A name server, as resolv.conf would name it: at port 53, so for root."""

import itertools
import os
import socket
import threading

TYPE_A, TYPE_AAAA = 1, 28
NXDOMAIN = 3

numbers = itertools.count(1)


class NameServer:
    """It answers with the same address for every name."""

    def __init__(self, address='127.0.0.1', ttl=3600):
        self.answer = address       # None: there is no such name
        self.ttl = ttl
        self.silent_v6 = False
        self.asked = []             # names, one for each query
        self.queries = []           # their ports and numbers
        self.sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        # For this process only: resolv.conf names no ports.
        self.address = '127.%d.%d.%d' % (128 + next(numbers) % 64,
                                         os.getpid() >> 8 & 255,
                                         os.getpid() & 255 or 1)
        self.sock.bind((self.address, 53))
        threading.Thread(target=self._serve, daemon=True).start()

    def file(self, more=''):
        """The line for it in resolv.conf."""
        return 'nameserver %s\n%s' % (self.address, more)

    def _serve(self):
        while True:
            query, client = self.sock.recvfrom(512)
            name, end = self._name(query)
            kind = query[end + 1]
            self.asked.append(name)
            self.queries.append((client[1], int.from_bytes(query[:2], 'big')))
            if not (self.silent_v6 and kind == TYPE_AAAA):
                self.sock.sendto(self._answer(query, end + 4, kind), client)

    @staticmethod
    def _name(query):
        """The name in a query, and the offset behind it."""
        labels, at = [], 12
        while query[at]:
            labels.append(query[at + 1:at + 1 + query[at]].decode())
            at += 1 + query[at]
        return '.'.join(labels), at + 1

    def _answer(self, query, end, kind):
        there = self.answer is not None
        has = there and kind == TYPE_A
        answer = query[:2] + bytes([0x81, 0x80 if there else 0x80 | NXDOMAIN,
                                    0, 1, 0, has, 0, 0, 0, 0])
        answer += query[12:end]
        if has:
            answer += (b'\xc0\x0c\0\1\0\1' + self.ttl.to_bytes(4, 'big')
                       + b'\0\4' + socket.inet_aton(self.answer))
        return answer
