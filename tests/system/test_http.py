"""The corners of HTTP/1.1, on both sides."""

import contextlib
import json
import socket
import ssl
import time

import http1
import pytest
import tcp
import world as world_module
from waiting import wait_still, wait_until
from ways import both_ways_if_full

pytestmark = both_ways_if_full


def test_expect_100_continue_gets_its_100_and_is_served(running):
    with running.raw() as client:
        client.send(b'POST /test/echo HTTP/1.1\r\nHost: localhost\r\n'
                    b'Expect: 100-continue\r\nContent-Length: 5\r\n\r\n')
        assert client.line() == b'HTTP/1.1 100 Continue'
        while client.line():
            pass
        client.send(b'hello')
        response = client.response()
        assert json.loads(response.data)['bytes'] == 5
    done = running.curl('/test/echo', '-H', 'Expect: 100-continue', '-d',
                        'x' * 2000, '--expect100-timeout', '15')
    assert b'"bytes": 2000' in done.stdout


def test_an_early_refusal_comes_instead_of_100(running):
    with running.raw() as client:
        client.send(b'POST /test/echo HTTP/1.1\r\nHost: evil.example\r\n'
                    b'Expect: 100-continue\r\nContent-Length: 5\r\n\r\n')
        response = client.response()
        assert response.status == 421 and not response.interim


def test_other_expectations_are_for_the_api_to_judge(running):
    """RFC 9110 section 10.1.1 leaves 417 to who does not know them."""
    response = running.ask('POST', fields=[('Expect', 'miracles')], body=b'x')
    assert response.status == 200 and not response.interim
    assert running.clouds[0].requests[0].fields.all('expect') == ['miracles']


@pytest.mark.parametrize('fields', [
    [('Connection', 'Upgrade, HTTP2-Settings'), ('Upgrade', 'h2c'),
     ('HTTP2-Settings', 'AAMAAABkAAQAAP__')],
    [('Connection', 'Upgrade'), ('Upgrade', 'TLS/1.2, HTTP/1.1')],
    [('connection', 'upgrade, close'), ('UPGRADE', 'foo/2')],
    [('Upgrade', 'h2c'), ('Upgrade', 'TLS/1.3'), ('http2-settings', '')]])
def test_an_offer_of_another_protocol_is_ignored_and_goes_no_further(
        running, fields):
    for method, body in (('GET', None), ('POST', b'x' * 70000)):
        echo = running.echo(method, fields=fields, body=body)
        assert echo['bytes'] == len(body or b'')
        names = {name.lower() for name, _ in echo['fields']}
        assert not names & {'upgrade', 'http2-settings', 'connection'}


def test_an_offer_of_http_1_0_is_none(running):
    response = running.ask(fields=[('Connection', 'upgrade'),
                                   ('Upgrade', 'websocket')], version='1.0')
    assert response.status == 200


@pytest.mark.parametrize('protocols', ['websocket', 'h2c, WebSocket/13'])
def test_who_asks_for_a_websocket_is_told_that_there_are_none(running,
                                                              protocols):
    response = running.ask(fields=[('Upgrade', protocols)])
    assert response.status == 400
    assert b'WebSocket' in response.data
    assert not running.clouds[0].connections


def test_curl_offers_http_2_and_is_served(running):
    done = running.curl('/test/echo', '--http2')
    assert b'"method": "GET"' in done.stdout, done.stderr


def test_interim_responses_are_passed_on(running):
    response = running.ask(target='/test/interim?n=3')
    assert [r.status for r in response.interim] == [103] * 3
    assert response.interim[2].fields.one('link') == '</2>'
    assert response.data == b'after interim\n'


def test_interim_responses_are_not_sent_to_http_1_0(running):
    response = running.ask(target='/test/interim?n=3', version='1.0')
    assert not response.interim
    assert response.data == b'after interim\n'


def test_head_204_and_304_have_no_body_and_keep_the_connection(running):
    with running.raw() as client:
        response = client.ask('HEAD', '/test/bytes?n=12345')
        assert response.fields.one('content-length') == '12345'
        assert response.data == b''
        assert client.ask(target='/test/status?code=204').status == 204
        response = client.ask(target='/test/status?code=304')
        assert response.status == 304
        assert client.ask().status == 200
    assert len(running.clouds[0].connections) == 1


