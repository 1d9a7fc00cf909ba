"""A world to run the real program in: a folder, an identity, sealed keys, a
stand-in API, a configuration, the process, and what must hold afterwards.
"""

import contextlib
import glob
import json
import os
import re
import shutil
import signal
import socket
import ssl
import subprocess
import tempfile
import threading
import time

import cloud as cloud_module
import elastic
import http1
import pki as pki_module
import proc
import tls_client
from waiting import LIMIT, SANITIZED, wait_until

FULL = bool(os.environ.get('SALLYPORT_FULL'))
DRAIN = 30              # seconds that exchanges have after SIGTERM

TROUBLE = re.compile(r'AddressSanitizer|LeakSanitizer|runtime error:|'
                     r'Assertion .* failed|dumped core|SIGSEGV|SIGABRT|'
                     r'was ended by signal (?!9 )')     # 9 is the tests' own


# How to run a program as an ordinary user; we may be one already.
ROOT = os.geteuid() == 0
NOBODY = {'user': 65534, 'group': 65534, 'extra_groups': []} if ROOT else {}
AS_NOBODY = ['setpriv', '--reuid=65534', '--regid=65534',
             '--clear-groups'] if ROOT else []

STRACE = shutil.which('strace')


def strace_works():
    """Whether it is installed, and may trace."""
    return STRACE is not None and subprocess.run(
        [STRACE, '-qq', '-o', '/dev/null', 'true'],
        stderr=subprocess.DEVNULL).returncode == 0


def may_mount():
    """False in most containers, and where / is no mount."""
    return os.getuid() == 0 and shutil.which('unshare') and subprocess.run(
        ['unshare', '-m', 'mount', '--bind', '/etc/hostname',
         '/etc/resolv.conf'], stderr=subprocess.DEVNULL).returncode == 0


def is_over(pid):
    """It has nothing open any more."""
    try:
        return proc.state(pid) in 'ZX'
    except OSError:
        return True


def is_admin(pid):
    """Whether it is the admin process of a daemon."""
    with contextlib.suppress(OSError):
        with open('/proc/%d/cmdline' % pid, 'rb') as f:
            return f.read().split(b'\0')[1:2] == [b'admin']
    return False


def is_helper(pid):
    """Whether it is one that writes what outlives the daemon, or watches
    certificates."""
    with contextlib.suppress(OSError):
        with open('/proc/%d/comm' % pid) as f:
            return f.read() in ('sallyport-state\n', 'sallyport-watch\n')
    return True             # it has ended


def quote(text):
    return '"%s"' % text.replace('\\', '\\\\').replace('"', '\\"')


def key_text(name, value, hosts=(pki_module.HOST,), **more):
    fields = ['name = %s' % quote(name), 'value = %s' % quote(value),
              'hosts = [ %s ]' % ', '.join(map(quote, hosts))]
    fields += ['%s = %s' % (k, quote(v)) for k, v in more.items()]
    return '  { %s; }' % '; '.join(fields)


class Raw(http1.Wire):
    """A client that sends given bytes, one by one if need be."""

    def request(self, method='GET', target='/test/echo', fields=(),
                body=None, host='localhost', version='1.1'):
        lines = ['%s %s HTTP/%s' % (method, target, version)]
        if host is not None:
            lines.append('Host: ' + host)
        lines += ['%s: %s' % f for f in fields]
        if body is not None:
            lines.append('Content-Length: %d' % len(body))
        self.send(('\r\n'.join(lines) + '\r\n\r\n').encode('latin-1')
                  + (body or b''))

    def response(self, method='GET'):
        return http1.Response.read(self, method)

    def ask(self, method='GET', target='/test/echo', fields=(), body=None,
            **more):
        self.request(method, target, fields, body, **more)
        return self.response(method)

    def at_end(self):
        """True if the other side closed and nothing is left to read."""
        return not self.buf and not self.fill()

    def half_close(self):
        if isinstance(self.sock, ssl.SSLSocket):
            tls_client.end(self.sock)
        else:
            self.sock.shutdown(socket.SHUT_WR)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


