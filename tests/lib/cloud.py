#!/usr/bin/env python3
"""A stand-in of the Elastic Cloud API over TLS on loopback.

In a test it runs in the test's process and keeps what reached it:

    with Cloud(pem, {'team-a': value}) as cloud:
        ... cloud.address ... cloud.requests[-1].fields ...

As a program it serves the demo and prints, for each request, what arrived
and whose key it carried.  It knows keys by their SHA-256 only and never
prints one.

    cloud.py CERT_AND_KEY.pem DIGESTS      lines of "NAME SHA256" in DIGESTS

/api/v1/... answers like the real API, /test/... does what a test needs; see
the functions below.  A wrong or missing key is answered 401 everywhere.
"""

import hashlib
import json
import socket
import ssl
import sys
import threading
import time
import urllib.parse

import bodies
import elastic
import http1
from waiting import LIMIT

KEEP = 65536                    # longer bodies are kept as a digest only


class Seen(http1.Request):
    """A request as it arrived, and facts about it."""

    key = None                  # the name of its key, None: not a key of ours
    connection = None           # the number of its connection, from 1
    place = None                # its place on that connection, from 1
    bytes = 0
    sha256 = None
    data = b''
    went_wrong = None

    @property
    def path(self):
        return self.target.split('?')[0]

    def query(self, name, default=None):
        query = urllib.parse.urlsplit(self.target).query
        return urllib.parse.parse_qs(query).get(name, [default])[0]


class Call:
    """One request on its way through a handler."""

    def __init__(self, cloud, connection, wire, request):
        self.cloud = cloud
        self.connection = connection
        self.wire = wire
        self.request = request
        self.last = (request.version == 10 or 'close' in
                     (request.fields.one('connection') or '').lower())
        self._reader = None

    def body(self):
        """The request's body in pieces; its digest is kept."""
        request, sha = self.request, hashlib.sha256()
        for piece in request.body(self.wire):
            sha.update(piece)
            request.bytes += len(piece)
            if request.bytes <= KEEP:
                request.data += piece
            yield piece
        request.sha256 = sha.hexdigest()

    def swallow(self):
        if not self.request.complete:
            for _ in self.body():
                pass

    def head(self, status=200, fields=(), reason='OK'):
        """Sends a head, with the fields that every answer has."""
        lines = ['HTTP/1.1 %d %s' % (status, reason)]
        lines += ['%s: %s' % field for field in self._fields(fields)]
        self.wire.send(('\r\n'.join(lines) + '\r\n\r\n').encode('latin-1'))

    def _fields(self, fields):
        fields = list(fields)
        names = {name.lower() for name, _ in fields}
        common = [('Date', time.strftime('%a, %d %b %Y %H:%M:%S GMT',
                                         time.gmtime())),
                  ('X-Cloud-Request-Id', '%032x' % len(self.cloud.requests)),
                  ('x-ratelimit-interval', '60'),
                  ('x-ratelimit-limit', '5000'),
                  ('x-ratelimit-remaining', '%d' % self.cloud.remaining())]
        common += self.cloud.common
        if self.request.key:
            common += [(elastic.EXPIRATION, value) for value in
                       self.cloud.expiration.get(self.request.key, ())]
        if self.last:
            common.append(('Connection', 'close'))
        return fields + [f for f in common if f[0].lower() not in names]

    def answer(self, body=b'', status=200, fields=(), reason='OK'):
        """A whole answer with Content-Length, after the body was read."""
        self.swallow()
        fields = list(fields)
        if status not in (204, 304):
            fields.append(('Content-Length', str(len(body))))
        self.head(status, fields, reason)
        if self.request.method != 'HEAD' and status not in (204, 304):
            self.wire.send(body)

    def json(self, value, status=200, fields=()):
        self.answer(json.dumps(value).encode(), status,
                    [('Content-Type', 'application/json'), *fields])

    def refuse(self, status, code, message):
        body, fields = elastic.error(code, message)
        self.answer(body, status, fields, 'Refused')

    def raw(self, data):
        self.wire.send(data)

    def close(self):
        self.last = True

    def reset(self):
        self.last = True
        http1.reset(self.wire.sock)

    def wait_gone(self, limit=LIMIT):
        """Waits until the proxy closes; False if it does not in time."""
        self.wire.sock.settimeout(limit)
        try:
            while self.wire.sock.recv(65536):
                pass
        except (TimeoutError, socket.timeout):
            return False
        except OSError:
            pass
        return True


