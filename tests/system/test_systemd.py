"""A service manager is told what it must know, and the unit of systemd that
comes with it lets it live.
"""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys

import pytest
import unit_filter
import world as world_module
from waiting import LIMIT

ETC = os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', '..',
                   'etc')
needs_systemd = pytest.mark.skipif(unit_filter.ANALYZE is None,
                                   reason='no systemd-analyze')


def units(bare):
    """The units with our program in its place."""
    with open(unit_filter.UNIT) as f:
        text = f.read().replace('@bindir@/sallyport', bare.program)
    return [bare.write('sallyport.service', text),
            shutil.copy(os.path.join(ETC, 'sallyport.socket'), bare.folder)]


def analyze(*args):
    return subprocess.run([unit_filter.ANALYZE, '--no-pager', *args],
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          text=True)


@needs_systemd
def test_systemd_understands_the_units(bare):
    """It names every mistake, and fails because of few."""
    done = analyze('verify', '--man=no', *units(bare))
    assert done.returncode == 0, done.stdout
    assert 'sallyport.s' not in done.stdout, done.stdout


@needs_systemd
def test_the_unit_exposes_no_more_than_it_must(bare):
    done = analyze('security', '--offline=true', '--threshold=14',
                   units(bare)[0])
    assert done.returncode == 0, done.stdout
    assert 'Overall exposure level for sallyport.service' in done.stdout


def use_all_of_it(world, wrap):
    """As an ordinary user, as the unit has it; and what makes other system
    calls: clients, logs, workers that die, an admin process, a reload."""
    config = world.config(upstreams=[world.open_to_nobody()],
                          more='admin = { address = "127.0.0.1:0"; };')
    process = world.start(config, wrap=[*world_module.AS_NOBODY, *wrap])
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
    assert world.ask().status == 200
    process.signal(signal.SIGHUP)
    process.wait_line('was reloaded: generation 2 serves')
    assert world.ask().status == 200
    assert world.ask(target='/metrics', which=1).status == 200
    world.stop()
    return process


@pytest.mark.skipif(world_module.SANITIZED or not unit_filter.ANALYZE or
                    not world_module.strace_works(),
                    reason='needs strace, systemd-analyze and no sanitizer')
def test_the_unit_allows_every_system_call_that_is_made(world):
    use_all_of_it(world, [world_module.STRACE, '-D', '-f', '-qq', '-s', '0',
                          '-o', world.path('trace')])
    with open(world.path('trace')) as f:
        made = set(re.findall(r'^\d+ +(\w+)\(', f.read(), re.M))
    assert 'accept4' in made and 'openat' in made
    assert sorted(made - unit_filter.call_names()) == []


@pytest.mark.skipif(world_module.SANITIZED or not unit_filter.works(),
                    reason='needs systemd-analyze, libseccomp and no '
                    'sanitizer')
def test_it_lives_under_the_filter_of_the_unit(world):
    names = world.write('names', '\n'.join(unit_filter.call_names()))
    process = use_all_of_it(world, [sys.executable, unit_filter.__file__,
                                    names])
    assert 'signal 31' not in process.stderr


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
