"""Bodies stream both ways, byte for byte, without being held."""

import hashlib
import os
import random
import threading

import bodies
import http1
import pytest
import world as world_module
from waiting import LIMIT, wait_still

MIB = 1 << 20


def send_body(client, n, seed, chunked):
    if chunked:
        for piece in bodies.chunks(bodies.pieces(n, seed)):
            client.send(piece)
        client.send(b'0\r\n\r\n')
    else:
        for piece in bodies.pieces(n, seed):
            client.send(piece)


def exchange(client, up, down, seed, chunked_up, chunked_down):
    """One POST of `up` bytes that is answered with `down` bytes."""
    target = '/test/bytes?n=%d&seed=%s' % (down, seed)
    if chunked_down:
        target += '&chunked=1'
    framing = 'Transfer-Encoding: chunked' if chunked_up else \
        'Content-Length: %d' % up
    client.send(('POST %s HTTP/1.1\r\nHost: localhost\r\n%s\r\n\r\n'
                 % (target, framing)).encode())
    sender = threading.Thread(target=send_body,
                              args=(client, up, seed, chunked_up))
    sender.start()
    response = http1.Response.read_head(client)
    sha = hashlib.sha256()
    got = 0
    for piece in response.body(client):
        sha.update(piece)
        got += len(piece)
    sender.join()
    assert response.status == 200
    assert got == down
    assert sha.hexdigest() == bodies.digest(down, str(seed))
    assert response.fields.one('x-request-sha256') == bodies.digest(up, seed)


def resident(pid):
    with open('/proc/%d/status' % pid) as f:
        for line in f:
            if line.startswith('VmHWM:'):
                return int(line.split()[1]) * 1024


