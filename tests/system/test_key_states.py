"""What becomes of keys while the daemon runs: disabled, enabled, promoted,
expired; and what is told of it."""

import datetime
import json
import os
import re
import signal
import threading
import time

import http1
import pytest
from steered import Steered, needs_steered
from waiting import wait_until
from world import FULL

pytestmark = needs_steered

BY_TWO = '{ name = "all"; upstream = "elastic-cloud"; ' \
    'keys = [ "old", "new" ]; }'
ROUNDS = 200 if FULL else 12
AT_ONCE = 0.1           # seconds that an order may take to hold everywhere


@pytest.fixture
def steered(bare):
    """Two keys, and a second name of the first one."""
    bare.seal('keys.age', 'old', 'new')
    bare.keys['leaked'] = bare.keys['old']
    bare.seal('leaked.age', 'leaked')
    del bare.keys['leaked']
    bare.api = bare.cloud()
    bare.steered = Steered(bare)
    os.mkdir(bare.path('state'), 0o700)
    yield bare
    bare.steered.close()


def config(world, *routes, **more):
    more.setdefault('sealed', ('keys.age', 'leaked.age'))
    more.setdefault('workers', 2)
    more.setdefault('more', 'state_dir = "%s";' % world.path('state'))
    return world.config(routes=list(routes) or [BY_TWO], **more)


def start(world, *routes, **more):
    return world.start(config(world, *routes, **more),
                       env=world.steered.env)


def order(world, verb, name):
    done, text = world.steered.order(verb, name)
    assert done, text
    return text


def served_by(world, target='/test/echo'):
    """The key of a request that succeeds, or what it is refused for."""
    response = world.ask(target=target)
    if response.status == 200:
        return [r for r in world.api.requests
                if r.target != '/api/v1/deployments'][-1].key
    assert response.status == 503, response.data
    return json.loads(response.data)['errors'][0]


def test_a_disabled_key_gives_way_to_the_next_and_comes_back(steered):
    start(steered)
    assert served_by(steered) == 'old'
    assert order(steered, 'disable', 'old') == 'key old is disabled'
    for _ in range(10):
        assert served_by(steered) == 'new'
    assert order(steered, 'enable', 'old') == 'key old is enabled'
    assert served_by(steered) == 'old'


def test_a_value_is_off_under_each_of_its_names(steered):
    start(steered,
          '{ name = "other"; path = "/test/echo"; methods = [ "HEAD" ]; '
          'upstream = "elastic-cloud"; keys = [ "leaked" ]; }',
          '{ name = "all"; upstream = "elastic-cloud"; keys = [ "old" ]; }')
    assert order(steered, 'disable', 'leaked') == \
        'key leaked is disabled; no usable key is left for route other, all'
    error = served_by(steered)
    assert error['code'] == 'sallyport.key_unavailable'
    assert 'disabled' in error['message']


def test_orders_are_logged_once_with_who_gave_them(steered):
    process = start(steered, workers=4)
    order(steered, 'disable', 'old')
    assert order(steered, 'disable', 'old') == 'key old was disabled already'
    order(steered, 'promote', 'new')
    order(steered, 'enable', 'old')
    process.wait_line('key-enabled')
    told = [(e['event']['action'], e['message'])
            for e in process.events('sallyport.key')]
    assert told == [
        ('key-disabled', 'key old alias leaked was disabled by user 4321'),
        ('key-promoted', 'key new was promoted by user 4321'),
        ('key-enabled', 'key old alias leaked was enabled by user 4321')]


def test_orders_that_cannot_be_followed_say_why(steered):
    start(steered)
    assert steered.steered.order('disable', 'nobody') == \
        (False, 'there is no key nobody')
    order(steered, 'disable', 'new')
    assert steered.steered.order('promote', 'new') == \
        (False, 'key new is disabled and cannot be promoted: enable it first')


def test_a_promoted_key_serves_across_reloads(steered):
    process = start(steered)
    assert order(steered, 'promote', 'new') == \
        'key new is used from now on by route all'
    assert served_by(steered) == 'new'
    reload(steered, process)
    assert served_by(steered) == 'new'


