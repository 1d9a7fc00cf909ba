"""Certificates of clients, good and bad, and what must become of who calls
with them.
"""

import secrets

import der
from der import alternatives, basic, constraints, extension, issuer_id, \
    key_id, purpose, usage

URI = 'URI:spiffe://corp/ci'
NAMED = 'spiffe://corp/ci'
RULES = NAMED, 'dns:ci.corp.example'
OWN = basic(False), usage('digitalSignature'), purpose('client')
LEAF = (*OWN, alternatives(URI))
HOUR = 3600

# The alerts by which handshakes fail; all that we find ourselves, beyond what
# OpenSSL does, has the last one.
CA = 'unknown ca'
EXPIRED = 'certificate expired'
REVOKED = 'certificate revoked'
KIND = 'unsupported certificate'
SIGNATURE = 'decrypt error'
BAD = 'bad certificate'
FORM = 'certificate unknown'
LENGTH = 'illegal parameter'
OURS = 'handshake failure'


class Authorities:
    """What cases are made of, once for all of them."""

    def __init__(self, folder):
        self.folder = folder
        self.keys = [der.Key(folder) for _ in range(6)]
        self.root_key, self.middle_key = self.keys[:2]
        self.root = self.authority(b'root', self.root_key)
        self.other = self.authority(b'other', self.keys[2])
        self.impostor = self.authority(b'root', self.keys[2])
        self.middle = self.under(self.root, b'middle')
        self.revoked = self.leaf()
        self.gone = self.under(self.root, b'gone', self.keys[3])

    def authority(self, subject, key, *more):
        return der.certificate(subject, key, (
            basic(True), usage('keyCertSign', 'cRLSign'), key_id(key), *more))

    def under(self, by, subject, key=None, extensions=None, more=(), **rest):
        key = key or self.middle_key
        return der.certificate(subject, key, (*(extensions if extensions is
                               not None else (
                                   basic(True), usage('keyCertSign',
                                                      'cRLSign'))),
                               key_id(key), issuer_id(by.key), *more), by,
                               **rest)

    def leaf(self, extensions=LEAF, by=None, key=None, subject=b'ci', **rest):
        return der.certificate(subject, key or self.keys[-1], extensions,
                               by or self.root, **rest)

    def through(self, *above, **rest):
        """A leaf under the first of them, and what is sent behind it."""
        return (self.leaf(by=above[0], **rest), *above)

    def spare_key(self, *args, **options):
        return der.Key(self.folder, *args, **options)


# Each takes Authorities and gives a certificate, or those that are sent.

