"""Connections to the API: kept, per key, watched, retried with care."""

import contextlib
import os
import random
import signal
import socket
import ssl
import struct
import threading

import pytest
import tcp
import world as world_module


class Gate:
    """Between the program and the API: connections wait while it is shut."""

    def __init__(self, to, sock=None):
        self.to = to
        self.came = threading.Semaphore(0)
        self.open = threading.Event()
        self.open.set()
        self.sock = sock or socket.create_server(('127.0.0.1', 0))
        self.address = '127.0.0.1:%d' % self.sock.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        with contextlib.suppress(OSError):
            while True:
                sock, _ = self.sock.accept()
                self.came.release()
                threading.Thread(target=self._relay, args=(sock,),
                                 daemon=True).start()

    def _relay(self, near):
        self.open.wait(world_module.LIMIT)
        host, port = self.to.rsplit(':', 1)
        with near, socket.create_connection((host, int(port))) as far:
            threading.Thread(target=self._copy, args=(near, far),
                             daemon=True).start()
            self._copy(far, near)

    @staticmethod
    def _copy(from_, to):
        with contextlib.suppress(OSError):
            while data := from_.recv(65536):
                to.sendall(data)
            to.shutdown(socket.SHUT_WR)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.open.set()
        with contextlib.suppress(OSError):
            self.sock.shutdown(socket.SHUT_RDWR)
        self.sock.close()


def start_behind(world, gate):
    world.start(world.config(upstreams=[world.upstream(to=gate.address)]))


def wait_closed(connection):
    assert connection.closed.wait(world_module.LIMIT), \
        'the connection is still open'


def test_one_connection_serves_many_clients_one_after_another(running):
    for _ in range(10):
        assert running.ask().status == 200
    assert len(running.clouds[0].connections) == 1
    lines = running.access(10)
    assert [x['sallyport']['reused'] for x in lines] == [False] + [True] * 9


def test_responses_in_pieces_leave_their_connection_usable(running):
    def in_pieces(call):
        call.swallow()
        for piece in (b'HTTP/1.1 200 OK\r\nTransfer-', b'Encoding: chunked'
                      b'\r\n\r\n2\r\nok\r\n0', b'\r\n\r\n'):
            call.raw(piece)
            tcp.wait_read(call.wire.sock)
    running.clouds[0].handlers['/pieces'] = in_pieces
    for _ in range(3):
        assert running.ask(target='/pieces').data == b'ok'
    assert len(running.clouds[0].connections) == 1


def test_a_connection_never_carries_two_keys(world):
    world.start(world.config(routes=[
        '{ name = "b"; path = "/b"; strip = true; upstream = "elastic-cloud";'
        ' keys = [ "team-b" ]; }',
        '{ name = "a"; upstream = "elastic-cloud"; keys = [ "team-a" ]; }']))
    for _ in range(5):
        assert world.echo()['key'] == 'team-a'
        assert world.echo(target='/b/test/echo')['key'] == 'team-b'
    made = world.clouds[0].connections
    assert sorted(map(str, (c.keys for c in made))) == \
        ["{'team-a'}", "{'team-b'}"]


def test_tls_sessions_are_resumed(world):
    world.start()
    for _ in range(3):
        assert world.ask(fields=[('Connection', 'close')],
                         target='/test/until-close?n=1').status == 200
    assert [c.resumed for c in world.clouds[0].connections] == \
        [False, True, True]


