"""Reloads, and the death of workers, under load: no request fails that a
client did not lose to a killed worker, and the parent does not grow."""

import contextlib
import os
import re
import signal
import socket
import time
from collections import Counter

import nginx as nginx_module
import proc
import pytest
import world as world_module
from load import Load, needs_load
from waiting import at_pace, outlast, wait_until

pytestmark = [needs_load, pytest.mark.slow, pytest.mark.skipif(
    not nginx_module.present(), reason='nginx is not installed')]

# By a sanitizer each reload takes a second and more.
SECONDS = 60 if world_module.FULL else 5 if world_module.SANITIZED else 10
PER_SECOND = 5
ROUNDS = 40 if world_module.FULL else 8
CLIENTS = 64
ONCE = 16                   # of them, with a connection for each request


@pytest.fixture
def api(bare):
    bare.seal('keys.age', 'team-a')
    bare.seal('more.age', 'team-b')
    bare.seal('vanishes.age', 'team-c')
    api = nginx_module.Nginx(bare)
    yield api
    api.stop()


def config(world, api, **more):
    more.setdefault('workers', 2)
    more.setdefault('sealed', ('keys.age', 'more.age', 'vanishes.age'))
    return world.config(
        upstreams=[world.upstream(to=api.address)],
        log='access = "%s";' % world.path('access.ndjson'), **more)


@pytest.fixture
def served(bare, api):
    bare.api = api
    bare.start(config(bare, api))
    return bare


@contextlib.contextmanager
def under_load(world, *options, **more):
    load = Load(world, '-c', CLIENTS, '-o', ONCE, *options, **more)
    try:
        yield load
    finally:
        load.kill()


class Results:
    """What the log says of reloads, each line looked at once."""

    def __init__(self, process):
        self.process = process
        self.seen = 0
        self.said = []          # since the last reload was asked for

    def is_told(self):
        lines = self.process.lines[self.seen:]
        self.seen += len(lines)
        self.said += lines
        return any('the configuration was ' in x for x in lines)

    def reload(self):
        """None: the new configuration serves; else what was logged."""
        self.is_told()
        self.said = []
        self.process.signal(signal.SIGHUP)
        wait_until(self.is_told, 'the result of a reload')
        said = '\n'.join(self.said)
        return None if 'was reloaded: generation' in said else said


# What is wrong with a configuration, and what is said of it.

@contextlib.contextmanager
def replaced(world, file, path):
    os.rename(world.path(file), world.path('aside'))
    if path is not None:
        os.link(path, world.path(file))
    yield
    os.rename(world.path('aside'), world.path(file))


@contextlib.contextmanager
def written(world, text):
    with open(world.path('sallyport.conf')) as f:
        before = f.read()
    world.write('sallyport.conf', text)
    yield
    world.write('sallyport.conf', before)


def syntax(world):
    return written(world, 'locals = = 1;\n' + config(world, world.api))


def missing_file(world):
    return written(world, config(world, world.api,
                                 sealed=('keys.age', 'nowhere.age')))


@contextlib.contextmanager
def taken_port(world):
    with socket.create_server(('127.0.0.1', 0)) as other:
        with written(world, config(world, world.api, listeners=[
                '{ name = "local"; address = "127.0.0.1:0"; }',
                '{ name = "taken"; address = "127.0.0.1:%d"; }'
                % other.getsockname()[1]])):
            yield


def identity_that_opens_not_all(world):
    return replaced(world, 'more.age', world.strange)


def vanished_file(world):
    return replaced(world, 'vanishes.age', None)


BROKEN = {
    syntax: r'syntax error',
    missing_file: r'nowhere\.age',
    taken_port: r'already in use',
    identity_that_opens_not_all: r'sealed to somebody else',
    vanished_file: r'vanishes\.age',
}


@pytest.fixture
def strange(served):
    """A file that the identity does not open."""
    other = served.run('keygen', '-o', 'other').stdout.strip()
    served.strange = served.seal_text('strange', 'keys = ( );\n', [other])
    return served


# What the parent has.

class Parent:
    """What could grow."""

    def __init__(self, process):
        self.pid = pid = process.child.pid
        self.descriptors = proc.descriptors(pid)
        self.locked = proc.status(pid, 'VmLck')
        self.resident = proc.status(pid, 'VmRSS')
        self.mappings = proc.mappings(pid)

    def __repr__(self):
        return '%d descriptors, %d KiB resident, %d locked, %d mappings' % (
            len(self.descriptors), self.resident, self.locked, self.mappings)


def settled(process, workers=2):
    """Only one generation is left."""
    wait_until(lambda: len(process.workers) == workers, 'old workers to end')
    return Parent(process)


