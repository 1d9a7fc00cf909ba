"""Request targets and what is right for each of them.

There are four routes: /billing, /api/v1/deep, /minting, where calls that mint
are allowed, and one for the rest.  `rows()` yields (method, target, kept,
stripped): what becomes of it where the routes keep their paths, and where
they strip them.  Each is (route, target that goes upstream) or the code of
the refusal."""

BAD = 'bad_request'
MINTING = 'minting_refused'

RAW = {'{': '%7B', '}': '%7D', '[': '%5B', ']': '%5D', '|': '%7C',
       '^': '%5E', '`': '%60'}
RAW_IN_QUERY = {'"': '%22', '<': '%3C', '>': '%3E', '\\': '%5C'}

# Within a path they change the name of a segment or make several of it, but
# nothing before it.
WITHIN = [
    '%2F', '%2f', '%5C', '%5c', '%252F', '%255C', '%25252F', ';', ';x',
    ';x=y', ';x/y;z', '%3B', '%3bx', '%3F', '%23', '%25', '%2525', '%2561',
    '%40', '%3A', '%2B', '%26', '%20', '%C3%A9', '%c3%a9', '%FF', '%80',
    '%7B', '%7D', '%5B', '%5D', '%7C', '%5E', '%60', '%22', '%3C', '%3E',
    '%41', '%61', '%2E', '%2e', '%7E', '+', '@', ':', '!', "'", '(', ')',
    '*', ',', '=', '&', '$', '~', '_', '-', '.', '..', '...', '//', '///',
    '/./', '/;/', '/;x/', '/.;x/', '/%2e/', '/x/../', '/x/%2e%2e/',
    '/x/.%2E/', '/x/..;y/', '/x/y/../../', '/x/%252e%252e/', '/x//../',
    '%2F%2F', '%5C%5C', '/.x/', '/..x/', '%2F.%2F', '/', '/%2F/',
]

# Directly behind a route's path: to some servers the segment ends there.
AT_THE_END = ['%2F', '%2f', '%5C', '%5c', '%252F', '%252f', '%255C', ';',
              ';x', ';x=y', '%3B', '%3bx', '%3F', '%3fx', '%23', '%253B',
              '%2523', ';;', ';%2F', '%2F%2F', '%5C..', '%2F..']

# Directly behind a route's path: a longer name, to everybody.
LONGER_NAME = ['x', '.', '..', '%20', '%41', '%7B', '%2B', '+', '@', ':',
               '-', '_', '%C3%A9', '%25', '%2541', '%252541', '%2E', '%3A',
               '*', ',', '=', '%7Cx', '$']

# Before a route's path: nothing at all, or a step back, to some servers.
BEFORE = ['/;', '/;x', '/;x=y', '/.', '/%2e', '/%2E', '/x/..', '/x/%2e%2e',
          '/x/.%2e', '/.;', '/.;x', '/x/..;', '/x/..;y', '/%2F', '/%2f',
          '/%5C', '/..', '/%2e%2e', '/..;', '/%252e', '/x/%252e%252e',
          '/%252F', '/x%2F..', '/x%5C..', '/%3B', '/%3Bx', '/.%3B', '/./.',
          '/x/y/../..', '/x%2Fy/..', '/x/y%2F..%2F..']

# Behind a route's path: out of it again, to some servers.
LEAVING = ['/..', '/../', '/../x', '/%2e%2e', '/%2e%2e/x', '/.%2e/x',
           '/%2E./x', '/..;', '/..;/x', '/..;y/x', '/..%2Fx', '/..%5Cx',
           '/x/../..', '/x/../../y', '/x/..%2F..%2Fy', '/%252e%252e/x',
           '/./../x', '/x/./../../y', '/;/../../x', '/..%3B/x', '/.%252e',
           '/x/..;/..;/y', '/x/%2e%2e/%2e%2e', '/%2E%2E%2F', '/..?x',
           '//../../x', '/..%2F..', '/%2e%2e%5Cx']

