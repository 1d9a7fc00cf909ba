"""Hostile messages of our own.  requests() and responses() give (name, bytes,
what) triples; what of a request is '' or why it is refused although a strict
reader could take it, what of a response says what must become of it: 'refuse',
'cut' (its head was right, its end must not look whole) or 'accept'."""

NEXT = b'GET /smuggled HTTP/1.1\r\nHost: localhost\r\n\r\n'
CONTROLS = [b'\0', b'\x01', b'\x08', b'\t', b'\n', b'\v', b'\f', b'\r',
            b'\x1b', b'\x1f', b'\x7f']

AMBIGUOUS = 'the target holds what no target may hold, or is none'
RESERVED = 'the name folds to one that frames or routes'
WEBSOCKET = 'Upgrade to a WebSocket is refused'
METHOD = 'CONNECT and TRACE are refused'
HOST = 'its Host is not one of the listener'
OPTION = 'Connection must not name what frames, routes or authorizes'
OVERRIDE = 'a field that overrides method or target'
TRAILER = 'a field that frames or routes has no place in trailers'
DIGITS = 'a chunk size of more than 16 digits'
BROWSER = 'it is a web page\'s'


def request(line=b'GET /a HTTP/1.1', *fields, host=b'Host: localhost',
            body=b''):
    lines = [line, *([host] if host else []), *fields]
    return b''.join(x + b'\r\n' for x in lines) + b'\r\n' + body


def chunked(body, *fields):
    return request(b'POST /a HTTP/1.1', b'Transfer-Encoding: chunked',
                   *fields, body=body)


def request_lines():
    for line in (
            b'GET  /a HTTP/1.1', b'GET /a  HTTP/1.1', b'GET\t/a HTTP/1.1',
            b'GET /a\tHTTP/1.1', b' GET /a HTTP/1.1', b'GET /a HTTP/1.1 ',
            b'GET /a HTTP/1.1\t', b'GET /a http/1.1', b'GET /a Http/1.1',
            b'GET /a HTTP/1.2', b'GET /a HTTP/1.10', b'GET /a HTTP/01.1',
            b'GET /a HTTP/2.0', b'GET /a HTTP/0.9', b'GET /a HTTP/1,1',
            b'GET /a HTTP /1.1', b'GET /a HTTP/1.1x', b'GET /a HTTP/+1.1',
            b'GET /a', b'GET', b'/a HTTP/1.1', b'GET /a HTTPS/1.1',
            b'G@T /a HTTP/1.1', b'GET: /a HTTP/1.1', b'G\xc3\x89T /a HTTP/1.1',
            b'GET /a b HTTP/1.1', b'GET /a\xc2\xa0HTTP/1.1',
            b'"GET" /a HTTP/1.1'):
        yield repr(line), request(line) + NEXT, ''
    yield 'PRI', b'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', ''


def controls():
    for c in CONTROLS:
        for place, raw in (
                ('method', request(b'G' + c + b'T /a HTTP/1.1')),
                ('target', request(b'GET /a' + c + b' HTTP/1.1')),
                ('version', request(b'GET /a HTTP/1.1' + c)),
                ('name', request(b'GET /a HTTP/1.1', b'X' + c + b'Y: z')),
                ('colon', request(b'GET /a HTTP/1.1', b'X' + c + b': z')),
                ('value', request(b'GET /a HTTP/1.1', b'X: a' + c + b'z')),
                ('chunk', chunked(b'1' + c + b'\r\nx\r\n0\r\n\r\n'))):
            yield '%s %r' % (place, c), raw + NEXT, ''


def line_ends():
    whole = request(b'POST /a HTTP/1.1', b'Transfer-Encoding: chunked',
                    body=b'1;e\r\nx\r\n0\r\nT: t\r\n\r\n')
    at = whole.find(b'\r\n')
    while at >= 0:
        for end in (b'\n', b'\r', b'\r\r\n', b'\n\r', b'\r\n\n', b'\r \n',
                    b'\n\n', b'\0\r\n'):
            yield ('%d %r' % (at, end),
                   whole[:at] + end + whole[at + 2:] + NEXT, '')
        at = whole.find(b'\r\n', at + 2)


