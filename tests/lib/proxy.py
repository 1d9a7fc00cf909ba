"""A stand-in of a corporate proxy: CONNECT on loopback, honest unless it is
told what to answer.  It keeps every byte that it saw of its clients.
"""

import base64
import contextlib
import secrets
import socket
import threading

import http1
import tls_socket
from waiting import LIMIT

USER = 'sallyport'


def new_password():
    return '%s:%s' % (USER, secrets.token_hex(24))


def basic(pair):
    return 'Basic ' + base64.b64encode(pair.encode()).decode()


class Asked:
    """One connection to the proxy: what was asked, and all that came."""

    def __init__(self):
        self.head = b''
        self.tunnelled = bytearray()    # from the client, in the tunnel
        self.over = threading.Event()
        self.answered = False

    @property
    def line(self):
        return self.head.split(b'\r\n')[0].decode('latin-1')

    def fields(self, name):
        return [line.partition(': ')[2]
                for line in self.head.decode('latin-1').split('\r\n')[1:]
                if line.lower().startswith(name.lower() + ':')]

    @property
    def all(self):
        return self.head + bytes(self.tunnelled)


class Proxy:
    """answer: None makes tunnels, for the credential `wants` if there is one;
    bytes are sent in place of that, and then the connection closes; a function
    gets (proxy, socket, Asked) and does what it likes.  pem: its certificate
    and key, where it is spoken to in TLS."""

    def __init__(self, answer=None, wants=None, to=None, family=socket.AF_INET,
                 opened=b'HTTP/1.1 200 Connection established\r\n\r\n',
                 pem=None):
        self.answer, self.wants, self.opened = answer, wants, opened
        self.to = to or {}              # names that only the proxy knows
        self.asked = []
        self._lock = threading.Lock()
        self._open = set()
        self._sock = socket.socket(family)
        self._sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._sock.bind(('::1' if family == socket.AF_INET6 else '127.0.0.1',
                         0))
        self._sock.listen(64)
        self.port = self._sock.getsockname()[1]
        self.host = self._sock.getsockname()[0]
        self._context = tls_socket.context(pem) if pem else None
        self.url = '%s://%s:%d' % (
            'https' if pem else 'http',
            '[::1]' if family == socket.AF_INET6 else self.host, self.port)
        threading.Thread(target=self._accept, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    def stop(self):
        for sock in [self._sock, *self._open]:
            with contextlib.suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)
        self._sock.close()

    @property
    def seen(self):
        """Every byte that came from clients."""
        return b''.join(asked.all for asked in self.asked)

    def _accept(self):
        with contextlib.suppress(OSError):
            while True:
                sock, _ = self._sock.accept()
                threading.Thread(target=self._serve, args=(sock,),
                                 daemon=True).start()

    def _serve(self, sock):
        asked = Asked()
        with self._lock:
            self.asked.append(asked)
            self._open.add(sock)
        try:
            sock.settimeout(2 * LIMIT)
            made = sock if self._context is None else \
                tls_socket.TlsSocket(sock, self._context)
            self._read_head(made, asked)
            self._reply(made, asked)
        except OSError:
            pass
        finally:
            self._open.discard(sock)
            sock.close()
            asked.over.set()

    def _read_head(self, sock, asked):
        while b'\r\n\r\n' not in asked.head:
            data = sock.recv(65536)
            if not data:
                raise OSError('no head')
            asked.head += data

    def _reply(self, sock, asked):
        answer = self.answer
        if callable(answer):
            answer(self, sock, asked)
        elif answer is not None:
            sock.sendall(answer)
            asked.answered = True
            with contextlib.suppress(OSError):
                sock.shutdown(socket.SHUT_WR)
            self.keep_reading(sock, asked)
        elif self.wants and asked.fields('proxy-authorization') != [
                self.wants]:
            sock.sendall(b'HTTP/1.1 407 Proxy Authentication Required\r\n'
                         b'Proxy-Authenticate: Basic realm="corp"\r\n'
                         b'Content-Length: 0\r\n\r\n')
        else:
            self.tunnel(sock, asked)

    def keep_reading(self, sock, asked):
        """Notes what still comes, to the end."""
        while True:
            data = sock.recv(65536)
            if not data:
                return
            asked.tunnelled += data

    def tunnel(self, sock, asked, opened=None):
        place = asked.line.split(' ')[1]
        host, port = self.to.get(place, tuple(place.rsplit(':', 1)))
        try:
            other = socket.create_connection((host.strip('[]'), int(port)),
                                             timeout=2 * LIMIT)
        except OSError:
            sock.sendall(b'HTTP/1.1 502 Bad Gateway\r\n\r\n')
            return
        with self._lock:
            self._open.add(other)
        sock.sendall(self.opened if opened is None else opened)
        asked.answered = True
        back = threading.Thread(target=self._pump, args=(other, sock, None),
                                daemon=True)
        back.start()
        self._pump(sock, other, asked.tunnelled)
        back.join()
        self._open.discard(other)
        other.close()

    @staticmethod
    def _pump(here, there, note):
        with contextlib.suppress(OSError):
            while True:
                data = here.recv(65536)
                if not data:
                    break
                if note is not None:
                    note += data
                there.sendall(data)
        with contextlib.suppress(OSError):
            there.shutdown(socket.SHUT_WR)


def reset(sock):
    http1.reset(getattr(sock, 'raw', sock))