MINTING_CALLS = [
    ('POST', '/api/v1/users/auth/keys'), ('PUT', '/users/auth/keys'),
    ('POST', '/d/1/elasticsearch/m/_reset-password'),
    ('POST', '/organizations/1/invitations'),
    ('PUT', '/users/1/role_assignments'), ('PUT', '/_security/user/x'),
    ('POST', '/_security/api_key'), ('POST', '/_security/api_key/grant'),
    ('POST', '/_security/api_key/clone'), ('PUT', '/_security/role/x'),
    ('POST', '/_security/role_mapping/x'), ('GET', '/_security/enroll/node'),
    ('GET', '/_security/enroll/kibana'), ('POST', '/_xpack/security/user/x'),
    ('POST', '/api/fleet/service_tokens'),
    ('POST', '/s/space/api/fleet/service_tokens'),
    ('POST', '/s/space/api/fleet/enrollment_api_keys'),
    ('POST', '/_application/search_application/x/_api_key'),
    ('POST', '/Users/AUTH/keys/'), ('POST', '/users/%61uth/keys?x'),
    ('POST', '/api/console/proxy?path=_security/api_key&method=POST'),
    ('POST', '/s/x/api/console/proxy?path=%2F_security%252Fapi_key'
             '&method=put'),
    ('POST', '/api/console/proxy?path=_security/enroll/node&method=GET'),
    ('POST', '/api/console/proxy?path=_search'),
    ('POST', '/api/console/proxy?method=GET'), ('POST', '/api/console/proxy'),
    ('POST', '/api/console/proxy?path=a&path=b&method=GET'),
    ('POST', '/api/console/proxy?path=a&method=GET&method=GET'),
]
MINTING_TO_SOME = [
    ('POST', '/users/auth%2Fkeys'), ('POST', '/x/auth/keys;x'),
    ('POST', '/users//auth//keys%3Bx'), ('POST', '/x/auth/./keys'),
    ('POST', '/_security/x/../api_key'), ('POST', '/_security/%2561pi_key'),
    ('POST', '/_security%5Capi_key'), ('POST', '/_password%23'),
    ('GET', '/_security%2Fenroll/node'), ('GET', '/_security;x/enroll/node'),
    ('PUT', '/_security/x/..;/role/y'), ('POST', '/x/auth%252fkeys'),
    ('POST', '/api/console%2Fproxy'), ('POST', '/api/fleet//service_tokens'),
]
HARMLESS_CALLS = [
    ('GET', '/users/auth/keys'), ('DELETE', '/users/auth/keys'),
    ('GET', '/_security/api_key'), ('DELETE', '/_security/api_key'),
    ('POST', '/_security/_query/api_key'), ('GET', '/_security/role/x'),
    ('GET', '/api/fleet/enrollment_api_keys'),
    ('DELETE', '/s/x/api/fleet/enrollment_api_keys/1'),
    ('POST', '/x/auth/y/keys'), ('POST', '/_search?q=/auth/keys'),
    ('POST', '/api/console/proxy?path=_search&method=POST'),
    ('POST', '/api/console/proxy?method=GET&path=_security/api_key'),
]


def encoded(text, query=False):
    for raw, code in {**RAW, **(RAW_IN_QUERY if query else {})}.items():
        text = text.replace(raw, code)
    return text


def under(route, path, rest, method='GET'):
    """path is the route's own."""
    return (method, path + rest, (route, encoded(path + rest)),
            (route, encoded(rest if rest[:1] == '/' else '/' + rest)))


def rest(target, method='GET'):
    """It is nobody's in particular."""
    same = ('rest', encoded(target))
    return method, target, same, same


def refused(target, method='GET', code=BAD):
    return method, target, code, code


def within():
    for piece in WITHIN + list(RAW):
        yield rest('/other/a' + piece + 'b')
        yield under('billing', '/billing', '/a' + piece + 'b')
        yield under('deep', '/api/v1/deep', '/' + 'a' + piece)


