"""Certificates for tests and for the demo, made on the spot by openssl(1).

Nothing made here is ever committed.  Every server certificate is one PEM
file that holds certificate and private key.
"""

import base64
import hashlib
import os
import subprocess

HOST = 'api.elastic-cloud.com'


def _openssl(*args, stdin=None):
    done = subprocess.run(['openssl', *args], input=stdin,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    if done.returncode != 0:
        raise RuntimeError('openssl %s: %s' % (args[0],
                                               done.stderr.decode()))
    return done.stdout


class Pki:
    """A certificate authority in a folder, and what it signs."""

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

    def server(self, label, names=(HOST,), expired=False):
        """Path of a PEM file with certificate and key for these names."""
        pem = os.path.join(self.folder, label + '.pem')
        if os.path.exists(pem):
            return pem
        key = os.path.join(self.folder, label + '.key')
        request = os.path.join(self.folder, label + '.csr')
        ext = os.path.join(self.folder, label + '.ext')
        alt = ','.join(('IP:' if n.replace('.', '').isdigit() else 'DNS:') + n
                       for n in names)
        with open(ext, 'w') as out:
            out.write('basicConstraints=critical,CA:FALSE\n'
                      'keyUsage=critical,digitalSignature\n'
                      'extendedKeyUsage=serverAuth\n'
                      'subjectKeyIdentifier=hash\n'
                      'authorityKeyIdentifier=keyid\n'
                      'subjectAltName=' + alt + '\n')
        _openssl('req', '-newkey', 'ec', '-pkeyopt',
                 'ec_paramgen_curve:P-256', '-nodes', '-subj',
                 '/CN=' + names[0], '-keyout', key, '-out', request)
        cert = self._sign(request, ext, expired)
        with open(key, 'rb') as private, open(pem, 'wb') as out:
            out.write(cert + private.read())
        os.chmod(pem, 0o600)
        return pem

    def _sign(self, request, ext, expired):
        if not expired:
            return _openssl('x509', '-req', '-in', request, '-CA', self.ca,
                            '-CAkey', self.ca_key, '-CAcreateserial',
                            '-days', '2', '-extfile', ext)
        # Only openssl ca sets both ends of the validity.
        conf = os.path.join(self.folder, 'expired.cnf')
        with open(conf, 'w') as out:
            out.write('[ca]\ndefault_ca=d\n[d]\ndatabase=%s\n'
                      'default_md=sha256\npolicy=p\nrand_serial=yes\n'
                      'new_certs_dir=%s\n[p]\ncommonName=supplied\n'
                      % (os.path.join(self.folder, 'index'), self.folder))
        open(os.path.join(self.folder, 'index'), 'w').close()
        return _openssl('ca', '-batch', '-notext', '-config', conf, '-in',
                        request, '-cert', self.ca, '-keyfile', self.ca_key,
                        '-startdate', '20200101000000Z', '-enddate',
                        '20200201000000Z', '-extfile', ext)

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
