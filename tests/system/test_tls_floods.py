"""Handshakes that stall at each of their stages, and floods of them: who was
accepted is served meanwhile, and each address has its bound.
"""

import contextlib
import select
import socket
import ssl

import client_certificates as cases
import proc
import pytest
import tls_client
import world as world_module
from waiting import at_pace, wait_until
from world import Raw

TLS_1_2, TLS_1_3 = ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3


class Client:
    """One whose bytes are sent by the test, as many as it likes."""

    def __init__(self, world, version, source='127.0.0.1', pem=None):
        made = tls_client.context(world.pki.ca,
                                  pem or world.pki.client('caller'))
        made.minimum_version = made.maximum_version = version
        self.here, self.there = ssl.MemoryBIO(), ssl.MemoryBIO()
        self.tls = made.wrap_bio(self.here, self.there,
                                 server_hostname='localhost')
        host, port = world.processes[-1].listening[0].rsplit(':', 1)
        self.sock = socket.create_connection((host, int(port)), 30,
                                             (source, 0))

    def flight(self):
        """What it would send next, after what has come."""
        with contextlib.suppress(ssl.SSLWantReadError):
            self.tls.do_handshake()
        return self.there.read()

    def second_flight(self):
        self.sock.sendall(self.flight())
        while True:
            self.here.write(self.sock.recv(65536))
            data = self.flight()
            if data:
                return data

    def ended(self):
        """Whether the server has closed; what comes before that is read."""
        while select.select([self.sock], [], [], 0)[0]:
            try:
                if not self.sock.recv(65536):
                    return True
            except ConnectionResetError:
                return True
        return False


def hello(part):
    def stall(client):
        data = client.flight()
        client.sock.sendall(data[:int(part * len(data))])
    return stall


def second(part):
    def stall(client):
        data = client.second_flight()
        # One byte is missing where all would be sent.
        client.sock.sendall(data[:int(part * (len(data) - 1))])
    return stall


STAGES = {
    'before its first byte': hello(0),
    'within the header of a record': lambda client: client.sock.sendall(
        client.flight()[:3]),
    'within its hello': hello(0.5),
    'behind its hello': hello(1),
    'with an answer and nothing to say': second(0),
    'within its certificate': second(0.3),
    'before its last byte': second(1),
}


def config(world, head, more='required = true; ', ca=None):
    return world.config(listeners=[world.listener().replace(
        'tls = {', 'tls = { client_ca = "%s"; %s' % (ca or world.pki.ca, more))],
        more='timeouts = { head = "%s"; };' % head)


def accepted(world, pem=None):
    made = tls_client.context(world.pki.ca, pem or world.pki.client('caller'))
    return Raw(made.wrap_socket(world.socket(), server_hostname='localhost'))


@contextlib.contextmanager
def flood(world, n):
    """Clients who connect and say nothing, one after the other."""
    with contextlib.ExitStack() as stack:
        for _ in range(n):
            stack.enter_context(world.socket())
        yield


def messages(world):
    return [x['message'] for x in world.processes[-1].events()
            if 'is refused' in x['message']]


@pytest.fixture
def way():
    return 'tls'


@pytest.mark.parametrize('version', [TLS_1_2, TLS_1_3], ids=['1.2', '1.3'])
def test_a_handshake_that_stalls_anywhere_is_ended_in_time(world, version):
    world.start(config(world, '3s'))
    with accepted(world) as served:
        stalled = {}
        for stage, stall in STAGES.items():
            stalled[stage] = Client(world, version)
            stall(stalled[stage])
            assert served.ask().status == 200
        for stage, client in stalled.items():
            wait_until(client.ended, 'the end of one that stalls ' + stage)
            assert served.ask().status == 200
            client.sock.close()
    assert len(world.access(2 * len(STAGES))) == 2 * len(STAGES)
    assert all('in time' in x for x in messages(world))
    # Of each of the two reasons one is told, others are only counted.
    assert len(messages(world)) == 2
    assert any('nothing came in time' in x for x in messages(world))
    assert any('did not end in time' in x for x in messages(world))


def test_one_reason_of_a_refusal_hides_no_other(world):
    world.start(config(world, '60s'))
    with world.socket() as other:
        other.sendall(b'\0\0\0\0')
        wait_until(lambda: messages(world), 'the first refusal')
    made = tls_client.context(world.pki.ca,
                              world.pki.client('old', expired=True))
    for _ in range(2):
        with contextlib.suppress(OSError), world.socket() as sock:
            made.wrap_socket(sock, server_hostname='localhost').recv(1)
    wait_until(lambda: any('expired' in x for x in messages(world)),
               'the refusal of the other client')
    assert len(messages(world)) == 2


