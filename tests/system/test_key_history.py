"""A long history of orders, requests, killed workers and reloads: a value that
was off went nowhere, under no name."""

import bisect
import json
import os
import random
import signal
import threading
import time

import http1
import pytest
from load import Load, needs_load
from recorder import Recorder, needs_recorder
from waiting import LIMIT, wait_until
from world import FULL

TOGGLES = 1000 if FULL else 60
HISTORIES = 10 if FULL else 1
CLIENTS = 4             # at each of two routes
NAMES = 'old', 'leaked'     # of one value


class History:
    """Orders and when they were given, in nanoseconds since 1970."""

    def __init__(self, world, seed):
        self.world = world
        self.any = random.Random(seed)
        self.off = []           # from the return of an order to the next one
        self.reloads = self.kills = 0
        self.killed = 0
        self.reloading = None
        self.raw = None

    def ask(self, target):
        """The admin process may have retired, or be gone."""
        for _ in range(100):
            try:
                self.raw = self.raw or self.world.raw(self.world.admin)
                return self.raw.ask('POST', target)
            except (OSError, http1.Closed, http1.Truncated):
                self.raw = None
        raise AssertionError('nobody follows orders')

    def order(self, verb):
        """Under any name; when it was sent and when it was answered."""
        began = time.time_ns()
        answer = self.ask('/keys/%s/%s' % (self.any.choice(NAMES), verb))
        assert answer.status == 200, answer.data
        return began, time.time_ns()

    def reload(self):
        """At the same time as what follows."""
        def ask():
            answer = self.world.ask('POST', '/reload', which=self.world.admin)
            assert answer.status == 200, answer.data
            self.reloads += 1
        if self.reloading is None or not self.reloading.is_alive():
            self.reloading = threading.Thread(target=ask)
            self.reloading.start()

    def kill(self):
        """A worker of any generation, not so often that none is replaced."""
        workers = self.world.processes[-1].workers
        if workers and time.monotonic() - self.killed > 1:
            os.kill(self.any.choice(workers), signal.SIGKILL)
            self.killed = time.monotonic()
            self.kills += 1

    def toggle(self, while_off):
        _, off = self.order('disable')
        while_off(off)
        on, _ = self.order('enable')
        self.off.append((off, on))

    def when_off(self, requests):
        """Those that came while the value was off, and how long after."""
        begins = [off for off, _ in self.off]
        for r in requests:
            i = bisect.bisect_right(begins, r.at) - 1
            if i >= 0 and r.at < self.off[i][1]:
                yield r, r.at - begins[i]


@pytest.fixture
def leaked(bare):
    """A value with two names, each listed by a route, and another one."""
    bare.seal('keys.age', 'old', 'new')
    bare.keys['leaked'] = bare.keys['old']
    bare.seal('leaked.age', 'leaked')
    del bare.keys['leaked']
    bare.admin = 'unix:' + bare.path('admin.sock')
    # In memory, where a disk would take most of the time.
    state = os.path.join(bare.memory or bare.folder, 'state')
    os.mkdir(state, 0o700)
    bare.state = state
    return bare


def start(world, record):
    return world.start(world.config(
        sealed=('keys.age', 'leaked.age'), workers=2, log='access = "none";',
        upstreams=[world.upstream(to=record.address)],
        routes=['{ name = "other"; path = "/other"; upstream = '
                '"elastic-cloud"; keys = [ "leaked", "new" ]; }',
                '{ name = "all"; upstream = "elastic-cloud"; '
                'keys = [ "old", "new" ]; }'],
        more='admin = { address = "%s"; }; state_dir = "%s";' % (
            world.admin, world.state)))


def cut_in(record, off):
    """Waits until no connection is open that carried it."""
    wait_until(lambda: not record.read().open_with('old'),
               'its connections are closed')
    return max(map(record.closed.get, record.carried.get('old', ())),
               default=off) - off


def requests_of(record, n, key):
    """Waits for so many more."""
    at = len(record.read().requests)
    wait_until(lambda: sum(r.key == key for r in
                           record.read().requests[at:]) >= n,
               'requests go on with ' + key)


def play(history, record):
    """Returns how long connections stayed open, where that was waited for."""
    cut = []

    def long(off):
        cut.append(cut_in(record, off))
        requests_of(record, 2 * CLIENTS, 'new')
    for i in range(TOGGLES):
        if i % 20 == 10:
            history.kill()
        if i % 100 == 20:
            history.reload()
        if i % 10 == 0:
            history.toggle(long)
            requests_of(record, 1, 'old')
        elif i % 10 == 5:
            history.toggle(lambda off: requests_of(record, 1, 'new'))
        else:
            history.toggle(lambda off: None)
    if history.reloading is not None:
        history.reloading.join(LIMIT)
    if history.raw is not None:
        history.raw.close()
    return cut


@needs_load
@needs_recorder
@pytest.mark.slow
@pytest.mark.parametrize('seed', range(HISTORIES))
def test_a_value_that_is_off_goes_nowhere_whatever_happens(leaked, seed):
    record = Recorder(leaked)
    loads = []
    try:
        process = start(leaked, record)
        loads = [Load(leaked, '-c', CLIENTS, path=path)
                 for path in ('/small', '/other/small')]
        wait_until(lambda: record.read().requests, 'requests')
        history = History(leaked, seed)
        cut = play(history, record)
        record.read()
    finally:
        for one in loads:
            one.kill()
        record.stop()
    seen = list(history.when_off(record.requests))
    wrong = [after for r, after in seen if r.key == 'old']
    print('%d toggles, %d reloads, %d workers killed, %d requests, of these '
          '%d with the value, %d while it was off; ms until its connections '
          'were closed: %.1f at most' % (
              TOGGLES, history.reloads, history.kills, len(record.requests),
              sum(r.key == 'old' for r in record.requests), len(seen),
              max(cut) / 1e6))
    assert history.reloads and history.kills
    assert len(seen) > TOGGLES
    assert {r.key for r in record.requests} == {'old', 'new'}
    assert wrong == [], 'ms after the order: %s' % [t / 1e6 for t in wrong]
    # A figure is for a machine that does nothing else.
    assert not FULL or sorted(cut)[len(cut) // 2] < 100e6
    assert json.loads(leaked.ask(target='/status', which=leaked.admin).data)
    assert process.child.poll() is None
