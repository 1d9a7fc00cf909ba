"""Nobody takes more than a share: of time, of clients, of descriptors."""

import contextlib
import json
import os
import re
import shutil
import signal
import socket
import threading
import time

import http1
import proc
import pytest
import world as world_module
from waiting import at_pace, grows_in, keep_below, outlast


def resident(pid):
    with open('/proc/%d/status' % pid) as f:
        for line in f:
            if line.startswith('VmRSS:'):
                return int(line.split()[1]) * 1024


@contextlib.contextmanager
def many(world, n, which=0):
    """n connections that say nothing."""
    with contextlib.ExitStack() as stack:
        yield [stack.enter_context(world.raw(which)) for _ in range(n)]


def descriptors(pid):
    return len(os.listdir('/proc/%d/fd' % pid))


def test_a_client_that_reads_no_answer_is_cut_whatever_was_taken(world):
    """The socket is full up: of the last answer it takes nothing at all."""
    world.start(world.config(
        listeners=['{ name = "u"; address = "unix:%s"; }' % world.path('s')],
        more='timeouts = { send = "1s"; idle = "1h"; };'))
    duration, n = 0, 0
    with world.raw() as raw:
        # What is not taken is not done until its time is over.
        while duration < 1e9:
            raw.request(fields=[('Origin', 'null')])
            n += 1
            assert n < 5000
            last = world.access(n)[-1]
            duration = last['event']['duration']
        assert last['sallyport']['fault'] == 'browser_refused'
        with contextlib.suppress(ConnectionResetError):
            while raw.fill():
                pass


def test_a_body_that_trickles_is_late_however_regular(world):
    world.start(world.config(more='timeouts = { body = "1s"; };'
                             'limits = { body_rate = "1KiB"; };'))
    began = time.monotonic()
    with world.raw() as raw:
        raw.send(b'POST /test/echo HTTP/1.1\r\nHost: localhost\r\n'
                 b'Content-Length: 1000\r\n\r\n')
        with contextlib.suppress(OSError):
            for _ in range(1000):
                raw.send(b'x')
                raw.sock.settimeout(0.05)
                with contextlib.suppress(TimeoutError, socket.timeout):
                    if raw.fill():
                        break
        raw.sock.settimeout(world_module.LIMIT)
        assert raw.response('POST').status == 408
    assert 0.9 < time.monotonic() - began < 10
    assert world.access(1)[0]['sallyport']['fault'] == 'request_timeout'


def test_a_slow_body_at_the_rate_arrives(world):
    """Longer than timeouts.body all in all, without a long pause."""
    world.start(world.config(more='timeouts = { body = "2s"; };'
                             'limits = { body_rate = "100B"; };'))
    with world.raw() as raw:
        raw.send(b'POST /test/echo HTTP/1.1\r\nHost: localhost\r\n'
                 b'Content-Length: 1600\r\n\r\n')
        for _ in at_pace(16, 0.2):
            raw.send(b'x' * 100)
        assert json.loads(raw.response('POST').data)['bytes'] == 1600


def test_without_a_rate_only_a_pause_is_too_long(world):
    world.start(world.config(more='timeouts = { body = "2s"; };'
                             'limits = { body_rate = "0"; };'))
    with world.raw() as raw:
        raw.send(b'POST /test/echo HTTP/1.1\r\nHost: localhost\r\n'
                 b'Content-Length: 8\r\n\r\n')
        for _ in at_pace(8, 0.3):
            raw.send(b'x')
        assert json.loads(raw.response('POST').data)['bytes'] == 8