def test_a_handshake_that_drips_has_no_more_time(world):
    world.start(config(world, '1s'))
    client = Client(world, TLS_1_3)
    data = client.flight()
    for i in at_pace(len(data), 0.05):
        if client.ended():
            break
        with contextlib.suppress(OSError):
            client.sock.sendall(data[i:i + 1])
    assert client.ended() and i < len(data) - 1
    client.sock.close()


# How many, and what each of the 1,024 that may be on their way in costs at
# most: what OpenSSL keeps until a handshake ends.  Certificates that were
# verified, which only clients have whom an authority knows, take more bytes
# than came.
STALLED = {'behind its hello': (200, 80 << 10),
           'before its last byte': (200, 80 << 10),
           'with a long chain': (40, 256 << 10)}


def long_chain(world, tmp_path):
    """The file of a client, all of whose authorities are needed and nearly as
    large as they may be together; and that of all roots."""
    a = cases.Authorities(str(tmp_path))
    above, by = [], a.root
    for i in range(8):
        by = a.under(by, b'middle %d' % i, a.keys[i % 4 + 1], more=[
            cases.extension('1.3.6.1.4.1.99999.1', b'x' * 6500)])
        above.insert(0, by)
    sent = a.through(*above)
    assert 60 << 10 > sum(len(x.der) for x in sent) > 52 << 10
    with open(world.pki.ca) as ours:
        return (cases.file_of(a, sent),
                world.write('all.pem', a.root.text + ours.read()))


@pytest.mark.skipif(world_module.SANITIZED,
                    reason='a sanitizer needs memory itself')
@pytest.mark.parametrize('version', [TLS_1_2, TLS_1_3], ids=['1.2', '1.3'])
@pytest.mark.parametrize('stage', STALLED)
def test_a_handshake_that_stalls_costs_no_more_than_that(
        world, tmp_path, stage, version):
    pem, ca = long_chain(world, tmp_path) if stage == 'with a long chain' \
        else (None, None)
    worker, = world.start(config(world, '300s', ca=ca)).workers
    stall = STAGES.get(stage, STAGES['before its last byte'])
    n, most = STALLED[stage]

    def stalled(n):
        clients = [Client(world, version, '127.0.0.%d' % (2 + i % 9), pem)
                   for i in range(n)]
        for client in clients:
            stall(client)
        return clients

    with accepted(world) as served:
        few = stalled(10)
        assert served.ask().status == 200
        before = proc.anonymous(worker)
        many = stalled(n)
        assert served.ask().status == 200
        each = (proc.anonymous(worker) - before) / n
        print('%s: %d bytes for each' % (stage, each))
        assert not any(client.ended() for client in few + many)
        assert 0 < each < most + 2 * tls_client.KEM
        for client in few + many:
            client.sock.close()


@pytest.mark.skipif(world_module.SANITIZED,
                    reason='a sanitizer needs memory itself')
@pytest.mark.parametrize('long', [False, True], ids=['short', 'long'])
def test_a_client_that_is_in_costs_little_whatever_its_chain_was(
        world, tmp_path, long):
    """Of the certificates that it sent its own is kept, and no other."""
    pem, ca = long_chain(world, tmp_path)
    worker, = world.start(config(world, '60s', ca=ca)).workers

    def asked(n):
        clients = [accepted(world, pem if long else None) for _ in range(n)]
        for client in clients:
            assert client.ask().status == 200
        return clients

    few = asked(50)
    before = proc.anonymous(worker)
    many = asked(200)
    each = (proc.anonymous(worker) - before) / len(many)
    print('%d bytes for each' % each)
    assert 0 < each < 48 << 10
    for client in few + many:
        client.sock.close()


def test_a_flood_from_one_address_is_bounded_and_takes_no_other_place(world):
    """Half of the clients that a worker may have are on their way in."""
    process = world.start(
        config(world, '60s'),
        wrap=['sh', '-c', 'ulimit -n 100; exec "$@"', 'sh'])
    line = process.wait_line('no more than [0-9]+ clients at a time')
    room = int(line.split('no more than ')[1].split()[0])
    with accepted(world) as served:
        # It is slow, from an address of its own.
        slow = Client(world, TLS_1_3, '127.0.0.2')
        rest = slow.second_flight()
        flood = []
        for _ in range(3 * room):
            sock = world.socket()
            flood.append(sock)
            with contextlib.suppress(OSError):
                sock.sendall(b'\x16\x03\x01')
            if len(flood) % 10 == 0:
                assert served.ask().status == 200

        def is_ended(sock):
            if not select.select([sock], [], [], 0)[0]:
                return False
            try:
                return sock.recv(100) == b''
            except ConnectionResetError:
                return True

        ended = set()

        def most_have_ended():
            ended.update(x for x in flood if x in ended or is_ended(x))
            return len(flood) - len(ended) <= room // 2
        wait_until(most_have_ended, 'the oldest of the flood to be ended')
        # Who was slow comes in, and so does somebody new.
        slow.sock.sendall(rest)
        slow.tls.write(b'GET /test/echo HTTP/1.1\r\nHost: localhost\r\n\r\n')
        slow.sock.sendall(slow.there.read())
        wait_until(lambda: '127.0.0.2' in {
            x['client']['ip'] for x in world.access()
            if x['http']['response']['status_code'] == 200},
            'the slow one to be served')
        with accepted(world) as other:
            assert other.ask().status == 200
        assert served.ask().status == 200
        for sock in flood:
            sock.close()
        slow.sock.close()
    assert all('in time' not in x for x in messages(world))


