"""explain says what run does: the same request, asked of both."""

import re

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


@pytest.mark.parametrize('part, words', [
    ('the method', ('GE(T', '/')),
    ('the target', ('GET', 'test')), ('the target', ('GET', '/a b')),
    ('the target', ('GET', '/%zz')),
    ('a field', ('-H', 'a b: c', 'GET', '/')),
    ('a field', ('-H', 'Content-Length: x', 'GET', '/')),
    ('its parts do not go together', ('GET', '*')),
    ('its parts do not go together',
     ('-H', 'Host: a', '-H', 'Host: b', 'GET', '/'))])
def test_the_part_that_is_no_http_is_named(world, part, words):
    config = world.write('c', world.config())
    done = world.run('explain', '-c', config, *words)
    assert done.returncode == 1
    assert re.search('^refused: bad_request: .*: %s$' % part, done.stdout,
                     re.M), done.stdout


@pytest.mark.parametrize('words', [
    ('GET',), ('GET', '/', 'x'), ('-H', 'x', 'GET', '/'),
    ('-H', 'a: b\r\nc: d', 'GET', '/'), ('GET', '/\r\n')])
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