def test_an_upstream_that_takes_no_body_costs_the_client_no_time(world):
    go = threading.Event()

    def later(call):
        go.wait(world_module.LIMIT)
        call.answer(b'done')
    world.clouds[0].handlers['/later'] = later
    world.start(world.config(more='timeouts = { body = "500ms"; };'
                             'limits = { body_rate = "1MiB"; };'))
    total = 32 << 20
    with world.raw() as raw:
        raw.send(b'PUT /later HTTP/1.1\r\nHost: localhost\r\n'
                 b'Content-Length: %d\r\n\r\n' % total)
        sender = threading.Thread(
            target=lambda: [raw.send(b'x' * 65536)
                            for _ in range(total // 65536)])
        sender.start()
        outlast(1.5)            # three times what a client may take
        go.set()
        assert raw.response('PUT').status == 200
        sender.join()


def test_an_upstream_that_never_says_100_is_the_one_who_is_late(world):
    """In capitals, which the stand-in does not know."""
    world.clouds[0].handlers['/silent'] = lambda call: call.wait_gone()
    world.start(world.config(
        upstreams=[world.upstream(more='timeouts = { response = "1s"; };')],
        more='timeouts = { body = "300ms"; };'))
    with world.raw() as raw:
        raw.send(b'PUT /silent HTTP/1.1\r\nHost: localhost\r\n'
                 b'Expect: 100-CONTINUE\r\nContent-Length: 8\r\n\r\n')
        assert raw.response('PUT').status == 504
    assert world.access(1)[0]['sallyport']['fault'] == 'upstream_timeout'


@contextlib.contextmanager
def black_hole():
    """An address that answers nothing: its backlog is full."""
    with contextlib.ExitStack() as stack:
        sock = stack.enter_context(socket.socket())
        sock.bind(('127.0.0.1', 0))
        sock.listen(0)
        for _ in range(4):
            one = stack.enter_context(socket.socket())
            one.setblocking(False)
            one.connect_ex(sock.getsockname())
        yield '127.0.0.1:%d' % sock.getsockname()[1]


def test_who_waits_for_an_upstream_that_is_not_there_is_told_so(world):
    """Also where only one connection may be tried at a time."""
    with black_hole() as address:
        world.start(world.config(upstreams=[world.upstream(
            to=address, more='max_connections = 1; '
            'timeouts = { connect = "1s"; response = "20s"; };')]))
        began = time.monotonic()
        with contextlib.ExitStack() as stack:
            waiting = [stack.enter_context(world.raw()) for _ in range(8)]
            for raw in waiting:
                raw.request()
            assert [raw.response().status for raw in waiting] == [504] * 8
        assert time.monotonic() - began < 8     # they wait side by side
    assert {line['sallyport']['fault'] for line in world.access(8)} == \
        {'upstream_timeout'}


def trickle(call):
    """A byte now and then, as long as somebody listens."""
    call.swallow()
    call.close()
    call.head(200, [('Transfer-Encoding', 'chunked')])
    gone = False
    while not gone:
        call.raw(b'1\r\nx\r\n')
        gone = call.wait_gone(0.05)


def test_a_response_that_trickles_is_cut_however_regular(world):
    world.clouds[0].handlers['/trickle'] = trickle
    world.start(world.config(upstreams=[world.upstream(
        more='timeouts = { body = "1s"; }; body_rate = "1KiB";')]))
    began = time.monotonic()
    with world.raw() as raw:
        raw.request(target='/trickle')
        with pytest.raises((http1.Truncated, ConnectionResetError)):
            raw.response()
    assert 0.9 < time.monotonic() - began < 10
    assert world.access(1)[0]['sallyport']['fault'] == 'upstream_timeout'
    assert world.clouds[0].connections[0].closed.wait(world_module.LIMIT)


def test_a_response_may_trickle_unless_a_rate_is_asked_for(world):
    world.clouds[0].handlers['/trickle'] = trickle
    world.start(world.config(upstreams=[world.upstream(
        more='timeouts = { body = "1s"; };')]))
    began = time.monotonic()
    with world.raw() as raw:
        raw.request(target='/trickle')
        body = http1.Response.read_head(raw).body(raw)
        while time.monotonic() - began < 3:
            assert set(next(body)) == set(b'x')


def test_a_client_that_reads_nothing_is_cut(world):
    world.start(world.config(more='timeouts = { send = "500ms"; };'))
    with world.raw() as raw:
        raw.request(target='/test/bytes?n=%d' % (64 << 20))
        assert world.access(1)[0]['sallyport']['fault'] == 'client_stalled'
        with pytest.raises((http1.Truncated, ConnectionResetError)):
            raw.response()
    assert world.clouds[0].connections[0].closed.wait(world_module.LIMIT)


@pytest.mark.parametrize('kind', ['TCP', 'Unix'])
def test_a_client_that_reads_slowly_gets_all_of_it(world, kind):
    """Far less in a second than the system takes from us at a time."""
    address = '127.0.0.1:0' if kind == 'TCP' else 'unix:' + world.path('s')
    world.start(world.config(
        listeners=['{ name = "l"; address = "%s"; }' % address],
        more='timeouts = { send = "1s"; };'))
    total, slow = 16 << 20, 2 << 20
    began = time.monotonic()
    with world.raw() as raw:
        raw.request(target='/test/bytes?n=%d' % total)
        response, got = http1.Response.read_head(raw), 0
        raw.sock.settimeout(world_module.LIMIT)
        got = len(raw.buf)
        raw.buf.clear()
        while got < total:
            if got < slow:
                keep_below(512 << 10, got, began)
            piece = raw.sock.recv(16384 if got < slow else 1 << 20)
            assert piece
            got += len(piece)
    assert response.status == 200 and got == total
    assert 'fault' not in world.access(1)[0]['sallyport']


def turned_away(raw, limit):
    """It is told at once, whatever it has said."""
    response = raw.response()
    assert response.status == 503
    error, = json.loads(response.data)['errors']
    assert error['code'] == 'sallyport.overloaded'
    assert error['message'].endswith(
        'the limit of clients is reached (%s)' % limit)
    fields = response.fields
    assert fields.one('x-cloud-error-codes') == 'sallyport.overloaded'
    assert fields.one('retry-after') == '1'
    assert fields.one('connection') == 'close'
    assert raw.at_end()


@pytest.mark.parametrize('kind', ['TCP', 'Unix'])
def test_who_comes_at_the_limit_of_clients_is_turned_away(world, kind):
    address = '127.0.0.1:0' if kind == 'TCP' else 'unix:' + world.path('s')
    process = world.start(world.config(
        listeners=['{ name = "l"; address = "%s"; }' % address],
        more='limits = { clients = 3; };'))
    with many(world, 3) as clients:
        for _ in range(5):
            with world.raw() as late:
                turned_away(late, 'limits.clients')
        # One that asks first, and one that sends much, as well.
        with world.raw() as late:
            late.request()
            turned_away(late, 'limits.clients')
        with world.raw() as late:
            late.send(b'PUT / HTTP/1.1\r\nHost: localhost\r\n'
                      b'Content-Length: 8388608\r\n\r\n')
            late.send(b'x' * (8 << 20))
            turned_away(late, 'limits.clients')
        assert clients[0].ask().status == 200
    # There was an exchange of who was in, and of nobody else.
    world.access(1)
    world_module.wait_until(lambda: world.ask().status == 200, 'room')
    line, = [x for x in process.lines if 'the limit of clients' in x]
    assert 'listener l: ' in line and 'turned away' in line


def test_no_more_than_so_many_who_are_turned_away_linger(world):
    """The rest wait, and cost no time; who leaves makes room for the next."""
    process = world.start(world.config(more='limits = { clients = 1; };'))
    worker, = process.workers
    before = descriptors(worker)
    with world.raw(), many(world, 200) as late:
        most, n = 0, 0
        for raw in late:
            turned_away(raw, 'limits.clients')
            most = max(most, descriptors(worker) - before)
        assert most <= 65
        assert grows_in(0.5, lambda: proc.cpu_seconds(worker)) < 0.1


def test_a_client_that_leaves_makes_room(world):
    process = world.start(world.config(more='limits = { clients = 2; };'))
    with many(world, 2) as clients:
        for _ in range(20):
            assert [c.ask().status for c in clients] == [200, 200]
            clients.pop(0).close()
            # It left before this one came.
            clients.append(world.raw())
    assert not [x for x in process.lines if 'the limit of clients' in x]


def test_each_listener_has_its_own_limit(world):
    listeners = [
        '{ name = "small"; address = "127.0.0.1:0"; clients = 2; }',
        '{ name = "large"; address = "unix:%s"; }' % world.path('sock')]
    process = world.start(world.config(listeners=listeners))
    with many(world, 2):
        with world.raw() as late:
            turned_away(late, 'clients of the listener')
        process.wait_line('listener small: the limit of clients')
        with many(world, 20, which=1) as others:
            assert others[-1].ask().status == 200
    world_module.wait_until(lambda: world.ask().status == 200, 'room')


def inside(world, n):
    """So many clients, of whom each was let in."""
    raws = [world.raw() for _ in range(n)]
    for raw in raws:
        assert raw.ask(fields=[('Origin', 'https://x')]).status == 421
    return raws


def test_nobody_is_turned_away_while_a_worker_has_room(world):
    process = world.start(world.config(workers=2,
                                       more='limits = { clients = 8; };'))
    for _ in range(10):
        raws = inside(world, 16)
        with world.raw() as late:
            turned_away(late, 'limits.clients')
        for raw in raws:
            raw.close()
        world_module.wait_until(
            lambda: sum(map(descriptors_of_clients, process.workers)) == 0,
            'the clients to be gone')


def descriptors_of_clients(pid):
    """Sockets of a worker that are connected to an address of ours."""
    with open('/proc/%d/net/tcp' % pid) as f:
        open_ones = {line.split()[9] for line in f.readlines()[1:]
                     if line.split()[3] != '0A'}
    n = 0
    for fd in os.listdir('/proc/%d/fd' % pid):
        with contextlib.suppress(OSError):
            to = os.readlink('/proc/%d/fd/%s' % (pid, fd))
            n += to.startswith('socket:[') and to[8:-1] in open_ones
    return n


def kill_worker(process, pid):
    """How long, in ms, it takes until there is another."""
    n = len([x for x in process.lines if 'the worker is replaced' in x]) + 1
    os.kill(pid, signal.SIGKILL)
    line = process.wait_line(r'replaced so far: %d"' % n)
    return int(re.search(r'replaced in (\d+) ms', line)[1])


def successor(process, *known):
    return world_module.wait_until(
        lambda: set(process.workers) - set(known), 'a successor').pop()


def let_in(world):
    """One that is, as soon as somebody has room."""
    def attempt():
        raw = world.raw()
        if raw.ask(fields=[('Origin', 'https://x')]).status == 421:
            return raw
        raw.close()
    return world_module.wait_until(attempt, 'room')


def test_when_the_one_with_room_dies_others_turn_clients_away(world):
    """They watched no more, for it had room; whoever waits is told."""
    process = world.start(world.config(workers=2,
                                       more='limits = { clients = 4; };'))
    full, other = process.workers
    os.kill(other, signal.SIGSTOP)
    raws = inside(world, 4)
    pause = 0
    while pause < 800:
        # The more often it dies, the later it is replaced.
        pause = kill_worker(process, other)
        other = successor(process, full, other)
    raws.append(let_in(world))
    os.kill(other, signal.SIGSTOP)
    with world.raw() as late:
        late.request()
        assert kill_worker(process, other) >= 1600
        turned_away(late, 'limits.clients')
    raws.append(let_in(world))
    for raw in raws:
        raw.close()


def test_who_lingers_is_a_client(world):
    world.start(world.config(more='limits = { clients = 1; };'))
    with world.raw() as raw:
        raw.send(b'POST / HTTP/1.1\r\nHost: evil.example\r\n'
                 b'Content-Length: 1000000\r\n\r\n')
        assert raw.response('POST').status == 421
        with world.raw() as late:
            turned_away(late, 'limits.clients')
        raw.send(b'x' * 100000)
        with world.raw() as late:
            turned_away(late, 'limits.clients')
    world_module.wait_until(lambda: world.ask().status == 200, 'room')


def test_a_listener_limit_out_of_range_is_a_fault(world):
    world.refuses(world.config(listeners=[
        '{ name = "l"; address = "127.0.0.1:0"; clients = 0; }']),
        r"sallyport.conf:\d+: option 'clients': 0 is out of range")


@pytest.mark.skipif(not shutil.which('prlimit'), reason='no prlimit')
def test_clients_never_take_the_descriptors_of_upstreams(world):
    """Far more clients than descriptors: who is in is served, nothing
    spins, and who leaves makes room."""
    process = world.start(wrap=['prlimit', '--nofile=256:256'])
    worker, = process.workers
    process.wait_line('no more than [0-9]+ clients at a time instead of')
    with world.raw() as inside, many(world, 300):
        process.wait_line('the limit of clients is reached')
        assert descriptors(worker) < 200
        assert inside.ask().status == 200
        assert grows_in(1, lambda: proc.cpu_seconds(worker)) < 0.1
        for _ in range(3):
            assert inside.ask(target='/test/bytes?n=100000').status == 200
        assert not [x for x in process.lines if 'cannot accept' in x]
    assert world.ask().status == 200


@pytest.mark.skipif(not shutil.which('prlimit'), reason='no prlimit')
def test_as_many_clients_at_work_as_descriptors_allow(world):
    """Each of them gets its connection of the upstream."""
    go = threading.Event()

    def together(call):
        call.swallow()
        go.wait(world_module.LIMIT)
        call.answer(b'done')
    world.clouds[0].handlers['/together'] = together
    process = world.start(wrap=['prlimit', '--nofile=256:256'])
    line = process.wait_line('no more than [0-9]+ clients')
    n = int(line.split('no more than ')[1].split()[0])
    with many(world, n) as clients:
        for client in clients:
            client.request(target='/together')
        world.clouds[0].wait_requests(n)
        go.set()
        for client in clients:
            assert client.response().status == 200


class Slow:
    """Clients that send or read a byte now and then, until stopped."""

    def __init__(self, world, kind):
        self.raw = world.raw()
        self.kind = kind
        if kind == 'body':
            self.raw.send(b'POST /test/echo HTTP/1.1\r\nHost: localhost\r\n'
                          b'Content-Length: 100000\r\n\r\n')
        elif kind == 'reader':
            self.raw.request(target='/test/bytes?n=%d' % (64 << 20))
        self.rest = b'GET /test/echo HTTP/1.1\r\nHost: localhost\r\nX: ' + \
            b'x' * 1000

    def step(self):
        if self.kind == 'head':
            self.raw.send(self.rest[:1])
            self.rest = self.rest[1:]
        elif self.kind == 'body':
            self.raw.send(b'x')
        else:
            self.raw.sock.recv(1)


def test_slow_heads_bodies_and_readers_do_not_slow_others(world):
    process = world.start()
    worker, = process.workers
    slow = [Slow(world, kind) for kind in ('head', 'body', 'reader')
            for _ in range(30)]
    times = []
    for _ in range(40):
        for one in slow:
            one.step()
        began = time.monotonic()
        with world.raw() as healthy:
            assert healthy.ask().status == 200
            assert healthy.ask('POST', body=b'x' * 5000).status == 200
        times.append(time.monotonic() - began)
    times.sort()
    assert times[len(times) // 2] < 1
    if not world_module.SANITIZED:
        assert resident(worker) < 60 << 20
    for one in slow:
        one.raw.close()
