"""Names and paths come from others: what a terminal would obey in them does
not get to it, whichever message names them."""

import os
import re

import pytest
from terminal import at_terminal

ESCAPE = '\x1b[31m'
SHOWN = '?[31m'


def harmless(done):
    text = done.stdout + done.stderr
    assert not re.search(r'[\x00-\x09\x0b-\x1f\x7f-\x9f]', text), repr(text)
    assert SHOWN in text, text


@pytest.mark.parametrize('words', [
    ['check', '-c', ESCAPE],
    ['run', '-c', ESCAPE],
    ['status', '-c', ESCAPE],
    ['reload', '-c', ESCAPE],
    ['explain', '-c', ESCAPE, 'GET', '/'],
    ['explain', '-c', 'sallyport.conf', '--listener', ESCAPE, 'GET', '/'],
    ['key', 'list', '-i', 'identity', ESCAPE],
    ['key', 'list', '-i', ESCAPE, 'keys.age'],
    ['key', 'add', ESCAPE, '--host', 'a.example', '--to', 'keys.age'],
    ['key', 'add', 'x', '--host', 'a.example', '--to', ESCAPE + '/keys.age'],
    ['key', 'add', 'x', '--host', 'a.example', '--to', 'keys.age',
     '--expires', ESCAPE],
    ['key', 'add', 'x', '--to', 'keys.age', '--host', ESCAPE],
    ['key', 'import', ESCAPE, '--host', 'a.example', '--to', 'keys.age'],
    ['key', 'remove', ESCAPE, '--from', 'keys.age', '-i', 'identity'],
    ['key', 'remove', 'x', '--from', ESCAPE],
    ['seal', '-r', ESCAPE, '-o', 'x.age'],
    ['seal', '-R', ESCAPE, '-o', 'x.age'],
    ['unseal', '-i', 'identity', ESCAPE],
    ['edit', ESCAPE],
    ['rekey', '-r', ESCAPE, 'keys.age'],
    ['keygen', '-o', ESCAPE + '/identity'],
    ['init', '--listen', ESCAPE],
    ['help', ESCAPE],
    [ESCAPE],
    ['key', ESCAPE],
    ['check', '--' + ESCAPE],
    ['check', ESCAPE],
], ids=' '.join)
def test_an_argument_is_shown_without_its_controls(world, words):
    world.write('sallyport.conf', world.config())
    harmless(world.run(*words, stdin='word\n'))


def test_messages_of_a_folder_that_holds_all_are_harmless(bare):
    folder = bare.path(ESCAPE)
    conf = os.path.join(folder, 'sallyport.conf')
    keys = os.path.join(folder, 'keys.age')
    identity = os.path.join(folder, 'identity')
    done = bare.run('init', '--dir', folder, '--name', 'a', '--listen',
                    '127.0.0.1:0', stdin=bare.new_key('a') + '\n')
    assert done.returncode == 0, done.stderr
    harmless(done)
    harmless(bare.run('check', '-c', conf))
    harmless(bare.run('key', 'list', '-c', conf))
    harmless(bare.run('key', 'list', '-i', identity, keys))
    harmless(bare.run('key', 'add', 'b', '--host', 'a.example', '--to', keys,
                      '-i', identity, stdin=bare.new_key('b') + '\n'))
    harmless(bare.run('status', '-c', conf))
    with open(conf, 'a') as f:
        f.write('colour = "\x1b[31m";\n')
    harmless(bare.run('check', '-c', conf))
    harmless(bare.run('run', '-c', conf))


def test_a_question_is_harmless(bare):
    bare.write('word', 'a long passphrase\n')
    bare.run('seal', '-p', '--passphrase-file', 'word', '-o', ESCAPE,
             stdin='keys = ();\n')
    with at_terminal(bare, 'unseal', '-o', 'out', ESCAPE) as t:
        t.answer(r'Passphrase of \?\[31m: ', 'a long passphrase')
        assert t.wait() == 0, t.text
        assert ESCAPE not in t.text
