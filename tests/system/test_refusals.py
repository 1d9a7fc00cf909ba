"""Requests that the API refuses: what most likely happened, in words."""

import gzip
import json

import pytest

UNKNOWN = 'root.unauthenticated'
ERRORS = json.dumps({'errors': [{'code': UNKNOWN, 'message': 'x'}]}).encode()


def security(reason, **more):
    return json.dumps({'error': {'root_cause': [], 'reason': reason,
                                 'type': 'security_exception', **more},
                       'status': 401}).encode()


def refuse(cloud, code, body, *fields):
    """What the API answers at /test/refuse, whatever the key is."""
    cloud.handlers['/test/refuse'] = lambda call: call.answer(
        body, code, fields, 'Refused')


def status(world, *options):
    return world.run('status', '-c', 'sallyport.conf', *options).stdout


def key(world):
    return json.loads(status(world, '--json'))['keys'][0]


@pytest.mark.parametrize('code, body, fields, words', [
    (401, b'', [('X-Cloud-Error-Codes', UNKNOWN)], 'expired, was revoked'),
    (401, ERRORS, [], 'expired, was revoked'),
    (401, gzip.compress(ERRORS), [('Content-Encoding', 'gzip')],
     'expired, was revoked'),
    (401, gzip.compress(ERRORS)[:-20], [('Content-Encoding', 'gzip')],
     'nothing was said against the key'),
    (401, gzip.compress(bytes(10 ** 7)), [('Content-Encoding', 'gzip')],
     'nothing was said against the key'),
    (401, security('x', additional_unsuccessful_credentials=
                   'API key: api key is expired'), [],
     'the key has expired'),
    (401, security('unable to authenticate user [kim] for action [token]'),
     [], 'tries to log in'),
    (401, b'{"statusCode":401,"error":"Unauthorized"}', [],
     'nothing was said against the key'),
    (401, ERRORS, [('X-Cloud-Error-Codes', 'kibana.unauthorized')],
     'nothing was said against the key'),
    (403, ERRORS, [], 'may not make this call'),
    (403, b'{}', [('X-Cloud-Error-Codes', 'root.permission_denied')],
     'lacks a role'),
    (429, b'slow down', [('x-ratelimit-remaining', '0')], 'quota is spent'),
    (429, b'{"error":{"type":"circuit_breaking_exception"}}', [],
     'short of memory'),
])
def test_the_line_of_a_refused_request_says_what_happened(
        running, code, body, fields, words):
    refuse(running.clouds[0], code, body, *fields)
    response = running.ask(target='/test/refuse')
    assert response.status == code and response.data == body
    line, = running.access(1)
    assert words in line['sallyport']['diagnosis']
    assert line['sallyport']['attempts'] == 1
    assert line['event']['outcome'] == 'failure'


def test_other_answers_have_no_diagnosis(running):
    refuse(running.clouds[0], 404, ERRORS)
    assert running.ask().status == 200
    assert running.ask(target='/test/refuse').status == 404
    assert all('diagnosis' not in line['sallyport']
               for line in running.access(2))


def test_status_and_metrics_tell_of_the_last_refusal(world):
    cloud = world.clouds[0]
    world.start(world.config(more='admin = { address = "unix:%s"; };'
                             % world.path('admin.sock')))
    assert key(world)['refused'] is None
    refuse(cloud, 401, ERRORS)
    assert world.ask(target='/test/refuse').status == 401
    refuse(cloud, 403, b'')
    assert world.ask(target='/test/refuse').status == 403
    world.access(2)
    assert key(world)['rejected'] == 1
    assert 'lacks a role' in key(world)['refused']['diagnosis']
    page = status(world)
    assert 'team-a was refused' in page and 'lacks a role' in page


def test_a_refusal_is_passed_on_while_its_body_still_comes(running):
    def slow(call):
        call.head(401, [('Transfer-Encoding', 'chunked')], 'Refused')
        call.raw(b'5\r\nfirst\r\n')
        call.cloud.wait(lambda c: getattr(c, 'go_on', False))
        call.raw(b'0\r\n\r\n')
    cloud = running.clouds[0]
    cloud.handlers['/test/refuse'] = slow
    with running.raw() as raw:
        raw.request(target='/test/refuse')
        while b'first' not in raw.buf:
            assert raw.fill()
        with cloud.changed:
            cloud.go_on = True
            cloud.changed.notify_all()
        assert raw.response().data == b'first'
    line, = running.access(1)
    assert 'nothing was said' in line['sallyport']['diagnosis']