def test_when_a_key_was_promoted_is_told_and_kept_across_a_restart(steered):
    file = steered.path('sallyport.conf')

    def promoted():
        done = steered.run('status', '--json', '-c', file)
        return {k['name']: k['promoted']
                for k in json.loads(done.stdout)['keys']}
    admin = 'state_dir = "%s"; admin = { address = "unix:%s"; };' % (
        steered.path('state'), steered.path('admin.sock'))
    before = int(time.time())
    start(steered, more=admin)
    assert promoted() == {'old': None, 'new': None, 'leaked': None}
    order(steered, 'promote', 'new')
    told = promoted()
    assert told['old'] is None
    at = datetime.datetime.fromisoformat(told['new'].replace('Z', '+00:00'))
    assert before <= at.timestamp() <= time.time()
    steered.stop()
    os.unlink(steered.steered.orders)
    # Days later.
    steered.steered.set_clock(3 * 86400)
    start(steered, more=admin)
    assert promoted() == told
    assert promoted() == told
    assert re.search(r'^  new was promoted .+ ago, at %s$' % told['new'],
                     steered.run('status', '-c', file).stdout, re.M)
    page = steered.ask(target='/', which='unix:' + steered.path('admin.sock'))
    assert '<dt>Promoted</dt>' in page.data.decode()


def test_the_last_promotion_counts_also_before_that_of_a_key_not_met_since(
        steered):
    start(steered)
    order(steered, 'promote', 'new')
    steered.stop()
    os.unlink(steered.steered.orders)
    # After this start nobody has that one, until a reload brings it.
    process = start(steered, '{ name = "all"; upstream = "elastic-cloud"; '
                    'keys = [ "leaked" ]; }', sealed=('leaked.age',))
    order(steered, 'promote', 'leaked')
    reload(steered, process, config(
        steered, '{ name = "all"; upstream = "elastic-cloud"; '
        'keys = [ "new", "old" ]; }'))
    wait_until(lambda: len(process.workers) == 2, 'the old workers are gone')
    assert served_by(steered) == 'old'


def reload(world, process, text=None):
    if text is not None:
        world.write('sallyport.conf', text)
    reloads = process.stderr.count('reloaded')
    process.signal(signal.SIGHUP)
    process.wait_for(lambda: process.stderr.count('reloaded') > reloads,
                     'a reload')


def test_a_value_stays_disabled_where_a_configuration_without_it_served(
        steered):
    process = start(steered)
    order(steered, 'disable', 'old')
    steered.seal('only.age', 'other')
    steered.api.add_key('other', steered.keys['other'])
    reload(steered, process, config(
        steered, '{ name = "all"; upstream = "elastic-cloud"; '
        'keys = [ "other" ]; }', sealed=('only.age',)))
    wait_until(lambda: served_by(steered) == 'other', 'that one serves')
    reload(steered, process, config(steered))
    # Who came before the old workers heard of it still gets the other one.
    wait_until(lambda: served_by(steered) != 'other', 'that one serves')
    for _ in range(5):
        assert served_by(steered) == 'new'
    assert order(steered, 'enable', 'leaked') == 'key leaked is enabled'
    assert served_by(steered) == 'old'


@pytest.mark.parametrize('how', [signal.SIGTERM, signal.SIGKILL])
def test_a_value_stays_disabled_across_a_restart_and_a_crash(steered, how):
    process = start(steered)
    order(steered, 'disable', 'leaked')
    order(steered, 'promote', 'new')
    # These orders are not answered as those of people are, after that.
    wait_until(lambda: os.path.exists(steered.path('state/disabled.json')),
               'it is kept')
    if how == signal.SIGKILL:
        process.kill()
    else:
        steered.stop()
    os.unlink(steered.steered.orders)
    start(steered)
    for _ in range(5):
        assert served_by(steered) == 'new'
    assert order(steered, 'enable', 'old') == 'key old is enabled'
    steered.stop()
    os.unlink(steered.steered.orders)
    start(steered, '{ name = "all"; upstream = "elastic-cloud"; '
          'keys = [ "old" ]; }')
    assert served_by(steered) == 'old'


def test_without_a_state_dir_it_is_said_that_a_restart_forgets(steered):
    start(steered, more='')
    assert order(steered, 'disable', 'old') == 'key old is disabled; a ' \
        'restart will forget it: there is no state_dir'
    assert order(steered, 'enable', 'old') == 'key old is enabled'


def stalled(world, after, method='POST', target='/test/stall?after='):
    """A request that the API holds; a POST may not be repeated."""
    raw = world.raw()
    n = len(world.api.requests)
    raw.request(method, target + after)
    wait_until(lambda: len(world.api.requests) > n, 'the request arrives')
    return raw


