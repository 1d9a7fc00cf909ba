"""What a person at a terminal sees, and what is asked of them."""

import os
import re
import shutil
import signal
import subprocess

import pytest
from terminal import Terminal, at_terminal
from keyfiles import HOST, opened

ADD = ['key', 'add', 'new', '--to', 'keys.age', '--host', HOST, '-i',
       'identity']


def test_a_value_is_asked_for_without_echo(keyfile):
    value = keyfile.new_key('new')
    with at_terminal(keyfile, *ADD) as t:
        t.expect("Value of the key 'new': ")
        assert not t.has_echo()
        t.send(value + '\n')
        assert t.wait() == 0
        assert value not in t.text and "key 'new' added" in t.text


def test_interrupted_at_the_prompt_it_gives_the_terminal_back(keyfile):
    with at_terminal(keyfile, *ADD) as t:
        t.expect('Value of the key')
        assert not t.has_echo()
        before = os.stat(keyfile.path('keys.age')).st_ino
        t.send('half a val\x03')
        assert t.wait() == -signal.SIGINT
        assert t.has_echo()
        assert os.stat(keyfile.path('keys.age')).st_ino == before


def test_interrupted_while_it_waits_for_a_passphrase_it_ends(bare):
    with open(bare.path('pass'), 'w') as out:
        out.write('correct horse')
    bare.write('plain', 'hello')
    assert bare.run('seal', '--passphrase-file', 'pass', '-o', 's',
                    'plain').returncode == 0
    with at_terminal(bare, 'edit', '--passphrase-file', '-', 's') as t:
        t.expect('opening s')
        t.send('\x03')
        assert t.wait() == -signal.SIGINT
        assert 'cannot read' not in t.text


def test_interrupted_while_nobody_reads_its_output_it_ends(bare):
    bare.write('plain', 'x' * (2 << 20))
    assert bare.run('seal', '-r', bare.recipient, '-o', 's',
                    'plain').returncode == 0
    os.mkfifo(bare.path('fifo'))
    with at_terminal(bare, 'unseal', '-i', 'identity', '-o', 'fifo',
                     's') as t, open(bare.path('fifo'), 'rb') as reader:
        assert reader.read(1) == b'x'
        t.send('\x03')
        assert t.wait() == -signal.SIGINT


def test_a_new_passphrase_is_asked_for_twice(bare):
    bare.write('plain', 'hello')
    with at_terminal(bare, 'seal', '-p', '-o', 's', 'plain') as t:
        t.answer('New passphrase: ', 'correct horse')
        t.answer('The same again: ', 'correct house')
        assert t.wait() == 1 and 'differ' in t.text
    assert not os.path.exists(bare.path('s'))
    with at_terminal(bare, 'seal', '-p', '-o', 's', 'plain') as t:
        t.answer('New passphrase: ', 'correct horse')
        t.answer('The same again: ', 'correct horse')
        assert t.wait() == 0
        assert 'correct' not in t.text
        assert 'sealing' in t.text          # it takes a second
    with at_terminal(bare, 'unseal', '-o', '-', 's') as t:
        t.answer('Passphrase of s: ', 'correct horse')
        assert t.wait() == 0 and 'hello' in t.text


def test_the_passphrase_is_asked_for_while_data_comes_from_a_pipe(bare):
    bare.write('pw', 'correct horse\n')
    bare.write('plain', 'hello')
    bare.run('seal', '--passphrase-file', 'pw', '-o', 's', 'plain')
    with at_terminal(bare, 'unseal', '-o', 'back', stdin=bare.path('s')) as t:
        t.answer('Passphrase of standard input: ', 'correct horse')
        assert t.wait() == 0
    with open(bare.path('back')) as f:
        assert f.read() == 'hello'


def test_a_file_with_a_passphrase_keeps_it(bare):
    bare.write('pw', 'correct horse\n')
    bare.write('empty', 'keys = ();\n')
    bare.run('seal', '--passphrase-file', 'pw', '-o', 'keys.age', 'empty')
    value = bare.new_key('new')
    with at_terminal(bare, 'key', 'add', 'new', '--to', 'keys.age', '--host',
                     HOST) as t:
        t.answer('Passphrase of keys.age: ', 'correct horse')
        t.answer("Value of the key 'new': ", value)
        assert t.wait() == 0
    with at_terminal(bare, 'key', 'list', 'keys.age') as t:
        t.answer('Passphrase of keys.age: ', 'correct horse')
        assert t.wait() == 0
        assert 'sealed with a passphrase' in t.text and 'new' in t.text


def test_unseal_does_not_print_to_a_terminal_unless_told_to(bare):
    bare.write('plain', 'hello')
    bare.run('seal', '-r', bare.recipient, '-o', 's', 'plain')
    with at_terminal(bare, 'unseal', '-i', 'identity', 's') as t:
        assert t.wait() == 1
        assert '-o -' in t.text and 'hello' not in t.text
    with at_terminal(bare, 'unseal', '-i', 'identity', '-o', '-', 's') as t:
        assert t.wait() == 0 and 'hello' in t.text


