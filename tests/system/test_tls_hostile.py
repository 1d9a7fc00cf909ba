"""Clients of a TLS listener that stall, flood, cut and send what is no TLS:
what becomes of each, and of those who are served meanwhile; and what the many
who are idle cost."""

import contextlib
import os
import socket
import ssl
import subprocess

import proc
import pytest
import tls_client
import world as world_module
from waiting import wait_until
from ways import by
from world import Raw

pytestmark = by('tls')

HEAD = b'POST /test/echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100' \
    b'\r\n\r\n'
HELLO = b'\x16\x03\x01'             # the beginning of one


def descriptors(pid):
    return len(os.listdir('/proc/%d/fd' % pid))


def told(world):
    return [x['message'] for x in world.processes[-1].events()
            if 'is refused' in x['message']]


def wait_told(world, why):
    wait_until(lambda: any(why in x for x in told(world)), why)


def end_of_tcp(raw):
    """A FIN without close_notify."""
    socket.socket.shutdown(raw.sock, socket.SHUT_WR)


# What came to it before may be in the memory of OpenSSL.
IDLE = 400
IDLE_MOST = (24 << 10) + tls_client.KEM


def test_an_idle_client_costs_little(running):
    worker, = running.processes[-1].workers
    first = [running.raw() for _ in range(50)]
    for client in first:
        assert client.ask(host='evil').status == 421
    before = proc.anonymous(worker)
    idle = [running.raw() for _ in range(IDLE)]
    for client in idle:
        assert client.ask(host='evil').status == 421
    per_client = (proc.anonymous(worker) - before) / len(idle)
    print('%d bytes for each' % per_client)
    assert running.ask().status == 200
    for client in first + idle:
        client.close()
    if not world_module.SANITIZED:
        assert per_client < IDLE_MOST, per_client


HANDSHAKES = 10000 if world_module.FULL else 600


@pytest.mark.slow
def test_handshakes_leave_nothing_behind(running):
    """Of those that end well, fail, and are left in the middle."""
    worker, = running.processes[-1].workers
    good = tls_client.context(running.pki.ca)
    stranger = ssl.create_default_context()

    def shake(i):
        sock = running.socket()
        if i % 10 == 0:
            sock.sendall(HELLO)
        elif i % 10 == 1:
            with pytest.raises(ssl.SSLError):
                stranger.wrap_socket(sock, server_hostname='localhost')
        else:
            sock = good.wrap_socket(sock, server_hostname='localhost')
        sock.close()

    def settled():
        """Those who left have been noticed."""
        assert running.ask().status == 200
        return descriptors(worker) <= before[0]
    for i in range(300):
        shake(i)
    assert running.ask().status == 200
    before = [descriptors(worker) + 2, proc.anonymous(worker)]
    for i in range(HANDSHAKES):
        shake(i)
    wait_until(settled, 'the descriptors to be closed')
    grown = proc.anonymous(worker) - before[1]
    print('%d bytes after %d handshakes' % (grown, HANDSHAKES))
    if not world_module.SANITIZED:
        assert grown < 512 << 10, grown


