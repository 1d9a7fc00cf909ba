"""The value of a key, in whatever it was given: every verb that reads one
takes it where it is certain what was meant, says what it left out, and shows
nothing of it."""

import base64
import json
import os
import re
import subprocess

import pytest
import strace
from keyfiles import HOST, fails, fingerprint, opened
from world import key_text

ADD = ['key', 'add', 'x', '--to', 'keys.age', '--host', HOST, '-i',
       'identity']
INIT = ['init', '--listen', '127.0.0.1:0', '--dir']


def pair():
    return base64.b64encode(os.urandom(10).hex().encode() + b':' +
                            os.urandom(11).hex().encode()).decode()


def in_json(value, **more):
    return json.dumps({'id': 'x', 'name': 'n', **more, 'key': value},
                      indent=1)


FORMS = [
    ('%s', None), ('%s\n', None), ('%s\r\n', None),
    ('"%s"\n', 'quotes around it'), ("'%s'", 'quotes around it'),
    ('\u201c%s\u201d', 'quotes around it'),
    ('ES_KEY=%s\n', 'NAME= before it'),
    ('export ES_KEY="%s"\n',
     'quotes around it, a command before it and NAME= before it'),
    ('api_key: "%s"\n', 'quotes around it and NAME= before it'),
    ('ApiKey %s\n', 'the word of a scheme before it'),
    ('Authorization: ApiKey %s\n',
     'the name of a field before it and the word of a scheme before it'),
    (' %s \n\n', 'blanks or line ends around it'),
    ('# of team a\n\n%s\n', 'other lines around it'),
]


@pytest.mark.parametrize('form,said', FORMS)
@pytest.mark.parametrize('verb', ['key add', 'key import', 'init'])
def test_a_value_is_taken_out_of_what_was_given(bare, verb, form, said):
    """By each verb with the same words."""
    for value in bare.new_key('x'), pair():
        bare.secrets.add(value)
        given = form % value
        if verb == 'init':
            folder = 'made-%s' % fingerprint(value)
            done = bare.run(*INIT, folder, '--name', 'x', stdin=given)
            files = folder + '/keys.age', folder + '/identity'
        elif verb == 'key add':
            bare.run('key', 'remove', 'x', '--from', 'keys.age', '-i',
                     'identity')
            done = bare.run(*ADD, stdin=given)
            files = 'keys.age', 'identity'
        else:
            text = '"Name","API key"\n"x","%s"\n' % given.replace('"', '""')
            bare.run('key', 'remove', 'x', '--from', 'keys.age', '-i',
                     'identity')
            done = bare.run('key', 'import', '-', *ADD[3:], stdin=text)
            files = 'keys.age', 'identity'
        assert done.returncode == 0, done.stderr
        assert 'value = "%s";' % value in opened(bare, *files)
        warned = re.findall('was given with (.*), which is left out',
                            done.stderr)
        assert warned == ([said] if said else []), done.stderr


ODD_FORMS = ['%s and words', '{"key": "%s"', '{"id": "%s"}', '%s\n%s\n',
             '***%s', 'essu_%s', '%.60s', '<%s>', '%s,', 'name,key\na,%s\n',
             'curl -H "Authorization: ApiKey %s" https://x/']