class Connection:
    """A connection made to the stand-in."""

    def __init__(self, number):
        self.number = number
        self.tls = None
        self.resumed = None
        self.requests = 0
        self.closed = threading.Event()
        self.handshake_error = None
        self.bad = None
        self.keys = set()


class Cloud:
    def __init__(self, pem=None, keys=(), port=0, tls_tweak=None,
                 on_request=None):
        """pem None: no TLS.  tls_tweak(context) changes the TLS side."""
        self.pem = pem
        self.digests = {}
        self.key_field = 'authorization'
        self.expiration = {}    # key name to a list of field values
        for name, value in dict(keys).items():
            self.add_key(name, value)
        self.common = []        # fields of every answer
        self.requests = []
        self.connections = []
        self.handlers = dict(HANDLERS)
        self.on_request = on_request
        self.changed = threading.Condition()
        self._served = 0
        self._open = set()
        self._stopped = False
        self._context = None
        if pem:
            self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            if tls_tweak:
                tls_tweak(self._context)
            self._context.load_cert_chain(pem)
        self._sock = http1.listen(port)
        self.port = self._sock.getsockname()[1]
        self.address = '127.0.0.1:%d' % self.port
        threading.Thread(target=self._accept, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    def add_key(self, name, value, scheme='ApiKey'):
        line = '%s %s' % (scheme, value) if scheme else value
        self.add_digest(name, hashlib.sha256(line.encode()).hexdigest())

    def add_digest(self, name, digest):
        """Of "SCHEME VALUE", the whole field."""
        self.digests[digest] = name

    def remaining(self):
        self._served += 1
        return 5000 - self._served % 5000

    def use(self, pem):
        """Another certificate for connections from now on."""
        self._context.load_cert_chain(pem)

    def stop(self):
        self._stopped = True
        for sock in [self._sock, *self._open]:
            try:
                sock.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
            if sock is self._sock:
                sock.close()

    def wait(self, condition, limit=LIMIT):
        """Waits until condition(self) holds; returns its value."""
        with self.changed:
            self.changed.wait_for(lambda: condition(self), limit)
            return condition(self)

    def wait_requests(self, n, limit=LIMIT):
        assert self.wait(lambda c: len(c.requests) >= n, limit), \
            'only %d of %d requests arrived' % (len(self.requests), n)
        return self.requests

    def keep_unread(self, n):
        """Later connections have about n bytes of buffer to be read from."""
        self._sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, n)

    def close_idle(self):
        """Closes every connection now open."""
        for sock in list(self._open):
            try:
                sock.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def _accept(self):
        while not self._stopped:
            try:
                sock, _ = self._sock.accept()
            except OSError:
                return
            connection = Connection(len(self.connections) + 1)
            self.connections.append(connection)
            threading.Thread(target=self._serve, args=(connection, sock),
                             daemon=True).start()

    def _serve(self, connection, sock):
        plain = sock
        self._open.add(plain)
        try:
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if self._context:
                sock = self._handshake(connection, sock)
            if sock:
                self._open.discard(plain)
                self._open.add(sock)
                self._requests(connection, http1.Wire(sock))
        except (http1.Malformed, http1.Truncated) as bad:
            connection.bad = str(bad)
        except OSError:
            pass
        finally:
            for s in (plain, sock):
                self._open.discard(s)
                if s:
                    s.close()
            connection.closed.set()
            with self.changed:
                self.changed.notify_all()

    def _handshake(self, connection, sock):
        try:
            sock = self._context.wrap_socket(sock, server_side=True)
        except OSError as error:
            connection.handshake_error = str(error)
            return None
        connection.tls = sock.version()
        connection.resumed = sock.session_reused
        return sock

    def _requests(self, connection, wire):
        while not self._stopped:
            request = Seen.read(wire)
            if request is None:
                return
            self._note(connection, request)
            call = Call(self, connection, wire, request)
            try:
                self._handle(call)
            except (OSError, http1.Malformed, http1.Truncated) as error:
                request.went_wrong = '%s: %s' % (type(error).__name__, error)
                raise
            finally:
                with self.changed:
                    self.changed.notify_all()
            if self.on_request:
                self.on_request(call)
            if call.last or not request.complete:
                return

    def _note(self, connection, request):
        connection.requests += 1
        request.connection = connection.number
        request.place = connection.requests
        given = request.fields.all(self.key_field)
        if len(given) == 1:
            digest = hashlib.sha256(given[0].encode('latin-1')).hexdigest()
            request.key = self.digests.get(digest)
        connection.keys.add(request.key)
        with self.changed:
            self.requests.append(request)
            self.changed.notify_all()

    def _handle(self, call):
        request = call.request
        if not request.key:
            call.refuse(401, 'root.unauthenticated',
                        'The supplied authentication is invalid')
            return
        if request.fields.one('expect') == '100-continue':
            call.raw(b'HTTP/1.1 100 Continue\r\n\r\n')
        path = request.path
        while path not in self.handlers:
            path = path.rpartition('/')[0]
            if not path:
                call.refuse(404, 'root.resource_not_found',
                            'The requested resource could not be found')
                return
        self.handlers[path](call)