def test_http_1_0_clients_are_served_and_closed(running):
    with running.raw() as client:
        response = client.ask(version='1.0')
        assert response.status == 200
        assert client.at_end()
    with running.raw() as client:
        response = client.ask(target='/test/bytes?n=5000&chunked=1',
                              version='1.0')
        assert not response.fields.all('transfer-encoding')
        assert len(response.data) == 5000
        assert client.at_end()
    assert running.clouds[0].requests[0].version == 11


def test_http_1_0_clients_may_keep_the_connection(running):
    with running.raw() as client:
        for _ in range(3):
            response = client.ask(version='1.0',
                                  fields=[('Connection', 'keep-alive')])
            assert response.status == 200
            assert response.fields.one('connection') == 'keep-alive'
        assert client.ask(version='1.0').status == 200
        assert client.at_end()
    assert len(running.clouds[0].requests) == 4


def test_connection_close_of_the_client_is_honoured(running):
    with running.raw() as client:
        response = client.ask(fields=[('Connection', 'close')])
        assert response.fields.one('connection') == 'close'
        assert client.at_end()


def test_response_trailers_are_passed_on(running):
    response = running.ask(target='/test/trailers')
    assert response.data == b'hello'
    assert response.trailers.one('x-checksum') == 'abc123'
    assert response.trailers.one('x-last') == 'yes'


def test_an_early_response_reaches_the_client_before_its_body(running):
    with running.raw() as client:
        client.send(b'POST /test/early HTTP/1.1\r\nHost: localhost\r\n'
                    b'Content-Length: 50000000\r\n\r\n' + b'x' * 100000)
        response = client.response()
        assert response.status == 413
        assert response.fields.one('x-cloud-error-codes') == 'root.too_large'
        assert client.at_end()
    assert running.ask().status == 200


def test_curl_sees_an_early_response_to_an_upload(running):
    big = running.path('big')
    with open(big, 'wb') as out:
        out.truncate(30 << 20)
    done = running.curl('/test/early', '-T', big, '-o', '/dev/null', '-w',
                        '%{http_code}')
    assert done.stdout == b'413', done


def test_a_half_closed_client_still_gets_its_answer(running):
    with running.raw() as client:
        client.request('POST', '/api/v1/deployments', body=b'x' * 100)
        client.half_close()
        assert client.response().status == 201
        assert client.at_end()


def test_a_client_half_closed_in_its_body_is_not_a_whole_request(running):
    with running.raw() as client:
        client.send(b'POST /test/echo HTTP/1.1\r\nHost: localhost\r\n'
                    b'Content-Length: 10\r\n\r\nhello')
        client.half_close()
        assert client.at_end()          # nobody is there to be told
    line = running.access(1)[0]
    assert line['sallyport']['fault'] == 'client_gone'
    assert not any(r.complete for r in running.clouds[0].requests)


def test_a_client_that_leaves_cancels_the_exchange_upstream(running):
    client = running.raw()
    client.request(target='/test/stall')
    running.clouds[0].wait_requests(1)
    http1.reset(client.sock)
    assert running.clouds[0].connections[0].closed.wait(
        world_module.LIMIT)
    assert running.clouds[0].requests[0].left_in_time
    line = running.access(1)[0]
    assert line['sallyport']['fault'] == 'client_gone'


def test_a_client_that_closed_its_unix_socket_is_noticed(world):
    world.start(world.config(listeners=[
        '{ name = "local"; address = "unix:%s"; }' % world.path('s')]))
    client = world.raw('unix:' + world.path('s'))
    client.request(target='/test/stall')
    world.clouds[0].wait_requests(1)
    client.close()
    assert world.clouds[0].connections[0].closed.wait(world_module.LIMIT)
    assert world.access(1)[0]['sallyport']['fault'] == 'client_gone'


@pytest.mark.parametrize('behind', [
    b'', b'GET /test/echo HTTP/1.1\r\nHost: localhost\r\n\r\n', b'GET /te'])