@strace.needed
@pytest.mark.parametrize('form', [f for f, _ in FORMS] + ODD_FORMS)
def test_nothing_of_a_value_is_written_anywhere(bare, form):
    """Taken or refused: nothing that leaves the program has a part of it."""
    for value in bare.new_key('x'), pair():
        bare.secrets.add(value)
        given = form.replace('%s', value).replace('%.60s', value[:60])
        for verb, stdin in [
                (ADD, given), ([*INIT, fingerprint(value)], given),
                (['key', 'import', '-', *ADD[3:]],
                 'name,key\ny,"%s"\n' % given.replace('"', '""'))]:
            log = bare.path('log')
            done = subprocess.run(
                [strace.STRACE, '-f', '-qq', '-s', '100000', '-o', log, '-e',
                 'trace=execve,write,writev,pwrite64,pwritev,sendto,sendmsg',
                 bare.program, *verb],
                cwd=bare.folder, env=bare.environment(), text=True,
                input=stdin, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
            assert done.returncode in (0, 1), done.stderr
            with open(log) as f:
                written = done.stdout + done.stderr + f.read()
            assert 'execve(' in written
            for at in range(5, len(value) - 12):
                assert value[at:at + 12] not in written, (form, verb)


@pytest.mark.parametrize('verb', ['key add', 'init'])
def test_a_key_is_taken_out_of_the_answer_of_an_api(bare, verb):
    ident, secret = os.urandom(10).hex(), os.urandom(11).hex()
    encoded = base64.b64encode(('%s:%s' % (ident, secret)).encode()).decode()
    value = bare.new_key('x')
    bare.secrets.update([encoded, secret])
    whole = {'id': ident, 'name': 'n', 'api_key': secret}
    for n, (answer, key) in enumerate([
            (in_json(value), value),
            (json.dumps({**whole, 'encoded': encoded}), encoded),
            (json.dumps(whole), encoded),
            (json.dumps({'keys': [{'key': value}]}), value)]):
        if verb == 'init':
            done = bare.run(*INIT, 'd%d' % n, stdin=answer)
            files = 'd%d/keys.age' % n, 'd%d/identity' % n
        else:
            done = bare.run('key', 'add', 'x', '--to', '%d.age' % n, '--host',
                            HOST, '-i', 'identity', stdin=answer)
            files = '%d.age' % n, 'identity'
        assert done.returncode == 0, done.stderr
        assert 'JSON around it' in done.stderr
        assert ('two parts' in done.stderr) == (answer == json.dumps(whole))
        assert 'value = "%s";' % key in opened(bare, *files)


@pytest.mark.parametrize('given,why', [
    ('', 'is empty'), ('""', 'is empty'), ('two words', 'holds a space'),
    ('{"id":"x"}', 'is JSON without a key in it'), ('{', 'begins like JSON'),
    ('$ES_KEY', 'is the name of a variable'), ('essu_***', 'is not whole'),
    ('https://cloud.elastic.co/', 'is a URL'), ('<key>', 'in the place of'),
    ('one\ntwo\n', 'more than one line'), ('k\u00e9y', 'not ASCII'),
])
def test_only_what_can_be_no_key_is_refused(bare, given, why):
    done = bare.run(*ADD, stdin=given)
    assert done.returncode == 1 and not os.path.exists(bare.path('keys.age'))
    assert "sallyport: key 'x': its value " in done.stderr, done.stderr
    assert why in done.stderr
    cell = '"%s"' % given.replace('"', '""')
    done = bare.run('key', 'import', '-', *ADD[3:],
                    stdin='name,key\nx,%s\n' % cell)
    if not given:
        assert 'empty' in done.stderr
    else:
        assert 'standard input:2: the value of the key ' in done.stderr
        assert why in done.stderr
    assert done.returncode == 1 and not os.path.exists(bare.path('keys.age'))


@pytest.mark.parametrize('change,warning', [
    (lambda v: v[:60], 'looks mistyped'),
    (lambda v: v[5:40], 'does not look like a key of Elastic Cloud'),
])
def test_an_odd_value_is_warned_of_and_taken_by_all(world, change, warning):
    odd = change(world.keys['team-a'])
    world.secrets.add(odd)
    done = world.run(*ADD[:4], 'new.age', *ADD[5:], stdin=odd)
    assert done.returncode == 0 and warning in done.stderr, done.stderr
    done = world.run('key', 'import', '-', '--to', 'csv.age', *ADD[5:],
                     stdin='name,key\nx,%s\n' % odd)
    assert done.returncode == 0 and warning in done.stderr, done.stderr
    done = world.run('init', '--dir', 'made', '--listen', '127.0.0.1:0',
                     stdin=odd + '\n')
    assert done.returncode == 0 and warning in done.stderr, done.stderr
    world.seal_text('keys.age', 'keys = ( %s );' % key_text('team-a', odd))
    world.write('c', world.config())
    done = world.run('check', '-c', 'c')
    assert done.returncode == 0, done.stderr
    assert re.search(r"keys.age:1: warning: key 'team-a' " + warning,
                     done.stderr), done.stderr
    process = world.start()
    process.wait_line(warning)


@pytest.mark.parametrize('around', ['"%s"', "'%s'", 'ES_KEY=%s'])
def test_what_stands_around_a_sealed_value_is_warned_of(world, around):
    """It is sent as it is: nobody but its owner changes a sealed file."""
    wrapped = around % world.keys['team-a']
    world.seal_text('keys.age', 'keys = ( %s );' % key_text('team-a', wrapped))
    world.write('c', world.config())
    done = world.run('check', '-c', 'c')
    assert done.returncode == 0, done.stderr
    assert re.search("key 'team-a' has (quotes around|something before)",
                     done.stderr), done.stderr


def test_two_names_of_one_value_are_told(world):
    value = world.keys['team-a']
    done = world.run(*ADD, stdin=value)
    assert done.returncode == 0
    assert "key 'x' has the same value as key 'team-a'" in done.stderr
    done = world.run('key', 'import', '-', *ADD[3:], stdin='name,key\ny,%s\n'
                     'z,%s\n' % (value, world.new_key('z')))
    assert done.returncode == 0
    assert "key 'y' has the same value as key 'team-a'" in done.stderr
    assert "key 'z'" not in done.stderr
    world.write('c', world.config())
    done = world.run('check', '-c', 'c')
    assert done.returncode == 0, done.stderr
    for name in 'xy':
        assert re.search(r"keys\.age:\d+: warning: key '%s' has the same value "
                         r"as key 'team-a', at \S+keys\.age:2" % name,
                         done.stderr), done.stderr


@pytest.mark.parametrize('expires,written', [
    ('2027-02-23', '2027-02-23T00:00:00Z'),
    ('2027-02-23T07:00:00+00', '2027-02-23T07:00:00Z'),
    ('20270223T000000Z', '2027-02-23T00:00:00Z'),
    ('2027-02-23T07:00:00.123456789Z', '2027-02-23T07:00:00Z'),
    ('1803340800', '2027-02-23T00:00:00Z'), ('null', None), ('never', None),
    ('2020-01-01', '2020-01-01T00:00:00Z'),
])
def test_an_expiry_may_be_written_in_every_usual_form(bare, expires, written):
    for n, (verb, stdin) in enumerate([
            (['key', 'add', 'x', '--expires', expires], bare.new_key('1')),
            (['key', 'import', '-', '--expires', expires],
             'name,key\nx,%s\n' % bare.new_key('2')),
            (['key', 'import', '-'],
             'name,key,expires\nx,%s,%s\n' % (bare.new_key('3'), expires))]):
        file = '%d.age' % n
        done = bare.run(*verb, '--to', file, *ADD[5:], stdin=stdin)
        assert done.returncode == 0, done.stderr
        text = opened(bare, file)
        assert re.findall('expires = "(.*)"', text) == (
            [written] if written else [])
        assert ('past' in done.stderr or 'has expired' in done.stderr) == (
            expires.startswith('2020'))
    done = bare.run(*INIT, 'made', '--expires', expires,
                    stdin=bare.new_key('4'))
    assert done.returncode == 0, done.stderr
    text = opened(bare, 'made/keys.age', 'made/identity')
    assert re.findall('expires = "(.*)"', text) == (
        [written] if written else [])


@pytest.mark.parametrize('expires', ['tomorrow', '02/23/2027', '2027-02-30'])
def test_an_expiry_that_is_none_is_refused_before_the_value_is(bare, expires):
    fails(bare, "--expires '%s': not a time" % expires, *ADD, '--expires',
          expires, stdin='')


def test_when_a_key_was_added_is_written_down(bare):
    done = bare.run(*ADD, stdin=bare.new_key('x'))
    assert done.returncode == 0
    done = bare.run('key', 'import', '-', *ADD[3:], stdin='name,key,created\n'
                    'y,%s,2026-11-25\n' % bare.new_key('y'))
    assert done.returncode == 0
    created = re.findall('created = "(.*)"', opened(bare))
    assert re.match(r'20\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ$', created[0])
    assert created[1] == '2026-11-25T00:00:00Z'


IMPORT = 'key', 'import', '-', *ADD[3:]


def test_when_an_older_key_was_made_can_be_told(bare):
    made = '--created', '2026-01-02', '--expires', '2099-01-01'
    for verb, stdin in (ADD, bare.new_key('x')), (
            IMPORT, 'name,key,created\ny,%s,2026-03-04\n' % bare.new_key('y')):
        done = bare.run(*verb, *made, stdin=stdin)
        assert done.returncode == 0, done.stderr
    done = bare.run(*INIT, 'made', *made, stdin=bare.new_key('z'))
    assert done.returncode == 0, done.stderr
    assert re.findall('created = "(.*)"', opened(bare) + opened(
        bare, 'made/keys.age', 'made/identity')) == \
        ['2026-01-02T00:00:00Z'] * 3


@pytest.mark.parametrize('more,said', [
    (['--created', 'tomorrow'], "--created 'tomorrow': not a time"),
    (['--created', '2099-01-01'], "--created '2099-01-01' is in the future"),
    (['--created', '2026-01-02', '--expires', '2026-01-02'],
     "--created '2026-01-02' is not before --expires"),
])
def test_a_time_at_which_none_was_made_is_refused_before_the_value_is(
        bare, more, said):
    for verb in ADD, IMPORT, [*INIT, 'made']:
        fails(bare, said, *verb, *more, stdin='')


def test_when_an_expired_key_was_made_is_not_known(bare):
    """What wrote that down would contradict itself at each start."""
    for verb, stdin in (ADD, bare.new_key('x')), (
            ['key', 'import', '-', *ADD[3:]],
            'name,key,expires\ny,%s,2020-01-01\n' % bare.new_key('y')):
        more = ['--expires', '2020-01-01'] if verb is ADD else []
        done = bare.run(*verb, *more, stdin=stdin)
        assert done.returncode == 0, done.stderr
    done = bare.run(*INIT, 'made', '--expires', '2020-01-01',
                    stdin=bare.new_key('z'))
    assert done.returncode == 0 and 'has expired' in done.stderr
    for text in opened(bare), opened(bare, 'made/keys.age', 'made/identity'):
        assert 'expires = ' in text and 'created = ' not in text


def test_several_keys_are_removed_at_once_or_none(keyfile):
    for name in 'bcd':
        done = keyfile.run('key', 'add', name, *ADD[3:],
                         stdin=keyfile.new_key(name))
        assert done.returncode == 0
    remove = ['key', 'remove', '--from', 'keys.age', '-i', 'identity']
    before = opened(keyfile)
    fails(keyfile, "'b' is named twice", *remove, 'b', 'c', 'b', status=2)
    done = fails(keyfile, "has no key 'x'", *remove, 'b', 'x', 'y')
    assert "has no key 'y'" in done.stderr and opened(keyfile) == before
    done = keyfile.run(*remove, 'd', 'b')
    assert done.returncode == 0, done.stderr
    assert done.stdout == ("keys.age: key 'd' removed, 3 left\n"
                           "keys.age: key 'b' removed, 2 left\n")
    assert re.findall('name = "(.*?)"', opened(keyfile)) == ['team-a', 'c']


def test_a_table_that_stands_upright_is_told_by_lines(bare):
    value = bare.new_key('a')
    done = bare.run('key', 'import', '-', *ADD[3:], stdin='\nName,a\n\nProject '
                    'id,b\nSecret,%s\nExpires,soon\n' % value)
    assert done.returncode == 0, done.stderr
    assert 'column 1 is taken as headings: Name, Project id, Secret, Expires' \
        in done.stderr
    assert "the keys are in line 5, 'Secret'" in done.stderr
    assert "standard input:6: warning: the expiry is written" in done.stderr
