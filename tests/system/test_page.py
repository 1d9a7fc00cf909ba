"""The page for people of the admin listener: what it tells, what it may do in
a browser, and how it is there."""

import contextlib
import datetime
import html
import json
import os
import re

import browser as browser_module
import clients
import pytest
from waiting import wait_until

LONG = 'n' * 64
ODD = '<b id="x">&\'.age'
CHROMIUM = pytest.mark.skipif(not browser_module.chromium(),
                              reason='chromium is not installed')
MANUAL = os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', '..',
                      'man', 'sallyport.8')
SHOTS = os.environ.get('SALLYPORT_SHOTS')     # a folder to look at them


def in_days(days):
    then = datetime.datetime.now(datetime.timezone.utc) + \
        datetime.timedelta(days=days, minutes=5)
    return then.strftime('%Y-%m-%dT%H:%M:%SZ')


def start(world, routes=None):
    world.start(world.config(routes=routes, more='admin = ( { address = '
                             '"unix:%s"; }, { address = "127.0.0.1:0"; } );' %
                             world.path('admin.sock'),
                             sealed=sorted(f for f in os.listdir(world.folder)
                                           if f.endswith('.age'))))
    world.unix, world.tcp = world.processes[-1].listening[-2:]


def route(name, *keys):
    return '{ name = "%s"; path = "/%s"; strip = true; ' \
        'upstream = "elastic-cloud"; keys = [ %s ]; }' % (
            name, name, ', '.join('"%s"' % k for k in keys))


def ask(world, target='/', **more):
    return world.ask(target=target, which=world.tcp, **more)


def page(world, target='/'):
    response = ask(world, target)
    assert response.status == 200
    return response.data.decode()


def status(world):
    return json.loads(ask(world, '/status').data)


def keys_of(text):
    """Names and states in the order of the page."""
    part = re.search(r'<section id="keys".*?</section>', text, re.S)[0]
    return re.findall(r'<h3><span class="name">(.*?)</span> '
                      r'<span class="state">(.*?)</span>', part)


def heading(text):
    return re.search(r'<h1[^>]*>(.*?)</h1>', text)[1]


# What it is.

def test_the_page_may_do_nothing_but_what_is_its_own(world):
    start(world)
    for where in world.unix, world.tcp:
        response = world.ask(target='/', which=where)
        assert response.status == 200
        assert response.fields.one('content-type') == \
            'text/html; charset=utf-8'
        assert response.fields.one('cache-control') == 'no-store'
        assert response.fields.one('x-content-type-options') == 'nosniff'
        assert response.fields.one('referrer-policy') == 'no-referrer'
        assert re.fullmatch(
            r"default-src 'none'; style-src 'sha256-[\w+/]{43}='; "
            r"script-src 'sha256-[\w+/]{43}='; connect-src 'self'; "
            r"img-src data:; base-uri 'none'; form-action 'none'; "
            r"frame-ancestors 'none'",
            response.fields.one('content-security-policy'))
        assert len(response.data) < 60 * 1024
    assert world.ask('POST', '/', which=world.unix).status == 405
    assert world.ask('POST', '/', which=world.tcp).status == 421
    assert ask(world, fields=[('Sec-Fetch-Site', 'cross-site')]).status == 421
    assert not re.findall(r'\b(?:src|href)="(?!data:,|\./|\?only|\?still|#|'
                          '/status"|/metrics")', page(world))


def escaped(text):
    return html.escape(text).replace('&#x27;', '&#39;')


def commands_of(text):
    """The commands of the page, in each of which every word is an element."""
    return [html.unescape(re.sub('</?span>', '', line))
            for block in re.findall('<pre><code>(.*?)</code></pre>', text, re.S)
            for line in block.split('\n')]


def test_a_name_is_never_markup(world):
    os.unlink(world.path('keys.age'))
    world.seal(ODD, LONG)
    start(world, [route('all', LONG)])
    assert world.ask('POST', '/keys/%s/disable' % LONG,
                     which=world.unix).status == 200
    text = page(world)
    command = status(world)['attention'][0]['command']
    assert '<b id=' in command
    assert '<b id=' not in text and command in commands_of(text)
    assert keys_of(text) == [(LONG, 'disabled')]
    for value in world.keys.values():
        assert value not in text


