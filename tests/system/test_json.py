"""--json: one document on standard output, in every case, with the names that
help tells."""

import datetime
import json
import re

import pytest

ROUTES = [
    '{ name = "b"; path = "/billing"; methods = [ "GET" ]; host = "localhost";'
    ' upstream = "elastic-cloud"; keys = [ "team-b" ]; }',
    '{ name = "ci"; client_key = "ci"; pass = [ "Cookie" ]; '
    'upstream = "elastic-cloud"; keys = [ "team-a" ]; }',
]


def document(world, *words, status=0, silent=True):
    done = world.run(*words, '--json')
    assert done.returncode == status, done.stderr
    assert done.stdout.endswith('\n') and done.stdout.count('\n') == 1
    assert not silent or done.stderr == ''
    return json.loads(done.stdout)


def helped(world, verb):
    """The names that help tells of the document."""
    text = world.run('help', *verb.split()).stdout
    text = text.split('The JSON document is')[1].split('Options:')[0]
    return set(re.findall(r'[a-z_]+', text))


def names(value):
    if isinstance(value, list):
        return set().union(*map(names, value), set())
    if isinstance(value, dict):
        return set(value).union(*map(names, value.values()))
    return set()


def test_version(bare):
    said = document(bare, 'version')
    assert set(said) == {'name', 'version', 'features', 'libraries'}
    assert 'sallyport %s\n' % said['version'] == bare.run('version').stdout
    assert all(re.match(r'\d+\.', v) for v in said['libraries'].values())
    assert len(said['libraries']) == 4 and isinstance(said['features'], list)
    assert set(said) <= helped(bare, 'version')
    assert document(bare, '--version') == document(bare, '-V') == said


# check

def test_check_of_what_can_be_run(world):
    config = world.config(routes=ROUTES)
    said = document(world, 'check', '-c', world.write('c', config))
    assert said['ok'] is True and said['file'].endswith('c')
    assert (said['listeners'], said['upstreams'], said['routes']) == (1, 1, 2)
    assert said['keys'] == len(world.keys) and said['running'] is None
    assert said['passes'] == [{'route': 'ci', 'fields': ['Cookie']}]
    assert said['diagnostics'] == [] and 'probe' not in said
    assert names(said) <= helped(world, 'check')


def test_check_of_what_cannot_be_run_is_a_document_too(world):
    world.user = None
    config = world.write('c', world.config(routes=ROUTES) +
                         '\nwrokers = 1;\nuser = "\\x01";\n')
    line = world.config(routes=ROUTES).count('\n') + 2
    said = document(world, 'check', '-c', config, status=1)
    assert said['ok'] is False and 'keys' not in said
    faults = said['diagnostics']
    assert {'severity': 'error', 'file': config, 'line': line,
            'text': "unknown option 'wrokers' (did you mean 'workers'?)"} \
        in faults
    assert len(faults) > 1 and all(
        set(f) == {'severity', 'file', 'line', 'text'} for f in faults)
    assert names(said) <= helped(world, 'check')


@pytest.mark.parametrize('verb', [
    ['check'], ['check', '--probe'], ['explain', 'GET', '/']])
def test_a_configuration_that_is_not_there_is_a_diagnostic(bare, verb):
    said = document(bare, *verb, '-c', 'none', status=1)
    fault, = said['diagnostics']
    assert said['ok'] is False and said['file'] == 'none'
    assert fault['file'] == 'none' and fault['line'] is None
    assert fault['severity'] == 'error' and 'No such file' in fault['text']


@pytest.mark.parametrize('verb', [['check'], ['explain', 'GET', '/']])
def test_a_configuration_on_standard_input_is_called_so(bare, verb):
    done = bare.run(*verb, '--json', '-c', '-', stdin='wrokers = 1;\n')
    said = json.loads(done.stdout)
    assert done.returncode == 1 and said['file'] == 'standard input'
    assert said['diagnostics'][0]['file'] == 'standard input'


@pytest.mark.parametrize('verb', ['check', 'explain', 'key list', 'version'])
def test_wrong_usage_is_no_document(bare, verb):
    done = bare.run(*verb.split(), '--json', '--no-such-option')
    assert done.returncode == 2 and done.stdout == '' and done.stderr
    done = bare.run(*verb.split(), '--json=x')
    assert done.returncode == 2 and "'--json' takes no value" in done.stderr


def test_probes_are_in_the_document(world):
    config = world.write('c', world.config(routes=ROUTES))
    said = document(world, 'check', '--probe', '-c', config)
    assert said['ok'] is True
    assert {(p['upstream'], p['key'], p['ok'], p['status'], p['fault'])
            for p in said['probe']} == {
        ('elastic-cloud', key, True, 200, None)
        for key in ('team-a', 'team-b')}
    assert names(said) <= helped(world, 'check')


def test_a_key_that_is_not_accepted_is_in_the_document(world):
    config = world.write('c', world.config(
        routes=ROUTES, upstreams=[world.upstream(to='127.0.0.1:1')]))
    said = document(world, 'check', '--probe', '-c', config, status=1)
    assert said['ok'] is False and len(said['probe']) == 2
    for probe in said['probe']:
        assert probe['fault'] == 'upstream_unreachable' and probe['text']
        assert probe['ok'] is False and probe['status'] is None