class Process:
    """A running sallyport: its output, its listeners, its end."""

    def __init__(self, argv, cwd, env, pass_fds=(), user=None):
        self.argv = argv
        self.lines = []
        self.listening = []
        self.ready = False
        self._changed = threading.Condition()
        self._out = open(os.path.join(cwd, 'stdout'), 'ab')
        self.child = subprocess.Popen(
            argv, cwd=cwd, env=env, stdin=subprocess.DEVNULL,
            stdout=self._out, stderr=subprocess.PIPE, pass_fds=pass_fds,
            start_new_session=True, user=user)
        self._log = open(os.path.join(cwd, 'stderr'), 'ab')
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self):
        for line in self.child.stderr:
            self._log.write(line)
            self._log.flush()
            line = line.decode(errors='replace').rstrip('\n')
            with self._changed:
                self.lines.append(line)
                match = re.fullmatch(r'listening on (\S+)', line)
                if match:
                    self.listening.append(match[1])
                self.ready = self.ready or line == 'ready'
                self._changed.notify_all()
        with self._changed:
            self._changed.notify_all()

    @property
    def stderr(self):
        return '\n'.join(self.lines)

    def wait_for(self, condition, what, limit=LIMIT):
        """Waits until condition() holds; looks at every line of stderr."""
        end = time.monotonic() + limit
        with self._changed:
            while not condition():
                self._changed.wait(0.05)
                assert condition() or time.monotonic() < end, \
                    'waited in vain: %s\n%s' % (what, self.stderr)

    def wait_line(self, pattern, limit=LIMIT):
        """The first line of stderr that matches."""
        found = []

        def look():
            found[:] = [x for x in self.lines if re.search(pattern, x)]
            return found
        self.wait_for(look, 'a line like %r' % pattern, limit)
        return found[0]

    def events(self, dataset=None, action=None):
        """The JSON lines of stderr."""
        got = []
        for line in self.lines:
            if line.startswith('{'):
                event = json.loads(line)
                inner = event.get('event', {})
                if ((not dataset or inner.get('dataset') == dataset) and
                        (not action or inner.get('action') == action)):
                    got.append(event)
        return got

    def wait_ready(self):
        self.wait_for(lambda: self.ready or self.child.poll() is not None,
                      'ready')
        assert self.ready, 'did not start:\n' + self.stderr

    def wait_exit(self, limit=LIMIT):
        status = self.child.wait(limit)
        self._reader.join(limit)
        return status

    def pids(self):
        """Parent first, then its children."""
        return [self.child.pid] + proc.children(self.child.pid)

    @property
    def workers(self):
        return [pid for pid in self.pids()[1:]
                if not is_admin(pid) and not is_helper(pid)]

    @property
    def admin(self):
        """Its admin process, or None."""
        return next((pid for pid in self.pids()[1:] if is_admin(pid)), None)

    def signal(self, number):
        self.child.send_signal(number)

    def kill(self):
        """Kills all that is left of it."""
        if self.child.poll() is None:
            pids = self.pids()      # the first one can start others
            for pid in pids:
                with contextlib.suppress(OSError):
                    os.kill(pid, signal.SIGKILL)
            self.child.wait()
            # What is traced ends later, and has its sockets until then.
            wait_until(lambda: all(map(is_over, pids[1:])), 'its children')

    def close(self):
        self._reader.join(LIMIT)
        self._log.close()
        self._out.close()
        self.child.stderr.close()


def make_memory_folder():
    """A folder in memory that no other test looks into."""
    with contextlib.suppress(OSError):
        return tempfile.mkdtemp(prefix='sp-', dir='/dev/shm')
    return None