@pytest.mark.slow
def test_bodies_of_random_size_arrive_byte_for_byte(running):
    rng = random.Random(20261123)
    rounds, most = (200, 50 * MIB) if world_module.FULL else (40, 8 * MIB)
    sizes = [0, 1, 16383, 16384, 16385, 65535, 65536, 65537]
    client = running.raw()
    for i in range(rounds):
        up, down = rng.randrange(most), rng.randrange(most)
        if i < 2 * len(sizes):
            up, down = sizes[i // 2], sizes[-1 - i // 2]
        if i % 5 == 4:
            client.close()
            client = running.raw()
        exchange(client, up, down, i, i & 1, i & 2)
    client.close()
    worker, = running.processes[0].workers
    if not world_module.SANITIZED:
        assert resident(worker) < 40 * MIB


def test_several_large_bodies_at_once_stay_small_in_memory(running):
    faults = []

    def one(seed):
        try:
            with running.raw() as client:
                exchange(client, 6 * MIB, 6 * MIB, seed, seed & 1, seed & 2)
        except Exception as fault:          # noqa: BLE001
            faults.append(fault)
            raise
    threads = [threading.Thread(target=one, args=(i,)) for i in range(8)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert not faults
    if not world_module.SANITIZED:
        assert resident(running.processes[0].workers[0]) < 40 * MIB


def take(body, n):
    """The next n bytes, however many reads they come in."""
    got = b''
    while len(got) < n:
        got += next(body)
    return got


def test_a_body_is_sent_back_while_it_still_comes(running):
    # Lines: what could be the beginning of a key, a letter at the end perhaps,
    # waits for what follows it.
    with running.raw() as client:
        client.send(b'POST /test/mirror HTTP/1.1\r\nHost: localhost\r\n'
                    b'Transfer-Encoding: chunked\r\n\r\n')
        client.send(bodies.chunk(b'first\n'))
        response = http1.Response.read_head(client)
        body = response.body(client)
        assert take(body, 6) == b'first\n'
        client.send(bodies.chunk(b'second\n'))
        assert take(body, 7) == b'second\n'
        client.send(b'0\r\n\r\n')
        assert b''.join(body) == b''
        assert response.complete


def test_a_slow_reader_holds_the_api_back(running):
    """Back-pressure: what nobody reads is not piled up."""
    sent = [0]

    def endless(call):
        call.swallow()
        call.head(200, [('Transfer-Encoding', 'chunked')])
        try:
            while True:
                call.raw(bodies.chunk(b'x' * 65536))
                sent[0] += 65536
        except OSError:
            call.close()
    running.clouds[0].handlers['/endless'] = endless
    with running.raw() as client:
        client.request(target='/endless')
        http1.Response.read_head(client)
        wait_still(lambda: sent[0], 'the API to be held back')
        assert sent[0] < 32 * MIB
        if not world_module.SANITIZED:
            assert resident(running.processes[0].workers[0]) < 40 * MIB


def test_a_slow_api_holds_the_client_back(running):
    go = threading.Event()

    def later(call):
        go.wait(LIMIT)
        call.answer(b'done')
    running.clouds[0].handlers['/later'] = later
    total = 64 * MIB
    sent = [0]
    with running.raw() as client:
        client.send(b'PUT /later HTTP/1.1\r\nHost: localhost\r\n'
                    b'Content-Length: %d\r\n\r\n' % total)

        def send():
            for piece in bodies.pieces(total, 1):
                client.send(piece)
                sent[0] += len(piece)
        sender = threading.Thread(target=send)
        sender.start()
        held = wait_still(lambda: sent[0], 'the client to be held back')
        go.set()
        assert client.response().status == 200
        sender.join()
    assert held < total
    assert running.clouds[0].requests[0].sha256 == bodies.digest(total, 1)
    if not world_module.SANITIZED:
        assert resident(running.processes[0].workers[0]) < 40 * MIB


def test_bytes_that_come_one_by_one_are_put_together(running):
    raw = (b'POST /test/echo HTTP/1.1\r\nHost: localhost\r\n'
           b'Transfer-Encoding: chunked\r\n\r\n'
           b'3\r\nabc\r\nA;x=y\r\n0123456789\r\n0\r\nX-T: 1\r\n\r\n')
    with running.raw() as client:
        for i in range(len(raw)):
            client.send(raw[i:i + 1])
        assert client.response().status == 200
    seen = running.clouds[0].requests[0]
    assert seen.data == b'abc0123456789'
    assert not seen.trailers            # checked and dropped


def test_large_bodies_by_curl(running):
    big = running.path('upload')
    with open(big, 'wb') as out:
        for piece in bodies.pieces(10 * MIB, 5):
            out.write(piece)
    done = running.curl('/api/v1/deployments/extensions', '-T', big, '-X',
                        'PUT', '-H', 'Transfer-Encoding: chunked')
    assert done.returncode == 0, done.stderr
    assert bodies.digest(10 * MIB, 5).encode() in done.stdout
    done = running.curl('/api/v1/deployments/extensions', '-F',
                        'file=@' + big)
    assert done.returncode == 0 and b'"size": 104' in done.stdout, done
    done = running.curl('/test/bytes?n=%d&seed=6' % (10 * MIB), '-o',
                        running.path('download'))
    with open(running.path('download'), 'rb') as got:
        assert hashlib.sha256(got.read()).hexdigest() == \
            bodies.digest(10 * MIB, '6')
    os.unlink(big)


def test_a_client_that_stalls_its_body_is_the_one_who_is_late(world):
    """Also where the upstream is given less time than the client."""
    world.start(world.config(
        more='timeouts = { body = "900ms"; };', upstreams=[world.upstream(
            more='timeouts = { response = "300ms"; };')]))
    with world.raw() as raw:
        raw.send(b'POST /test/echo HTTP/1.1\r\nHost: localhost\r\n'
                 b'Content-Length: 10\r\n\r\nabc')
        assert raw.response('POST').status == 408
    assert world.access(1)[0]['sallyport']['fault'] == 'request_timeout'
