"""Clients that come through a load balancer, by PROXY protocol version 2."""

import os
import re
import shutil
import signal
import socket
import struct
import subprocess

import pytest
import tcp
from waiting import wait_until

SIGN = b'\r\n\r\n\0\r\nQUIT\n'
PATH = os.environ.get('PATH', '') + ':/usr/sbin'
GET = b'GET /test/echo HTTP/1.1\r\nHost: localhost\r\n\r\n'


def header(client='192.0.2.7', port=50000, tlv=b'', command=0x21):
    six = ':' in client
    family = socket.AF_INET6 if six else socket.AF_INET
    ours = '::1' if six else '127.0.0.1'
    block = socket.inet_pton(family, client) + \
        socket.inet_pton(family, ours) + struct.pack('!HH', port, 443) + tlv
    return SIGN + struct.pack('!BBH', command, 0x21 if six else 0x11,
                              len(block)) + block


LOCAL = SIGN + b'\x20\0\0\0'

LISTENER = ('{ name = "lb"; address = "%s"; from_proxies = [ %s ];'
            ' hosts = [ "localhost" ]; %s }')


def config(world, proxies='"127.0.0.0/8", "::1"', more='', address=None,
           top='', **others):
    return world.config(listeners=[LISTENER % (address or '127.0.0.1:0',
                                               proxies, more)],
                        more=top, **others)


@pytest.fixture
def proxied(world):
    world.process = world.start(config(world))
    return world


def refusals(world):
    return [x['message'] for x in world.processes[-1].events()
            if 'is refused' in x['message']]


def assert_closed(raw):
    """By a reset, where bytes had come that were not read."""
    try:
        assert raw.at_end()
    except ConnectionResetError:
        pass


def assert_refused(world, data, why):
    """Closed without an answer, and told."""
    with world.raw() as raw:
        raw.send(data)
        assert_closed(raw)
    assert world.access(0) == []
    wait_until(lambda: refusals(world), 'the refusal to be told')
    told, = refusals(world)
    assert why in told and 'listener lb: a connection from 127.0.0.1 ' in told


@pytest.mark.parametrize('client', ['192.0.2.7', '2001:db8::7'])
def test_the_client_of_the_header_is_the_client(proxied, client):
    with proxied.raw() as raw:
        # Header and request in one segment, and a second request behind.
        raw.send(header(client, 50001) + GET + GET)
        assert raw.response().status == raw.response().status == 200
    for line in proxied.access(2):
        assert line['client'] == {'ip': client, 'port': 50001}


def test_what_else_a_proxy_tells_is_skipped(proxied):
    with proxied.raw() as raw:
        raw.send(header(tlv=b'\x04\0\x02xy' + b'\xea\x0f\0' + 0xf00 * b'a'))
        assert raw.ask().status == 200
    assert proxied.access(1)[0]['client']['ip'] == '192.0.2.7'


def test_a_header_may_be_cut_anywhere(proxied):
    data = header() + GET
    for at in range(1, len(header()) + 2):
        with proxied.raw() as raw:
            raw.send(data[:at])
            if at < len(header()):
                tcp.wait_read(raw.sock)
            raw.send(data[at:])
            assert raw.response().status == 200
    with proxied.raw() as raw:
        for byte in data:
            raw.send(bytes([byte]))
        assert raw.response().status == 200
    assert {x['client']['ip'] for x in proxied.access(len(header()) + 2)} == \
        {'192.0.2.7'}


