"""Verbs that people try, and those of the program, in every way to ask."""

import os
import re

import pytest

TOP = os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', '..')


def hints():
    """(what is tried, what does it), (what is tried, what is said of it)."""
    with open(os.path.join(TOP, 'src', 'cli', 'hints.tbl')) as f:
        table = re.sub(r'/\*.*?\*/', '', f.read(), flags=re.S)
    rows = re.findall(r'^(HINT|NOTE)\("([^"]*)", ((?:"[^"]*"\s*)+)\)', table,
                      re.M)
    texts = [(kind, words, ''.join(re.findall(r'"([^"]*)"', text)))
             for kind, words, text in rows]
    assert len(texts) == len(re.findall(r'^(?:HINT|NOTE)', table, re.M))
    return ([row[1:] for row in texts if row[0] == 'HINT'],
            [row[1:] for row in texts if row[0] == 'NOTE'])


def refuses(world, words, said):
    done = world.run(*words)
    assert done.returncode == 2 and done.stdout == ''
    assert done.stderr == ("sallyport: unknown verb '%s\n"
                           "Try 'sallyport help'.\n" % said)


def test_a_verb_that_people_guess_is_answered_with_ours(bare):
    commands, notes = hints()
    for words, command in commands:
        said = "%s' (did you mean '%s'?)" % (words, command)
        refuses(bare, words.split(), said)
        refuses(bare, words.split() + ['x', '--to', 'x'], said)
        assert bare.run(*command.split(), '--help').returncode == 0
    for words, note in notes:
        refuses(bare, words.split(), "%s': %s" % (words, note))
        refuses(bare, ['help'] + words.split(), "%s': %s" % (words, note))


def test_what_is_guessed_is_no_verb_and_guessed_once(bare):
    listed = bare.run('help').stdout.split('Verbs:\n')[1].split('\n\n')[0]
    known = re.findall(r'^  (\S+(?: \S+)?)  ', listed, re.M)
    guessed = [row[0] for rows in hints() for row in rows]
    assert len(set(guessed)) == len(guessed)
    assert not set(guessed) & set(known)


@pytest.mark.parametrize('words,said', [
    ('key delete', "key delete' (did you mean 'key remove'?)"),
    ('key rotate', "key rotate': 'key add' adds the new key; list it in "
     "'keys' of its route, 'reload', 'key promote' it, and 'key remove' "
     "the old one"),
    ('key create', "key create' (did you mean 'key add'?)"),
])
def test_behind_key_words_mean_the_same(bare, words, said):
    refuses(bare, words.split() + ['x'], said)


@pytest.mark.parametrize('words', ['version', '--version', '-V'])
def test_the_version_is_asked_for_in_three_ways(bare, words):
    done = bare.run(words)
    assert done.returncode == 0 and done.stderr == ''
    assert re.fullmatch(r'sallyport \d+\.\S+\n', done.stdout)


def test_every_verb_is_explained_in_three_ways(bare):
    listed = bare.run('help').stdout.split('Verbs:\n')[1].split('\n\n')[0]
    for verb in re.findall(r'^  (\S+(?: \S+)?)  ', listed, re.M):
        words = verb.split()
        texts = {bare.run(*ask).stdout for ask in
                 (['help'] + words, words + ['--help'], words + ['-h'],
                  words + ['--help', 'x', 'y'])}
        assert len(texts) == 1
        assert texts.pop().startswith('Usage: sallyport ' + verb)


def options_of(world, part):
    """By the titles of their groups, as help prints them."""
    done = world.run('help', 'configuration', part)
    assert done.returncode == 0 and done.stderr == ''
    return {group.split('\n')[0]: re.findall(r'^    (\w+): ', group, re.M)
            for group in done.stdout.split('Options of: ')[1:]}


def test_help_explains_one_part_of_the_configuration(bare):
    route = options_of(bare, 'route')
    assert set(route) == {'route'} and 'client_rate' in route['route']
    assert options_of(bare, 'ROUTE') == route
    # What stands in a file: the option, and what is in it.
    assert options_of(bare, 'routes') == {'top level': ['routes'], **route}
    timeouts = options_of(bare, 'timeouts')
    assert 'handshake' in timeouts["upstream's timeouts"]
    assert 'head' in timeouts['timeouts']


def test_help_explains_an_option_wherever_there_is_one(bare):
    assert options_of(bare, 'connect_to') == {'upstream': ['connect_to']}
    found = options_of(bare, 'certificate')
    assert len(found) > 2
    assert all(names == ['certificate'] for names in found.values())


def test_help_says_what_a_mistyped_option_may_be(bare):
    done = bare.run('help', 'configuration', 'conect_to')
    assert done.returncode == 2 and done.stdout == ''
    assert "is called 'conect_to' (did you mean 'connect_to'?)" in done.stderr
    done = bare.run('help', 'configuration', 'rout')
    assert "(did you mean 'route'?)" in done.stderr
    done = bare.run('help', 'configuration', 'xxxxxxxxxxxx')
    assert done.returncode == 2 and 'did you mean' not in done.stderr


def test_help_says_where_a_configuration_is_looked_for(bare):
    for verb, option in (('check', '--config FILE'), ('init', '--dir DIR')):
        text = bare.run('help', verb).stdout.split('Options:')[1]
        text = text.split(option)[1]
        text = ' '.join(text.split('\n  -')[0].split('\n      -')[0].split())
        assert '$XDG_CONFIG_HOME/sallyport' in text
        assert '~/.config/sallyport' in text and '/etc/sallyport' in text


@pytest.mark.parametrize('words,said', [
    ('check c', "check: unexpected 'c' (did you mean '--config c'?)"),
    ('run c', "run: unexpected 'c' (did you mean '--config c'?)"),
    ('init d', "init: unexpected 'd' (did you mean '--dir d'?)"),
    ('keygen f', "keygen: unexpected 'f' (did you mean '--output f'?)"),
    ('version x', "version: unexpected 'x'"),
    ('check -config c',
     "check: unknown option '-config' (did you mean '--config'?)"),
    ('key add x -to=k',
     "key add: unknown option '-to' (did you mean '--to'?)"),
])
def test_what_an_option_is_for_is_told_without_it(bare, words, said):
    done = bare.run(*words.split())
    assert done.returncode == 2 and done.stdout == ''
    assert done.stderr.startswith('sallyport %s\nTry ' % said)
