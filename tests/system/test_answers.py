"""Answers of our own: Elastic's shape, the right status, never 403 or 404."""

import base64
import email.utils
import json
import os
import re
import ssl
import threading
import time
from urllib.parse import quote

import bodies
import http1
import pytest
from waiting import LIMIT
from ways import both_ways, both_ways_if_full


def assert_ours(response, code, status):
    assert response.status == status, (response.status, response.data)
    assert response.fields.one('x-cloud-error-codes') == 'sallyport.' + code
    assert response.fields.one('content-type') == 'application/json'
    assert_date(response.fields.one('date'))
    error, = json.loads(response.data)['errors']
    assert error['code'] == 'sallyport.' + code
    assert error['message']


def message(response):
    return json.loads(response.data)['errors'][0]['message']


def test_a_very_long_host_is_named_in_part(running):
    host = 'a' * 60 + '.' + 'b' * 400
    response = running.ask(host=host)
    assert_ours(response, 'host_refused', 421)
    assert host not in message(response)
    assert host[:200] in message(response)


def test_a_client_that_speaks_tls_to_a_plain_port_is_told(running):
    with running.raw() as raw:
        context = ssl.create_default_context()
        inward, outward = ssl.MemoryBIO(), ssl.MemoryBIO()
        tls = context.wrap_bio(inward, outward, server_hostname='localhost')
        with pytest.raises(ssl.SSLWantReadError):
            tls.do_handshake()
        raw.send(outward.read())
        response = raw.response()
        assert_ours(response, 'bad_request', 400)
        assert 'this is TLS' in message(response)
        assert raw.at_end()
    assert_line(running, 'bad_request', 400)
    assert 'this is TLS' in running.access(1)[0]['message']


def test_no_value_of_a_client_is_in_what_it_is_told(running):
    secret = 'a-secret-of-the-client'
    for field in ('Authorization: %s\x01', 'Cookie: a=%s\0', '%s : x',
                  'X: y\r\n %s', 'Content-Length: %s', 'Host: @%s'):
        with running.raw() as raw:
            raw.send(('GET / HTTP/1.1\r\n' + field % secret +
                      '\r\n\r\n').encode())
            response = raw.response()
            assert_ours(response, 'bad_request', 400)
            assert secret not in message(response)


def assert_date(value):
    """Now, in the one form that is not obsolete."""
    assert re.fullmatch(r'[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} '
                        r'\d\d:\d\d:\d\d GMT', value)
    when = email.utils.parsedate_to_datetime(value)
    assert abs(when.timestamp() - time.time()) < 60
    assert value.startswith(when.strftime('%a, '))


def assert_line(world, code, status):
    line = world.access(1)[0]
    assert line['sallyport']['fault'] == code
    assert line['http']['response']['status_code'] == status
    assert line['event']['outcome'] == 'failure'


HEAD = 'GET /test/echo HTTP/1.1\r\nHost: localhost\r\n'


@both_ways
@pytest.mark.parametrize('raw', [
    HEAD + 'Bad Name: x\r\n\r\n',
    HEAD + 'X : y\r\n\r\n',
    HEAD + 'X: a\r\n folded\r\n\r\n',
    HEAD + 'X: a\nY: b\r\n\r\n',
    HEAD + 'Content-Length: 1, 1\r\n\r\nx',
    HEAD + 'Content-Length: +1\r\n\r\nx',
    HEAD + 'Content-Length: 1\r\nContent-Length: 1\r\n\r\nx',
    HEAD + 'Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
    HEAD + 'Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n',
    'GET /test/echo HTTP/1.1\r\n\r\n',
    'GET /test/echo HTTP/1.1\r\nHost: localhost\r\nHost: localhost\r\n\r\n',
    'GET /a#b HTTP/1.1\r\nHost: localhost\r\n\r\n',
    'CONNECT localhost:443 HTTP/1.1\r\nHost: localhost:443\r\n\r\n',
    'GET  / HTTP/1.1\r\nHost: localhost\r\n\r\n',
    'GET / HTTP/2.0\r\nHost: localhost\r\n\r\n',
    'nonsense\r\n\r\n',
])
def test_what_is_not_strictly_valid_is_400_and_the_end(running, raw):
    with running.raw() as client:
        client.send(raw.encode())
        assert_ours(client.response(), 'bad_request', 400)
        assert client.at_end()
    assert not running.clouds[0].connections
    assert_line(running, 'bad_request', 400)


