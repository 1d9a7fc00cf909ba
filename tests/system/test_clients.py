"""Real clients are served as their users expect: a row for each client, a
column for each case."""

import hashlib
import json
import os

import bodies
import clients
import elastic
import pytest
import world as world_module

pytestmark = [pytest.mark.slow, pytest.mark.skipif(
    world_module.SANITIZED, reason='real clients: without sanitizers')]

MIB = 1 << 20


def digest(n):
    return hashlib.sha256((bytes(range(251)) * (n // 251 + 1))[:n]).hexdigest()


def ok(**told):
    """What the stand-in must have been told."""
    return 200, {'key': 'team-a', **told}


def error(status, code):
    return status, {'code': code}


# name: (method, target, body, bytes), what the client must be told.
CASES = {
    'GET': (('GET', '/test/echo', 'none', 0),
            ok(method='GET', target='/test/echo', bytes=0)),
    'POST': (('POST', '/test/echo', 'length', 64 * MIB),
             ok(method='POST', framing=64 * MIB, sha256=digest(64 * MIB))),
    'chunked': (('POST', '/test/echo', 'chunked', MIB),
                ok(method='POST', framing='chunked', sha256=digest(MIB))),
    'refused': (('POST', '/api/v1/users/auth/keys', 'length', 64 * MIB),
                error(421, 'sallyport.minting_refused')),
    'too large': (('POST', '/test/echo', 'chunked', 80 * MIB),
                  error(413, 'sallyport.body_too_large')),
    'early 401': (('POST', '/early', 'length', 64 * MIB),
                  error(401, 'root.unauthenticated')),
    'slash': (('GET', '/test/echo/a%2Fb', 'none', 0),
              ok(target='/test/echo/a%2Fb')),
    'braces': (('GET', '/test/echo?q={x}', 'none', 0),
               ok(target='/test/echo?q=%7Bx%7D')),
    'events': (('GET', '/events', 'none', 0), (200, ['1', '2', '3'])),
}

# What a client cannot be made to send, or to hear, and why.
CANNOT = {
    ('Java', 'braces'): 'java.net.URI takes no brace',
}

# The Fetch standard has 421 asked once more, on a connection of its own, where
# the body can be sent again.
AGAIN = {"Node's fetch": 1}


def cannot(name, case):
    if (name, case) == ("Node's fetch", 'refused'):
        # What it would send again it has locked itself (undici 5).
        return clients.node_version() < 20
    return (name, case) in CANNOT


@pytest.fixture(scope='session')
def made():
    """Where clients are built and installed, and stay for the next time."""
    folder = os.path.join(os.path.dirname(os.path.abspath(
        os.environ['SALLYPORT'])), 'tests', 'clients', 'made')
    os.makedirs(folder, exist_ok=True)
    return folder


def refuse_early(call):
    """Reads nothing of the body."""
    body, fields = elastic.error('root.unauthenticated', 'No')
    call.close()
    call.head(401, [*fields, ('Content-Length', str(len(body)))])
    call.raw(body)
    call.wait_gone()


def events_to(client):
    """Each event is sent when the client has told of the one before."""
    def handler(call):
        call.swallow()
        call.head(200, [('Content-Type', 'text/event-stream'),
                        ('Transfer-Encoding', 'chunked')])
        for event in CASES['events'][1][1]:
            call.raw(bodies.chunk(b'data: %s\n\n' % event.encode()))
            client.wait_line('events', 'data: ' + event)
        call.raw(b'0\r\n\r\n')
    return handler


def outcome(client, name):
    """In the shape of what CASES want of it."""
    lines, status = client.of(name, 'line'), client.of(name, 'status')
    if client.of(name, 'error') or len(status) != 1:
        return client.of(name, 'error') or client.stderr
    status, wanted = int(status[0]), CASES[name][1][1]
    if isinstance(wanted, list):
        return status, [line.removeprefix('data: ') for line in lines]
    told = json.loads(''.join(lines))
    if 'errors' in told:
        told = told['errors'][0]
    return status, {k: told.get(k) for k in wanted}


@pytest.mark.parametrize('name', clients.CLIENTS)
def test_a_client_is_told_what_it_must_be_in_every_case(world, made, name):
    client = clients.Client(name, made, world.environment(), world.folder)
    cloud, = world.clouds
    # Its own client talks to Elasticsearch only.
    cloud.common = [('X-Elastic-Product', 'Elasticsearch')]
    cloud.handlers.update({'/early': refuse_early,
                           '/events': events_to(client)})
    world.start(world.config(more='limits = { body = "64MiB"; };'))
    cases = [c for c in CASES if not cannot(name, c)]
    client.run('http://' + world.processes[0].listening[0],
               [(c, *CASES[c][0]) for c in cases])
    assert {c: outcome(client, c) for c in cases} == \
        {c: CASES[c][1] for c in cases}
    # Each asked once, unless it must ask again.
    again = AGAIN.get(name, 0) if 'refused' in cases else 0
    world.access(len(cases) + again)
