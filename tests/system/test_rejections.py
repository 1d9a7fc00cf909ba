"""Keys that the API no longer takes: only a probe's 401 rejects one, and it
comes back when it works again."""

import gzip
import json
import os
import random
import signal
import threading
import time

import elastic
import http1
import pytest
import refusals
import world as world_module
from steered import Steered, needs_steered
from waiting import LIMIT, wait_until
from world import FULL

CROWD = 16                      # clients that want a key rejected
TURNS = 200 if FULL else 30     # of each, three times
HELD = 10                       # seconds that a probe takes at most
CALM = 60                       # that a key is not suspected after one
GRACE = 60                      # that a route's last key serves, rejected
PROBED = '/api/v1/deployments'
REFUSED = json.dumps({'errors': [{'code': 'root.unauthenticated',
                                  'message': 'x'}]}).encode()


@pytest.fixture
def two(bare):
    """A route with two keys."""
    bare.seal('keys.age', 'old', 'new')
    bare.api = bare.cloud()
    return bare


def start(world, keys=('old', 'new'), own='', env=(), **more):
    more.setdefault('workers', 2)
    more.setdefault('more', 'admin = { address = "unix:%s"; };'
                    % world.path('admin.sock'))
    return world.start(world.config(
        routes=['{ name = "all"; upstream = "elastic-cloud"; keys = [ %s ]; }'
                % ', '.join('"%s"' % k for k in keys)],
        upstreams=[world.upstream(more=own)], sealed=('keys.age',), **more),
                       env=env)


def revoke(world, name):
    """The API knows it no longer; returns what brings it back."""
    digest = next(d for d, n in world.api.digests.items() if n == name)
    del world.api.digests[digest]
    return digest


def probes(world):
    return [r for r in world.api.requests if r.target == PROBED]


def metric(world, name):
    text = world.ask(target='/metrics', which='unix:' + world.path(
        'admin.sock')).data.decode()
    return sum(float(line.split()[-1]) for line in text.splitlines()
               if line.startswith(name))


def test_a_revoked_key_is_rejected_by_a_probe_and_the_next_one_serves(two):
    process = start(two)
    assert two.ask().status == 200
    revoke(two, 'old')
    assert two.ask().status == 200
    process.wait_line('key-rejected')
    seen = len(two.api.requests)
    for _ in range(10):
        assert two.ask().status == 200
    assert {r.key for r in two.api.requests[seen:]
            if r.target != PROBED} == {'new'}
    assert process.stderr.count('key-rejected') == 1
    process.wait_line('probe of key old at upstream elastic-cloud: '
                      'answered 401, the key is rejected')
    # A probe is no request of a client.
    assert len(two.access(12)) == 12
    assert PROBED not in json.dumps(two.access(12))


def test_a_rejected_key_comes_back_when_it_works(two):
    process = start(two)
    digest = revoke(two, 'old')
    assert two.ask().status == 200
    process.wait_line('key-rejected')
    two.api.digests[digest] = 'old'
    process.wait_line('key-recovered')
    wait_until(lambda: two.ask().status == 200 and
               two.api.requests[-1].key == 'old', 'it serves again')


def test_an_end_that_a_probe_is_not_told_costs_a_key_moments_only(two):
    # A service behind the API says that; the API itself knows of no end.
    two.api.handlers['/test/lie'] = lambda call: call.answer(
        b'{}', fields=[(elastic.EXPIRATION, '2026-01-02T03:04:05Z')])
    answer = threading.Event()
    two.api.handlers[PROBED] = \
        lambda call: (answer.wait(30), call.answer(b'{}'))
    process = start(two)

    def served_by(target='/test/echo'):
        assert two.ask(target=target).status == 200
        return [r.key for r in two.api.requests if r.target != PROBED][-1]
    try:
        assert served_by('/test/lie') == 'old'
        process.wait_line('key-expired')
        wait_until(lambda: served_by() == 'new', 'the next one serves')
    finally:
        answer.set()
    process.wait_line('key-recovered')
    wait_until(lambda: served_by() == 'old', 'it serves again')
    # It may say so as often as it likes.
    for _ in range(20):
        assert served_by('/test/lie') == 'old'
    assert process.stderr.count('key-expired') == 1
    assert process.stderr.count('key-expiration-seen') == 1
    assert len(probes(two)) == 1


