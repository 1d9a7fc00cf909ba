"""nginx plays the API: an independent server of HTTP and TLS."""

import collections
import hashlib
import os
import signal
import threading

import bodies
import nginx as nginx_module
import pytest
import world as world_module
from load import Load, needs_load

pytestmark = pytest.mark.skipif(not nginx_module.present(),
                                reason='nginx is not installed')


@pytest.fixture
def api(bare):
    bare.seal('keys.age', 'team-a')
    api = nginx_module.Nginx(bare)
    bare.api = api
    yield api
    api.stop()


@pytest.fixture
def served(bare, api):
    bare.start(bare.config(upstreams=[bare.upstream(to=api.address)],
                           workers=2))
    return bare


def load(world, n, clients):
    return Load(world, '-n', n, '-c', clients).wait()


def test_nginx_knows_the_key_and_serves(served):
    response = served.ask(target='/small')
    assert response.status == 200
    assert response.data.decode() == nginx_module.SMALL
    assert response.fields.one('x-key') == 'team-a'


def test_files_compressed_or_not_and_ranges_arrive_whole(served):
    data = bodies.data(3 << 20, 1)
    with open(served.path('www', 'file.json'), 'wb') as out:
        out.write(data)
    response = served.ask(target='/file.json')
    assert response.data == data
    response = served.ask(target='/file.json',
                          fields=[('Accept-Encoding', 'gzip')])
    assert response.fields.one('content-encoding') == 'gzip'
    assert response.framing == 'chunked'
    import zlib
    assert zlib.decompress(response.data, 31) == data
    response = served.ask(target='/file.json',
                          fields=[('Range', 'bytes=1000-1999')])
    assert response.status == 206 and response.data == data[1000:2000]
    etag = response.fields.one('etag')
    response = served.ask(target='/file.json',
                          fields=[('If-None-Match', etag)])
    assert response.status == 304


def test_an_upload_that_nginx_refuses_early_is_answered(served):
    response = served.ask('PUT', '/small', body=b'x' * 100000)
    assert response.status == 200       # it answers without reading


def test_a_connection_that_nginx_closes_after_use_is_replaced(bare, api):
    api.stop()
    api = nginx_module.Nginx(bare, 'keepalive_requests 3;')
    try:
        bare.start(bare.config(upstreams=[bare.upstream(to=api.address)]))
        with bare.raw() as client:
            for _ in range(20):
                assert client.ask(target='/small').status == 200
    finally:
        api.stop()


def new_connections(bare, version, n, clients, more=''):
    """What nginx says of n handshakes, one for each request."""
    api = nginx_module.Nginx(bare, 'keepalive_timeout 0; access_log %s '
                             'handshakes; ssl_protocols %s;'
                             % (bare.path('handshakes'), version))
    try:
        bare.start(bare.config(upstreams=[bare.upstream(to=api.address,
                                                        more=more)]))
        said = load(bare, n, clients)
        assert said['errors'] == 0, said
    finally:
        api.stop()
    with open(bare.path('handshakes')) as log:
        lines = log.read().splitlines()
    assert len(lines) == n
    assert {x.split()[0] for x in lines} == {version}
    return lines


def in_full(lines):
    return sum(1 for x in lines if x.split()[1] == '.')


# At the start there is nothing to resume, for none of the clients.
@pytest.mark.parametrize('clients', [1, 64])
@pytest.mark.parametrize('version', ['TLSv1.2', 'TLSv1.3'])
def test_hardly_a_new_connection_shakes_hands_in_full(bare, version, clients):
    bare.seal('keys.age', 'team-a')
    n = 600
    lines = new_connections(bare, version, n + clients, clients)
    # Their lines may come behind those of clients that were quicker.
    full = in_full(lines) - clients
    assert full <= 0.03 * n, full


def test_requests_go_on_after_nginx_was_restarted(served):
    assert served.ask(target='/small').status == 200
    served.api.child.send_signal(signal.SIGHUP)
    with served.raw() as client:
        for _ in range(50):
            assert client.ask(target='/small').status == 200


@pytest.mark.slow
@needs_load
def test_20000_requests_by_64_clients_are_20000_lines(served):
    n = 20000 if not world_module.SANITIZED else 5000
    said = load(served, n, 64)
    assert said['errors'] == 0, said
    lines = served.access(n)
    assert collections.Counter(
        x['http']['response']['status_code'] for x in lines) == {200: n}
    assert {x['sallyport']['key'] for x in lines} == {'team-a'}
    with open(served.path('nginx.access')) as log:
        assert sum(1 for _ in log) == n


@pytest.mark.slow
@needs_load
def test_a_worker_killed_under_load_loses_only_what_it_carried(served):
    n = 20000 if not world_module.SANITIZED else 5000
    process = served.processes[0]
    killed = []

    def kill():
        world_module.wait_until(
            lambda: os.path.exists(served.path('nginx.access')) and
            os.path.getsize(served.path('nginx.access')) > 50000, 'load')
        killed.append(process.workers[0])
        os.kill(killed[0], signal.SIGKILL)
    killer = threading.Thread(target=kill)
    killer.start()
    said = load(served, n, 64)
    killer.join()
    # One request per client at most was in its hands.
    assert said['errors'] == said['lost'], said
    assert said['lost'] + said['raced'] <= 64, said
    world_module.wait_until(lambda: len(process.workers) == 2,
                            'a new worker')
    assert killed[0] not in process.workers
    assert served.ask(target='/small').status == 200


def test_a_large_download_arrives_byte_for_byte(served):
    n = 30 << 20
    with open(served.path('www', 'big'), 'wb') as out:
        for piece in bodies.pieces(n, 3):
            out.write(piece)
    done = served.curl('/big', '-o', served.path('got'))
    assert done.returncode == 0, done.stderr
    with open(served.path('got'), 'rb') as got:
        assert hashlib.sha256(got.read()).hexdigest() == bodies.digest(n, 3)
