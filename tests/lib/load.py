"""The load generator tests/bench/load.c, beside a test."""

import json
import os
import signal
import subprocess

import pytest

PROGRAM = os.path.join(os.path.dirname(os.environ.get('SALLYPORT', '')),
                       'tests', 'bench', 'load')

needs_load = pytest.mark.skipif(not os.access(PROGRAM, os.X_OK),
                                reason='the load generator was not built')


class Load:
    """Asks for /small, of tests/lib/nginx.py, or for another path, at a
    listener."""

    def __init__(self, world, *options, which=0, path='/small'):
        address = world.processes[-1].listening[which]
        if not address.startswith('unix:'):
            address = address.rsplit(':', 1)[1]
        self.child = subprocess.Popen(
            [PROGRAM, *map(str, options), address, path],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE)

    def wait(self):
        """Until it is done; what it counted."""
        out, why = self.child.communicate(timeout=600)
        assert self.child.returncode == 0, why
        return json.loads(out)

    def stop(self):
        """No more requests; what it counted."""
        self.child.send_signal(signal.SIGTERM)
        return self.wait()

    def kill(self):
        if self.child.poll() is None:
            self.child.kill()
            self.child.communicate()
