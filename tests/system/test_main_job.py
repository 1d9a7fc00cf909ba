"""A request without a key goes in, one with the right key goes out."""

import http.client
import json

import elastic
import pki as pki_module
import pytest
from waiting import LIMIT


def authorization(request):
    return request.fields.all('authorization')


def test_curl_gets_the_deployments_without_having_a_key(running):
    done = running.curl('/api/v1/deployments', '-i')
    assert done.returncode == 0, done.stderr
    head, body = done.stdout.split(b'\r\n\r\n', 1)
    assert head.startswith(b'HTTP/1.1 200')
    assert body == elastic.deployments('team-a')
    seen = running.clouds[0].requests[0]
    assert authorization(seen) == ['ApiKey ' + running.keys['team-a']]
    assert seen.fields.all('host') == [pki_module.HOST]


def test_python_keeps_its_connection_over_many_requests(running):
    host, port = running.processes[0].listening[0].split(':')
    connection = http.client.HTTPConnection(host, int(port), timeout=LIMIT)
    for i in range(20):
        connection.request('PUT', '/api/v1/deployments/%d' % i, b'x' * i)
        response = connection.getresponse()
        assert response.status == 200
        assert json.loads(response.read())['received'] == i
    connection.close()
    assert [r.key for r in running.clouds[0].requests] == ['team-a'] * 20
    assert len({x['client']['port'] for x in running.access(20)}) == 1


@pytest.mark.parametrize('mine', [
    [('Authorization', 'ApiKey dummy')],
    [('Authorization', 'Bearer a'), ('authorization', 'Bearer b')],
    [('AUTHORIZATION', 'Basic eDp5')],
    [('Proxy-Authorization', 'Basic eDp5'), ('Cookie', 'session=1')],
    [('es-secondary-authorization', 'ApiKey x'),
     ('es-security-runas-user', 'admin')],
    [('X-Found-Cluster', 'abc'), ('X-Management-Request', 'true')],
    [('Connection', 'X-Private, close'), ('X-Private', 'yes')],
    [('Keep-Alive', 'timeout=5'), ('TE', 'trailers'),
     ('Proxy-Connection', 'keep-alive')],
])
def test_what_the_client_must_not_say_does_not_reach_the_api(running, mine):
    assert running.ask(fields=mine).status == 200
    seen = running.clouds[0].requests[0]
    assert authorization(seen) == ['ApiKey ' + running.keys['team-a']]
    for name, _ in mine:
        if name.lower() not in ('authorization', 'connection'):
            assert not seen.fields.all(name), name
    assert 'private' not in (seen.fields.one('connection') or '').lower()


def test_end_to_end_fields_pass_unchanged_both_ways(running):
    mine = [('Accept', 'application/json'), ('Accept-Encoding', 'gzip'),
            ('If-Match', '"abc"'), ('X-Request-Id', 'r-1'),
            ('X-Twice', 'one'), ('X-Twice', 'two'), ('X-Empty', ''),
            ('User-Agent', 'terraform/1.9'), ('X-Latin', 'caf\xe9')]
    assert running.ask(fields=mine).status == 200
    seen = running.clouds[0].requests[0].fields
    for name, value in mine:
        assert value in seen.all(name), name
    assert seen.all('x-twice') == ['one', 'two']

    def answer(call):
        call.answer(b'ok', fields=[('ETag', '"1"'), ('Set-Cookie', 'a=1'),
                                   ('Set-Cookie', 'b=2'),
                                   ('X-Elastic-Product', 'Elasticsearch'),
                                   ('Location', 'https://elsewhere/')])
    running.clouds[0].handlers['/mine'] = answer
    response = running.ask(target='/mine')
    assert response.fields.all('set-cookie') == ['a=1', 'b=2']
    assert response.fields.one('etag') == '"1"'
    assert response.fields.one('x-elastic-product') == 'Elasticsearch'


def test_redirects_are_passed_on_and_not_followed(running):
    running.clouds[0].handlers['/moved'] = lambda call: call.answer(
        status=302, fields=[('Location', 'https://evil.example/')])
    assert running.ask(target='/moved').status == 302
    assert len(running.clouds[0].requests) == 1


@pytest.mark.parametrize('method', ['GET', 'POST', 'PUT', 'PATCH', 'DELETE',
                                    'OPTIONS', 'SEARCH'])
def test_any_method_passes(running, method):
    body = None if method in ('GET', 'OPTIONS') else b'{"a": 1}'
    got = running.echo(method, '/test/echo?q=%20x', body=body)
    assert got['method'] == method
    assert got['target'] == '/test/echo?q=%20x'
    assert got['bytes'] == len(body or b'')


def test_a_delete_may_have_a_body(running):
    got = running.echo('DELETE', body=b'{"keys":["a"]}')
    assert got['bytes'] == 14


def test_the_absolute_form_works_as_http_proxy_sends_it(running):
    host = pki_module.HOST
    got = running.echo(target='http://%s/test/echo?x=1' % host, host=host)
    assert got['target'] == '/test/echo?x=1'
    done = running.curl('/unused', '--proxy', 'http://' + running.processes[
        0].listening[0], '--noproxy', 'nothing',
        'http://%s/test/echo' % host, '-o', '/dev/null', '-w', '%{http_code}')
    assert done.stdout.startswith(b'200'), done


def test_a_401_of_the_api_is_passed_on(world):
    world.cloud(keys={})
    world.start(world.config(
        upstreams=[world.upstream(to=world.clouds[1].address)]))
    response = world.ask(target='/api/v1/deployments')
    assert response.status == 401
    assert response.fields.one('x-cloud-error-codes') == \
        'root.unauthenticated'


def test_a_key_with_another_scheme_is_sent_with_it(bare):
    bare.seal('keys.age', 'team-a', scheme='Bearer')
    cloud = bare.cloud(keys={})
    cloud.add_key('team-a', bare.keys['team-a'], 'Bearer')
    bare.start()
    assert bare.echo()['key'] == 'team-a'


def test_keys_from_several_sealed_files_and_globs_serve(bare):
    import os
    os.mkdir(bare.path('more'))
    bare.seal('keys.age', 'team-a')
    bare.seal('more/b.age', 'team-b')
    bare.cloud()
    bare.start(bare.config(sealed=['keys.age', 'more/*.age'], routes=[
        '{ name = "b"; path = "/b"; strip = true; '
        'upstream = "elastic-cloud"; keys = [ "team-b" ]; }',
        '{ name = "a"; upstream = "elastic-cloud"; keys = [ "team-a" ]; }']))
    assert bare.echo()['key'] == 'team-a'
    assert bare.echo(target='/b/test/echo')['key'] == 'team-b'


def test_an_identity_made_by_the_program_opens_what_age_seals(bare):
    import os
    os.unlink(bare.identity)
    done = bare.run('keygen', '-o', bare.identity)
    assert done.returncode == 0, done.stderr
    bare.recipient = [w for w in (done.stdout + done.stderr).split()
                      if w.startswith('age1')][0]
    assert os.stat(bare.identity).st_mode & 0o777 == 0o600
    bare.seal('keys.age', 'team-a')
    bare.cloud()
    bare.start()
    assert bare.echo()['key'] == 'team-a'
    again = bare.run('keygen', '-o', bare.identity)
    assert again.returncode == 1 and again.stderr
