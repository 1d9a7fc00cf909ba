"""TLS over a socket, for stand-ins that read in one thread and write in
another, and that end a connection without a word of TLS.
"""

import ssl
import threading


def context(pem):
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.load_cert_chain(pem)
    return made


class TlsSocket:
    """What of a socket the stand-ins use."""

    def __init__(self, sock, made):
        self.raw = sock
        self._in, self._out = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._tls = made.wrap_bio(self._in, self._out, server_side=True)
        self._lock, self._sending = threading.Lock(), threading.Lock()
        self._until(self._tls.do_handshake)

    def _flush(self):
        with self._sending:
            with self._lock:
                data = self._out.read()
            self.raw.sendall(data)

    def _until(self, do):
        """What do() gives, after as many reads as that takes; None: the end."""
        while True:
            try:
                with self._lock:
                    done = do()
                self._flush()
                return done
            except ssl.SSLWantReadError:
                self._flush()
            data = self.raw.recv(65536)
            if not data:
                return None
            with self._lock:
                self._in.write(data)

    def recv(self, size):
        try:
            return self._until(lambda: self._tls.read(size)) or b''
        except ssl.SSLZeroReturnError:
            return b''

    def sendall(self, data):
        with self._lock:
            for at in range(0, len(data), 16384):
                self._tls.write(data[at:at + 16384])
        self._flush()

    def notify(self):
        """Says close_notify."""
        try:
            with self._lock:
                self._tls.unwrap()
        except ssl.SSLError:
            pass
        self._flush()

    def settimeout(self, seconds):
        self.raw.settimeout(seconds)

    def setsockopt(self, *args):
        self.raw.setsockopt(*args)

    def shutdown(self, how):
        self.raw.shutdown(how)

    def close(self):
        self.raw.close()
