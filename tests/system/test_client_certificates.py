"""Whom a TLS listener serves by certificate: every case of
client_certificates.py with TLS 1.2 and 1.3, where a certificate is required
and where it is not; and clients that have one, or another's, and do not keep
to the protocol.
"""

import ssl

import client_certificates as cases
import der
import pytest
from client_certificates import file_of
from world import Raw, quote

TLS_1_2, TLS_1_3 = ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3
VERSIONS = [TLS_1_2, TLS_1_3]
both = pytest.mark.parametrize('version', VERSIONS, ids=['1.2', '1.3'])


@pytest.fixture(scope='session')
def made(tmp_path_factory):
    return cases.Authorities(str(tmp_path_factory.mktemp('authorities')))


def start(world, made, *more):
    """A listener for each of these options."""
    ca = world.write('root.pem', made.root.text)
    pem = world.pki.server('listener', ('localhost', '127.0.0.1'))
    tls = 'certificate = %s; certificate_key = %s; client_ca = %s;' % tuple(
        map(quote, (pem, pem, ca)))
    return world.start(world.config(
        routes=['{ name = "ci"; certificate = [ %s ]; upstream = '
                '"elastic-cloud"; keys = [ "team-a" ]; }' %
                ', '.join(map(quote, cases.RULES))],
        listeners=['{ name = "l%d"; address = "127.0.0.1:0"; '
                   'hosts = [ "localhost" ]; tls = { %s %s }; }' %
                   (i, tls, x) for i, x in enumerate(more)]))


REQUIRED, OPTIONAL = 'required = true;', 'required = false;'


def context(world, file, version):
    """It has no scruples."""
    made = ssl.create_default_context(cafile=world.pki.ca)
    made.set_ciphers('ALL:@SECLEVEL=0')
    made.minimum_version = made.maximum_version = version
    if file is not None:
        made.load_cert_chain(file)
    return made


def call(world, which, file, version):
    """The status of the answer, or the alert that came."""
    try:
        with Raw(context(world, file, version).wrap_socket(
                world.socket(which), server_hostname='localhost')) as raw:
            return str(raw.ask().status)
    except ssl.SSLError as refusal:
        alert = refusal.reason.partition('ALERT_')
        assert alert[1], refusal
        return alert[2].lower().replace('_', ' ')


class Table:
    """What became of each case, and what should have."""

    def __init__(self):
        self.rows = []

    def add(self, name, wanted, got):
        self.rows.append((name, wanted, got))
        print('%-48s %s' % (name, got))

    def count(self, status):
        return sum(got == status for _, _, got in self.rows)

    def check(self):
        """Prints the count, in which there must be nothing wrong."""
        wrong = [row for row in self.rows if row[1] != row[2]]
        accepts = [row for row in wrong if row[2] == '200']
        refusals = [row for row in wrong if row[1] == '200']
        print('%d cases: %d served, %d known by no rule, %d refused; %d '
              'wrong accepts, %d wrong refusals, %d otherwise wrong' % (
                  len(self.rows), self.count('200'), self.count('421'),
                  len(self.rows) - self.count('200') - self.count('421'),
                  len(accepts), len(refusals),
                  len(wrong) - len(accepts) - len(refusals)))
        assert wrong == []


def check_served(world, table):
    """Who is served is known by name, and nobody else had the key used."""
    lines = world.access(table.count('200') + table.count('421'))
    served = [x for x in lines if
              x['http']['response']['status_code'] == 200]
    assert len(served) == table.count('200') == len(world.clouds[0].requests)
    for line in served:
        assert line['client']['user']['name'] == cases.NAMED
    assert not [x for x in lines if x not in served and
                'key' in x['sallyport']]


@pytest.mark.slow
@both
def test_a_client_is_served_by_its_certificate_or_refused(world, made,
                                                          version):
    start(world, made, REQUIRED, OPTIONAL)
    table = Table()
    every = [(name, '200', make) for name, make in cases.ACCEPTED.items()] + \
        [(name, '421', make) for name, make in cases.NAMELESS.items()] + \
        [(name, *case) for name, case in cases.REFUSED.items()]
    for name, wanted, make in every:
        file = file_of(made, make(made))
        table.add(name, wanted, call(world, 0, file, version))
        table.add(name + ' (optional)', wanted,
                  call(world, 1, file, version))
    table.check()
    check_served(world, table)
    assert call(world, 1, None, version) == '421'


