"""A corporate proxy that says our own words back, sends us elsewhere, or makes
a tunnel and changes what goes through it: no key goes out for it.
"""

import contextlib
import json
import socket
import threading

import http1
import pytest
from test_proxy import OPEN, status, tell_of, ways     # noqa: F401
from waiting import LIMIT

# What a proxy may answer with what it was sent: {key} is the credential.
ECHOES = {
    'in its reason': b'HTTP/1.1 407 {key}\r\n\r\n',
    'in its reason of 200': b'HTTP/1.1 200 {key}\r\nContent-Length: 9\r\n\r\n',
    'in a field': b'HTTP/1.1 403 No\r\nX-Seen: {key}\r\n\r\n',
    'as the name of a field': b'HTTP/1.1 403 No\r\n{key}: x\r\n\r\n',
    'as a line without a colon': b'HTTP/1.1 200 OK\r\n{key}\r\n\r\n',
    'as a status': b'HTTP/1.1 {key}\r\n\r\n',
    'as a version': b'{key} 200 OK\r\n\r\n',
    'in a page': b'HTTP/1.1 502 No\r\nContent-Length: 90\r\n\r\n{key}',
    'behind 200': OPEN + b'{key}',
    'in a redirect': b'HTTP/1.1 302 No\r\nLocation: http://x/?{key}\r\n\r\n',
    'in an interim response': b'HTTP/1.1 103 {key}\r\nX: {key}\r\n\r\n' * 40,
    'with a NUL': b'HTTP/1.1 200 OK\r\nX: {key}\0\r\n\r\n',
    'the whole request': b'{head}',
    'without an end': b'HTTP/1.1 407 {key}',
}


@pytest.mark.parametrize('case', ECHOES)
def test_what_a_proxy_says_back_is_not_repeated(ways, case):    # noqa: F811
    def answer(proxy, sock, asked):
        sock.sendall(ECHOES[case].replace(b'{head}', asked.head).replace(
            b'{key}', asked.fields('proxy-authorization')[0].encode()))
        with contextlib.suppress(OSError):
            sock.shutdown(socket.SHUT_WR)
        proxy.keep_reading(sock, asked)
    proxy = ways.proxy(answer)
    ways.start(proxy)
    response = ways.unreachable()
    line, = ways.world.access(1)
    for text in (response.data.decode(), json.dumps(line),
                 ways.world.processes[-1].stderr):
        ways.world.check_text(text, case)
        assert 'Basic' not in text
    assert all(not asked.tunnelled for asked in proxy.asked)


@pytest.mark.parametrize('code', [300, 301, 302, 303, 305, 307, 308])
def test_a_redirect_moves_no_key(ways, code):       # noqa: F811
    """305 means another proxy, of old."""
    other = ways.proxy()
    proxy = ways.proxy(status(b'%d Go' % code, b'Location: ' +
                              other.url.encode() + b'/'))
    ways.start(proxy)
    ways.unreachable()
    tell_of(ways.world, 'the proxy answered %d' % code)
    assert len(proxy.asked) == 1 and not other.asked


@pytest.mark.parametrize('challenge', [
    b'Basic realm="other"', b'Digest realm="x", nonce="y"', b'Negotiate',
    b'NTLM', b'Bearer', b'Basic realm="a", Basic realm="b"'])
def test_a_challenge_is_not_answered(ways, challenge):      # noqa: F811
    proxy = ways.proxy(status(b'407 No', b'Proxy-Authenticate: ' +
                              challenge, b'Content-Length: 0'))
    ways.start(proxy, '')
    ways.unreachable()
    assert len(proxy.asked) == 1
    assert not proxy.asked[0].fields('proxy-authorization')


class Meddler:
    """Makes a tunnel in which up() and down() may change what goes by: each
    gets the bytes of one read, and all that went before them."""

    def __init__(self, ways, up=None, down=None):       # noqa: F811
        self.up, self.down = up, down
        self.cloud = ways.cloud
        self.met = threading.Event()            # something was changed

    def __call__(self, proxy, sock, asked):
        import socket
        other = socket.create_connection(('127.0.0.1', self.cloud.port))
        sock.sendall(OPEN)
        back = threading.Thread(target=self.pump, args=(
            other, sock, self.down, bytearray()), daemon=True)
        back.start()
        self.pump(sock, other, self.up, asked.tunnelled)
        back.join()
        other.close()

    def pump(self, here, there, change, before):
        with contextlib.suppress(OSError):
            while True:
                data = here.recv(65536)
                if not data:
                    break
                new = change(data, bytes(before)) if change else data
                before += data
                if new != data:
                    self.met.set()
                there.sendall(new)
        with contextlib.suppress(OSError):
            there.shutdown(socket.SHUT_WR)


def flip(at):
    """One bit of the first bytes; it may lie behind them."""
    def change(data, before):
        if before or at >= len(data):
            return data
        return data[:at] + bytes([data[at] ^ 1]) + data[at + 1:]
    return change


