"""Reload: a new generation takes over, or nothing has changed."""

import contextlib
import os
import signal
import socket

import pytest
from proc import descriptors, descriptors_of
from waiting import outlast, wait_until


def reload(process, times=1):
    """By SIGHUP; the line that tells the result."""
    before = len(results(process))
    process.signal(signal.SIGHUP)
    process.wait_for(lambda: len(results(process)) >= before + times,
                     'the result of a reload')
    return results(process)[-1]


def results(process):
    return [e['message'] for e in process.events('sallyport.daemon')
            if e['message'].startswith('the configuration was ')]


def is_good(result):
    return result.startswith('the configuration was reloaded')


def wait_gone(pids):
    wait_until(lambda: not any(os.path.exists('/proc/%d' % p) for p in pids),
               'the old workers end')


def test_a_new_configuration_serves_and_the_old_workers_end(world):
    process = world.start(world.config(workers=2))
    old = process.workers
    assert world.ask().status == 200
    world.seal('other.age', 'team-x')
    cloud = world.cloud()
    world.write('sallyport.conf', world.config(
        workers=1, upstreams=[world.upstream(to=cloud.address)], sealed=('keys.age', 'other.age'), routes=[
            '{ name = "b"; upstream = "elastic-cloud"; '
            'keys = [ "team-x" ]; }']))
    assert is_good(reload(process))
    # Until it hears of that, an old worker takes clients.
    wait_until(lambda: world.ask().status == 200 and
               cloud.requests and cloud.requests[-1].key == 'team-x' and
               cloud.requests[-1].target == '/test/echo', 'the new one serves')
    first = wait_until(world.access, 'the lines')[0]
    assert first['sallyport']['key'] == 'team-a'
    wait_gone(old)
    assert len(process.workers) == 1


def test_a_broken_configuration_changes_nothing_and_says_why(world):
    process = world.start()
    old = process.workers
    world.write('sallyport.conf', world.config() + 'nonsense = 1;\n')
    assert not is_good(reload(process))
    why, = [e['message'] for e in process.events('sallyport.daemon')
            if 'nonsense' in e['message']]
    assert why.startswith(world.path('sallyport.conf') + ':')
    assert process.workers == old
    assert world.ask().status == 200
    world.write('sallyport.conf', world.config())
    assert is_good(reload(process))
    assert world.ask().status == 200


def test_a_request_that_runs_is_finished_by_its_own_generation(world):
    process = world.start()
    with world.raw() as client:
        client.request('POST', fields=[('Content-Length', '10')])
        client.send(b'01234')
        process.wait_line('open, was begun')
        assert is_good(reload(process))
        client.send(b'56789')
        response = client.response('POST')
        assert response.status == 200
        assert response.fields.all('connection') == ['close']
        assert client.at_end()


def test_an_idle_connection_serves_one_more_request(world):
    process = world.start()
    with world.raw() as client:
        assert client.ask().status == 200
        assert is_good(reload(process))
        response = client.ask()
        assert response.status == 200
        assert response.fields.all('connection') == ['close']


def test_a_connection_without_a_request_yet_is_served(world):
    process = world.start()
    with world.raw() as client:
        assert is_good(reload(process))
        assert client.ask().status == 200


def test_listeners_are_added_and_dropped(world):
    path = world.path('x.sock')
    unix = '{ name = "unix"; address = "unix:%s"; }' % path
    local = '{ name = "local"; address = "127.0.0.1:0"; }'
    process = world.start(world.config(listeners=[local]))
    first = process.listening[0]
    world.write('sallyport.conf', world.config(listeners=[unix, local]))
    assert is_good(reload(process))
    assert process.listening == [first, 'unix:' + path]
    assert world.ask(which=0).status == 200
    assert world.ask(which=1).status == 200
    world.write('sallyport.conf', world.config(listeners=[local]))
    assert is_good(reload(process))
    assert not os.path.exists(path)
    assert world.ask(which=0).status == 200