@pytest.mark.parametrize('status, body, n', [
    (401, REFUSED, 1),          # what a client can have the API say
    (401, b'{}', 0),
    (403, REFUSED, 0),
])
def test_no_answer_to_a_client_rejects_a_key_that_works(two, status, body, n):
    two.api.handlers['/test/refuse'] = lambda call: call.answer(
        body, status, (), 'Refused')
    process = start(two, keys=('old',))
    for i in range(60):
        assert two.ask(target='/test/refuse').status == status
    wait_until(lambda: len(probes(two)) >= n, 'it is probed')
    for _ in range(20):
        assert two.ask(target='/test/refuse').status == status
    assert two.ask().status == 200
    assert two.api.requests[-1].key == 'old'
    assert len(probes(two)) == n
    assert 'key-rejected' not in process.stderr


def answers():
    """Each 401 that says something against a key, or nothing, as it is and
    compressed; by fields and body."""
    errors = [(f, b) for f, b in map(refusals.answer, (
        r for r in refusals.ROWS if r.status == 401))]
    errors += [([], json.dumps({'errors': [{'code': f[0][1]}]}).encode())
               for f, _ in errors if f]
    return errors + [([*f, ('Content-Encoding', 'gzip')], gzip.compress(b))
                     for f, b in errors]


ANSWERS = answers()


def refuse_as_asked(call):
    """As /test/refuse/N says; some come in chunks, or end too soon."""
    fields, body = ANSWERS[int(call.request.path.rpartition('/')[2])]
    how = call.request.query('how')
    if how == 'whole':
        call.answer(body, 401, fields, 'Refused')
        return
    call.swallow()
    call.head(401, [*fields, ('Transfer-Encoding', 'chunked')], 'Refused')
    # A body behind HEAD would be read as the answer to whoever comes next.
    bodiless = call.request.method == 'HEAD'
    if body and not bodiless:
        call.raw(b'%x\r\n%s\r\n' % (len(body), body))
    if how == 'cut':
        call.close()
    elif not bodiless:
        call.raw(b'0\r\n\r\n')


def ask_for_refusals(world, seed, turns):
    """A client that wants the keys rejected."""
    dice = random.Random(seed)
    for _ in range(turns):
        with world.raw() as raw:
            method = dice.choice(['GET', 'POST', 'PUT', 'HEAD', 'DELETE'])
            raw.request(method, '/test/refuse/%d?how=%s' % (
                dice.randrange(len(ANSWERS)),
                dice.choice(['whole', 'whole', 'chunks', 'cut'])),
                [('Authorization', 'ApiKey nobody')],
                b'x' * dice.randrange(3000) if method[0] == 'P' else None)
            if dice.random() < 0.1:
                continue                        # it does not wait
            try:
                assert raw.response(method).status in (401, 502)
            except (http1.Truncated, http1.Closed):
                pass                            # it was cut


@pytest.mark.slow
@pytest.mark.parametrize('keys', [('old',), ('old', 'new')])
def test_no_sequence_of_calls_by_clients_rejects_a_key_that_works(two, keys):
    """Not even while the probes take long."""
    go_on = threading.Event()

    def slow(call):
        go_on.wait(HELD)
        call.json({})
    begun = time.monotonic()
    two.api.handlers[PROBED] = slow
    two.api.handlers['/test/refuse'] = refuse_as_asked
    process = start(two, keys=keys, workers=4, log='access = "none";')

    def burst(seed):
        clients = [threading.Thread(target=ask_for_refusals, args=(
            two, seed + i, TURNS)) for i in range(CROWD)]
        for client in clients:
            client.start()
        for client in clients:
            client.join()
    burst(0)
    wait_until(lambda: {r.key for r in probes(two)} == set(keys),
               'those that are suspect are probed')
    burst(CROWD)
    go_on.set()
    wait_until(lambda: all(metric(
        two, 'sallyport_key_probes_total{key="%s",result="accepted"}' % k)
        for k in keys), 'the probes are over')
    burst(2 * CROWD)
    for _ in range(20):
        assert two.ask().status == 200
    # What clients asked who did not wait may still be tried with both.
    assert [r.key for r in two.api.requests
            if r.target == '/test/echo'] == ['old'] * 20
    # One each, and for a minute after that none.
    most = 1 + int((time.monotonic() - begun) / CALM)
    for key in keys:
        assert 1 <= [r.key for r in probes(two)].count(key) <= most
    assert 'key-rejected' not in process.stderr


