"""Which route a request takes, and so whose key it carries."""

import base64
import grp
import hashlib
import itertools
import json
import os
import pwd
import secrets

import pytest


def route(name, keys, more=''):
    return '{ name = "%s"; upstream = "elastic-cloud"; keys = [ "%s" ]; %s }' \
        % (name, keys, more)


def test_two_teams_are_told_apart_by_their_listeners(world):
    sock = world.path('b.sock')
    world.start(world.config(
        listeners=['{ name = "a"; address = "127.0.0.1:0"; }',
                   '{ name = "b"; address = "unix:%s"; mode = "0600"; }'
                   % sock],
        routes=[route('a', 'team-a', 'listener = "a";'),
                route('b', 'team-b', 'listeners = [ "b" ];')]))
    assert world.echo(which=0)['key'] == 'team-a'
    assert world.echo(which='unix:' + sock)['key'] == 'team-b'
    assert os.stat(sock).st_mode & 0o777 == 0o600
    done = world.curl('/api/v1/deployments', '-o', '/dev/null', '-w',
                      '%{http_code}', which='unix:' + sock)
    assert done.stdout == b'200', done


def test_a_path_selects_on_segment_borders_and_is_stripped(world):
    world.start(world.config(routes=[
        route('b', 'team-b', 'path = "/billing"; strip = true;'),
        route('a', 'team-a')]))
    got = world.echo(target='/billing/test/echo?x=1')
    assert (got['key'], got['target']) == ('team-b', '/test/echo?x=1')
    assert world.echo(target='/test/echo')['key'] == 'team-a'
    # Not a segment border: the other route, the target as it is.
    world.clouds[0].handlers['/billing2'] = \
        world.clouds[0].handlers['/test/echo']
    got = world.echo(target='/billing2')
    assert (got['key'], got['target']) == ('team-a', '/billing2')
    world.clouds[0].handlers['/'] = world.clouds[0].handlers['/test/echo']
    got = world.echo(target='/billing')
    assert (got['key'], got['target']) == ('team-b', '/')


def test_without_strip_the_path_stays(world):
    world.start(world.config(routes=[
        route('a', 'team-a', 'path = "/test";')]))
    assert world.echo()['target'] == '/test/echo'


def test_methods_limit_a_route(world):
    world.start(world.config(routes=[
        route('b', 'team-b', 'methods = [ "GET", "HEAD" ];'),
        route('a', 'team-a', 'methods = [ "POST" ];')]))
    assert world.echo('GET')['key'] == 'team-b'
    assert world.echo('POST', body=b'')['key'] == 'team-a'
    response = world.ask('DELETE')
    assert response.status == 421
    assert response.fields.one('x-cloud-error-codes') == 'sallyport.no_route'


def basic(password):
    return 'Basic ' + base64.b64encode(b'any:' + password.encode()).decode()


@pytest.mark.parametrize('form', ['ApiKey {}', 'Bearer {}', 'basic'])
def test_a_dummy_key_selects_a_route(world, form):
    world.start(world.config(routes=[
        route('b', 'team-b', 'client_key = "b-dummy";'),
        route('a', 'team-a', 'client_key = "a-dummy";')]))
    for team in ('a', 'b'):
        dummy = team + '-dummy'
        value = basic(dummy) if form == 'basic' else form.format(dummy)
        got = world.echo(fields=[('Authorization', value)])
        assert got['key'] == 'team-' + team
    for wrong in ('ApiKey c', 'ApiKey b-dumm', 'ApiKey b-dummyy', 'b-dummy'):
        assert world.ask(fields=[('Authorization', wrong)]).status == 421
    assert world.ask().status == 421


def test_a_token_is_known_by_its_digest_in_a_sealed_file(world):
    token = secrets.token_hex(16)
    world.secrets.add(token)
    world.seal_text('clients.age', 'clients = ( { name = "ci"; sha256 = "%s";'
                    ' } );' % hashlib.sha256(token.encode()).hexdigest())
    world.start(world.config(
        sealed=['keys.age', 'clients.age'],
        routes=[route('ci', 'team-a', 'client_key = "ci";')]))
    assert world.echo(fields=[('Authorization', 'ApiKey ' + token)])[
        'key'] == 'team-a'
    assert world.ask(fields=[('Authorization', 'ApiKey ci')]).status == 421


