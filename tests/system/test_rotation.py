"""Rotations under load: 64 clients ask without a pause, with bodies and
without, while a key expires, is revoked, is replaced or is switched off.  No
request fails, and no dead key reaches the API."""

import datetime
import json
import os
import time

import keyfiles
import nginx as nginx_module
import pytest
from load import Load, needs_load
from steered import Steered, needs_steered
from waiting import wait_until
from world import FULL

pytestmark = [needs_load, pytest.mark.slow, pytest.mark.skipif(
    not nginx_module.present(), reason='nginx is not installed')]

REQUESTS = 200000 if FULL else 6000
CLIENTS = 64
ONCE = 16                   # of them, with a connection for each request
BODY = 2000                 # bytes of each POST, fewer than the replay buffer
WORKERS = 4
# Seconds after its death in which the API may still see a key; a machine that
# is not at this alone may take longer until nginx reads what was sent before.
AT_ONCE = 0.1 if FULL else 2
PROBED = '/api/v1/deployments'

# What came, by the name of its key; $msec is the end of a request.
HTTP = '''
	log_format uses '$msec $request_time $status $request_uri $key_name';
	map $key_name $key_expires {{ default ""; {expires} }}
'''
# A key is revoked from the moment on when there is a file of its name.
SERVER = '''
	access_log {folder}/uses uses;
	add_header X-Elastic-Api-Key-Expiration $key_expires;
	if (-f {folder}/revoked/$key_name) {{ rewrite ^ /refused last; }}
	location = /refused {{
		add_header X-Cloud-Error-Codes root.unauthenticated always;
		return 401 "{{}}";
	}}
	location = {probed} {{ return 200 "{{}}"; }}
'''


class Api(nginx_module.Nginx):
    """Notes which key came when, and revokes keys at once."""

    def __init__(self, world, **expires):
        self.world = world
        os.mkdir(world.path('revoked'))
        super().__init__(
            world, http=HTTP.format(expires=' '.join(
                '%s "%s";' % e for e in expires.items())),
            more=SERVER.format(folder=world.folder, probed=PROBED))
        self.log = open(world.path('uses'))
        self.rest = ''
        self.requests = self.refused = self.probes = 0
        self.last = {}          # name of a key to when it came last

    def read(self):
        """Takes what was logged since; how many it answered by 200."""
        *lines, self.rest = (self.rest + self.log.read()).split('\n')
        for line in lines:
            end, took, status, target, *name = line.split(' ')
            if target == PROBED:
                self.probes += 1
                continue
            self.requests += 1
            self.refused += status == '401'
            begun = float(end) - float(took)
            self.last[name[0]] = max(begun, self.last.get(name[0], 0))
        return self.requests - self.refused

    def revoke(self, name):
        self.world.write('revoked/' + name, '')

    def stop(self):
        super().stop()
        self.log.close()


