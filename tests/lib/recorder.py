"""The stand-in tests/lib/recorder.c, which records when what arrived."""

import hashlib
import os
import subprocess

import pytest

PROGRAM = os.path.join(os.path.dirname(os.environ.get('SALLYPORT', '')),
                       'tests', 'lib', 'recorder')

needs_recorder = pytest.mark.skipif(not os.access(PROGRAM, os.X_OK),
                                    reason='tests/lib/recorder was not built')


class Request:
    __slots__ = 'at', 'connection', 'key'

    def __init__(self, at, connection, key):
        self.at, self.connection, self.key = at, connection, key


class Recorder:
    """Serves as world.clouds do, with the keys made so far.  Times are
    nanoseconds since 1970, as time.time_ns()."""

    def __init__(self, world):
        self.path = world.path('record')
        self.child = subprocess.Popen(
            [PROGRAM, world.pki.server('good'), self.path],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        for name, value in world.keys.items():
            digest = hashlib.sha256(b'ApiKey ' + value.encode()).hexdigest()
            self.child.stdin.write(b'%s %s\n' % (name.encode(),
                                                 digest.encode()))
        self.child.stdin.write(b'end end\n')
        self.child.stdin.flush()
        self.address = self.child.stdout.readline().decode().split()[-1]
        self.requests = []      # in the order in which they were taken
        self.closed = {}        # connection to when it was
        self.carried = {}       # key to connections that had a request with it
        self._at = 0

    def read(self):
        """What was recorded since."""
        with open(self.path, 'rb') as f:
            f.seek(self._at)
            text = f.read()
        text = text[:text.rfind(b'\n') + 1]
        self._at += len(text)
        for line in text.decode().splitlines():
            what, at, connection, *key = line.split()
            if what == 'closed':
                self.closed[int(connection)] = int(at)
                continue
            self.requests.append(Request(int(at), int(connection), *key))
            self.carried.setdefault(key[0], set()).add(int(connection))
        return self

    def open_with(self, key):
        """Connections that carried it and are not closed."""
        return self.carried.get(key, set()) - self.closed.keys()

    def stop(self):
        self.child.stdin.close()
        self.child.stdout.close()
        self.child.wait()