def test_a_token_known_by_its_digest_is_not_logged(world):
    token = secrets.token_hex(16)
    world.secrets.add(token)
    world.seal_text('clients.age', 'clients = ( { name = "ci"; sha256 = "%s";'
                    ' } );' % hashlib.sha256(token.encode()).hexdigest())
    world.start(world.config(
        log='access = "%s"; query = true;' % world.path('access.ndjson'),
        sealed=['keys.age', 'clients.age'],
        routes=[route('ci', 'team-a', 'client_key = "ci";'),
                route('word', 'team-b', 'client_key = "a-mere-word";')]))
    basic = base64.b64encode(b'me:' + token.encode()).decode()
    ask = [('/test/echo?k=' + token, 'ApiKey ' + token, []),
           ('/test/echo/' + token, 'Basic ' + basic, []),
           ('/test/echo', 'Bearer ' + token, [('User-Agent', token)])]
    for target, said, more in ask:
        world.ask('PUT', target, [('Authorization', said), *more], b'')
    # Refused before anything is asked upstream.
    assert world.ask('POST', '/users/auth/keys?k=' + token, [
        ('Authorization', 'ApiKey ' + token)], b'').status == 421
    # An upstream that makes an id of what it is sent.
    world.clouds[0].handlers['/id'] = lambda call: call.answer(
        b'', fields=[('X-Cloud-Request-Id',
                      call.request.fields.one('x-trace'))])
    world.ask(target='/id', fields=[('Authorization', 'ApiKey ' + token),
                                    ('X-Trace', 'of ' + token)])
    world.ask(target='/a-mere-word',
              fields=[('Authorization', 'ApiKey a-mere-word')])
    lines = world.access(6)
    assert token not in json.dumps(lines)
    assert [x['url']['path'] for x in lines] == \
        ['(withheld)'] * 5 + ['/a-mere-word']


def test_a_token_is_not_logged_where_no_route_was_found(world):
    token = secrets.token_hex(16)
    world.secrets.add(token)
    world.seal_text('clients.age', 'clients = ( { name = "ci"; sha256 = "%s";'
                    ' } );' % hashlib.sha256(token.encode()).hexdigest())
    world.start(world.config(
        log='access = "%s"; query = true;' % world.path('access.ndjson'),
        sealed=['keys.age', 'clients.age'],
        routes=[route('ci', 'team-a', 'client_key = "ci"; path = "/ci";')]))
    said = [('Authorization', 'ApiKey ' + token)]
    for target, host, status in (('/other/' + token, 'localhost', 421),
                                 ('/ci', token, 421),
                                 ('/ci/../' + token, 'localhost', 400)):
        with world.raw() as raw:
            assert raw.ask(target=target, fields=said,
                           host=host).status == status
    lines = world.access(3)
    assert token not in json.dumps(lines)
    assert [x['url']['path'] for x in lines] == ['(withheld)'] * 3


def test_the_host_selects_a_route(world):
    world.start(world.config(
        listeners=['{ name = "local"; address = "127.0.0.1:0"; '
                   'hosts = [ "a.local", "b.local" ]; }'],
        routes=[route('b', 'team-b', 'host = "b.local";'),
                route('a', 'team-a')]))
    assert world.echo(host='b.local')['key'] == 'team-b'
    assert world.echo(host='B.local:8080')['key'] == 'team-b'
    assert world.echo(host='a.local')['key'] == 'team-a'
    assert world.ask(host='c.local').status == 421


def test_the_user_on_a_unix_socket_selects_a_route(world):
    me = pwd.getpwuid(os.getuid()).pw_name
    sock = world.path('s')
    world.start(world.config(
        listeners=['{ name = "u"; address = "unix:%s"; }' % sock],
        routes=[route('b', 'team-b', 'users = [ "nobody" ];'),
                route('a', 'team-a', 'users = [ "%s" ];' % me)]))
    assert world.echo(which='unix:' + sock)['key'] == 'team-a'
    line = world.access(1)[0]
    assert line['client']['user']['name'] == me
    assert line['client']['user']['id'] == str(os.getuid())


def test_the_address_of_the_client_selects_a_route(world):
    world.start(world.config(
        routes=[route('b', 'team-b', 'from = [ "192.0.2.0/24", "::2" ];'),
                route('a', 'team-a', 'from = [ "127.0.0.0/8" ];')]))
    assert world.echo()['key'] == 'team-a'


