"""HTTP/1.1 messages on a socket, read strictly: for the stand-in API and for
the raw clients of the tests.

Reading is strict so that a test notices when a message is not well formed;
writing is left to the caller, who often wants it wrong.
"""

import re
import socket
import ssl

TOKEN = re.compile(rb"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")
FIELD = re.compile(rb"([!#$%&'*+\-.^_`|~0-9A-Za-z]+):[ \t]*"
                   rb"([^\x00-\x08\x0a-\x1f\x7f]*?)[ \t]*")
REQUEST = re.compile(rb"([!#$%&'*+\-.^_`|~0-9A-Za-z]+) "
                     rb"([\x21-\x7e]+) HTTP/1\.([01])")
STATUS = re.compile(rb"HTTP/1\.([01]) (\d{3}) ([\t\x20-\x7e\x80-\xff]*)")
CHUNK = re.compile(rb"([0-9A-Fa-f]{1,16})(;[^\r\n\x00]*)?")


class Malformed(Exception):
    """The bytes are not strictly valid HTTP/1.1."""


class Truncated(Exception):
    """The other side closed in the middle of a message."""


class Closed(Exception):
    """The other side closed where a message may end."""


class Wire:
    """A connected socket and bytes read from it but not used yet."""

    def __init__(self, sock):
        self.sock = sock
        self.buf = bytearray()

    def fill(self):
        """Reads some more; False at the end."""
        try:
            data = self.sock.recv(262144)
        except ssl.SSLZeroReturnError:
            data = b''              # we have said close_notify before
        except ssl.SSLEOFError:
            raise Truncated('no close_notify') from None
        self.buf += data
        return bool(data)

    def line(self):
        """A line without its CRLF; None at a clean end."""
        while True:
            end = self.buf.find(b'\n')
            if end >= 0:
                break
            if not self.fill():
                if self.buf:
                    raise Truncated('in a line: %r' % bytes(self.buf[:80]))
                return None
        line = bytes(self.buf[:end])
        del self.buf[:end + 1]
        if not line.endswith(b'\r'):
            raise Malformed('bare LF after %r' % line[:80])
        if b'\r' in line[:-1]:
            raise Malformed('bare CR in %r' % line[:80])
        return line[:-1]

    def pieces(self, n):
        """Exactly n bytes, in pieces."""
        while n:
            if not self.buf and not self.fill():
                raise Truncated('%d bytes of the body are missing' % n)
            if len(self.buf) <= n:
                piece, self.buf = bytes(self.buf), bytearray()
            else:
                piece = bytes(self.buf[:n])
                del self.buf[:n]
            n -= len(piece)
            yield piece

    def send(self, data):
        self.sock.sendall(data)

    def close(self):
        self.sock.close()


class Fields(list):
    """(name, value) pairs in order, as text."""

    def all(self, name):
        return [v for n, v in self if n.lower() == name.lower()]

    def one(self, name):
        found = self.all(name)
        if len(found) > 1:
            raise Malformed('%s comes %d times' % (name, len(found)))
        return found[0] if found else None


def read_fields(wire):
    fields = Fields()
    while True:
        line = wire.line()
        if line is None:
            raise Truncated('in the fields')
        if not line:
            return fields
        match = FIELD.fullmatch(line)
        if not match:
            raise Malformed('field %r' % line[:80])
        fields.append((match[1].decode(), match[2].decode('latin-1')))


class Message:
    """A head and, once read, its body and trailers."""

    def __init__(self, fields):
        self.fields = fields
        self.trailers = Fields()
        self.complete = False
        self.framing = None

    def _set_framing(self):
        coding = self.fields.all('transfer-encoding')
        length = self.fields.all('content-length')
        if coding and length:
            raise Malformed('Transfer-Encoding and Content-Length')
        if coding:
            if coding != ['chunked']:
                raise Malformed('Transfer-Encoding %r' % coding)
            self.framing = 'chunked'
        elif length:
            if len(length) != 1 or not re.fullmatch(r'[0-9]+', length[0]):
                raise Malformed('Content-Length %r' % length)
            self.framing = int(length[0])

    def body(self, wire):
        """The body in pieces, then trailers and complete are set."""
        if self.framing == 'chunked':
            yield from self._chunks(wire)
        elif self.framing == 'close':
            while wire.buf or wire.fill():
                piece, wire.buf = bytes(wire.buf), bytearray()
                yield piece
        elif self.framing:
            yield from wire.pieces(self.framing)
        self.complete = True

    def _chunks(self, wire):
        while True:
            line = wire.line()
            if line is None:
                raise Truncated('no last chunk')
            match = CHUNK.fullmatch(line)
            if not match:
                raise Malformed('chunk line %r' % line[:80])
            size = int(match[1], 16)
            if not size:
                self.trailers = read_fields(wire)
                return
            yield from wire.pieces(size)
            if wire.line() != b'':
                raise Malformed('a chunk does not end with CRLF')


class Request(Message):
    @classmethod
    def read(cls, wire):
        """The next request head, or None if the client closed."""
        line = wire.line()
        if line is None:
            return None
        match = REQUEST.fullmatch(line)
        if not match:
            raise Malformed('request line %r' % line[:80])
        self = cls(read_fields(wire))
        self.method = match[1].decode()
        self.target = match[2].decode()
        self.version = 10 + int(match[3])
        self._set_framing()
        return self


class Response(Message):
    def __init__(self, fields):
        super().__init__(fields)
        self.interim = []
        self.data = b''

    @classmethod
    def read_head(cls, wire, method='GET'):
        """The next final head; those of interim responses in .interim."""
        interim = []
        while True:
            line = wire.line()
            if line is None:
                raise Closed('no response')
            match = STATUS.fullmatch(line)
            if not match:
                raise Malformed('status line %r' % line[:80])
            self = cls(read_fields(wire))
            self.version = 10 + int(match[1])
            self.status = int(match[2])
            if self.status == 101:
                raise Malformed('101')
            if self.status >= 200:
                break
            interim.append(self)
        self.interim = interim
        self._set_framing()
        if method == 'HEAD' or self.status in (204, 304):
            self.framing = None
        elif self.framing is None:
            self.framing = 'close'
        return self

    @classmethod
    def read(cls, wire, method='GET'):
        self = cls.read_head(wire, method)
        self.data = b''.join(self.body(wire))
        return self


def listen(port=0, backlog=512):
    sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    sock.bind(('127.0.0.1', port))
    sock.listen(backlog)
    return sock


def reset(sock):
    """Closes with a TCP reset."""
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                    b'\x01\0\0\0\0\0\0\0')
    sock.close()
