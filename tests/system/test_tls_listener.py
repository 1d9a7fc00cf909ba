"""Listeners that speak TLS: what is served over it, and to whom."""

import hashlib
import json
import os
import re
import shutil
import signal
import socket
import ssl
import subprocess

import pki as pki_module
import pytest
from waiting import wait_until
from world import Raw

GET = b'GET /test/echo HTTP/1.1\r\nHost: localhost\r\n\r\n'


def listener(pem, more='', address='127.0.0.1:0', tls=''):
    return ('{ name = "tls"; address = "%s"; hosts = [ "localhost" ]; %s '
            'tls = { certificate = "%s"; certificate_key = "%s"; %s }; }'
            % (address, more, pem, pem, tls))


def config(world, tls='', more='', listeners=None, top='', **others):
    pem = world.pki.server('listener', ('localhost', '127.0.0.1'))
    return world.config(listeners=listeners or [
        listener(pem, more, tls=tls)], more=top, **others)


@pytest.fixture
def secure(world):
    world.process = world.start(config(world))
    return world


def context(ca, client=None):
    made = ssl.create_default_context(cafile=ca)
    if client is not None:
        made.load_cert_chain(client)
    return made


def connect(world, made=None, which=0):
    made = made or context(world.pki.ca)
    return Raw(made.wrap_socket(world.socket(which),
                                server_hostname='localhost'))


def warnings(world):
    return [x['message'] for x in world.processes[-1].events()
            if 'is refused' in x['message']]


def assert_told(world, *whys):
    wait_until(lambda: warnings(world), 'the refusal to be told')
    told, = warnings(world)
    assert any(why in told for why in whys), told
    assert 'listener tls: a connection from 127.0.0.1 ' in told


def assert_refused(world, made, *whys):
    """By an alert; with TLS 1.3 a client sees it after its handshake."""
    with pytest.raises((ssl.SSLError, ConnectionResetError)):
        with connect(world, made) as raw:
            raw.send(GET)
            raw.response()
    assert_told(world, *whys)
    assert world.access(0) == []


def test_a_client_is_served_over_tls(secure):
    with connect(secure) as raw:
        for _ in range(3):
            response = raw.ask()
            assert response.status == 200
        assert json.loads(response.data)['target'] == '/test/echo'
        assert raw.sock.version() == 'TLSv1.3'
    assert len(secure.access(3)) == 3


@pytest.mark.parametrize('version', ['TLSv1_2', 'TLSv1_3'])
def test_bodies_go_both_ways(secure, version):
    made = context(secure.pki.ca)
    made.maximum_version = made.minimum_version = \
        getattr(ssl.TLSVersion, version)
    body = bytes(range(256)) * 8192
    with connect(secure, made) as raw:
        response = raw.ask('POST', body=body)
        assert response.status == 200
        assert json.loads(response.data)['sha256'] == \
            hashlib.sha256(body).hexdigest()
        response = raw.ask('POST', '/test/mirror', body=body)
        assert response.data == body


def test_plain_http_is_answered_so(secure):
    response = secure.ask()
    assert response.status == 400
    assert b'this is plain HTTP, and this port speaks TLS' in response.data
    assert_told(secure, 'this is plain HTTP, and this port speaks TLS')
    assert secure.access(0) == []


