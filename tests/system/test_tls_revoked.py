"""Clients that are revoked while they are connected, or on their way in: no
request of theirs is served from then on.
"""

import signal
import ssl

import pytest
from test_tls_watch import (Slowly, connect, lets_in, pairs, put, start,
                            told)
from waiting import wait_until

__all__ = ['pairs']     # a fixture

HEAD = (b'POST /test/echo HTTP/1.1\r\nHost: localhost\r\n'
        b'Content-Length: 4\r\n\r\n')


class Revocation:
    """A listener with a list, and how it comes to name the client."""

    def __init__(self, world, pairs, by):
        self.world, self.by = world, by
        self.pem = world.pki.client('leaver')
        self.crl = world.path('clients.crl')
        put(world.pki.crl('none'), self.crl)
        self.process = start(
            world, pairs, 'watch = %s; client_ca = "%s"; client_crl = "%s";' %
            ('true' if by == 'watch' else 'false', world.pki.ca, self.crl))
        self.client = ssl.create_default_context(cafile=world.pki.ca)
        self.client.load_cert_chain(self.pem)
        self.idle = connect(world, self.client)
        assert self.idle.ask().status == 200

    def happens(self):
        """Until a connection that was idle is closed, at once."""
        put(self.world.pki.crl('one', self.pem), self.crl)
        if self.by == 'watch':
            wait_until(lambda: told(self.process, 'were renewed'),
                       'the renewal')
        else:
            self.process.signal(signal.SIGHUP)
            wait_until(lambda: told(self.process, 'was reloaded'),
                       'the reload')
        assert self.idle.at_end()
        self.idle.close()
        assert not lets_in(self.world, self.client)


@pytest.fixture(params=['watch', 'reload'])
def revocation(request, world, pairs):
    return Revocation(world, pairs, request.param)


def test_a_connection_that_is_idle_is_closed(revocation):
    revocation.happens()


def assert_all_refused(world, before):
    """Of those that were logged since, none was served."""
    for line in world.access()[before:]:
        assert line['http']['response']['status_code'] != 200


def test_a_handshake_that_began_before_lets_nobody_in(world, revocation):
    with world.socket() as sock:
        client = Slowly(revocation.client, sock)
        client.begin()
        client.came.write(sock.recv(1 << 16))
        revocation.happens()
        served = len(world.access())
        assert client.asks() is None
    assert_all_refused(world, served)


def test_a_head_that_has_begun_is_not_served(world, revocation):
    with connect(world, revocation.client) as raw:
        assert raw.ask().status == 200
        raw.send(HEAD[:20])
        # It is taken in before the list is.
        with connect(world, revocation.client) as other:
            assert other.ask().status == 200
        revocation.happens()
        served = len(world.access())
        raw.send(HEAD[20:] + b'abcd')
        response = raw.response()
        assert response.status == 421
        assert response.fields.all('connection') == ['close']
        assert raw.at_end()
    assert_all_refused(world, served)


def test_a_request_that_runs_is_the_last(world, revocation):
    with connect(world, revocation.client) as raw:
        raw.send(HEAD + b'ab')
        with connect(world, revocation.client) as other:
            assert other.ask().status == 200
        revocation.happens()
        raw.send(b'cd' + HEAD + b'abcd')
        response = raw.response()
        assert response.status == 200
        assert response.fields.all('connection') == ['close']
        assert raw.at_end()


def test_a_reload_with_the_same_authorities_ends_no_handshake(world, pairs):
    process = start(world, pairs, 'client_ca = "%s";' % world.pki.ca)
    before = set(process.workers)
    mine = ssl.create_default_context(cafile=world.pki.ca)
    mine.load_cert_chain(world.pki.client('caller'))
    with world.socket() as sock:
        client = Slowly(mine, sock)
        client.begin()
        client.came.write(sock.recv(1 << 16))
        process.signal(signal.SIGHUP)
        wait_until(lambda: set(process.workers) - before, 'the next workers')
        assert client.asks().startswith(b'HTTP/1.1 200 ')
