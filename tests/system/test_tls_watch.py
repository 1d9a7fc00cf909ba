"""Certificates of listeners that are renewed on disk: by a reload, and by
themselves where `watch` says so."""

import contextlib
import itertools
import os
import shutil
import signal
import ssl
import threading

import pki as pki_module
import proc
import pytest
import world as world_module
from waiting import at_pace, wait_until
from world import Raw

NAMES = ('localhost', '127.0.0.1')
GET = b'GET /test/echo HTTP/1.1\r\nHost: localhost\r\n\r\n'
labels = itertools.count()
SECONDS = 120 if world_module.FULL else 6


class Pairs:
    """Certificates of a listener with keys of their own, made on demand."""

    def __init__(self, world):
        self.world = world
        self.made = 0
        self.certificate = world.path('server.crt')
        self.key = world.path('server.key')
        self.write(*self.next())

    def next(self, **more):
        """Texts of another certificate and its key."""
        self.made += 1
        label = 'renewed-%d' % self.made
        if more:        # that of another test may be old by now
            label += '-%d' % next(labels)
        pem = self.world.pki.server(label, NAMES, **more)
        with open(pem) as f:
            certificate, begin, key = f.read().partition(
                '-----BEGIN PRIVATE KEY-----')
        return certificate, begin + key

    def write(self, certificate, key):
        """Each in its place, one after the other."""
        for path, text in (self.certificate, certificate), (self.key, key):
            with open(path, 'w', opener=lambda p, f: os.open(p, f, 0o600)) \
                    as out:
                out.write(text)


def listener(pairs, tls='watch = true;'):
    return ('{ name = "tls"; address = "127.0.0.1:0"; hosts = [ "localhost" ];'
            ' tls = { certificate = "%s"; certificate_key = "%s"; %s }; }'
            % (pairs.certificate, pairs.key, tls))


@pytest.fixture
def pairs(world):
    return Pairs(world)


def start(world, pairs, tls='watch = true;', options=(), **more):
    return world.start(world.config(listeners=[listener(pairs, tls)], **more),
                       options=options)


def connect(world, made=None):
    made = made or ssl.create_default_context(cafile=world.pki.ca)
    return Raw(made.wrap_socket(world.socket(), server_hostname='localhost'))


def shown(world):
    """The certificate that a new client sees, which is served."""
    with connect(world) as raw:
        assert raw.ask().status == 200
        return ssl.DER_cert_to_PEM_cert(raw.sock.getpeercert(True))


def wait_for(world, certificate, what='the renewed certificate'):
    """By every worker, and no other one afterwards."""
    wait_until(lambda: shown(world) == certificate, what)
    wait_until(lambda: [shown(world) for _ in range(8)] == [certificate] * 8,
               what + ' of all workers')


def two_workers(process):
    """When the process that watches has its name, and is none of them."""
    return wait_until(lambda: len(process.workers) == 2 and process.workers,
                      'the names of its processes')


def told(process, text):
    return [x['message'] for x in process.events() if text in x['message']]


def test_what_is_written_in_place_comes_in_by_itself(world, pairs):
    process = start(world, pairs, workers=2)
    before = two_workers(process)
    certificate, key = pairs.next()
    with connect(world) as old:
        assert old.ask().status == 200
        pairs.write(certificate, key)
        wait_for(world, certificate)
        assert old.ask().status == 200
    assert process.workers == before
    line, = told(process, 'were renewed')
    assert line.startswith('listener tls: its files were renewed, and its '
                           'certificate is good until 20')


@pytest.mark.slow
@pytest.mark.once
def test_a_process_that_hangs_is_replaced_and_renewals_come_in(world, pairs):
    process = start(world, pairs)

    def watchers():
        return [x for x in process.pids() if proc.name(x) == 'sallyport-watch']
    hung, = wait_until(watchers, 'the process that watches')
    os.kill(hung, signal.SIGSTOP)
    certificate, key = pairs.next()
    pairs.write(certificate, key)
    process.wait_line('certificates does nothing', limit=150)
    wait_for(world, certificate)
    assert watchers() and hung not in watchers()
    assert not told(process, 'certificates ended')


