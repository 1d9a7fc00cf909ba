"""What the documents show is what the program takes."""

import itertools
import os
import re
import shlex

import pytest

TOP = os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', '..')
FILES = ('README.md', 'ARCHITECTURE.md', 'etc/sallyport.conf',
         'etc/sallyport.service.in', 'SECURITY.md', 'docs/concepts.md',
         'docs/index.md', 'docs/keys.md', 'docs/migration.md',
         'docs/operations.md')


def read(file):
    with open(os.path.join(TOP, file)) as f:
        return f.read()


def verbs(world):
    listed = world.run('help').stdout.split('Verbs:\n')[1].split('\n\n')[0]
    return [re.match(r'  (\w+( \w+)?)  ', line)[1]
            for line in listed.splitlines()]


def commands_of(text):
    """Every call of sallyport that stands in code."""
    text = text.replace('\\\n', ' ')
    for pattern in (r'`sallyport ([^`]*)`',
                    r'^(?:#\s+|\s+)(?:EDITOR=\w+ )?sallyport (.*)',
                    r'^ExecStart=\S*/sallyport (.*)'):
        for match in re.finditer(pattern, text, re.M):
            words = shlex.split(re.split(r'[<>|;]', match[1])[0],
                                comments=True)
            yield [w for w in words if w != '...']


def takes(world, command):
    """Its verb and options are there: --help is looked at last."""
    done = world.run(*command, '--help')
    assert done.returncode == 0, (command, done.stderr)
    assert done.stdout.startswith('Usage: sallyport ' + command[0])


@pytest.mark.parametrize('file', FILES)
def test_every_command_in_a_document_is_one(bare, file):
    commands = list(commands_of(read(file)))
    assert commands
    for command in commands:
        takes(bare, command)


def test_every_example_of_a_verb_is_a_command(bare):
    for verb in verbs(bare):
        text = bare.run('help', *verb.split()).stdout
        examples = list(commands_of(text.split('Example:\n')[1]))
        assert examples
        for command in examples:
            assert ' '.join(command).startswith(verb)
            takes(bare, command)


def test_no_line_of_help_is_longer_than_a_terminal_is_wide(bare):
    for topic in ['', 'configuration', 'metrics'] + verbs(bare):
        text = bare.run('help', *topic.split()).stdout
        assert max(len(x) for x in text.splitlines()) <= 80, topic


def test_the_readme_lists_the_verbs(bare):
    row = re.search(r'^\| Verbs \| (.*) \|$', read('README.md'), re.M)[1]
    assert re.findall(r'`([^`]*)`', row) == verbs(bare)


def test_the_readme_lists_the_calls_that_mint():
    table = re.sub(r'/\*.*?\*/', '', read('src/policy/minting.tbl'), flags=re.S)
    rows = re.findall(r'^MINTING\((.*?), "(.*?)",', table, re.M)
    text = read('README.md').split('**Calls that mint**')[1]
    text = text.split('\n\nIt does')[0]
    named = set(re.findall(r'`([^`]*)`', text))
    assert len(rows) > 20
    for methods, path in rows:
        family, _, name = path.rpartition('/')
        assert path in named or name in named and family.endswith('security'), \
            path
        assert methods == 'CHANGE' or name == 'enroll'


def test_every_option_that_the_readme_sets_is_one(bare):
    options = set(re.findall(r'^    (\w+): ', bare.run(
        'help', 'configuration').stdout, re.M))
    named = re.findall(r'`(\w+) = [^`]*`', read('README.md'))
    assert named and set(named) <= options


def test_what_the_example_shows_of_a_sealed_file_can_be_sealed(world):
    """Its placeholder for a digest is one place where nothing can stand."""
    shown = read('etc/sallyport.conf').split('from a text like\n#\n')[1]
    text = ''.join(line[2:] for line in itertools.takewhile(
        lambda line: line.startswith('#\t'), shown.splitlines(True)))
    assert 'keys = (' in text and 'clients = (' in text
    text = text.replace('64 hexadecimal digits', 'a5' * 32)
    text = text.replace('essu_...', world.new_key('team-a'))
    world.seal_text('keys.age', text)
    done = world.run('check', '-c', world.write('c', world.config()))
    assert done.returncode == 0, done.stderr