ACCEPTED = {
    'of the root': lambda a: a.leaf(),
    'with P-384': lambda a: a.leaf(key=a.spare_key(
        ec_paramgen_curve='P-384')),
    'with RSA 2048': lambda a: a.leaf(key=a.spare_key(der.RSA)),
    'with RSA-PSS': lambda a: a.leaf(key=a.spare_key(der.PSS)),
    'with Ed25519': lambda a: a.leaf(key=a.spare_key(der.ED)),
    'signed with SHA-384': lambda a: a.leaf(digest='sha384'),
    'under an RSA authority': lambda a: a.through(a.under(
        a.root, b'rsa', a.spare_key(der.RSA))),
    'under an Ed25519 authority': lambda a: a.through(a.under(
        a.root, b'ed', a.spare_key(der.ED))),
    'without purposes': lambda a: a.leaf((*OWN[:2], alternatives(URI))),
    'without usages': lambda a: a.leaf((OWN[0], OWN[2], alternatives(URI))),
    'with nothing but a name': lambda a: a.leaf((alternatives(URI),)),
    'for both roles': lambda a: a.leaf((
        *OWN[:2], purpose('server', 'client'), alternatives(URI))),
    'with a critical purpose': lambda a: a.leaf((
        *OWN[:2], purpose('client', critical=True), alternatives(URI))),
    'with no subject and a critical name': lambda a: a.leaf((
        *OWN, alternatives(URI, critical=True)), subject=b''),
    'with a critical name': lambda a: a.leaf((
        *OWN, alternatives(URI, critical=True))),
    'with other names too': lambda a: a.leaf((*OWN, alternatives(
        'MAIL:ci@corp', 'DNS:ci', URI, b'IP:\x7f\0\0\1', 'DIR:ci'))),
    'with something unknown': lambda a: a.leaf((
        *LEAF, extension('1.3.6.1.4.1.99999.1', b'\5\0'))),
    'with something large': lambda a: a.leaf((
        *LEAF, extension('1.3.6.1.4.1.99999.1', b'x' * (15 << 10)))),
    'until the year 9999': lambda a: a.leaf(ends='99991231235959Z'),
    # RFC 5280 section 4.1.2.2: such ones are there, and to be coped with.
    'with serial 0': lambda a: a.leaf(serial=0),
    'with a negative serial': lambda a: a.leaf(serial=-5),
    'with a serial of 20 bytes': lambda a: a.leaf(serial=(1 << 159) - 1),
    'through one': lambda a: a.through(a.middle),
    'through three': lambda a: chain_of(a, 3),
    'through eight': lambda a: chain_of(a, 8),
    'in the wrong order': lambda a: shuffled(chain_of(a, 3)),
    'with the root sent': lambda a: (*a.through(a.middle), a.root),
    'with as many as may be sent': lambda a: (
        *a.through(a.middle), *[a.other] * 14),
    'with needless ones': lambda a: (
        *a.through(a.middle), a.other, a.revoked, a.middle),
    'with an impostor sent': lambda a: (
        a.leaf((*LEAF, issuer_id(a.root_key))), a.impostor),
    'below the last authority': lambda a: a.through(a.under(
        a.root, b'last', extensions=(basic(True, 0), usage('keyCertSign')))),
    'in a permitted trust domain': lambda a: constrained(
        a, permitted=['URI:corp']),
    'beside an excluded one': lambda a: constrained(
        a, excluded=['URI:evil', 'DNS:corp']),
    'in permitted names': lambda a: constrained(
        a, OWN + (alternatives(URI, 'DNS:x.corp.example'),),
        permitted=['DNS:corp.example']),
}

# No rule knows a name of theirs, though they are verified.
NAMELESS = {
    'without a name': lambda a: a.leaf(OWN),
    'with the name as subject only': lambda a: a.leaf(
        OWN, subject=NAMED.encode()),
    'with an address for a name': lambda a: a.leaf((
        *OWN, alternatives(b'IP:\x7f\0\0\1'))),
    'with a mail address': lambda a: a.leaf((
        *OWN, alternatives('MAIL:ci.corp.example'))),
    'of version 1': lambda a: a.leaf((), version=1),
    'with a longer name': lambda a: a.leaf((*OWN, alternatives(URI + 'x'))),
    'with a deeper name': lambda a: a.leaf((*OWN, alternatives(URI + '/x'))),
    'with a slash behind': lambda a: a.leaf((*OWN, alternatives(URI + '/'))),
    'with another scheme': lambda a: a.leaf((
        *OWN, alternatives('URI:https://corp/ci'))),
    'with a scheme in capitals': lambda a: a.leaf((
        *OWN, alternatives('URI:SPIFFE://corp/ci'))),
    'with a trust domain in capitals': lambda a: a.leaf((
        *OWN, alternatives('URI:spiffe://CORP/ci'))),
    'with a port': lambda a: a.leaf((
        *OWN, alternatives('URI:spiffe://corp:443/ci'))),
    'with a query': lambda a: a.leaf((*OWN, alternatives(URI + '?x'))),
    'with an escape': lambda a: a.leaf((
        *OWN, alternatives('URI:spiffe://corp/%63i'))),
    'with steps in its path': lambda a: a.leaf((
        *OWN, alternatives('URI:spiffe://corp/x/../ci'))),
    'with a rule for a name': lambda a: a.leaf((
        *OWN, alternatives('URI:spiffe://corp/*'))),
    'with a wildcard': lambda a: a.leaf((
        *OWN, alternatives('DNS:*.corp.example'))),
    'with a dot behind': lambda a: a.leaf((
        *OWN, alternatives('DNS:ci.corp.example.'))),
    'with a rule of DNS': lambda a: a.leaf((
        *OWN, alternatives('DNS:dns:ci.corp.example'))),
    'with the URI as a DNS name': lambda a: a.leaf((
        *OWN, alternatives('DNS:' + NAMED))),
}