def flip_later(data, before):
    """The last bit of everything but the first bytes."""
    return data[:-1] + bytes([data[-1] ^ 1]) if before else data


MEDDLING = {
    'the version of our hello': {'up': flip(10)},
    'our random': {'up': flip(20)},
    'our key share': {'up': lambda data, before: data if before else
                      data[:-1] + bytes([data[-1] ^ 1])},
    'our later records': {'up': flip_later},
    'our hello, which ends early': {
        'up': lambda data, before: b'' if before else data[:40]},
    'our hello, which comes twice': {
        'up': lambda data, before: data if before else data + data},
    'the random of the upstream': {'down': flip(20)},
    'a record of the upstream': {'down': flip(200)},
    'the end of what comes first': {
        'down': lambda data, before: data if before else
        data[:-1] + bytes([data[-1] ^ 1])},
    'what comes, for our own words': {'down': lambda data, before: OPEN},
    'what comes, for a page': {
        'down': lambda data, before: b'<html>Secret</html>'},
    'what comes, for an alert': {
        'down': lambda data, before: b'\x15\x03\x03\0\2\2\x28'},
    'what comes, with a page before it': {
        'down': lambda data, before: data if before else
        b'HTTP/1.1 200 OK\r\n\r\n' + data},
    'what comes, with an empty record before it': {
        'down': lambda data, before: data if before else
        b'\x17\x03\x03\0\0' + data},
}


@pytest.mark.parametrize('case', MEDDLING)
def test_a_proxy_that_changes_the_handshake_gets_no_key(ways,  # noqa: F811
                                                        case):
    meddler = Meddler(ways, **MEDDLING[case])
    ways.start(ways.proxy(meddler), 'proxy_key = "corp"; '
               'timeouts = { handshake = "3s"; }; ')
    response = ways.world.ask()
    assert response.status in (502, 504), response.data
    assert meddler.met.is_set()
    assert not ways.cloud.requests
    line, = ways.world.access(1)
    assert line['sallyport']['fault'] in (
        'upstream_tls', 'upstream_timeout', 'upstream_unreachable')
    assert 'ecret' not in ways.world.processes[-1].stderr + json.dumps(line)


def test_a_proxy_that_replays_an_upstream_gets_no_key(ways):    # noqa: F811
    """It has all that the upstream said in a tunnel, and says it again."""
    said = bytearray()

    def record(data, before):
        said.extend(data)
        return data
    proxy = ways.proxy(Meddler(ways, down=record))
    ways.start(proxy)
    assert ways.world.ask().status == 200
    done = len(ways.cloud.requests)
    ways.cloud.close_idle()
    assert proxy.asked[0].over.wait(LIMIT)

    def again(proxy, sock, asked):
        sock.sendall(OPEN)
        asked.tunnelled += sock.recv(65536)
        sock.sendall(bytes(said))
        proxy.keep_reading(sock, asked)
    proxy.answer = again
    response = ways.world.ask()
    assert response.status == 502, response.data
    assert len(ways.cloud.requests) == done


def test_a_proxy_that_says_our_hello_back_gets_no_key(ways):    # noqa: F811
    def answer(proxy, sock, asked):
        sock.sendall(OPEN)
        while True:
            data = sock.recv(65536)
            if not data:
                return
            asked.tunnelled += data
            sock.sendall(data)
    ways.start(ways.proxy(answer))
    ways.unreachable('upstream_tls')


@pytest.mark.parametrize('what', [b'no record', OPEN, b'\x15\x03\x03\0\2\1\0',
                                  b'\x17\x03\x03\0\x20' + b'x' * 32],
                         ids=['text', 'answer', 'alert', 'record'])
def test_what_a_proxy_adds_to_an_idle_tunnel_ends_it(ways, what):   # noqa: F811
    """Nobody is answered with it, and the next one has a tunnel anew."""
    open_ones = []

    def answer(proxy, sock, asked):
        open_ones.append(sock)
        proxy.tunnel(sock, asked)
    proxy = ways.proxy(answer)
    ways.start(proxy)
    for i in range(3):
        assert ways.world.ask().status == 200
        if i == 0:
            open_ones[0].sendall(what)
            assert proxy.asked[0].over.wait(LIMIT)
    assert len(proxy.asked) == 2
    assert {r.key for r in ways.cloud.requests} == {'team-a'}


def test_a_proxy_that_cuts_a_response_leaves_none(ways):    # noqa: F811
    """What it let through was not the whole, and is not taken for it."""
    def cut(data, before):
        if len(before) > 100000:
            raise OSError('enough')
        return data
    proxy = ways.proxy(Meddler(ways, down=cut))
    ways.start(proxy)
    with ways.world.raw() as raw:
        raw.request('POST', '/test/mirror', body=b'x' * 300000)
        with pytest.raises(http1.Truncated):
            raw.response()