@both
def test_a_client_that_is_revoked_or_may_be_is_refused(world, made, version):
    start(world, made, *('client_crl = %s;' % quote(world.write(
        '%d.crl' % i, lists(made)))
        for i, (_, lists, _) in enumerate(cases.GONE.values())))
    table = Table()
    for which, (name, (wanted, _, make)) in enumerate(cases.GONE.items()):
        table.add(name, wanted, call(world, which, file_of(
            made, make(made)), version))
    table.check()
    check_served(world, table)


# Who does not keep to the protocol.

@pytest.mark.parametrize('version, alert', [
    (TLS_1_2, 'handshake failure'), (TLS_1_3, 'certificate required')])
def test_without_a_certificate_there_is_no_service(world, made, version,
                                                   alert):
    start(world, made, REQUIRED)
    assert call(world, 0, None, version) == alert
    assert world.access(0) == world.clouds[0].requests == []


@pytest.mark.parametrize('which', [0, 1], ids=['required', 'optional'])
@both
def test_a_certificate_without_its_key_is_nothing(world, made, version,
                                                  which):
    start(world, made, REQUIRED, OPTIONAL)
    leaf = made.leaf()
    file = file_of(made, leaf, der.lying_key(leaf.key.spki))
    assert call(world, which, file, version) == 'decrypt error'
    assert world.access(0) == world.clouds[0].requests == []


@pytest.mark.filterwarnings('ignore::DeprecationWarning')
@pytest.mark.parametrize('version', ['TLSv1', 'TLSv1_1'])
def test_an_old_version_is_refused_with_the_best_certificate(world, made,
                                                             version):
    start(world, made, REQUIRED)
    assert call(world, 0, file_of(made, made.leaf()),
                getattr(ssl.TLSVersion, version)) == 'protocol version'
    assert world.access(0) == []


@both
def test_a_session_without_a_certificate_is_no_way_around_one(world, made,
                                                              version):
    start(world, made, OPTIONAL, REQUIRED)
    made = context(world, None, version)

    def resume(which, session):
        sock = made.wrap_socket(world.socket(which), session=session,
                                server_hostname='localhost')
        with Raw(sock) as raw:
            status = raw.ask().status
            return status, sock.session_reused, sock.session
    session = resume(0, None)[2]
    assert resume(0, session)[:2] == (421, True)
    with pytest.raises((ssl.SSLError, ConnectionResetError)):
        resume(1, session)


# What a client says before its messages are encrypted, by type.
CERTIFICATE, VERIFY, EXCHANGE = 11, 15, 16


def replace(kind, *instead):
    """Sends these messages in the place of that one; None is the message."""
    def change(messages):
        return [new or old for old in messages for new in (
            instead if old[0] == kind else (None,))]
    return change


def certificates(*ders, more=b''):
    """The message with these."""
    each = b''.join(len(x).to_bytes(3, 'big') + x for x in ders) + more
    return CERTIFICATE, len(each).to_bytes(3, 'big') + each


def with_extensions(a, *extensions):
    """As the leaf of OpenSSL's client, which does not load such a one."""
    return replace(CERTIFICATE, certificates(a.leaf(extensions).der))


def in_the_place_of(a, der_bytes):
    return replace(CERTIFICATE, certificates(der_bytes))


# Alerts (RFC 8446 section 6).
UNEXPECTED, REFUSED, KIND, UNKNOWN_CA, DECODE, DECRYPT = 10, 40, 43, 48, 50, 51

