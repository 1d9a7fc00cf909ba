"""The clients of tests/clients/: how each is built and started, what it needs.

They are built and installed into the build folder, once; tests of a client
that cannot be had are skipped with the reason.
"""

import os
import shutil
import subprocess
import sys
import threading

import pytest
from waiting import LIMIT, wait_until

HERE = os.path.join(os.path.dirname(os.path.abspath(__file__)), '..',
                    'clients')
HAVE = 'contrib/install-deps --clients'


def need(*programs):
    for program in programs:
        if not shutil.which(program):
            pytest.skip('no %s (%s)' % (program, HAVE))


def source(name):
    return os.path.join(HERE, name)


def build(what, of, argv, **env):
    """Runs a compiler unless its output is newer than its input."""
    if os.path.exists(what) and os.stat(what).st_mtime > \
            os.stat(of).st_mtime:
        return
    done = subprocess.run(argv, env={**os.environ, **env}, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    assert done.returncode == 0, done.stdout


def curl(_, *options):
    need('curl')
    if options:
        said = subprocess.run(['curl', '--version'], stdout=subprocess.PIPE)
        if b'HTTP2' not in said.stdout:
            pytest.skip('this curl has no HTTP/2')
    return [sys.executable, source('curl.py')], list(options)


def python(_, module):
    done = subprocess.run([sys.executable, '-c', 'import ' + module],
                          stderr=subprocess.DEVNULL)
    if done.returncode != 0:
        pytest.skip('no %s for Python (%s)' % (module, HAVE))
    return [sys.executable, source('python.py')], [module]


def go(made):
    need('go')
    program = os.path.join(made, 'go-client')
    build(program, source('client.go'),
          ['go', 'build', '-o', program, source('client.go')],
          GOCACHE=os.path.join(made, 'go-cache'), GO111MODULE='off',
          GOFLAGS='')
    return [program], []


def java(made):
    need('java', 'javac')
    build(os.path.join(made, 'Client.class'), source('Client.java'),
          ['javac', '-d', made, source('Client.java')])
    return ['java', '-cp', made, 'Client'], []


def node_version():
    said = subprocess.run(['node', '--version'], stdout=subprocess.PIPE,
                          text=True).stdout
    return int(said.lstrip('v').split('.')[0])


def node(_, script):
    need('node')
    if node_version() < 18:
        pytest.skip('node %d is older than 18' % node_version())
    return ['node', source(script)], []


def npm(made, script):
    """A script that uses a package from npm."""
    argv, _ = node(made, script)
    return argv, [os.path.join(packages(made), 'package.json')]


def packages(made, of=HERE, name='npm'):
    """The folder with what comes from npm, by the lock file in that one."""
    need('npm')
    folder = os.path.join(made, name)
    lock = os.path.join(folder, 'package-lock.json')
    installed = os.path.join(folder, 'node_modules', '.package-lock.json')
    os.makedirs(folder, exist_ok=True)
    with open(os.path.join(of, 'package-lock.json')) as wanted:
        same = os.path.exists(installed) and os.path.exists(lock) and \
            open(lock).read() == wanted.read()
    if not same:
        install(folder, of)
    return folder


def install(folder, of):
    """Installs exactly what package-lock.json has digests for."""
    for file in 'package.json', 'package-lock.json':
        shutil.copy(os.path.join(of, file), folder)
    try:
        done = subprocess.run(
            ['npm', 'ci', '--no-audit', '--no-fund', '--ignore-scripts',
             '--fetch-retries=1', '--loglevel=error'], cwd=folder, text=True,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, timeout=300)
        why = done.stdout.strip().split('\n')[0] if done.returncode else ''
    except subprocess.TimeoutExpired:
        why = 'it takes too long'
    if why:
        os.unlink(os.path.join(folder, 'package-lock.json'))
        pytest.skip('npm cannot install: ' + why)


CLIENTS = {
    'curl': curl,
    'curl --http2': lambda made: curl(made, '--http2'),
    'Go': go,
    'Java': java,
    "Node's fetch": lambda made: node(made, 'fetch.mjs'),
    'undici': lambda made: npm(made, 'undici.mjs'),
    'httpx': lambda made: python(made, 'httpx'),
    'requests': lambda made: python(made, 'requests'),
    '@elastic/elasticsearch': lambda made: npm(made, 'elasticsearch.mjs'),
}


# Those that are given certificates, too.
TLS_CLIENTS = {
    'openssl s_client': lambda made: (
        [sys.executable, source('s_client.py')], []),
    "Python's http.client": lambda made: python(made, 'http.client'),
    **{name: CLIENTS[name] for name in ('curl', 'Go', 'Java', 'httpx',
                                        'requests')},
}


def store(pem):
    """The same certificate and key in PKCS #12."""
    subprocess.run(['openssl', 'pkcs12', '-export', '-in', pem, '-out',
                    pem + '.p12', '-passout', 'pass:none'], check=True)
    return pem + '.p12'


class Client:
    """A client at work on its cases, and its results so far."""

    def __init__(self, name, made, env, cwd):
        self.argv, self.more = {**CLIENTS, **TLS_CLIENTS}[name](made)
        self.env = {k: v for k, v in env.items()
                    if not k.lower().endswith('_proxy')}
        self.cwd = cwd
        self.said = []                  # (case, kind, text)
        self.stderr = ''

    def run(self, base, cases):
        """cases are (name, method, target, how, bytes)."""
        stderr = os.path.join(self.cwd, 'client.stderr')
        with open(stderr, 'wb') as file:
            child = subprocess.Popen(
                [*self.argv, base, *self.more], cwd=self.cwd, env=self.env,
                text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                stderr=file)
        timer = threading.Timer(6 * LIMIT, child.kill)
        timer.start()
        with child:
            for case in cases:
                child.stdin.write('\t'.join(map(str, case)) + '\n')
            child.stdin.close()
            for line in child.stdout:
                self.said.append(tuple(line.rstrip('\n').split('\t', 2)))
        timer.cancel()
        with open(stderr) as file:
            self.stderr = file.read()

    def of(self, case, kind):
        return [text for c, k, text in self.said if (c, k) == (case, kind)]

    def wait_line(self, case, text):
        """Waits until it reports this line of a response."""
        wait_until(lambda: text in self.of(case, 'line'),
                   '%s of %s' % (text, case))
