"""Which targets pass, on which route, and what goes upstream: hundreds of
them, each with its right value, asked of explain and of the daemon."""

import concurrent.futures
import json

import cloud
import pytest
import targets
from waiting import SANITIZED
from ways import both_ways_if_full

ROUTES = (('billing', 'path = "/billing";', 'team-b'),
          ('deep', 'path = "/api/v1/deep";', 'team-c'),
          ('minting', 'path = "/minting"; allow_minting = true;', 'team-d'),
          ('rest', '', 'team-a'))
KEYS = {name: key for name, _, key in ROUTES}


class Everywhere(dict):
    """One answer for all paths."""

    def __contains__(self, path):
        return True

    def __missing__(self, path):
        return cloud.echo


def routes():
    for listener in ('kept', 'stripped'):
        for name, path, key in ROUTES:
            strip = 'strip = true;' if path and listener == 'stripped' else ''
            yield ('{ name = "%s-%s"; listener = "%s"; %s %s upstream = '
                   '"elastic-cloud"; keys = [ "%s" ]; }'
                   % (listener, name, listener, path, strip, key))


@pytest.fixture
def two(bare):
    bare.seal('keys.age', *KEYS.values())
    bare.cloud().handlers = Everywhere()
    bare.start(bare.config(
        routes=list(routes()),
        listeners=[bare.listener(name) for name in ('kept', 'stripped')],
        log='access = "%s"; query = true;' % bare.path('access.ndjson')))
    return bare


def by_daemon(world, which, method, target):
    response = world.ask(method, target, which=which,
                         body=b'' if method in ('POST', 'PUT') else None)
    code = response.fields.one('x-cloud-error-codes')
    if code is not None:
        assert response.status in (400, 421), (target, response.status)
        return code.replace('sallyport.', '')
    assert response.status == 200, (target, response.status)
    got = json.loads(response.data)
    route = next(name for name, key in KEYS.items() if key == got['key'])
    return route, got['target']


def by_explain(world, which, method, target):
    if not target or not target.isascii():
        return None         # no argument, or another in UTF-8
    done = world.run('explain', '-c', world.path('sallyport.conf'),
                     '--listener', which, '-H', 'Content-Length: 0',
                     method, target)
    said = dict(line.split(': ', 1) for line in done.stdout.splitlines()
                if not line.startswith(' '))
    assert done.returncode == (1 if 'refused' in said else 0), done.stderr
    if 'refused' in said:
        return said['refused'].split(':')[0]
    assert said['key'] == KEYS[said['route'].split('-')[1]]
    return said['route'].split('-')[1], said['target']


ROWS = list(targets.rows())


def test_there_are_enough_of_them():
    assert len({row[:2] for row in ROWS}) == len(ROWS) >= 500


@both_ways_if_full
def test_the_daemon_judges_each_target_as_is_right(two):
    wrong = []
    for method, target, *right in ROWS:
        for which, value in enumerate(right):
            got = by_daemon(two, which, method, target)
            if got != value:
                wrong.append((which, method, target, got, value))
    assert not wrong, '\n'.join(map(str, wrong))
    # What is logged is what was matched, and sent where nothing is stripped.
    lines = two.access(2 * len(ROWS))[::2]
    for (method, target, kept, _), line in zip(ROWS, lines):
        if isinstance(kept, tuple):
            url = line['url']
            said = url['path'] + ('?' + url['query'] if 'query' in url else '')
            assert said == kept[1], target


# A process for each of them takes its time on a busy machine.  Under sanitizers
# some will do: it is the same code that judges for the daemon.
PARTS = 16


@pytest.mark.parametrize('part', range(3 if SANITIZED else PARTS))
def test_explain_judges_each_target_as_is_right(two, part):
    def ask(row):
        method, target, *right = row
        # Where both are the same it is for both the same rule.
        for which, value in zip(('kept', 'stripped'), dict.fromkeys(right)):
            got = by_explain(two, which, method, target)
            if got not in (None, value):
                yield which, method, target, got, value

    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        wrong = sum(pool.map(lambda row: list(ask(row)),
                             ROWS[part::PARTS]), [])
    assert not wrong, '\n'.join(map(str, wrong))