def free_port():
    with socket.create_server(('127.0.0.1', 0)) as s:
        return s.getsockname()[1]


@pytest.mark.parametrize('kind', ['tcp', 'unix'])
def test_an_address_moves_between_listeners_and_admin(world, kind):
    places = ['127.0.0.1:%d' % free_port() if kind == 'tcp' else
              'unix:' + world.path('%d.sock' % i) for i in range(2)]

    def configure(proxy, admin, mode):
        text = world.config(
            listeners=['{ name = "a"; address = "%s"; }' % proxy],
            more='admin = { address = "%s"; %s };' % (
                admin, 'mode = "0%o";' % mode if kind == 'unix' else ''))
        world.write('sallyport.conf', text)
        return text

    def check(proxy, admin, mode):
        assert world.ask(which=proxy).status == 200
        assert world.ask(target='/status', which=admin).status == 200
        if kind == 'unix':
            assert os.stat(admin[5:]).st_mode & 0o777 == mode
    process = world.start(configure(*places, 0o660))
    check(*places, 0o660)
    for mode in 0o600, 0o660, 0o600:
        places.reverse()
        configure(*places, mode)
        # Until they end, one that served the other may take a client.
        old = set(process.pids()) - {process.child.pid}
        assert is_good(reload(process)), process.stderr
        wait_gone(old)
        check(*places, mode)


@contextlib.contextmanager
def one_that_lost_its_listener(world):
    """Its worker is stopped, and has it still; what adds it again."""
    local = '{ name = "local"; address = "127.0.0.1:0"; }'
    more = '{ name = "more"; address = "127.0.0.1:%d"; }' % free_port()
    text = world.config(listeners=[local, more])
    process = world.start(text)
    old, = process.workers
    os.kill(old, signal.SIGSTOP)
    try:
        world.write('sallyport.conf', world.config(listeners=[local]))
        assert is_good(reload(process))
        world.write('sallyport.conf', text)
        yield process, old
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.kill(old, signal.SIGKILL)


def test_a_port_that_is_dropped_can_be_added_by_the_next_reload(world):
    with one_that_lost_its_listener(world) as (process, old):
        process.signal(signal.SIGHUP)
        outlast(0.3)                # in which it would have been refused
        assert len(results(process)) == 1
        os.kill(old, signal.SIGCONT)
        process.wait_for(lambda: len(results(process)) == 2, 'the result')
        assert is_good(results(process)[-1]), process.stderr
        assert world.ask(which=process.listening[-1]).status == 200


@pytest.mark.slow
def test_a_port_that_a_worker_which_hangs_has_is_told_as_that(world):
    with one_that_lost_its_listener(world) as (process, old):
        assert not is_good(reload(process))
        assert 'more: 127.0.0.1:' in process.stderr
        assert 'a process of this daemon hangs that served an earlier ' \
            'configuration: what it listened at stays in use until it has ' \
            'ended' in process.stderr


def test_an_address_that_is_our_own_says_which_and_what_helps(world):
    port = free_port()
    one = '{ name = "one"; address = "127.0.0.1:%d"; }' % port
    every = '{ name = "all"; address = "0.0.0.0:%d"; nonlocal = true; ' \
        'hosts = [ "127.0.0.1" ]; }' % port
    process = world.start(world.config(listeners=[one]))
    world.write('sallyport.conf', world.config(listeners=[every]))
    assert not is_good(reload(process))
    assert 'in use by listener one at 127.0.0.1:%d, which serves until ' \
        'this reload is done: drop that one' % port in process.stderr
    unix = '{ name = "u"; address = "unix:%s"; }' % world.path('u.sock')
    for listeners in [unix], [unix, every]:
        world.write('sallyport.conf', world.config(listeners=listeners))
        assert is_good(reload(process)), process.stderr


