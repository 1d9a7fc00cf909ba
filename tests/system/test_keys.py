"""key add, key list and key remove: what they change, keep and refuse."""

import json
import os
import re
import stat
import subprocess

import elastic
import pytest
from keyfiles import (HOST, add, fails, fingerprint, opened, seal_by_age,
                    sealed_keys)
from world import key_text

# key add

def test_key_add_makes_a_file_that_age_opens(keyfile):
    text = opened(keyfile)
    assert keyfile.keys['team-a'] in text
    assert '"%s"' % HOST in text
    assert stat.S_IMODE(os.stat(keyfile.path('keys.age')).st_mode) == 0o600


def test_run_accepts_what_key_add_made(keyfile):
    config = keyfile.config(upstreams=[keyfile.upstream(to='127.0.0.1:1')])
    done = keyfile.run('check', '-c', keyfile.write('c', config))
    assert done.returncode == 0, done.stderr


def test_a_new_file_is_sealed_to_the_own_identity_where_nothing_is_said(bare):
    done = add(bare, 'team-a')
    assert 'recipient of identity' in done.stderr
    assert bare.keys['team-a'] in opened(bare)


def test_key_add_keeps_comments_mode_and_whatever_else_is_there(bare):
    text = '# top\nkeys = (\n  # about x\n%s // behind\n);\n' \
        'clients = ( { name = "ci"; sha256 = "%s"; } );\n# end\n' % (
            key_text('x', bare.new_key('x')), '0' * 64)
    seal_by_age(bare, 'keys.age', text)
    os.chmod(bare.path('keys.age'), 0o640)
    add(bare, 'y')
    got = opened(bare)
    for line in text.replace('} //', '}, //').split('\n'):
        assert line in got
    assert got.index('"x"') < got.index('"y"') < got.index('clients')
    assert stat.S_IMODE(os.stat(bare.path('keys.age')).st_mode) == 0o640


def test_key_add_replaces_what_a_link_points_to(keyfile):
    os.mkdir(keyfile.path('real'))
    os.rename(keyfile.path('keys.age'), keyfile.path('real', 'keys.age'))
    os.symlink('real/keys.age', keyfile.path('keys.age'))
    add(keyfile, 'team-b')
    assert os.path.islink(keyfile.path('keys.age'))
    assert keyfile.keys['team-b'] in opened(keyfile)
    assert os.listdir(keyfile.path('real')) == ['keys.age']


def test_an_armored_file_stays_armored(bare):
    seal_by_age(bare, 'keys.age', sealed_keys(bare, 'x'), flags=['-a'])
    add(bare, 'y')
    with open(bare.path('keys.age')) as f:
        assert f.readline() == '-----BEGIN AGE ENCRYPTED FILE-----\n'
    assert bare.keys['y'] in opened(bare)


def test_a_folder_that_is_not_there_is_said_so(bare):
    done = add(bare, 'a', to='nowhere/keys.age', good=False)
    assert 'nowhere/keys.age: cannot be written: No such file' in done.stderr


def test_a_name_that_is_taken_is_refused_before_the_value_is_read(keyfile):
    before = opened(keyfile)
    done = add(keyfile, 'team-a', good=False)
    assert "has a key 'team-a' already" in done.stderr
    assert opened(keyfile) == before


@pytest.mark.parametrize('args,pattern', [
    (['bad name'], "name 'bad name'"),
    (['x', '--host', 'no host'], '--host'),
    (['x', '--expires', 'tomorrow'], '--expires'),
    (['x', '--scheme', 'a b'], '--scheme'),
    (['x', '--field', 'X Key'], '--field'),
    (['x', '--field', 'Content_Length'], "--field 'Content_Length'"),
    (['x', '--note', 'a\x1b[2Jb'], '--note'),
])
def test_what_cannot_be_in_a_key_is_refused(keyfile, args, pattern):
    fails(keyfile, pattern, 'key', 'add', args[0], '--to', 'keys.age', '-i',
          'identity', *(args[1:] if '--host' in args else
                        ['--host', HOST] + args[1:]), stdin='v\n')


