"""Warnings that keys expire: which lines there are of keys that live for a
day, a week, a quarter and a year, while years pass and the program is started
again."""

import json
import os
import time

import pytest
from steered import Steered, needs_steered
from waiting import wait_until

pytestmark = needs_steered

HOUR = 3600
DAY = 24 * HOUR

# How many days a key lives, and when it is warned of: so many days before its
# end, by that threshold.
SHORT = [(3, '3d'), (1, '1d')]
LONG = [(30, '30d'), (14, '14d'), (7, '7d'), *SHORT]
LIVES = {'day': (1, [(0.1, '10%')]), 'week': (7, SHORT),
         'quarter': (90, LONG), 'year': (365, LONG)}


def as_text(seconds):
    return time.strftime('%Y-%m-%dT%H:%M:%SZ', time.gmtime(seconds))


class Life:
    """Keys that are made now, and the program, whose time the test makes."""

    def __init__(self, world, told):
        self.world = world
        self.steered = Steered(world)
        self.born = int(time.time())
        self.lines = []
        self.ends = {name: self.born + days * DAY
                     for name, (days, _) in LIVES.items()}
        for name, end in self.ends.items():
            world.seal(name + '.age', name, created=as_text(self.born),
                       expires=as_text(end))
        self.api = world.cloud()
        if told:
            for name, end in self.ends.items():
                self.api.expiration[name] = [as_text(end)]
        os.mkdir(world.path('state'), 0o700)

    def start(self):
        world = self.world
        self.process = world.start(world.config(
            routes=['{ name = "%s"; path = "/%s"; strip = true; '
                    'upstream = "elastic-cloud"; keys = [ "%s" ]; }'
                    % (n, n, n) for n in LIVES],
            sealed=['%s.age' % n for n in LIVES], workers=4,
            log='access = "none";',
            more='state_dir = "%s";' % world.path('state')),
            env=self.steered.env)

    def is_kept(self, name, lead):
        """What was told of that key last is on the disk."""
        with open(self.world.path('state/keys.json')) as f:
            return [k for k in json.load(f)['keys'] if k['name'] == name
                    and k.get('warned_lead') == lead]

    def restart(self, killed):
        if killed:
            self.process.kill()
        else:
            self.world.stop()
        self.take()
        os.unlink(self.steered.orders)
        self.start()

    def pass_to(self, seconds):
        """Its time is that, and it has looked at it."""
        self.steered.set_clock(int(seconds) - int(time.time()))
        for _ in range(2):              # a turn of its loop lies between
            self.steered.order('enable', 'nobody')

    def take(self):
        """What one daemon said, once all of it was read."""
        self.process.wait_exit()
        self.lines += [(e['@timestamp'], e['message']) for e in
                       self.process.events('sallyport.key', 'key-expiring')]


@pytest.fixture
def life(bare, request):
    made = Life(bare, request.param)
    yield made
    made.steered.close()


def warnings(life):
    """When each is due, of which key, and by which threshold."""
    return sorted((int(life.ends[name] - lead * DAY), name, threshold)
                  for name, (_, due) in LIVES.items()
                  for lead, threshold in due)


def left_text(seconds):
    """As a message says it, a moment later."""
    hours = seconds / HOUR
    return '%.0f days' % (hours / 24) if hours > 47 else \
        '%d hours' % (hours + 0.49)


@pytest.mark.parametrize('life', [False, True], indirect=True,
                         ids=['by-the-file', 'as-the-api-tells'])
def test_keys_are_warned_of_exactly_so_across_restarts_and_steps_of_the_clock(
        life):
    life.start()
    for name in LIVES:
        assert life.world.ask(target='/%s/test/echo' % name).status == 200
    expected = []
    for i, (at, name, threshold) in enumerate(warnings(life)):
        # A minute before it is due the clock is set back, and then to that
        # time, or an hour later; and what was told of comes once more.
        late = HOUR * (i % 2)
        life.pass_to(at - 60)
        life.pass_to(at - 60 - HOUR)
        life.pass_to(at + late)
        life.pass_to(at + 1 - HOUR)
        life.pass_to(at + 1)
        expected.append('key %s expires in %s, at %s (threshold %s)' % (
            name, left_text(life.ends[name] - at - late),
            as_text(life.ends[name]), threshold))
        if i in (4, 9):
            lead = life.ends[name] - at
            wait_until(lambda: life.is_kept(name, lead), 'it is kept')
            life.restart(killed=i == 9)
    life.pass_to(life.ends['year'] + DAY)
    life.world.stop()
    life.take()
    assert [message for _, message in life.lines] == expected
    for (when, _), (at, _, _) in zip(life.lines, warnings(life)):
        assert as_text(at) <= when[:19] + 'Z' <= as_text(at + HOUR + 60)
