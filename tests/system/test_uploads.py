"""Whoever uploads may be refused, and hears it, however much is sent first.

Many clients write all of a request before they look at the answer.
"""

import signal
import threading
import time

import pytest
from waiting import at_pace

WHOLE = 64 << 20
PIECE = b'x' * (1 << 20)

TCP = '127.0.0.1:0'


def listener(world, kind, more=''):
    world.tls = kind == 'TLS'
    if world.tls:
        return world.listener(more=more)
    address = TCP if kind == 'TCP' else 'unix:' + world.path('s')
    return '{ name = "l"; address = "%s"; %s }' % (address, more)


def head(target='/test/echo', host='localhost', fields=(), length=WHOLE):
    lines = ['POST %s HTTP/1.1' % target, 'Host: ' + host, *fields]
    lines.append('Content-Length: %d' % length if length is not None else
                 'Transfer-Encoding: chunked')
    return ('\r\n'.join(lines) + '\r\n\r\n').encode()


def write_whole(raw, total=WHOLE, chunked=False):
    """All of it, without a look at what comes back."""
    for _ in range(total // len(PIECE)):
        raw.send(b'%x\r\n%s\r\n' % (len(PIECE), PIECE) if chunked else PIECE)
    if chunked:
        raw.send(b'0\r\n\r\n')


def upload(world, *args, chunked=False, **more):
    """The answer to one that is written as a whole, and then the end."""
    with world.raw() as raw:
        if chunked:
            more['length'] = None
        raw.send(head(*args, **more))
        write_whole(raw, chunked=chunked)
        response = raw.response('POST')
        assert raw.at_end()
    assert response.fields.one('connection') == 'close'
    return response


@pytest.mark.parametrize('kind', ['TCP', 'TLS', 'Unix'])
@pytest.mark.parametrize('chunked', [False, True])
def test_our_refusal_is_heard_after_the_whole_upload(world, kind, chunked):
    world.start(world.config(listeners=[listener(world, kind)],
                             more='limits = { body = "1KiB"; };'))
    response = upload(world, chunked=chunked)
    assert response.status == 413
    assert world.access(1)[0]['sallyport']['fault'] == 'body_too_large'


@pytest.mark.parametrize('fields', [
    (), ('Connection: close',), ('Connection: keep-alive',)])
def test_whatever_the_client_says_of_its_connection(world, fields):
    world.start()
    for host, target, status in (('evil.example', '/', 421),
                                 ('localhost', '//twice', 400)):
        response = upload(world, target, host=host, fields=fields)
        assert response.status == status


@pytest.mark.parametrize('kind', ['TCP', 'TLS', 'Unix'])
@pytest.mark.parametrize('chunked', [False, True])
def test_an_early_answer_of_the_upstream_is_heard(world, kind, chunked):
    """Complete, while we still sent it the body."""
    world.start(world.config(listeners=[listener(world, kind)]))
    response = upload(world, '/test/early', chunked=chunked)
    assert response.status == 413
    assert response.fields.one('x-cloud-error-codes') == 'root.too_large'
    assert world.access(1)[0]['http']['response']['status_code'] == 413


def large_and_early(n):
    """Answers with that much at once, and takes no more of the body than
    it must."""
    def handler(call):
        call.close()
        call.head(401, [('Content-Length', str(n))])
        call.raw(b'y' * n)
        call.wait_gone()
    return handler


@pytest.mark.parametrize('n', range(120000, 300000, 20000))
def test_an_early_answer_that_fills_the_socket_is_heard(world, n):
    """We hold the last of it, and the client does not read yet."""
    world.clouds[0].handlers['/early'] = large_and_early(n)
    world.start(world.config(listeners=[listener(world, 'Unix')],
                             more='timeouts = { send = "2s"; };'))
    response = upload(world, '/early')
    assert response.status == 401 and response.data == b'y' * n
    assert 'fault' not in world.access(1)[0]['sallyport']


def test_who_expects_a_100_hears_the_refusal_instead(world):
    """And may send the body nevertheless."""
    world.start(world.config(more='limits = { body = "1KiB"; };'))
    with world.raw() as raw:
        raw.send(head(fields=['Expect: 100-continue']))
        assert raw.response('POST').status == 413
        write_whole(raw)
        assert raw.at_end()
    world.access(1)


def test_who_reads_slowly_what_it_was_told_still_hears_it(world):
    """Sends on for longer than a moment, then looks."""
    world.start()
    with world.raw() as raw:
        raw.send(head(host='evil.example'))
        for _ in at_pace(35, 0.1):
            raw.send(b'x' * 65536)
        assert raw.response('POST').status == 421
        assert raw.at_end()


def test_a_stop_is_not_held_up_by_who_sends_without_end(world):
    process = world.start()
    gone = threading.Event()

    def send_on(raw):
        try:
            while True:
                raw.sock.sendall(PIECE)
        except OSError:
            gone.set()
    with world.raw() as raw:
        raw.send(head(host='evil.example', length=1 << 50))
        sender = threading.Thread(target=send_on, args=(raw,))
        sender.start()
        world.access(1)
        began = time.monotonic()
        world.stop(process)
        assert time.monotonic() - began < 15
        sender.join()
    assert gone.is_set()


def test_while_others_finish_who_uploads_is_heard_out(world):
    """A stop gives it the time that exchanges take."""
    go = threading.Event()

    def later(call):
        call.swallow()
        go.wait(60)
        call.answer(b'at last')
    world.clouds[0].handlers['/later'] = later
    process = world.start()
    with world.raw() as other, world.raw() as raw:
        other.request(target='/later')
        world.clouds[0].wait_requests(1)
        raw.send(head(host='evil.example'))
        world.access(1)
        process.signal(signal.SIGTERM)
        process.wait_line('stopping')
        for _ in at_pace(30, 0.1):
            raw.send(PIECE)
        assert raw.response('POST').status == 421
        go.set()
        assert other.response().status == 200
    assert process.wait_exit() == 0