@pytest.mark.parametrize('data, why', [
    (GET, 'does not begin with a PROXY protocol header'),
    (b'PROXY TCP4 192.0.2.7 127.0.0.1 50000 80\r\n' + GET, 'version 1'),
    (b'\x16\x03\x01\x02\0\x01\0\x01\xfc\x03\x03', 'it begins with TLS'),
    (os.urandom(1).replace(b'\r', b'x').replace(b'P', b'x')
     .replace(b'\x16', b'x') + 64 * b'z', 'does not begin'),
    (SIGN + b'\x21\0\0\0' + GET, 'UNSPEC'),
    (SIGN + b'\x21\x31' + struct.pack('!H', 216) + 216 * b'\0' + GET, 'UNIX'),
    (SIGN + b'\x21\x12\0\x0c' + 12 * b'a' + GET, 'family'),
    (SIGN + b'\x22\x11\0\x0c' + 12 * b'a' + GET, 'unknown command'),
    (SIGN + b'\x21\x11\0\x0b' + 11 * b'a' + GET, 'too short'),
    (SIGN + b'\x21\x11\xff\xff' + 5000 * b'a', 'longer than 4096'),
    (header(tlv=b'\x04\0\x09xy') + GET, 'TLV'),
], ids=['http', 'v1', 'tls', 'garbage', 'unspec', 'unix', 'dgram', 'command',
        'short', 'long', 'tlv'])
def test_what_has_no_such_header_is_refused(proxied, data, why):
    assert_refused(proxied, data, why)


def test_who_is_no_proxy_is_refused_whatever_it_sends(world):
    world.start(config(world, proxies='"192.0.2.0/24"'))
    assert_refused(world, header() + GET, "in none of 'from_proxies'")


def test_a_header_that_ends_early_is_refused(proxied):
    with proxied.raw() as raw:
        raw.send(header()[:20])
        raw.half_close()
        assert raw.at_end()
    wait_until(lambda: refusals(proxied), 'the refusal to be told')
    assert 'ended within' in refusals(proxied)[0]


def test_a_second_header_is_no_request(proxied):
    with proxied.raw() as raw:
        raw.send(header() + header('192.0.2.8') + GET)
        assert raw.response().status == 400
    assert proxied.access(1)[0]['client']['ip'] == '192.0.2.7'


def test_a_balancer_may_look_whether_it_lives(proxied):
    """By a connection without a byte, a header alone, or a request."""
    with proxied.raw():
        pass
    with proxied.raw() as raw:
        raw.send(LOCAL)
    with proxied.raw() as raw:
        raw.send(LOCAL)
        assert raw.ask().status == 200
    line, = proxied.access(1)
    assert line['client']['ip'] == '127.0.0.1'
    assert refusals(proxied) == []


def test_conditions_on_addresses_are_about_the_client(world):
    world.start(config(world, more='from = [ "192.0.2.0/24" ];', routes=[
        '{ name = "%s"; from = [ "192.0.2.%d" ]; upstream = "elastic-cloud";'
        ' keys = [ "team-a" ]; }' % x for x in (('seven', 7), ('eight', 8))]))
    for client, status in (('192.0.2.7', 200), ('192.0.2.8', 200),
                           ('192.0.2.9', 421), ('198.51.100.7', 421)):
        with world.raw() as raw:
            raw.send(header(client))
            assert raw.ask().status == status
    lines = world.access(4)
    assert [x['sallyport'].get('route') for x in lines] == \
        ['seven', 'eight', None, None]
    assert [x['sallyport'].get('fault') for x in lines] == \
        [None, None, 'no_route', 'client_refused']
    # The balancer itself is no such client, either.
    with world.raw() as raw:
        raw.send(LOCAL)
        assert raw.ask().status == 421


def test_limits_of_clients_count_by_the_address_of_the_header(world):
    world.start(config(world, routes=[
        '{ name = "all"; upstream = "elastic-cloud"; keys = [ "team-a" ];'
        ' client_rate = "1/h"; }']))
    for client, status in (('192.0.2.7', 200), ('192.0.2.8', 200),
                           ('192.0.2.7', 429)):
        with world.raw() as raw:
            raw.send(header(client))
            assert raw.ask().status == status