def test_seal_does_not_print_binary_to_a_terminal(bare):
    bare.write('plain', 'hello')
    with at_terminal(bare, 'seal', '-r', bare.recipient, 'plain') as t:
        assert t.wait() == 1 and 'binary' in t.text
    with at_terminal(bare, 'seal', '-a', '-r', bare.recipient, 'plain') as t:
        assert t.wait() == 0 and 'BEGIN AGE' in t.text


@pytest.mark.parametrize('env,colour', [({}, True), ({'NO_COLOR': '1'}, False),
                                        ({'TERM': 'dumb'}, False)])
def test_colour_can_be_switched_off(keyfile, env, colour):
    done = keyfile.run('keygen', '-o', 'second')
    with at_terminal(keyfile, 'rekey', '-i', 'identity', '-r',
                     done.stdout.strip(), 'keys.age', env=env) as t:
        assert t.wait() == 0
        t.expect('warning:')
        assert ('\x1b[1;' in t.text) == colour


def test_nothing_is_asked_where_there_is_no_terminal(keyfile):
    bare = keyfile
    bare.write('pw', 'correct horse\n')
    bare.write('plain', 'hello')
    bare.run('seal', '--passphrase-file', 'pw', '-o', 's', 'plain')
    done = bare.run('unseal', 's', start_new_session=True)
    assert done.returncode == 1
    assert 'no terminal' in done.stderr and '--passphrase-file' in done.stderr


def test_a_faulty_edit_can_be_edited_again(keyfile):
    editor = keyfile.write('editor', '#!/bin/sh\n'
                         'if [ -e once ]; then sed -i /FAULT/d "$1"; sed -i '
                         's/team-a/new/ "$1"; else echo FAULT >>"$1"; '
                         'touch once; fi\n')
    os.chmod(editor, 0o755)
    with at_terminal(keyfile, 'edit', '-i', 'identity', 'keys.age',
                     env={'EDITOR': editor, 'VISUAL': ''}) as t:
        t.expect(r'keys\.age:\d+: syntax error')
        t.answer(r'Edit again\? \[y/N\] ', 'y')
        assert t.wait() == 0, t.text
    done = keyfile.run('key', 'list', '-i', 'identity', 'keys.age')
    assert ' new ' in done.stdout


def test_an_editor_may_use_the_interrupt_key(keyfile):
    editor = keyfile.write('editor', '#!/bin/sh\ntrap "" INT\necho ready\n'
                         'read x </dev/tty\nsed -i s/team-a/new/ "$1"\n')
    os.chmod(editor, 0o755)
    with at_terminal(keyfile, 'edit', '-i', 'identity', 'keys.age',
                     env={'EDITOR': editor, 'VISUAL': ''}) as t:
        t.expect('ready')
        t.send('\x03')
        t.send('go on\n')
        assert t.wait() == 0, t.text
        assert 'sealed again' in t.text


def test_import_asks_which_column_it_is(bare):
    one, two = bare.new_key('one'), bare.new_key('two')
    bare.write('k.csv', 'first,second\n%s,%s\n' % (one, two))
    with at_terminal(bare, 'key', 'import', 'k.csv', '--to', 'keys.age',
                     '--host', HOST, '-i', 'identity', '--name', 'x') as t:
        t.expect('column 1')
        t.expect('column 2')
        t.answer(r'Which column is the key\? ', '2')
        assert t.wait() == 0, t.text
        assert one not in t.text and two not in t.text
    os.unlink(bare.path('k.csv'))
    text = subprocess.run(['age', '-d', '-i', bare.identity,
                           bare.path('keys.age')],
                          stdout=subprocess.PIPE).stdout.decode()
    assert two in text and one not in text


def test_a_value_that_can_be_no_key_is_asked_for_again(keyfile):
    value = keyfile.new_key('new')
    with at_terminal(keyfile, *ADD) as t:
        for wrong, why in ('two words', 'holds a space'), ('{', 'JSON'), (
                '$ES_KEY', 'name of a variable'):
            t.answer("Value of the key 'new': ", wrong)
            t.expect("key 'new': its value .*" + why)
        t.answer("Value of the key 'new': ", "'%s'" % value)
        assert t.wait() == 0, t.text
        assert 'given with quotes around it' in t.text
    assert value in opened(keyfile)


def test_an_empty_line_ends_the_questions_for_a_value(keyfile):
    with at_terminal(keyfile, *ADD) as t:
        t.answer("Value of the key 'new': ", 'two words')
        t.answer("Value of the key 'new': ", '')
        assert t.wait() == 1
        t.expect('the value of the key is empty')


