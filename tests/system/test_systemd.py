"""The unit of systemd that comes with it lets it live."""

import os
import re
import shutil
import signal
import subprocess

import pytest
import world as world_module

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
