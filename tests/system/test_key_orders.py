"""Orders of people about keys: what becomes of requests, how fast, and for how
long; and the verbs by which they are given."""

import contextlib
import json
import os
import pwd
import re
import shlex
import signal
import socket
import threading
import time

import proc
import pytest
import strace
from load import Load, needs_load
from recorder import Recorder, needs_recorder
from standin_admin import StandIn, error, response
from waiting import LIMIT, wait_until
from world import FULL

BY_TWO = '{ name = "all"; upstream = "elastic-cloud"; ' \
    'keys = [ "old", "new" ]; }'
ROUNDS = 50 if FULL else 5
CLIENTS = 64
AT_ONCE = 0.1           # seconds that an order may take to hold everywhere
OBEYED = 2              # after which a worker is killed that does not obey
BUSY = 2                # that a busy machine may take besides


@pytest.fixture
def keyed(bare):
    """Two keys, and a second name of the first one."""
    bare.seal('keys.age', 'old', 'new')
    bare.keys['leaked'] = bare.keys['old']
    bare.seal('leaked.age', 'leaked')
    del bare.keys['leaked']
    bare.api = bare.cloud()
    bare.admin = 'unix:' + bare.path('admin.sock')
    return bare


def config(world, *routes, more='', **others):
    others.setdefault('sealed', ('keys.age', 'leaked.age'))
    others.setdefault('workers', 2)
    return world.config(
        routes=list(routes) or [BY_TWO],
        more='admin = ( { address = "%s"; }, { address = "127.0.0.1:0"; } ); '
        % world.admin + more, **others)


def start(world, *routes, wrap=(), **more):
    return world.start(config(world, *routes, **more), wrap=wrap)


def post(world, verb, name, which=None, method='POST'):
    answer = world.ask(method, '/keys/%s/%s' % (name, verb),
                       which=which or world.admin)
    return answer.status, json.loads(answer.data)


def order(world, verb, name):
    status, said = post(world, verb, name)
    assert status == 200, said
    assert said['result'] == 'success'
    return said['message']


def refused(world, verb, name, **more):
    status, said = post(world, verb, name, **more)
    one, = said['errors']
    return status, one['code'], one['message']


def served_by(world):
    """The key of a request that succeeds, or what it is refused for."""
    answer = world.ask()
    if answer.status == 200:
        return world.api.requests[-1].key
    assert answer.status == 503, answer.data
    return json.loads(answer.data)['errors'][0]['code']


def reload(world, text=None):
    if text is not None:
        world.write('sallyport.conf', text)
    answer = world.ask('POST', '/reload', which=world.admin)
    assert answer.status == 200, answer.data


FORGOTTEN = '; a restart will forget it: there is no state_dir'


# What is ordered.

def test_a_disabled_key_gives_way_to_the_next_and_comes_back(keyed):
    start(keyed)
    assert served_by(keyed) == 'old'
    assert order(keyed, 'disable', 'old') == 'key old is disabled' + FORGOTTEN
    for _ in range(10):
        assert served_by(keyed) == 'new'
    assert order(keyed, 'enable', 'old') == 'key old is enabled'
    for _ in range(10):
        assert served_by(keyed) == 'old'


def test_a_promoted_key_serves_across_reloads(keyed):
    start(keyed)
    assert order(keyed, 'promote', 'new') == \
        'key new is used from now on by route all' + FORGOTTEN
    for _ in range(10):
        assert served_by(keyed) == 'new'
    reload(keyed)
    assert served_by(keyed) == 'new'
    order(keyed, 'promote', 'old')
    assert served_by(keyed) == 'old'


def test_disabled_under_one_name_it_is_so_under_each(keyed):
    start(keyed, '{ name = "other"; path = "/other"; '
          'upstream = "elastic-cloud"; keys = [ "leaked" ]; }',
          '{ name = "all"; upstream = "elastic-cloud"; keys = [ "old" ]; }')
    assert order(keyed, 'disable', 'leaked') == \
        'key leaked is disabled; no usable key is left for route other, ' \
        'all' + FORGOTTEN
    assert served_by(keyed) == 'sallyport.key_unavailable'
    assert order(keyed, 'enable', 'old') == 'key old is enabled'
    assert served_by(keyed) == 'old'