def test_parallel_requests_use_connections_of_their_own(running):
    barrier = threading.Barrier(4)

    def together(call):
        barrier.wait(world_module.LIMIT)
        call.answer(b'together')
    running.clouds[0].handlers['/together'] = together
    got = []
    threads = [threading.Thread(target=lambda: got.append(
        running.ask(target='/together').status)) for _ in range(4)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert got == [200] * 4
    assert len(running.clouds[0].connections) == 4


def close_second(world):
    """The API closes each connection when its second request comes."""
    original = world.clouds[0].handlers['/test/echo']

    def handler(call):
        if call.request.place == 2:
            call.swallow()
            call.close()
            return
        original(call)
    world.clouds[0].handlers['/test/echo'] = handler


def test_a_get_on_a_connection_gone_stale_is_sent_once_more(running):
    close_second(running)
    assert running.ask().status == 200
    assert running.ask().status == 200
    seen = running.clouds[0].requests
    assert [(r.connection, r.place) for r in seen] == [(1, 1), (1, 2), (2, 1)]
    lines = running.access(2)
    assert [x['sallyport']['attempts'] for x in lines] == [1, 2]


def test_a_post_is_never_sent_twice(world):
    close_second(world)
    # Without room for a new connection it takes one that is kept.
    world.start(world.config(upstreams=[world.upstream(
        more='max_connections = 1;')]))
    assert world.ask().status == 200
    response = world.ask('POST', body=b'{}')
    assert response.status == 502
    assert len(world.clouds[0].requests) == 2
    assert world.access(2)[1]['sallyport']['attempts'] == 1


def test_a_put_is_sent_once_more_with_its_body(running):
    close_second(running)
    assert running.ask().status == 200
    assert running.ask('PUT', body=b'{"a": 1}').status == 200
    seen = running.clouds[0].requests
    assert [(r.connection, r.place) for r in seen] == [(1, 1), (1, 2), (2, 1)]
    assert seen[-1].data == b'{"a": 1}'
    assert running.access(2)[1]['sallyport']['attempts'] == 2


def test_a_put_of_which_not_all_is_kept_is_not(world):
    close_second(world)
    # Without room for a new connection it takes one that is kept.
    world.start(world.config(
        more='limits = { replay = "7B"; };',
        upstreams=[world.upstream(more='max_connections = 1;')]))
    assert world.ask().status == 200
    assert world.ask('PUT', body=b'{"a": 1}').status == 502
    assert world.access(2)[1]['sallyport']['attempts'] == 1


CHUNKED = (b'PUT %s HTTP/1.1\r\nHost: localhost\r\n'
           b'Transfer-Encoding: chunked\r\n\r\n')


def test_a_body_that_comes_during_a_retry_arrives_whole(world):
    def handler(call):
        if call.request.place == 2:
            gate.open.clear()
            call.close()
            return
        call.answer(b'fine')
    world.clouds[0].handlers['/put'] = handler
    with Gate(world.clouds[0].address) as gate:
        start_behind(world, gate)
        assert world.ask(target='/put').status == 200
        with world.raw() as raw:
            raw.send(CHUNKED % b'/put')
            for _ in range(2):
                assert gate.came.acquire(timeout=world_module.LIMIT)
            raw.send(b'5\r\nfirst\r\n')
            # What another client is answered comes after it was read.
            assert world.ask(host='elsewhere').status == 421
            gate.open.set()
            raw.send(b'6\r\nsecond\r\n0\r\n\r\n')
            assert raw.response().status == 200
    assert world.clouds[0].requests[-1].data == b'firstsecond'


def test_an_empty_chunked_body_that_ends_before_there_is_a_connection(world):
    with Gate(world.clouds[0].address) as gate:
        gate.open.clear()
        start_behind(world, gate)
        with world.raw() as raw:
            raw.send(CHUNKED % b'/test/echo' + b'0\r\n\r\n')
            assert gate.came.acquire(timeout=world_module.LIMIT)
            gate.open.set()
            assert raw.response().status == 200


def test_a_retry_waits_its_turn_where_connections_are_few(world):
    """At the limit, one that is idle does not keep a fresh one away."""
    second = threading.Event()

    def handler(call):
        if call.request.path == '/x/stale' and call.request.place > 1:
            second.wait(world_module.LIMIT)
            call.close()
            return
        call.answer(b'fine')
    world.clouds[0].handlers['/x'] = handler
    world.start(world.config(upstreams=[world.upstream(
        more='max_connections = 1;')]))
    assert world.ask(target='/x').status == 200
    got = []
    threads = []
    for n, path in enumerate(('/x/stale', '/x/other')):
        threads.append(threading.Thread(target=lambda p=path: got.append(
            world.ask(target=p).status)))
        threads[-1].start()
        if n == 0:
            world.clouds[0].wait_requests(2)
    world_module.wait_until(lambda: sum(
        'open, was begun' in x for x in world.processes[-1].lines) == 3,
        'the other request to wait')
    second.set()
    for t in threads:
        t.join()
    assert got == [200, 200]


def test_a_get_is_not_retried_on_a_fresh_connection(running):
    running.clouds[0].handlers['/test/echo'] = lambda call: (
        call.swallow(), call.close())
    assert running.ask().status == 502
    assert len(running.clouds[0].requests) == 1


def test_a_get_is_not_retried_after_the_first_byte(running):
    def handler(call):
        if call.request.place == 2:
            call.swallow()
            call.raw(b'HTTP/1.1 2')
            call.close()
            return
        call.answer(b'one')
    running.clouds[0].handlers['/x'] = handler
    assert running.ask(target='/x').status == 200
    assert running.ask(target='/x').status == 502
    assert len(running.clouds[0].requests) == 2


def test_an_idle_connection_that_the_api_closed_is_dropped(running):
    assert running.ask().status == 200
    running.clouds[0].close_idle()
    wait_closed(running.clouds[0].connections[0])
    # Also a POST succeeds: the close was seen, or was seen in time to retry
    # nothing; it may at worst meet the close itself.
    world_module.wait_until(
        lambda: running.ask('POST', body=b'x').status == 200, 'a POST to pass')


def test_a_post_uses_no_connection_that_ended_just_now(running):
    """Its end came after the POST, in the same turn of the loop."""
    worker, = running.processes[-1].workers
    with running.raw() as raw:
        assert raw.ask().status == 200
        os.kill(worker, signal.SIGSTOP)
        try:
            raw.request('POST', body=b'{}')
            tcp.wait_arrived(raw.sock)
            running.clouds[0].close_idle()
            tcp.wait_told_of_end(running.clouds[0].port)
        finally:
            os.kill(worker, signal.SIGCONT)
        assert raw.response('POST').status == 200
    assert [r.connection for r in running.clouds[0].requests] == [1, 2]


def test_posts_meet_no_end_where_each_response_is_the_last(running):
    """Which the API does not say: it closes a little after each."""
    delays = random.Random(1)

    def last(call):
        call.answer(b'one')
        # The next request may come in this time, or not.
        call.wire.sock.settimeout(delays.uniform(1e-6, 5e-4))
    running.clouds[0].handlers['/last'] = last
    with running.raw() as raw:
        got = [raw.ask('POST', target='/last', body=b'{}').status
               for _ in range(200)]
    assert got == [200] * 200


def test_posts_one_after_another_need_no_connection_each(running):
    with running.raw() as raw:
        for _ in range(100):
            assert raw.ask('POST', body=b'{}').status == 200
    # One to see how long it is kept; more where the machine is slow.
    assert len(running.clouds[0].connections) < 20


def test_bytes_on_an_idle_connection_close_it(running):
    def handler(call):
        call.answer(b'fine')
        call.raw(b'HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\npoison')
    running.clouds[0].handlers['/poison'] = handler
    assert running.ask(target='/poison').data == b'fine'
    wait_closed(running.clouds[0].connections[0])
    for _ in range(3):
        assert running.ask().data != b'poison'
    assert len(running.clouds[0].connections) == 2


POISON = b'HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\npoison'


def shake_hands_and_send(context, sock, more):
    """more leaves with the last of the handshake; what is heard after it."""
    came, goes = ssl.MemoryBIO(), ssl.MemoryBIO()
    tls = context.wrap_bio(came, goes, server_side=True)
    done = False
    while not done:
        with contextlib.suppress(ssl.SSLWantReadError):
            tls.do_handshake()
            tls.write(more)
            done = True
        sock.sendall(goes.read())
        came.write(b'' if done else sock.recv(65536))
    while data := sock.recv(65536):
        came.write(data)
    with contextlib.suppress(ssl.SSLError):
        return tls.read()
    return b''


@pytest.mark.parametrize('method', ['GET', 'POST'])
def test_a_response_that_came_with_the_handshake_answers_nothing(world,
                                                                 method):
    """In the same packet: it is there before the request can be."""
    cloud, heard = world.clouds[0], []
    cloud._context.maximum_version = ssl.TLSVersion.TLSv1_2
    cloud._handshake = lambda connection, sock: heard.append(
        shake_hands_and_send(cloud._context, sock, POISON))
    world.start()
    response = world.ask(method, body=b'x' if method == 'POST' else None)
    assert response.status == 502
    assert b'upstream_protocol' in response.data
    assert b'poison' not in response.data
    wait_closed(cloud.connections[0])
    assert heard == [b'']


def lose_in_handshake(cloud, lost):
    """Connections whose number is lost are reset instead of shaking hands."""
    shake_hands = cloud._handshake

    def handshake(connection, sock):
        if not lost(connection.number):
            return shake_hands(connection, sock)
        sock.recv(1)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                        struct.pack('ii', 1, 0))
        return None
    cloud._handshake = handshake


