"""Floods at admin listeners, and what they may cost an order at most."""

import contextlib
import json
import os
import signal
import time

import proc
import pytest
from load import Load, needs_load
from recorder import Recorder, needs_recorder
from waiting import SANITIZED, wait_until
from world import FULL, ROOT

CLIENTS = 500
AT_ONCE = 0.1           # after an order was answered, no request has the key
SOON = 1                # in which an order is answered, and a page
BUSY = 4                # that a busy machine may take besides
WORK = 0.4              # of the admin process until then, however busy it is


def get(path, end='\r\n', n=40):
    return ('GET %s HTTP/1.1\r\nHost: localhost\r\n%s' % (path, end)
            ).encode() * n


def post(path, body=b''):
    return ('POST %s HTTP/1.1\r\nHost: localhost\r\n' % path).encode() + body


FLOODS = {
    'metrics': get('/metrics'),
    'status': get('/status'),
    'pages for people': get('/'),
    'pages of many kinds': b''.join(
        get('/%s?%s' % (path, i), n=1)
        for i in range(10) for path in ('', 'status', 'metrics', 'readyz')),
    'many small requests': get('/healthz', n=1500),
    'many that are refused': get('/nowhere', n=1500),
    'another method': post('/metrics', b'Content-Length: 0\r\n\r\n') * 900,
    'orders about no key': post('/keys/none/enable',
                                b'Content-Length: 0\r\n\r\n') * 900,
    'half a head': get('/metrics', end='', n=1),
    'a head without end': get('/metrics', end='', n=1) + b'a: b\r\n' * 9000,
    'bodies in small chunks': post(
        '/reload', b'Transfer-Encoding: chunked\r\n\r\n'
        + b'1\r\na\r\n' * 4000),
}


@pytest.fixture
def keyed(bare):
    bare.seal('keys.age', 'old', 'new')
    bare.admin = 'unix:' + bare.path('admin.sock')
    return bare


@contextlib.contextmanager
def recorded(world):
    """The daemon under some load, and what the API gets of it."""
    record = Recorder(world)
    try:
        process = world.start(world.config(
            routes=['{ name = "all"; upstream = "elastic-cloud"; '
                    'keys = [ "old", "new" ]; }'],
            upstreams=[world.upstream(to=record.address)], workers=2,
            log='access = "none";', more='admin = ( { address = "%s"; }, '
            '{ address = "127.0.0.1:0"; } );' % world.admin))
        world.tcp = process.listening[-1]
        load = Load(world, '-c', 8)
        try:
            wait_until(lambda: len(record.read().requests) > 100, 'requests')
            yield record
        finally:
            load.kill()
    finally:
        record.stop()


def flood(world, many, where, said, n=CLIENTS):
    """Clients that say it and read nothing."""
    for _ in range(n):
        raw = many.enter_context(world.raw(where))
        raw.sock.setblocking(False)
        with contextlib.suppress(BlockingIOError, BrokenPipeError,
                                 ConnectionResetError):
            raw.sock.send(said)


def take(limit):
    return limit if FULL else limit + BUSY


def disable(world, record):
    """Seconds until it was answered, and from then on until the last request
    with the key."""
    began = time.time()
    done = world.run('key', 'disable', 'old', '-c',
                     world.path('sallyport.conf'))
    ended = time.time()
    assert done.returncode == 0, done.stderr
    n = len(record.read().requests)
    wait_until(lambda: len(record.read().requests) > n + 100,
               'requests go on')
    assert record.requests[-1].key == 'new'
    last = max(r.at for r in record.requests if r.key == 'old') / 1e9
    return ended - began, last - ended