# What it tells.

@pytest.fixture
def mixed(world):
    """Keys in each state, with the API's word where it needs it."""
    world.seal('keys.age', 'healthy', 'forever')
    world.seal('soon.age', 'soon', created=in_days(-80), expires=in_days(3))
    world.seal('long.age', 'long', created=in_days(-30), expires=in_days(60))
    world.seal('over.age', 'over', expires='2020-01-01T00:00:00Z')
    world.seal('bad.age', 'bad', 'off')
    for name, line in world.keys.items():
        if name not in ('over', 'bad'):
            world.clouds[0].add_key(name, line)
    start(world, [route('billing', 'soon'), route('search', 'over'),
                  route('ci', 'bad'), route('nightly', 'off', 'forever'),
                  route('all', 'healthy', 'long')])
    world.ask(target='/ci/test/echo')
    assert world.ask('POST', '/keys/off/disable',
                     which=world.unix).status == 200
    wait_until(lambda: {k['name']: k['state'] for k in status(world)['keys']}
               .items() >= {'over': 'expired', 'bad': 'rejected'}.items(),
               'the states are known')
    return world


def test_the_most_urgent_key_comes_first_and_so_does_what_to_do(mixed):
    text = page(mixed)
    assert heading(text) == '4 keys need you'
    assert '<title>4 keys need you - Sallyport</title>' in text
    keys = keys_of(text)
    assert {n for n, _ in keys[:3]} == {'over', 'bad', 'off'}
    assert [n for n, _ in keys[3:]] == ['soon', 'long', 'forever', 'healthy']
    assert dict(keys)['soon'] == 'expiring'
    assert re.search(r'Next to end: <strong class="name">soon</strong>, in '
                     r'3 days\. Used by <span class="name">billing</span>: '
                     r'<span class="name">anybody at listener local</span>'
                     r'\.</p>\n<p>Remedy: replace it by <strong class="name">'
                     r'soon-2</strong>', text)
    for one in status(mixed)['attention']:
        assert escaped(one['what']) in text
        for command in one['command'], *one['then']:
            assert command in commands_of(text)
    assert 'width="3"' in text or 'width="4"' in text     # 3 days of 83


def test_only_what_is_in_trouble_is_shown_on_demand(mixed):
    whole = page(mixed)
    bad = page(mixed, '/?only=bad')
    assert {n for n, _ in keys_of(bad)} == {'soon', 'over', 'bad', 'off'}
    assert heading(bad) == heading(whole)
    assert 'id="upstreams"' in whole and 'id="upstreams"' not in bad
    assert page(mixed, '/?x=y&only=bad').count('class="card') == \
        bad.count('class="card')
    assert keys_of(page(mixed, '/?only=badly')) == keys_of(whole)


def test_where_all_is_well_it_says_so(world):
    start(world)
    text = page(world)
    assert heading(text) == 'No key needs you'
    assert 'No key is in trouble.' in page(world, '/?only=bad')


def names_in(value):
    """The names of all members, of whatever is in there too."""
    if isinstance(value, list):
        return {n for one in value for n in names_in(one)}
    if isinstance(value, dict):
        return set(value) | {n for one in value.values()
                             for n in names_in(one)}
    return set()


def test_help_and_the_manual_name_each_member_of_the_document(mixed):
    names = names_in(status(mixed))
    assert {'then', 'clients', 'requests_last_minute', 'faults',
            'events'} < names
    with open(MANUAL) as f:
        texts = {'help': mixed.run('help', 'status').stdout,
                 'manual': f.read()}
    for where, text in texts.items():
        words = set(re.findall(r'\w+', text))
        assert names - words == set(), where


def test_help_and_the_manual_tell_that_there_is_a_page(bare):
    with open(MANUAL) as f:
        for text in bare.run('help', 'status').stdout, f.read():
            assert 'page for people at' in text and '/?only=bad' in text