@both_ways
@pytest.mark.parametrize('method,target,fields', [
    ('GET', '//a', []), ('GET', '/a%00', []), ('GET', '/a%zz', []),
    ('GET', '/a\\b', []), ('TRACE', '/', []),
    ('GET', '/', [('Upgrade', 'websocket'), ('Connection', 'upgrade')]),
])
def test_what_nobody_may_ask_for_is_400(running, method, target, fields):
    assert_ours(running.ask(method, target, fields), 'bad_request', 400)
    assert not running.clouds[0].connections
    assert_line(running, 'bad_request', 400)


@both_ways_if_full
@pytest.mark.parametrize('target', [
    '/test/echo/../../b', '/test/echo/%2e%2e/%2e%2e/b', '/./b', '/b%2fc'])
def test_what_can_be_read_as_two_routes_is_400(world, target):
    """And passes where there is one."""
    routes = ['{ name = "b"; path = "/b"; upstream = "elastic-cloud"; '
              'keys = [ "team-b" ]; }',
              '{ name = "all"; upstream = "elastic-cloud"; '
              'keys = [ "team-a" ]; }']
    process = world.start(world.config(routes=routes))
    assert_ours(world.ask(target=target), 'bad_request', 400)
    assert not world.clouds[0].connections
    assert_line(world, 'bad_request', 400)
    world.stop(process)
    world.start(world.config(routes=routes[1:]))
    world.ask(target=target)
    assert [r.target for r in world.clouds[0].requests] == [target]


@both_ways
def test_bad_chunks_are_400_and_never_a_whole_request(running):
    with running.raw() as client:
        client.send(b'POST /test/echo HTTP/1.1\r\nHost: localhost\r\n'
                    b'Transfer-Encoding: chunked\r\n\r\n'
                    b'5\r\nhello\r\nzz\r\n')
        assert_ours(client.response(), 'bad_request', 400)
        assert client.at_end()
    assert not any(r.complete for r in running.clouds[0].requests)


@pytest.mark.parametrize('host', ['evil.example', 'localhost.evil.example',
                                  '127.0.0.2', '[::2]:80'])
def test_a_host_that_is_not_ours_is_refused_by_its_name(running, host):
    response = running.ask(host=host)
    assert_ours(response, 'host_refused', 421)
    assert '"%s"' % host in message(response)
    assert not running.clouds[0].connections
    assert_line(running, 'host_refused', 421)


@pytest.mark.parametrize('host', ['localhost', 'LOCALHOST:1', '127.0.0.1:99',
                                  '[::1]', 'api.elastic-cloud.com'])
def test_the_usual_names_of_this_machine_are_accepted(running, host):
    assert running.ask(host=host).status == 200


@pytest.mark.parametrize('field', [
    ('Origin', 'http://evil.example'), ('Origin', 'null'),
    ('Sec-Fetch-Site', 'cross-site'), ('Sec-Fetch-Site', 'same-site'),
    ('Access-Control-Request-Method', 'GET')])
def test_web_pages_are_refused(running, field):
    assert_ours(running.ask(fields=[field]), 'browser_refused', 421)
    assert not running.clouds[0].connections


def test_no_cors_field_is_ever_added(running):
    response = running.ask(fields=[('Sec-Fetch-Site', 'none')])
    assert response.status == 200
    assert not any(n.lower().startswith('access-control')
                   for n, _ in response.fields)


@pytest.mark.parametrize('method,target', [
    ('POST', '/api/v1/users/auth/keys'),
    ('POST', '/api/v1/users/auth/keys/'),
    ('POST', '/api/v1/deployments/1/elasticsearch/main/_reset-password'),
])
def test_calls_that_mint_credentials_are_refused(running, method, target):
    response = running.ask(method, target, body=b'{}')
    assert_ours(response, 'minting_refused', 421)
    assert not running.clouds[0].connections