def test_a_probe_that_is_answered_otherwise_rejects_nothing(two):
    """It is probed where the API says 401 of something else."""
    two.api.handlers[PROBED] = lambda call: call.answer(
        b'{"code":"other"}', 401, (), 'Refused')
    two.api.handlers['/test/refuse'] = lambda call: call.answer(
        REFUSED, 401, (), 'Refused')
    process = start(two, keys=('old',))
    assert two.ask(target='/test/refuse').status == 401
    process.wait_line('neither accepted nor rejected')
    assert two.ask().status == 200
    assert 'key-rejected' not in process.stderr


def without_end(call, begin, *fields):
    call.head(401, [*fields, ('Transfer-Encoding', 'chunked')], 'Refused')
    if begin:
        call.raw(b'%x\r\n%s\r\n' % (len(begin), begin))
    while True:
        call.raw(b'1000\r\n' + b' ' * 0x1000 + b'\r\n')


CODE = ('X-Cloud-Error-Codes', 'root.unauthenticated')
LONG = [                        # what a probe is told, and whether it rejects
    (lambda call: call.answer(bytes(10 ** 7), 401, [CODE], 'Refused'), True),
    (lambda call: call.answer(REFUSED + b' ' * 10 ** 7, 401, (), 'Refused'),
     True),
    (lambda call: call.answer(b' ' * 10 ** 7 + REFUSED, 401, (), 'Refused'),
     False),
    (lambda call: without_end(call, b'', CODE), True),
    (lambda call: without_end(call, REFUSED), True),
    (lambda call: without_end(call, b'{'), False),
]


@pytest.mark.parametrize('answer, rejects', LONG, ids=range(len(LONG)))
def test_a_probe_waits_for_no_end_of_a_401(two, answer, rejects):
    two.api.handlers[PROBED] = answer
    two.api.handlers['/test/refuse'] = lambda call: call.answer(
        REFUSED, 401, (), 'Refused')
    process = start(two, keys=('old',))
    assert two.ask(target='/test/refuse').status == 401
    process.wait_line('answered 401, the key is ' + (
        'rejected' if rejects else 'neither accepted nor rejected'))
    # What is decided of it is decided before the next order is followed.
    assert two.run('key', 'promote', 'old', '-c', two.path(
        'sallyport.conf')).returncode == rejects
    assert process.stderr.count('key-rejected') == rejects


@pytest.mark.release
def test_a_minute_after_its_last_key_was_rejected_a_route_is_refused(two):
    process = start(two)
    revoke(two, 'old')
    revoke(two, 'new')
    assert two.ask().status == 401
    wait_until(lambda: process.stderr.count('key-rejected') == 2,
               'both are rejected')
    assert two.ask().status == 401
    process.wait_line('route all has no usable key', limit=GRACE + LIMIT)
    sent = len([r for r in two.api.requests if r.target != PROBED])
    for _ in range(20):
        answer = two.ask()
        assert answer.status == 503
        assert b'all are rejected' in answer.data
    assert len([r for r in two.api.requests if r.target != PROBED]) == sent
    ready = two.ask(target='/readyz', which='unix:' + two.path('admin.sock'))
    assert ready.status == 503
    assert json.loads(ready.data)['routes_without_key'] == ['all']
    assert process.stderr.count('has no usable key') == 1


