"""Reloads that must be refused whole, and what else may happen while one runs
or while the old generation still serves its clients."""

import contextlib
import json
import os
import re
import shutil
import signal
import socket
import threading

import http1
import proc
import pytest
import world as world_module
from waiting import outlast, wait_until
from world import ROOT

SUCCESSFUL = 'sallyport_config_last_reload_successful'
LOCAL = '{ name = "local"; address = "127.0.0.1:0"; }'


def config(world, more='', **parts):
    return world.config(more='admin = { address = "unix:%s"; };%s' % (
        world.path('admin.sock'), more), **parts)


@pytest.fixture
def served(world):
    world.seal('more.age', 'team-x')
    world.sealed = ('keys.age', 'more.age')
    world.config_file = config(world, sealed=world.sealed)
    # What a broken configuration does not keep from asking.
    world.write('where', 'admin = { address = "unix:%s"; };\n'
                % world.path('admin.sock'))
    world.start(world.config_file)
    return world


def ask_for_reload(world):
    return world.run('reload', '-c', 'where')


def reload_status(world):
    response = world.ask(target='/status',
                         which='unix:' + world.path('admin.sock'))
    return json.loads(response.data)['reload']


def wait_told(world, result):
    """Until the admin process knows the result of the last reload."""
    wait_until(lambda: reload_status(world)['result'] == result, result)
    return reload_status(world)


def metric(world, name):
    response = world.ask(target='/metrics',
                         which='unix:' + world.path('admin.sock'))
    return float(re.search(r'^%s (\S+)$' % name, response.data.decode(),
                           re.M)[1])


def messages(process):
    return [e['message'] for e in process.events('sallyport.daemon')]


def has_result(process, n=1):
    return sum(x.startswith('the configuration was ')
               for x in messages(process)) >= n


def reload(process):
    """By SIGHUP; waits until it went well."""
    process.signal(signal.SIGHUP)
    process.wait_line('the configuration was reloaded')


# Bad input.

@contextlib.contextmanager
def broken_file(world):
    world.write('sallyport.conf', world.config_file + 'wrokers = 1;\n')
    yield
    world.write('sallyport.conf', world.config_file)


@contextlib.contextmanager
def vanishing_file(world):
    """It is found, and gone when it is read."""
    world.write('sallyport.conf',
                config(world, sealed=('keys.age', 'm*.age')))
    os.rename(world.path('more.age'), world.path('aside'))
    os.symlink(world.path('nowhere'), world.path('more.age'))
    yield
    os.unlink(world.path('more.age'))
    os.rename(world.path('aside'), world.path('more.age'))
    world.write('sallyport.conf', world.config_file)


@contextlib.contextmanager
def taken_port(world):
    with socket.create_server(('127.0.0.1', 0)) as other:
        world.write('sallyport.conf', config(
            world, sealed=world.sealed,
            log='access = "%s";' % world.path('new.ndjson'), listeners=[
                LOCAL, '{ name = "new"; address = "unix:%s"; }'
                % world.path('new.sock'),
                '{ name = "taken"; address = "127.0.0.1:%d"; }'
                % other.getsockname()[1]]))
        yield
    assert not os.path.exists(world.path('new.sock'))
    assert not os.path.exists(world.path('new.ndjson'))
    world.write('sallyport.conf', world.config_file)


@contextlib.contextmanager
def identity_that_opens_not_all(world):
    with open(world.path('more.age'), 'rb') as f:
        before = f.read()
    other = world.run('keygen', '-o', 'other').stdout.strip()
    world.seal_text('more.age', 'keys = ( );\n', [other])
    yield
    with open(world.path('more.age'), 'wb') as f:
        f.write(before)


BROKEN = [
    (broken_file, r"sallyport\.conf:\d+: unknown option 'wrokers'"),
    (vanishing_file, r'more\.age:? .*No such file'),
    (taken_port, r'sallyport\.conf:\d+: listener taken: .*already in use'),
    (identity_that_opens_not_all, r'more\.age:\d+: sealed to somebody else'),
]


