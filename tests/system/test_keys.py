"""The verbs for keys: what they change, what they keep, what they refuse."""

import base64
import hashlib
import os
import re
import stat
import subprocess

import elastic
import pytest
from world import key_text

HOST = 'api.elastic-cloud.com'


@pytest.fixture
def vault(bare):
    """A world with keys.age made by key add, and its identity by -i."""
    add(bare, 'team-a', '-r', bare.recipient)
    return bare


def add(world, name, *more, value=None, to='keys.age', good=True, **options):
    value = value or world.new_key(name)
    world.secrets.add(value)
    done = world.run('key', 'add', name, '--to', to, '--host', HOST, '-i',
                     'identity', *more, stdin=value + '\n', **options)
    assert (done.returncode == 0) == good, done.stderr
    return done


def opened(world, file='keys.age', identity='identity'):
    """What age finds in it."""
    return subprocess.run(['age', '-d', '-i', world.path(identity),
                           world.path(file)], stdout=subprocess.PIPE,
                          check=True).stdout.decode()


def make_identity(world, name):
    done = world.run('keygen', '-o', name)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def seal_by_age(world, file, text, *recipients, flags=()):
    to = [x for r in recipients or [world.recipient] for x in ('-r', r)]
    subprocess.run(['age', *flags, *to, '-o', world.path(file)],
                   input=text.encode(), check=True)


def sealed_keys(world, *names):
    return 'keys = (\n%s\n);\n' % ',\n'.join(
        key_text(n, world.new_key(n)) for n in names)


def fails(world, pattern, *args, status=1, **more):
    done = world.run(*args, **more)
    assert done.returncode == status, (done.stdout, done.stderr)
    assert re.search(pattern, done.stderr), done.stderr
    return done


def fingerprint(value):
    return hashlib.sha256(value.encode()).hexdigest()[:8]


# key add

def test_key_add_makes_a_file_that_age_opens(vault):
    text = opened(vault)
    assert vault.keys['team-a'] in text
    assert '"%s"' % HOST in text
    assert stat.S_IMODE(os.stat(vault.path('keys.age')).st_mode) == 0o600


def test_run_accepts_what_key_add_made(vault):
    config = vault.config(upstreams=[vault.upstream(to='127.0.0.1:1')])
    done = vault.run('check', '-c', vault.write('c', config))
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


def test_key_add_replaces_what_a_link_points_to(vault):
    os.mkdir(vault.path('real'))
    os.rename(vault.path('keys.age'), vault.path('real', 'keys.age'))
    os.symlink('real/keys.age', vault.path('keys.age'))
    add(vault, 'team-b')
    assert os.path.islink(vault.path('keys.age'))
    assert vault.keys['team-b'] in opened(vault)
    assert os.listdir(vault.path('real')) == ['keys.age']


def test_an_armored_file_stays_armored(bare):
    seal_by_age(bare, 'keys.age', sealed_keys(bare, 'x'), flags=['-a'])
    add(bare, 'y')
    with open(bare.path('keys.age')) as f:
        assert f.readline() == '-----BEGIN AGE ENCRYPTED FILE-----\n'
    assert bare.keys['y'] in opened(bare)


def test_a_folder_that_is_not_there_is_said_so(bare):
    done = add(bare, 'a', to='nowhere/keys.age', good=False)
    assert 'nowhere/keys.age: cannot be written: No such file' in done.stderr


def test_a_name_that_is_taken_is_refused_before_the_value_is_read(vault):
    before = opened(vault)
    done = add(vault, 'team-a', good=False)
    assert "has a key 'team-a' already" in done.stderr
    assert opened(vault) == before


@pytest.mark.parametrize('args,pattern', [
    (['bad name'], "name 'bad name'"),
    (['x', '--host', 'no host'], '--host'),
    (['x', '--expires', 'tomorrow'], '--expires'),
    (['x', '--scheme', 'a b'], '--scheme'),
    (['x', '--note', 'a\x1b[2Jb'], '--note'),
])
def test_what_cannot_be_in_a_key_is_refused(vault, args, pattern):
    fails(vault, pattern, 'key', 'add', args[0], '--to', 'keys.age', '-i',
          'identity', *(args[1:] if '--host' in args else
                        ['--host', HOST] + args[1:]), stdin='v\n')