def test_a_flood_of_a_listener_is_bounded_by_its_own_limit(world):
    """Half of its clients are on their way in, though the worker has room."""
    limit = 8
    world.start(config(world, '60s').replace(
        'tls = {', 'clients = %d; tls = {' % limit))
    with accepted(world) as served:
        slow = Client(world, TLS_1_3, '127.0.0.2')
        rest = slow.second_flight()
        flood = [Client(world, TLS_1_3) for _ in range(3 * limit)]
        ended = set()

        def most_have_ended():
            ended.update(x for x in flood if x in ended or x.ended())
            return len(flood) - len(ended) < limit // 2
        wait_until(most_have_ended, 'the oldest of the flood to be ended')
        slow.sock.sendall(rest)
        slow.tls.write(b'GET /test/echo HTTP/1.1\r\nHost: localhost\r\n\r\n')
        slow.sock.sendall(slow.there.read())
        wait_until(lambda: '127.0.0.2' in {
            x['client']['ip'] for x in world.access()
            if x['http']['response']['status_code'] == 200},
            'the slow one to be served')
        with accepted(world) as other:
            assert other.ask().status == 200
        assert served.ask().status == 200
        for client in flood + [slow]:
            client.sock.close()
    assert all('in time' not in x for x in messages(world))


LIMIT = 20


def limited(world, whose):
    text = config(world, '60s')
    return text.replace('tls = {', 'clients = %d; tls = {' % LIMIT) \
        if whose == 'listener' else \
        text + 'limits = { clients = %d; };\n' % LIMIT


@pytest.mark.parametrize('whose', ['listener', 'worker'])
def test_whoever_stalls_has_no_place_that_another_needs(world, whose):
    """So the limit is reached by those who are in, and then by nobody else."""
    process = world.start(limited(world, whose))
    with contextlib.ExitStack() as stack:
        def one_more():
            client = stack.enter_context(accepted(world))
            assert client.ask().status == 200
            return client
        clients = [one_more() for _ in range(LIMIT // 2 + 2)]
        # Fewer than a half of all places are left to them.
        stack.enter_context(flood(world, 2 * LIMIT))
        while len(clients) < LIMIT:
            clients.append(one_more())
        assert all(x.ask().status == 200 for x in clients)
        with pytest.raises(ssl.SSLError, match='INTERNAL_ERROR'):
            one_more()
    for told in ('make room for new ones', 'another one came',
                 'new ones are turned away'):
        process.wait_line(told)


def test_whoever_stalls_at_a_listener_keeps_nobody_out_of_another(world):
    socket_of = 'unix:%s' % world.path('other.sock')
    world.start(world.config(
        listeners=[world.listener(), '{ name = "other"; address = "%s"; }' %
                   socket_of],
        more='limits = { clients = %d; }; timeouts = { head = "60s"; };' %
        LIMIT))
    with contextlib.ExitStack() as stack:
        def one_more():
            client = stack.enter_context(world.raw(socket_of))
            return client, client.ask().status
        clients = [one_more() for _ in range(LIMIT // 2 + 2)]
        stack.enter_context(flood(world, 2 * LIMIT))
        clients += [one_more() for _ in range(LIMIT - len(clients))]
        assert {status for _, status in clients} == {200}
        assert one_more()[1] == 503


def test_whoever_stalls_in_one_worker_has_no_place_that_another_needs(world):
    """A worker may have only clients who are in, and another one some who are
    not."""
    world.start(config(world, '60s').replace('workers = 1', 'workers = 2') +
                'limits = { clients = %d; };\n' % LIMIT)
    with contextlib.ExitStack() as stack:
        def one_more():
            client = stack.enter_context(accepted(world))
            assert client.ask().status == 200
        for _ in range(LIMIT + 4):
            one_more()
        stack.enter_context(flood(world, 4 * LIMIT))
        for _ in range(LIMIT - 4):
            one_more()
        with pytest.raises(ssl.SSLError, match='INTERNAL_ERROR'):
            one_more()