def test_an_encoded_letter_hides_no_such_call(running):
    response = running.ask('POST', '/api/v1/users/auth/%6beys', body=b'{}')
    assert_ours(response, 'minting_refused', 421)
    assert not running.clouds[0].connections


def test_minting_is_allowed_where_the_route_says_so(world):
    world.start(world.config(routes=[
        '{ name = "a"; upstream = "elastic-cloud"; keys = [ "team-a" ]; '
        'allow_minting = true; }']))
    response = world.ask('POST', '/api/v1/users/auth/keys', body=b'{}')
    assert response.status == 404       # by the stand-in
    assert not response.fields.one('x-cloud-error-codes').startswith(
        'sallyport')


def test_too_long_a_target_is_414(running):
    assert_ours(running.ask(target='/' + 'a' * 9000), 'target_too_long', 414)
    assert_line(running, 'target_too_long', 414)


def refuse(world, head, status, n=1):
    """The line of a head that is refused, and what came with it."""
    with world.raw() as client:
        client.send(head)
        response = client.response(head.split(b' ')[0].decode())
        assert response.status == status
        assert client.at_end()
    return world.access(n)[-1], response


@pytest.mark.parametrize('rest,status', [
    (b'HTTP/1.1\r\nHost: localhost\r\nA : b\r\n\r\n', 400),
    (b'HTTP/1.1\r\n\r\n', 400),
    (b'HTTP/1.1\r\nHost: localhost\r\nX: ' + b'a' * 40000, 431)])
@pytest.mark.parametrize('method', ['GET', 'HEAD'])
def test_a_refused_head_is_known_by_its_request_line(running, method, rest,
                                                     status):
    line, response = refuse(
        running, method.encode() + b' /x/y?secret=1 ' + rest, status)
    assert line['http']['request']['method'] == method
    assert line['http']['version'] == '1.1'
    assert line['url'] == {'path': '/x/y'}
    assert line['http']['response']['body']['bytes'] == len(response.data)
    assert (len(response.data) == 0) == (method == 'HEAD')
    assert int(response.fields.one('content-length')) > 0


@pytest.mark.parametrize('n', [9000, 40000])
def test_too_long_a_target_is_cut_in_the_log_and_says_so(running, n):
    line, _ = refuse(running, b'GET /' + b'a' * n + b' HTTP/1.1\r\n\r\n', 414)
    assert line['url']['path'] == '/' + 'a' * 8191 + ' (cut)'
    assert line['http']['request']['method'] == 'GET'


def test_too_long_a_query_is_not_logged_either(running):
    line, _ = refuse(running, b'HEAD /a?' + b'b' * 9000 + b' HTTP/1.1\r\n',
                     414)
    assert line['url'] == {'path': '/a'}


def test_what_looks_like_a_key_is_not_logged_of_a_refused_head(running):
    key = running.keys['team-a'].rstrip('=').encode()
    line, _ = refuse(running, b'GET /%s HTTP/1.1\r\nA : b\r\n' % key, 400)
    assert line['url']['path'] == '/essu_'


def test_of_a_malformed_request_line_only_what_is_valid_is_logged(running):
    line, _ = refuse(running, b'GET /\x01 HTTP/1.1\r\n', 400)
    assert line['http']['request']['method'] == 'GET'
    assert 'url' not in line and 'version' not in line['http']
    line, _ = refuse(running, b'\x16\x03\x01\x02 / HTTP/1.1\r\n', 400, 2)
    assert 'method' not in line['http']['request'] and 'url' not in line


def test_a_head_that_comes_too_slowly_is_known_by_its_request_line(world):
    world.start(world.config(more='timeouts = { head = "300ms"; };'))
    line, response = refuse(world, b'HEAD /slow HTTP/1.1\r\nHost:', 408)
    assert line['http']['request']['method'] == 'HEAD'
    assert line['url']['path'] == '/slow'
    assert response.data == b''