def test_a_client_that_resets_with_more_behind_cancels_it_too(
        running, behind):
    client = running.raw()
    client.send(b'GET /test/stall HTTP/1.1\r\nHost: localhost\r\n\r\n'
                + behind)
    running.clouds[0].wait_requests(1)
    http1.reset(client.sock)
    assert running.clouds[0].connections[0].closed.wait(
        world_module.LIMIT)
    assert running.access(1)[0]['sallyport']['fault'] == 'client_gone'


def test_a_client_that_leaves_in_the_response_cancels_it_too(running):
    client = running.raw()
    client.request(target='/test/bytes?n=1000000000')
    http1.Response.read_head(client)
    client.close()
    assert running.clouds[0].connections[0].closed.wait(
        world_module.LIMIT)
    assert running.access(1)[0]['sallyport']['fault'] == 'client_gone'


def test_a_client_that_leaves_in_its_body_is_logged_once(running):
    client = running.raw()
    client.send(b'POST /test/echo HTTP/1.1\r\nHost: localhost\r\n'
                b'Content-Length: 1000\r\n\r\nhello')
    running.clouds[0].wait_requests(1)
    http1.reset(client.sock)
    assert running.access(1)[0]['sallyport']['fault'] == 'client_gone'
    assert running.clouds[0].connections[0].closed.wait(
        world_module.LIMIT)
    assert not running.clouds[0].requests[0].complete


@pytest.mark.parametrize('how', ['close', 'reset'])
@pytest.mark.parametrize('after', ['head', 'body', 'chunk'])
def test_a_cut_response_never_looks_complete(running, after, how):
    with running.raw() as client:
        client.request(target='/test/cut?after=%s&how=%s' % (after, how))
        with pytest.raises((http1.Truncated, http1.Closed,
                            ConnectionResetError)):
            response = client.response()
            # A 502 of our own is fine where nothing had been passed on.
            assert response.status == 502, response.status
            raise http1.Closed
    line = running.access(1)[0]
    assert line['sallyport']['fault'] == 'upstream_protocol'
    assert line['event']['outcome'] == 'failure'


@pytest.mark.parametrize('how', ['close', 'reset'])
def test_an_api_that_closes_instead_of_answering_is_502(running, how):
    response = running.ask('POST', '/test/cut?how=' + how, body=b'x')
    assert response.status == 502
    assert response.fields.one('x-cloud-error-codes') == \
        'sallyport.upstream_protocol'
    assert len(running.clouds[0].requests) == 1


def test_a_body_that_ends_by_closing_is_whole_only_after_close_notify(
        running):
    response = running.ask(target='/test/until-close?n=100000',
                           fields=[('Connection', 'close')])
    assert response.status == 200 and len(response.data) == 100000
    assert response.framing == 'chunked' or response.framing == 'close'
    with running.raw() as client:
        client.request(target='/test/until-close?n=100000&unclean=1')
        with pytest.raises((http1.Truncated, ConnectionResetError)):
            response = client.response()
            assert response.status == 502
            raise http1.Truncated
    lines = running.access(2)
    assert 'fault' not in lines[0]['sallyport']
    assert lines[1]['sallyport']['fault']


def test_pipelined_requests_are_answered_one_by_one_in_order(running):
    with running.raw() as client:
        client.send(b''.join(
            b'POST /test/echo?i=%d HTTP/1.1\r\nHost: localhost\r\n'
            b'Content-Length: %d\r\n\r\n%s' % (i, i, b'x' * i)
            for i in range(30)))
        for i in range(30):
            got = json.loads(client.response().data)
            assert got['target'] == '/test/echo?i=%d' % i
            assert got['bytes'] == i
    seen = running.clouds[0].requests
    assert [r.target for r in seen] == ['/test/echo?i=%d' % i
                                        for i in range(30)]
    assert len(running.access(30)) == 30


def test_a_leading_empty_line_is_tolerated(running):
    with running.raw() as client:
        client.send(b'\r\n')
        assert client.ask().status == 200


