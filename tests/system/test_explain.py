"""explain says what run does: the same request, asked of both."""

import json

import pytest

ROUTES = [
    '{ name = "b"; path = "/billing"; strip = true; '
    'methods = [ "GET", "POST" ]; upstream = "elastic-cloud"; '
    'keys = [ "team-b" ]; }',
    '{ name = "ci"; client_key = "ci"; upstream = "elastic-cloud"; '
    'keys = [ "team-a" ]; }',
    '{ name = "a"; path = "/test"; upstream = "elastic-cloud"; '
    'keys = [ "team-a" ]; }',
]

# method, target, Host, other fields
CASES = [
    ('GET', '/billing/test/echo?x=1', None, ()),
    ('PUT', '/billing/test/echo', None, ()),
    ('GET', '/test/echo', None, ()),
    ('GET', '/test/echo', 'LOCALHOST:1234', ()),
    ('GET', '/test/echo', 'evil.example', ()),
    ('GET', '/test/echo', None, (('Origin', 'null'),)),
    ('GET', '/test/echo', None, (('Sec-Fetch-Site', 'cross-site'),)),
    ('GET', '/test/echo', None, (('Sec-Fetch-Site', 'none'),)),
    ('GET', '/test/echo', None, (('Upgrade', 'h2c'),)),
    ('GET', '/test/echo', None, (('X-HTTP-Method-Override', 'PUT'),)),
    ('TRACE', '/test/echo', None, ()),
    ('GET', '//test/echo', None, ()),
    ('GET', '/test;x/echo', None, ()),
    ('GET', '/billing/../test/echo', None, ()),
    ('GET', '/%62illing/test/echo', None, ()),
    ('GET', '/other', None, ()),
    ('GET', '/other/test/echo', None, (('Authorization', 'Bearer x'),)),
    ('GET', '/test/echo', None, (('Authorization', 'ApiKey ci'),)),
    ('POST', '/test/users/auth/keys', None, ()),
    ('POST', '/billing/test/Users/AUTH/keys/', None, ()),
    ('POST', '/test/d/_reset-password', None, ()),
]


def explain(world, config, method, target, host, fields):
    options = []
    if host is not None:
        options += ['-H', 'Host: ' + host]
    for field in fields:
        options += ['-H', '%s: %s' % field]
    done = world.run('explain', '-c', config, *options, method, target)
    said = dict(line.split(': ', 1) for line in done.stdout.splitlines()
                if not line.startswith(' '))
    refused = said.get('refused', '').split(':')[0]
    assert done.returncode == (1 if refused else 0), done.stderr
    assert done.stderr == ('sallyport: this request would be refused: %s\n'
                           % refused if refused else '')
    return said


def test_explain_and_run_judge_alike(world):
    world.start(world.config(routes=ROUTES))
    config = world.path('sallyport.conf')
    for method, target, host, fields in CASES:
        said = explain(world, config, method, target, host, fields)
        response = world.ask(method=method, target=target, fields=fields,
                             host=host or 'localhost')
        code = response.fields.one('x-cloud-error-codes')
        case = (method, target, host, fields, said, response)
        if 'refused' in said:
            assert code == 'sallyport.' + said['refused'].split(':')[0], case
            continue
        assert response.status == 200, case
        echo = world.echo(method=method, target=target, fields=fields,
                          host=host or 'localhost')
        assert (echo['key'], echo['target']) == \
            (said['key'], said['target']), case


# What is refused, and what both say of it.
BROKEN = [
    ('GE(T', '/', (), "the method holds a '('"),
    ('GET', 'test', (), 'the target begins neither with "/" nor with '
     '"http://" or "https://"'),
    ('GET', '/a b', (), 'the path holds a raw blank'),
    ('GET', '/a?b c', (), 'the query holds a raw blank'),
    ('GET', '/a?b\tc', (), 'the query holds a raw tab'),
    ('GET', '/%zz', (), 'the path holds a "%" without two hexadecimal '
     'digits'),
    ('GET', '*', (), 'the target begins with "*", which stands alone and '
     'with OPTIONS'),
    ('GET', '/', (('a b', 'c'),), 'the name of field 1 holds a blank'),
    ('GET', '/', (('X-Sum', 'a\x01'),),
     'the value of X-Sum holds the byte 0x01'),
    ('GET', '/', (('Content-Length', 'x'),), 'Content-Length is not a number'),
    ('GET', '/', (('Host', 'a'), ('Host', 'b')),
     'Host is there more than once'),
    ('GET', '/', (('Host', 'a@b'),),
     'Host is not a host with or without a port'),
    ('PRI', '*', (), None),
]


