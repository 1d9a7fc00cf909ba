"""What is told of the end of a key: that of its value, whatever its names are,
and whatever responses say."""

import json
import time

import pytest
from waiting import wait_until
from world import key_text

PROBED = '/api/v1/deployments'


def config(world, *routes, **more):
    return world.config(routes=routes, more='admin = { address = "unix:%s"; };'
                        % world.path('admin.sock'), **more)


def admin(world, target):
    answer = world.ask(target=target, which='unix:' + world.path('admin.sock'))
    assert answer.status == 200
    return answer.data.decode()


def status(world):
    return json.loads(admin(world, '/status'))


def keys(world):
    return {k['name']: k for k in status(world)['keys']}


def route(*names, **more):
    """What a route of the first of these keys says; for its own path."""
    return '{ name = "%s"; path = "/%s"; strip = true; ' \
        'upstream = "elastic-cloud"; keys = [ %s ]; }' \
        % (names[0], names[0], ', '.join('"%s"' % n for n in names))


@pytest.fixture
def twins(bare):
    """One value, whose name a ends in the past, and b in a year."""
    value = bare.new_key('a')
    bare.seal_text('keys.age', 'keys = (\n%s,\n%s\n);\n' % (
        key_text('a', value, expires='2026-11-30T00:00:00Z',
                 created='2026-01-01'),
        key_text('b', value, expires='2127-11-30T00:00:00Z')))
    bare.api = bare.cloud(keys={'a': value})
    return bare


def test_names_of_one_value_have_one_end(twins):
    process = twins.start(config(twins, route('a')))
    assert twins.ask(target='/a/test/echo').status == 200
    told = status(twins)
    assert [(k['name'], k['state'], k['expires']) for k in told['keys']] == \
        [(n, 'active', '2127-11-30T00:00:00Z') for n in 'ab']
    assert len({k['days_left'] for k in told['keys']}) == 1
    assert told['attention'] == []
    ends = [line for line in admin(twins, '/metrics').splitlines()
            if line.startswith('sallyport_key_expiration_timestamp_seconds{')]
    assert ends == ['sallyport_key_expiration_timestamp_seconds{key="%s"} '
                    '4983206400' % n for n in 'ab']
    # The end of the name a alone is not one that the API is asked about.
    assert PROBED not in [r.target for r in twins.api.requests]
    assert 'has expired' not in process.stderr


def test_check_tells_two_ends_of_one_value(twins):
    done = twins.run('check', '-c', twins.write('c', config(
        twins, route('a'))))
    assert done.returncode == 0
    file = twins.path('keys.age')
    assert "%s:2: warning: key 'a' expires at 2026-11-30T00:00:00Z, and its " \
        "value at 2127-11-30T00:00:00Z by key 'b', at %s:3: the later one " \
        "counts for both" % (file, file) in done.stderr
    assert 'has expired' not in done.stderr


def test_that_the_api_takes_a_key_after_its_end_is_told_once_it_did(bare):
    bare.seal('keys.age', 'old', expires='2026-11-30T00:00:00Z')
    bare.api = bare.cloud()
    bare.start(config(bare, route('old')))

    def told():
        return [a['what'] for a in status(bare)['attention']]
    wait_until(lambda: any('should have expired, and the API still takes it'
                           in what for what in told()), 'it is told')
    assert PROBED in [r.target for r in bare.api.requests]
    assert keys(bare)['old']['state'] in ('active', 'expiring', 'unused')


def test_a_key_is_not_used_behind_the_end_that_the_api_told(bare):
    bare.seal('keys.age', 'old')
    bare.api = bare.cloud()
    bare.start(config(bare, route('old')))
    end = int(time.time()) + 2
    bare.api.expiration['old'] = [str(end)]
    assert bare.ask(target='/old/x').status == 404
    wait_until(lambda: keys(bare)['old']['state'] == 'expired', 'it expires')
    # The API took it when it was asked, and told that end again.
    wait_until(lambda: PROBED in [r.target for r in bare.api.requests],
               'it is probed')
    sent = len([r for r in bare.api.requests if r.target == '/x'])
    for _ in range(5):
        answer = bare.ask(target='/old/x')
        assert answer.status == 503
        assert b'key_unavailable' in answer.data
    assert len([r for r in bare.api.requests if r.target == '/x']) == sent


# What responses say of the end of a key, and the end that counts then; None:
# the one of its sealed file.
FILED = '2127-06-01T00:00:00Z'
ODD = {
    'absent': ([], None),
    'empty': ([''], None),
    'twice': (['2127-02-23', '2127-02-23T00:00:00Z'], '2127-02-23T00:00:00Z'),
    'differs': (['2127-02-23', '2127-02-24'], None),
    'long': (['9' * 10240], None),
    'control': (['2127-02-23\x01'], None),
    'nul': (['2127-02-23\x00'], None),
    'year-0': (['0000-01-01T00:00:00Z'], None),
    'year-9999': (['9999-12-31T23:59:59Z'], '9999-12-31T23:59:59Z'),
    'february-31': (['2127-02-31'], None),
    'negative': (['-1'], None),
    'negative-year': (['-2127-02-23'], None),
    'never': (['never'], None),
    'null': (['null'], None),
    'word': (['soon'], None),
}


def test_no_odd_end_in_a_response_changes_the_state_of_a_key(bare):
    for file, more in (('ends.age', {'expires': FILED}), ('none.age', {})):
        bare.seal(file, *(file[0] + '-' + odd for odd in ODD), **more)
    bare.api = bare.cloud()
    routes = []
    for name in list(bare.keys):
        bare.api.expiration[name] = ODD[name[2:]][0]
        routes.append(route(name))
    process = bare.start(config(bare, *routes,
                                sealed=('ends.age', 'none.age')))
    for name in bare.keys:
        # A control in a field is no response.
        wanted = 502 if name[2:] in ('control', 'nul') else 200
        assert bare.ask(target='/%s/test/echo' % name).status == wanted
    told = keys(bare)
    for name in bare.keys:
        counts = ODD[name[2:]][1] or (FILED if name[0] == 'e' else None)
        assert (name, told[name]['expires']) == (name, counts)
        assert (name, told[name]['state']) == (name, 'active')
        assert (told[name]['days_left'] is None) == (counts is None)
    assert process.events('sallyport.key', 'key-expired') == []