def test_a_folder_that_is_swapped_comes_in_by_itself(world, pairs):
    """As Kubernetes does: ..data is a link to a folder with all files."""
    for name in 'one', 'two':
        os.mkdir(world.path(name))
    for path in pairs.certificate, pairs.key:
        os.rename(path, world.path('one', os.path.basename(path)))
        os.symlink(os.path.join('..data', os.path.basename(path)), path)
    os.symlink('one', world.path('..data'))
    start(world, pairs)
    here = pairs.certificate, pairs.key
    pairs.certificate, pairs.key = (
        world.path('two', os.path.basename(x)) for x in here)
    certificate, key = pairs.next()
    pairs.write(certificate, key)
    os.symlink('two', world.path('..next'))
    os.rename(world.path('..next'), world.path('..data'))
    wait_for(world, certificate)


def test_files_that_are_renamed_over_come_in_by_themselves(world, pairs):
    start(world, pairs)
    here = pairs.certificate, pairs.key
    pairs.certificate, pairs.key = (x + '.new' for x in here)
    certificate, key = pairs.next()
    pairs.write(certificate, key)
    for path in here:
        os.rename(path + '.new', path)
    wait_for(world, certificate)


def test_a_pair_that_does_not_match_is_told_once_and_not_used(world, pairs):
    process = start(world, pairs)
    before = shown(world)
    certificate, key = pairs.next()
    with open(pairs.certificate, 'w') as out:
        out.write(certificate)
    wait_until(lambda: told(process, 'is not used'), 'the warning')
    assert shown(world) == before
    pairs.write(certificate, key)
    wait_for(world, certificate)
    line, = told(process, 'is not used')
    assert 'listener tls: what changed on disk is not used, and what was ' \
        'there before goes on: ' in line
    assert "option 'certificate_key': " in line
    assert 'PRIVATE' not in line


def spoil(pairs, how):
    """Something that is wrong with the files of the listener."""
    certificate, key = pairs.next()
    if how == 'removed':
        os.unlink(pairs.key)
    elif how == 'a folder':
        os.unlink(pairs.certificate)
        os.mkdir(pairs.certificate)
    elif how == 'a pipe':
        # Nobody ever writes to it, and who opens it does not wait for that.
        os.unlink(pairs.certificate)
        os.mkfifo(pairs.certificate)
    elif how == 'damaged':
        pairs.write(certificate[:400], key)
    elif how == 'empty':
        pairs.write(certificate, '')
    elif how == 'open to all':
        os.chmod(pairs.key, 0o644)
    elif how == 'expired':
        pairs.write(*pairs.next(expired=True))


@pytest.mark.parametrize('how, why', [
    ('removed', "option 'certificate_key': "),
    ('a folder', "option 'certificate': "),
    ('a pipe', "option 'certificate': "),
    ('damaged', "option 'certificate': "),
    ('empty', "option 'certificate_key': "),
    ('open to all', "option 'certificate_key': "),
    ('expired', 'the certificate expired at 2020'),
])
def test_what_cannot_be_used_is_told_once_and_changes_nothing(
        world, pairs, how, why):
    process = start(world, pairs)
    before = shown(world)
    spoil(pairs, how)
    wait_until(lambda: told(process, 'is not used'), 'the warning')
    assert shown(world) == before
    if how == 'a folder':
        os.rmdir(pairs.certificate)
    elif how == 'a pipe':
        os.unlink(pairs.certificate)
    with contextlib.suppress(FileNotFoundError):
        os.unlink(pairs.key)
    certificate, key = pairs.next()
    pairs.write(certificate, key)
    wait_for(world, certificate)
    line, = told(process, 'is not used')
    assert why in line