def test_the_document_tells_who_uses_a_route_and_how_much(mixed):
    before = {r['name']: r['requests'] for r in status(mixed)['routes']}
    for _ in range(3):
        assert mixed.ask(target='/billing/test/echo').status == 200
    assert mixed.ask(target='/nowhere').status == 421
    doc = status(mixed)
    routes = {r['name']: r for r in doc['routes']}
    assert routes['billing']['clients'] == ['anybody at listener local']
    assert routes['billing']['requests'] == before['billing'] + 3
    assert routes['billing']['requests_last_minute'] >= 3
    # It is counted when its exchange is over, after its client has the answer.
    wait_until(lambda: {'fault': 'no_route', 'count': 1, 'last_minute': 1}
               in status(mixed)['faults'], 'the fault to be counted')


def test_the_document_tells_the_last_events_of_keys(mixed):
    events = status(mixed)['events']
    assert events[0]['key'] in ('off', 'bad', 'over')
    told = {(e['action'], e['key']) for e in events}
    assert told >= {('key-disabled', 'off'), ('key-rejected', 'bad'),
                    ('key-expiring', 'soon')}
    logged = {e['message'] for e in mixed.processes[-1].events('sallyport.key')}
    for event in events:
        assert event['text'] in logged
    assert [e['at'] for e in events] == sorted(
        (e['at'] for e in events), reverse=True)


def test_the_way_to_the_next_key_is_told_whole(mixed):
    soon, = [a for a in status(mixed)['attention'] if a['key'] == 'soon']
    conf = ' -c ' + mixed.path('sallyport.conf')
    assert soon['next'] == 'soon-2'
    assert soon['command'].startswith('sallyport key add soon-2 --to ')
    assert soon['then'] == ['sallyport reload' + conf,
                            'sallyport key promote soon-2' + conf,
                            'sallyport key disable soon' + conf]


# In a browser.

@contextlib.contextmanager
def browsing(world):
    with browser_module.Browser(world.path('profile')) as browser:
        browser.base = 'http://' + world.tcp.replace('127.0.0.1', 'localhost')
        yield browser


def shoot(browser, name):
    if SHOTS:
        os.makedirs(SHOTS, exist_ok=True)
        browser.shoot(os.path.join(SHOTS, name + '.png'))


@pytest.mark.slow
@CHROMIUM
def test_a_browser_loads_it_with_one_request_and_finds_no_fault(mixed):
    with browsing(mixed) as browser:
        for dark in False, True:
            browser.size(1280, 900, dark)
            browser.open(browser.base + '/')
            assert browser.requests[:1] == [browser.base + '/']
            assert not [r for r in browser.requests[1:]
                        if not r.startswith('data:')]
            shoot(browser, 'mixed-' + ('dark' if dark else 'light'))
            # As wide as the narrowest phone, and in a reader's zoom.
            browser.size(320, 640, dark)
            assert browser.evaluate(
                'document.documentElement.scrollWidth') <= 320
            shoot(browser, 'phone-' + ('dark' if dark else 'light'))
            assert not browser.troubles


STATES = {
    'healthy': 'No key needs you',
    'expiring': '1 key needs you',
    'expired': '1 key needs you',
    'rejected': '1 key needs you',
    'disabled': '1 key needs you',
}


def start_in(world, state):
    """A daemon whose key prod is in that state."""
    made, ends = (-80, 3) if state == 'expiring' else (-30, 60)
    if state == 'expired':
        made, ends = -90, -1
    world.seal('a.age', 'prod', created=in_days(made), expires=in_days(ends))
    world.seal('b.age', 'kibana', created=in_days(-5), expires=in_days(85))
    for name in ('prod', 'kibana'):
        if (name, state) not in (('prod', 'expired'), ('prod', 'rejected')):
            world.clouds[0].add_key(name, world.keys[name])
    start(world, [
        '{ name = "terraform"; path = "/tf"; strip = true; client_key = "ci"; '
        'upstream = "elastic-cloud"; keys = [ "prod" ]; }',
        route('dashboards', 'prod'), route('search', 'kibana')])
    for _ in range(3):
        world.ask(target='/tf/test/echo',
                  fields=[('Authorization', 'ApiKey ci')])
    world.ask(target='/search/test/echo')
    if state == 'disabled':
        assert world.ask('POST', '/keys/prod/disable',
                         which=world.unix).status == 200
    wait_until(lambda: heading(page(world)) == STATES[state] and
               (state == 'healthy' or
                ('prod', state) in keys_of(page(world))),
               'the state is known')


