"""To whom files of keys are sealed, and what opens them."""

import os
import re
import subprocess

from keyfiles import add, fails, make_identity, opened, seal_by_age, sealed_keys

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


def test_notes_that_do_not_fit_the_file_are_not_believed(keyfile):
    second = make_identity(keyfile, 'second')
    seal_by_age(keyfile, 'keys.age', opened(keyfile), keyfile.recipient, second)
    done = add(keyfile, 'y', good=False)
    assert 'name all of them' in done.stderr


def test_adding_a_key_does_not_change_who_can_open_a_file(keyfile):
    second = make_identity(keyfile, 'second')
    done = add(keyfile, 'y', '-r', second, good=False)
    assert 'rekey' in done.stderr
    add(keyfile, 'z', '-r', keyfile.recipient)


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


def test_a_mistyped_identity_is_told_from_what_is_none(keyfile):
    with open(keyfile.identity) as f:
        text = f.read().strip()
    keyfile.write('typo', text[:-1] + ('Q' if text[-1] != 'Q' else 'P') + '\n')
    os.chmod(keyfile.path('typo'), 0o600)
    done = fails(keyfile, r'typo:3: a mistyped identity', 'key', 'list', '-i',
                 'typo', 'keys.age')
    assert 'AGE-SECRET' not in done.stderr
    keyfile.write('typo', '# nothing\nsomething\n')
    fails(keyfile, 'typo:2: not an identity', 'key', 'list', '-i', 'typo',
          'keys.age')


def test_an_identity_in_the_place_of_a_recipient_is_not_repeated(bare):
    with open(bare.identity) as f:
        secret = re.search('AGE-SECRET-KEY-1\\w+', f.read())[0]
    bare.secrets.add(secret)
    bare.plain_files.update([bare.identity, bare.write('to', secret + '\n')])
    done = fails(bare, 'identity', 'seal', '-R', 'to')
    assert secret not in done.stderr


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


def test_damaged_armor_of_a_keyfile_is_said_with_its_line(bare):
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


def cpu_of(world, *args):
    """Seconds that a verb computes."""
    child = subprocess.Popen([world.program, *args], cwd=world.folder,
                             stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = status
    assert status == 0
    return usage.ru_utime + usage.ru_stime


def test_many_recipients_do_not_mean_that_the_text_is_read_often(bare):
    seal_by_age(bare, 'keys.age', sealed_keys(
        bare, *('key-%d' % i for i in range(1000))))
    bare.write('one', bare.recipient + '\n')
    bare.write('many', ''.join(make_identity(bare, 'i%d' % i) + '\n'
                               for i in range(150)) + bare.recipient + '\n')
    one = cpu_of(bare, 'rekey', '-i', 'identity', '-R', 'one', 'keys.age')
    many = cpu_of(bare, 'rekey', '-i', 'identity', '-R', 'many', 'keys.age')
    assert many < 20 * one + 0.2, (one, many)


# Where identities come from.

def test_the_identity_of_the_configuration_opens(keyfile):
    conf = keyfile.write('c', 'identity = "identity";\n')
    done = keyfile.run('key', 'list', '-c', conf, 'keys.age')
    assert done.returncode == 0, done.stderr


def test_the_credential_of_systemd_opens(keyfile):
    os.mkdir(keyfile.path('creds'))
    os.rename(keyfile.identity, keyfile.path('creds', 'sallyport.identity'))
    # An access list for the service looks like a right of the group.
    os.chmod(keyfile.path('creds', 'sallyport.identity'), 0o440)
    conf = keyfile.write('c', 'sealed = [ "keys.age" ];\n')
    env = {**keyfile.environment(), 'CREDENTIALS_DIRECTORY':
           keyfile.path('creds')}
    done = subprocess.run([keyfile.program, 'key', 'list', '-c', conf],
                          env=env, stdout=subprocess.PIPE)
    assert done.returncode == 0 and b'team-a' in done.stdout


def test_without_an_identity_it_says_what_to_give(keyfile):
    fails(keyfile, 'give one with -i', 'key', 'list', '-c', 'nothing',
          'keys.age')


def test_an_identity_that_others_can_read_is_refused(keyfile):
    os.chmod(keyfile.identity, 0o644)
    fails(keyfile, 'chmod 600', 'key', 'list', '-i', 'identity', 'keys.age')