@pytest.mark.parametrize('broken, why', BROKEN)
def test_a_reload_of_something_broken_is_refused_whole(served, broken, why):
    process = served.processes[0]
    before = process.pids()
    has = proc.descriptors(process.child.pid)
    with broken(served):
        done = ask_for_reload(served)
        assert done.returncode == 1, done.stderr
        assert re.search(why, done.stderr), done.stderr
        process.wait_line(why)
        status = wait_told(served, 'failure')
        assert re.search(why, status['reason'])
        assert metric(served, SUCCESSFUL) == 0
    assert process.pids() == before
    # One or the other may have been open for a moment before.
    wait_until(lambda: len(proc.descriptors(process.child.pid)) <= len(has),
               'no more descriptors than before')
    assert served.ask().status == 200
    done = ask_for_reload(served)
    assert done.returncode == 0, done.stderr
    assert wait_told(served, 'success')['reason'] is None
    assert metric(served, SUCCESSFUL) == 1
    assert served.ask().status == 200


def test_reloads_asked_for_while_one_runs_are_all_answered(served):
    """Some by the log, some by exit status; whatever becomes one."""
    process = served.processes[0]
    done = []
    threads = [threading.Thread(target=lambda: done.append(
        ask_for_reload(served).returncode)) for _ in range(6)]
    for t in threads:
        t.start()
        process.signal(signal.SIGHUP)
    for t in threads:
        t.join()
    assert done == [0] * 6
    wait_until(lambda: len(process.workers) == 1, 'old workers to end')
    with broken_file(served):
        assert ask_for_reload(served).returncode == 1
    assert served.ask().status == 200


# While one runs.

def seal_by_passphrase(world):
    """Reading it takes a second or more.  The options to run with."""
    phrase = world.write('pw', 'open sesame\n')
    os.chmod(phrase, 0o600)
    world.plain_files.add(phrase)
    for args in (('unseal', '-i', world.identity, '-o', 'plain',
                  world.path('keys.age')),
                 ('seal', '--passphrase-file', phrase, '-o',
                  world.path('p.age'), 'plain')):
        done = world.run(*args)
        assert done.returncode == 0, done.stderr
    os.unlink(world.path('plain'))
    return ['--passphrase-file', phrase]


def test_a_stop_ends_a_reload_that_runs(world):
    options = seal_by_passphrase(world)
    process = world.start(world.config(sealed=['p.age']), options=options)
    os.unlink(world.path('p.age'))
    seal_by_passphrase(world)
    process.signal(signal.SIGHUP)
    process.wait_line('reloading ')
    children = process.workers
    process.signal(signal.SIGTERM)
    process.wait_line('the configuration was not reloaded: the daemon is '
                      'stopping')
    assert process.wait_exit() == 0
    assert not [e for e in process.events() if e['log.level'] == 'error']
    wait_until(lambda: not any(os.path.exists('/proc/%d' % p)
                               for p in children), 'their end')


def test_a_stop_right_after_a_reload_was_asked_for_ends_all(world):
    for _ in range(5):
        process = world.start(world.config(workers=2))
        process.signal(signal.SIGHUP)
        process.signal(signal.SIGTERM)
        assert process.wait_exit() == 0


def test_a_storm_of_reloads_fails_no_request(world):
    process = world.start(world.config(workers=2))
    stop = threading.Event()

    def storm():
        while not stop.wait(0.002):
            process.signal(signal.SIGHUP)
    thread = threading.Thread(target=storm)
    thread.start()
    try:
        for _ in range(200):
            assert world.ask().status == 200
        process.wait_for(lambda: has_result(process, 3), 'some reloads')
    finally:
        stop.set()
        thread.join()
    wait_until(lambda: len(process.workers) == 2, 'old workers to end')
    assert 'was not reloaded' not in process.stderr
    assert world.ask().status == 200


# While the old generation drains.

def in_flight(world):
    """A request that the API answers when the event is set."""
    go = threading.Event()

    def later(call):
        call.swallow()
        go.wait(3 * world_module.LIMIT)
        call.answer(b'at last')
    world.clouds[0].handlers['/later'] = later
    client = world.raw(timeout=3 * world_module.LIMIT)
    client.request(target='/later')
    world.clouds[0].wait_requests(1)
    return client, go


