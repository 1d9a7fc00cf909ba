"""The pages of docs/, and the examples of the manual: every command is typed as
it stands and prints what stands below it; every configuration is one.

What needs another machine is in ELSEWHERE, with the reason.
"""

import grp
import os
import re
import xml.etree.ElementTree

import documents
import pytest
from test_readme import Reader

DOCS = os.path.join(documents.TOP, 'docs')
PAGES = sorted(x for x in os.listdir(DOCS) if x.endswith('.md'))
RUN = [x for x in PAGES if list(documents.typed(documents.read('docs', x)))]

# Commands that are shown and not run here, and why.
ELSEWHERE = {
    'sudo systemctl stop sallyport': 'test_service.py, in a booted Debian',
    'sudo systemctl enable --now sallyport.socket':
        'test_service.py, in a booted Debian',
    'sudo systemctl start sallyport': 'test_service.py, in a booted Debian',
}

# What a page has people do to the configuration: they list the next key, or
# take the old one out.
EDITOR = r'''#!/bin/sh
grep -q '"elastic-cloud", "cloud-2027"' "$1" &&
    exec sed -i 's/"elastic-cloud", "cloud-2027"/"cloud-2027"/' "$1"
exec sed -i 's/keys = \[ "elastic-cloud"/&, "cloud-2027"/' "$1"
'''


class Typist(Reader):
    """Types what pages show, and compares what is printed."""

    def __init__(self, world):
        for name in 'elastic-cloud', 'cloud-2027':
            world.new_key(name)
        world.cloud()
        super().__init__(world, builds=False)
        self.process = None
        os.chmod(world.write('shims/editor', EDITOR), 0o755)

    def set_up(self):
        self.init('sallyport init')
        self.at = os.path.dirname(self.conf)
        self.serve('sallyport run')

    def serve(self, command):
        self.run(command)
        self.process = self.world.processes[-1]
        return self.process.stderr

    def do(self, command):
        if command == 'sallyport init':
            return self.init(command)
        if command == 'sallyport run':
            return self.serve(command)
        if command.startswith('curl '):
            command = command.replace('curl ', 'curl -sS ', 1)
        if self.process:
            command = command.replace('127.0.0.1:9080',
                                      self.process.listening[0])
        stdin = ''
        if command.startswith('sallyport key add '):
            stdin = self.world.keys[command.split()[3]] + '\n'
        return self.type(command, stdin, check='explain' not in command)


@pytest.fixture
def typist(bare):
    return Typist(bare)


@pytest.mark.slow
@pytest.mark.parametrize('page', RUN)
def test_every_command_of_a_page_prints_what_stands_there(typist, page):
    steps = list(documents.typed(documents.read('docs', page)))
    if steps[0][0] != 'sallyport init':
        typist.set_up()
    for command, printed in steps:
        said = typist.do(command)
        assert documents.prints(said, printed), (command, said, printed)


def test_what_is_not_run_here_is_shown_and_nothing_else_is():
    shown = {x for page in PAGES
             for x in documents.listed(documents.read('docs', page))}
    assert shown == set(ELSEWHERE)


def test_what_is_run_in_a_machine_is_what_the_readme_says():
    """Those are typed there by test_service.py."""
    for command in ELSEWHERE:
        assert '    %s\n' % command in documents.read('README.md')


@pytest.mark.parametrize('page', PAGES)
def test_a_page_has_no_code_that_nothing_tries(page):
    text = documents.read('docs', page)
    languages = re.findall(r'^```(\w*)$', text, re.M)[::2]
    assert set(languages) <= {'console', 'sh', 'libconfig', 'ini'}
    rest = re.sub(r'^```.*?^```$', '', text, flags=re.M | re.S)
    assert not re.search(r'^    \S', rest, re.M), 'code without a language'
    if 'ini' in languages:
        assert page == 'sockets.md'


REST = {
    'identity': 'identity = "identity";',
    'sealed': 'sealed = [ "keys.age" ];',
    'listeners': 'listeners = ( { name = "local"; '
                 'address = "127.0.0.1:9080"; } );',
    'upstreams': 'upstreams = ( { name = "elastic-cloud"; '
                 'url = "https://api.elastic-cloud.com"; } );',
    'routes': 'routes = ( { name = "all"; upstream = "elastic-cloud"; '
              'keys = [ "elastic-cloud" ]; } );',
}


