"""Certificates for tests and for the demo, made on the spot by openssl(1).

Nothing made here is ever committed.  Every server certificate is one PEM
file that holds certificate and private key.
"""

import base64
import hashlib
import os
import subprocess
import time

HOST = 'api.elastic-cloud.com'


EXPIRED = '20200201000000Z'


def _date(seconds):
    """Some seconds from now."""
    return time.strftime('%Y%m%d%H%M%SZ', time.gmtime(time.time() + seconds))


def _openssl(*args, stdin=None):
    done = subprocess.run(['openssl', *args], input=stdin,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    if done.returncode != 0:
        raise RuntimeError('openssl %s: %s' % (args[0],
                                               done.stderr.decode()))
    return done.stdout


class Pki:
    """A certificate authority in a folder, and its certificates."""

    def __init__(self, folder, name='Sallyport test CA'):
        self.folder = folder
        self.ca_key = os.path.join(folder, 'ca.key')
        self.ca = os.path.join(folder, 'ca.pem')
        os.makedirs(folder, exist_ok=True)
        _openssl('req', '-x509', '-newkey', 'ec', '-pkeyopt',
                 'ec_paramgen_curve:P-256', '-nodes', '-days', '2',
                 '-subj', '/CN=' + name, '-keyout', self.ca_key,
                 '-out', self.ca,
                 '-addext', 'basicConstraints=critical,CA:TRUE',
                 '-addext', 'keyUsage=critical,keyCertSign,cRLSign')

    def server(self, label, names=(HOST,), expired=False, lives=None,
               starts=None):
        """Path of a PEM file with certificate and key for these names, good
        for two days or as many seconds; and from so many seconds on, where
        that is not since long."""
        alt = ','.join(('IP:' if n.replace('.', '').isdigit() or ':' in n
                         else 'DNS:') + n
                       for n in names)
        ends = EXPIRED if expired else lives
        return self._certificate(label, names[0], ends,
                                 'basicConstraints=critical,CA:FALSE\n'
                                 'keyUsage=critical,digitalSignature\n'
                                 'extendedKeyUsage=serverAuth\n'
                                 'subjectKeyIdentifier=hash\n'
                                 'authorityKeyIdentifier=keyid\n'
                                 'subjectAltName=' + alt + '\n', starts)

    def client(self, label, expired=False, names=(), lives=None):
        """The same for a client, with names such as "DNS:ci.example"."""
        return self._certificate(label, label, EXPIRED if expired else lives,
                                 'basicConstraints=critical,CA:FALSE\n'
                                 'keyUsage=critical,digitalSignature\n'
                                 'extendedKeyUsage=clientAuth\n' +
                                 ('subjectAltName=%s\n' % ','.join(names)
                                  if names else ''))

    def intermediate(self, label):
        """An authority that another one vouches for."""
        return self._certificate(label, label, None,
                                 'basicConstraints=critical,CA:TRUE\n'
                                 'keyUsage=critical,keyCertSign,cRLSign\n'
                                 'subjectKeyIdentifier=hash\n'
                                 'authorityKeyIdentifier=keyid\n')

    def authority(self, label, expired=False, lives=None):
        """One of its own: good since long, and for two days or as many
        seconds."""
        return self._certificate(label, label, EXPIRED if expired else
                                 lives or 2 * 24 * 3600,
                                 'basicConstraints=critical,CA:TRUE\n'
                                 'keyUsage=critical,keyCertSign,cRLSign\n'
                                 'subjectKeyIdentifier=hash\n',
                                 alone=True)

    def crl(self, label, *revoked, days=('-1', '+30')):
        """Path of a list that names these certificates, good for days."""
        crl = os.path.join(self.folder, label + '.crl')
        conf = self._ca_conf()
        for pem in revoked:
            _openssl('ca', '-config', conf, '-cert', self.ca, '-keyfile',
                     self.ca_key, '-revoke', pem)
        last, following = (_date(int(d) * 24 * 3600) for d in days)
        _openssl('ca', '-gencrl', '-config', conf, '-cert', self.ca,
                 '-keyfile', self.ca_key, '-crl_lastupdate', last,
                 '-crl_nextupdate', following, '-out', crl)
        return crl

    def _certificate(self, label, name, ends, extensions, starts=None,
                     alone=False):
        pem = os.path.join(self.folder, label + '.pem')
        if os.path.exists(pem):
            return pem
        key = os.path.join(self.folder, label + '.key')
        request = os.path.join(self.folder, label + '.csr')
        ext = os.path.join(self.folder, label + '.ext')
        with open(ext, 'w') as out:
            out.write(extensions)
        _openssl('req', '-newkey', 'ec', '-pkeyopt',
                 'ec_paramgen_curve:P-256', '-nodes', '-subj',
                 '/CN=' + name, '-keyout', key, '-out', request)
        cert = self._sign(request, ext, ends, starts,
                          key if alone else None)
        with open(key, 'rb') as private, open(pem, 'wb') as out:
            out.write(cert + private.read())
        os.chmod(pem, 0o600)
        return pem

    def _sign(self, request, ext, ends, starts, own_key=None):
        if ends is None and starts is None:
            return _openssl('x509', '-req', '-in', request, '-CA', self.ca,
                            '-CAkey', self.ca_key, '-CAcreateserial',
                            '-days', '2', '-extfile', ext)
        if not isinstance(ends, str):
            ends = _date(ends or 2 * 24 * 3600)
        # Only openssl ca sets both ends of the validity.
        signer = ['-cert', self.ca, '-keyfile', self.ca_key] \
            if own_key is None else ['-selfsign', '-keyfile', own_key]
        return _openssl('ca', '-batch', '-notext', '-config',
                        self._ca_conf(), '-in', request, *signer, '-startdate',
                        '20200101000000Z' if starts is None else
                        _date(starts), '-enddate', ends, '-extfile', ext)

    def _ca_conf(self):
        """For openssl ca, which has no state from before."""
        conf = os.path.join(self.folder, 'ca.cnf')
        with open(conf, 'w') as out:
            out.write('[ca]\ndefault_ca=d\n[d]\ndatabase=%s\n'
                      'default_md=sha256\npolicy=p\nrand_serial=yes\n'
                      'new_certs_dir=%s\n[p]\ncommonName=supplied\n'
                      % (os.path.join(self.folder, 'index'), self.folder))
        open(os.path.join(self.folder, 'index'), 'w').close()
        return conf

    def pin(self, pem):
        """sha256//... of the public key of a server certificate."""
        spki = _openssl('x509', '-in', pem, '-noout', '-pubkey')
        der = _openssl('pkey', '-pubin', '-outform', 'DER', stdin=spki)
        return 'sha256//' + base64.b64encode(
            hashlib.sha256(der).digest()).decode()


if __name__ == '__main__':
    import sys
    pki = Pki(sys.argv[1])
    print(pki.server('server', tuple(sys.argv[2:]) or (HOST,)))
