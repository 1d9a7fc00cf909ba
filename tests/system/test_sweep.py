"""An exchange that ends at any byte, on either side: no crash, no wrong answer
to the next request, one line in the log."""

import functools
import threading

import http1
import pytest
import tcp
import world as world_module

REQUEST = (b'POST /test/echo?sweep HTTP/1.1\r\nHost: localhost\r\n'
           b'Transfer-Encoding: chunked\r\n\r\n'
           b'5\r\nhello\r\n3;x=y\r\nabc\r\n0\r\nX-T: 1\r\n\r\n')
RESPONSES = {
    'chunked': b'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n'
               b'X-Field: yes\r\n\r\n5\r\nhello\r\n0\r\nX-Sum: 1\r\n\r\n',
    'length': b'HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n'
              b'HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n0123456789',
}


def still_fine(world):
    assert world.echo()['key'] == 'team-a'


@pytest.mark.parametrize('end', ['reset', 'half', 'close'])
def test_a_client_may_end_at_any_byte(running, end):
    for n in range(1, len(REQUEST) + 1):
        client = running.raw()
        client.send(REQUEST[:n])
        if end == 'reset':
            http1.reset(client.sock)
        elif end == 'close':
            client.close()
        else:
            client.half_close()
            if n == len(REQUEST):
                assert client.response().status == 200
            assert client.at_end()      # nobody is there to be told more
            client.close()
        if n % 20 == 0:
            still_fine(running)
    still_fine(running)
    # What was a request before it ended has a line, and only one.  A head
    # that was not whole may have one: it was a request that went wrong.
    running.stop()
    lines = running.access()
    ours = [x for x in lines if x['http']['request'].get('method') == 'POST']
    head = REQUEST.index(b'\r\n\r\n') + 4
    if end != 'reset':              # which may overtake what was sent
        assert len(ours) >= len(REQUEST) - head
    assert len(lines) <= len(REQUEST) + len(REQUEST) // 20 + 1
    assert all(r.complete or r.went_wrong or r.target == '/test/echo'
               for r in running.clouds[0].requests)


@pytest.mark.parametrize('n', [1, 20, REQUEST.index(b'\r\n\r\n') + 3])
def test_a_client_that_resets_within_a_head_has_a_line(running, n):
    client = running.raw()
    client.send(REQUEST[:n])
    still_fine(running)         # by then it was read: no reset overtakes it
    http1.reset(client.sock)
    line = running.access(2)[-1]
    assert line['sallyport']['fault'] == 'client_gone'


@pytest.mark.parametrize('kind', RESPONSES)
@pytest.mark.parametrize('end', ['reset', 'close'])
def test_an_upstream_may_end_at_any_byte(running, kind, end):
    raw = RESPONSES[kind]
    sent = [0]

    def handler(call):
        call.swallow()
        call.raw(raw[:sent[0]])
        if sent[0] == len(raw):
            return
        call.close()
        if end == 'reset':
            call.reset()
    running.clouds[0].handlers['/cut'] = handler
    for n in range(len(raw) + 1):
        sent[0] = n
        with running.raw() as client:
            client.request('POST', '/cut', body=b'x')
            try:
                response = client.response()
            except (http1.Truncated, http1.Closed, ConnectionResetError):
                response = None
            if n == len(raw):
                assert response.status == 200
            elif response is not None:
                # Nothing less than all of it passes for a whole answer.
                assert response.status == 502, n
        if n % 20 == 0:
            still_fine(running)
    still_fine(running)
    lines = [x for x in running.access() if x['url'].get('path') == '/cut']
    assert len(lines) == len(raw) + 1
    assert [x['event']['outcome'] for x in lines] == \
        ['failure'] * len(raw) + ['success']