@pytest.mark.parametrize('fields', [
    [('X-Big', 'a' * 40000)],
    [('X-%d' % i, 'b') for i in range(120)]])
def test_too_large_a_head_is_431(running, fields):
    assert_ours(running.ask(fields=fields), 'head_too_large', 431)
    assert_line(running, 'head_too_large', 431)


def test_a_refusal_keeps_the_connection_where_framing_is_clear(running):
    with running.raw() as client:
        for _ in range(2):
            assert_ours(client.ask(host='evil.example'), 'host_refused', 421)
        assert client.ask().status == 200


def test_no_answer_names_more_of_the_upstream_than_its_name(world):
    world.clouds[0].stop()
    world.start()
    response = world.ask()
    assert_ours(response, 'upstream_unreachable', 502)
    assert b'elastic-cloud' in response.data
    assert b'127.0.0.1' not in response.data
    assert str(world.clouds[0].port).encode() not in response.data


@pytest.mark.parametrize('chunked', [False, True])
def test_too_large_a_body_is_413(world, chunked):
    world.start(world.config(more='limits = { body = "1KiB"; };'))
    with world.raw() as client:
        if chunked:
            client.send(b'POST /test/echo HTTP/1.1\r\nHost: localhost\r\n'
                        b'Transfer-Encoding: chunked\r\n\r\n'
                        b'600\r\n' + b'x' * 0x600 + b'\r\n0\r\n\r\n')
        else:
            client.request('POST', body=b'x' * 2000)
        assert_ours(client.response(), 'body_too_large', 413)
        assert client.at_end()
    assert_line(world, 'body_too_large', 413)
    assert not any(r.complete for r in world.clouds[0].requests)


def test_an_expired_key_is_not_sent(bare):
    bare.seal('keys.age', 'team-a', expires='2020-01-01T00:00:00Z')
    cloud = bare.cloud(keys={})
    # It is tried, as only its file says so.
    bare.start().wait_line('key-expired')
    response = bare.ask()
    assert_ours(response, 'key_unavailable', 503)
    assert [r.target for r in cloud.requests] == ['/api/v1/deployments']
    # It would only make clients ask again and again.
    assert not response.fields.all('retry-after')


def test_the_next_key_serves_where_the_first_has_expired(bare):
    bare.keys['team-b'] = bare.new_key('team-b')
    bare.seal('old.age', 'team-a', expires='2020-01-01T00:00:00Z')
    bare.seal('new.age', 'team-b')
    bare.cloud(keys={'team-b': bare.keys['team-b']})
    bare.start(bare.config(
        sealed=['old.age', 'new.age'],
        routes=['{ name = "all"; upstream = "elastic-cloud"; '
                'keys = [ "team-a", "team-b" ]; }'])).wait_line('key-expired')
    assert bare.echo()['key'] == 'team-b'


def test_a_response_with_the_key_in_a_field_is_not_passed_on(running):
    key = running.keys['team-a']
    running.clouds[0].handlers['/mirror'] = lambda call: call.answer(
        b'fine', fields=[('X-Debug', 'you sent %s to us' % key)])
    response = running.ask(target='/mirror')
    assert_ours(response, 'key_reflected', 502)
    assert not any(key in value for _, value in response.fields)
    assert_line(running, 'key_reflected', 502)


@pytest.mark.parametrize('chunked', [False, True])
@pytest.mark.parametrize('split', [0, 1, 20, 96])
def test_a_response_with_the_key_in_its_body_is_cut(running, split, chunked):
    key = running.keys['team-a'].encode()
    body = b'x' * 5000 + key + b'y' * 5000

    def handler(call):
        call.swallow()
        parts = [body[:5000 + split], body[5000 + split:]]
        call.head(200, [('Transfer-Encoding', 'chunked')] if chunked else
                  [('Content-Length', str(len(body)))])
        for part in parts:
            call.raw(b'%x\r\n%s\r\n' % (len(part), part) if chunked
                     else part)
        if chunked:
            call.raw(b'0\r\n\r\n')
    running.clouds[0].handlers['/mirror'] = handler
    with running.raw() as client:
        client.request(target='/mirror')
        got = b''
        try:
            while client.fill():
                pass
        except ConnectionResetError:
            pass
        got = bytes(client.buf)
    assert key not in got and key[20:60] not in got
    if b' 502 ' not in got[:20]:
        assert not got.endswith(b'0\r\n\r\n')
        assert len(got) < 10000
    line = running.access(1)[0]
    assert line['sallyport']['fault'] == 'key_reflected'