def fields():
    for field in (
            b'X : y', b'X\t: y', b': y', b' X: y', b'X', b'X y', b'X: y\r\n z',
            b'X: y\r\n\tz', b'X:\r\n y', b'X@: y', b'X(): y', b'"X": y',
            b'X\xc3\xa9: y', b'X;: y', b'X,Y: z', b'Content-Length : 0',
            b'Transfer-Encoding : chunked', b'Host : localhost'):
        yield repr(field), request(b'GET /a HTTP/1.1', field) + NEXT, ''
    for name in (b'Content_Length', b'Content.Length', b'CONTENT_LENGTH',
                 b'Transfer_Encoding', b'transfer.encoding', b'Host_',
                 b'Authorization_', b'Con_nection'):
        folds = name[:3].lower() in (b'con', b'tra') and b'Con_' not in name
        yield (repr(name), request(b'GET /a HTTP/1.1', name + b': 9'),
               RESERVED if folds else '')
    for name in (b'Connection_Length', b'X-Content-Length'):
        yield repr(name), request(b'GET /a HTTP/1.1', name + b': 9'), ''
    for field in (b'X-HTTP-Method-Override: PUT', b'X_Original_URL: /b'):
        yield repr(field), request(b'GET /a HTTP/1.1', field), OVERRIDE
    for field in (b'Upgrade: websocket', b'Upgrade: h2c, WebSocket/13',
                  b'Connection: upgrade\r\nUpgrade: h2c\r\nupgrade: websocket'):
        yield repr(field), request(b'GET /a HTTP/1.1', field), WEBSOCKET
    for field in (b'Upgrade: h2c', b'Upgrade: TLS/1.2, HTTP/1.1',
                  b'HTTP2-Settings: AAMAAABk', b'Connection: upgrade, '
                  b'http2-settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AA'):
        yield repr(field), request(b'GET /a HTTP/1.1', field) + NEXT, ''
    for option in (b'Host', b'Content-Length', b'transfer-encoding',
                   b'close, AUTHORIZATION', b'Host,,', b'a b', b'close;',
                   b'"close"', b','.join([b'a'] * 101)):
        yield (repr(option),
               request(b'GET /a HTTP/1.1', b'Connection: ' + option), OPTION)


def hosts():
    for host in (b'', b'Host:', b'Host: localhost\r\nHost: localhost',
                 b'Host: localhost\r\nhost: other', b'Host: a@localhost',
                 b'Host: localhost, other', b'Host: localhost/x',
                 b'Host: localhost:x', b'Host: localhost:80:80',
                 b'Host: localhost:99999', b'Host: [::1', b'Host: ::1',
                 b'Host: local host', b'Host: localhost\r\n other',
                 b'Host: localhost\\', b'Host: [localhost]'):
        yield repr(host), request(host=host) + NEXT, HOST
    for host in (b'Host: example.com', b'Host: localhost.', b'Host: 127.1',
                 b'Host: localhost%00', b'Host: localhost.example.com',
                 b'Host: 0x7f000001', b'Host: loc%61lhost', b'Host: *'):
        yield repr(host), request(host=host), HOST


def lengths():
    for value in (
            b'+5', b'-5', b'5,5', b'5, 5', b'5;5', b'5 5', b'0x5', b'5.0',
            b'', b' ', b'\xef\xbc\x95', b'5e0', b'"5"', b'1_0', b'5\t,5',
            b'9223372036854775808', b'18446744073709551621', b'9' * 40):
        yield (repr(value),
               request(b'POST /a HTTP/1.1', b'Content-Length: ' + value,
                       body=b'hello') + NEXT, '')
    for a, b in ((b'5', b'5'), (b'5', b'6'), (b'0', b'5')):
        yield ('%r %r' % (a, b),
               request(b'POST /a HTTP/1.1', b'Content-Length: ' + a,
                       b'content-length: ' + b, body=b'hello') + NEXT, '')