@pytest.mark.parametrize('side', ['client', 'upstream'])
def test_bytes_may_be_cut_into_pieces_anywhere(running, side):
    raw = RESPONSES['chunked']
    at = [0]

    def handler(call):
        call.swallow()
        call.raw(raw[:at[0]])
        if at[0]:
            tcp.wait_read(call.wire.sock)       # two records, two reads
        call.raw(raw[at[0]:])
    running.clouds[0].handlers['/split'] = handler
    whole = REQUEST.replace(b'/test/echo', b'/split')
    with running.raw() as client:
        for n in range(0, len(whole if side == 'client' else raw), 3):
            if side == 'upstream':
                at[0] = n
                client.send(whole)
            else:
                client.send(whole[:n])
                tcp.wait_read(client.sock)
                client.send(whole[n:])
            response = client.response()
            assert response.status == 200 and response.data == b'hello'
            assert response.trailers.one('x-sum') == '1'


def in_parallel(jobs, n_threads=16):
    """Runs them all; the first exception is raised here."""
    jobs, faults = list(jobs), []

    def work():
        while jobs and not faults:
            try:
                jobs.pop()()
            except IndexError:
                return
            except BaseException as fault:      # noqa: BLE001
                faults.append(fault)
    threads = [threading.Thread(target=work) for _ in range(n_threads)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    if faults:
        raise faults[0]


@pytest.mark.slow
def test_a_client_may_stall_at_any_byte(world):
    """It is told so, or closed where it had not begun; nobody else waits."""
    world.start(world.config(
        more='timeouts = { head = "300ms"; body = "300ms"; idle = "300ms"; };'))

    def stall(n):
        with world.raw() as client:
            client.send(REQUEST[:n])
            if n == 0:
                assert client.at_end()
            else:
                status = client.response('POST').status
                assert status == (200 if n == len(REQUEST) else 408), n
                assert client.at_end()
    in_parallel(functools.partial(stall, n) for n in range(len(REQUEST) + 1))
    still_fine(world)
    world.stop()
    lines = world.access()
    assert len(lines) == len(REQUEST) + 1
    late = [x for x in lines
            if x['sallyport'].get('fault') == 'request_timeout']
    assert len(late) == len(REQUEST) - 1


def ask_for_each(world, path, whole, status):
    """The lines of requests for 0 to whole bytes of a response; what is not
    whole is cut, or answered with this status."""
    def ask(n):
        with world.raw() as client:
            client.request('POST', '%s?n=%d' % (path, n), body=b'x')
            try:
                response = client.response('POST')
            except (http1.Truncated, http1.Closed, ConnectionResetError):
                response = None
        if n == whole:
            assert response.status == 200
        elif response is not None:
            assert response.status == status, n
    in_parallel(functools.partial(ask, n) for n in range(whole + 1))
    still_fine(world)
    return [x for x in world.access(whole + 2) if x['url'].get('path') == path]


@pytest.mark.slow
@pytest.mark.parametrize('kind', RESPONSES)
def test_an_upstream_may_stall_at_any_byte(world, kind):
    raw = RESPONSES[kind]

    def handler(call):
        n = int(call.request.query('n'))
        call.swallow()
        call.raw(raw[:n])
        if n != len(raw):
            call.close()
            call.wait_gone()
    world.clouds[0].handlers['/stall'] = handler
    world.start(world.config(upstreams=[world.upstream(
        more='timeouts = { response = "500ms"; body = "500ms"; };')]))

    lines = ask_for_each(world, '/stall', len(raw), 504)
    assert len(lines) == len(raw) + 1
    late = [x for x in lines
            if x['sallyport'].get('fault') == 'upstream_timeout']
    assert len(late) == len(raw)


@pytest.mark.slow
@pytest.mark.parametrize('kind', RESPONSES)
def test_an_upstream_may_end_its_half_at_any_byte(world, kind):
    """close_notify, and it goes on reading."""
    raw = RESPONSES[kind]

    def handler(call):
        n = int(call.request.query('n'))
        call.swallow()
        call.raw(raw[:n])
        call.close()
        call.wire.sock.settimeout(world_module.LIMIT)
        try:
            call.wire.sock.unwrap()
        except OSError:
            pass
    world.clouds[0].handlers['/half'] = handler
    world.start()

    lines = ask_for_each(world, '/half', len(raw), 502)
    assert [x['event']['outcome'] for x in lines].count('success') == 1