# explain

def test_explain_of_what_goes_through(world):
    config = world.write('c', world.config(routes=ROUTES))
    said = document(world, 'explain', '-c', config, 'GET', '/billing/x?y',
                    '-H', 'Host: localhost')
    assert said == {
        'ok': True, 'file': config, 'listener': said['listener'],
        'route': 'b', 'client': None, 'upstream': 'elastic-cloud',
        'key': 'team-b',
        'proxy': None, 'proxy_key': None, 'target': '/billing/x?y',
        'passes': [], 'trace': False, 'rate': None, 'burst': None,
        'concurrency': None, 'client_rate': None, 'client_burst': None,
        'client_concurrency': None, 'fault': None,
        'status': None, 'message': None, 'unmet': [], 'diagnostics': []}
    assert said['listener']
    assert names(said) <= helped(world, 'explain')


def test_explain_of_what_is_refused(world):
    config = world.write('c', world.config(routes=ROUTES))
    said = document(world, 'explain', '-c', config, 'PUT', '/billing',
                    '-H', 'Host: localhost', status=1)
    assert (said['ok'], said['fault'], said['status']) == \
        (False, 'no_route', 421)
    assert said['message'] and said['route'] is said['key'] is None
    assert said['unmet'] == [{'route': 'b', 'option': 'methods'},
                             {'route': 'ci', 'option': 'client_key'}]
    assert names(said) <= helped(world, 'explain')
    said = document(world, 'explain', '-c', config, 'POST', '/users/auth/keys',
                    '-H', 'Authorization: ApiKey ci', status=1)
    assert (said['route'], said['fault'], said['passes']) == \
        ('ci', 'minting_refused', ['Cookie'])
    said = document(world, 'explain', '-c', config, 'GE(T', '/', status=1)
    assert (said['fault'], said['status']) == ('bad_request', 400)


@pytest.mark.parametrize('option,said', [
    ('--listener=none', 'there is no listener "none"'),
    ('--user=no-such-user', 'there is no user "no-such-user"')])
def test_a_question_that_cannot_be_asked_is_a_diagnostic(world, option, said):
    config = world.write('c', world.config(
        routes=ROUTES, listeners=['{ name = "u"; address = "unix:%s"; }'
                                  % world.path('u.sock')]))
    answer = document(world, 'explain', '-c', config, 'GET', '/', option,
                      status=1)
    assert answer['ok'] is False and answer['fault'] is None
    assert said in answer['diagnostics'][-1]['text']


# key list

def test_key_list(bare):
    soon = datetime.datetime.now(datetime.timezone.utc) + \
        datetime.timedelta(days=10, hours=1)
    bare.seal_text('keys.age', """keys = (
        { name = "a"; value = "%s"; hosts = [ "x.example", "y.example" ];
          expires = "%s"; created = "2026-11-25"; note = "caf\u00e9 \\"q\\""; },
        { name = "b"; value = "0123456789abcdef"; hosts = [ "x.example" ];
          field = "X-Api-Key"; expires = "2001-01-01T00:00:00Z"; },
        { name = "c"; value = "0123456789abcdee"; hosts = [ "x.example" ];
          scheme = "Bearer"; }
    );\n""" % (bare.new_key('a'), soon.strftime('%Y-%m-%dT%H:%M:%SZ')))
    a, b, c = document(bare, 'key', 'list', '-i', 'identity', 'keys.age')
    assert a['name'] == 'a' and a['hosts'] == ['x.example', 'y.example']
    assert a['days_left'] == 10 and a['note'] == 'caf\u00e9 "q"'
    assert a['expires'] == soon.strftime('%Y-%m-%dT%H:%M:%SZ')
    assert a['created'] == '2026-11-25T00:00:00Z' and b['created'] is None
    assert (a['scheme'], a['field']) == ('ApiKey', 'Authorization')
    assert re.fullmatch('[0-9a-f]{8}', a['fingerprint'])
    assert a['file'] == 'keys.age' and b['days_left'] < -8000
    assert (b['scheme'], b['field'], b['note']) == (None, 'X-Api-Key', None)
    assert c['scheme'] == 'Bearer' and c['expires'] is c['days_left'] is None
    assert names([a, b, c]) <= helped(bare, 'key list')


def test_key_list_of_no_keys_and_of_what_cannot_be_read(bare):
    bare.seal_text('none.age', '# nothing\n')
    assert document(bare, 'key', 'list', '-i', 'identity', 'none.age') == []
    bare.seal_text('one.age', 'keys = ( { name = "a"; value = "0123456789a";'
                   ' hosts = [ "x.example" ]; } );\n')
    said = document(bare, 'key', 'list', '-i', 'identity', 'absent.age',
                    'one.age', status=1, silent=False)
    assert [k['name'] for k in said] == ['a']
    assert document(bare, 'key', 'list', '-i', 'absent', 'one.age', status=1,
                    silent=False) == []
    assert document(bare, 'key', 'list', '-c', 'absent', status=1,
                    silent=False) == []
