"""Certificates and lists in DER, written element by element: openssl(1) makes
none that are wrong in the way a test wants, so that only keys and signatures
come from it.
"""

import base64
import os
import re
import secrets
import subprocess
import time

BIT_STRING, OCTETS, NULL, OID, UTF8, IA5 = 3, 4, 5, 6, 12, 22
SEQUENCE, SET = 0x30, 0x31
DAY = 24 * 3600


def _openssl(*args, stdin=None):
    done = subprocess.run(['openssl', *args], input=stdin,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert done.returncode == 0, (args, done.stderr)
    return done.stdout


# -- elements --

def tlv(tag, *parts):
    body = b''.join(parts)
    size = len(body)
    if size < 128:
        return bytes([tag, size]) + body
    digits = size.to_bytes((size.bit_length() + 7) // 8, 'big')
    return bytes([tag, 0x80 | len(digits)]) + digits + body


def sequence(*parts):
    return tlv(SEQUENCE, *parts)


def integer(n):
    return tlv(2, n.to_bytes(n.bit_length() // 8 + 1, 'big', signed=True))


def boolean(value):
    return tlv(1, b'\xff' if value else b'\0')


def oid(text):
    first, second, *rest = map(int, text.split('.'))
    out = bytearray()
    for n in (40 * first + second, *rest):
        digits = [n & 0x7f]
        while n > 0x7f:
            n >>= 7
            digits.insert(0, n & 0x7f | 0x80)
        out += bytes(digits)
    return tlv(OID, bytes(out))


def bits(data, unused=0):
    return tlv(BIT_STRING, bytes([unused]), data)


def moment(seconds):
    """Some seconds from now."""
    return tlv(0x18, time.strftime('%Y%m%d%H%M%SZ', time.gmtime(
        time.time() + seconds)).encode()) if isinstance(seconds, int) \
        else tlv(0x18, seconds.encode())


def when(seconds):
    """UTCTime, as RFC 5280 wants it until 2049."""
    value = moment(seconds)
    return tlv(0x17, value[4:]) if value[2:4] == b'20' and \
        value[4:6] < b'50' else value


def name(text):
    """The distinguished name with this CN alone; b'' has none."""
    if text == b'':
        return sequence()
    return sequence(tlv(SET, sequence(oid('2.5.4.3'), tlv(UTF8, text))))


def pem(kind, data):
    text = base64.b64encode(data).decode()
    return '-----BEGIN %s-----\n%s\n-----END %s-----\n' % (
        kind, '\n'.join(re.findall('.{1,64}', text)), kind)


# -- keys --

EC, RSA, PSS, ED = 'EC', 'RSA', 'RSA-PSS', 'ED25519'

SIGNATURES = {
    (EC, 'sha256'): sequence(oid('1.2.840.10045.4.3.2')),
    (EC, 'sha384'): sequence(oid('1.2.840.10045.4.3.3')),
    (EC, 'sha1'): sequence(oid('1.2.840.10045.4.1')),
    (RSA, 'sha256'): sequence(oid('1.2.840.113549.1.1.11'), tlv(NULL)),
    (RSA, 'sha1'): sequence(oid('1.2.840.113549.1.1.5'), tlv(NULL)),
    (RSA, 'md5'): sequence(oid('1.2.840.113549.1.1.4'), tlv(NULL)),
    (ED, 'sha256'): sequence(oid('1.3.101.112')),
}


class Key:
    """One of openssl genpkey's; its file is made when it is first needed."""

    def __init__(self, folder, kind=EC, **options):
        self.kind = kind
        self.file = os.path.join(folder, secrets.token_hex(8) + '.key')
        if kind == EC:
            options.setdefault('ec_paramgen_curve', 'P-256')
        args = [x for k, v in options.items() for x in
                ('-pkeyopt', '%s:%s' % (k, v))]
        _openssl('genpkey', '-algorithm', kind, *args, '-out', self.file)
        self.spki = _openssl('pkey', '-in', self.file, '-pubout', '-outform',
                             'DER')

    @property
    def text(self):
        with open(self.file) as f:
            return f.read()

    def sign(self, data, digest):
        if self.kind != ED:
            return _openssl('dgst', '-' + digest, '-sign', self.file,
                            stdin=data)
        file = self.file + '.data'
        with open(file, 'wb') as out:
            out.write(data)
        return _openssl('pkeyutl', '-sign', '-rawin', '-inkey', self.file,
                        '-in', file)


def lying_key(spki):
    """The text of a key of P-256 that says it belongs to this public key and
    does not: who has a certificate, and not its key, may try that."""
    return pem('EC PRIVATE KEY', sequence(
        integer(1), tlv(OCTETS, b'\0' + secrets.token_bytes(31)),
        tlv(0xa0, oid('1.2.840.10045.3.1.7')),
        tlv(0xa1, bits(spki[-65:]))))


# -- extensions (RFC 5280 section 4.2) --

def extension(number, value, critical=False):
    return sequence(oid(number), boolean(True) if critical else b'',
                    tlv(OCTETS, value))


def basic(authority, length=None, critical=True):
    return extension('2.5.29.19', sequence(
        boolean(True) if authority else b'',
        b'' if length is None else integer(length)), critical)


USAGES = ['digitalSignature', 'nonRepudiation', 'keyEncipherment',
          'dataEncipherment', 'keyAgreement', 'keyCertSign', 'cRLSign']


def usage(*names, critical=True):
    value = sum(0x80 >> USAGES.index(x) for x in names)
    unused = next((i for i in range(8) if value >> i & 1), 0)
    return extension('2.5.29.15', bits(bytes([value]), unused), critical)


PURPOSES = {'server': '1.3.6.1.5.5.7.3.1', 'client': '1.3.6.1.5.5.7.3.2',
            'code': '1.3.6.1.5.5.7.3.3', 'mail': '1.3.6.1.5.5.7.3.4',
            'ocsp': '1.3.6.1.5.5.7.3.9', 'any': '2.5.29.37.0'}


def purpose(*names, critical=False):
    return extension('2.5.29.37', sequence(*(oid(PURPOSES[x])
                                             for x in names)), critical)


def general(text):
    """A name such as URI:spiffe://corp/ci, as bytes or as a string."""
    kind, _, value = (text if isinstance(text, bytes) else
                      text.encode()).partition(b':')
    if kind == b'DIR':
        return tlv(0xa4, name(value))
    return tlv({b'MAIL': 0x81, b'DNS': 0x82, b'URI': 0x86,
                b'IP': 0x87}[kind], value)


def alternatives(*names, critical=False):
    return extension('2.5.29.17', sequence(*map(general, names)), critical)


def constraints(permitted=(), excluded=(), critical=True):
    return extension('2.5.29.30', sequence(*(
        tlv(tag, *(sequence(general(x)) for x in given))
        for tag, given in ((0xa0, permitted), (0xa1, excluded)) if given)),
        critical)


def key_id(key):
    return extension('2.5.29.14', tlv(OCTETS, key.spki[-20:]))


def issuer_id(key):
    return extension('2.5.29.35', sequence(tlv(0x80, key.spki[-20:])))


# -- the whole --

class Made:
    """A certificate, and what it takes to issue others or to call with it."""

    def __init__(self, der, key, subject, serial):
        self.der, self.key = der, key
        self.subject, self.serial = subject, serial

    @property
    def text(self):
        return pem('CERTIFICATE', self.der)


def _signed(body, algorithm, key, digest, outer, spoil):
    signature = key.sign(body, digest)
    return sequence(body, outer or algorithm, bits(
        spoil(signature) if spoil else signature))


def certificate(subject, key, extensions, by=None, *, issuer=None, version=3,
                serial=None, begins=-DAY, ends=DAY, digest='sha256',
                outer=None, spoil=None):
    """by: who signs it (Made); None: it vouches for itself.  outer: another
    algorithm where the signature stands.  spoil: changes the signature."""
    serial = secrets.randbits(100) if serial is None else serial
    signer = by.key if by else key
    algorithm = SIGNATURES[signer.kind, digest]
    body = sequence(
        tlv(0xa0, integer(version - 1)) if version > 1 else b'',
        integer(serial), algorithm,
        name(issuer or (by.subject if by else subject)),
        sequence(when(begins), when(ends)), name(subject), key.spki,
        tlv(0xa3, sequence(*extensions)) if extensions else b'')
    return Made(_signed(body, algorithm, signer, digest, outer, spoil), key,
                subject, serial)


def revocations(by, *serials, begins=-DAY, ends=DAY, extensions=(),
                digest='sha256'):
    """The text of an authority's list of what it has revoked."""
    algorithm = SIGNATURES[by.key.kind, digest]
    body = sequence(
        integer(1), algorithm, name(by.subject), when(begins), when(ends),
        sequence(*(sequence(integer(x), when(-60)) for x in serials))
        if serials else b'',
        tlv(0xa0, sequence(extension('2.5.29.20', integer(1)), *extensions)))
    return pem('X509 CRL', _signed(body, algorithm, by.key, digest, None,
                                   None))