@pytest.mark.parametrize('method', ['GET', 'POST', 'PATCH', 'DELETE'])
def test_a_connection_that_fails_is_made_once_more(world, method):
    """For every method: nothing was sent."""
    cloud = world.clouds[0]
    lose_in_handshake(cloud, lambda number: number == 1)
    world.start()
    body = None if method == 'GET' else b'x' * 100000
    assert world.ask(method, body=body).status == 200
    assert len(cloud.connections) == 2
    assert [r.method for r in cloud.requests] == [method]


def test_a_connection_that_fails_again_is_given_up(world):
    cloud = world.clouds[0]
    lose_in_handshake(cloud, lambda number: True)
    world.start()
    for i in range(1, 6):
        response = world.ask('POST', body=b'x')
        assert response.status == 502
        assert b'upstream_tls' in response.data
        assert len(cloud.connections) == 2 * i


def test_a_response_that_came_before_its_request_answers_nothing(running):
    """On a kept connection, in the turn in which the request comes."""
    cloud = running.clouds[0]
    worker, = running.processes[-1].workers
    with running.raw() as raw:
        for _ in range(5):
            assert raw.ask().status == 200
            os.kill(worker, signal.SIGSTOP)
            try:
                raw.request()
                for sock in list(cloud._open):
                    # One of the round before may be about to end.
                    with contextlib.suppress(OSError):
                        sock.sendall(POISON)
                        sock.shutdown(socket.SHUT_WR)
            finally:
                os.kill(worker, signal.SIGCONT)
            response = raw.response()
            assert b'poison' not in response.data
            assert response.status in (200, 502)