@pytest.mark.parametrize('value,pattern', [
    ('two words', 'space'), ('caf\u00e9caf\u00e9', 'ASCII'), ('', 'empty'),
    ('a\x01b', 'control'), ('one\ntwo', 'more than one line'),
])
def test_a_value_that_cannot_be_sent_is_refused(keyfile, value, pattern):
    fails(keyfile, pattern, 'key', 'add', 'x', '--to', 'keys.age', '-i',
          'identity', '--host', HOST, stdin=value + '\n')


@pytest.mark.parametrize('text', [
    'name = "%s"; value = "team-a"; hosts = [ "h.example" ];',
    'name = "a"; value = "x"; hosts = [ "%s" ];',
    'name = "a"; value = "x"; hosts = [ "h.example" ]; scheme = "%s";',
    'name = "a"; value = "x"; hosts = [ "h.example" ]; field = "%s";',
    'name = "a"; value = "x"; hosts = [ "h.example" ]; expires = "%s";',
    'name = "a"; value = [ "%s" ]; hosts = [ "h.example" ];',
    'name = "a"; value = %s; hosts = [ "h.example" ];',
])
@pytest.mark.parametrize('cut', [None, 60])
def test_a_key_in_a_wrong_place_is_not_shown(bare, text, cut):
    # What World.run() looks at for every verb, too.
    value = bare.new_key('a')[:cut]
    bare.secrets.add(value)
    bare.seal_text('k.age', 'keys = ( { %s } );' % (text % value))
    fails(bare, 'k.age:1: ', 'key', 'list', '-i', 'identity', 'k.age')
    config = bare.config(upstreams=[bare.upstream(to='127.0.0.1:1')],
                         sealed=['k.age'])
    fails(bare, 'k.age:1: ', 'check', '-c', bare.write('c', config))


def test_a_key_in_the_place_of_a_name_is_not_shown(keyfile):
    value = elastic.new_key()
    part = value[:44]           # more is refused before anything else
    done = add(keyfile, part, value=keyfile.new_key('c'), good=False)
    assert 'looks like a key itself' in done.stderr
    assert part[5:] not in done.stderr
    keyfile.secrets.add(value)
    config = keyfile.config(upstreams=[keyfile.upstream(to='127.0.0.1:1')])
    config = config.replace('"team-a"', '"%s"' % value)
    keyfile.plain_files.add(keyfile.write('c', config))
    fails(keyfile, 'looks like a key itself', 'check', '-c', 'c')


def test_a_mistyped_key_is_taken_with_a_warning(keyfile):
    value = elastic.new_key()
    wrong = value[:-9] + ('A' if value[-9] != 'A' else 'B') + value[-8:]
    done = add(keyfile, 'x', value=wrong)
    assert 'looks mistyped' in done.stderr
    assert wrong in opened(keyfile)


def test_the_value_may_come_from_a_file_with_any_line_end(keyfile):
    value = keyfile.new_key('x')
    with open(keyfile.path('value'), 'w') as f:
        f.write(value + '\r\n')
    done = keyfile.run('key', 'add', 'x', '--to', 'keys.age', '--host', HOST,
                     '-i', 'identity', '--value-file', 'value')
    assert done.returncode == 0, done.stderr
    os.unlink(keyfile.path('value'))
    assert '"%s"' % value in opened(keyfile)


def test_all_that_is_said_of_a_key_is_kept(keyfile):
    add(keyfile, 'x', '--host', 'other.example', '--scheme', 'Bearer',
        '--expires', '2027-02-23T00:00:00Z', '--note', 'say "hi" \\ caf\u00e9')
    done = keyfile.run('key', 'list', '-i', 'identity', 'keys.age')
    line = [x for x in done.stdout.split('\n') if x.startswith('  x ')][0]
    line = re.sub(r'Z \(.*?\)', 'Z', line)
    assert line.split()[1:5] == [fingerprint(keyfile.keys['x']), 'Bearer',
                                 '2027-02-23T00:00:00Z',
                                 HOST + ',other.example']
    assert line.split()[5] == 'Authorization'
    assert line.endswith('say "hi" \\ caf\u00e9')