def conditions(on_socket, by_digest):
    """Each of a route on its clients: as one request meets it, and as not."""
    me = pwd.getpwuid(os.getuid()).pw_name
    mine = {os.getgid(), *os.getgroups()}
    other = next(g.gr_name for g in grp.getgrall() if g.gr_gid not in mine)
    where = ('here', 'elsewhere') if on_socket else ('near', 'far')
    who = [('users = [ "%s" ];' % me, 'users = [ "nobody" ];'),
           ('groups = [ "%s" ];' % grp.getgrgid(os.getgid()).gr_name,
            'groups = [ "%s" ];' % other)] if on_socket else \
        [('from = [ "127.0.0.0/8" ];', 'from = [ "192.0.2.0/24" ];')]
    return [*who, *(tuple('%s = "%s";' % (option, value) for value in values)
                    for option, values in (
                        ('listener', where),
                        ('host', ('one.local', 'two.local')),
                        ('client_key', ('ci', 'other') if by_digest else
                         ('a-word', 'another'))))]


@pytest.mark.parametrize('on_socket', [False, True], ids=['tcp', 'unix'])
@pytest.mark.parametrize('by_digest', [False, True], ids=['word', 'digest'])
def test_every_combination_of_conditions_on_clients_holds_as_written(
        world, on_socket, by_digest):
    token = secrets.token_hex(16) if by_digest else 'a-word'
    if by_digest:
        world.secrets.add(token)        # no file may hold it
    world.seal_text('clients.age', 'clients = ( %s );' % ', '.join(
        '{ name = "%s"; sha256 = "%s"; }' % (
            name, hashlib.sha256(value.encode()).hexdigest())
        for name, value in (('ci', token), ('other', 'x' * 32))))
    address = 'unix:' + world.path('%s.sock') if on_socket else '127.0.0.1:0'
    hosts = 'hosts = [ "one.local", "two.local" ];'
    listeners = ['{ name = "%s"; address = "%s"; %s }' % (
        name, address.replace('%s', name), hosts)
        for name in (('here', 'elsewhere') if on_socket else ('near', 'far'))]
    # Without it, met, not met: of each.
    routes = list(itertools.product(*(
        ('', *c) for c in conditions(on_socket, by_digest))))
    world.start(world.config(
        listeners=listeners, sealed=['keys.age', 'clients.age'],
        routes=[route('r%d' % i, 'team-a', 'path = "/%d"; strip = true; ' % i
                      + ' '.join(texts)) for i, texts in enumerate(routes)]))
    assert len(routes) == (243 if on_socket else 81)
    unmet = {c[1] for c in conditions(on_socket, by_digest)}
    for i, texts in enumerate(routes):
        got = world.ask(target='/%d/test/echo' % i, host='one.local',
                        fields=[('Authorization', 'Bearer ' + token)])
        assert got.status == (421 if unmet & set(texts) else 200), texts
    # What the client presents stays here.
    assert len(world.clouds[0].requests) == 2 ** (5 if on_socket else 4)
    for request in world.clouds[0].requests:
        assert request.key == 'team-a'
        assert not [f for f in request.fields if token in f[1]]


def test_a_user_whom_the_listener_does_not_list_is_refused(world):
    sock = world.path('s')
    world.start(world.config(
        listeners=['{ name = "u"; address = "unix:%s"; '
                   'users = [ "nobody" ]; }' % sock]))
    response = world.ask(which='unix:' + sock)
    assert response.status == 421
    assert response.fields.one('x-cloud-error-codes') == \
        'sallyport.client_refused'
    assert not world.clouds[0].connections


def test_explain_says_what_a_request_would_get(world):
    config = world.write('c', world.config(routes=[
        route('b', 'team-b', 'path = "/billing"; strip = true; '
              'methods = [ "GET" ];'),
        route('a', 'team-a', 'path = "/api";')]))
    done = world.run('explain', '-c', config, 'GET', '/billing/x')
    assert done.returncode == 0, done.stderr
    for word in ('team-b', 'elastic-cloud'):
        assert word in done.stdout
    done = world.run('explain', '-c', config, 'GET', '/api/v1/deployments')
    assert 'team-a' in done.stdout
    done = world.run('explain', '-c', config, 'GET', '/other')
    assert 'no_route' in done.stdout + done.stderr
    done = world.run('explain', '-c', config, '-H', 'Host: evil.example',
                     'GET', '/api')
    assert 'host_refused' in done.stdout + done.stderr
    assert not world.clouds[0].connections
