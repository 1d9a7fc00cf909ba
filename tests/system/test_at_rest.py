"""What a daemon takes that nobody asks for anything: hardly any time, and
little memory."""

import proc
import pytest
import world as world_module
from waiting import settles

SECONDS = 6
MOST_KIB = 12 * 1024
KEYS = 100

pytestmark = pytest.mark.skipif(world_module.SANITIZED,
                                reason='a sanitizer takes time and memory')


def ticks(pid):
    """Of the processor, a hundredth of a second each."""
    with open('/proc/%d/stat' % pid) as f:
        fields = f.read().rsplit(')', 1)[1].split()
    return int(fields[11]) + int(fields[12])


def wakes(pid):
    return proc.status(pid, 'voluntary_ctxt_switches')


@pytest.fixture
def at_rest(bare):
    """With an admin process and many keys, once it was asked."""
    names = ['key-%d' % i for i in range(KEYS)]
    bare.seal('keys.age', *names)
    bare.cloud()
    bare.start(bare.config(
        routes=['{ name = "%s"; path = "/test/echo/%s"; upstream = '
                '"elastic-cloud"; keys = [ "%s" ]; }' % (n, n, n)
                for n in names],
        more='admin = { address = "unix:%s"; };' % bare.path('admin')))
    assert bare.ask(target='/test/echo/key-1').status == 200
    return bare


def test_at_rest_no_process_takes_any_time(at_rest):
    """On a busy machine a process also waits for its own memory and code, so
    that a first stretch of time may count more than the turns of its loop."""
    pids = at_rest.processes[0].pids()
    assert len(pids) == 3
    settles(SECONDS, lambda: sum(map(ticks, pids)), 3)
    for pid in pids:
        settles(SECONDS, lambda: wakes(pid), SECONDS + 2)


def test_at_rest_each_takes_little_memory(at_rest):
    for pid in at_rest.processes[0].pids():
        assert proc.status(pid, 'VmRSS') < MOST_KIB, pid
