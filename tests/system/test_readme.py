"""Every command of README.md, read from there, in its order and in one place,
as somebody does who types what stands there.

What builds does so in a copy of the tree in the test's folder, where `sudo` is
a shim and `make install` goes below the test's folder too.  Unless it is make
release-check that asks, under sanitizers, and where there is no checkout to
copy, only that is left out, and the program under test stands in for what would
have been installed.  As root all of it is done by nobody, whose home is in the
folder as well.
"""

import glob
import os
import re
import shutil
import socket
import subprocess

import elastic
import pytest
import world as world_module
from waiting import LIMIT, RELEASE, SANITIZED

TOP = os.path.realpath(os.path.join(os.path.dirname(__file__), '..', '..'))
NOBODY = 65534

SHIMS = {
    'sudo': 'exec "$@"',
    # install-deps may ask for packages; a test installs none.
    'apt-get': ':',
    # The first time and the second.
    'editor': 'n=team-b; grep -q "$n" "$1" && n=cloud-2027; exec sed -i '
              '"s/keys = \\\\[ \\"elastic-cloud\\"/&, \\"$n\\"/" "$1"',
}


def commands(chapter=None):
    """The lines of its code, without what they say to people."""
    with open(os.path.join(TOP, 'README.md')) as f:
        text = f.read().replace('\\\n', ' ')
    if chapter:
        text = text.split('\n## %s\n' % chapter)[1].split('\n## ')[0]
    lines = [x for x in text.splitlines() if x.startswith('    ')]
    code = [x.split(' # ')[0] for x in lines if '──▶' not in x]
    return [' '.join(x.split()) for x in code]