def test_many_reloads_become_few_and_all_are_answered(world):
    process = world.start(world.config(workers=2))
    for _ in range(20):
        process.signal(signal.SIGHUP)
    assert is_good(reload(process))
    assert world.ask().status == 200
    wait_until(lambda: len(process.workers) == 2, 'the old ones end')


def seal_by_passphrase(world):
    """The configuration's part with the keys, sealed by a passphrase."""
    phrase = world.write('pw', 'open sesame\n')
    os.chmod(phrase, 0o600)
    world.plain_files.add(phrase)
    done = world.run('unseal', '-i', world.identity, '-o', 'plain',
                     world.path('keys.age'))
    assert done.returncode == 0, done.stderr
    done = world.run('seal', '--passphrase-file', phrase, '-o',
                     world.path('p.age'), 'plain')
    assert done.returncode == 0, done.stderr
    os.unlink(world.path('plain'))
    return ['--passphrase-file', phrase]


def has_no_socket(pid):
    with contextlib.suppress(FileNotFoundError):    # closed meanwhile
        return 'socket' not in descriptors(pid)
    return False


def test_passphrases_are_kept_for_reloads_and_workers_watched(world):
    options = seal_by_passphrase(world)
    process = world.start(world.config(sealed=['p.age']), options=options)
    assert is_good(reload(process))
    assert world.ask().status == 200
    # What is sealed anew takes a second or more to open.
    os.unlink(world.path('p.age'))
    seal_by_passphrase(world)
    wait_until(lambda: len(process.workers) == 1, 'the old one ends')
    serving = process.workers
    process.signal(signal.SIGHUP)
    process.wait_for(lambda: [e for e in process.events('sallyport.daemon')
                              if e['message'].startswith('reloading ')][1:],
                     'the second reload')
    before = process.workers
    wait_until(lambda: set(process.workers) - set(serving), 'a child')
    before = process.workers
    trial, = set(before) - set(serving)
    wait_until(lambda: has_no_socket(trial), 'it keeps no listener open')
    os.kill(serving[0], signal.SIGKILL)
    wait_until(lambda: serving[0] not in process.workers and world.ask(),
               'more')
    for new in set(process.workers) - set(before):
        # Where the child that tries it writes.
        assert '/memfd' not in descriptors(new)
    process.wait_for(lambda: len(results(process)) == 2, 'the result')
    assert is_good(results(process)[-1])
    lines = [e['message'] for e in process.events('sallyport.daemon')]
    replaced = next(i for i, x in enumerate(lines) if 'is replaced' in x)
    assert replaced < lines.index(results(process)[-1])
    assert world.ask().status == 200


def test_a_stop_of_a_socket_of_systemd_loses_no_request(world):
    """The socket stays open, and the next daemon serves it."""
    sock = socket.create_server(('127.0.0.1', 0))
    address = '127.0.0.1:%d' % sock.getsockname()[1]
    process = world.activate(['{ name = "s"; address = "fd:web"; }'], 'web',
                             sock)
    process.wait_ready()
    with world.raw(address) as kept, \
            world.raw(address) as fresh:
        assert kept.ask().status == 200
        # It came later than the others, which were let in, too.
        assert world.ask(which=address).status == 200
        worker, = process.workers
        had = descriptors_of(worker, sock)
        process.signal(signal.SIGTERM)
        process.wait_line('stopping: finishing what runs')
        # The parent says so first, and then tells the worker.
        wait_until(lambda: descriptors_of(worker, sock) < had,
                   'it to take nobody')
        waits = world.raw(address)
        waits.request()
        for client in kept, fresh:
            response = client.ask()
            assert response.status == 200
            assert response.fields.all('connection') == ['close']
    assert process.wait_exit() == 0
    process = world.activate(['{ name = "s"; address = "fd:web"; }'], 'web',
                             sock)
    assert waits.response().status == 200
    process.wait_ready()
    waits.close()
    sock.close()