@pytest.mark.parametrize('version', ['-tls1', '-tls1_1'])
def test_an_old_version_is_refused(secure, version):
    done = subprocess.run(
        ['openssl', 's_client', version, '-cipher', 'DEFAULT@SECLEVEL=0',
         '-connect', secure.process.listening[0]], stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert done.returncode != 0
    assert b'alert protocol version' in done.stderr
    assert_told(secure, 'does not speak TLS 1.2 or 1.3')


def test_a_client_must_have_a_certificate_where_one_can_be_verified(world):
    world.start(config(world, 'client_ca = "%s";' % world.pki.ca))
    assert_refused(world, None, 'the client has no certificate')
    made = context(world.pki.ca, world.pki.client('caller'))
    with connect(world, made) as raw:
        assert raw.ask().status == 200


def test_a_client_may_have_none_where_it_is_not_required(world):
    world.start(config(world, 'client_ca = "%s"; required = false;'
                       % world.pki.ca))
    for made in None, context(world.pki.ca, world.pki.client('caller')):
        with connect(world, made) as raw:
            assert raw.ask().status == 200


def test_a_certificate_of_others_is_refused(world, tmp_path):
    other = pki_module.Pki(str(tmp_path / 'other'), 'Another test CA')
    world.start(config(world, 'client_ca = "%s"; required = false;'
                       % world.pki.ca))
    assert_refused(world, context(world.pki.ca, other.client('caller')),
                   'certificate of the client: unable to get local issuer')


def test_an_expired_certificate_of_a_client_is_refused(world):
    world.start(config(world, 'client_ca = "%s";' % world.pki.ca))
    assert_refused(world, context(world.pki.ca, world.pki.client(
        'late', expired=True)), 'certificate has expired')


def test_a_revoked_certificate_of_a_client_is_refused(world):
    bad = world.pki.client('revoked-caller')
    crl = world.pki.crl('callers', bad)
    world.start(config(world, 'client_ca = "%s"; client_crl = "%s";'
                       % (world.pki.ca, crl)))
    assert_refused(world, context(world.pki.ca, bad), 'certificate revoked')
    made = context(world.pki.ca, world.pki.client('caller'))
    with connect(world, made) as raw:
        assert raw.ask().status == 200


FAULTS = [
    ('required = true;', "option 'required' needs 'client_ca'"),
    ('client_crl = "%(ca)s";', "option 'client_crl' needs 'client_ca'"),
    ('client_ca = "/nowhere";', "option 'client_ca': /nowhere: "),
]


@pytest.mark.parametrize('tls, fault', FAULTS)
def test_what_does_not_go_together_is_a_fault(world, tls, fault):
    world.refuses(config(world, tls % {'ca': world.pki.ca}),
                  r'sallyport\.conf:\d+: ' + re.escape(fault))


def test_an_expired_certificate_of_ours_is_a_fault(world):
    pem = world.pki.server('stale', ('localhost',), expired=True)
    world.refuses(config(world, listeners=[listener(pem)]),
                  r"sallyport\.conf:\d+: option 'certificate': .* expired at")


def test_a_key_of_another_certificate_is_a_fault(world):
    pem = world.pki.server('listener', ('localhost', '127.0.0.1'))
    other = world.pki.server('good')
    text = listener(pem).replace('certificate_key = "%s"' % pem,
                                 'certificate_key = "%s"' % other)
    world.refuses(config(world, listeners=[text]),
                  "option 'certificate_key': .* not that of the first")


def test_unix_sockets_and_the_admin_speak_no_tls(world):
    pem = world.pki.server('listener', ('localhost', '127.0.0.1'))
    world.refuses(config(world, listeners=[listener(
        pem, address='unix:' + world.path('s'))]),
        "option 'tls' needs a listener on TCP")
    world.refuses(world.config(more='admin = { address = "127.0.0.1:0"; '
                               'tls = { }; };'),
                  r"option 'tls' has no place here \(admin listener\)")


def test_a_sealed_key_is_opened(world):
    pem = world.pki.server('listener', ('localhost', '127.0.0.1'))
    with open(pem) as f:
        sealed = world.seal_text('listener.age', f.read())
    text = listener(pem).replace('certificate_key = "%s"' % pem,
                                 'certificate_key = "%s"' % sealed)
    world.start(config(world, listeners=[text]))
    with connect(world) as raw:
        assert raw.ask().status == 200


def test_the_headers_of_balancers_come_before_tls(world):
    head = b'\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c' + \
        socket.inet_aton('192.0.2.7') + socket.inet_aton('127.0.0.1') + \
        b'\xc3\x50\x01\xbb'
    world.start(config(world, more='from_proxies = [ "127.0.0.0/8" ];'))
    sock = world.socket()
    sock.sendall(head)
    with Raw(context(world.pki.ca).wrap_socket(
            sock, server_hostname='localhost')) as raw:
        assert raw.ask().status == 200
    assert world.access(1)[0]['client'] == \
        {'ip': '192.0.2.7', 'port': 50000}


def test_a_client_that_stalls_is_ended_in_time(world):
    world.start(config(world, top='timeouts = { head = "300ms"; };'))
    with world.raw() as raw:
        raw.send(b'\x16\x03\x01')
        assert raw.at_end()
    assert_told(world, 'the handshake did not end in time')


def session_of(world, made, tickets=None):
    """Asks once; whether the session was resumed, and one to resume."""
    sock = made.wrap_socket(world.socket(), server_hostname='localhost',
                            session=tickets)
    with Raw(sock) as raw:
        assert raw.ask().status == 200
        return sock.session_reused, sock.session


def test_sessions_are_resumed_by_any_worker_and_after_a_reload(world):
    process = world.start(config(world, workers=3))
    made = context(world.pki.ca)
    resumed, session = session_of(world, made)
    assert not resumed
    for _ in range(8):
        resumed, session = session_of(world, made, session)
        assert resumed
    before = process.workers
    process.signal(signal.SIGHUP)
    wait_until(lambda: not set(before) & set(process.workers),
               'the next generation')
    resumed, session = session_of(world, made, session)
    assert resumed


def test_no_session_outlives_a_change_of_client_ca(world, tmp_path):
    other = pki_module.Pki(str(tmp_path / 'other'), 'Another test CA')
    both = str(tmp_path / 'both.pem')
    with open(both, 'w') as out:
        for ca in world.pki.ca, other.ca:
            with open(ca) as f:
                out.write(f.read())
    ca = world.path('clients.pem')
    shutil.copyfile(both, ca)
    process = world.start(config(world, 'client_ca = "%s";' % ca))
    made = context(world.pki.ca, world.pki.client('caller'))
    session = session_of(world, made)[1]
    resumed, session = session_of(world, made, session)
    assert resumed
    before = process.workers
    shutil.copyfile(world.pki.ca, ca)
    process.signal(signal.SIGHUP)
    wait_until(lambda: not set(before) & set(process.workers),
               'the next generation')
    assert not session_of(world, made, session)[0]


def test_there_are_no_sessions_with_a_list_of_revoked_ones(world):
    crl = world.pki.crl('nobody')
    world.start(config(world, 'client_ca = "%s"; client_crl = "%s";'
                       % (world.pki.ca, crl)))
    made = context(world.pki.ca, world.pki.client('caller'))
    session = session_of(world, made)[1]
    assert session is None or not session_of(world, made, session)[0]


def test_a_reload_takes_a_renewed_certificate(world):
    pem = shutil.copyfile(world.pki.server(
        'listener', ('localhost', '127.0.0.1')), world.path('server.pem'))
    os.chmod(pem, 0o600)
    process = world.start(config(world, listeners=[listener(pem)]))
    with connect(world) as old:
        assert old.ask().status == 200
        shown = old.sock.getpeercert(True)
        before = process.workers
        shutil.copyfile(world.pki.server('renewed', ('localhost',)), pem)
        process.signal(signal.SIGHUP)
        wait_until(lambda: set(process.workers) - set(before),
                   'the next generation')
        assert old.ask().status == 200
        wait_until(lambda: renewed(world, shown), 'the renewed certificate')


def renewed(world, shown):
    with connect(world) as raw:
        assert raw.ask().status == 200
        return raw.sock.getpeercert(True) != shown


def test_fifty_clients_at_once(secure):
    clients = [connect(secure) for _ in range(50)]
    for raw in clients:
        raw.request()
    for raw in clients:
        assert raw.response().status == 200
        raw.close()


def test_a_flood_of_handshakes_that_stall_keeps_nobody_out(secure):
    stalled = []
    for _ in range(400):
        sock = secure.socket()
        sock.sendall(b'\x16\x03\x01')
        stalled.append(sock)
    with connect(secure) as raw:
        assert raw.ask().status == 200
    for sock in stalled:
        sock.close()


def test_the_end_of_a_connection_is_said(secure):
    with connect(secure) as raw:
        response = raw.ask(fields=[('Connection', 'close')])
        assert response.status == 200
        # A missing close_notify would raise SSLEOFError.
        raw.sock.suppress_ragged_eofs = False
        assert raw.at_end()


PLAIN = 'other machines can reach 0.0.0.0:'


def test_who_can_be_reached_without_tls_is_warned_of(world):
    plain = '{ name = "plain"; address = "0.0.0.0:0"; nonlocal = true; }'
    admin = 'unix:' + world.path('admin.sock')
    process = world.start(world.config(listeners=[plain], more=
                          'admin = { address = "%s"; };' % admin))
    assert any("option 'nonlocal': " + PLAIN in x and 'warning' in x
               for x in process.lines)
    checked = world.run('check', '-c', world.path('sallyport.conf'))
    assert PLAIN in checked.stdout + checked.stderr
    status = world.run('status', '-c', world.path('sallyport.conf'))
    assert 'listener plain: ' + PLAIN in status.stdout
    assert status.returncode == 3


def test_so_is_an_admin_listener_that_can_be_reached(world):
    process = world.start(world.config(
        more='admin = ( { address = "0.0.0.0:0"; nonlocal = true; }, '
        '{ address = "unix:%s"; } );' % world.path('admin.sock')))
    assert any("option 'nonlocal': " + PLAIN in x and 'warning' in x
               for x in process.lines)
    checked = world.run('check', '-c', world.path('sallyport.conf'))
    assert PLAIN in checked.stdout + checked.stderr
    status = world.run('status', '-c', world.path('sallyport.conf'))
    assert PLAIN in status.stdout
    assert status.returncode == 3


def test_with_tls_there_is_no_warning(world):
    pem = world.pki.server('listener', ('localhost', '127.0.0.1'))
    process = world.start(config(world, listeners=[listener(
        pem, 'nonlocal = true;', '0.0.0.0:0')]), file='other.conf')
    assert 'other machines' not in process.stderr


def test_refusals_that_were_left_out_are_told_at_the_end(secure):
    for _ in range(6):
        assert secure.ask().status == 400
    wait_until(lambda: warnings(secure), 'the first of them to be told')
    process = secure.process
    secure.stop()
    said = [x['message'] for x in process.events()]
    left = [re.match(r'listener tls: (\d+) more connections? w\w+ refused '
                     r'since the last such line: this is plain HTTP, ', x)
            for x in said]
    told = [x for x in said if 'is refused: this is plain HTTP' in x]
    assert sum(int(x[1]) for x in left if x) + len(told) == 6
    assert len(told) < 6