def test_a_key_may_be_added_with_a_field_of_its_own(keyfile):
    add(keyfile, 'x', '--field', 'X-Api-Key')
    add(keyfile, 'y', '--field', 'x-auth', '--scheme', 'Token')
    add(keyfile, 'z', '--field', 'authorization')
    done = keyfile.run('key', 'list', '-i', 'identity', 'keys.age')
    rows = {r[0]: (r[2], r[5]) for r in map(str.split,
                                            done.stdout.split('\n'))
            if r and r[0] in 'xyz'}
    assert rows == {'x': ('-', 'X-Api-Key'), 'y': ('Token', 'x-auth'),
                    'z': ('ApiKey', 'Authorization')}
    text = opened(keyfile)
    assert 'field = "X-Api-Key";' in text
    done = keyfile.run('key', 'remove', 'y', '--from', 'keys.age', '-i',
                     'identity')
    assert done.returncode == 0, done.stderr
    assert 'field = "X-Api-Key";' in opened(keyfile)


# What is no file is refused at once, however long one could wait for it.

@pytest.mark.parametrize('args', [
    ['key', 'add', 'x', '--to', 'pipe', '--host', HOST, '-i', 'identity'],
    ['key', 'remove', 'x', '--from', 'pipe', '-i', 'identity'],
    ['key', 'list', '-i', 'identity', 'pipe'],
    ['key', 'list', '-i', 'pipe', 'keys.age'],
    ['edit', '-i', 'identity', 'pipe'],
    ['rekey', '-i', 'identity', '-R', 'to', 'pipe'],
    ['unseal', '-i', 'pipe', 'keys.age'],
])
def test_a_named_pipe_is_no_file(keyfile, args):
    os.mkfifo(keyfile.path('pipe'), 0o600)
    keyfile.write('to', keyfile.recipient + '\n')
    fails(keyfile, 'pipe: .*is a pipe, not a file', *args, stdin='v\n')


def test_an_identity_in_a_folders_or_devices_place_is_refused(keyfile):
    fails(keyfile, 'is a directory', 'key', 'list', '-i', '.', 'keys.age')
    fails(keyfile, '/dev/zero: is a device', 'key', 'list', '-i', '/dev/zero',
          'keys.age')


def test_what_a_shell_passes_through_a_pipe_is_taken(keyfile):
    keyfile.write('pw', 'correct horse\n')
    value = keyfile.new_key('x')
    keyfile.plain_files.add(keyfile.write('value', value + '\n'))
    for line in ('key add x --to keys.age --host a.example -i <(cat identity)'
                 ' --value-file <(cat value)',
                 'key list -i identity <(cat keys.age)',
                 'seal -p --passphrase-file <(cat pw) -o s identity',
                 'unseal --passphrase-file <(cat pw) -o back s'):
        done = subprocess.run(['bash', '-c', '"$0" ' + line, keyfile.program],
                              cwd=keyfile.folder, stderr=subprocess.PIPE)
        assert done.returncode == 0, (line, done.stderr)


# key list, key remove

def test_key_list_shows_fingerprints_and_no_value(keyfile):
    add(keyfile, 'team-b')
    done = keyfile.run('key', 'list', '-i', 'identity', 'keys.age')
    assert done.returncode == 0
    for name in ('team-a', 'team-b'):
        assert re.search('%s +%s' % (name, fingerprint(keyfile.keys[name])),
                         done.stdout)


def test_key_list_without_files_shows_those_of_the_configuration(keyfile):
    add(keyfile, 'other', '-r', keyfile.recipient, to='more.age')
    conf = keyfile.write('c', 'identity = "identity";\n'
                            'sealed = [ "*.age" ];\n')
    done = keyfile.run('key', 'list', '-c', conf)
    assert done.returncode == 0, done.stderr
    assert 'team-a' in done.stdout and 'other' in done.stdout


@pytest.mark.parametrize('expires,past', [
    ('2020-01-01T00:00:00Z', True), ('2262-04-12T00:00:00Z', False),
    ('9999-12-31T23:59:59Z', False)])
def test_key_list_tells_what_is_past(bare, expires, past):
    seal_by_age(bare, 'keys.age', 'keys = ( { name = "x"; value = "%s"; '
                'hosts = [ "%s" ]; expires = "%s"; } );'
                % (bare.new_key('x'), HOST, expires))
    done = bare.run('key', 'list', '-i', 'identity', 'keys.age')
    assert expires in done.stdout
    assert ('(expired)' in done.stdout) == past


