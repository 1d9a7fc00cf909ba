"""Real clients of a TLS listener, with a certificate and without one."""

import hashlib
import json

import clients
import pytest
import world as world_module
from test_clients import made       # noqa: F401

pytestmark = [pytest.mark.slow, pytest.mark.skipif(
    world_module.SANITIZED, reason='real clients: without sanitizers'),
    pytest.mark.parametrize('name', clients.TLS_CLIENTS)]

NAME = 'spiffe://corp/team-a/ci'
MIB = 1 << 20
CASES = [('GET', 'GET', '/test/echo', 'none', 0),
         ('POST', 'POST', '/test/echo', 'length', MIB),
         ('again', 'GET', '/test/echo', 'none', 0)]
DIGESTS = [hashlib.sha256((bytes(range(251)) * (n // 251 + 1))[:n]
                          ).hexdigest() for *_, n in CASES]

ROUTE = '{ name = "%s"; %s upstream = "elastic-cloud"; keys = [ "%s" ]; }'


def start(world, required):
    """Who has a certificate has another route, and key, than who has none."""
    pem = world.pki.server('listener', ('localhost', '127.0.0.1'))
    world.start(world.config(listeners=[
        '{ name = "tls"; address = "127.0.0.1:0"; tls = { certificate = "%s"; '
        'certificate_key = "%s"; client_ca = "%s"; required = %s; }; }'
        % (pem, pem, world.pki.ca, required)], routes=[
            ROUTE % ('named', 'certificate = [ "%s" ];' % NAME, 'team-a'),
            ROUTE % ('all', '', 'team-b')]))


def call(world, folder, name, pem=None):
    env = {**world.environment(), 'CLIENT_CA': world.pki.ca}
    if pem is not None:
        env['CLIENT_CERTIFICATE'] = clients.store(pem) if name == 'Java' \
            else pem
    client = clients.Client(name, folder, env, world.folder)
    client.run('https://' + world.processes[0].listening[0], CASES)
    return client


def told(client):
    """What the API was told in each case, or what the client says instead."""
    return [json.loads(''.join(client.of(case, 'line'))) if
            client.of(case, 'status') == ['200'] else
            client.of(case, 'error') or client.stderr
            for case, *_ in CASES]


def check_told(client, key):
    got = told(client)
    assert all(isinstance(x, dict) for x in got), got
    assert [x['key'] for x in got] == [key] * len(CASES)
    assert [x['sha256'] for x in got] == DIGESTS


@pytest.mark.parametrize('required', ['true', 'false'])
def test_a_client_with_a_certificate_is_known_by_it(world, made, name,
                                                    required):
    start(world, required)
    check_told(call(world, made, name, world.pki.client(
        'ci', names=['URI:' + NAME])), 'team-a')
    lines = world.access(len(CASES))
    assert {x['client']['user']['name'] for x in lines} == {NAME}
    assert {x['sallyport']['route'] for x in lines} == {'named'}


def test_a_client_without_a_certificate_is_anybody(world, made, name):
    start(world, 'false')
    check_told(call(world, made, name), 'team-b')
    assert {x['sallyport']['route'] for x in world.access(len(CASES))} == \
        {'all'}


@pytest.mark.parametrize('which', ['none', 'of others'])
def test_a_client_is_told_that_it_is_refused(world, made, name, stranger,
                                             which):
    start(world, 'true')
    client = call(world, made, name, None if which == 'none' else
                  stranger.client('ci', names=['URI:' + NAME]))
    assert not any(isinstance(x, dict) for x in told(client)), told(client)
    # By the alert, unless they are busy with a body when it comes.
    for case in 'GET', 'again':
        error = ''.join(client.of(case, 'error')).lower()
        assert 'alert' in error or 'tls' in error or 'ssl' in error, error
    assert world.access(0) == world.clouds[0].requests == []