@pytest.mark.slow
def test_files_that_change_all_the_time_are_no_flood_of_lines(world, pairs):
    """Neither does it help to write them so often that none is ever old."""
    process = start(world, pairs)
    before = shown(world)
    certificate, key = pairs.next()
    for i in at_pace(27, 0.3):
        pairs.write(certificate[:300 + i % 7], key)
    line, = told(process, 'is not used')
    assert shown(world) == before


@pytest.mark.slow
def test_a_certificate_that_is_not_valid_yet_is_used_when_it_is(world, pairs):
    process = start(world, pairs)
    before = shown(world)
    certificate, key = pairs.next(starts=8)
    pairs.write(certificate, key)
    wait_until(lambda: told(process, 'is not used'), 'the warning')
    assert 'not valid before' in told(process, 'is not used')[0]
    assert shown(world) == before
    wait_for(world, certificate)
    assert len(told(process, 'is not used')) == 1


def test_a_worker_that_is_replaced_has_the_renewed_certificate(world, pairs):
    process = start(world, pairs, workers=1)
    certificate, key = pairs.next()
    pairs.write(certificate, key)
    wait_for(world, certificate)
    # What the next worker is forked with is older than that.
    worker, = process.workers
    os.kill(worker, signal.SIGKILL)
    wait_until(lambda: process.workers not in ([], [worker]), 'another worker')
    wait_until(lambda: can_ask(world), 'it to serve')
    assert shown(world) == certificate


def can_ask(world):
    try:
        return bool(shown(world))
    except OSError:
        return False


def test_a_sealed_key_is_opened_anew(world, pairs):
    certificate, key = pairs.next()
    pairs.key = world.seal_text('server.age', key)
    with open(pairs.certificate, 'w') as out:
        out.write(certificate)
    process = start(world, pairs)
    certificate, key = pairs.next()
    with open(pairs.certificate, 'w') as out:
        out.write(certificate)
    world.seal_text('server.age', key)
    wait_for(world, certificate)
    assert told(process, 'were renewed')


def seal_by_passphrase(world, key, words='words'):
    """As the key of the listener; the file that had it is replaced."""
    done = world.run('seal', '--passphrase-file', words, '-o', 'new.age',
                     stdin=key)
    assert done.returncode == 0, done.stderr
    os.replace(world.path('new.age'), world.path('server.age'))


@pytest.mark.slow
@pytest.mark.once
def test_a_key_sealed_with_a_passphrase_is_opened_by_that_of_the_start(
        world, pairs):
    world.write('words', 'correct horse\n')
    world.write('others', 'wrong horse\n')
    pairs.key = world.path('server.age')
    certificate, key = pairs.next()
    with open(pairs.certificate, 'w') as out:
        out.write(certificate)
    seal_by_passphrase(world, key)
    process = start(world, pairs, options=('--passphrase-file', 'words'))
    certificate, key = pairs.next()
    with open(pairs.certificate, 'w') as out:
        out.write(certificate)
    seal_by_passphrase(world, key)
    wait_for(world, certificate)
    # Nobody is asked for another one: what was there goes on.
    seal_by_passphrase(world, pairs.next()[1], 'others')
    # While it was sealed, which takes long, the two did not match.
    wait_until(lambda: any('wrong passphrase' in text
                           for text in told(process, 'is not used')),
               'the warning')
    assert shown(world) == certificate


def test_a_reload_while_a_pair_does_not_match_is_refused(world, pairs):
    """What was renewed before goes on, and so does the watch."""
    process = start(world, pairs, more='admin = { address = "unix:%s"; };' %
                    world.path('admin.sock'))
    certificate, key = pairs.next()
    pairs.write(certificate, key)
    wait_for(world, certificate)
    later, key = pairs.next()
    with open(pairs.certificate, 'w') as out:
        out.write(later)
    done = world.run('reload', '-c', 'sallyport.conf')
    assert done.returncode == 1 and 'the key is not that' in done.stderr
    assert shown(world) == certificate
    pairs.write(later, key)
    wait_for(world, later)
    done = world.run('reload', '-c', 'sallyport.conf')
    assert done.returncode == 0, done.stderr
    assert shown(world) == later
    certificate, key = pairs.next()
    pairs.write(certificate, key)
    wait_for(world, certificate)
    assert told(process, 'were renewed')