FORMS = {
    'percent': lambda key: quote(key, safe=''),
    'percent twice': lambda key: quote(quote(key, safe=''), safe=''),
    'every byte': lambda key: ''.join('%%%02x' % ord(c) for c in key),
    'slashes': lambda key: key.replace('/', '\\/'),
    'unicode': lambda key: ''.join('\\u%04X' % ord(c) for c in key),
    'some unicode': lambda key: key.replace('_', '\\u005f'),
    'entities': lambda key: ''.join(
        c if c.isalnum() else '&#x%X;' % ord(c) for c in key),
    'decimal': lambda key: key.replace('_', '&#95;').replace('+', '&#43;'),
    'for urls': lambda key: key.translate(str.maketrans('+/', '-_')),
    'no padding': lambda key: key.rstrip('='),
}


def receive_all(client):
    try:
        while client.fill():
            pass
    except ConnectionResetError:
        pass
    return bytes(client.buf)


def in_pieces(body, size):
    """A handler that sends them as chunks."""
    def handler(call):
        call.swallow()
        call.head(200, [('Transfer-Encoding', 'chunked')])
        for at in range(0, len(body), size):
            call.raw(bodies.chunk(body[at:at + size]))
        call.raw(b'0\r\n\r\n')
    return handler


@pytest.mark.parametrize('form', sorted(FORMS))
def test_a_response_with_the_key_in_another_form_is_stopped(running, form):
    written = FORMS[form](running.keys['team-a'])
    handlers = running.clouds[0].handlers
    handlers['/field'] = lambda call: call.answer(
        b'', status=302, fields=[('Location', 'https://a/?k=' + written)])
    handlers['/hint'] = lambda call: (
        call.raw(b'HTTP/1.1 103 Early Hints\r\nLink: <%s>\r\n\r\n'
                 % written.encode()), call.answer(b'fine'))
    for target in '/field', '/hint':
        response = running.ask(target=target)
        assert_ours(response, 'key_reflected', 502)
        assert written[:40] not in str(response.fields)

    # The letters that all keys begin with may pass, and seven bytes more.
    most = len(FORMS[form]('essu_')) + 7
    for size in 1, 3:
        handlers['/body'] = in_pieces(written.encode(), size)
        with running.raw() as client:
            client.request(target='/body')
            got = receive_all(client)
        chunks = got.partition(b'\r\n\r\n')[2].split(b'\r\n')[1::2]
        assert len(b''.join(chunks)) <= most
        assert written.encode().startswith(b''.join(chunks))
        assert not got.endswith(b'\r\n0\r\n\r\n')
    faults = [line['sallyport']['fault'] for line in running.access(4)]
    assert faults == ['key_reflected'] * 4


@pytest.mark.parametrize('n', [1, 7])
def test_what_ends_like_the_beginning_of_a_key_arrives_at_once(running, n):
    """As an event does that others follow later, or never."""
    key = running.keys['team-a'].encode()
    arrived = threading.Event()

    def handler(call):
        call.swallow()
        call.head(200, [('Transfer-Encoding', 'chunked')])
        call.raw(bodies.chunk(b'data: ' + key[5:5 + n]))
        assert arrived.wait(LIMIT)
        call.raw(bodies.chunk(key[5 + n:] + b'\n\n'))
    running.clouds[0].handlers['/events'] = handler
    with running.raw() as client:
        client.request(target='/events')
        try:
            while not bytes(client.buf).endswith(
                    b'data: %s\r\n' % key[5:5 + n]):
                assert client.fill()
        finally:
            arrived.set()
        # It was remembered.
        assert key[5:13] not in receive_all(client)
    assert running.access(1)[0]['sallyport']['fault'] == 'key_reflected'