@pytest.mark.parametrize('value,pattern', [
    ('two words', 'space'), ('caf\u00e9caf\u00e9', 'ASCII'), ('', 'empty'),
    ('a\x01b', 'control'), ('one\ntwo', 'end of a line'),
])
def test_a_value_that_cannot_be_sent_is_refused(vault, value, pattern):
    fails(vault, pattern, 'key', 'add', 'x', '--to', 'keys.age', '-i',
          'identity', '--host', HOST, stdin=value + '\n')


@pytest.mark.parametrize('text', [
    'name = "%s"; value = "team-a"; hosts = [ "h.example" ];',
    'name = "a"; value = "x"; hosts = [ "%s" ];',
    'name = "a"; value = "x"; hosts = [ "h.example" ]; scheme = "%s";',
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


def test_a_key_in_the_place_of_a_name_is_not_shown(vault):
    value = elastic.new_key()
    done = add(vault, value, value=vault.new_key('c'), good=False)
    assert 'looks like a key itself' in done.stderr
    assert value not in done.stderr
    vault.secrets.add(value)
    config = vault.config(upstreams=[vault.upstream(to='127.0.0.1:1')])
    config = config.replace('"team-a"', '"%s"' % value)
    vault.plain_files.add(vault.write('c', config))
    fails(vault, 'looks like a key itself', 'check', '-c', 'c')


def test_a_mistyped_key_needs_force(vault):
    value = elastic.new_key()
    wrong = value[:-9] + ('A' if value[-9] != 'A' else 'B') + value[-8:]
    done = add(vault, 'x', value=wrong, good=False)
    assert 'looks mistyped' in done.stderr and '--force' in done.stderr
    done = add(vault, 'x', '--force', value=wrong)
    assert 'looks mistyped' in done.stderr
    assert wrong in opened(vault)


def test_the_value_may_come_from_a_file_with_any_line_end(vault):
    value = vault.new_key('x')
    with open(vault.path('value'), 'w') as f:
        f.write(value + '\r\n')
    done = vault.run('key', 'add', 'x', '--to', 'keys.age', '--host', HOST,
                     '-i', 'identity', '--value-file', 'value')
    assert done.returncode == 0, done.stderr
    os.unlink(vault.path('value'))
    assert '"%s"' % value in opened(vault)


def test_all_that_is_said_of_a_key_is_kept(vault):
    add(vault, 'x', '--host', 'other.example', '--scheme', 'Bearer',
        '--expires', '2027-02-23T00:00:00Z', '--note', 'say "hi" \\ caf\u00e9')
    done = vault.run('key', 'list', '-i', 'identity', 'keys.age')
    line = [x for x in done.stdout.split('\n') if x.startswith('  x ')][0]
    assert line.split()[1:5] == [fingerprint(vault.keys['x']), 'Bearer',
                                 '2027-02-23T00:00:00Z',
                                 HOST + ',other.example']
    assert line.endswith('say "hi" \\ caf\u00e9')


# Recipients.

def test_the_recipients_of_a_file_are_kept(bare):
    second = make_identity(bare, 'second')
    add(bare, 'a', '-r', bare.recipient, '-r', second)
    add(bare, 'b')
    for identity in ('identity', 'second'):
        assert bare.keys['b'] in opened(bare, identity=identity)
    listed = bare.run('key', 'list', '-i', 'second', 'keys.age').stdout
    assert 'sealed to ' + bare.recipient in listed
    assert 'sealed to ' + second in listed


def test_a_file_sealed_by_age_to_one_keeps_that_one(bare):
    seal_by_age(bare, 'keys.age', sealed_keys(bare, 'x'))
    add(bare, 'y')
    assert bare.keys['y'] in opened(bare)


def test_a_file_sealed_by_age_to_several_needs_them_named(bare):
    second = make_identity(bare, 'second')
    seal_by_age(bare, 'keys.age', sealed_keys(bare, 'x'), bare.recipient,
                second)
    done = add(bare, 'y', good=False)
    assert 'name all of them' in done.stderr
    done = add(bare, 'z', '-r', bare.recipient, good=False)
    assert 'name all of them' in done.stderr
    add(bare, 'y', '-r', bare.recipient, '-r', second)
    assert bare.keys['y'] in opened(bare, identity='second')
    add(bare, 'z')
    assert bare.keys['z'] in opened(bare, identity='second')


def test_notes_that_do_not_fit_the_file_are_not_believed(vault):
    second = make_identity(vault, 'second')
    seal_by_age(vault, 'keys.age', opened(vault), vault.recipient, second)
    done = add(vault, 'y', good=False)
    assert 'name all of them' in done.stderr


def test_adding_a_key_does_not_change_who_can_open_a_file(vault):
    second = make_identity(vault, 'second')
    done = add(vault, 'y', '-r', second, good=False)
    assert 'rekey' in done.stderr
    add(vault, 'z', '-r', vault.recipient)


def test_recipients_may_come_from_a_file(bare):
    second = make_identity(bare, 'second')
    bare.write('team.txt', '# us\n%s\n\n# them\r\n%s\r\n' % (bare.recipient,
                                                          second))
    add(bare, 'a', '-R', 'team.txt')
    assert bare.keys['a'] in opened(bare, identity='second')
    bare.write('team.txt', '# us\n%s\nage1nobody\n' % bare.recipient)
    done = add(bare, 'a', '-R', 'team.txt', to='new.age', good=False)
    assert 'team.txt:3' in done.stderr


def test_a_mistyped_recipient_is_said_so(bare):
    wrong = bare.recipient[:-1] + ('q' if bare.recipient[-1] != 'q' else 'p')
    done = add(bare, 'a', '-r', wrong, good=False)
    assert 'mistyped' in done.stderr and wrong in done.stderr


def test_an_identity_among_recipients_is_called_so_and_not_repeated(bare):
    with open(bare.identity) as f:
        lines = f.read().split('\n')
    secret = next(line for line in lines if line.startswith('AGE-'))
    bare.secrets.add(secret)
    bare.plain_files.add(bare.identity)
    done = fails(bare, 'identity:%d: this is an identity'
                 % (lines.index(secret) + 1), 'seal', '-R', 'identity',
                 stdin='x')
    assert '# public key:' in done.stderr


def test_a_mistyped_identity_is_told_from_what_is_none(vault):
    with open(vault.identity) as f:
        text = f.read().strip()
    vault.write('typo', text[:-1] + ('Q' if text[-1] != 'Q' else 'P') + '\n')
    os.chmod(vault.path('typo'), 0o600)
    done = fails(vault, r'typo:3: a mistyped identity', 'key', 'list', '-i',
                 'typo', 'keys.age')
    assert 'AGE-SECRET' not in done.stderr
    vault.write('typo', '# nothing\nsomething\n')
    fails(vault, 'typo:2: not an identity', 'key', 'list', '-i', 'typo',
          'keys.age')


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
def test_a_named_pipe_is_no_file(vault, args):
    os.mkfifo(vault.path('pipe'), 0o600)
    vault.write('to', vault.recipient + '\n')
    fails(vault, 'pipe: .*is a pipe, not a file', *args, stdin='v\n')


def test_an_identity_in_a_folders_or_devices_place_is_refused(vault):
    fails(vault, 'is a directory', 'key', 'list', '-i', '.', 'keys.age')
    fails(vault, '/dev/zero: is a device', 'key', 'list', '-i', '/dev/zero',
          'keys.age')


def test_what_a_shell_passes_through_a_pipe_is_taken(vault):
    vault.write('pw', 'correct horse\n')
    value = vault.new_key('x')
    vault.plain_files.add(vault.write('value', value + '\n'))
    for line in ('key add x --to keys.age --host a.example -i <(cat identity)'
                 ' --value-file <(cat value)',
                 'key list -i identity <(cat keys.age)',
                 'seal -p --passphrase-file <(cat pw) -o s identity',
                 'unseal --passphrase-file <(cat pw) -o back s'):
        done = subprocess.run(['bash', '-c', '"$0" ' + line, vault.program],
                              cwd=vault.folder, stderr=subprocess.PIPE)
        assert done.returncode == 0, (line, done.stderr)


def test_an_editor_that_leaves_a_pipe_changes_nothing(vault):
    before = opened(vault)
    done = edit(vault, 'rm "$1"; mkfifo "$1"')
    assert done.returncode == 1
    assert 'is a pipe, not a file' in done.stderr, done.stderr
    assert opened(vault) == before
    assert not left_over()


def test_an_identity_in_the_place_of_a_recipient_is_not_repeated(bare):
    with open(bare.identity) as f:
        secret = re.search('AGE-SECRET-KEY-1\\w+', f.read())[0]
    done = subprocess.run([bare.program, 'seal', '-r', secret],
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          stdin=subprocess.DEVNULL)
    assert done.returncode == 1
    assert b'identity' in done.stderr and secret.encode() not in done.stderr


# key list, key remove

def test_key_list_shows_fingerprints_and_no_value(vault):
    add(vault, 'team-b')
    done = vault.run('key', 'list', '-i', 'identity', 'keys.age')
    assert done.returncode == 0
    for name in ('team-a', 'team-b'):
        assert re.search('%s +%s' % (name, fingerprint(vault.keys[name])),
                         done.stdout)


def test_key_list_without_files_shows_those_of_the_configuration(vault):
    add(vault, 'other', '-r', vault.recipient, to='more.age')
    conf = vault.write('c', 'identity = "identity";\n'
                            'sealed = [ "*.age" ];\n')
    done = vault.run('key', 'list', '-c', conf)
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
    assert ('(past)' in done.stdout) == past


@pytest.mark.parametrize('escape', ['\\x1b[', '\u009b'])
def test_a_remark_cannot_move_the_cursor(bare, escape):
    seal_by_age(bare, 'keys.age', 'keys = ( { name = "x"; value = "%s"; '
                'hosts = [ "%s" ]; note = "%s2Jgone"; } );'
                % (bare.new_key('x'), HOST, escape))
    done = fails(bare, "note' holds a control", 'key', 'list', '-i',
                 'identity', 'keys.age')
    assert '\x1b' not in done.stdout + done.stderr
    assert '\u009b' not in done.stdout + done.stderr


def test_key_remove_takes_that_key_and_nothing_else(vault):
    add(vault, 'team-b')
    add(vault, 'team-c')
    done = vault.run('key', 'remove', 'team-b', '--from', 'keys.age', '-i',
                     'identity')
    assert done.returncode == 0 and '2 left' in done.stdout
    text = opened(vault)
    assert vault.keys['team-b'] not in text
    assert vault.keys['team-a'] in text and vault.keys['team-c'] in text


def test_removing_what_is_not_there_is_said_so(vault):
    fails(vault, "no key 'x'", 'key', 'remove', 'x', '--from', 'keys.age',
          '-i', 'identity')


# key import

@pytest.mark.parametrize('head,row', [
    ('Name,API key,Expiration', 'my key,%s,2027-01-02T03:04:05Z'),
    ('\ufeff"name";"key";"expires"', '"my key";"%s";"2027-01-02 03:04:05 UTC"'),
    ('what\tname\texpiry', '%s\tmy key\t1798859045'),
])
def test_key_import_understands_what_it_gets(bare, head, row):
    value = bare.new_key('my-key')
    with open(bare.path('k.csv'), 'w') as f:
        f.write('%s\n%s\n' % (head, row % value))
    done = bare.run('key', 'import', 'k.csv', '--to', 'keys.age', '--host',
                    HOST, '-i', 'identity')
    os.unlink(bare.path('k.csv'))
    assert done.returncode == 0, done.stderr
    assert "'my-key'" in done.stdout and fingerprint(value) in done.stdout
    assert 'expires 2027-01-02T03:04:05Z' in done.stdout
    assert value in opened(bare)


def test_key_import_tells_to_remove_a_file_but_not_a_pipe(bare):
    text = 'name,key\nx,%s\n' % bare.new_key('x')
    for name, stdin in (bare.write('k.csv', text), ''), ('-', text):
        done = bare.run('key', 'import', name, '--to', '%d.age' % len(stdin),
                        '--host', HOST, '-i', 'identity', stdin=stdin)
        assert done.returncode == 0 and '1 key added' in done.stdout
        assert ('remove' in done.stdout) == (name != '-')
    os.unlink(bare.path('k.csv'))


def test_key_import_lists_candidates_it_cannot_choose_from(bare):
    one, two = bare.new_key('one'), bare.new_key('two')
    text = 'a,b\n%s,%s\n' % (one, two)
    done = fails(bare, 'more than one column', 'key', 'import', '-', '--to',
                 'keys.age', '--host', HOST, '-i', 'identity', '--name', 'x',
                 stdin=text, start_new_session=True)
    assert fingerprint(one) in done.stderr and fingerprint(two) in done.stderr
    done = bare.run('key', 'import', '-', '--to', 'keys.age', '--host', HOST,
                    '-i', 'identity', '--name', 'x', '--column', 'b',
                    stdin=text)
    assert done.returncode == 0, done.stderr
    assert two in opened(bare) and one not in opened(bare)


@pytest.mark.parametrize('text,pattern', [
    ('a,b\n1,2\n', 'nothing in it looks like a key'),
    ('', 'nothing in it looks like a key'),
    ('name,key\n"x,1\n', ':2: a quote is never closed'),
    ('name,key\nx,\n', 'empty'),
])
def test_key_import_says_what_is_wrong_with_a_table(bare, text, pattern):
    fails(bare, pattern, 'key', 'import', '-', '--to', 'keys.age', '--host',
          HOST, '-i', 'identity', stdin=text)
    assert not os.path.exists(bare.path('keys.age'))


def test_key_import_is_all_or_nothing(vault):
    text = 'name,key\nnew,%s\nteam-a,%s\n' % (vault.new_key('new'),
                                              vault.new_key('again'))
    before = opened(vault)
    done = fails(vault, "'team-a' already", 'key', 'import', '-', '--to',
                 'keys.age', '--host', HOST, '-i', 'identity', stdin=text)
    assert 'standard input:3: keys.age has a key' in done.stderr
    assert 'keys.age: nothing was written' in done.stderr
    assert not done.stdout
    assert opened(vault) == before


def import_text(world, text, *more):
    return world.run('key', 'import', '-', '--to', 'keys.age', '--host', HOST,
                     '-i', 'identity', *more, stdin=text,
                     start_new_session=True)


def test_key_import_says_what_it_takes_for_headings(bare):
    value = bare.new_key('a')
    done = import_text(bare, 'Name,Who,API key\na,b,%s\n' % value)
    assert done.returncode == 0, done.stderr
    assert 'line 1 is taken as headings: Name, ?, API key\n' in done.stderr
    assert "the keys are in column 3, 'API key'\n" in done.stderr
    assert 'keys.age: a new file, sealed to' in done.stderr
    assert "key 'a': column 3 'API key'" in done.stdout


def test_key_import_lists_every_row_that_is_wrong(bare):
    keys = [bare.new_key('k%d' % i) for i in range(6)]
    mistyped = keys[1][:40] + ('A' if keys[1][40] != 'A' else 'B') + \
        keys[1][41:]
    bare.secrets.add(mistyped)
    done = import_text(bare, '\n'.join([
        'name,key,expires', 'good,%s,never' % keys[0],
        'b,%s,' % mistyped, '"c\nd",%s,' % keys[2][:60],
        'good,%s,' % keys[3], ',%s,' % keys[4], 'e,abc,', '# a remark',
        'f,,%s' % keys[5], '%s,%s,' % (keys[5], keys[0])]) + '\n')
    assert done.returncode == 1 and not done.stdout
    lines = re.findall('(?m)^standard input:([0-9]+): (.*)$', done.stderr)
    assert [int(n) for n, _ in lines] == [3, 5, 6, 7, 8, 9, 10, 11]
    for (_, text), pattern in zip(lines, [
            'looks mistyped', 'looks mistyped', 'same name as that of line 2',
            'the name of the key', 'does not look like a key',
            'warning: holds no key', 'not in column 2', 'looks like a key']):
        assert pattern in text, lines
    assert done.stderr.endswith('keys.age: nothing was written\n')
    assert 'new file' not in done.stderr
    assert not os.path.exists(bare.path('keys.age'))
    for value in keys:
        assert value[5:13] not in done.stderr


@pytest.mark.parametrize('cut', [5, 6, 9, 20, 60])
@pytest.mark.parametrize('name', ['a', 'name', 'token'])
def test_a_key_cut_short_in_the_first_row_is_no_heading(bare, cut, name):
    first, second = bare.new_key('first'), bare.new_key('second')
    done = import_text(bare, '%s,%s\nb,%s\n' % (name, first[:cut], second))
    assert done.returncode == 1 and not done.stdout
    assert 'headings' not in done.stderr
    assert 'standard input:1: the key looks mistyped' in done.stderr
    assert first[:cut] not in done.stderr and 'essu' not in done.stderr
    assert not os.path.exists(bare.path('keys.age'))


def test_an_older_key_cut_short_in_the_first_row_is_no_heading(bare):
    pairs = [base64.b64encode(os.urandom(9).hex().encode() + b':' +
                              os.urandom(12).hex().encode()).decode()
             for _ in range(2)]
    bare.secrets.update(pairs)
    for cut in 12, 21, 37:
        done = import_text(bare, 'x,%s\ny,%s\n' % (pairs[0][:cut],
                                                   pairs[1]))
        assert done.returncode == 1 and not done.stdout
        assert 'headings' not in done.stderr
        assert pairs[0][:8] not in done.stderr
        # Cut behind the colon it still has the look.
        assert cut > 30 or \
            'standard input:1: this does not look like' in done.stderr


def test_what_looks_mistyped_is_taken_by_force(bare):
    values = [bare.new_key('a'), bare.new_key('b')[:70]]
    bare.secrets.add(values[1])
    text = 'name,key\na,%s\nb,%s\n' % tuple(values)
    done = import_text(bare, text)
    assert done.returncode == 1 and '--force' in done.stderr
    done = import_text(bare, text, '--force')
    assert done.returncode == 0, done.stderr
    assert 'standard input:3: warning: the key looks mistyped' in done.stderr
    assert all(v in opened(bare) for v in values)


# edit

def editor(world, script, name='editor'):
    path = world.write(name, '#!/bin/sh\n%s\n' % script)
    os.chmod(path, 0o755)
    return {**world.environment(), 'VISUAL': '', 'EDITOR': path}


def edit(world, script, *more):
    done = subprocess.run([world.program, 'edit', '-i', 'identity',
                           'keys.age', *more], cwd=world.folder,
                          env=editor(world, script), stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          text=True, timeout=60, start_new_session=True)
    world.check_text(done.stdout + done.stderr, 'output of edit')
    return done


def left_over():
    return [x for x in os.listdir('/dev/shm')
            if x.startswith('sallyport-edit.')]


def test_edit_seals_what_the_editor_made(vault):
    done = edit(vault, 'sed -i s/team-a/team-z/ "$1"; pwd >where; '
                       'stat -f -c %T "$1" >kind; stat -c %a "$1" >mode')
    assert done.returncode == 0, done.stderr
    assert '"team-z"' in opened(vault)
    assert 'recipient: ' + vault.recipient in opened(vault)
    with open(vault.path('kind')) as kind, open(vault.path('mode')) as mode:
        assert kind.read().strip() in ('tmpfs', 'ramfs')
        assert mode.read().strip() == '600'


def test_an_editor_that_writes_by_rename_is_fine(vault):
    done = edit(vault, 'cp "$1" "$1~"; sed s/team-a/team-z/ "$1" >"$1.new"; '
                       'mv "$1.new" "$1"; echo "$1" >where; '
                       'mkdir -p "${1%/*}/.undo/deep"; '
                       'cp "$1" "${1%/*}/.undo/deep"')
    assert done.returncode == 0, done.stderr
    assert '"team-z"' in opened(vault)
    with open(vault.path('where')) as f:
        assert not os.path.exists(os.path.dirname(f.read().strip()))


@pytest.mark.parametrize('script,pattern', [
    ('exit 3', 'status 3'), ('kill -9 $$', 'signal 9'),
    ('echo "keys = = 1" >"$1"', r'keys\.age:1: syntax error'),
    ('sed -i s/hosts/hostes/ "$1"', r"keys\.age:\d+: unknown option 'hostes'"),
    ('rm "$1"', 'No such file'),
    ('printf "keys = (\\n{ name = \\"a\\"; }\\n);" >"$1"',
     r"keys\.age:2: option 'value' is missing"),
])
def test_a_failed_edit_changes_nothing_and_leaves_nothing(vault, script,
                                                          pattern):
    with open(vault.path('keys.age'), 'rb') as f:
        before = f.read()
    done = edit(vault, 'echo "$1" >where; ' + script)
    assert done.returncode == 1
    assert re.search(pattern, done.stderr), done.stderr
    with open(vault.path('keys.age'), 'rb') as f:
        assert f.read() == before
    with open(vault.path('where')) as f:
        assert not os.path.exists(os.path.dirname(f.read().strip()))


def test_an_edit_that_changes_nothing_does_not_touch_the_file(vault):
    before = os.stat(vault.path('keys.age')).st_mtime_ns
    done = edit(vault, 'true')
    assert done.returncode == 0 and 'nothing changed' in done.stdout
    assert os.stat(vault.path('keys.age')).st_mtime_ns == before


def test_a_place_that_others_control_is_not_used(vault):
    place = '/dev/shm/sp-test-%d' % os.getpid()
    os.mkdir(place)
    try:
        os.chmod(place, 0o777)
        os.environ['XDG_RUNTIME_DIR'] = place
        done = edit(vault, 'echo "$1" >where')
    finally:
        del os.environ['XDG_RUNTIME_DIR']
        os.rmdir(place)
    assert done.returncode == 0
    with open(vault.path('where')) as f:
        assert not f.read().startswith(place)


def test_an_editor_may_have_options(vault):
    env = editor(vault, 'test "$1" = -x && sed -i s/team-a/team-z/ "$2"')
    env['EDITOR'] += ' -x'
    done = subprocess.run([vault.program, 'edit', '-i', 'identity',
                           'keys.age'], cwd=vault.folder, env=env,
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE)
    assert done.returncode == 0, done.stderr
    assert '"team-z"' in opened(vault)


def test_another_change_waits_for_an_edit_and_then_gives_up(vault):
    done = edit(vault, '"%s" key remove team-a --from "%s" -i "%s" 2>said; '
                'true' % (vault.program, vault.path('keys.age'),
                          vault.identity))
    assert done.returncode == 0
    with open(vault.path('said')) as f:
        assert 'another sallyport is changing it' in f.read()


def test_what_another_program_changed_meanwhile_is_not_overwritten(vault):
    text = opened(vault) + '# theirs\n'
    vault.write('theirs', 'x')
    vault.plain_files.add(vault.path('theirs'))
    seal_by_age(vault, 'theirs.age', text)
    done = edit(vault, 'mv theirs.age keys.age; echo "# mine" >>"$1"')
    assert done.returncode == 1 and 'meanwhile' in done.stderr, done.stderr
    assert '# theirs' in opened(vault)


def test_a_sealed_configuration_is_checked_as_one(bare):
    text = bare.config(upstreams=[bare.upstream(to='127.0.0.1:1')])
    seal_by_age(bare, 'keys.age', text)
    done = edit(bare, 'sed -i s/workers/wrokers/ "$1"')
    assert done.returncode == 1
    assert re.search(r"keys\.age:\d+: unknown option 'wrokers'", done.stderr)
    done = edit(bare, 'sed -i s/debug/info/ "$1"')
    assert done.returncode == 0, done.stderr
    assert '"info"' in opened(bare)


def test_an_editor_that_leaves_nothing_changes_nothing(vault):
    before = opened(vault)
    done = edit(vault, ': >"$1"')
    assert done.returncode == 1 and 'left nothing' in done.stderr
    assert opened(vault) == before


@pytest.mark.skipif(os.getuid() != 0, reason='needs root')
def test_edit_works_without_being_root(vault):
    for path in [vault.folder] + [vault.path(f)
                                  for f in os.listdir(vault.folder)]:
        os.chown(path, 65534, 65534)
    env = editor(vault, 'sed -i s/team-a/team-z/ "$1"')
    done = subprocess.run([vault.program, 'edit', '-i', 'identity',
                           'keys.age'], cwd=vault.folder, env=env,
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, user=65534, group=65534,
                          extra_groups=[])
    assert done.returncode == 0, done.stderr
    assert '"team-z"' in opened(vault)


# rekey

def test_rekey_seals_to_others_all_of_them(bare):
    second = make_identity(bare, 'second')
    add(bare, 'a', '-r', bare.recipient)
    add(bare, 'b', '-r', bare.recipient, to='b.age')
    done = bare.run('rekey', '-i', 'identity', '-r', second, 'keys.age',
                    'b.age')
    assert done.returncode == 0, done.stderr
    assert 'no longer' in done.stderr
    assert bare.keys['a'] in opened(bare, identity='second')
    assert bare.keys['b'] in opened(bare, 'b.age', 'second')
    fails(bare, 'sealed to somebody else', 'key', 'list', '-i', 'identity',
          'keys.age')


def test_rekey_changes_none_where_one_cannot_be(bare):
    second = make_identity(bare, 'second')
    add(bare, 'a', '-r', bare.recipient)
    add(bare, 'b', '-r', second, to='b.age', good=True)
    with open(bare.path('keys.age'), 'rb') as f:
        before = f.read()
    fails(bare, 'nothing was changed', 'rekey', '-i', 'identity', '-r',
          second, 'keys.age', 'b.age')
    with open(bare.path('keys.age'), 'rb') as f:
        assert f.read() == before
    assert sorted(f for f in os.listdir(bare.folder) if 'sallyport' in f) \
        == []


def test_damaged_armor_of_a_vault_is_said_with_its_line(bare):
    seal_by_age(bare, 'keys.age', sealed_keys(bare, 'a'), flags=['-a'])
    with open(bare.path('keys.age')) as f:
        lines = f.read().split('\n')
    lines[2] = '!' + lines[2][1:]
    with open(bare.path('keys.age'), 'w') as f:
        f.write('\n'.join(lines))
    fails(bare, 'keys.age:3: the armor is damaged', 'key', 'list', '-i',
          'identity', 'keys.age')


def test_rekey_takes_each_file_once(bare):
    add(bare, 'a', '-r', bare.recipient)
    os.symlink('keys.age', bare.path('again.age'))
    fails(bare, 'are the same file', 'rekey', '-i', 'identity', '-r',
          bare.recipient, 'keys.age', 'again.age')


def test_rekey_adds_nothing_to_what_is_no_configuration(bare):
    second = make_identity(bare, 'second')
    bare.write('plain', '#!/bin/sh\nexit 1\n')
    with open(bare.path('plain')) as f:
        seal_by_age(bare, 's.age', f.read())
    done = bare.run('rekey', '-i', 'identity', '-r', second, 's.age')
    assert done.returncode == 0, done.stderr
    assert opened(bare, 's.age', 'second') == '#!/bin/sh\nexit 1\n'


# Where identities come from.

def test_the_identity_of_the_configuration_opens(vault):
    conf = vault.write('c', 'identity = "identity";\n')
    done = vault.run('key', 'list', '-c', conf, 'keys.age')
    assert done.returncode == 0, done.stderr


def test_the_credential_of_systemd_opens(vault):
    os.mkdir(vault.path('creds'))
    os.rename(vault.identity, vault.path('creds', 'sallyport.identity'))
    # An access list for the service looks like a right of the group.
    os.chmod(vault.path('creds', 'sallyport.identity'), 0o440)
    conf = vault.write('c', 'sealed = [ "keys.age" ];\n')
    env = {**vault.environment(), 'CREDENTIALS_DIRECTORY':
           vault.path('creds')}
    done = subprocess.run([vault.program, 'key', 'list', '-c', conf],
                          env=env, stdout=subprocess.PIPE)
    assert done.returncode == 0 and b'team-a' in done.stdout


def test_without_an_identity_it_says_what_to_give(vault):
    fails(vault, 'give one with -i', 'key', 'list', '-c', 'nothing',
          'keys.age')


def test_an_identity_that_others_can_read_is_refused(vault):
    os.chmod(vault.identity, 0o644)
    fails(vault, 'chmod 600', 'key', 'list', '-i', 'identity', 'keys.age')


def test_the_first_word_of_a_verb_alone_tells_which_there_are(bare):
    fails(bare, "'key add', 'key import', 'key list'", 'key', status=2)
    fails(bare, "'key add', 'key import', 'key list'", 'help', 'key',
          status=2)