# The API.

def deployments(call):
    """GET lists, GET of one shows, POST, PUT and DELETE take a body."""
    request = call.request
    call.swallow()
    ident = request.path[len('/api/v1/deployments'):].strip('/')
    listed = json.loads(elastic.deployments(request.key))['deployments']
    if request.method in ('GET', 'HEAD'):
        if not ident:
            call.answer(elastic.deployments(request.key),
                        fields=[('Content-Type', 'application/json')])
            return
        for one in listed:
            if one['id'] == ident:
                call.json(one, fields=[('ETag', '"%s"' % ident[:8])])
                return
        call.refuse(404, 'deployments.deployment_not_found',
                    'The deployment could not be found')
        return
    status = {'POST': 201, 'PUT': 200, 'DELETE': 200}.get(request.method, 405)
    call.json({'id': ident or listed[0]['id'], 'created':
               request.method == 'POST', 'received': request.bytes}, status)


def extensions(call):
    """An upload is swallowed and answered with its size and digest."""
    call.swallow()
    call.json({'id': 'extension', 'file_metadata': {
        'size': call.request.bytes, 'sha256': call.request.sha256}}, 201)


# For tests.

def echo(call):
    """Requests that reached the API, as JSON; keys are named, not shown."""
    call.swallow()
    request = call.request
    fields = [[n, 'key of ' + str(request.key)]
              if n.lower() == call.cloud.key_field else [n, v]
              for n, v in request.fields]
    call.json({'method': request.method, 'target': request.target,
               'key': request.key, 'fields': fields, 'bytes': request.bytes,
               'sha256': request.sha256, 'framing': request.framing,
               'trailers': request.trailers})


def generated(call):
    """?n=BYTES&seed=S&chunked=1 a body made by bodies.pieces()."""
    request = call.request
    call.swallow()
    n, seed = int(request.query('n', 0)), request.query('seed', '0')
    fields = [('Content-Type', 'application/octet-stream'),
              ('X-Request-Sha256', request.sha256)]
    if request.query('chunked'):
        call.head(200, [*fields, ('Transfer-Encoding', 'chunked')])
        if request.method != 'HEAD':
            for piece in bodies.chunks(bodies.pieces(n, seed)):
                call.raw(piece)
            call.raw(b'0\r\n\r\n')
        return
    call.head(200, [*fields, ('Content-Length', str(n))])
    if request.method != 'HEAD':
        for piece in bodies.pieces(n, seed):
            call.raw(piece)