def test_the_secret_within_a_key_is_looked_for_too(world):
    secret = base64.urlsafe_b64encode(os.urandom(16)).decode().rstrip('=')
    world.keys['team-a'] = base64.b64encode(
        b'VuaCfGcBCdbkQm-e5aOx:' + secret.encode()).decode()
    world.seal('keys.age', 'team-a')
    world.clouds[0].add_key('team-a', world.keys['team-a'])
    world.start()
    world.clouds[0].handlers['/mirror'] = lambda call: call.answer(
        json.dumps({'api_key': secret}).encode())
    with world.raw() as client:
        client.request(target='/mirror', fields=[('Connection', 'close')])
        assert secret[:8].encode() not in receive_all(client)
    assert world.access(1)[0]['sallyport']['fault'] == 'key_reflected'


@pytest.mark.parametrize('last', ['body', 'trailer', 'trailer name'])
def test_a_key_is_not_passed_by_way_of_trailers(running, last):
    key = running.keys['team-a'].rstrip('=').encode()
    split = len(key) if last == 'body' else len(key) - 3
    if last == 'trailer name':
        split = len(key) - 1
    field = {'body': b'X: 1', 'trailer': b'X: ' + key[split:],
             'trailer name': b'%%%02x: 1' % key[-1]}[last]

    def handler(call):
        call.swallow()
        call.head(200, [('Transfer-Encoding', 'chunked')])
        call.raw(b'%x\r\n%s\r\n0\r\n%s\r\n\r\n'
                 % (split, key[:split], field))
    running.clouds[0].handlers['/mirror'] = handler
    with running.raw() as client:
        client.request(target='/mirror')
        got = receive_all(client)
    assert key[:20] not in got and not got.endswith(b'\r\n0\r\n\r\n')
    assert running.access(1)[0]['sallyport']['fault'] == 'key_reflected'


def test_the_reason_phrase_is_not_passed(running):
    key = running.keys['team-a'].encode()
    running.clouds[0].handlers['/mirror'] = lambda call: call.raw(
        b'HTTP/1.1 200 %s\r\nContent-Length: 2\r\n\r\nok' % key)
    with running.raw() as client:
        client.request(target='/mirror')
        while not client.buf.endswith(b'ok'):
            assert client.fill()
        assert client.buf.startswith(b'HTTP/1.1 200 OK\r\n')


def test_texts_that_only_resemble_the_key_pass(running):
    key = running.keys['team-a']
    body = '\n'.join([
        key[:-6], key[6:], key.lower(), quote(key[:-6], safe=''),
        '%', '\\', '&', '%2', '\\u00', '&#', '100 %', key[:20] + '%2',
    ]).encode()
    running.clouds[0].handlers['/mirror'] = lambda call: call.answer(body)
    assert running.ask(target='/mirror').data == body


def test_a_request_that_comes_while_it_stops_is_503(world):
    import signal
    process = world.start()
    with world.raw() as busy, world.raw() as other:
        busy.request(target='/test/stall')
        world.clouds[0].wait_requests(1)
        other.send(b'GET /test/echo HTTP/1.1\r\nHost: localhost\r\n')
        assert world.ask().status == 200        # both were accepted
        process.signal(signal.SIGTERM)
        process.wait_line('stopping')
        other.send(b'\r\n')
        try:
            response = other.response()
            if response.status != 200:
                assert_ours(response, 'draining', 503)
                assert response.fields.one('retry-after')
        except (http1.Closed, OSError):
            pass                # it had not said enough to be answered
        http1.reset(busy.sock)
        process.wait_exit()


def test_the_date_of_the_api_is_passed_on(running):
    said = 'Sun, 06 Nov 1994 08:49:37 GMT'
    running.clouds[0].handlers['/dated'] = lambda call: call.answer(
        b'', fields=[('Date', said)])
    assert running.ask(target='/dated').fields.all('date') == [said]