def test_init_asks_again_for_what_can_be_no_key(bare):
    value = bare.new_key('x')
    with at_terminal(bare, 'init', '--dir', 'made', '--listen',
                     '127.0.0.1:0') as t:
        t.answer('not shown', 'two words')
        t.expect('the key: its value holds a space')
        t.answer('not shown', 'ApiKey ' + value)
        t.answer('A name for it', 'mine')
        assert t.wait() == 0, t.text
        assert 'the key was given with the word of a scheme' in t.text
    assert value in opened(bare, 'made/keys.age', 'made/identity')


@pytest.fixture
def sealed(bare):
    """A file that was sealed with a passphrase."""
    bare.write('pw', 'correct horse\n')
    bare.write('plain', 'keys = ();\n')
    bare.write('to', bare.recipient + '\n')
    done = bare.run('seal', '--passphrase-file', 'pw', '-o', 's', 'plain')
    assert done.returncode == 0, done.stderr
    os.chmod(bare.path('s'), 0o600)
    bare.seal_text('k.age', 'keys = ();\n')
    return bare


# An identity that is protected itself.

@pytest.fixture
def protected(bare):
    """Its own identity has a passphrase."""
    bare.write('pw', 'correct horse\n')
    bare.seal('keys.age', 'team-a')
    bare.cloud()
    done = bare.run('seal', '--passphrase-file', 'pw', '-o', 'protected',
                    'identity')
    assert done.returncode == 0, done.stderr
    os.unlink(bare.identity)
    os.rename(bare.path('protected'), bare.identity)
    return bare


def test_run_asks_for_the_passphrase_of_the_identity(protected):
    conf = protected.write('c', protected.config())
    with at_terminal(protected, 'run', '-c', conf) as t:
        t.expect(r'Passphrase of \S+/identity: ')
        assert not t.has_echo()
        t.send('correct horse\n')
        address = t.expect(r'listening on (\S+)')[1]
        t.expect('ready')
        assert protected.ask(which=address).status == 200
        os.kill(t.pid, signal.SIGTERM)
        assert t.wait() == 0
        assert 'correct' not in t.text


def test_a_wrong_passphrase_is_said_so(protected):
    conf = protected.write('c', protected.config())
    with at_terminal(protected, 'run', '-c', conf) as t:
        t.answer(r'Passphrase of \S+/identity: ', 'wrong')
        assert t.wait() == 1 and 'identity:1: wrong passphrase' in t.text


def test_the_passphrase_of_the_identity_may_come_from_a_file(protected):
    conf = protected.write('c', protected.config())
    done = protected.run('check', '-c', conf, '--passphrase-file', 'pw')
    assert done.returncode == 0, done.stderr
    done = protected.run('check', '-c', conf, start_new_session=True)
    assert done.returncode == 1
    assert 'identity:1: this identity is protected' in done.stderr
    done = protected.run('key', 'list', '-c', conf, '--passphrase-file', 'pw')
    assert done.returncode == 0 and 'team-a' in done.stdout


# ^C at the question for a passphrase: it ends, and that is all.

@pytest.mark.parametrize('args', [
    ['unseal', '-o', '-', 's'], ['edit', 's'], ['key', 'list', 's'],
    ['key', 'add', 'x', '--to', 's', '--host', HOST],
    ['rekey', '-R', 'to', 's'], ['check', '-c', 's'], ['run', '-c', 's'],
    ['key', 'list', '-c', 's'], ['key', 'list', '-i', 's', 'k.age'],
    ['seal', '-p', '-o', 'new', 'plain'],
])
def test_interrupted_at_a_passphrase_it_ends_without_a_word(sealed, args):
    with at_terminal(sealed, *args, env={'EDITOR': 'true'}) as t:
        t.expect(r'[Pp]assphrase(?: of s)?: ')
        assert not t.has_echo()
        t.send('half a pass\x03')
        assert t.wait() == -signal.SIGINT
        assert t.has_echo()
        # Nothing else is said but, by rekey, what became of the files.
        said = t.text[t.at:].replace('sallyport: nothing was changed\n', '')
        assert said.strip() == '', t.text


def test_a_passphrase_that_is_not_given_is_said_so(sealed):
    with at_terminal(sealed, 'key', 'list', 's') as t:
        t.answer('Passphrase of s: ', '')
        assert t.wait() == 1
        t.expect('sallyport: s: sealed with a passphrase, and none was given')


@pytest.mark.skipif(shutil.which('vim') is None, reason='needs vim')
def test_vim_keeps_nothing_of_what_was_edited(bare):
    bare.run('key', 'add', 'k', '--to', 'keys.age', '--host', 'a.example',
             '-i', 'identity', stdin=bare.new_key('k') + '\n')
    env = {**bare.environment(), 'HOME': bare.folder, 'TERM': 'xterm',
           'EDITOR': 'vim -c "normal yG" -c wq'}
    env.pop('VISUAL', None)
    with Terminal([bare.program, 'edit', '-i', 'identity', 'keys.age'],
                  bare.folder, env) as t:
        assert t.wait() == 0, t.text
    assert not os.path.exists(bare.path('.viminfo'))