def connections_with(world, name):
    return [c for c in world.api.connections if name in c.keys and
            not c.closed.is_set()]


def test_what_is_under_way_with_a_disabled_key_is_cut(steered):
    start(steered)
    unanswered = stalled(steered, 'nothing')
    answered = stalled(steered, 'body')
    assert served_by(steered) == 'old'
    begun = time.monotonic()
    order(steered, 'disable', 'old')
    wait_until(lambda: not connections_with(steered, 'old'),
               'its connections are closed')
    # A busy machine may take its time.
    assert time.monotonic() - begun < AT_ONCE + (0 if FULL else 2)
    response = unanswered.response()
    assert response.status == 503
    assert b'sallyport.key_unavailable' in response.data
    with pytest.raises(Exception):
        answered.response()
    for raw in unanswered, answered:
        raw.close()
    lines = steered.access(3)
    assert sorted(l['sallyport'].get('fault', '') for l in lines) == \
        ['', 'key_unavailable', 'key_unavailable']


def test_what_may_be_repeated_goes_on_with_the_next_key(steered):
    def hold_old(call):
        if call.request.key == 'old':
            call.wait_gone()
        else:
            call.json({'bytes': call.request.bytes})
    start(steered)
    steered.api.handlers['/test/hold'] = hold_old
    held = [(method, stalled(steered, '', method, '/test/hold'))
            for method in ('GET', 'PUT', 'DELETE', 'POST', 'PATCH')]
    order(steered, 'disable', 'old')
    for method, raw in held:
        assert raw.response().status == (
            503 if method in ('POST', 'PATCH') else 200), method
        raw.close()
    lines = {l['http']['request']['method']: l['sallyport']
             for l in steered.access(5)}
    assert (lines['PUT']['key'], lines['PUT']['attempts']) == ('new', 2)
    assert (lines['POST']['key'], lines['POST']['attempts']) == ('old', 1)
    assert 'key-rejected' not in steered.processes[0].stderr


def test_an_old_generation_obeys_too(steered):
    process = start(steered)
    held = stalled(steered, 'nothing')
    reload(steered, process)
    order(steered, 'disable', 'old')
    response = held.response()
    assert response.status == 503
    held.close()
    wait_until(lambda: not connections_with(steered, 'old'),
               'its connections are closed')


def test_no_request_has_a_key_that_was_switched_off(steered):
    """While clients ask without a pause, and workers die and are replaced."""
    process = start(steered, workers=3)
    stop = threading.Event()
    failed, arrived = [], []

    def note(call):
        arrived.append((time.monotonic(), call.request.key))
    steered.api.on_request = note

    def ask():
        while not stop.is_set():
            try:
                with steered.raw() as raw:
                    for _ in range(20):
                        status = raw.ask().status
                        if status not in (200, 503):
                            failed.append(status)
            except (OSError, http1.Truncated, http1.Closed):
                pass                    # it was cut, or its worker killed
    clients = [threading.Thread(target=ask) for _ in range(4)]
    for client in clients:
        client.start()
    try:
        for i in range(ROUNDS):
            begun = time.monotonic()
            order(steered, 'disable', ('old', 'leaked')[i % 2])
            # What was sent before may not have been read yet.
            before = list(steered.api.connections)
            wait_until(lambda: all(c.closed.is_set() or c.keys == {'new'}
                                   for c in before),
                       'its connections are closed')
            seen = len(steered.api.requests)
            if i % 10 == 5:
                os.kill(process.workers[0], signal.SIGKILL)
            wait_until(lambda: len(steered.api.requests) > seen,
                       'requests go on')
            assert {r.key for r in steered.api.requests[seen:]} == {'new'}
            if FULL:            # a machine that is at this alone
                assert not [t for t, key in arrived
                            if t > begun + AT_ONCE and key == 'old']
            order(steered, 'enable', ('leaked', 'old')[i % 2])
            wait_until(lambda: steered.api.requests[-1].key == 'old',
                       'it is used again')
    finally:
        stop.set()
        for client in clients:
            client.join()
    assert not failed