@pytest.mark.parametrize('escape', ['\\x1b[', '\u009b'])
def test_a_remark_cannot_move_the_cursor(bare, escape):
    seal_by_age(bare, 'keys.age', 'keys = ( { name = "x"; value = "%s"; '
                'hosts = [ "%s" ]; note = "%s2Jgone"; } );'
                % (bare.new_key('x'), HOST, escape))
    done = fails(bare, "note' holds a control", 'key', 'list', '-i',
                 'identity', 'keys.age')
    assert '\x1b' not in done.stdout + done.stderr
    assert '\u009b' not in done.stdout + done.stderr


def test_key_remove_takes_that_key_and_nothing_else(keyfile):
    add(keyfile, 'team-b')
    add(keyfile, 'team-c')
    done = keyfile.run('key', 'remove', 'team-b', '--from', 'keys.age', '-i',
                     'identity')
    assert done.returncode == 0 and '2 left' in done.stdout
    text = opened(keyfile)
    assert keyfile.keys['team-b'] not in text
    assert keyfile.keys['team-a'] in text and keyfile.keys['team-c'] in text


def test_removing_what_is_not_there_is_said_so(keyfile):
    fails(keyfile, "no key 'x'", 'key', 'remove', 'x', '--from', 'keys.age',
          '-i', 'identity')


def test_the_first_word_of_a_verb_alone_tells_which_there_are(bare):
    fails(bare, "'key add', 'key import', 'key list'", 'key', status=2)
    fails(bare, "'key' takes a second word: 'key add'", 'key', '-c', 'x', status=2)


@pytest.mark.parametrize('words', ['help key', 'key --help', 'key -h'])
def test_help_about_the_first_word_of_a_verb_lists_them(bare, words):
    done = bare.run(*words.split())
    assert done.returncode == 0 and done.stderr == ''
    for verb in ('key add', 'key import', 'key list', 'key remove'):
        assert '\n  %s ' % verb in done.stdout


@pytest.mark.parametrize('words,said', [
    ('key bogus', "unknown verb 'key bogus'; there are 'key add', 'key imp"),
    ('key lst', "unknown verb 'key lst' [(]did you mean 'key list'"),
    ('kye list', "unknown verb 'kye' [(]did you mean 'key list'"),
    ('chek x', "unknown verb 'chek' [(]did you mean 'check'"),
    ('nonsense x', "unknown verb 'nonsense'$"),
])
def test_a_mistyped_verb_is_named_whole(bare, words, said):
    fails(bare, '(?m)' + said, *words.split(), status=2)
    fails(bare, '(?m)' + said, 'help', *words.split(), status=2)


@pytest.mark.parametrize('topic', ['check x', 'states x',
                                   'configuration route check'])
def test_help_takes_nothing_behind_what_it_explains(bare, topic):
    done = fails(bare, "help: unexpected '%s'" % topic.split()[-1], 'help',
                 *topic.split(), status=2)
    assert not done.stdout


@pytest.mark.parametrize('part', ['x', 'check'])
def test_help_explains_no_part_that_a_configuration_does_not_have(bare, part):
    done = fails(bare, "nor an option of the configuration is called '%s'"
                 % part, 'help', 'configuration', part, status=2)
    assert not done.stdout


@pytest.mark.parametrize('url', ['https://api.example', 'HTTPS://API.example/',
                                 'https://api.example:443/'])
def test_of_a_url_the_host_is_taken(bare, url):
    done = bare.run('key', 'add', 'x', '--to', 'k.age', '--host', url, '-i',
                    'identity', '--value-file', '-', stdin=bare.new_key('x'))
    assert done.returncode == 0, done.stderr
    assert "--host '%s' is a URL: its host is taken, 'api.example'" % url \
        in done.stderr
    listed = bare.run('key', 'list', '-i', 'identity', '--json', 'k.age')
    assert json.loads(listed.stdout)[0]['hosts'] == ['api.example']


@pytest.mark.parametrize('host,said', [
    ('https://api.example/v1', 'is a URL: only its host belongs here'),
    ('http://api.example', 'is a URL: only its host belongs here'),
    ('api.example:443', 'has a port: only the host belongs here'),
    ('*.example', "has a '[*]': each host is named by itself")])
def test_what_is_more_than_a_host_is_refused_with_a_hint(bare, host, said):
    fails(bare, said, 'key', 'add', 'x', '--to', 'k.age', '--host', host,
          '-i', 'identity')
    assert not os.path.exists(bare.path('k.age'))