def test_a_response_that_overtook_the_body_leaves_no_connection(running):
    """It says keep-alive, reads nothing of the body, and closes."""
    cloud = running.clouds[0]
    has_sent, has_asked = threading.Event(), threading.Event()

    def early(call):
        has_sent.wait(world_module.LIMIT)
        call.head(401, [('Content-Length', '2')])
        call.raw(b'no')
        call.close()
        has_asked.wait(world_module.LIMIT)
    cloud.handlers['/early'] = early
    # What its system keeps unread is less than the body on any machine.
    cloud.keep_unread(4096)
    with running.raw() as raw:
        body = b'x' * 60000
        raw.send(b'POST /early HTTP/1.1\r\nHost: localhost\r\n'
                 b'Content-Length: %d\r\n\r\n' % len(body) + body)
        # What others are answered comes after it was read and sent on.
        for _ in range(20):
            assert running.ask(host='elsewhere').status == 421
        has_sent.set()
        assert raw.response('POST').status == 401
        raw.request('POST', body=b'{}')
        cloud.wait_requests(2)
        has_asked.set()
        assert raw.response('POST').status == 200
    assert [r.connection for r in cloud.requests] == [1, 2]


def test_an_idle_connection_is_closed_in_time(world):
    world.start(world.config(upstreams=[world.upstream(
        more='timeouts = { idle = "300ms"; };')]))
    assert world.ask().status == 200
    wait_closed(world.clouds[0].connections[0])