def at_borders():
    for path in ('/billing', '/api/v1/deep'):
        for piece in AT_THE_END:
            yield refused(path + piece)
            yield refused(path + piece + '/x')
        for piece in LONGER_NAME:
            yield rest(path + piece)
            yield rest(path + piece + '/x')
        for piece in BEFORE:
            yield refused(piece + path)
            yield refused(piece + path + '/x')
        for piece in LEAVING:
            yield refused(path + piece)
    for target in ('/api//v1/deep', '/api/v1//deep', '/api/./v1/deep',
                   '/api;x/v1/deep', '/api/v1;/deep', '/api%2Fv1/deep',
                   '/api/v1%2Fdeep', '/api/v1%5cdeep/x', '/api/v1/x/../deep',
                   '/api/v1/%2564eep', '/%2562illing', '/b%2569lling/x',
                   '/api/x/..;/v1/deep', '/api%252Fv1/deep'):
        yield refused(target)
    for target in ('/', '/api/v1', '/api/v1/deeper', '/api/v1/x/deep',
                   '/api%2Fv1', '/api/v1;x', '/api//v1/x', '/api/../v1/x',
                   '/Billing', '/BILLING/x', '/x/billing', '/x;/billing',
                   '/billin%2Fg', '/?/billing', '/x?/billing;x', '/%62/x',
                   '/a/b/c/..;/d', '/..', '/../..', '/./x', '/.', '/;x'):
        yield rest(target)


def same_name():
    """RFC 3986 section 6.2.2: one path in other letters."""
    for path, route in (('/%62illing', 'billing'), ('/b%69l%6Cing', 'billing'),
                        ('/%61pi/%76%31/deep', 'deep')):
        for tail in ('', '/', '/x', '?q', '/%61', '/a%2Fb', '/a;b'):
            yield under(route, path, tail)


def controls():
    for byte in list(range(0x20)) + [0x7f]:
        yield refused('/other/a%%%02Xb' % byte)
        yield refused('/billing/?q=%%%02x' % byte)
    for target in ('/%', '/a%2', '/a%zz', '/a%4', '/?%', '/?a=%2', '/?%g0',
                   '/a<b', '/a>b', '/a"b', '/a\\b', '/a b', '/?a b', '/a#b',
                   '/?a#b', '/\x80', '/?\xe9', '/\xff', '//', '//x',
                   '//billing', '//billing/x', '///', '/\t', 'x', 'x/y', ''):
        yield refused(target)


def queries():
    for text in list(RAW) + list(RAW_IN_QUERY):
        sent = '?q=a%sb' % encoded(text, True)
        yield ('GET', '/other?q=a%sb' % text, ('rest', '/other' + sent),
               ('rest', '/other' + sent))
        yield ('GET', '/billing?q=a%sb' % text, ('billing', '/billing' + sent),
               ('billing', '/' + sent))
    for text in ('%2F', '//', '/../', ';x', '%5C', '%25', '%252F', '?', '/',
                 'a=b&c', '%20', '+', '%C3%A9', '@:', "'()*"):
        yield rest('/other?' + text)
        yield under('billing', '/billing', '/x?' + text)


def slashes():
    """What is left must not begin with two."""
    for tail in ('//', '//x', '///x', '//../billing/x?', '//?x'):
        if '..' in tail:
            continue
        yield 'GET', '/billing' + tail, ('billing', '/billing' + tail), BAD
    for tail in ('/a/../../billing/x', '/../billing/x', '/x/..;/../billing'):
        whole = '/billing' + tail
        yield ('GET', whole, ('billing', whole), BAD)


def known_clients():
    date = '/%3Clogs-%7Bnow%2Fd%7D%3E/_search'
    for tail in (date, '/%3Clogs-%7Bnow%2Fd%7Byyyy.MM.dd%7C%2B12:00%7D%7D%3E',
                 '/_doc/a%2Fb%2Fc', '/idx/_doc/%2e%2e%2e', '/a,b/_search',
                 '/-*,+x/_count', '/_cat/indices?h=a,b&s=a:desc',
                 '/api/v4/projects/group%2Fproject',
                 '/api/v4/projects/g%2Fp/repository/files/a%2Fb.c/raw',
                 '/api/v4/projects/1?a[]=1&b={x|y}^`'):
        yield ('GET', tail, ('rest', encoded(tail)), ('rest', encoded(tail)))
        yield under('billing', '/billing', tail)


def minting():
    for method, path in MINTING_CALLS:
        yield refused(path, method, MINTING)
        yield refused('/billing' + path, method, MINTING)
        yield under('minting', '/minting', path, method)
    for method, path in MINTING_TO_SOME:
        yield refused(path, method)
        yield refused('/billing' + path, method)
        yield under('minting', '/minting', path, method)
    for method, path in HARMLESS_CALLS:
        yield rest(path, method)
        yield under('billing', '/billing', path, method)


def rows():
    for family in (within, at_borders, same_name, controls, queries, slashes,
                   known_clients, minting):
        yield from family()