class World:
    """tls: the listener of a configuration speaks it, unless the test gives
    its own, and so do our clients."""

    def __init__(self, program, pki, tls=False):
        self.program = program
        self.pki = pki
        self.tls = tls
        self.folder = tempfile.mkdtemp(prefix='sp-', dir='/tmp')
        self.memory = make_memory_folder()
        self.identity = self.path('identity')
        # root stays root, on purpose, so there is no warning.
        self.user = 'root' if os.geteuid() == 0 else None
        done = subprocess.run(['age-keygen', '-o', self.identity],
                              stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, check=True)
        os.chmod(self.identity, 0o600)
        self.recipient = re.search(r'age1\w+', done.stdout.decode())[0]
        self.secrets = set()            # no file may hold one of these
        self.keys = {}
        self.clouds = []
        self.processes = []
        self.plain_files = set()        # test input that may hold secrets

    def path(self, *parts):
        return os.path.join(self.folder, *parts)

    # Keys.

    def new_key(self, name):
        """Makes a key; from now on it must not be seen anywhere."""
        self.keys[name] = elastic.new_key()
        self.secrets.add(self.keys[name])
        return self.keys[name]

    def seal_text(self, file, text, recipients=None):
        """Seals with the age of the system."""
        to = []
        for one in recipients or [self.recipient]:
            to += ['-r', one]
        subprocess.run(['age', *to, '-o', self.path(file)],
                       input=text.encode(), check=True)
        return self.path(file)

    def seal(self, file, *names, **more):
        """Makes a key per name where there is none, and seals them."""
        texts = [key_text(n, self.keys.get(n) or self.new_key(n), **more)
                 for n in names]
        return self.seal_text(file, 'keys = (\n%s\n);\n' % ',\n'.join(texts))

    # The API.

    def cloud(self, pem=None, keys=None, **more):
        """A stand-in that knows all keys made so far."""
        pem = pem or self.pki.server('good')
        made = cloud_module.Cloud(pem, self.keys if keys is None else keys,
                                  **more)
        self.clouds.append(made)
        return made

    # The configuration.

    def upstream(self, name='elastic-cloud', to=None, more='',
                 url='https://' + pki_module.HOST, ca=None):
        to = to or self.clouds[0].address
        return ('{ name = "%s"; url = "%s"; connect_to = "%s"; ca_file = %s;'
                ' %s }' % (name, url, to, quote(ca or self.pki.ca), more))

    def open_to_nobody(self, **more):
        """Lets the user nobody read the files; the upstream for that."""
        self.user = None
        if ROOT:
            shutil.chown(self.folder, 65534)
            shutil.chown(self.identity, 65534)
        ca = shutil.copyfile(self.pki.ca, self.path('ca.pem'))
        for file in ca, self.path('keys.age'):
            os.chmod(file, 0o644)
        return self.upstream(ca=ca, **more)

    def listener(self, name='local', more=''):
        """One that speaks TLS where the world does."""
        if self.tls:
            pem = quote(self.pki.server('listener', tls_client.NAMES))
            more += ' tls = { certificate = %s; certificate_key = %s; };' % (
                pem, pem)
        return '{ name = "%s"; address = "127.0.0.1:0"; %s }' % (name, more)

    def config(self, routes=None, listeners=None, upstreams=None, more='',
               workers=1, sealed=('keys.age',), log=None):
        """A whole configuration; parts not given are the simplest."""
        listeners = listeners or [self.listener()]
        routes = routes or ['{ name = "all"; upstream = "elastic-cloud"; '
                            'keys = [ "team-a" ]; }']
        upstreams = upstreams or [self.upstream()]
        user = '' if self.user is None or 'user =' in more else \
            ' user = %s;' % quote(self.user)
        if log is None:
            log = 'access = %s; level = "debug";' % quote(
                self.path('access.ndjson'))
        return '\n'.join([
            'identity = %s;' % quote(self.identity),
            'sealed = [ %s ];' % ', '.join(quote(self.path(s))
                                           for s in sealed),
            'workers = %d;%s' % (workers, user),
            'listeners = (\n  %s\n);' % ',\n  '.join(listeners),
            'upstreams = (\n  %s\n);' % ',\n  '.join(upstreams),
            'routes = (\n  %s\n);' % ',\n  '.join(routes),
            'log = { %s };' % log,
            more, ''])

    def write(self, file, text):
        with open(self.path(file), 'w') as out:
            out.write(text)
        return self.path(file)

    # The program.

    def environment(self):
        env = {k: v for k, v in os.environ.items()
               if not k.startswith(('LISTEN_', 'NOTIFY_', 'WATCHDOG_',
                                    'CREDENTIALS_'))}
        env.pop('top_srcdir', None)
        if self.memory:
            env['XDG_RUNTIME_DIR'] = self.memory
        return env

    def run(self, *args, stdin='', wrap=(), **more):
        """Runs one verb to its end."""
        done = subprocess.run([*wrap, self.program, *args], cwd=self.folder,
                              env=self.environment(), input=stdin,
                              stdout=subprocess.PIPE, text=True,
                              stderr=subprocess.PIPE, timeout=3 * LIMIT, **more)
        for which in (done.stdout, done.stderr):
            self.check_text(which, 'output of ' + ' '.join(args))
            assert not TROUBLE.search(which), which
        return done

    def launch(self, config, pass_fds=(), env=(), wrap=(), options=(),
               file='sallyport.conf'):
        """Starts `run`, whether it comes up or not.  config None: the file
        is there already."""
        file = self.path(file)
        if config is not None:
            self.write(file, config)
        process = Process([*wrap, self.program, 'run', '-c', file, *options],
                          self.folder, {**self.environment(), **dict(env)},
                          pass_fds)
        self.processes.append(process)
        return process

    def start(self, config=None, **more):
        process = self.launch(config or self.config(), **more)
        process.wait_ready()
        return process

    def activate(self, listeners, names, *sockets, wrap=(), **more):
        """Starts it with these sockets from descriptor 3 on, as systemd
        does."""
        file = self.write('c', self.config(listeners=listeners, **more))
        fds = [s.fileno() for s in sockets]
        script = 'exec %s; export LISTEN_PID=$$ LISTEN_FDS=%d %s; ' \
            'exec "$@"' % (
                ' '.join('%d<&%d' % (3 + i, fd) for i, fd in enumerate(fds)),
                len(fds), '' if names is None else 'LISTEN_FDNAMES=' + names)
        process = Process([*wrap, 'bash', '-c', script, 'sh', self.program,
                           'run', '-c', file], self.folder,
                          self.environment(), tuple(fds))
        self.processes.append(process)
        return process

    def refuses(self, config, pattern):
        """run and check both refuse this, each saying so in a line like it."""
        process = self.launch(config)
        status = process.wait_exit()
        assert status == 1, (status, process.stderr)
        assert not process.listening, process.stderr
        process.wait_line(pattern, 1)       # all of it was read
        return process

    # Clients.

    def socket(self, which=0, timeout=LIMIT):
        address = which if isinstance(which, str) else \
            self.processes[-1].listening[which]
        if address.startswith('unix:'):
            sock = socket.socket(socket.AF_UNIX)
            sock.settimeout(timeout)
            sock.connect(address[5:])
            return sock
        host, port = address.rsplit(':', 1)
        sock = socket.create_connection((host.strip('[]'), int(port)),
                                        timeout=timeout)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return sock

    def speaks_tls(self, which):
        """Of a listener, by its number; one that is named by its address
        has not been made by listener()."""
        return self.tls and not isinstance(which, str)

    def raw(self, which=0, timeout=LIMIT):
        sock = self.socket(which, timeout)
        if self.speaks_tls(which):
            sock = tls_client.wrap(sock, self.pki.ca)
        return Raw(sock)

    def ask(self, method='GET', target='/test/echo', fields=(), body=None,
            which=0, **more):
        """One request on a connection of its own."""
        with self.raw(which) as raw:
            return raw.ask(method, target, fields, body, **more)

    def echo(self, *args, **more):
        """The part of such a request that reached the API."""
        response = self.ask(*args, **more)
        assert response.status == 200, (response.status, response.data)
        return json.loads(response.data)

    def curl(self, target, *args, which=0, timeout=LIMIT):
        address = which if isinstance(which, str) else \
            self.processes[-1].listening[which]
        if address.startswith('unix:'):
            where = ['--unix-socket', address[5:], 'http://localhost' + target]
        elif self.speaks_tls(which):
            where = ['--cacert', self.pki.ca, 'https://' + address + target]
        else:
            where = ['http://' + address + target]
        return subprocess.run(['curl', '-sS', '--noproxy', '*', *args,
                               *where], stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, timeout=timeout)

    # Afterwards.

    def access(self, n=None, file='access.ndjson'):
        """The access log, waiting for n lines of it."""
        def lines():
            if not os.path.exists(self.path(file)):
                return []
            with open(self.path(file)) as log:
                text = log.read()
            return text.split('\n')[:-1]
        if n is not None:
            wait_until(lambda: len(lines()) >= n, '%d lines in %s: %s'
                       % (n, file, '\n'.join(lines()[-5:])))
        got = [json.loads(line) for line in lines()]
        assert n is None or len(got) == n, \
            '%d lines where %d were expected:\n%s' % (
                len(got), n, '\n'.join(lines()[-5:]))
        return got

    def stop(self, process=None, status=0):
        """SIGTERM; the program ends with this status."""
        process = process or self.processes[-1]
        self.check_proc(process)
        process.signal(signal.SIGTERM)
        got = process.wait_exit(DRAIN + LIMIT)
        assert got == status, 'exit status %s:\n%s' % (got, process.stderr)

    def check_proc(self, process):
        for pid in process.pids():
            for file in ('environ', 'cmdline'):
                with contextlib.suppress(OSError):
                    with open('/proc/%d/%s' % (pid, file), 'rb') as f:
                        self.check_text(f.read().decode('latin-1'),
                                        '%s of a process' % file)

    def check_text(self, text, where):
        for secret in self.secrets:
            # Any part of it is too much.
            assert secret not in text and secret[8:40] not in text, \
                'a key is in ' + where

    def check_files(self):
        for file in glob.glob(self.path('**'), recursive=True):
            if os.path.isfile(file) and file not in self.plain_files:
                with open(file, 'rb') as f:
                    self.check_text(f.read().decode('latin-1'), file)

    def finish(self):
        """Checks what must hold after every test."""
        try:
            for process in self.processes:
                if process.child.poll() is None:
                    self.stop(process)
                assert not TROUBLE.search(process.stderr), process.stderr
            self.check_files()
        finally:
            self.abandon()

    def abandon(self):
        for process in self.processes:
            process.kill()
            process.close()
        for made in self.clouds:
            made.stop()
        for folder in self.folder, self.memory:
            if folder:
                shutil.rmtree(folder, ignore_errors=True)