def test_the_last_key_of_a_route_serves_a_while_after_it_was_rejected(two):
    process = start(two, keys=('old',))
    revoke(two, 'old')
    assert two.ask().status == 401
    process.wait_line('key-rejected')
    assert two.ask().status == 401


def test_a_next_key_that_is_rejected_as_well_ends_in_answers_of_the_api(two):
    process = start(two)
    assert two.ask().status == 200
    for name in 'old', 'new':
        revoke(two, name)
    seen = len(two.api.requests)
    assert two.ask().status == 401
    # One more try, and a probe of each.
    wait_until(lambda: process.stderr.count('key-rejected') == 2,
               'both are rejected')
    assert len([r for r in two.api.requests[seen:] if r.target != PROBED]) == 2
    for _ in range(5):
        answer = two.ask()
        assert answer.status == 401
        assert 'root.unauthenticated' in answer.data.decode()
    ready = two.ask(target='/readyz', which='unix:' + two.path('admin.sock'))
    assert json.loads(ready.data)['routes_without_key'] == []
    # In their minute nothing is without a key; and no event comes twice.
    assert process.stderr.count('key-rejected') == 2
    assert 'has no usable key' not in process.stderr


def test_a_suspect_is_probed_by_the_path_of_its_upstream(two):
    process = start(two, own='probe_path = "/test/of-its-own";')
    revoke(two, 'old')
    assert two.ask(target='/test/echo').status == 200
    process.wait_line('probe of key old at upstream elastic-cloud: answered '
                      '401, the key is rejected')
    assert [r.target for r in two.api.requests].count(
        '/test/of-its-own') == 1
    assert probes(two) == []


def test_when_a_worker_dies_with_a_probe_another_one_probes(two):
    held = threading.Event()

    def hold(call):
        if not held.is_set():
            held.set()
            call.wait_gone()
        else:
            call.refuse(401, 'root.unauthenticated', 'x')
    two.api.handlers[PROBED] = hold
    two.api.handlers['/test/refuse'] = lambda call: call.answer(
        REFUSED, 401, (), 'Refused')
    process = start(two, workers=2)
    assert two.ask(target='/test/refuse').status == 401
    assert held.wait(30)
    for pid in process.workers:
        os.kill(pid, signal.SIGKILL)
    process.wait_line('key-rejected')


def test_probes_are_counted_apart(two):
    process = start(two, keys=('old',))
    two.api.handlers['/test/refuse'] = lambda call: call.answer(
        REFUSED, 401, (), 'Refused')
    two.ask(target='/test/refuse')
    process.wait_line('probe of key old')
    wait_until(lambda: metric(two, 'sallyport_key_probes_total{key="old",'
                              'result="accepted"}') == 1, 'it is counted')
    assert metric(two, 'sallyport_key_requests_total') == 1
    assert metric(two, 'sallyport_requests_total') == 1


def reload_verb(world):
    done = world.run('reload', '-c', world.path('sallyport.conf'))
    return done.returncode, done.stdout + done.stderr


def config_of(world, keys, sealed=('keys.age', 'more.age'), more=''):
    return world.config(
        routes=['{ name = "all"; upstream = "elastic-cloud"; keys = [ %s ]; }'
                % ', '.join('"%s"' % k for k in keys)],
        sealed=sealed, workers=2,
        more='admin = { address = "unix:%s"; }; %s'
        % (world.path('admin.sock'), more))


@pytest.fixture
def reloadable(two):
    """It runs with one key, and another one was sealed meanwhile."""
    two.process = two.start(config_of(two, ['old'], sealed=('keys.age',)))
    two.seal('more.age', 'bad')         # no API knows it
    return two


def test_a_reload_with_a_key_that_the_api_rejects_is_refused(reloadable):
    reloadable.write('sallyport.conf', config_of(reloadable, ['bad', 'old']))
    for _ in range(2):                  # it is no less bad the next time
        status, said = reload_verb(reloadable)
        assert status == 1, said
        assert 'key bad: upstream elastic-cloud rejects it' in said
    assert reloadable.ask().status == 200
    assert reloadable.api.requests[-1].key == 'old'