def test_it_is_logged_once_who_gave_an_order(keyed):
    process = start(keyed, workers=4)
    order(keyed, 'disable', 'old')
    assert order(keyed, 'disable', 'old') == \
        'key old was disabled already' + FORGOTTEN
    order(keyed, 'promote', 'new')
    order(keyed, 'enable', 'old')
    process.wait_line('key-enabled')
    who = '%s (%d)' % (pwd.getpwuid(os.getuid()).pw_name, os.getuid())
    assert [(e['event']['action'], e['message'])
            for e in process.events('sallyport.key')] == [
        ('key-disabled', 'key old alias leaked was disabled by user %s' % who),
        ('key-promoted', 'key new was promoted by user %s' % who),
        ('key-enabled', 'key old alias leaked was enabled by user %s' % who)]
    assert sum('a restart will forget' in x for x in process.lines) == 1


def test_what_cannot_be_done_says_why_and_changes_nothing(keyed):
    start(keyed)
    assert refused(keyed, 'disable', 'nobody') == \
        (421, 'sallyport.key_unknown', 'there is no key nobody')
    order(keyed, 'disable', 'new')
    assert refused(keyed, 'promote', 'new') == (
        409, 'sallyport.key_refused',
        'key new is disabled and cannot be promoted: enable it first')
    assert served_by(keyed) == 'old'


def test_only_a_post_by_a_unix_socket_is_an_order(keyed):
    process = start(keyed)
    assert refused(keyed, 'disable', 'old', method='GET')[0] == 405
    assert refused(keyed, 'disable', 'old', which=process.listening[-1])[:2] \
        == (421, 'sallyport.client_refused')
    assert served_by(keyed) == 'old'


# What is under way.

def stalled(world, after):
    """A request that the API holds, and that may not be repeated."""
    raw = world.raw()
    n = len(world.api.requests)
    raw.request('POST', '/test/stall?after=' + after)
    wait_until(lambda: len(world.api.requests) > n, 'the request arrives')
    return raw


def connections_with(world, name):
    return [c for c in world.api.connections if name in c.keys and
            not c.closed.is_set()]


def test_requests_in_flight_are_cut_and_idle_connections_closed(keyed):
    start(keyed)
    unanswered, answered = stalled(keyed, 'nothing'), stalled(keyed, 'body')
    assert served_by(keyed) == 'old'        # and leaves an idle connection
    order(keyed, 'disable', 'old')
    wait_until(lambda: not connections_with(keyed, 'old'),
               'its connections are closed')
    got = unanswered.response()
    assert got.status == 503 and b'sallyport.key_unavailable' in got.data
    with pytest.raises(Exception):
        answered.response()
    for raw in unanswered, answered:
        raw.close()
    assert sorted(l['sallyport'].get('fault', '') for l in keyed.access(3)) \
        == ['', 'key_unavailable', 'key_unavailable']


def test_workers_that_drain_obey_too(keyed):
    start(keyed)
    held = stalled(keyed, 'nothing')
    reload(keyed)
    order(keyed, 'disable', 'old')
    assert held.response().status == 503
    held.close()
    wait_until(lambda: not connections_with(keyed, 'old'),
               'its connections are closed')


def without_old(world):
    """The configuration without the key "old"."""
    world.seal('new.age', 'new')
    return config(world, '{ name = "all"; upstream = "elastic-cloud"; '
                  'keys = [ "new" ]; }', sealed=('new.age',))


def test_a_key_that_a_reload_dropped_is_disabled_where_workers_drain(keyed):
    start(keyed)
    held = stalled(keyed, 'nothing')
    reload(keyed, without_old(keyed))
    assert order(keyed, 'disable', 'old') == \
        'key old is disabled, which only requests of before the last ' \
        'reload may carry' + FORGOTTEN
    assert held.response().status == 503
    held.close()
    wait_until(lambda: not connections_with(keyed, 'old'),
               'its connections are closed')
    assert served_by(keyed) == 'new'


def say_disable(world):
    """The verb; its exit status and words."""
    done = world.run('key', 'disable', 'old', '-c',
                     world.path('sallyport.conf'))
    return done.returncode, done.stdout + done.stderr


