"""The program with a clock and orders of the test's: tests/lib/steered.c."""

import fcntl
import os
import shutil
import socket
import struct
import termios

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
        self.deaf = world.path('deaf')
        self.set_deaf()
        self.pipe = world.path('steps')
        self.steps = None
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.sock.settimeout(30)
        self.sock.bind(world.path('asker'))

    def set_clock(self, seconds):
        """The time of the day is ahead by that many seconds."""
        mode = 'r+b' if os.path.exists(self.clock) else 'wb'
        with open(self.clock, mode) as f:
            f.write(struct.pack('=q', seconds))

    def set_deaf(self, *workers):
        """They take no message of the parent, but go on.  For a program that
        was started with STEERED_DEAF."""
        mode = 'r+b' if os.path.exists(self.deaf) else 'wb'
        with open(self.deaf, mode) as f:
            f.write(struct.pack('=8q', *workers, *[0] * (8 - len(workers))))

    def step_clock(self, seconds):
        """The same, and the kernel tells it.  For a program that was started
        with alone()."""
        self.set_clock(seconds)
        self.steps.write(bytes(8))

    def noticed(self):
        """The program has read that."""
        left = bytearray(4)
        fcntl.ioctl(self.steps, termios.FIONREAD, left)
        return left == bytes(4)

    def alone(self):
        """The environment of a program that takes no orders, and so sleeps as
        long as it would."""
        os.mkfifo(self.pipe)
        self.steps = open(self.pipe, 'r+b', buffering=0)
        return {'STEERED_CLOCK': self.clock, 'STEERED_STEPS': self.pipe}

    def order(self, verb, name):
        """Whether it was done, and the text."""
        self.sock.sendto(('%s %s' % (verb, name)).encode(), self.orders)
        answer = self.sock.recv(2000).decode()
        return answer[0] == '+', answer[1:]

    def close(self):
        if self.steps is not None:
            self.steps.close()
        self.sock.close()