def mirror(call):
    """Sends the body back while it comes."""
    call.head(200, [('Transfer-Encoding', 'chunked')])
    for piece in bodies.chunks(call.body()):
        call.raw(piece)
    call.raw(b'0\r\n\r\n')


def status(call):
    """?code=204"""
    code = int(call.request.query('code', 200))
    call.answer(b'' if code in (204, 304) else b'status %d\n' % code, code)


def trailers(call):
    """A chunked answer with two trailer fields."""
    call.swallow()
    call.head(200, [('Transfer-Encoding', 'chunked'),
                    ('Trailer', 'X-Checksum, X-Last')])
    call.raw(b'5\r\nhello\r\n0\r\nX-Checksum: abc123\r\nX-Last: yes\r\n\r\n')


def interim(call):
    """?n=2: two 103 before the answer."""
    call.swallow()
    for i in range(int(call.request.query('n', 1))):
        call.raw(b'HTTP/1.1 103 Early Hints\r\nLink: </%d>\r\n\r\n' % i)
    call.answer(b'after interim\n')


def early(call):
    """Answers before it has read the body, then closes."""
    body, fields = elastic.error('root.too_large', 'The body is too large')
    call.close()
    call.head(413, [*fields, ('Content-Length', str(len(body)))])
    call.raw(body)
    call.wait_gone()


def stall(call):
    """?after=head|body|nothing: then nothing until the proxy is gone."""
    call.swallow()
    after = call.request.query('after', 'nothing')
    if after != 'nothing':
        call.head(200, [('Content-Length', '1000000')])
    if after == 'body':
        call.raw(b'x' * 1000)
    call.close()
    call.request.left_in_time = call.wait_gone()


def cut(call):
    """?after=head|body|chunk|nothing&how=close|reset: ends mid-way."""
    call.swallow()
    after = call.request.query('after', 'nothing')
    if after in ('head', 'body'):
        call.head(200, [('Content-Length', '1000000')])
    if after == 'body':
        call.raw(b'x' * 5000)
    if after == 'chunk':
        call.head(200, [('Transfer-Encoding', 'chunked')])
        call.raw(b'1388\r\n' + b'x' * 5000 + b'\r\n')
    call.close()
    if call.request.query('how') == 'reset':
        call.reset()


def until_close(call):
    """?n=BYTES: a body that ends with the connection; unclean=1: by TCP."""
    request = call.request
    call.swallow()
    call.close()
    call.head(200, [('Content-Type', 'text/plain')])
    for piece in bodies.pieces(int(request.query('n', 0)), 0):
        call.raw(piece)
    if not request.query('unclean') and call.cloud._context:
        call.wire.sock.settimeout(LIMIT)
        try:
            call.wire.sock.unwrap()     # close_notify, then wait for theirs
        except OSError:
            pass


HANDLERS = {
    '/api/v1/deployments': deployments,
    '/api/v1/deployments/extensions': extensions,
    '/test/echo': echo,
    '/test/bytes': generated,
    '/test/mirror': mirror,
    '/test/status': status,
    '/test/trailers': trailers,
    '/test/interim': interim,
    '/test/early': early,
    '/test/stall': stall,
    '/test/cut': cut,
    '/test/until-close': until_close,
}


def main(pem, digests):
    def show(call):
        request = call.request
        whose = 'Authorization: ApiKey (the key of %s)' % request.key \
            if request.key else 'no key that the API knows'
        print('%s %s\n%s' % (request.method, request.target, whose),
              flush=True)

    cloud = Cloud(pem, on_request=show)
    with open(digests) as lines:
        for line in lines:
            name, digest, *expiration = line.split()
            cloud.add_digest(name, digest)
            cloud.expiration[name] = expiration
    print('listening on %s' % cloud.address, flush=True)
    try:
        threading.Event().wait()
    except KeyboardInterrupt:
        pass


if __name__ == '__main__':
    sys.dont_write_bytecode = True
    main(*sys.argv[1:])