def tracked():
    """What belongs to the tree, as it is now; nothing without a checkout."""
    if SANITIZED or not RELEASE or not shutil.which('git'):
        return []
    done = subprocess.run(
        ['git', '-c', 'safe.directory=*', '-C', TOP, 'ls-files', '-z'],
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    names = [x for x in done.stdout.split('\0')
             if x and os.path.exists(os.path.join(TOP, x))]
    return names if 'configure.ac' in names else []


def copy_tree(names, to):
    for name in names:
        target = os.path.join(to, name)
        os.makedirs(os.path.dirname(target), exist_ok=True)
        shutil.copy2(os.path.join(TOP, name), target)


def give_away(folder):
    for where, _, files in os.walk(folder):
        for path in [where, *(os.path.join(where, x) for x in files)]:
            os.chown(path, NOBODY, NOBODY, follow_symlinks=False)


class Reader:
    """Who types the commands: where they are, and what they started."""

    def __init__(self, world, builds=True):
        self.world = world
        self.at = world.path('tree')
        names = tracked() if builds else []
        self.builds = bool(names)
        for folder in 'tree', 'home', 'shims', 'out', 'ccache':
            os.mkdir(world.path(folder))
        copy_tree(names, self.at)
        for name, script in SHIMS.items():
            file = world.write('shims/' + name, '#!/bin/sh\n%s\n' % script)
            os.chmod(file, 0o755)
        self.env = self._environment()
        self.user = NOBODY if os.getuid() == 0 else None
        self.own(world.folder)

    def own(self, folder):
        if self.user is not None:
            give_away(folder)

    def _environment(self):
        ours = ('MAKE', 'MFLAGS', 'GNUMAKEFLAGS', 'XDG_', 'CC', 'CFLAGS',
                'CONFIG_SITE')
        env = {k: v for k, v in self.world.environment().items()
               if not k.startswith(ours)}
        out = self.world.path('out')
        installed = os.path.join(out, 'usr/local/bin')
        if not self.builds:
            installed = os.path.dirname(self.world.program)
        path = [self.world.path('shims'), installed, env['PATH']]
        env.update(PATH=os.pathsep.join(path), HOME=self.world.path('home'),
                   DESTDIR=out, NO_PROXY='*', NO_COLOR='1',
                   # It is built twice, and run for a moment.
                   CFLAGS='-O0', MAKEFLAGS='-j%d' % os.cpu_count(),
                   CONFIG_SITE=self.world.write(
                       'site', 'cache_file=' + self.world.path('out/cache')))
        if shutil.which('ccache'):
            env.update(CC='ccache gcc', CCACHE_DIR=self.world.path('ccache'))
        return env

    def type(self, command, stdin='', check=True):
        """One line, to its end; what it printed.  A cd stays."""
        there = self.world.path('home', '.there')
        more = {} if self.user is None else {
            'user': self.user, 'group': self.user, 'extra_groups': []}
        done = subprocess.run(
            ['bash', '-c', '{ %s\n} && pwd >"%s"' % (command, there)],
            cwd=self.at, env=self.env, input=stdin, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            timeout=40 * LIMIT, **more)
        self.world.check_text(done.stdout, 'output of ' + command)
        if done.returncode != 0 and not check:
            return done.stdout
        assert done.returncode == 0, (command, done.stdout[-5000:])
        with open(there) as f:
            self.at = f.read().strip()
        return done.stdout

    def build(self, command):
        if self.builds:
            self.type(command)

    def demo(self, command):
        if self.builds:
            assert 'No file of all this' in self.type(command)

    def init(self, command):
        """And then: a port of the kernel's, and a stand-in for the API."""
        said = self.type(command, self.world.keys['elastic-cloud'] + '\n')
        assert '\n  sallyport run\n' in said, said
        with open(self.conf) as f:
            text = f.read()
        with open(self.conf, 'w') as f:
            f.write(text.replace('127.0.0.1:9080', '127.0.0.1:0').replace(
                'url = ', 'connect_to = "%s"; ca_file = "%s"; url = ' % (
                    self.world.clouds[0].address, self.ca)))
        return said

    @property
    def conf(self):
        return self.world.path('home/.config/sallyport/sallyport.conf')

    @property
    def ca(self):
        """A copy that is theirs to read."""
        copy = self.world.path('home', 'ca.pem')
        shutil.copyfile(self.world.pki.ca, copy)
        os.chmod(copy, 0o644)
        return copy

    def run(self, command):
        process = world_module.Process(
            ['sh', '-c', 'exec ' + command], self.world.folder, self.env,
            user=self.user)
        self.world.processes.append(process)
        process.wait_ready()

    def curl(self, command):
        address = self.world.processes[-1].listening[0]
        got = self.type(command.replace('127.0.0.1:9080', address) + ' -sS')
        assert got == elastic.deployments('elastic-cloud').decode()

    def add(self, command):
        name = command.split()[3]
        said = self.type(command, self.world.keys[name] + '\n')
        assert 'not in the configuration' not in said, said

    def edit(self, command):
        self.type(command)
        with open(self.conf) as f:
            self.keys = re.search(r'keys = \[ (.*?) \]', f.read())[1]
        assert self.keys.count(',') in (1, 2)

    def probe(self, command):
        said = self.type(command)
        assert 'configuration ok' in said, said
        assert 'key team-b: answered 200' in said, said

    def explain(self, command):
        assert 'route: ' in self.type(command)

    def reload(self, command):
        assert 'was reloaded' in self.type(command)

    def promote(self, command):
        assert 'key cloud-2027 is used from now on by route' in self.type(
            command)

    def status(self, command):
        said = self.type(command)
        assert 'Nothing needs attention' in said, said
        for state in 'elastic-cloud +(standby|unused)', 'cloud-2027 +unused':
            assert re.search('^  %s ' % state, said, re.M), said

    def disable(self, command):
        assert self.type(command) == 'key elastic-cloud is disabled\n'


# How each is tried; a text is why it is not.
KNOWN = {
    'contrib/demo': Reader.demo,
    'contrib/check': 'runs this very test',
    'contrib/install-deps && ./autogen.sh': Reader.build,
    'mkdir -p build && cd build && ../configure && make && '
    'sudo make install': Reader.build,
    'sallyport init': Reader.init,
    'sallyport run': Reader.run,
    'curl http://127.0.0.1:9080/api/v1/deployments': Reader.curl,
    'cd ~/.config/sallyport 2>/dev/null || cd /etc/sallyport': Reader.type,
    'sallyport key add team-b --to keys.age --host api.elastic-cloud.com':
        Reader.add,
    'editor sallyport.conf': Reader.edit,
    'sallyport check --probe': Reader.probe,
    'sallyport explain GET /api/v1/deployments': Reader.explain,
    'sallyport key add cloud-2027 --to keys.age --host api.elastic-cloud.com':
        Reader.add,
    'sallyport reload': Reader.reload,
    'sallyport key promote cloud-2027': Reader.promote,
    'sallyport status': Reader.status,
    'sallyport key disable elastic-cloud': Reader.disable,
    # test_service.py types them into a machine that has systemd.
    **{command: 'needs a machine' for command in commands('As a service')},
}


def test_this_knows_the_commands_of_the_readme_and_no_others():
    assert set(commands()) == set(KNOWN)


def nobody_listens_at(port):
    with socket.socket() as sock:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            sock.bind(('127.0.0.1', port))
        except OSError:
            return False
    return True


@pytest.mark.slow
def test_every_command_of_the_readme_works_as_it_stands(bare):
    if not nobody_listens_at(9080):
        pytest.skip('the port that they name is somebody else\'s here')
    bare.new_key('elastic-cloud')
    bare.new_key('team-b')
    bare.new_key('cloud-2027')
    bare.cloud()
    reader = Reader(bare)
    for command in commands():
        how = KNOWN[command]
        if callable(how):
            how(reader, command)
    # What it says below them.
    bare.stop()
    reader.run('sallyport run')


def configured_in_place(world):
    """A reader in a source folder where ./configure ran, with which the
    program under test is made."""
    reader = Reader(world)
    for part in 'contrib', 'tests/lib':
        copy_tree([os.path.relpath(file, TOP) for file in glob.glob(
            os.path.join(TOP, part, '*')) if os.path.isfile(file)], reader.at)
    for file in 'config.status', 'configure':
        os.chmod(world.write('tree/' + file, '#!/bin/sh\nexit 1\n'), 0o755)
    world.write('tree/Makefile', 'sallyport:\n\tcp %s $@\n' % world.program)
    reader.own(reader.at)
    return reader


@pytest.mark.slow
def test_the_demo_works_in_a_folder_that_was_configured_itself(bare):
    reader = configured_in_place(bare)
    assert 'No file of all this' in reader.type('contrib/demo')
    assert 'build-demo' not in os.listdir(reader.at)


def test_check_says_that_its_folder_was_configured_itself(bare):
    reader = configured_in_place(bare)
    done = subprocess.run(['contrib/check'], cwd=reader.at, env=reader.env,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          text=True)
    assert done.returncode == 1
    assert "run 'make distclean' in it" in done.stdout, done.stdout