def codings():
    body = b'5\r\nhello\r\n0\r\n\r\n'
    for value in (
            b'Chunked, chunked', b'chunked, identity', b'gzip, chunked',
            b'chunked, gzip', b'gzip', b'identity', b'x', b'', b'chunked;',
            b'chunked;q=1', b'"chunked"', b'chunked,', b',chunked', b'xchunked',
            b'chunkedx', b'chunked\x0b', b'chunke', b'ch unked'):
        yield (repr(value),
               request(b'POST /a HTTP/1.1', b'Transfer-Encoding: ' + value,
                       body=body) + NEXT, '')
    for extra in (b'Content-Length: 5', b'Content-Length: 15',
                  b'Transfer-Encoding: chunked',
                  b'transfer-encoding: identity'):
        yield 'and %r' % extra, chunked(body, extra) + NEXT, ''
        yield ('%r and' % extra, request(
            b'POST /a HTTP/1.1', extra, b'Transfer-Encoding: chunked',
            body=body) + NEXT, '')
    yield ('1.0', request(b'POST /a HTTP/1.0', b'Connection: keep-alive',
                          b'Transfer-Encoding: chunked', body=body) + NEXT, '')


def chunks():
    for size in (b'+5', b'-5', b'0x5', b' 5', b'5 ', b'5\t', b'', b'5h',
                 b'00000000000000005', b'fffffffffffffffff', b'g',
                 b'8000000000000005', b'ffffffffffffffff', b'5,', b'5;\x00',
                 b'5;a=\x01', b'5;a="b', b'5;a=b c', b'5;\n', b'5;=', b'5;;'):
        yield (repr(size),
               chunked(size + b'\r\nhello\r\n0\r\n\r\n') + NEXT,
               DIGITS if len(size) == 17 and size.isdigit() else '')
    for body in (b'5\r\nhello0\r\n\r\n', b'5\r\nhelloxx0\r\n\r\n',
                 b'5\r\nhello\n0\r\n\r\n', b'4\r\nhello\r\n0\r\n\r\n',
                 b'6\r\nhello\r\n0\r\n\r\n', b'5\r\nhello\r\n0\r\nbad\r\n\r\n',
                 b'5\r\nhello\r\n0\r\n: x\r\n\r\n',
                 b'5\r\nhello\r\n0\r\nT : x\r\n\r\n',
                 b'5\r\nhello\r\n0\r\n T: x\r\n\r\n',
                 b'5\r\nhello\r\n0\r\nT: x\n\r\n',
                 b'5\r\nhello\r\n0\r\nT: \0\r\n\r\n'):
        yield repr(body), chunked(body) + NEXT, ''
    for name in (b'Content-Length: 5', b'Transfer-Encoding: chunked',
                 b'Host: other', b'Authorization: ApiKey x'):
        yield ('trailer %r' % name,
               chunked(b'1\r\nx\r\n0\r\n' + name + b'\r\n\r\n'), TRAILER)


