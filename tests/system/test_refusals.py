"""Requests that the API refuses: what most likely happened, in words."""

import gzip
import json

import pytest
import refusals
from refusals import security

UNKNOWN = 'root.unauthenticated'
PROBE = '/api/v1/deployments'
ERRORS = json.dumps({'errors': [{'code': UNKNOWN, 'message': 'x'}]}).encode()


def refuse(cloud, code, body, *fields):
    """What the API answers at /test/refuse, whatever the key is."""
    cloud.handlers['/test/refuse'] = lambda call: call.answer(
        body, code, fields, 'Refused')


def status(world, *options):
    return world.run('status', '-c', 'sallyport.conf', *options).stdout


def key(world):
    return json.loads(status(world, '--json'))['keys'][0]


SAID = [
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
]


@pytest.mark.parametrize('code, body, fields, words', SAID, ids=range(len(SAID)))
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


def test_line_and_status_say_of_each_refusal_what_happened(world):
    world.start(world.config(more='admin = { address = "unix:%s"; };'
                             % world.path('admin.sock')))
    assert len(refusals.ROWS) > 25
    for n, row in enumerate(refusals.ROWS, 1):
        fields, body = refusals.answer(row)
        refuse(world.clouds[0], row.status, body, *fields)
        assert world.ask(target='/test/refuse').status == row.status
        line = world.access(n)[-1]
        assert line['sallyport']['diagnosis'] == row.words, row.name
        told = key(world)['refused']
        assert told['diagnosis'] == row.words, row.name
        assert row.words in ' '.join(status(world).split()), row.name


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


# The one try with the next key.

def asked(cloud):
    """What clients asked, without the probes that a suspicion brings."""
    return [r for r in cloud.requests if r.path != PROBE]


def dead(cloud, *names):
    """From now on the API does not know these keys."""
    for digest, name in list(cloud.digests.items()):
        if name in names:
            del cloud.digests[digest]


def two_keys(world, **more):
    world.start(world.config(routes=[
        '{ name = "all"; upstream = "elastic-cloud"; '
        'keys = [ "team-a", "team-b" ]; }'], **more))
    return world.clouds[0]


@pytest.mark.parametrize('method, body', [
    ('GET', None), ('POST', b'x' * 20000), ('PATCH', b'{}'),
    ('DELETE', None)])
def test_a_revoked_key_costs_its_caller_nothing(world, method, body):
    cloud = two_keys(world)
    dead(cloud, 'team-a')
    response = world.ask(method, '/test/echo', body=body)
    assert response.status == 200
    said = json.loads(response.data)
    assert said['key'] == 'team-b' and said['bytes'] == len(body or b'')
    line, = world.access(1)
    ours = line['sallyport']
    assert ours['key'] == 'team-b' and ours['refused_key'] == 'team-a'
    assert ours['attempts'] == 2 and 'fault' not in ours
    assert 'revoked' in ours['diagnosis']


def test_of_a_head_the_next_key_is_tried_too(world):
    cloud = two_keys(world)
    dead(cloud, 'team-a')
    with world.raw() as raw:
        response = raw.ask('HEAD', '/test/echo')
        assert response.status == 200
    assert world.access(1)[0]['sallyport']['attempts'] == 2


def test_where_no_key_is_good_the_caller_gets_the_answer_of_the_api(world):
    cloud = two_keys(world)
    dead(cloud, 'team-a', 'team-b')
    response = world.ask()
    assert response.status == 401
    assert json.loads(response.data)['errors'][0]['code'] == UNKNOWN
    assert len(asked(cloud)) == 2
    assert world.access(1)[0]['sallyport']['key'] == 'team-b'


def test_a_body_that_is_not_kept_is_not_sent_again(world):
    cloud = two_keys(world)
    dead(cloud, 'team-a')
    assert world.ask('POST', '/test/echo', body=bytes(10 ** 6)).status == 401
    assert len(asked(cloud)) == 1
    assert world.access(1)[0]['sallyport']['attempts'] == 1


NOTHING_SAID = [
    (403, ERRORS, [('X-Cloud-Error-Codes', UNKNOWN)]),
    (429, ERRORS, [('X-Cloud-Error-Codes', UNKNOWN)]),
    (401, ERRORS, [('X-Cloud-Error-Codes', 'kibana.unauthorized')]),
    (401, b'{"statusCode":401,"error":"Unauthorized"}', []),
    (401, security('unable to authenticate user [kim] for action [token]'),
     []),
    (401, gzip.compress(ERRORS)[:-20], [('Content-Encoding', 'gzip')]),
    (401, b' ' * 10 ** 7 + ERRORS, []),
]


@pytest.mark.parametrize('code, body, fields', NOTHING_SAID, ids=range(len(NOTHING_SAID)))
def test_what_says_nothing_against_the_key_is_asked_once(world, code, body,
                                                         fields):
    cloud = two_keys(world)
    refuse(cloud, code, body, *fields)
    response = world.ask(target='/test/refuse')
    assert response.status == code and response.data == body
    assert len(asked(cloud)) == 1


def only_b(cloud, refusal):
    """At /test/refuse the API refuses the first key in this way."""
    def handler(call):
        if call.request.key == 'team-b':
            call.answer(b'fine')
        else:
            refusal(call)
    cloud.handlers['/test/refuse'] = handler


REFUSALS = [
    lambda call: call.answer(gzip.compress(ERRORS), 401,
                             [('Content-Encoding', 'gzip')]),
    lambda call: call.answer(bytes(10 ** 7), 401,
                             [('X-Cloud-Error-Codes', UNKNOWN)]),
    # Before the request's body was read.
    lambda call: (call.head(401, [('X-Cloud-Error-Codes', UNKNOWN),
                                  ('Content-Length', '0')]), call.close()),
]


@pytest.mark.parametrize('refusal', REFUSALS, ids=range(len(REFUSALS)))
def test_the_next_key_is_tried_however_it_was_refused(world, refusal):
    cloud = two_keys(world)
    only_b(cloud, refusal)
    response = world.ask('POST', '/test/refuse', body=b'x' * 5000)
    assert response.status == 200 and response.data == b'fine'
    assert [r.key for r in asked(cloud)] == ['team-a', 'team-b']
    assert asked(cloud)[1].bytes == 5000


def test_a_refusal_without_end_is_not_waited_for(world):
    cloud = two_keys(world)

    def endless(call):
        call.head(401, [('X-Cloud-Error-Codes', UNKNOWN),
                        ('Transfer-Encoding', 'chunked')])
        while True:
            call.raw(b'1000\r\n' + bytes(0x1000) + b'\r\n')
    only_b(cloud, endless)
    assert world.ask(target='/test/refuse').data == b'fine'


def test_an_answer_to_the_second_try_with_the_first_key_is_refused(world):
    cloud = two_keys(world)
    value = world.keys['team-a']

    def handler(call):
        if call.request.key == 'team-a':
            call.refuse(401, UNKNOWN, 'x')
        else:
            call.answer(b'', fields=[('X-First', value)])
    cloud.handlers['/test/refuse'] = handler
    response = world.ask(target='/test/refuse')
    assert response.status == 502
    assert 'key_reflected' in response.fields.one('x-cloud-error-codes')
