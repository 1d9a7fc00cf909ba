"""The program with a clock and orders of the test's: tests/lib/steered.c."""

import os
import shutil
import socket
import struct

import pytest

PROGRAM = os.path.join(os.path.dirname(os.environ.get('SALLYPORT', '')),
                       'tests', 'lib', 'steered')

needs_steered = pytest.mark.skipif(not os.access(PROGRAM, os.X_OK),
                                   reason='tests/lib/steered was not built')


class Steered:
    """Has a world run it."""

    def __init__(self, world):
        world.program = shutil.copy(PROGRAM, world.path('steered'))
        self.clock = world.path('clock')
        self.orders = world.path('orders')
        self.set_clock(0)
        self.env = {'STEERED_CLOCK': self.clock, 'STEERED_ORDERS': self.orders}
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.sock.settimeout(30)
        self.sock.bind(world.path('asker'))

    def set_clock(self, seconds):
        """The time of the day is ahead by that many seconds."""
        mode = 'r+b' if os.path.exists(self.clock) else 'wb'
        with open(self.clock, mode) as f:
            f.write(struct.pack('=q', seconds))

    def order(self, verb, name):
        """Whether it was done, and the text."""
        self.sock.sendto(('%s %s' % (verb, name)).encode(), self.orders)
        answer = self.sock.recv(2000).decode()
        return answer[0] == '+', answer[1:]

    def close(self):
        self.sock.close()