def test_a_key_expires_at_its_time_without_a_failed_request(steered):
    end = int(time.time()) + 3600
    steered.api.expiration['old'] = [str(end)]
    process = start(steered, workers=4)
    for _ in range(8):
        assert served_by(steered) == 'old'
    steered.steered.set_clock(3601)
    process.wait_line('key-expired')
    for _ in range(20):
        assert served_by(steered) == 'new'
    assert process.stderr.count('key-expired') == 1
    steered.steered.set_clock(0)
    wait_until(lambda: served_by(steered) == 'old', 'the clock was set back')
    steered.steered.set_clock(3601)
    wait_until(lambda: served_by(steered) == 'new', 'and forth')
    assert process.stderr.count('key-expired') == 1


def test_a_step_of_the_clock_is_noticed_when_the_kernel_tells_it(steered):
    steered.api.expiration['old'] = [str(int(time.time()) + 1800)]
    process = steered.start(config(steered), env=steered.steered.alone())
    assert served_by(steered) == 'old'
    steered.steered.step_clock(3600)
    wait_until(steered.steered.noticed, 'the parent was woken')
    process.wait_line('key-expired')
    assert served_by(steered) == 'new'
    steered.steered.step_clock(0)
    wait_until(steered.steered.noticed, 'the parent was woken again')
    wait_until(lambda: served_by(steered) == 'old', 'the clock was set back')


def test_a_route_without_a_key_is_refused_after_every_start(steered):
    steered.seal('dead.age', 'dead', expires='2026-11-25T00:00:00Z')
    text = config(steered, '{ name = "all"; upstream = "elastic-cloud"; '
                  'keys = [ "dead" ]; }', sealed=('dead.age',), workers=2)
    process = steered.start(text, env=steered.steered.env)
    # It is tried, as only its file says that it is over.
    process.wait_line('has no usable key')

    def refused():
        for _ in range(5):
            error = served_by(steered)
            assert error['code'] == 'sallyport.key_unavailable'
            assert error['message'] == 'no key of route all is usable: ' \
                'all are expired'
    refused()
    reload(steered, process)
    refused()
    wait_until(lambda: len(process.workers) == 2, 'the old workers are gone')
    os.kill(process.workers[0], signal.SIGKILL)
    process.wait_line('the worker is replaced')
    refused()
    # Once, however often it was asked for.
    assert process.stderr.count('has no usable key') == 1
    assert process.stderr.count('key-expired') == 1
    steered.stop()
    os.unlink(steered.steered.orders)
    process = steered.start(text, env=steered.steered.env)
    refused()
    # What is known of it outlives the process, and is told once.
    assert process.stderr.count('key-expired') == 0
    assert {r.target for r in steered.api.requests} == \
        {'/api/v1/deployments'}


def test_a_key_over_by_its_file_alone_serves_where_the_api_accepts_it(steered):
    steered.seal('odd.age', 'odd', expires='2026-11-25T00:00:00Z')
    steered.seal('other.age', 'other', expires='2026-11-25T00:00:00Z')
    for name in 'odd', 'other':
        steered.api.add_key(name, steered.keys[name])

    def with_key(name):
        return config(steered, '{ name = "all"; upstream = "elastic-cloud"; '
                      'keys = [ "%s" ]; }' % name, sealed=(name + '.age',))
    # The probe waits, so that requests come before it is answered.
    answer = threading.Event()
    steered.api.handlers['/api/v1/deployments'] = \
        lambda call: (answer.wait(30), call.answer(b'{}'))
    process = steered.start(with_key('odd'), env=steered.steered.env)
    try:
        wait_until(lambda: '/api/v1/deployments' in
                   [r.target for r in steered.api.requests], 'it is tried')
        for _ in range(5):
            assert served_by(steered) == 'odd'
    finally:
        answer.set()
    wait_until(lambda: 'answered 200' in process.stderr, 'it is answered')
    for _ in range(5):
        assert served_by(steered) == 'odd'
    reload(steered, process, with_key('other'))
    wait_until(lambda: served_by(steered) == 'other', 'that one serves')
    for _ in range(5):
        assert served_by(steered) == 'other'
    assert 'key-expired' not in process.stderr
    assert 'has no usable key' not in process.stderr


def test_by_a_clock_from_before_the_program_nothing_expires(steered):
    steered.seal('dead.age', 'dead', expires='2026-11-25T00:00:00Z')
    steered.api.add_key('dead', steered.keys['dead'])
    # The system's time, 1970.
    steered.steered.set_clock(-int(time.time()) + 1000)
    start(steered, '{ name = "all"; upstream = "elastic-cloud"; '
          'keys = [ "dead" ]; }', sealed=('dead.age',))
    assert served_by(steered) == 'dead'