def targets():
    for target in (b'/a^', b'/a`', b'/{a}', b'/a|b', b'/[', b'/?<a>"\\'):
        yield repr(target), request(b'GET ' + target + b' HTTP/1.1'), ''
    for target in (b'/a#b', b'/a"', b'/<a>', b'/\xc3\xa9', b'/a\x80', b'a',
                   b'', b'?a', b'localhost:80',
                   b'//', b'http://', b'http:///a', b'ftp://localhost/'):
        yield repr(target), request(b'GET ' + target + b' HTTP/1.1'), AMBIGUOUS
    # There is one route: they get it however they are read.
    for target in (b'/a/../b', b'/..', b'/a/.', b'/./a', b'/%2e%2e/a',
                   b'/.%2E/a', b'/a%2fb', b'/a%5cb', b'/a//b', b'/a/..;/b',
                   b'/%2e%2e%2fa', b'/;x'):
        yield repr(target), request(b'GET ' + target + b' HTTP/1.1'), ''
    for target in (b'/a%00', b'/a\\b', b'//a', b'/a%', b'/a%2', b'/a%zz',
                   b'/a%0d%0ab', b'/?%0a', b'*'):
        yield repr(target), request(b'GET ' + target + b' HTTP/1.1'), AMBIGUOUS
    for line in (b'CONNECT localhost:443 HTTP/1.1', b'CONNECT /a HTTP/1.1',
                 b'TRACE /a HTTP/1.1'):
        yield repr(line), request(line), METHOD
    for target in (b'http://other/a', b'http://a@localhost/', b'//localhost/a',
                   b'http://localhost:81/a', b'http://localhost#/'):
        yield repr(target), request(b'GET ' + target + b' HTTP/1.1'), AMBIGUOUS


def pages():
    for field in (b'Origin: null', b'Origin: http://localhost',
                  b'Sec-Fetch-Site: cross-site', b'Sec-WebSocket-Key: x',
                  b'Access-Control-Request-Method: PUT'):
        yield repr(field), request(b'GET /a HTTP/1.1', field), BROWSER


def pipelines():
    get = request()
    for n in (2, 5):
        yield '%d' % n, get * n, ''
    yield 'then garbage', get + b'\x16\x03\x01\x02\x00' + NEXT, ''
    yield 'body not announced', request(b'GET /a HTTP/1.1', body=NEXT), ''
    yield 'close', request(b'GET /a HTTP/1.1', b'Connection: close'), ''
    yield 'empty lines between', get + b'\r\n' + get, ''


def requests():
    for group in (request_lines, controls, line_ends, fields, hosts, lengths,
                  codings, chunks, targets, pages, pipelines):
        for name, raw, why in group():
            yield '%s: %s' % (group.__name__, name), raw, why


OK = b'HTTP/1.1 200 OK\r\n'
WHOLE = OK + b'Content-Length: 5\r\n\r\nhello'


def statuses():
    for line in (
            b'HTTP/1.1 20 OK', b'HTTP/1.1 2000 OK', b'HTTP/1.1 2x0 OK',
            b'HTTP/1.1  200 OK', b'HTTP/1.1\t200 OK', b'HTTP/1.1 200\tOK',
            b'HTTP/1.1 099 OK', b'HTTP/1.1 +20 OK', b'HTTP/1.1 OK',
            b'HTTP/1.1', b'http/1.1 200 OK', b'HTTP/2 200', b'HTTP/2.0 200 OK',
            b'HTTP/0.9 200 OK', b'HTTP/1.1 200OK', b' HTTP/1.1 200 OK',
            b'XHTTP/1.1 200 OK', b'HTTP/11 200 OK', b'ICY 200 OK',
            b'RTSP/1.0 200 OK', b'HTTP/1.1 200 a\0b', b'HTTP/1.1 200 a\rb',
            b'HTTP/1.1 101 Switching Protocols'):
        yield repr(line), line + b'\r\nContent-Length: 5\r\n\r\nhello', 'refuse'
    yield 'no head', b'<html>hello</html>', 'refuse'
    yield 'nothing', b'\r\n\r\n', 'refuse'
    yield 'interim flood', b'HTTP/1.1 103 Early\r\n\r\n' * 40 + WHOLE, 'any'
    yield 'some interim', b'HTTP/1.1 103 Early\r\n\r\n' * 3 + WHOLE, 'accept'
    yield 'TLS', b'\x15\x03\x03\x00\x02\x02\x28', 'refuse'