def test_authorities_of_clients_come_in_by_themselves(world, pairs, tmp_path):
    other = pki_module.Pki(str(tmp_path / 'other'), 'Another test CA')
    ca = shutil.copyfile(world.pki.ca, world.path('clients.pem'))
    process = start(world, pairs, 'watch = true; client_ca = "%s";' % ca)
    mine, theirs = (ssl.create_default_context(cafile=world.pki.ca)
                    for _ in range(2))
    mine.load_cert_chain(world.pki.client('caller'))
    theirs.load_cert_chain(other.client('caller'))
    with connect(world, mine) as raw:
        assert raw.ask().status == 200
    shutil.copyfile(other.ca, ca)
    wait_until(lambda: told(process, 'were renewed'), 'the renewal')
    wait_until(lambda: lets_in(world, theirs), 'the other authority')
    assert not lets_in(world, mine)


def put(source, to):
    """In one step, as managers do."""
    shutil.copyfile(source, to + '.new')
    os.rename(to + '.new', to)


def add_authority(ca, tmp_path):
    other = pki_module.Pki(str(tmp_path / 'other'), 'Another test CA')
    with open(ca, 'a') as out, open(other.ca) as more:
        out.write(more.read())


def test_a_client_that_is_revoked_meanwhile_has_to_go(world, pairs):
    pem = world.pki.client('leaver')
    ca, crl = world.pki.ca, world.path('clients.crl')
    put(world.pki.crl('none'), crl)
    process = start(world, pairs, 'watch = true; client_ca = "%s"; client_crl '
                    '= "%s";' % (ca, crl))
    mine = ssl.create_default_context(cafile=ca)
    mine.load_cert_chain(pem)
    with connect(world, mine) as raw:
        assert raw.ask().status == 200
        put(world.pki.crl('one', pem), crl)
        wait_until(lambda: told(process, 'were renewed'), 'the renewal')
        assert raw.sock.recv(1) == b''
    assert not lets_in(world, mine)


# Bytes of a bundle that no pipe takes at once; a sanitizer makes parsing slow.
SIZE = 1 << 19 if world_module.SANITIZED else 1 << 21
# As a user who may not have larger pipes than others.
UNPRIVILEGED = ['setpriv', '--bounding-set=-sys_resource,-sys_admin',
                '--inh-caps=-all', '--']