@pytest.mark.slow
@CHROMIUM
@pytest.mark.parametrize('state', STATES)
def test_a_browser_shows_what_is_asked_first_in_each_state(world, state):
    start_in(world, state)
    with browsing(world) as browser:
        for width, height, dark in ((1280, 900, False), (320, 640, False),
                                    (1280, 900, True)):
            browser.size(width, height, dark)
            browser.open(browser.base + '/')
            # Before anything is scrolled: what, who, and what to do.
            seen = browser.evaluate(
                '[...document.querySelectorAll("#needs h1, #needs p, '
                '#needs h2, #needs pre")].filter(e => e.getBoundingClientRect()'
                '.bottom <= innerHeight).map(e => e.innerText).join("\\n")')
            assert STATES[state] in seen
            if state != 'healthy':
                assert 'prod' in seen and 'terraform' in seen
                assert 'client_key ci' in seen
                assert width == 320 or 'sallyport key add prod-2' in seen
            assert browser.evaluate(
                'document.documentElement.scrollWidth') <= width
            # An option of a command is not broken at its hyphens.
            assert browser.evaluate(
                '[...document.querySelectorAll("pre span")].filter(e => '
                'e.innerText.startsWith("-") && e.getBoundingClientRect()'
                '.height > 2 * parseFloat(getComputedStyle(e).fontSize))'
                '.length') == 0
            shoot(browser, '%s-%d%s' % (state, width,
                                        '-dark' if dark else ''))
        # Whatever is reached by a key is seen, and a matter by its link.
        if state != 'healthy':
            assert browser.evaluate(
                'const a = document.querySelector("#keys .hint a"); a.focus();'
                'a.click(); location.hash + document.querySelector(":target '
                '.name").innerText') == '#need-0prod'
        assert not browser.troubles


@pytest.mark.slow
@CHROMIUM
def test_a_browser_updates_it_and_says_when_it_is_old(mixed):
    with browsing(mixed) as browser:
        browser.open(browser.base + '/')
        mixed.ask('POST', '/keys/off/enable', which=mixed.unix)
        wait_until(lambda: browser.evaluate(
            'document.querySelector("h1").textContent') == '3 keys need you',
            'the page is up to date')
        assert browser.evaluate('document.title').startswith('3 keys')
        assert not browser.troubles
        mixed.stop()
        wait_until(lambda: browser.evaluate(
            '!!document.querySelector("#stale")'), 'it says that it is old')


@pytest.mark.slow
@CHROMIUM
def test_a_browser_shows_it_without_script(mixed):
    with browsing(mixed) as browser:
        browser.script(False)
        browser.open(browser.base + '/?only=bad')
        assert len(browser.requests) == 1 or \
            all(r.startswith('data:') for r in browser.requests[1:])
        shoot(browser, 'without-script')
        assert not browser.troubles


@pytest.mark.slow
@CHROMIUM
def test_nobody_is_shut_out(mixed):
    made = os.path.join(os.path.dirname(os.path.abspath(
        os.environ['SALLYPORT'])), 'tests', 'clients', 'made')
    with open(os.path.join(clients.packages(made), 'node_modules', 'axe-core',
                           'axe.min.js')) as f:
        axe = f.read()
    with browsing(mixed) as browser:
        for dark in False, True:
            for width in 1280, 320:
                browser.size(width, 800, dark)
                browser.open(browser.base + '/')
                browser.evaluate(axe + '; 0')
                found = json.loads(browser.evaluate(
                    'axe.run().then(r => JSON.stringify(r.violations.map('
                    'v => [v.id, v.nodes.map(n => n.html)])))'))
                assert not found, (dark, width, found)