def test_a_busy_connection_too_is_replaced_in_time(world):
    world.start(world.config(upstreams=[world.upstream(
        more='max_age = "500ms";')]))
    cloud = world.clouds[0]
    with world.raw() as raw:
        world_module.wait_until(lambda: raw.ask().status == 200 and
                                len(cloud.connections) == 3,
                                'the third connection')
    # None was cut in use.
    for line in world.access(len(cloud.requests)):
        assert line['http']['response']['status_code'] == 200
        assert line['sallyport']['attempts'] == 1
    wait_closed(cloud.connections[0])


def test_connection_close_of_the_api_is_honoured(running):
    def handler(call):
        call.close()
        call.answer(b'last')
    running.clouds[0].handlers['/last'] = handler
    assert running.ask(target='/last').data == b'last'
    assert running.ask('POST', body=b'x').status == 200
    assert len(running.clouds[0].connections) == 2


def test_a_connection_that_ends_in_order_is_not_reset(running):
    """close_notify and FIN, as the API would have sent them itself."""
    ends = []

    def handler(call):
        call.close()
        call.answer(b'last')
        try:
            ends.append(call.wire.sock.unwrap())
        except OSError as error:
            ends.append(error)
    running.clouds[0].handlers['/last'] = handler
    assert running.ask(target='/last').data == b'last'
    wait_closed(running.clouds[0].connections[0])
    assert len(ends) == 1 and isinstance(ends[0], socket.socket), ends


def test_a_response_that_is_not_read_to_its_end_spoils_its_connection(
        running):
    client = running.raw()
    client.request(target='/test/bytes?n=50000000')
    running.clouds[0].wait_requests(1)
    client.close()
    wait_closed(running.clouds[0].connections[0])
    assert running.ask().status == 200
    assert len(running.clouds[0].connections) == 2


@pytest.mark.parametrize('limit', [1, 2])
def test_max_connections_bounds_them(world, limit):
    world.start(world.config(upstreams=[world.upstream(
        more='max_connections = %d;' % limit)]))
    threads = [threading.Thread(target=world.ask) for _ in range(8)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    lines = world.access(8)
    assert len(world.clouds[0].connections) <= limit
    assert [x['http']['response']['status_code'] for x in lines] == [200] * 8


def test_a_burst_of_clients_is_served_by_few_connections(world):
    """From cold, with many more of them than there may be connections."""
    world.start(world.config(upstreams=[world.upstream(
        more='max_connections = 8;')]))
    with contextlib.ExitStack() as stack:
        clients = [stack.enter_context(world.raw()) for _ in range(500)]
        for client in clients:
            client.request(target='/test/echo')
        for client in clients:
            assert client.response().status == 200
    assert len(world.clouds[0].connections) <= 8


def test_an_upstream_that_is_down_has_few_lines(world):
    sock = socket.socket()
    sock.bind(('127.0.0.1', 0))         # and nobody listens there
    process = world.start(world.config(upstreams=[
        world.upstream(to='127.0.0.1:%d' % sock.getsockname()[1])]))

    def told():
        return [x['message'] for x in process.events()
                if x['message'].startswith('upstream elastic-cloud: ')
                and x['log.level'] != 'debug']
    for _ in range(30):
        assert world.ask().status == 502
    for line in world.access(30):
        assert line['sallyport']['fault'] == 'upstream_unreachable'
        assert 'Connection refused' in line['event']['reason']
    assert told() == ['upstream elastic-cloud: connect: Connection refused']

    sock.listen()
    with Gate(world.clouds[0].address, sock):
        assert world.ask().status == 200
        process.wait_line('it is reached again')
        assert told()[1:] == [
            'upstream elastic-cloud: connect: Connection refused: '
            '29 more times',
            'upstream elastic-cloud: it is reached again']