REFUSED = {
    # When.
    'expired': (EXPIRED, lambda a: a.leaf(ends=-HOUR)),
    'expired a moment ago': (EXPIRED, lambda a: a.leaf(ends=-1)),
    'not yet valid': (BAD, lambda a: a.leaf(begins=HOUR)),
    'that ends before it begins': (EXPIRED, lambda a: a.leaf(
        begins=-HOUR, ends=-2 * HOUR)),
    'through an expired one': (EXPIRED, lambda a: a.through(
        a.under(a.root, b'old', ends=-HOUR))),
    'through one not yet valid': (BAD, lambda a: a.through(
        a.under(a.root, b'new', begins=HOUR))),
    'with a date that is none': (BAD, lambda a: a.leaf(
        ends='20991331235959Z')),
    # By whom.
    'of another authority': (CA, lambda a: a.leaf(by=a.other)),
    'of another authority, sent': (CA, lambda a: a.through(a.other)),
    'of another key of that name': (SIGNATURE, lambda a: a.leaf(
        by=a.impostor)),
    'of another key of that name, sent': (SIGNATURE, lambda a: a.through(
        a.impostor)),
    'self-signed': (CA, lambda a: der.certificate(
        b'ci', a.keys[-1], LEAF)),
    'self-signed by the name of the root': (CA, lambda a: der.certificate(
        b'root', a.keys[-1], LEAF)),
    'through one that is not sent': (CA, lambda a: a.leaf(by=a.middle)),
    'through another client': (CA, lambda a: a.through(
        a.under(a.root, b'client', extensions=LEAF))),
    'through one that says nothing': (CA, lambda a: a.through(
        a.under(a.root, b'silent', extensions=()))),
    'through one that is no authority': (CA, lambda a: a.through(
        a.under(a.root, b'none', extensions=(
            basic(False), usage('keyCertSign'))))),
    'through one that may not sign': (CA, lambda a: a.through(
        a.under(a.root, b'weak', extensions=(
            basic(True), usage('digitalSignature', 'cRLSign'))))),
    'through one of version 1': (CA, lambda a: a.through(
        der.certificate(b'v1', a.middle_key, (), a.root, version=1))),
    'through one for servers': (KIND, lambda a: a.through(
        a.under(a.root, b'servers', more=(purpose('server'),)))),
    'with the key id of another': (CA, lambda a: a.leaf((
        *LEAF, issuer_id(a.keys[2])))),
    # How far.
    'beyond the last authority': (CA, lambda a: two(a, a.under(
        a.root, b'last', a.keys[3], (basic(True, 0),
                                     usage('keyCertSign'))))),
    'beyond the last but one': (CA, lambda a: beyond_two(a)),
    'through nine': (CA, lambda a: chain_of(a, 9)),
    # What for.
    'for servers': (KIND, lambda a: a.leaf((
        *OWN[:2], purpose('server'), alternatives(URI)))),
    'for mail': (KIND, lambda a: a.leaf((
        *OWN[:2], purpose('mail'), alternatives(URI)))),
    'for code': (KIND, lambda a: a.leaf((
        *OWN[:2], purpose('code', 'ocsp'), alternatives(URI)))),
    'for anything': (KIND, lambda a: a.leaf((
        *OWN[:2], purpose('any'), alternatives(URI)))),
    'for no purpose': (KIND, lambda a: a.leaf((
        *OWN[:2], extension('2.5.29.37', der.sequence()),
        alternatives(URI)))),
    'that may not sign': (KIND, lambda a: a.leaf((
        OWN[0], usage('keyEncipherment'), OWN[2], alternatives(URI)))),
    'that agrees on keys only': (OURS, lambda a: a.leaf((
        OWN[0], usage('keyAgreement'), OWN[2], alternatives(URI)))),
    'that may sign lists only': (KIND, lambda a: a.leaf((
        OWN[0], usage('cRLSign'), OWN[2], alternatives(URI)))),
    'as an authority': (OURS, lambda a: a.leaf((
        basic(True), usage('digitalSignature', 'keyCertSign'), OWN[2],
        alternatives(URI), key_id(a.keys[-1])))),
    'as an authority without usages': (FORM, lambda a: a.leaf((
        basic(True), OWN[2], alternatives(URI)))),
    'with a path length and no authority': (FORM, lambda a: a.leaf((
        basic(False, 0), *LEAF[1:]))),
    # Names.
    'outside the permitted trust domain': (FORM, lambda a: constrained(
        a, permitted=['URI:evil'])),
    'in an excluded trust domain': (FORM, lambda a: constrained(
        a, excluded=['URI:corp'])),
    'outside the permitted DNS names': (FORM, lambda a: constrained(
        a, OWN + (alternatives(URI, 'DNS:evil.example'),),
        permitted=['DNS:corp.example'])),
    'in an excluded DNS name': (FORM, lambda a: constrained(
        a, OWN + (alternatives(URI, 'DNS:x.corp.example'),),
        excluded=['DNS:corp.example'])),
    'outside the permitted subjects': (FORM, lambda a: constrained(
        a, permitted=['DIR:evil'])),
    'with a name where no URI is permitted': (FORM, lambda a: constrained(
        a, permitted=['URI:x', 'URI:y'])),
    'with two URIs': (OURS, lambda a: a.leaf((
        *OWN, alternatives(URI, 'URI:spiffe://corp/admin')))),
    'with the same URI twice': (OURS, lambda a: a.leaf((
        *OWN, alternatives(URI, URI)))),
    'with a NUL in its URI': (OURS, lambda a: a.leaf((
        *OWN, alternatives(URI.encode() + b'\0.evil')))),
    'with a NUL in its DNS name': (OURS, lambda a: a.leaf((
        *OWN, alternatives(URI, b'DNS:ci.corp.example\0.evil')))),
    'with a NUL in its subject': (OURS, lambda a: a.leaf(
        subject=b'ci\0evil')),
    'with a line end in its URI': (OURS, lambda a: a.leaf((
        *OWN, alternatives(URI.encode() + b'\n')))),
    'with a blank in its URI': (OURS, lambda a: a.leaf((
        *OWN, alternatives(URI + ' x')))),
    'with letters beyond ASCII': (OURS, lambda a: a.leaf((
        *OWN, alternatives(URI.encode() + b'\xc3\xa9')))),
    'with an empty URI': (OURS, lambda a: a.leaf((
        *OWN, alternatives(URI, 'URI:')))),
    'with a URI of 3000 bytes': (OURS, lambda a: a.leaf((
        *OWN, alternatives(URI + 'x' * 3000)))),
    'with a DNS name of 300 bytes': (OURS, lambda a: a.leaf((
        *OWN, alternatives(URI, 'DNS:' + 'x' * 300)))),
    'with 40 DNS names': (OURS, lambda a: a.leaf((
        *OWN, alternatives(URI, *('DNS:c%d' % i for i in range(40)))))),
    'with a subject of 2000 bytes': (OURS, lambda a: a.leaf(
        subject=b'x' * 2000)),
    'with no subject and a name': (FORM, lambda a: a.leaf(subject=b'')),
    # What it is made of.
    'with something critical': (FORM, lambda a: a.leaf((
        *LEAF, extension('1.3.6.1.4.1.99999.1', b'\5\0', True)))),
    'through one with something critical': (FORM, lambda a: a.through(
        a.under(a.root, b'critical', more=(
            extension('1.3.6.1.4.1.99999.1', b'\5\0', True),)))),
    'with a broken signature': (SIGNATURE, lambda a: a.leaf(
        spoil=lambda s: s[:-1] + bytes([s[-1] ^ 1]))),
    'with no signature': (SIGNATURE, lambda a: a.leaf(spoil=lambda s: b'')),
    'with a signature of zeros': (SIGNATURE, lambda a: a.leaf(
        spoil=lambda s: der.sequence(der.integer(0), der.integer(0)))),
    'with two algorithms': (FORM, lambda a: a.leaf(
        outer=der.SIGNATURES[der.EC, 'sha384'])),
    'through one with a broken signature': (SIGNATURE, lambda a: a.through(
        a.under(a.root, b'broken', spoil=lambda s: s[:-1] + bytes([
            s[-1] ^ 1])))),
    'signed with SHA-1': (BAD, lambda a: a.leaf(digest='sha1')),
    'signed with MD5': (BAD, lambda a: a.through(
        a.under(a.root, b'rsa', a.spare_key(der.RSA)), digest='md5')),
    'through one signed with SHA-1': (BAD, lambda a: a.through(
        a.under(a.root, b'sha1', digest='sha1'))),
    'with RSA 1024': (BAD, lambda a: a.leaf(
        key=a.spare_key(der.RSA, rsa_keygen_bits=1024))),
    'through one with RSA 1024': (BAD, lambda a: a.through(a.under(
        a.root, b'small', a.spare_key(der.RSA, rsa_keygen_bits=1024)))),
    'through one with P-192': (BAD, lambda a: a.through(a.under(
        a.root, b'small', a.spare_key(ec_paramgen_curve='P-192')))),
    'through one with a curve of its own': (BAD, lambda a: a.through(a.under(
        a.root, b'curve', a.spare_key(ec_param_enc='explicit')))),
    'as a delegate': (CA, lambda a: a.through(a.under(
        a.root, b'client', a.middle_key, LEAF))),
    'with seventeen certificates': (OURS, lambda a: (
        a.leaf(), *[a.other] * 16)),
    'with more than 16 KiB of its own': (OURS, lambda a: a.leaf((
        *LEAF, extension('1.3.6.1.4.1.99999.1', b'x' * (16 << 10))))),
    'with a chain of 100 kB': (LENGTH, lambda a: (
        a.leaf(), *[a.other] * (100000 // len(a.other.der) + 1))),
    'with a certificate of 100 kB': (LENGTH, lambda a: a.leaf((
        *LEAF, extension('1.3.6.1.4.1.99999.1', b'x' * 100000)))),
}


def chain_of(a, n):
    above = []
    by = a.root
    for i in range(n):
        by = a.under(by, b'middle %d' % i, a.keys[i % 4 + 1])
        above.insert(0, by)
    return a.through(*above)


def shuffled(chain):
    return (chain[0], *reversed(chain[1:]))


def two(a, upper, *above):
    """A client under an authority under that one."""
    return a.through(a.under(upper, b'lower', a.keys[1]), upper, *above)


def beyond_two(a):
    upper = a.under(a.root, b'but one', a.keys[4], (
        basic(True, 1), usage('keyCertSign')))
    return two(a, a.under(upper, b'one more', a.keys[3]), upper)


def constrained(a, extensions=LEAF, **names):
    by = a.under(a.root, b'constrained', more=(constraints(**names),))
    return a.leaf(extensions, by), by


# Lists of revoked ones: what the listener has, what calls, what becomes of it.
GONE = {
    'not revoked': ('200', lambda a: lists(a), lambda a: a.leaf()),
    'not revoked, through one': ('200', lambda a: lists(a),
                                 lambda a: a.through(a.middle)),
    'revoked': (REVOKED, lambda a: lists(a), lambda a: a.revoked),
    'through a revoked one': (
        REVOKED, lambda a: lists(a) + der.revocations(a.gone),
        lambda a: a.through(a.gone)),
    'revoked by the one between': (
        REVOKED, lambda a: lists(a, middle=(7,)),
        lambda a: a.through(a.middle, serial=7)),
    'through one without a list': (
        CA, lambda a: der.revocations(a.root),
        lambda a: a.through(a.middle)),
    'without a list of the root': (
        CA, lambda a: der.revocations(a.middle),
        lambda a: a.through(a.middle)),
    'by an old list': (
        EXPIRED, lambda a: lists(a, ends=-HOUR), lambda a: a.leaf()),
    'by a list of the future': (
        BAD, lambda a: lists(a, begins=HOUR), lambda a: a.leaf()),
    'by a list of another authority': (
        CA, lambda a: der.revocations(a.other), lambda a: a.leaf()),
    'by a list of another key of that name': (
        SIGNATURE, lambda a: der.revocations(a.impostor), lambda a: a.leaf()),
    'by a list with something critical': (
        FORM, lambda a: der.revocations(a.root, extensions=(
            extension('1.3.6.1.4.1.99999.1', b'\5\0', True),)),
        lambda a: a.leaf()),
    'expired and not revoked': (EXPIRED, lambda a: lists(a),
                                lambda a: a.leaf(ends=-HOUR)),
}


def lists(a, root=None, middle=(), **more):
    root = (a.revoked.serial, a.gone.serial) if root is None else root
    return der.revocations(a.root, *root, **more) + \
        der.revocations(a.middle, *middle, **more)


def file_of(a, sent, key=None):
    """A PEM file to call with: a certificate, those behind it, and the key."""
    sent = sent if isinstance(sent, tuple) else (sent,)
    path = '%s/%s.pem' % (a.folder, secrets.token_hex(8))
    with open(path, 'w') as out:
        out.write(''.join(x.text for x in sent) + (key or sent[0].key.text))
    return path