def test_a_flood_from_many_addresses_keeps_no_accepted_client_waiting(
        running):
    address = running.processes[-1].listening[0].rsplit(':', 1)
    to = address[0], int(address[1])
    stalled = []
    with running.raw() as served:
        for i in range(600):
            sock = socket.socket()
            sock.bind(('127.%d.%d.%d' % (i % 7 + 1, i // 7, 1), 0))
            sock.connect(to)
            sock.sendall(HELLO)
            stalled.append(sock)
            if i % 10 == 0:
                assert served.ask().status == 200
        with running.raw() as other:
            assert other.ask().status == 200
    assert len(running.access(61)) == 61
    for sock in stalled:
        sock.close()


def test_a_chain_of_100_kb_is_refused(world, tmp_path):
    pem = world.pki.client('caller')
    with open(pem) as f, open(world.pki.ca) as ca:
        own, more = f.read(), ca.read()
    long = tmp_path / 'long.pem'
    long.write_text(own + more * (100000 * 4 // 3 // len(more) + 1))
    listener = world.listener().replace(
        'tls = {', 'tls = { client_ca = "%s"; ' % world.pki.ca)
    world.start(world.config(listeners=[listener]))
    made = tls_client.context(world.pki.ca, str(long))
    with pytest.raises((ssl.SSLError, OSError)):
        with Raw(made.wrap_socket(world.socket(),
                                  server_hostname='localhost')) as raw:
            raw.ask()
    wait_told(world, 'the client sent too long a message')
    assert world.access(0) == []
    # Nobody else is worse off.
    made = tls_client.context(world.pki.ca, pem)
    with Raw(made.wrap_socket(world.socket(),
                              server_hostname='localhost')) as raw:
        assert raw.ask().status == 200


def test_nobody_may_ask_for_another_handshake(running):
    done = subprocess.run(
        ['openssl', 's_client', '-tls1_2', '-legacy_renegotiation',
         '-CAfile', running.pki.ca, '-connect',
         running.processes[-1].listening[0]], input=b'R\n',
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        timeout=world_module.LIMIT)
    assert b'RENEGOTIATING' in done.stdout + done.stderr
    assert b'no renegotiation' in done.stdout + done.stderr
    assert running.ask().status == 200


@pytest.mark.parametrize('junk', [
    b'\0' * 100, b'\xff' * 100, b'\x80\x2e\x01\x03\x01\0\x15\0\0\0\x10',
    b'\x17\x03\x03\0\x05hello', b'\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c'])
def test_what_is_no_tls_is_closed_and_told(running, junk):
    with running.socket() as sock:
        sock.sendall(junk)
        try:
            assert sock.recv(100) == b''
        except ConnectionResetError:
            pass                        # more had come than was read
    wait_told(running, 'what came is not TLS')
    assert running.ask().status == 200


@pytest.mark.parametrize('hello', [
    b'\x16\x03\x01\xff\xff' + b'x' * 100,       # a record too long
    b'\x16\x03\x01\0\x05\x01\xff\xff\xff\0',    # a message of 16 MB
    b'\x16\x03\x01\0\x04\x14\0\0\0',            # Finished comes first
    b'\x16\x03\x01\0\0' * 40])                  # records without a byte
def test_a_handshake_that_is_none_is_ended(running, hello):
    with running.socket() as sock:
        sock.sendall(hello)
        got = b''
        try:
            while True:
                more = sock.recv(1000)
                if not more:
                    break
                got += more
        except ConnectionResetError:
            pass
        assert got[:1] in (b'', b'\x15')        # an alert
    wait_told(running, 'is refused')
    assert running.ask().status == 200


def test_an_end_of_tcp_within_a_body_is_no_whole_request(running):
    with running.raw() as raw:
        raw.send(HEAD + b'hello')
        running.clouds[0].wait_requests(1)
        end_of_tcp(raw)
        line = running.access(1)[0]
        assert line['sallyport']['fault'] == 'client_gone'
    assert not running.clouds[0].requests[0].complete


def test_close_notify_within_a_body_is_no_whole_request(running):
    with running.raw() as raw:
        raw.send(HEAD + b'hello')
        running.clouds[0].wait_requests(1)
        raw.half_close()
        assert raw.at_end()
    assert running.access(1)[0]['sallyport']['fault'] == 'client_gone'
    assert not running.clouds[0].requests[0].complete


def test_bytes_behind_close_notify_are_no_request(running):
    with running.raw() as raw:
        raw.half_close()
        # The server may have closed its side already.
        with contextlib.suppress(OSError):
            socket.socket.sendall(raw.sock, b'GET /test/echo HTTP/1.1\r\n'
                                  b'Host: localhost\r\n\r\n')
        with contextlib.suppress(OSError):
            assert raw.at_end()
    assert running.access(0) == []


def test_a_broken_record_ends_the_connection_without_a_request(running):
    with running.raw() as raw:
        assert raw.ask().status == 200
        # Not encrypted by anybody.
        socket.socket.sendall(raw.sock, b'\x17\x03\x03\0\x20' + b'x' * 32)
        with pytest.raises((ssl.SSLError, OSError)):
            raw.response()
    assert len(running.access(1)) == 1
    assert len(running.clouds[0].requests) == 1