@pytest.mark.parametrize('junk', [
    b'HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nabc',
    b'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n'
    b'Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
    b'HTTP/1.1 200 OK\r\nX: a\nY: b\r\n\r\n',
    b'HTTP/1.1 101 Switching Protocols\r\n\r\n',
    b'ICY 200 OK\r\n\r\n', b'<html>no head</html>\r\n\r\n',
    b'HTTP/1.1 2000 OK\r\n\r\n',
    b'HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n'])
def test_an_answer_that_is_not_strict_http_is_502(running, junk):
    def answer(call):
        call.swallow()
        call.raw(junk)
        call.close()
    running.clouds[0].handlers['/junk'] = answer
    with running.raw() as client:
        response = client.ask(target='/junk')
        assert response.status == 502
        assert response.fields.one('x-cloud-error-codes') == \
            'sallyport.upstream_protocol'
    assert running.access(1)[0]['sallyport']['fault'] == 'upstream_protocol'
    assert running.ask().status == 200


def test_an_api_that_does_not_answer_is_504(world):
    world.start(world.config(upstreams=[world.upstream(
        more='timeouts = { response = "500ms"; };')]))
    began = time.monotonic()
    response = world.ask(target='/test/stall')
    assert response.status == 504
    assert response.fields.one('x-cloud-error-codes') == \
        'sallyport.upstream_timeout'
    # Its own time and not the default, 25 s.
    assert 0.4 < time.monotonic() - began < 15
    assert world.clouds[0].requests[0].connection
    assert world.clouds[0].connections[0].closed.wait(world_module.LIMIT)


def test_a_response_body_that_stalls_is_cut_and_logged(world):
    world.start(world.config(upstreams=[world.upstream(
        more='timeouts = { body = "500ms"; };')]))
    with world.raw() as client:
        client.request(target='/test/stall?after=body')
        with pytest.raises((http1.Truncated, ConnectionResetError)):
            client.response()
    assert world.access(1)[0]['sallyport']['fault'] == 'upstream_timeout'


def test_a_client_that_dawdles_with_its_head_is_408(world):
    world.start(world.config(more='timeouts = { head = "400ms"; };'))
    with world.raw() as client:
        client.send(b'GET / HTTP/1.1\r\nHost: local')
        response = client.response()
        assert response.status == 408
        assert client.at_end()
    assert world.access(1)[0]['sallyport']['fault'] == 'request_timeout'


def test_a_client_that_dawdles_with_its_body_is_408(world):
    world.start(world.config(more='timeouts = { body = "400ms"; };'))
    with world.raw() as client:
        client.send(b'POST /test/echo HTTP/1.1\r\nHost: localhost\r\n'
                    b'Content-Length: 100\r\n\r\nhello')
        response = client.response()
        assert response.status == 408
        assert client.at_end()
    assert world.access(1)[0]['sallyport']['fault'] == 'request_timeout'
    assert world.clouds[0].connections[0].closed.wait(world_module.LIMIT)


def test_an_idle_client_is_closed_without_a_word_or_a_line(world):
    world.start(world.config(more='timeouts = { idle = "1s"; };'))
    with world.raw() as client:
        assert client.at_end()
    with world.raw() as client:
        assert client.ask().status == 200
        assert client.at_end()
    world.access(1)


def test_a_client_that_asks_and_does_not_read_holds_few_exchanges(running):
    request = b'GET / HTTP/1.1\r\nHost: elsewhere\r\n\r\n'
    with running.raw() as raw:
        raw.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        raw.sock.setblocking(False)
        sent = [0]

        def send():
            with contextlib.suppress(BlockingIOError, ssl.SSLWantWriteError):
                while True:
                    # From where a request that was cut goes on.
                    rest = sent[0] % len(request)
                    sent[0] += raw.sock.send((request * 1000)[rest:])
            return sent[0]

        wait_until(lambda: send() and len(running.access()) > 1000,
                   'many exchanges')
        wait_still(send, 'the client to be held back', 1)
        ended = len(running.access())
    # Those it held end with the client.
    all_of_them = wait_still(lambda: len(running.access()), 'the rest', 1)
    assert 0 < all_of_them - ended < 300
