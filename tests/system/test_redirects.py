"""Where Location and Content-Location lead a client."""

import json

import pytest

import pki as pki_module


def route(name, keys, more=''):
    return '{ name = "%s"; upstream = "elastic-cloud"; keys = [ "%s" ]; %s }' \
        % (name, keys, more)


ROUTES = [route('billing', 'team-b', 'path = "/billing"; strip = true;'),
          route('rest', 'team-a')]


def lead(world, **fields):
    """Whoever asks for /from is answered with these fields."""
    def answer(call):
        call.swallow()
        call.answer(b'', 302, [(name.replace('_', '-'), value)
                               for name, value in fields.items()])
    world.clouds[0].handlers['/from'] = answer


@pytest.mark.parametrize('value', [
    '/test/echo?x=1', 'https://%s/test/echo?x=1' % pki_module.HOST,
    'test/echo?x=1', '../../test/echo?x=1'])
def test_a_client_that_is_led_on_keeps_its_route_and_key(world, value):
    world.start(world.config(routes=ROUTES))
    lead(world, Location=value)
    done = world.curl('/billing/from', '-L')
    got = json.loads(done.stdout)
    assert (got['key'], got['target']) == ('team-b', '/test/echo?x=1')
    assert [r.key for r in world.clouds[0].requests] == ['team-b', 'team-b']


def test_scheme_and_host_of_the_upstream_are_not_told(world):
    world.start(world.config(routes=ROUTES))
    where = 'https://%s/x?y#z' % pki_module.HOST
    lead(world, Location=where, Content_Location=where)
    fields = world.ask(target='/from').fields
    assert fields.one('location') == fields.one('content-location') == '/x?y#z'
    fields = world.ask(target='/billing/from').fields
    assert fields.one('location') == '/billing/x?y#z'
    assert fields.one('content-location') == '/billing/x?y#z'


@pytest.mark.parametrize('value', [
    'https://elsewhere.example/x', 'http://%s/x' % pki_module.HOST,
    'https://%s:8443/x' % pki_module.HOST, '//%s/x' % pki_module.HOST,
    '//elsewhere.example/x', '/\\elsewhere.example/x',
    'https://user@%s/x' % pki_module.HOST, '/.//elsewhere.example'])
def test_what_points_elsewhere_passes_as_it_is(world, value):
    process = world.start(world.config(routes=ROUTES))
    lead(world, Location=value)
    for target in ('/from', '/billing/from'):
        assert world.ask(target=target).fields.one('location') == value
    world.stop(process)
    assert 'leads to what' not in process.stderr


def test_what_another_route_would_serve_passes_and_is_told_once(world):
    process = world.start(world.config(routes=ROUTES, workers=2))
    lead(world, Location='/billing/x')
    for _ in range(20):
        assert world.ask(target='/from').fields.one('location') == '/billing/x'
    lead(world, Location='/%2e%2e/x')
    for _ in range(20):
        assert world.ask(target='/billing/from').fields.one('location') == \
            '/%2e%2e/x'
    world.stop(process)
    told = [line for line in process.stderr.splitlines()
            if 'leads to what' in line]
    assert sorted('route billing' in line for line in told) == [False, True]
    assert all(json.loads(line)['log.level'] == 'warn' for line in told)