@pytest.mark.parametrize('method, target, fields, said', BROKEN)
def test_what_is_no_http_is_told_by_part_and_byte_by_both(
        world, method, target, fields, said):
    world.start(world.config())
    config = world.path('sallyport.conf')
    options = [x for n, v in fields for x in ('-H', '%s: %s' % (n, v))]
    done = world.run('explain', '-c', config, *options, method, target)
    assert done.returncode == 1
    refused = [x for x in done.stdout.split('\n')
               if x.startswith('refused: bad_request: ')]
    assert len(refused) == 1
    host = None if any(n == 'Host' for n, _ in fields) else 'localhost'
    with world.raw() as raw:
        # As explain writes it: the client's own fields come first.
        lines = ['%s %s HTTP/1.1' % (method, target)]
        lines += ['%s: %s' % f for f in fields]
        lines += ['Host: ' + host] if host else []
        raw.send('\r\n'.join([*lines, '', '']).encode())
        response = raw.response()
    assert response.status == 400
    message = json.loads(response.data)['errors'][0]['message']
    assert refused[0] == 'refused: bad_request: ' + message
    if said is not None:
        assert message == 'bad request: ' + said


@pytest.mark.parametrize('words', [
    ('GET',), ('GET', '/', 'x'), ('-H', 'x', 'GET', '/'),
    ('-H', 'a: b\r\nc: d', 'GET', '/'), ('GET', '/\r\n'),
    ('--from', 'unix:/x', 'GET', '/'), ('--from', '10.0.0.0/8', 'GET', '/')])
def test_what_is_no_request_is_wrong_usage(world, words):
    config = world.write('c', world.config())
    assert world.run('explain', '-c', config, *words).returncode == 2


def test_an_unknown_listener_or_user_is_said(world):
    config = world.write('c', world.config())
    done = world.run('explain', '-c', config, '--listener', 'x', 'GET', '/')
    assert done.returncode == 1 and '"x"' in done.stderr
    config = world.write('c', world.config(
        listeners=['{ name = "u"; address = "unix:%s"; }' % world.path('s')]))
    done = world.run('explain', '-c', config, '--user', 'no such user',
                     'GET', '/')
    assert done.returncode == 1 and 'no such user' in done.stderr


@pytest.mark.parametrize('method,target,host,unmet', [
    ('PUT', '/billing/x', 'localhost', "its method is none of 'methods'"),
    ('GET', '/x', 'localhost', "its path does not begin with 'path'"),
    ('GET', '/billing/x', '127.0.0.1', "its Host is another than 'host'"),
    ('POST', '/u/x', 'localhost', "its user is none of 'users' and in none "
     "of 'groups'"),
])
def test_of_each_route_that_is_none_it_is_said_why(world, method, target, host,
                                                   unmet):
    config = world.write('c', world.config(routes=[
        '{ name = "b"; path = "%s"; methods = [ "GET", "POST" ]; %s'
        'host = "localhost"; upstream = "elastic-cloud"; '
        'keys = [ "team-a" ]; }' % (
            ('/u', 'users = [ "65533" ]; ') if target == '/u/x'
            else ('/billing', ''))],
        listeners=['{ name = "l"; address = "unix:%s"; }'
                   % world.path('u.sock')]))
    done = world.run('explain', '-c', config, '-H', 'Host: ' + host, method,
                     target)
    assert done.returncode == 1
    assert done.stdout.splitlines()[-1] == '  not route b: ' + unmet


@pytest.mark.parametrize('options,route', [
    ((), 'here'), (('--from', '127.9.9.9'), 'here'),
    (('--from', '192.0.2.77'), 'there'),
    (('--from', '::ffff:192.0.2.77'), 'there'),
    (('--from', '2001:db8::1'), None)])
def test_the_address_of_a_client_can_be_told(world, options, route):
    config = world.write('c', world.config(routes=[
        '{ name = "here"; from = [ "127.0.0.0/8" ]; '
        'upstream = "elastic-cloud"; keys = [ "team-a" ]; }',
        '{ name = "there"; from = [ "192.0.2.0/24" ]; '
        'upstream = "elastic-cloud"; keys = [ "team-b" ]; }']))
    done = world.run('explain', '-c', config, *options, 'GET', '/')
    if route is not None:
        assert done.returncode == 0 and 'route: %s\n' % route in done.stdout
    else:
        assert done.returncode == 1
        assert ("not route there: its client's address is in none of 'from'"
                in done.stdout)