def accepts(world, text):
    """A part of a configuration, with what is usual for the rest; its folders
    and groups are those of the test."""
    for folder in '/run/sallyport', '/etc/sallyport', '/var/log/sallyport':
        text = text.replace(folder, world.folder)
    group = grp.getgrgid(os.getgid()).gr_name
    text = re.sub(r'(groups? = (?:\[ )?)"[\w-]+"', r'\1"%s"' % group, text)
    there = re.findall(r'^(\w+)\s*=', text, re.M)
    whole = text + ''.join('%s\n' % more for name, more in REST.items()
                           if name not in there)
    names = re.findall(r'"([\w-]+)"', ' '.join(
        re.findall(r'keys = \[(.*?)\]', whole)))
    world.seal('keys.age', *sorted(set(names)))
    if world.user:
        whole += 'user = "%s";\n' % world.user
    return world.run('check', '-c', world.write('c', whole))


CONFIGURATIONS = [
    (page, text) for page in PAGES
    for text in documents.fences(documents.read('docs', page), 'libconfig')]


@pytest.mark.parametrize('page,text', CONFIGURATIONS,
                         ids=[x for x, _ in CONFIGURATIONS])
def test_every_configuration_of_a_page_is_one(bare, page, text):
    if '"fd:' in text:
        done = accepts(bare, text.replace('"fd:local"', '"127.0.0.1:0"'))
    else:
        done = accepts(bare, text)
    assert done.returncode == 0, done.stderr


def test_the_examples_of_the_manual_are_configurations(bare):
    two, follows, sealed = documents.literals(
        documents.read('man', 'sallyport.conf.5.in'))
    done = accepts(bare, two)
    assert done.returncode == 0, done.stderr
    done = accepts(bare, 'routes = ( { name = "all"; %s upstream = '
                   '"elastic-cloud"; } );\n' % follows.strip())
    assert done.returncode == 0, done.stderr
    bare.seal_text('keys.age', sealed.replace('VALUE', bare.new_key('x')))
    done = bare.run('key', 'list', '-i', bare.identity, 'keys.age')
    assert done.returncode == 0, done.stderr
    assert 'team-a' in done.stdout and 'terraform, team A' in done.stdout


def examples():
    text = '\n'.join(documents.literals(documents.read('man', 'sallyport.8')))
    text = re.sub(r'\\\n\s*', '', text)
    return [x for x in text.splitlines() if x]


@pytest.mark.slow
def test_the_examples_of_the_manual_work_in_their_order(typist):
    """The key before is called elastic-cloud there, as init has it unless one
    says otherwise, and cloud-2026 in the page."""
    commands = [x.replace('cloud-2026', 'elastic-cloud') for x in examples()]
    assert commands[0] == 'sallyport init' and len(commands) > 8
    typist.do(commands[0])
    typist.at = os.path.dirname(typist.conf)
    for command in commands[1:]:
        if command == 'sallyport reload':
            typist.do('editor sallyport.conf')
        typist.do(command)


def test_links_of_the_pages_lead_to_what_is_there():
    """And to nothing outside of docs/, for a site has nothing else."""
    linked = set()
    for page in PAGES:
        text = documents.read('docs', page)
        for target in re.findall(r'\]\(([^)]*)\)', text):
            assert re.fullmatch(r'[\w-]+\.(md|svg)', target), (page, target)
            assert os.path.exists(os.path.join(DOCS, target)), (page, target)
            linked.add(target)
    assert linked | {'index.md'} == set(os.listdir(DOCS))


def test_the_picture_can_do_nothing():
    root = xml.etree.ElementTree.parse(os.path.join(DOCS, 'concepts.svg'))
    text = documents.read('docs', 'concepts.svg')
    assert root.getroot().tag.endswith('}svg')
    assert 'script' not in text and '://' not in text.replace(
        'http://www.w3.org/2000/svg', '')


def test_the_states_are_those_of_the_program(bare):
    said = bare.run('help', 'states').stdout.split('\n\n')[1]
    states = re.findall(r'^(\w+)$', said, re.M)
    assert re.findall(r'^\| `(\w+)` \|', documents.read('docs', 'keys.md'),
                      re.M) == states