class Play:
    """The load, and what is said of it in the end."""

    def __init__(self, world, api, posts=True):
        self.api = api
        self.process = world.processes[-1]
        self.load = Load(world, '-c', CLIENTS, '-o', ONCE,
                         *(('-p', BODY) if posts else ()))

    def __enter__(self):
        self.wait(REQUESTS // 2)
        return self

    def __exit__(self, *_):
        self.load.kill()

    def wait(self, n):
        wait_until(lambda: self.api.read() >= n, '%d requests' % n, 3600)

    def end(self, what, dead, died, most=0):
        """No more than that failed, and since it died none had that key."""
        # Each client may have one under way, and one that came twice.
        self.wait(max(REQUESTS, self.api.read() + REQUESTS // 4) +
                  2 * CLIENTS)
        said = self.load.stop()
        self.api.read()
        late = self.api.last[dead] - died
        print('%s: %s; %d requests at the API, %d of them refused, %d probes; '
              'the dead key came last %.0f ms after its death' %
              (what, said, self.api.requests, self.api.refused,
               self.api.probes, 1000 * late))
        assert said['requests'] >= REQUESTS
        assert said['errors'] <= most, said
        assert late <= AT_ONCE
        assert self.api.last['new'] > died
        return said['errors']


def event(process, action, ahead=0):
    """When it was first logged, by the system's clock; the program's is ahead
    of it by that, or was not yet.  A key that was rejected may expire, too."""
    process.wait_line('"action":"(%s)"' % action)
    one = [e for e in process.events('sallyport.key')
           if e['event']['action'] in action.split('|')][0]
    at = datetime.datetime.fromisoformat(
        one['@timestamp'].replace('Z', '+00:00')).timestamp()
    return at - ahead if at > time.time() + ahead / 2 else at


def config(world, *keys, sealed=('keys.age',)):
    return world.config(
        routes=['{ name = "all"; upstream = "elastic-cloud"; keys = [ %s ]; }'
                % ', '.join('"%s"' % k for k in keys)],
        upstreams=[world.upstream(to=world.api.address)],
        log='access = "%s";' % world.path('access.ndjson'),
        more='admin = { address = "%s"; };' % world.admin,
        workers=WORKERS, sealed=sealed)


@pytest.fixture
def keyed(bare):
    bare.admin = 'unix:' + bare.path('admin.sock')
    bare.api = None
    yield bare
    if bare.api:
        bare.api.stop()


@pytest.fixture
def steered(keyed):
    keyed.steered = Steered(keyed)
    yield keyed
    keyed.steered.close()


def in_a_day():
    """Seconds since 1970, and as text."""
    end = int(time.time()) + 86400
    return end, time.strftime('%Y-%m-%dT%H:%M:%SZ', time.gmtime(end))


@needs_steered
def test_none_fails_when_a_key_expires_as_the_api_told(steered):
    steered.seal('keys.age', 'old', 'new')
    end, text = in_a_day()
    steered.api = Api(steered, old=text)
    process = steered.start(config(steered, 'old', 'new'),
                            env=steered.steered.env)
    with Play(steered, steered.api) as play:
        # It ends in one to two seconds.
        ahead = end - int(time.time()) - 2
        steered.steered.set_clock(ahead)
        process.wait_line('"action":"key-expired"')
        steered.api.revoke('old')
        play.end('expired, as the API told', 'old', end - ahead)
    assert event(process, 'key-expired', ahead) - (end - ahead) < AT_ONCE


@needs_steered
def test_none_fails_when_a_key_expires_as_its_file_says(steered):
    """And as the API knows, which says nothing but 401: the key may have been
    suspected before its time."""
    end, text = in_a_day()
    steered.seal('keys.age', 'new')
    steered.seal('old.age', 'old', expires=text)
    steered.api = Api(steered)
    process = steered.start(
        config(steered, 'old', 'new', sealed=('keys.age', 'old.age')),
        env=steered.steered.env)
    with Play(steered, steered.api) as play:
        ahead = end - int(time.time()) + 1
        steered.api.revoke('old')
        steered.steered.set_clock(ahead)
        play.end('expired, as its file says', 'old',
                 event(process, 'key-expired|key-rejected', ahead))


def test_none_fails_when_a_key_is_revoked(keyed):
    keyed.seal('keys.age', 'old', 'new')
    keyed.api = Api(keyed)
    process = keyed.start(config(keyed, 'old', 'new'))
    with Play(keyed, keyed.api) as play:
        keyed.api.revoke('old')
        play.end('revoked', 'old', event(process, 'key-rejected'))


def post(world, verb, name):
    answer = world.ask('POST', '/keys/%s/%s' % (name, verb),
                       which=world.admin)
    assert answer.status == 200, answer.data


def why_not_to_revoke(world, name):
    answer = world.ask(target='/status', which=world.admin)
    one, = [k for k in json.loads(answer.data)['keys'] if k['name'] == name]
    return one['safe_to_revoke_reason']


def is_at_rest(world, name):
    """Nothing is under way with it, nor will be."""
    why = why_not_to_revoke(world, name)
    return 'within the last minute' in why or 'nothing' in why


# How the new key comes to serve: as the next one, which is promoted, or in the
# place of the old one.
@pytest.mark.parametrize('keys', [('old', 'new'), ('new',)])
def test_none_fails_when_a_new_key_comes_by_reload_and_the_old_is_disabled(
        keyed, keys):
    keyed.seal('keys.age', 'old')
    keyed.new_key('new')
    keyed.api = Api(keyed)
    process = keyed.start(config(keyed, 'old'))
    with Play(keyed, keyed.api) as play:
        keyfiles.add(keyed, 'new', value=keyed.keys['new'])
        keyed.write('sallyport.conf', config(keyed, *keys))
        done = keyed.run('reload', '-c', keyed.path('sallyport.conf'))
        assert done.returncode == 0, done.stderr
        if keys[0] == 'old':
            post(keyed, 'promote', 'new')
        wait_until(lambda: is_at_rest(keyed, 'old'), 'the old key is at rest')
        post(keyed, 'disable', 'old')
        play.end('replaced by reload', 'old', event(process, 'key-disabled'))


def test_none_fails_when_the_next_key_is_promoted(keyed):
    keyed.seal('keys.age', 'old', 'new')
    keyed.api = Api(keyed)
    process = keyed.start(config(keyed, 'old', 'new'))
    with Play(keyed, keyed.api) as play:
        post(keyed, 'promote', 'new')
        play.end('promoted', 'old', event(process, 'key-promoted'))


def test_none_that_may_be_repeated_fails_when_its_key_is_disabled(keyed):
    keyed.seal('keys.age', 'old', 'new')
    keyed.api = Api(keyed)
    process = keyed.start(config(keyed, 'old', 'new'))
    with Play(keyed, keyed.api, posts=False) as play:
        post(keyed, 'disable', 'old')
        play.end('disabled at once', 'old', event(process, 'key-disabled'))


def test_of_those_that_may_not_be_only_what_is_under_way_is_cut(keyed):
    keyed.seal('keys.age', 'old', 'new')
    keyed.api = Api(keyed)
    process = keyed.start(config(keyed, 'old', 'new'))
    with Play(keyed, keyed.api) as play:
        post(keyed, 'disable', 'old')
        failed = play.end('disabled at once, POSTs too', 'old',
                          event(process, 'key-disabled'), most=CLIENTS)
    keyed.stop()
    cut = [line for line in keyed.access()
           if line['event']['outcome'] == 'failure']
    assert len(cut) == failed
    for line in cut:
        assert line['http']['request']['method'] == 'POST'
        assert line['http']['response']['status_code'] == 503
        assert line['sallyport']['fault'] == 'key_unavailable'
        assert line['sallyport']['key'] == 'old'
