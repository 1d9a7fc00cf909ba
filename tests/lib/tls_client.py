"""Clients that speak TLS: for tests whose other half is plain, and a relay for
programs that know no TLS."""

import contextlib
import select
import socket
import ssl
import threading

NAMES = ('localhost', '127.0.0.1')      # what a listener's certificate says
STALL = 30                              # seconds until a relay gives up

# What OpenSSL, since 3.5, keeps for a connection of a key of ML-KEM: that of
# the client stays, and our own until the handshake ends.
KEM = 8 << 10 if ssl.OPENSSL_VERSION_INFO >= (3, 5) else 0


def context(ca, client=None):
    """Trusts this authority; client: a PEM file with certificate and key."""
    made = ssl.create_default_context(cafile=ca)
    if client is not None:
        made.load_cert_chain(client)
    return made


def wrap(sock, ca):
    """An end without close_notify raises."""
    return context(ca).wrap_socket(sock, server_hostname=NAMES[0],
                                   suppress_ragged_eofs=False)


def end(sock):
    """Says that no more comes, by close_notify, and goes on reading."""
    before = sock.gettimeout()
    sock.setblocking(False)
    # It would wait for the end of the other side.
    with contextlib.suppress(ssl.SSLWantReadError):
        sock.unwrap()
    sock.settimeout(before)


def receive(secure):
    """b'' at the end; None: what came were no bytes for us, but a ticket.
    Raises where it was cut."""
    secure.setblocking(False)
    try:
        return secure.recv(65536)
    except ssl.SSLWantReadError:
        return None
    finally:
        secure.settimeout(STALL)


class Relay:
    """Listens without TLS and speaks it to an address; address is its own.
    Sessions are resumed, so both kinds of handshakes are seen."""

    def __init__(self, to, ca):
        host, port = to.rsplit(':', 1)
        self.to = host.strip('[]'), int(port)
        self.context = context(ca)
        self.session = None
        self.handshakes = [0, 0]                # full ones, and resumed
        self.listener = socket.create_server(('127.0.0.1', 0))
        self.address = '127.0.0.1:%d' % self.listener.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                plain = self.listener.accept()[0]
            except OSError:
                return                          # it was closed
            threading.Thread(target=self.serve, args=(plain,),
                             daemon=True).start()

    def serve(self, plain):
        with plain, contextlib.suppress(OSError), \
                self.context.wrap_socket(
                    socket.create_connection(self.to, STALL),
                    server_hostname=NAMES[0], session=self.session) as secure:
            plain.settimeout(STALL)
            self.handshakes[secure.session_reused] += 1
            while self.forward(plain, secure):
                self.session = secure.session

    def forward(self, plain, secure):
        """Some bytes of either side; False when one has ended."""
        if secure.pending():
            ready = [secure]
        else:
            ready = select.select([plain, secure], [], [], STALL)[0]
        if secure in ready:
            data = receive(secure)
            plain.sendall(data or b'')
            return data != b''
        data = plain.recv(65536) if ready else b''
        # The other side may have ended, and its answer is to be read.
        with contextlib.suppress(OSError):
            secure.sendall(data)
        return data != b''

    def close(self):
        # close() alone does not wake accept().
        with contextlib.suppress(OSError):
            self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
