"""Fields that routes let pass, and keys in fields of their own."""

import re

import http1
import pytest

PASSABLE = ['Cookie', 'X-Management-Request', 'X-Found-Cluster',
            'es-secondary-authorization', 'es-security-runas-user']


def names(echo):
    return [name.lower() for name, _ in echo['fields']]


def route(**more):
    options = ' '.join('%s = %s;' % item for item in more.items())
    return ('{ name = "all"; upstream = "elastic-cloud"; '
            'keys = [ "team-a" ]; %s }' % options)


# Fields that pass.

@pytest.mark.parametrize('passed', PASSABLE)
def test_a_field_goes_upstream_where_the_route_lets_it_and_no_other_does(
        world, passed):
    secret = 'said-to-the-API-only-%s' % passed
    world.secrets.add(secret)
    world.start(world.config(
        routes=[route(**{'pass': '[ "%s" ]' % passed})],
        log='access = "%s"; level = "debug"; query = true;'
        % world.path('access.ndjson')))
    fields = [(name, secret) for name in PASSABLE]
    fields += [(passed.replace('-', '_') + '_', secret),
               (passed.swapcase(), secret + '2')]
    echo = world.echo(fields=fields)
    assert [f for f in echo['fields'] if f[0].lower() in
            [p.lower() for p in PASSABLE]] == \
        [[passed, secret], [passed.swapcase(), secret + '2']]
    assert not [n for n in names(echo) if n.endswith('_')]
    echo = world.echo(fields=[(passed, secret), ('Connection', passed)])
    assert passed.lower() not in names(echo)
    assert world.access(2)


def test_without_pass_none_of_them_goes_upstream(running):
    echo = running.echo(fields=[(name, 'x') for name in PASSABLE])
    assert not set(names(echo)) & {p.lower() for p in PASSABLE}


def test_check_and_explain_say_which_fields_pass(world):
    config = world.write('c', world.config(routes=[
        route(**{'pass': '[ "cookie", "X-Found-Cluster" ]', 'path': '"/a"'}),
        route().replace('"all"', '"rest"')]))
    done = world.run('check', '-c', config)
    assert done.returncode == 0, done.stderr
    assert [x for x in done.stdout.split('\n') if 'passes' in x] == \
        ['route all passes fields of its clients: Cookie, X-Found-Cluster']
    done = world.run('explain', '-c', config, 'GET', '/a')
    assert 'passes: Cookie, X-Found-Cluster\n' in done.stdout
    done = world.run('explain', '-c', config, 'GET', '/b')
    assert done.returncode == 0 and 'passes' not in done.stdout


@pytest.mark.parametrize('value', ['"Accept"', '"Authorization"',
                                   '"X_Found_Cluster"', '"Cookie2"'])
def test_nothing_else_may_pass(world, value):
    world.refuses(world.config(routes=[route(**{'pass': '[ %s ]' % value})]),
                  r'sallyport.conf:\d+: .*only these may pass: Cookie')


# Keys in fields of their own.

@pytest.fixture
def with_field(bare):
    """A world whose API takes the key in X-Api-Key."""
    bare.seal('keys.age', 'team-a', field='X-Api-Key')
    cloud = bare.cloud(keys={})
    cloud.key_field = 'x-api-key'
    cloud.add_key('team-a', bare.keys['team-a'], '')
    return bare


def test_a_key_with_a_field_is_sent_in_it_and_without_scheme(with_field):
    with_field.start()
    echo = with_field.echo(fields=[
        ('Authorization', 'ApiKey dummy'), ('X-Api-Key', 'mine'),
        ('x_api_key', 'mine'), ('X.Api-KEY', 'mine'), ('X-API-KEY_', 'mine'),
        ('X-Api-Keys', 'other'), ('Connection', 'x-api-key')])
    assert echo['key'] == 'team-a'
    assert 'authorization' not in names(echo)
    assert [f for f in echo['fields'] if 'api' in f[0].lower()] == \
        [['X-Api-Keys', 'other'], ['X-Api-Key', 'key of team-a']]


def test_a_scheme_may_be_given_with_the_field(bare):
    bare.seal('keys.age', 'team-a', field='x-auth', scheme='Token')
    cloud = bare.cloud(keys={})
    cloud.key_field = 'x-auth'
    cloud.add_key('team-a', bare.keys['team-a'], 'Token')
    bare.start()
    assert bare.echo()['key'] == 'team-a'


def test_the_made_up_key_of_a_client_still_chooses_the_route(with_field):
    with_field.start(with_field.config(routes=[route(client_key='"ci"')]))
    echo = with_field.echo(fields=[('Authorization', 'Bearer ci')])
    assert echo['key'] == 'team-a' and 'authorization' not in names(echo)
    assert with_field.ask(fields=[('X-Api-Key', 'ci')]).status == 421


def test_a_key_with_a_field_is_not_sent_back_either(with_field):
    key = with_field.keys['team-a']
    cloud = with_field.clouds[0]
    cloud.handlers['/head'] = lambda call: call.answer(
        b'fine', fields=[('X-Debug', 'x-api-key: ' + key)])
    cloud.handlers['/body'] = lambda call: call.answer(
        b'you sent ' + key.encode())
    with_field.start()
    response = with_field.ask(target='/head')
    assert response.status == 502 and b'key_reflected' in response.data
    with with_field.raw() as client:
        client.request(target='/body')
        with pytest.raises((http1.Truncated, ConnectionResetError)):
            client.response()
        assert key.encode() not in bytes(client.buf)
    assert [x['sallyport']['fault'] for x in with_field.access(2)] == \
        ['key_reflected'] * 2


def test_a_key_with_a_field_can_be_tried(with_field):
    config = with_field.write('c', with_field.config())
    done = with_field.run('check', '--probe', '-c', config)
    assert done.returncode == 0, (done.stdout, done.stderr)


@pytest.mark.parametrize('field', ['Host', 'content_type', 'Cookie', 'TE',
                                   'X-Forwarded-For', 'Proxy-Authorization',
                                   'X Key', 'Authorization_'])
def test_a_field_that_no_key_may_stand_in_is_a_fault(bare, field):
    bare.seal('keys.age', 'team-a', field=field)
    bare.cloud()
    bare.refuses(bare.config(), r"keys.age:\d+: option 'field': ")


# Encodings.

def test_an_upstream_may_be_told_to_encode_nothing(world):
    world.start(world.config(upstreams=[
        world.upstream(more='accept_encoding = "identity";')]))
    for fields in ([], [('Accept-Encoding', 'gzip')],
                   [('accept-encoding', 'br'), ('Accept_Encoding', 'x')]):
        echo = world.echo(fields=fields)
        assert [f for f in echo['fields']
                if re.match('accept.encoding$', f[0], re.I)] == \
            [['Accept-Encoding', 'identity']]


def test_what_a_client_accepts_passes_by_default(running):
    echo = running.echo(fields=[('Accept-Encoding', 'gzip')])
    assert ['Accept-Encoding', 'gzip'] in echo['fields']
    assert 'accept-encoding' not in names(running.echo())


def test_an_unknown_word_for_encodings_is_a_fault(world):
    world.refuses(world.config(upstreams=[
        world.upstream(more='accept_encoding = "gzip";')]),
        r'sallyport.conf:\d+: option .accept_encoding.: "gzip" is not one of '
        r'pass\|identity')