def test_a_worker_that_hangs_is_killed_for_a_key_that_is_disabled(keyed):
    process = start(keyed, workers=1)
    worker, = process.workers
    with keyed.raw() as raw:
        assert raw.ask().status == 200
        os.kill(worker, signal.SIGSTOP)
        raw.request()
        assert say_disable(keyed) == (
            0, 'key old is disabled%s; a worker that did not answer was '
            'killed\n' % FORGOTTEN)
        assert worker not in process.workers
        with contextlib.suppress(ConnectionResetError):
            assert raw.at_end()
    process.wait_line('worker %d does not say that it uses a disabled key no '
                      'more: it is killed' % worker)
    assert served_by(keyed) == 'new'
    assert [r.key for r in keyed.api.requests] == ['old', 'new']


def test_workers_that_hang_are_killed_for_it_whether_they_serve_or_drain(
        keyed):
    process = start(keyed, workers=1)
    draining, = process.workers
    held = stalled(keyed, 'nothing')
    reload(keyed)
    # The child that tried the configuration may still be there.
    wait_until(lambda: len(process.workers) == 2, 'two workers')
    serving, = set(process.workers) - {draining}
    with keyed.raw() as raw:
        assert raw.ask().status == 200
        for pid in draining, serving:
            os.kill(pid, signal.SIGSTOP)
        raw.request()
        began = time.monotonic()
        assert say_disable(keyed) == (
            0, 'key old is disabled%s; a worker that did not answer was '
            'killed\n' % FORGOTTEN)
        took = time.monotonic() - began
    # Both at once, not one after the other.
    assert took < OBEYED + BUSY
    assert not {draining, serving} & set(process.workers)
    with contextlib.suppress(ConnectionResetError):
        assert held.at_end()
    held.close()
    wait_until(lambda: not connections_with(keyed, 'old'),
               'its connections are closed')
    assert served_by(keyed) == 'new'
    assert [r.key for r in keyed.api.requests] == ['old', 'old', 'new']


@strace.needed
def test_a_worker_that_cannot_be_ended_makes_the_order_fail(keyed):
    """As one that waits for a dead network disk."""
    process = start(keyed, wrap=[
        strace.STRACE, '-D', '-qq', '-o', '/dev/null', '-e', 'trace=kill',
        '-e', 'inject=kill:retval=0'])
    worker = process.workers[0]
    os.kill(worker, signal.SIGSTOP)
    assert say_disable(keyed) == (
        1, 'sallyport: key old is disabled%s; a worker that did not answer '
        'was killed, and may use it until it has ended\n' % FORGOTTEN)
    os.kill(worker, signal.SIGKILL)
    wait_until(lambda: worker not in process.workers, 'its end')
    assert say_disable(keyed) == (
        0, 'key old was disabled already%s\n' % FORGOTTEN)
    process.kill()          # it cannot end its workers


@strace.needed
def test_an_order_holds_while_the_files_of_a_reload_hang(keyed):
    """The first file that a process opens in that folder takes that long: for
    the parent at its start, and then for the child that reads them first."""
    process = start(keyed, wrap=[
        strace.STRACE, '-D', '-f', '-qq', '-o', '/dev/null', '-P',
        keyed.folder, '-e', 'trace=openat', '-e',
        'inject=openat:delay_enter=5000000:when=1'])
    process.signal(signal.SIGHUP)
    process.wait_line('reloading ')
    assert order(keyed, 'disable', 'old') == 'key old is disabled' + FORGOTTEN
    assert served_by(keyed) == 'new'
    assert 'the configuration was ' not in process.stderr
    process.wait_line('the configuration was reloaded')
    assert served_by(keyed) == 'new'


def reader(process):
    """The child that reads the next configuration first, or None."""
    for pid in process.pids()[1:]:
        with contextlib.suppress(OSError):
            if proc.name(pid) == 'sallyport-load':
                return pid
    return None