def response_fields():
    for field in (
            b'X : y', b' X: y', b': y', b'X', b'X: a\r\n b', b'X: a\0b',
            b'X: a\rb', b'X\n: b', b'X\xe9: y', b'X@: y',
            b'Content-Length: 5', b'Content-Length: 6', b'content-length: 05x',
            b'Transfer-Encoding: chunked', b'Transfer-Encoding: gzip',
            b'Transfer-Encoding : chunked', b'Transfer-Encoding: identity'):
        yield (repr(field), OK + b'Content-Length: 5\r\n' + field +
               b'\r\n\r\nhello', 'refuse')
    for end in (b'\n', b'\r', b'\r\r\n', b'\n\r\n'):
        yield ('end %r' % end, OK + b'Content-Length: 5' + end +
               b'X: y\r\n\r\nhello', 'refuse')
    yield 'bare', b'HTTP/1.1 200 OK\nContent-Length: 5\n\nhello', 'refuse'
    yield ('large', OK + b'X: ' + b'y' * 70000 +
           b'\r\nContent-Length: 5\r\n\r\nhello', 'refuse')
    yield ('many', OK + b'X: y\r\n' * 500 +
           b'Content-Length: 5\r\n\r\nhello', 'refuse')


def response_lengths():
    for value in (b'+5', b'-5', b'5,5', b'5 5', b'0x5', b'', b'5.0',
                  b'9223372036854775808', b'18446744073709551621'):
        yield (repr(value), OK + b'Content-Length: ' + value +
               b'\r\n\r\nhello', 'refuse')
    for value in (b'Chunked, chunked', b'gzip, chunked', b'chunked, gzip',
                  b'xchunked', b'', b'chunked;q=1'):
        yield (repr(value), OK + b'Transfer-Encoding: ' + value +
               b'\r\n\r\n5\r\nhello\r\n0\r\n\r\n', 'refuse')
    for size in (b'+5', b'0x5', b' 5', b'5 x', b'g', b'ffffffffffffffff',
                 b'00000000000000005', b'5;a="b', b''):
        yield ('chunk %r' % size, OK + b'Transfer-Encoding: chunked\r\n\r\n' +
               size + b'\r\nhello\r\n0\r\n\r\n', 'cut')
    for body in (b'5\r\nhello0\r\n\r\n', b'5\r\nhello\n0\r\n\r\n',
                 b'5\r\nhello\r\n0\r\nT : x\r\n\r\n',
                 b'5\r\nhello\r\n0\r\nbad\r\n\r\n'):
        yield (repr(body), OK + b'Transfer-Encoding: chunked\r\n\r\n' + body,
               'cut')
    yield 'HTTP/1.0 chunked', (b'HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked'
                               b'\r\n\r\n5\r\nhello\r\n0\r\n\r\n'), 'refuse'
    yield '204 and length', (b'HTTP/1.1 204 No\r\nContent-Length: 5\r\n\r\n'
                             b'hello'), 'any'
    yield '304 and body', (b'HTTP/1.1 304 Not\r\nContent-Length: 5\r\n\r\n' +
                           WHOLE), 'any'


def beyond():
    yield 'a second response', WHOLE + WHOLE, 'any'
    yield 'a poisoned one', WHOLE + WHOLE.replace(b'hello', b'EVIL!'), 'any'
    yield 'garbage', WHOLE + b'garbage\r\n\r\n', 'any'
    yield ('behind chunks', OK + b'Transfer-Encoding: chunked\r\n\r\n'
           b'5\r\nhello\r\n0\r\n\r\n' + WHOLE, 'any')
    yield 'behind 204', b'HTTP/1.1 204 No\r\n\r\n' + WHOLE, 'any'
    yield 'behind 304', b'HTTP/1.1 304 Not\r\n\r\n' + WHOLE, 'any'


def responses():
    for group in (statuses, response_fields, response_lengths, beyond):
        for name, raw, what in group():
            yield '%s: %s' % (group.__name__, name), raw, what