def test_one_that_stalls_is_closed_and_costs_others_nothing(world):
    world.start(config(world, top='timeouts = { head = "2s"; };'))
    stalled = [world.raw() for _ in range(300)]
    for i, raw in enumerate(stalled):
        raw.send(header()[:i % len(header())])
    for _ in range(5):
        with world.raw() as raw:
            raw.send(header() + GET)
            assert raw.response().status == 200
    for raw in stalled:
        with raw:
            assert_closed(raw)
    wait_until(lambda: refusals(world), 'a refusal to be told')
    assert len(refusals(world)) == 1


@pytest.mark.parametrize('number', [signal.SIGTERM, signal.SIGHUP])
def test_one_that_stalls_keeps_no_worker(proxied, number):
    workers = proxied.process.workers
    with proxied.raw() as raw:
        raw.send(header()[:20])
        tcp.wait_read(raw.sock)
        proxied.process.signal(number)
        assert raw.at_end()
    if number == signal.SIGTERM:
        proxied.stop()
    else:
        wait_until(lambda: not set(workers) & set(proxied.process.workers),
                   'the old worker to end')


def test_on_a_unix_socket_it_is_a_fault(world):
    file = world.write('c', config(
        world, address='unix:' + world.path('s')).replace(
            ' hosts = [ "localhost" ];', ''))
    done = world.run('check', '-c', file)
    assert done.returncode == 1
    assert re.search(r"c:\d+: option 'from_proxies' needs a listener on TCP",
                     done.stderr + done.stdout)


@pytest.mark.parametrize('value', ['[ "10.0.0.1/8" ]', '[]', 'true'])
def test_a_wrong_value_is_a_fault_with_its_line(world, value):
    file = world.write('c', config(world).replace(
        '[ "127.0.0.0/8", "::1" ]', value))
    done = world.run('check', '-c', file)
    assert done.returncode == 1
    assert re.search(r"c:\d+: option 'from_proxies'",
                     done.stderr + done.stdout)


HAPROXY = '''
global
	log stdout format raw local0 err
defaults
	mode {mode}
	timeout connect 10s
	timeout client 60s
	timeout server 60s
frontend all
	bind 127.0.0.1:{port}
	default_backend sallyport
backend sallyport
	server one {to} send-proxy-v2 check inter 100ms
'''


@pytest.mark.skipif(shutil.which('haproxy', path=PATH) is None,
                    reason='no haproxy')
@pytest.mark.parametrize('mode', ['tcp', 'http'])
def test_haproxy_passes_its_clients_on(proxied, mode):
    with socket.socket() as sock:
        sock.bind(('127.0.0.1', 0))
        port = sock.getsockname()[1]
    conf = proxied.write('haproxy.cfg', HAPROXY.format(
        mode=mode, port=port, to=proxied.process.listening[0]))
    child = subprocess.Popen(['haproxy', '-db', '-f', conf],
                             env={'PATH': PATH}, stdin=subprocess.DEVNULL,
                             stdout=subprocess.DEVNULL,
                             stderr=subprocess.DEVNULL)
    try:
        def is_up():
            assert child.poll() is None, 'haproxy ended'
            with socket.socket() as sock:
                return sock.connect_ex(('127.0.0.1', port)) == 0
        wait_until(is_up, 'haproxy to listen')
        with proxied.raw('127.0.0.1:%d' % port) as raw:
            ours = raw.sock.getsockname()[1]
            assert raw.ask(body=b'x' * 100000, method='POST').status == 200
            assert raw.ask().status == 200
    finally:
        child.terminate()
        child.wait()

    def lines_of_ours():
        return [x for x in proxied.access() if x['client']['port'] == ours]
    wait_until(lambda: len(lines_of_ours()) >= 2, 'both lines')
    lines = lines_of_ours()
    assert [x['http']['request']['method'] for x in lines] == ['POST', 'GET']
    assert {x['client']['ip'] for x in lines} == {'127.0.0.1'}
    assert refusals(proxied) == []