@pytest.mark.slow
@pytest.mark.once
@strace.needed
def test_an_order_holds_while_the_child_that_reads_a_reload_is_stopped(keyed):
    """Which is delayed as above, so that it can be met."""
    process = start(keyed, wrap=[
        strace.STRACE, '-D', '-f', '-qq', '-o', '/dev/null', '-P',
        keyed.folder, '-e', 'trace=openat', '-e',
        'inject=openat:delay_enter=5000000:when=1'])
    process.signal(signal.SIGHUP)
    wait_until(lambda: reader(process), 'a child')
    stopped = reader(process)
    os.kill(stopped, signal.SIGSTOP)
    began = time.monotonic()
    assert order(keyed, 'disable', 'old') == 'key old is disabled' + FORGOTTEN
    assert time.monotonic() - began < OBEYED + BUSY
    assert served_by(keyed) == 'new'
    process.wait_line('its files could not be read within 60 s', 60 + LIMIT)
    wait_until(lambda: reader(process) is None, 'its end')
    assert served_by(keyed) == 'new'
    reload(keyed)
    assert served_by(keyed) == 'new'


@contextlib.contextmanager
def load(world, *options):
    made = Load(world, '-c', CLIENTS, *options)
    try:
        yield
    finally:
        made.kill()


def held(world, n):
    """Requests that the API never answers."""
    raws = [world.raw() for _ in range(n)]
    for raw in raws:
        raw.request(target='/hold')
    return raws


def disabled_under_load(world, record):
    """How long after the order a request with the key, and its last open
    connection, were seen: by the time that the kernel received their bytes."""
    n = len(record.read().requests)
    wait_until(lambda: len(record.read().requests) > n + CLIENTS and
               record.requests[-1].key == 'old',
               'requests go on, with the key')
    raws = held(world, 4)
    # Whether these are among them is not known, nor does it matter.
    began = time.time_ns()
    order(world, 'disable', 'old')
    wait_until(lambda: not record.read().open_with('old'),
               'its connections are closed')
    n = len(record.requests)
    wait_until(lambda: len(record.read().requests) > n + CLIENTS,
               'requests go on')
    assert {r.key for r in record.requests[n:]} == {'new'}
    for raw in raws:
        raw.close()
    ended = [record.closed[c] for c in record.carried['old']]
    return [(max(x for x in seen) - began) / 1e9 for seen in (
        [r.at for r in record.requests if r.key == 'old'], ended)]