def test_a_key_that_was_in_a_file_before_a_route_lists_it_is_tried(reloadable):
    reloadable.write('sallyport.conf', config_of(reloadable, ['old']))
    assert reload_verb(reloadable)[0] == 0
    assert probes(reloadable) == []
    reloadable.write('sallyport.conf', config_of(reloadable, ['bad', 'old']))
    for _ in range(2):
        status, said = reload_verb(reloadable)
        assert status == 1, said
        assert 'key bad: upstream elastic-cloud rejects it' in said
    assert reloadable.ask().status == 200
    assert reloadable.api.requests[-1].key == 'old'


@pytest.mark.parametrize('word', ['warn', 'off'])
def test_a_reload_takes_such_a_key_where_it_is_told_to(reloadable, word):
    reloadable.write('sallyport.conf', config_of(
        reloadable, ['bad', 'old'], more='expiry = { try = "%s"; };' % word))
    status, said = reload_verb(reloadable)
    assert status == 0, said
    assert len(probes(reloadable)) == (word == 'warn')
    if word == 'warn':
        assert 'upstream elastic-cloud rejects it' in said
        reloadable.process.wait_line('upstream elastic-cloud rejects it')
    else:
        assert 'rejects it' not in reloadable.process.stderr
    assert reloadable.ask().status == 200


def test_a_reload_tries_new_keys_once_and_no_others(reloadable):
    reloadable.api.add_key('bad', reloadable.keys['bad'])
    reloadable.write('sallyport.conf', config_of(reloadable, ['bad', 'old']))
    for _ in range(3):
        status, said = reload_verb(reloadable)
        assert status == 0, said
    assert [r.key for r in probes(reloadable)] == ['bad']
    assert reloadable.ask().status == 200
    assert reloadable.api.requests[-1].key == 'bad'


def test_a_key_comes_back_though_its_upstream_knows_no_probe_path(bare):
    bare.seal('keys.age', 'old')
    bare.api = bare.cloud()
    bare.api.handlers[PROBED] = lambda call: call.answer(b'{}', status=404)
    process = start(bare, keys=('old',))
    assert bare.ask().status == 200
    digest, = bare.api.digests
    del bare.api.digests[digest]
    assert bare.ask().status == 401
    process.wait_line('key-rejected')
    bare.api.digests[digest] = 'old'
    process.wait_line('answered 404, the key is neither accepted nor rejected')
    process.wait_line('key-recovered')
    assert bare.ask().status == 200
    assert bare.ask(target=PROBED).status == 404
    done = bare.run('check', '--probe', '-c', bare.path('sallyport.conf'))
    assert 'answered 404\n' in done.stdout
    assert 'set probe_path of upstream elastic-cloud to a GET that needs ' \
        'a valid key' in done.stdout


def attention(world):
    answer = world.ask(target='/status', which='unix:' + world.path(
        'admin.sock'))
    return json.loads(answer.data)['attention']


@pytest.mark.once
@needs_steered
def test_a_key_of_which_probes_say_nothing_for_long_is_named(bare):
    bare.seal('keys.age', 'old')
    bare.api = bare.cloud()
    steered = Steered(bare)
    try:
        process = start(bare, keys=('old',), env=steered.env)
        digest = revoke(bare, 'old')
        assert bare.ask().status == 401
        process.wait_line('key-rejected')
        bare.api.digests[digest] = 'old'
        bare.api.handlers[PROBED] = lambda call: call.answer(b'{}', status=403)
        # After 5, 10 and 20 seconds.
        wait_until(lambda: process.stderr.count(
            'answered 403, the key is neither') == 3, 'three were unclear', 90)
        assert not [a for a in attention(bare)
                    if 'it is not known' in a['what']]
        steered.set_clock(600)
        one, = [a for a in attention(bare)
                if 'it is not known' in a['what']]
        conf = ' -c ' + bare.path('sallyport.conf')
        assert one['key'] == 'old' and one['what'].startswith(
            'key old was rejected, and it is not known whether it works '
            'again: its last 3 probes, within ')
        assert one['what'].endswith(
            ' told nothing of it: upstream elastic-cloud answers %s with 403, '
            "which does not say why; set its 'probe_path' to a GET that needs "
            'a valid key, and reload' % PROBED)
        assert one['command'] == 'sallyport check --probe' + conf
        assert one['then'] == ['sallyport reload' + conf]
        # Another path is tried at once, and the key comes back by it.
        bare.write('sallyport.conf', open(bare.path('sallyport.conf')).read(
            ).replace('url =', 'probe_path = "/test/echo"; url =', 1))
        status, said = reload_verb(bare)
        assert status == 0, said
        process.wait_line('key-recovered')
        assert attention(bare) == []
    finally:
        steered.close()


