"""A service manager is told what it must know, and the unit of systemd that
comes with it lets it live.
"""

import os
import re
import shutil
import signal
import socket
import subprocess

import pytest
import world as world_module
from waiting import LIMIT

UNIT = os.path.join(os.path.dirname(__file__), '..', '..', 'etc',
                    'sallyport.service')
ANALYZE = shutil.which('systemd-analyze')


def members(name):
    """The system calls of a set, those of the sets within it too."""
    if not name.startswith('@'):
        return {name}
    done = subprocess.run([ANALYZE, '--no-pager', 'syscall-filter', name],
                          stdout=subprocess.PIPE, text=True, check=True)
    words = [x.strip() for x in done.stdout.splitlines()[1:]]
    return {call for word in words if word and not word.startswith('#')
            for call in members(word)}


def allowed():
    with open(UNIT) as f:
        words = re.findall(r'^SystemCallFilter=(.*)$', f.read(), re.M)
    return {call for word in ' '.join(words + ['@default']).split()
            for call in members(word)}


@pytest.mark.skipif(world_module.SANITIZED or not ANALYZE or
                    not world_module.strace_works(),
                    reason='needs strace, systemd-analyze and no sanitizer')
def test_the_unit_allows_every_system_call_that_is_made(world):
    calls = allowed()
    process = world.start(wrap=[world_module.STRACE, '-D', '-f', '-qq',
                                '-s', '0', '-o', world.path('trace')])
    assert world.ask().status == 200
    assert world.ask(host='evil.example').status == 421
    with world.raw() as raw:
        raw.request()
        raw.half_close()
        assert raw.response().status == 200
    process.signal(signal.SIGUSR1)
    process.wait_line('reopened')
    os.kill(process.workers[0], signal.SIGTERM)
    process.wait_line('replaced')
    world.stop()
    with open(world.path('trace')) as f:
        made = set(re.findall(r'^\d+ +(\w+)\(', f.read(), re.M))
    assert 'accept4' in made and 'openat' in made
    assert sorted(made - calls) == []


class Manager:
    """What a service manager hears."""

    def __init__(self, world):
        self.path = world.path('notify')
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(self.path)
        self.socket.settimeout(LIMIT)

    def hear(self, but=b'WATCHDOG=1'):
        """The next message that is not this one, as a dictionary."""
        while True:
            message = self.socket.recv(4096)
            if message != but:
                return dict(line.split('=', 1) for line in
                            message.decode().splitlines())

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()


def test_its_service_manager_hears_when_it_serves_and_when_it_stops(world):
    with Manager(world) as manager:
        process = world.start(env={'NOTIFY_SOCKET': manager.path})
        assert manager.hear() == {
            'READY': '1', 'MAINPID': str(process.child.pid),
            'STATUS': 'serving: 1 worker, 2 keys'}
        process.signal(signal.SIGTERM)
        assert manager.hear() == {'STOPPING': '1',
                                  'STATUS': 'finishing what runs'}
        assert process.wait_exit() == 0


def test_its_service_manager_hears_that_it_lives(world):
    with Manager(world) as manager:
        world.start(env={'NOTIFY_SOCKET': manager.path,
                         'WATCHDOG_USEC': '100000'})
        for _ in range(5):
            while 'WATCHDOG' not in manager.hear(but=None):
                pass


def test_one_that_does_not_start_is_never_ready(world):
    with Manager(world) as manager:
        process = world.launch('', env={'NOTIFY_SOCKET': manager.path})
        assert process.wait_exit() == 1
        manager.socket.setblocking(False)
        with pytest.raises(BlockingIOError):
            manager.socket.recv(4096)
