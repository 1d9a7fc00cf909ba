"""Completion in shells knows what help knows."""

import os
import re
import shutil
import subprocess

import pytest
from terminal import Terminal

SCRIPTS = os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', '..',
                       'contrib', 'completion')
SCRIPT = '''
source "$1"; shift
COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1))
_sallyport "$PROGRAM" "${COMP_WORDS[COMP_CWORD]}" \
    "${COMP_WORDS[COMP_CWORD - 1]}"
printf '%s\\n' "${COMPREPLY[@]}"
'''


def complete(world, *words):
    done = subprocess.run(
        ['bash', '--norc', '-c', SCRIPT, 'bash',
         os.path.join(SCRIPTS, 'sallyport.bash'), 'sallyport', *words],
        cwd=world.folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        env={**world.environment(), 'PROGRAM': world.program}, text=True)
    assert done.returncode == 0 and not done.stderr, done.stderr
    return done.stdout.split('\n')[:-1] if done.stdout.strip() else []


def verbs(world):
    text = world.run('help').stdout
    text = text[text.index('Verbs:'):text.index('\n\n\'')]
    return re.findall(r'^  (\S+(?: \S+)?)  ', text, re.M)


def test_bash_completes_every_verb(bare):
    known = verbs(bare)
    assert 'run' in known and 'key add' in known
    assert set(complete(bare, '')) == {v.split()[0] for v in known} | {
        '--help', '--version'}
    assert complete(bare, 'unse') == ['unseal']
    assert complete(bare, 'key', '') == [v[4:] for v in known
                                         if v.startswith('key ')]


def test_bash_completes_every_option_of_every_verb(bare):
    for verb in verbs(bare):
        text = bare.run('help', *verb.split()).stdout.split('\nExample')[0]
        options = re.findall(r'^  (?:-.,|   ) (--[a-z-]+)', text, re.M)
        assert complete(bare, *verb.split(), '--') == options + ['--help']


def test_bash_completes_every_verb_behind_help(bare):
    known = verbs(bare)
    assert set(complete(bare, 'help', '')) == {v.split()[0] for v in known} | {
        'configuration', 'metrics', 'states'}
    assert complete(bare, 'help', 'key', '') == [v[4:] for v in known
                                                 if v.startswith('key ')]


@pytest.mark.parametrize('words,expected', [
    (['unseal', 'ke'], ['keys.age']), (['unseal', '-i', 'id'], ['identity']),
    (['key', 'add', 'x', '--to', 'k'], ['keys.age']),
    (['init', '--dir', 'f'], ['folder']),
    (['key', 'add', 'x', '--host', ''], []), (['keygen', ''], []),
    (['explain', 'PA'], ['PATCH']), (['help', 'unse'], ['unseal']),
    (['help', 'key', 'im'], ['import']), (['help', 'conf'], ['configuration']),
    (['help', 'met'], ['metrics']),
    (['help', 'configuration', 'connect'], ['connect', 'connect_to']),
    (['help', 'check', ''], []), (['help', 'key', 'add', ''], []),
    (['help', 'a/b*[', ''], []), (['help', '--'], ['--help']),
    (['nonsense', ''], []), (['key', 'nonsense', ''], []), (['a/b*[', ''], []),
])
def test_bash_completes_what_a_word_stands_for(bare, words, expected):
    bare.write('keys.age', 'x')
    os.mkdir(bare.path('folder'))
    assert complete(bare, *words) == expected


@pytest.mark.skipif(shutil.which('zsh') is None, reason='no zsh')
def test_zsh_completes_verbs_and_options(bare):
    folder = os.path.dirname(bare.program)
    env = {**bare.environment(), 'TERM': 'dumb', 'ZDOTDIR': bare.folder,
           'PATH': folder + ':' + os.environ['PATH']}
    with Terminal(['zsh', '-f', '-i'], bare.folder, env) as t:
        t.send("PS1='> '; fpath=('%s' $fpath); autoload -U compinit; "
               "compinit -u -D; LISTMAX=1000; echo rea''dy\n" % SCRIPTS)
        t.expect('ready')
        t.send('sallyport key \t')
        for verb in ('add', 'import', 'list', 'remove'):
            t.expect(verb + ' +-- ')
        t.send('add --\t')
        for option in ('--host', '--note', '--to'):
            t.expect(option + ' +-- ')
        t.send('\x15sallyport help \t')
        for verb in ('check', 'configuration', 'key'):
            t.expect(verb + ' +-- ')
        t.send('key im\tx\n')
        t.expect("help: unexpected 'x'")
        t.send('sallyport help key \t')
        for verb in ('add', 'import', 'list', 'remove'):
            t.expect(verb + ' +-- ')
        t.send('\x15exit\n')
        t.wait()