def test_a_rotated_log_is_that_of_both_generations(world):
    process = world.start()
    client, go = in_flight(world)
    with client:
        reload(process)
        assert len(process.workers) == 2
        os.rename(world.path('access.ndjson'), world.path('old.ndjson'))
        process.signal(signal.SIGUSR1)
        process.wait_line('the access log was reopened')
        wait_until(lambda: all(
            world.path('access.ndjson') in proc.descriptors(p)
            for p in process.workers), 'workers write to the new one')
        go.set()
        assert client.response().data == b'at last'
    assert world.ask().status == 200
    lines = world.access(2)
    assert [x['url']['path'] for x in lines] == ['/later', '/test/echo']
    assert os.path.getsize(world.path('old.ndjson')) == 0


@pytest.mark.slow
def test_what_takes_longer_than_the_drain_is_cut_and_logged(world):
    process = world.start(world.config(upstreams=[world.upstream(
        more='timeouts = { response = "5m"; };')]))
    old = process.workers
    client, go = in_flight(world)
    with client:
        reload(process)
        assert world.ask().status == 200
        process.wait_for(lambda: any('were cut: they took over 30 s' in x
                                     for x in messages(process)),
                         'the end', world_module.DRAIN + world_module.LIMIT)
        with pytest.raises((http1.Closed, http1.Truncated,
                            ConnectionResetError)):
            client.response()
    wait_until(lambda: not set(old) & set(process.workers), 'its end')
    go.set()
    faults = {x['url']['path']: x['sallyport'].get('fault')
              for x in world.access(2)}
    assert faults == {'/later': 'worker_stopped', '/test/echo': None}
    assert world.ask().status == 200


def test_a_worker_that_dies_while_it_drains_is_not_replaced(world):
    process = world.start()
    old, = process.workers
    client, go = in_flight(world)
    with client:
        reload(process)
        new = set(process.workers) - {old}
        os.kill(old, signal.SIGKILL)
        process.wait_line('was ended by signal 9')
        go.set()
    wait_until(lambda: set(process.workers) == new, 'it alone')
    outlast(0.3)                    # in which none is started
    assert set(process.workers) == new
    assert world.ask().status == 200


def test_parent_death_ends_both_generations(world):
    process = world.start()
    client, go = in_flight(world)
    with client:
        reload(process)
        workers = process.workers
        assert len(workers) == 2
        process.child.kill()
        process.child.wait()
        go.set()
        assert client.response().data == b'at last'
    wait_until(lambda: not any(os.path.exists('/proc/%d' % p)
                               for p in workers), 'their end')


# What may change.

@pytest.mark.parametrize('before, after', [(1, 3), (3, 1)])
def test_the_number_of_workers_changes(world, before, after):
    process = world.start(world.config(workers=before))
    world.write('sallyport.conf', world.config(workers=after))
    reload(process)
    wait_until(lambda: len(process.workers) == after, 'so many workers')
    for _ in range(20):
        assert world.ask().status == 200


@pytest.mark.skipif(not ROOT, reason='needs root to become somebody else')
def test_the_user_changes(world):
    os.chmod(world.folder, 0o1777)
    upstream = world.upstream(ca=shutil.copy(world.pki.ca,
                                             world.path('ca.pem')))
    text = [world.config(upstreams=[upstream], more='user = "%s";' % user)
            for user in ('nobody', 'daemon')]
    process = world.start(text[0])
    old, = process.workers
    assert proc.status(old, 'Uid') == 65534
    world.write('sallyport.conf', text[1])
    reload(process)
    wait_until(lambda: old not in process.workers, 'its end')
    new, = process.workers
    assert proc.status(new, 'Uid') == 1
    assert world.ask().status == 200


@pytest.mark.skipif(not ROOT or world_module.SANITIZED,
                    reason='reads the memory of others')
def test_keys_of_the_generation_before_are_gone_from_memory(world):
    process = world.start(world.config(workers=2))
    old = process.workers
    for _ in range(10):
        assert world.ask().status == 200
    key = world.keys['team-a']
    world.new_key('team-a')
    world.seal('keys.age', 'team-a', 'team-b')
    world.clouds[0].add_key('team-a', world.keys['team-a'])
    reload(process)
    wait_until(lambda: not set(old) & set(process.workers), 'their end')
    for _ in range(10):
        assert world.ask().status == 200
    for pid in process.pids():
        has = b''.join(proc.memory(pid))
        assert b'elastic-cloud' in has, 'it finds nothing'
        assert key.encode() not in has and key[8:40].encode() not in has