def expect_no_growth(before, after):
    # The channel of a worker that has just ended is open for a moment.
    wait_until(lambda: not Counter(proc.descriptors(after.pid)) -
               Counter(before.descriptors), 'no more descriptors than before')
    assert after.locked <= before.locked, (before, after)
    # A sanitizer maps and keeps memory of its own.
    if not world_module.SANITIZED:
        assert after.mappings <= before.mappings + 2, (before, after)
        assert after.resident <= before.resident + 512, (before, after)


def test_reloads_under_load_fail_no_request(strange):
    world = strange
    process = world.processes[0]
    results = Results(process)
    n = SECONDS * PER_SECOND
    plain = (config(world, world.api), config(world, world.api, workers=3))
    good = bad = 0
    # The first ones take memory that later ones take again.
    for _ in range(10):
        assert results.reload() is None
    before = settled(process)
    with under_load(world) as load:
        began = time.monotonic()
        for i in range(n):
            if i % 6 == 5:
                wrong = list(BROKEN)[i // 6 % len(BROKEN)]
                with wrong(world):
                    why = results.reload()
                assert why and re.search(BROKEN[wrong], why), (wrong, why)
                bad += 1
            else:
                world.write('sallyport.conf', plain[i % 2])
                assert results.reload() is None
                good += 1
            left = began + (i + 1) / PER_SECOND - time.monotonic()
            if left > 0:
                next(at_pace(1, left))
        took = time.monotonic() - began
        said = load.stop()
    world.write('sallyport.conf', plain[0])
    assert results.reload() is None
    after = settled(process)
    print('%d reloads and %d refused ones in %.1f s: %s\n%s\n%s' % (
        good, bad, took, said, before, after))
    assert said['errors'] == 0, said
    expect_no_growth(before, after)
    world.stop()
    lines = world.access()
    assert len(lines) >= said['requests']


def kill_one(process, turn):
    """The clients that were in its hands."""
    pid = process.workers[turn % len(process.workers)]
    os.kill(pid, signal.SIGSTOP)
    wait_until(lambda: proc.state(pid) == 'T', 'it to stop')
    carried = proc.clients(pid, port_of(process))
    os.kill(pid, signal.SIGKILL)
    wait_until(lambda: pid not in process.workers, 'its end')
    return carried


def port_of(process):
    return int(process.listening[0].rsplit(':', 1)[1])


def test_killed_workers_take_only_what_they_carried(served):
    world, process = served, served.processes[0]
    Load(world, '-c', CLIENTS, '-o', ONCE, '-n', 2000).wait()
    before = settled(process)
    kills = carried = 0
    with under_load(world) as load:
        for turn in at_pace(SECONDS, 1):
            # All may have died so often that they wait until they are
            # started again.
            if process.workers:
                carried += kill_one(process, turn)
                kills += 1
        wait_until(lambda: len(process.workers) == 2, 'new workers',
                   2 * world_module.LIMIT)
        said = load.stop()
    then = Load(world, '-c', CLIENTS, '-o', ONCE, '-n', 5000).wait()
    after = settled(process)
    print('%d kills, %d clients carried: %s\nthen %s\n%s\n%s' % (
        kills, carried, said, then, before, after))
    assert said['errors'] == said['lost'], said
    assert said['lost'] + said['raced'] <= carried, (said, carried)
    assert then['errors'] == 0, then
    expect_no_growth(before, after)


@pytest.mark.parametrize('kind', ['tcp', 'unix'])
def test_a_listener_that_is_dropped_under_load_loses_nobody(bare, api, kind):
    world = bare
    local = '{ name = "local"; address = "127.0.0.1:0"; }'
    more = '{ name = "more"; address = "%s"; }' % (
        '127.0.0.1:0' if kind == 'tcp' else 'unix:' + world.path('more.sock'))
    process = world.start(config(world, api, listeners=[local]))
    results = Results(process)
    sums = {}
    for _ in range(ROUNDS):
        world.write('sallyport.conf',
                    config(world, api, listeners=[local, more]))
        assert results.reload() is None
        # All of them come anew for each request: they meet the end.
        with under_load(world) as kept, \
                under_load(world, '-o', CLIENTS, which=-1) as dropped:
            outlast(0.3)            # in which both serve
            world.write('sallyport.conf',
                        config(world, api, listeners=[local]))
            assert results.reload() is None
            said = {'kept': kept.stop(), 'dropped': dropped.stop()}
        for which in said:
            for name, n in said[which].items():
                sums[which, name] = sums.get((which, name), 0) + n
    print(sums)
    assert sums['kept', 'errors'] == 0, sums
    assert sums['dropped', 'requests'] > sums['dropped', 'refused'], sums
    assert sums['dropped', 'refused'] > 0, sums
    assert sums['dropped', 'errors'] == sums['dropped', 'refused'], sums