# Two where it matters whether a certificate is required.
CHEATS = {
    'as it should be': (None, lambda a: lambda messages: messages),
    'without a signature': (UNEXPECTED, lambda a: replace(VERIFY)),
    'with a signature of something else': (DECRYPT, lambda a: lambda all: [
        (kind, body[:-1] + bytes([body[-1] ^ 1])) if kind == VERIFY else
        (kind, body) for kind, body in all]),
    'with a signature twice': (UNEXPECTED, lambda a: replace(
        VERIFY, None, None)),
    'with the signature first': (UNEXPECTED, lambda a: lambda all: sorted(
        all, key=lambda m: m[0] == EXCHANGE)),
    'with the certificate of another': (DECRYPT, lambda a: in_the_place_of(
        a, a.leaf(key=a.spare_key()).der)),
    'with no message for certificates': (UNEXPECTED, lambda a: lambda all: [
        m for m in all if m[0] == EXCHANGE]),
    'with an empty list': ((REFUSED, UNEXPECTED), lambda a: replace(
        CERTIFICATE, certificates())),
    'with certificates twice': (UNEXPECTED, lambda a: replace(
        CERTIFICATE, None, None)),
    'with an empty certificate': (DECODE, lambda a: in_the_place_of(a, b'')),
    'with bytes behind the list': (DECODE, lambda a: lambda all: [
        (k, b + b'\0') if k == CERTIFICATE else (k, b) for k, b in all]),
    'with bytes behind a certificate': (DECODE, lambda a: in_the_place_of(
        a, a.leaf().der + b'\0')),
    'with half a certificate': (DECODE, lambda a: in_the_place_of(
        a, a.leaf().der[:200])),
    'with a longer list than it sends': (DECODE, lambda a: replace(
        CERTIFICATE, (CERTIFICATE, b'\0\x10\0' + b'\0\0\1x'))),
    'with its authority first': (KIND, lambda a: replace(
        CERTIFICATE, certificates(a.middle.der,
                                  a.leaf(by=a.middle).der))),
    'with names twice': (UNKNOWN_CA, lambda a: with_extensions(
        a, *cases.LEAF, der.alternatives(cases.URI))),
    'with names that are none': (UNKNOWN_CA, lambda a: with_extensions(
        a, *cases.OWN, der.extension('2.5.29.17', b'\x30\x05\x86\x10abc'))),
    'with bytes behind its names': (REFUSED, lambda a: with_extensions(
        a, *cases.OWN, der.extension('2.5.29.17', der.sequence(
            der.general(cases.URI)) + b'\0'))),
    'with basic constraints twice': (UNKNOWN_CA, lambda a: with_extensions(
        a, *cases.LEAF, der.basic(False))),
    'with usages that are none': (UNKNOWN_CA, lambda a: with_extensions(
        a, *cases.LEAF[2:], der.extension('2.5.29.15', b'\3\0', True))),
}


class Cheat:
    """A client of TLS 1.2 whose second flight somebody changes."""

    def __init__(self, world, which, file, change):
        self.here, self.there = ssl.MemoryBIO(), ssl.MemoryBIO()
        self.tls = context(world, file, TLS_1_2).wrap_bio(
            self.here, self.there, server_hostname='localhost')
        self.change = change
        self.sock = world.socket(which)

    def shake_hands(self):
        """None, or the number of the alert that came, in the clear."""
        with self.sock:
            self.step()
            self.sock.sendall(self.there.read())        # the hello
            while not self.step():
                flight = self.there.read()
                if flight:
                    self.sock.sendall(self.changed(flight))
                answer = self.sock.recv(65536)
                assert answer, 'an end without an alert'
                if answer[0] == 21:
                    return answer[6]
                self.here.write(answer)
            return None

    def step(self):
        try:
            self.tls.do_handshake()
            return True
        except ssl.SSLWantReadError:
            return False

    def changed(self, flight):
        """Records of handshakes up to the first of another kind."""
        messages = b''
        while flight and flight[0] == 22:
            size = 5 + int.from_bytes(flight[3:5], 'big')
            messages += flight[5:size]
            flight = flight[size:]
        out = b''
        for kind, body in self.change(list(parsed(messages))):
            data = bytes([kind]) + len(body).to_bytes(3, 'big') + body
            out += b'\x16\x03\x03' + len(data).to_bytes(2, 'big') + data
        return out + flight


def parsed(messages):
    while messages:
        size = 4 + int.from_bytes(messages[1:4], 'big')
        yield messages[0], messages[4:size]
        messages = messages[size:]


@pytest.mark.parametrize('which', [0, 1], ids=['required', 'optional'])
def test_a_client_that_cheats_is_refused(world, made, which):
    start(world, made, REQUIRED, OPTIONAL)
    file = file_of(made, made.leaf())
    table = Table()
    for name, (wanted, make) in CHEATS.items():
        if isinstance(wanted, tuple):
            wanted = wanted[which]
        table.add(name, wanted, Cheat(world, which, file,
                                      make(made)).shake_hands())
    table.check()
    assert world.access(0) == world.clouds[0].requests == []
    assert call(world, which, file, TLS_1_2) == '200'