def test_an_upstream_that_refuses_what_another_takes_is_named(bare):
    bare.seal('keys.age', 'old')
    bare.api = bare.cloud()
    other = bare.cloud(keys={})
    process = bare.start(bare.config(
        routes=['{ name = "other"; path = "/other"; strip = true; upstream = '
                '"other"; keys = [ "old" ]; }',
                '{ name = "all"; upstream = "elastic-cloud"; '
                'keys = [ "old" ]; }'],
        upstreams=[bare.upstream(),
                   bare.upstream('other', to=other.address)],
        more='admin = { address = "unix:%s"; };' % bare.path('admin.sock')))
    assert bare.ask().status == 200
    assert attention(bare) == []
    assert bare.ask(target='/other/test/echo').status == 401
    process.wait_line('upstream other does not accept key old, and upstream '
                      'elastic-cloud does not refuse it')
    conf = ' -c ' + bare.path('sallyport.conf')
    one, = attention(bare)
    assert one == {
        'key': 'old',
        'what': 'upstream other refuses key old, and upstream elastic-cloud '
                'does not: add another one for upstream other, list it in '
                "'keys' of route other instead of old, and reload",
        'command': 'sallyport key add old-2 --to %s --host %s%s' % (
            bare.path('keys.age'), world_module.pki_module.HOST, conf),
        'then': ['sallyport reload' + conf], 'next': 'old-2'}
    done = bare.run('status', '-c', bare.path('sallyport.conf'))
    assert done.returncode == 3 and '  upstream other refuses key old' in \
        done.stdout
    # It is over where the key is not sent to both any more.
    other.add_key('old-2', bare.new_key('old-2'))
    assert bare.run(*one['command'].split()[1:],
                    stdin=bare.keys['old-2']).returncode == 0
    bare.write('sallyport.conf', open(bare.path('sallyport.conf')).read(
        ).replace('"other"; keys = [ "old" ]', '"other"; keys = [ "old-2" ]'))
    status, said = reload_verb(bare)
    assert status == 0, said
    assert attention(bare) == []
    assert bare.ask(target='/other/test/echo').status == 200


def test_a_reload_names_the_path_that_an_upstream_does_not_know(bare):
    bare.seal('keys.age', 'old')
    bare.seal('more.age', 'also')
    bare.api = bare.cloud()
    bare.api.handlers[PROBED] = lambda call: call.answer(b'{}', status=404)
    process = bare.start(config_of(bare, ['old'], sealed=('keys.age',)))
    bare.write('sallyport.conf', config_of(bare, ['also', 'old']))
    status, said = reload_verb(bare)
    assert status == 0, said
    process.wait_line('refuses the path %s: set its probe_path '
                      'to a GET that needs a valid key' % PROBED)


def test_an_upstream_that_cannot_be_asked_refuses_no_reload(reloadable):
    reloadable.cloud().stop()
    reloadable.write('sallyport.conf', config_of(
        reloadable, ['bad', 'old']).replace(
            reloadable.clouds[0].address, reloadable.clouds[1].address))
    status, said = reload_verb(reloadable)
    assert status == 0, said
    assert 'upstream elastic-cloud cannot be reached, so key bad serves ' \
        'untried' in said
    reloadable.process.wait_line('so key bad serves untried')