@needs_load
@needs_recorder
def test_within_100_ms_no_request_has_a_disabled_key(stateful):
    record = Recorder(stateful)
    try:
        start(stateful, workers=4, log='access = "none";', more=stateful.more,
              upstreams=[stateful.upstream(to=record.address)])
        took = []
        with load(stateful):
            for _ in range(ROUNDS):
                took.append(disabled_under_load(stateful, record))
                order(stateful, 'enable', 'old')
                wait_until(lambda: record.read().requests[-1].key == 'old',
                           'it is used again')
    finally:
        record.stop()
    for what, which in ('request', 0), ('connection', 1):
        times = sorted(t[which] for t in took)
        print('ms after the order, the last %s:' % what,
              ' '.join('%.1f' % (1000 * t) for t in times))
        # A figure is for a machine that does nothing else.
        assert not FULL or times[len(times) // 2] < AT_ONCE
        assert times[-1] < AT_ONCE + BUSY


# How long it holds.

def test_what_is_disabled_stays_so_across_reloads(keyed):
    start(keyed)
    order(keyed, 'disable', 'old')
    reload(keyed)
    for _ in range(5):
        assert served_by(keyed) == 'new'


@pytest.fixture
def stateful(keyed):
    os.mkdir(keyed.path('state'), 0o700)
    keyed.more = 'state_dir = "%s";' % keyed.path('state')
    return keyed


def test_what_is_ordered_is_kept_across_restarts(stateful):
    process = start(stateful, more=stateful.more)
    assert order(stateful, 'disable', 'old') == 'key old is disabled'
    process.kill()
    start(stateful, more=stateful.more)
    assert served_by(stateful) == 'new'
    assert order(stateful, 'enable', 'leaked') == 'key leaked is enabled'
    order(stateful, 'promote', 'new')
    stateful.stop()
    start(stateful, more=stateful.more)
    assert served_by(stateful) == 'new'
    order(stateful, 'promote', 'old')
    assert served_by(stateful) == 'old'


def test_what_cannot_be_kept_is_done_and_an_error(stateful):
    process = start(stateful, more=stateful.more)
    os.rename(stateful.path('state'), stateful.path('away'))
    status, code, message = refused(stateful, 'disable', 'old')
    assert (status, code) == (500, 'sallyport.key_not_kept')
    assert message.startswith('key old is disabled; a restart will forget it')
    assert served_by(stateful) == 'new'
    process.wait_line('a restart will forget that key old was disabled')
    # And is kept when that was mended.
    os.rename(stateful.path('away'), stateful.path('state'))
    assert order(stateful, 'disable', 'old') == 'key old was disabled already'
    process.kill()
    start(stateful, more=stateful.more)
    assert served_by(stateful) == 'new'


@pytest.fixture
def slow_disk(stateful):
    """Each fsync() takes that many seconds; a file needs two of them."""
    def start_with(seconds):
        return start(stateful, more=stateful.more, wrap=[
            strace.STRACE, '-D', '-f', '-qq', '-o', '/dev/null',
            '-e', 'trace=fsync', '-e',
            'inject=fsync:delay_enter=%d' % (seconds * 1000000)])
    stateful.start_with = start_with
    return stateful


class Ordered(threading.Thread):
    """An order that is under way."""

    def __init__(self, world, *what):
        super().__init__(daemon=True)
        self.ask = lambda: post(world, *what)
        self.answer = None
        self.start()

    def run(self):
        self.answer = self.ask()

    def wait(self):
        self.join(LIMIT)
        return self.answer


@strace.needed
def test_an_order_holds_at_once_however_slow_the_disk_is(slow_disk):
    process = slow_disk.start_with(3)
    first = Ordered(slow_disk, 'disable', 'old')
    wait_until(lambda: served_by(slow_disk) == 'new', 'it holds')
    second = Ordered(slow_disk, 'disable', 'new')
    wait_until(lambda: served_by(slow_disk) == 'sallyport.key_unavailable',
               'the second one holds')
    assert first.answer is None and second.answer is None
    for which, name in (first, 'old'), (second, 'new'):
        code, said = which.wait()
        assert code == 200, said
        assert said['message'].startswith('key %s is disabled' % name)
    process.kill()
    start(slow_disk, more=slow_disk.more)
    assert served_by(slow_disk) == 'sallyport.key_unavailable'


@strace.needed
def test_a_stop_waits_until_orders_are_kept_and_answered(slow_disk):
    process = slow_disk.start_with(1)
    ordered = Ordered(slow_disk, 'disable', 'old')
    process.wait_line('"key-disabled"')
    process.signal(signal.SIGTERM)
    assert process.wait_exit() == 0
    code, said = ordered.wait()
    assert (code, said['message']) == (200, 'key old is disabled')
    start(slow_disk, more=slow_disk.more)
    assert served_by(slow_disk) == 'new'


def test_a_folder_that_a_reload_brings_disables_what_serves(stateful):
    process = start(stateful, more=stateful.more)
    order(stateful, 'disable', 'leaked')
    process.kill()
    process = start(stateful)
    assert served_by(stateful) == 'old'
    stalls = stalled(stateful, 'nothing')
    reload(stateful, config(stateful, more=stateful.more))
    assert stalls.response().status == 503
    stalls.close()
    assert served_by(stateful) == 'new'
    assert process.events('sallyport.key', 'key-disabled')[0]['message'] == \
        'key old alias leaked was disabled by a file of the state_dir that ' \
        'serves now'
    # Nor does the next order forget it.
    order(stateful, 'enable', 'new')
    process.kill()
    start(stateful, more=stateful.more)
    assert served_by(stateful) == 'new'


def moved(world):
    """The configuration with another folder, which is made, and its name."""
    folder = world.path('moved')
    os.mkdir(folder, 0o700)
    more = 'state_dir = "%s";' % folder
    return folder, config(world, more=more)


@strace.needed
def test_who_moves_state_dir_waits_until_it_knows_what_is_disabled(slow_disk):
    process = slow_disk.start_with(1)
    assert order(slow_disk, 'disable', 'old') == 'key old is disabled'
    _, text = moved(slow_disk)
    reload(slow_disk, text)
    process.kill()
    slow_disk.start(text)
    assert served_by(slow_disk) == 'new'


@strace.needed
def test_state_dir_does_not_move_where_it_cannot_be_written(stateful):
    process = start(stateful, more=stateful.more)
    order(stateful, 'disable', 'old')
    process.kill()
    process = start(stateful, more=stateful.more, wrap=[
        strace.STRACE, '-D', '-f', '-qq', '-o', '/dev/null',
        '-e', 'trace=fsync', '-e', 'inject=fsync:error=EIO'])
    folder, text = moved(stateful)
    stateful.write('sallyport.conf', text)
    answer = stateful.ask('POST', '/reload', which=stateful.admin)
    assert answer.status == 500, answer.data
    one, = json.loads(answer.data)['errors']
    assert one['code'] == 'sallyport.reload_refused'
    assert re.search(r"/sallyport.conf:\d+: option 'state_dir': "
                     r'%s/disabled.json: Input/output error: a restart would '
                     r'forget which keys are disabled$'
                     % re.escape(folder), one['message'].strip())
    process.wait_line('the configuration was not reloaded: the one before '
                      'stays')
    assert served_by(stateful) == 'new'
    process.kill()
    start(stateful, more=stateful.more)
    assert served_by(stateful) == 'new'


@pytest.mark.parametrize('folder', ['/proc', '/sys'])
def test_a_folder_of_the_kernel_is_no_state_dir_to_move_to(stateful, folder):
    start(stateful, more=stateful.more)
    order(stateful, 'disable', 'old')
    stateful.write('sallyport.conf', config(
        stateful, more='state_dir = "%s";' % folder))
    answer = stateful.ask('POST', '/reload', which=stateful.admin)
    assert answer.status == 500, answer.data
    one, = json.loads(answer.data)['errors']
    assert re.search(r"sallyport.conf:\d+: option 'state_dir': %s" % folder,
                     one['message'])
    assert served_by(stateful) == 'new'


def test_who_removes_state_dir_is_told_what_a_restart_forgets(stateful):
    process = start(stateful, more=stateful.more)
    order(stateful, 'disable', 'old')
    stateful.write('sallyport.conf', config(stateful))
    answer = stateful.ask('POST', '/reload', which=stateful.admin)
    assert answer.status == 200, answer.data
    text = "there is no option 'state_dir' any more: a restart will forget " \
        'which keys are disabled: old'
    assert text in json.loads(answer.data)['warnings']
    process.wait_line(re.escape(text))
    assert served_by(stateful) == 'new'


# What is told of it.

def status(world):
    return json.loads(world.ask(target='/status', which=world.admin).data)


def facts(world, name):
    key, = [k for k in status(world)['keys'] if k['name'] == name]
    return key


def states(world):
    return {k['name']: k['state'] for k in status(world)['keys']}


def metrics(world):
    return world.ask(target='/metrics', which=world.admin).data.decode()


def test_states_are_told_by_status_and_by_metrics(keyed):
    start(keyed)
    assert states(keyed) == \
        {'old': 'unused', 'new': 'standby', 'leaked': 'unused'}
    assert served_by(keyed) == 'old'
    assert states(keyed) == \
        {'old': 'active', 'new': 'standby', 'leaked': 'active'}
    order(keyed, 'disable', 'old')
    assert served_by(keyed) == 'new'
    assert states(keyed) == \
        {'old': 'disabled', 'new': 'active', 'leaked': 'disabled'}
    text = metrics(keyed)
    for line in ('{key="old",state="disabled"} 1',
                 '{key="leaked",state="disabled"} 1',
                 '{key="old",state="active"} 0',
                 '{key="new",state="active"} 1'):
        assert '\nsallyport_key_state%s\n' % line in text
    assert text.count('\nsallyport_key_state{') == 3 * 7
    assert '\nsallyport_key_rejected_total{key="old"} 0\n' in text


def test_a_route_says_which_key_serves_it_and_which_cannot(keyed):
    start(keyed)

    def route():
        one, = status(keyed)['routes']
        return one['usable'], one['serves'], one['reason']
    assert route() == (True, 'old', None)
    order(keyed, 'disable', 'old')
    assert route() == (True, 'new', 'key old is disabled')
    order(keyed, 'disable', 'new')
    assert route() == (False, None, 'key old is disabled, key new is disabled')
    ready = keyed.ask(target='/readyz', which=keyed.admin)
    assert ready.status == 503 and json.loads(ready.data) == {
        'ready': False, 'reason': 'no route has a usable key',
        'routes_without_key': ['all']}
    order(keyed, 'enable', 'new')
    assert keyed.ask(target='/readyz', which=keyed.admin).status == 200


def test_a_route_without_a_key_is_listed_while_others_serve(keyed):
    process = start(
        keyed, '{ name = "dead"; path = "/test/dead"; upstream = '
        '"elastic-cloud"; keys = [ "leaked" ]; }',
        '{ name = "all"; upstream = "elastic-cloud"; keys = [ "new" ]; }')

    def ready():
        answer = keyed.ask(target='/readyz', which=keyed.admin)
        return answer.status, json.loads(answer.data)['routes_without_key']
    assert ready() == (200, [])
    assert order(keyed, 'disable', 'old') == 'key old is disabled; no ' \
        'usable key is left for route dead' + FORGOTTEN
    assert order(keyed, 'disable', 'leaked') == \
        'key leaked was disabled already; no usable key is left for route ' \
        'dead' + FORGOTTEN
    assert ready() == (200, ['dead'])
    for _ in range(10):
        answer = keyed.ask(target='/test/dead')
        assert answer.status == 503
        error, = json.loads(answer.data)['errors']
        assert error['code'] == 'sallyport.key_unavailable'
        assert error['message'] == 'no key of route dead is usable: all ' \
            'are disabled'
        assert served_by(keyed) == 'new'
    # The last one of all.
    assert order(keyed, 'disable', 'new') == 'key new is disabled; no ' \
        'usable key is left for route all' + FORGOTTEN
    assert ready() == (503, ['dead', 'all'])
    # Warned of once, and not with each request.
    process.wait_line('route all has no usable key')
    assert process.stderr.count('route dead has no usable key') == 1
    assert process.stderr.count('route all has no usable key') == 1


def test_a_disabled_key_needs_attention_and_leaks_are_not_brought_back(keyed):
    start(keyed)
    order(keyed, 'disable', 'old')
    file = keyed.path('sallyport.conf')
    assert status(keyed)['attention'] == [
        {'key': 'old',
         'what': 'key old is disabled; new takes over: revoke old at the API, '
                 "take it out of 'keys' of route all, reload, and remove it; "
                 'only to take it back: sallyport key enable old -c ' + file,
         'command': 'sallyport reload -c ' + file,
         'then': ['sallyport key remove old --from %s -c %s'
                  % (keyed.path('keys.age'), file)], 'next': None}]
    order(keyed, 'disable', 'new')
    assert [a['what'].partition(':')[0] for a in status(keyed)['attention']] \
        == ['route all has no usable key', 'key old is disabled',
            'key new is disabled']
    done = keyed.run('status', '-c', file)
    assert done.returncode == 3
    assert '$ sallyport key enable' not in done.stdout
    # Each command works as it is printed, from anywhere.
    commands = [line.strip()[2:] for line in done.stdout.split('\n')
                if line.startswith('    $ ')]
    assert [c.split()[1:3] for c in commands] == \
        [['key', 'add'], ['reload', '-c']] * 3
    for command, name in zip(commands[2::2], ('old-2', 'new-2')):
        words = shlex.split(command)
        assert words[0] == 'sallyport' and words[3] == name
        done = keyed.run(*words[1:], stdin=keyed.new_key(name),
                         wrap=('env', '-C', '/'))
        assert done.returncode == 0, done.stderr


def test_a_key_is_safe_to_revoke_when_nothing_needs_it(keyed):
    start(keyed)

    def revoke(name):
        key = facts(keyed, name)
        return key['safe_to_revoke'], key['safe_to_revoke_reason']
    assert revoke('old') == revoke('leaked') == \
        (False, 'it serves route all')
    assert revoke('new') == (False, 'it is the next key of route all')
    order(keyed, 'promote', 'new')
    assert revoke('old') == (True, 'other keys serve its routes, and nothing '
                             'was sent with it for a minute')
    done = keyed.run('status', '-c', keyed.path('sallyport.conf'))
    assert '  old is safe to revoke: other keys serve' in done.stdout
    order(keyed, 'disable', 'new')
    # Nothing was ever sent with it, and it will not take over.
    assert revoke('new')[0] is True
    assert revoke('old') == (False, 'it serves route all')
    order(keyed, 'disable', 'old')
    assert revoke('old') == (False, 'no other key serves route all')


def test_what_is_under_way_keeps_a_key_from_being_safe_to_revoke(keyed):
    answers = threading.Event()

    def gate(call):
        answers.wait(60)
        call.answer(b'')
    keyed.api.handlers['/gate'] = gate
    start(keyed)
    with keyed.raw() as raw:
        raw.request(target='/gate')
        wait_until(lambda: keyed.api.requests, 'the request arrives')
        order(keyed, 'promote', 'new')
        assert facts(keyed, 'old')['safe_to_revoke_reason'] == \
            'requests that carry it are under way'
        answers.set()
        assert raw.response().status == 200
    wait_until(lambda: facts(keyed, 'old')['safe_to_revoke_reason'] ==
               'it was used within the last minute', 'it ends')
    assert facts(keyed, 'old')['safe_to_revoke'] is False


def test_what_waits_for_a_connection_keeps_it_from_that_too(keyed):
    with socket.create_server(('127.0.0.1', 0)) as silent:
        silent.settimeout(LIMIT)
        start(keyed, upstreams=[keyed.upstream(
            to='127.0.0.1:%d' % silent.getsockname()[1])])
        with keyed.raw() as raw:
            raw.request('POST', body=b'x')
            held, _ = silent.accept()
            with held:
                order(keyed, 'promote', 'new')
                assert facts(keyed, 'old')['safe_to_revoke_reason'] == \
                    'requests that carry it are under way'


# The verbs.

@pytest.fixture
def daemon(bare):
    with StandIn(bare.path('admin.sock')) as made:
        bare.write('c', 'admin = { address = "%s"; };\n' % made.address)
        made.answer = response({'result': 'success', 'message': 'so it is'})
        yield made


@pytest.mark.parametrize('verb', ['disable', 'enable', 'promote'])
def test_a_verb_posts_the_name_and_says_what_happened(bare, daemon, verb):
    done = bare.run('key', verb, 'a/b é', '-c', 'c')
    assert (done.returncode, done.stdout, done.stderr) == \
        (0, 'so it is\n', '')
    request, = daemon.requests
    assert request.startswith('POST /keys/a%%2Fb%%20%%C3%%A9/%s HTTP/1.1\r\n'
                              % verb)


def test_what_the_daemon_refuses_is_printed(bare, daemon):
    daemon.answer = error('there is no key x', 421, 'sallyport.key_unknown')
    done = bare.run('key', 'disable', 'x', '-c', 'c')
    assert (done.returncode, done.stdout, done.stderr) == \
        (1, '', 'sallyport: there is no key x\n')


def test_a_name_and_only_one_is_expected(bare, daemon):
    for words in (), ('a', 'b'):
        done = bare.run('key', 'disable', *words, '-c', 'c')
        assert done.returncode == 2 and not daemon.requests


def test_what_looks_like_a_key_is_not_sent(bare, daemon):
    key = bare.new_key('a')
    done = bare.run('key', 'disable', key, '-c', 'c')
    assert done.returncode != 0 and not daemon.requests
    assert key not in done.stdout + done.stderr


def test_over_tcp_a_verb_asks_nothing(bare):
    with StandIn() as tcp:
        bare.write('c', 'admin = { address = "%s"; };\n' % tcp.address)
        done = bare.run('key', 'promote', 'a', '-c', 'c')
        assert done.returncode == 1 and not tcp.requests
        assert re.search('an order about a key needs a Unix socket: add one '
                         "to option 'admin'$", done.stderr)


def test_the_verbs_work_on_a_daemon(keyed):
    process = start(keyed)
    file = keyed.path('sallyport.conf')

    def say(*words):
        done = keyed.run('key', *words, '-c', file)
        return done.returncode, done.stdout + done.stderr
    assert say('disable', 'old') == (0, 'key old is disabled%s\n' % FORGOTTEN)
    assert served_by(keyed) == 'new'
    assert say('promote', 'old') == (
        1, 'sallyport: key old is disabled and cannot be promoted: enable it '
        'first\n')
    assert say('enable', 'old') == (0, 'key old is enabled\n')
    assert say('promote', 'new') == \
        (0, 'key new is used from now on by route all%s\n' % FORGOTTEN)
    process.signal(signal.SIGTERM)
    process.wait_exit()
    assert say('disable', 'old')[0] == 1