@pytest.mark.parametrize('wrap', [[], UNPRIVILEGED])
def test_files_of_any_size_are_renewed(world, pairs, wrap):
    """Lists of revoked certificates are often large, and so are bundles."""
    pem = world.pki.client('leaver')
    ca, crl = world.path('authorities.pem'), world.path('clients.crl')
    with open(world.pki.ca) as f:
        one = f.read()
    with open(ca, 'w') as out:
        out.write(one * (SIZE // len(one)))
    put(world.pki.crl('none'), crl)
    process = world.start(world.config(listeners=[listener(
        pairs, 'watch = true; client_ca = "%s"; client_crl = "%s";' %
        (ca, crl))]), wrap=wrap)
    mine = ssl.create_default_context(cafile=world.pki.ca)
    mine.load_cert_chain(pem)
    assert lets_in(world, mine)
    put(world.pki.crl('one', pem), crl)
    wait_until(lambda: told(process, 'were renewed'), 'the renewal')
    wait_until(lambda: not lets_in(world, mine), 'the client to be out')


def test_a_request_that_runs_meanwhile_is_the_last_but_whole(
        world, pairs, tmp_path):
    ca = shutil.copyfile(world.pki.ca, world.path('clients.pem'))
    process = start(world, pairs, 'watch = true; client_ca = "%s";' % ca)
    mine = ssl.create_default_context(cafile=world.pki.ca)
    mine.load_cert_chain(world.pki.client('caller'))
    begun = ('POST /test/echo HTTP/1.1\r\nHost: localhost\r\n'
             'Content-Length: 4\r\n\r\n')
    with connect(world, mine) as raw:
        raw.send(begun.encode() + b'ab')
        add_authority(ca, tmp_path)
        wait_until(lambda: told(process, 'were renewed'), 'the renewal')
        raw.send(b'cd')
        response = raw.response()
        assert response.status == 200
        assert response.fields.all('connection') == ['close']
    assert lets_in(world, mine)


def test_who_is_revoked_after_a_reload_asks_nothing_of_the_old_workers(
        world, pairs):
    """A request that had begun to come keeps the connection there."""
    pem = world.pki.client('leaver')
    crl = world.path('clients.crl')
    put(world.pki.crl('none'), crl)
    process = start(world, pairs, 'watch = true; client_ca = "%s"; client_crl '
                    '= "%s";' % (world.pki.ca, crl))
    mine = ssl.create_default_context(cafile=world.pki.ca)
    mine.load_cert_chain(pem)
    with connect(world, mine) as raw:
        assert raw.ask().status == 200
        raw.send(GET[:20])
        process.signal(signal.SIGHUP)
        wait_until(lambda: told(process, 'reloaded'), 'the reload')
        put(world.pki.crl('one', pem), crl)
        wait_until(lambda: told(process, 'were renewed'), 'the renewal')
        wait_until(lambda: not lets_in(world, mine), 'the client to be out')
        raw.send(GET[20:])
        assert raw.response().status == 421
        assert raw.sock.recv(1) == b''
    assert [x['http']['response']['status_code'] for x in world.access(2)] \
        == [200, 421]


class Slowly:
    """A TLS client that goes on when it is told to."""

    def __init__(self, context, sock):
        self.sock = sock
        self.came, self.goes = ssl.MemoryBIO(), ssl.MemoryBIO()
        self.tls = context.wrap_bio(self.came, self.goes,
                                    server_hostname='localhost')

    def begin(self):
        """Its first message, and no more."""
        with contextlib.suppress(ssl.SSLWantReadError):
            self.tls.do_handshake()
        self.sock.sendall(self.goes.read())

    def go_on(self, step):
        """Does that, with what it takes of sending and reading."""
        while True:
            try:
                done = step()
                self.sock.sendall(self.goes.read())
                return done
            except ssl.SSLWantReadError:
                self.sock.sendall(self.goes.read())
                data = self.sock.recv(1 << 16)
                if not data:
                    raise EOFError
                self.came.write(data)

    def asks(self):
        """The first bytes of the answer; None where it is turned out."""
        try:
            self.go_on(self.tls.do_handshake)
            self.go_on(lambda: self.tls.write(GET))
            return self.go_on(lambda: self.tls.read(1 << 16)) or None
        except (EOFError, OSError):
            return None


def test_a_client_whose_handshake_began_before_has_to_come_again(
        world, pairs, tmp_path):
    ca = shutil.copyfile(world.pki.ca, world.path('clients.pem'))
    process = start(world, pairs, 'watch = true; client_ca = "%s";' % ca)
    mine = ssl.create_default_context(cafile=world.pki.ca)
    mine.load_cert_chain(world.pki.client('caller'))
    with world.socket() as sock:
        client = Slowly(mine, sock)
        client.begin()
        # The context is chosen when these bytes came: its answer shows it.
        client.came.write(sock.recv(1 << 16))
        add_authority(ca, tmp_path)
        wait_until(lambda: told(process, 'were renewed'), 'the renewal')
        assert client.asks() is None
    assert world.access(0) == []
    assert lets_in(world, mine)


def test_who_has_no_certificate_may_stay_meanwhile(world, pairs, tmp_path):
    ca = shutil.copyfile(world.pki.ca, world.path('clients.pem'))
    process = start(world, pairs, 'watch = true; required = false; client_ca '
                    '= "%s";' % ca)
    with connect(world) as raw:
        assert raw.ask().status == 200
        add_authority(ca, tmp_path)
        wait_until(lambda: told(process, 'were renewed'), 'the renewal')
        for _ in range(2):
            response = raw.ask()
            assert response.status == 200
            assert response.fields.all('connection') == []


def lets_in(world, made):
    try:
        with connect(world, made) as raw:
            return raw.ask().status == 200
    except (ssl.SSLError, ConnectionResetError):
        return False


class Clients(threading.Thread):
    """Ask all the time, each on a connection of its own for so many requests;
    any failure is one of the test."""

    def __init__(self, world, requests):
        super().__init__()
        self.world = world
        self.requests = requests
        self.asked = 0
        self.closed = 0         # by the server, between requests
        self.seen = set()
        self.failure = None
        self.over = threading.Event()

    def run(self):
        try:
            while not self.over.is_set():
                self.one()
        except Exception as e:      # of any kind: the test tells it
            self.failure = e

    def one(self):
        with connect(self.world) as raw:
            self.seen.add(raw.sock.getpeercert(True))
            for i in range(self.requests):
                if not self.ask(raw, i != 0):
                    return

    def ask(self, raw, again):
        """Whether more may be asked there."""
        try:
            raw.request()
            if not raw.buf and not raw.fill():
                raise ConnectionResetError('the connection was closed')
        except ConnectionError:
            # It was idle when it was closed: no failure (RFC 9112 9.5).
            if not again:
                raise
            self.closed += 1
            return False
        response = raw.response()
        assert response.status == 200
        self.asked += 1
        last = response.fields.all('connection') == ['close']
        self.closed += last
        return not last


def under_load(world, renew):
    """Calls renew() every second while clients ask.  The certificates that
    were seen, and how many connections were closed between requests."""
    clients = [Clients(world, n) for n in (1, 1, 50, 500)]
    for c in clients:
        c.start()
    try:
        for _ in at_pace(SECONDS, 1):
            renew()
    finally:
        for c in clients:
            c.over.set()
        for c in clients:
            c.join()
    assert [c.failure for c in clients] == [None] * len(clients)
    assert all(c.asked for c in clients)
    print(sum(c.asked for c in clients), 'requests, none failed')
    return set().union(*(c.seen for c in clients)), \
        sum(c.closed for c in clients)


def pipes(process):
    """How many its processes have open: renewed files pass through some."""
    return sum(proc.descriptors(pid).count('pipe') for pid in process.pids())


def resident(process):
    """Kilobytes of the largest of its processes."""
    return max(proc.status(pid, 'VmRSS') for pid in process.pids())


@pytest.mark.slow
def test_no_request_fails_while_the_certificate_is_renewed(world, pairs):
    process = start(world, pairs, workers=2)
    workers, had = two_workers(process), pipes(process)
    began = resident(process)
    certificates = []

    def renew():
        certificates.append(pairs.next())
        pairs.write(*certificates[-1])

    seen, closed = under_load(world, renew)
    wait_for(world, certificates[-1][0], 'the last certificate')
    assert process.workers == workers
    assert closed == 0
    # Those of some seconds may have come together.
    assert len(seen) > SECONDS // 2, len(seen)
    assert len(told(process, 'were renewed')) >= len(seen) - 1
    assert told(process, 'is not used') == []
    before = resident(process)
    print(len(seen), 'of', pairs.made, 'certificates were seen;', began,
          'kB before,', before, 'kB after')
    for _ in range(3):
        renew()
        wait_for(world, certificates[-1][0])
    wait_until(lambda: pipes(process) <= had, 'no more pipes than before')
    # A sanitizer keeps what is freed, and tells of what is lost itself.
    if not world_module.SANITIZED:
        assert resident(process) < before + 1024


@pytest.mark.slow
def test_no_request_fails_while_reloads_renew_the_certificate(world, pairs):
    process = start(world, pairs, '', workers=2)
    certificates = []

    def renew():
        certificates.append(pairs.next())
        pairs.write(*certificates[-1])
        process.signal(signal.SIGHUP)

    seen, _ = under_load(world, renew)
    wait_for(world, certificates[-1][0], 'the last certificate')
    assert len(seen) > 1