def test_who_reloads_is_told_of_an_unclear_answer_about_a_new_key(reloadable):
    reloadable.api.add_key('bad', reloadable.keys['bad'])
    reloadable.api.handlers[PROBED] = \
        lambda call: call.answer(b'{}', status=404)
    reloadable.write('sallyport.conf', config_of(reloadable, ['old', 'bad']))
    status, said = reload_verb(reloadable)
    assert status == 0, said
    assert 'more.age:2: warning: key bad was tried at upstream ' \
        'elastic-cloud, and the answer was unclear (404): it refuses the ' \
        'path %s: set its probe_path to a GET that needs a valid key; the ' \
        'key serves untried\n' % PROBED in said
    reloadable.process.wait_line(r'the answer was unclear \(404\)')


def test_a_reload_that_brings_a_rejected_key_back_alone_is_refused(two):
    process = two.start(config_of(two, ['old', 'new'], sealed=('keys.age',)))
    digest = next(d for d, n in two.api.digests.items() if n == 'old')
    del two.api.digests[digest]
    assert two.ask().status == 200
    process.wait_line('key-rejected')
    # It stays where it was, and the reload is about something else.
    two.write('sallyport.conf', config_of(
        two, ['old', 'new'], sealed=('keys.age',), more='memory = "try";'))
    assert reload_verb(two)[0] == 0
    for keys, expected in (['old'], 1), (['new'], 0), (['old'], 1):
        two.write('sallyport.conf', config_of(two, keys, ('keys.age',)))
        status, said = reload_verb(two)
        assert status == expected, said
        assert ('key old: upstream elastic-cloud rejects it' in said) == \
            (expected == 1)
        assert two.ask().status == 200
    two.api.digests[digest] = 'old'
    assert reload_verb(two)[0] == 0
    process.wait_line('key-recovered')
    assert two.ask().status == 200


def test_a_reload_tells_which_routes_it_leaves_without_a_usable_key(two):
    two.start(config_of(two, ['old', 'new'], sealed=('keys.age',)))
    done = two.run('key', 'disable', 'old', '-c', two.path('sallyport.conf'))
    assert done.returncode == 0, done.stderr
    two.write('sallyport.conf', config_of(two, ['old'], ('keys.age',)))
    status, said = reload_verb(two)
    assert status == 0
    assert 'route all is left without a usable key: key old is disabled' \
        in said


def test_a_reload_tells_of_a_promoted_key_that_serves_before_the_first(two):
    two.start(config_of(two, ['old', 'new'], sealed=('keys.age',)))
    done = two.run('key', 'promote', 'new', '-c', two.path('sallyport.conf'))
    assert done.returncode == 0, done.stderr
    two.seal('more.age', 'bad')
    two.api.add_key('bad', two.keys['bad'])
    two.write('sallyport.conf', config_of(two, ['bad', 'new']))
    status, said = reload_verb(two)
    assert status == 0
    assert 'route all: key new, which was promoted, serves before bad, ' \
        'which its list names first: sallyport key promote bad' in said


@needs_steered
def test_a_key_that_nobody_used_is_tried_also_when_a_restart_came_between(
        two):
    def run(more):
        return two.start(config_of(
            two, ['old', 'new'], sealed=('keys.age',),
            more='expiry = { probe = "1m"; probe_path = "/test/echo"; }; '
            'state_dir = "%s";' % two.path('state')), env=more)
    os.mkdir(two.path('state'), 0o700)
    steered = Steered(two)
    try:
        run(steered.env)
        assert two.ask().status == 200
        two.stop()
        os.unlink(steered.orders)
        steered.set_clock(61)
        seen = len(two.api.requests)
        process = run(steered.env)
        process.wait_line('probe of key old at upstream elastic-cloud: '
                          'answered 200, the key is accepted')
        assert [(r.key, r.target) for r in two.api.requests[seen:]] == \
            [('old', '/test/echo')]
        two.stop()
        os.unlink(steered.orders)
        run(steered.env)
        assert two.ask().status == 200
        assert len(two.api.requests) == seen + 2
    finally:
        steered.close()