@needs_load
@needs_recorder
@pytest.mark.parametrize('listener', ('unix', 'tcp'))
@pytest.mark.parametrize('said', FLOODS.values(), ids=FLOODS)
def test_a_flood_delays_no_order(keyed, said, listener):
    with recorded(keyed) as record, contextlib.ExitStack() as many:
        flood(keyed, many, keyed.admin if listener == 'unix' else keyed.tcp,
              said)
        took, late = disable(keyed, record)
        work = proc.cpu_seconds(keyed.processes[-1].admin)
        began = time.monotonic()
        answer = keyed.ask('GET', '/status', which=keyed.admin)
        asked = time.monotonic() - began
        print('the order took %.0f ms, %.0f ms of work, the last request came '
              '%.0f ms after it, a page took %.0f ms' % tuple(
                  1e3 * x for x in (took, work, late, asked)))
        assert took < take(SOON)
        assert late < take(AT_ONCE)
        assert work < WORK or SANITIZED
        assert asked < take(SOON)
        states = {k['name']: k['state']
                  for k in json.loads(answer.data)['keys']}
        assert states['old'] == 'disabled'


# Of other users, where the socket is theirs, too.

OTHER, OURS = 1, 65534
PLACES = 64             # of those who wait for an order to disable a key

ORDERS = {
    'nothing': b'',
    'pages': get('/metrics'),
    'orders': post('/keys/old/disable', b'Content-Length: 0\r\n\r\n') * 500,
}


@contextlib.contextmanager
def as_user(uid):
    os.seteuid(uid)
    try:
        yield
    finally:
        os.seteuid(0)


def shared(world, more=''):
    """A daemon whose socket all may connect to."""
    os.chmod(world.folder, 0o755)
    world.start(world.config(
        routes=['{ name = "all"; upstream = "elastic-cloud"; '
                'keys = [ "old", "new" ]; }'],
        workers=1, more='admin = { address = "%s"; mode = "0666"; %s };' % (
            world.admin, more)))


@pytest.mark.skipif(not ROOT, reason='needs root to be others')
@pytest.mark.parametrize('said', ORDERS.values(), ids=ORDERS)
def test_others_who_may_not_give_orders_delay_none(keyed, said):
    keyed.cloud()
    shared(keyed, 'users = [ "root" ];')
    with contextlib.ExitStack() as many:
        with as_user(OTHER):
            flood(keyed, many, keyed.admin, said)
        for verb in 'disable', 'enable':
            began = time.monotonic()
            done = keyed.run('key', verb, 'old', '-c',
                             keyed.path('sallyport.conf'))
            took = time.monotonic() - began
            print('key %s took %.0f ms' % (verb, 1e3 * took))
            assert done.returncode == 0, done.stderr
            assert took < take(SOON)
        assert proc.cpu_seconds(keyed.processes[-1].admin) < WORK or SANITIZED


@pytest.mark.skipif(not ROOT, reason='needs root to be others')
def test_orders_of_others_that_wait_leave_room_for_ours(keyed):
    """A worker that is stopped keeps them waiting until it is killed."""
    keyed.cloud()
    shared(keyed)
    process = keyed.processes[-1]
    stopped, = process.workers
    os.kill(stopped, signal.SIGSTOP)
    with contextlib.ExitStack() as many:
        with as_user(OTHER):
            flood(keyed, many, keyed.admin, ORDERS['orders'], n=2 * PLACES)
        done = keyed.run('key', 'disable', 'new', '-c',
                         keyed.path('sallyport.conf'))
        assert done.returncode == 0, done.stderr
        assert 'key new is disabled' in done.stdout


@pytest.mark.skipif(not ROOT, reason='needs root to be others')
def test_clients_of_our_own_user_keep_their_places_while_others_have_some(
        keyed):
    """Which its process must know without asking the system."""
    keyed.cloud()
    keyed.user = 'nobody'
    shared(keyed)
    with contextlib.ExitStack() as many:
        with as_user(OURS):
            ours = many.enter_context(keyed.raw(keyed.admin))
            assert ours.ask('GET', '/healthz').status == 200
        with as_user(OTHER):
            flood(keyed, many, keyed.admin, b'')
        assert keyed.ask('GET', '/healthz', which=keyed.admin).status == 200
        assert ours.ask('GET', '/healthz').status == 200
