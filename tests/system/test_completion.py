"""Completion in shells knows what help knows: every verb, option and part."""

import os
import re
import shutil
import subprocess

import pytest
from terminal import Terminal

SCRIPTS = os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', '..',
                       'contrib', 'completion')
# Each prints what could stand in place of its last argument, one per line.
BASH = '''
source "$1"; shift
COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1))
_sallyport "$PROGRAM" "${COMP_WORDS[COMP_CWORD]}" \
    "${COMP_WORDS[COMP_CWORD - 1]}"
printf '%s\\n' "${COMPREPLY[@]}"
'''
# fish splits a command line, and words here need no quotes.
FISH = '''
source $argv[1]
complete -C (string join -- ' ' $PROGRAM $argv[3..]) | string replace -r '\\t.*' ''
'''
# What zsh's own functions are given, which choose by the word to complete.
ZSH = '''
setopt extendedglob
_describe() { print -rl -- ${${(P)2}%%:*}; }
_arguments() { print -rl -- ${(u)${@#\\*}%%[\\[:]*}; }
file=$1; shift
words=($PROGRAM "${@[2,-1]}"); CURRENT=$#
source $file
'''
SHELLS = {
    'bash': (['bash', '--norc', '-c', BASH, 'bash'], 'bash/sallyport'),
    'fish': (['fish', '--no-config', '-c', FISH], 'fish/sallyport.fish'),
    'zsh': (['zsh', '-f', '-c', ZSH, 'zsh'], 'zsh/_sallyport'),
}


@pytest.fixture(params=SHELLS)
def complete(request, bare):
    argv, script = SHELLS[request.param]
    if shutil.which(argv[0]) is None:
        pytest.skip('no ' + argv[0])

    def run(*words):
        done = subprocess.run(
            [*argv, os.path.join(SCRIPTS, script), 'sallyport', *words],
            cwd=bare.folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            env={**bare.environment(), 'PROGRAM': bare.program,
                 'HOME': bare.folder}, text=True)
        assert not done.stderr, done.stderr
        found = [w for w in done.stdout.split('\n') if w]
        if request.param == 'zsh':
            found = [w for w in found if w.startswith(words[-1])]
        return found
    return run


def verbs(world):
    text = world.run('help').stdout
    text = text[text.index('Verbs:'):text.index('\n\n\'')]
    return re.findall(r'^  (\S+(?: \S+)?)  ', text, re.M)


def test_every_verb_is_completed(complete, bare):
    known = verbs(bare)
    assert 'run' in known and 'key add' in known
    found = set(complete('')) - {'--help', '--version'}
    assert found == {v.split()[0] for v in known}
    assert complete('unse') == ['unseal']
    assert sorted(complete('key', '')) == sorted(
        v[4:] for v in known if v.startswith('key '))


def test_every_option_of_every_verb_is_completed(complete, bare):
    for verb in verbs(bare):
        text = bare.run('help', *verb.split()).stdout.split('\nExample')[0]
        options = re.findall(r'^  (?:-.,|   ) (--[a-z-]+)', text, re.M)
        found = [o for o in complete(*verb.split(), '--') if o != '--help']
        assert sorted(found) == sorted(options), verb


def test_every_verb_is_completed_behind_help(complete, bare):
    known = verbs(bare)
    assert set(complete('help', '')) == {v.split()[0] for v in known} | {
        'configuration', 'metrics', 'states'}
    assert sorted(complete('help', 'key', '')) == sorted(
        v[4:] for v in known if v.startswith('key '))


def test_every_part_and_option_of_the_configuration_is_completed(complete,
                                                                 bare):
    text = bare.run('help', 'configuration').stdout
    names = set(re.findall(r'^    (\w+): ', text, re.M))
    parts = set(re.findall(r'^Options of: (\w+)$', text, re.M))
    assert 'route' in parts and 'keys' in names
    found = complete('help', 'configuration', '')
    assert sorted(found) == sorted(names | parts)
    for part in found:
        assert bare.run('help', 'configuration', part).returncode == 0


# What zsh makes of files and of values is its own.
@pytest.mark.parametrize('complete', ['bash', 'fish'], indirect=True)
@pytest.mark.parametrize('words,expected', [
    (['unseal', 'ke'], ['keys.age']), (['unseal', '-i', 'id'], ['identity']),
    (['key', 'add', 'x', '--to', 'k'], ['keys.age']),
    (['init', '--dir', 'f'], ['folder']),
    (['key', 'add', 'x', '--host', ''], []), (['keygen', ''], []),
    (['explain', 'PA'], ['PATCH']), (['help', 'unse'], ['unseal']),
    (['help', 'key', 'im'], ['import']), (['help', 'conf'], ['configuration']),
    (['help', 'met'], ['metrics']),
    (['help', 'configuration', 'rou'], ['route', 'routes']),
    (['help', 'configuration', 'connect'], ['connect', 'connect_to']),
    (['help', 'configuration', 'connect', ''], []),
    (['help', 'check', ''], []), (['help', 'key', 'add', ''], []),
    (['help', 'a/b*[', ''], []), (['help', '--'], ['--help']),
    (['nonsense', ''], []), (['key', 'nonsense', ''], []), (['a/b*[', ''], []),
])
def test_a_word_is_completed_by_what_it_stands_for(complete, bare, words,
                                                   expected):
    bare.write('keys.age', 'x')
    bare.write('identity', 'x')
    os.mkdir(bare.path('folder'))
    found = [w.rstrip('/') for w in complete(*words)]
    assert found == expected


@pytest.mark.skipif(shutil.which('zsh') is None, reason='no zsh')
def test_zsh_completes_verbs_and_options(bare):
    folder = os.path.dirname(bare.program)
    env = {**bare.environment(), 'TERM': 'dumb', 'ZDOTDIR': bare.folder,
           'PATH': folder + ':' + os.environ['PATH']}
    with Terminal(['zsh', '-f', '-i'], bare.folder, env) as t:
        t.send("PS1='> '; fpath=('%s/zsh' $fpath); autoload -U compinit; "
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
        t.send('configuration connect\t')
        t.expect('connect_to')
        t.send('\x15sallyport help ')
        t.send('key im\tx\n')
        t.expect("help: unexpected 'x'")
        t.send('sallyport help key \t')
        for verb in ('add', 'import', 'list', 'remove'):
            t.expect(verb + ' +-- ')
        t.send('\x15exit\n')
        t.wait()
