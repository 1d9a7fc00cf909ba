"""Hostile messages that others collected, replayed through the program and
judged by what reached the other side.  They lie outside this project; where
they or node are absent, these tests skip and say so."""

import ast
import base64
import importlib
import json
import os
import re
import shutil
import socket
import subprocess
import sys

import hostile
import pytest
import tls_client
import world as world_module
from ways import both_ways

HERE = os.path.dirname(os.path.abspath(__file__))
SHARED = os.environ.get('SALLYPORT_SHARED') or os.path.join(
    HERE, '..', '..', '..', 'shared')
TOOLS = os.path.join(SHARED, 'tools')
CORPORA = os.path.join(SHARED, 'corpora')

# Over TLS, one of so many cases; all of them by SALLYPORT_FULL.
SAMPLE = 1 if world_module.FULL else 10

pytestmark = [
    both_ways, pytest.mark.corpora, pytest.mark.slow,
    pytest.mark.skipif(not os.path.isdir(TOOLS),
                       reason='no corpora at %s' % SHARED),
    pytest.mark.skipif(not shutil.which('node'),
                       reason='node is not installed')]


# Every case that is refused although a lenient reader could take it, and why.
# A case that is not here fails the test: it is to be read and understood; and
# one that is refused no longer.
HOST = 'its Host is not one of the listener (421), however well it is formed'
WEBSOCKET = 'a WebSocket is refused, by Upgrade or as a web page asks for it'
TRACE = 'TRACE is refused: it would send the key back'
URI = 'the target has bytes that are neither of RFC 3986 nor sent by clients'
CONTROL = 'the target holds an encoded control, or a raw backslash in its path'
LARGE = 'over the limits of heads, fields, targets or chunk extensions'
FOLDS = 'the name folds to one that frames the message'
TRAILER = 'a field that frames or routes has no place in trailers'
OVERREJECTED = {
    'request/connection.md:297': HOST,
    'request/connection.md:347': HOST,
    'request/invalid.md:69': HOST,
    'request/method.md:176': HOST,
    'request/method.md:220': HOST,
    'request/method.md:248': HOST,
    'request/method.md:276': HOST,
    'request/method.md:314': HOST,
    'request/method.md:347': HOST,
    'request/method.md:485': HOST,
    'request/sample.md:70': 'the Host 0.0.0.0=5000 is not ours',
    'request/sample.md:108': 'the Host 0.0.0.0=5000 is not ours',
    'request/sample.md:253': HOST,
    'request/uri.md:7': URI,
    'request/uri.md:55': 'the authority of the target differs from Host',
    'request/uri.md:78': 'the authority of the target differs from Host',
    'request/uri.md:128': 'the authority of the target differs from Host',
    'request/uri.md:225': 'userinfo in the target',
    'COMP-LEADING-CRLF': 'two empty lines: one is tolerated',
    'COMP-UPGRADE-POST': WEBSOCKET,
    'COMP-UPGRADE-MISSING-CONN': WEBSOCKET,
    'COMP-UPGRADE-INVALID-VER': WEBSOCKET,
    'COMP-UPGRADE-HTTP10': WEBSOCKET,
    'COMP-METHOD-TRACE': TRACE,
    'COMP-TRACE-WITH-BODY': TRACE,
    'COMP-TRACE-SENSITIVE': TRACE,
    'COOK-OVERSIZED': LARGE,
    'MAL-LONG-URL': LARGE,
    'MAL-LONG-HEADER-VALUE': LARGE,
    'MAL-LONG-HEADER-NAME': LARGE,
    'MAL-MANY-HEADERS': LARGE,
    'MAL-LONG-METHOD': LARGE,
    'MAL-CHUNK-EXT-64K': LARGE,
    'MAL-URL-BACKSLASH': CONTROL,
    'MAL-URL-PERCENT-NULL': CONTROL,
    'MAL-URL-PERCENT-CRLF': CONTROL,
    'NORM-UNDERSCORE-CL': FOLDS,
    'NORM-UNDERSCORE-TE': FOLDS,
    'SMUG-TRANSFER_ENCODING': FOLDS,
    'SMUG-TRAILER-CL': TRAILER,
    'SMUG-TRAILER-TE': TRAILER,
    'SMUG-ABSOLUTE-URI-HOST-MISMATCH':
        'the authority of the target differs from Host',
}

# Scored cases of the probe that are no "Pass", and why.
API = 'the answer is the API\'s to give, and it says 200 to everything here'
METHOD = 'methods are tokens: which there are is for the API and routes to say'
OWS = 'space around a value is allowed; what goes upstream is written anew'
ZEROS = 'plain digits, read as decimal; what goes upstream is written anew'
NOT_PASSED = {
    'COMP-CHUNKED-EXTENSION': 'its table lacks a "Pass" for 200 without the '
                              'body echoed; 200 is right',
    'COMP-METHOD-CASE': METHOD,
    'COMP-UNKNOWN-METHOD': METHOD,
    'COMP-EXPECT-UNKNOWN': API,
    'COMP-405-ALLOW': API,
    'COMP-NO-CL-IN-204': API,
    'COMP-OPTIONS-ALLOW': API,
    'COMP-CONTENT-TYPE': API,
    'COMP-DUPLICATE-CT': 'two fields that frame nothing pass as they came',
    'MAL-CL-TAB-BEFORE-VALUE': OWS,
    'SMUG-CL-TRAILING-SPACE': OWS,
    'SMUG-CL-EXTRA-LEADING-SP': OWS,
    'SMUG-CL-LEADING-ZEROS': ZEROS,
    'SMUG-CL-DOUBLE-ZERO': ZEROS,
    'SMUG-CL-LEADING-ZEROS-OCTAL': ZEROS,
}

# Of the responses, eight that a lenient reader takes become 502: RTSP, ICE,
# HTTP/0.9 and an empty line where HTTP/1.x must stand, codings other than
# one "chunked".  Four that must be refused break in a chunk line behind a
# head that was right: what came before is passed on and then cut, so that it
# does not look whole.


def corpus(world, *parts):
    path = os.path.join(CORPORA, *parts)
    if not world.tls:
        return path
    os.makedirs(world.path(parts[0]), exist_ok=True)
    with open(path) as lines:
        return write_lines(world, os.path.join(*parts),
                           list(map(json.loads, lines)))


def ids(*paths):
    found = set()
    for path in paths:
        with open(path) as lines:
            found |= {json.loads(line)['id'] for line in lines}
    return found


@pytest.fixture
def origin(bare):
    """Starts one of the recording servers behind the program."""
    children = []
    relays = []

    def start(script, *args):
        bare.seal('keys.age', 'team-a')
        pem = bare.pki.server('good')
        with socket.socket() as sock:
            sock.bind(('127.0.0.1', 0))
            port = sock.getsockname()[1]
        child = subprocess.Popen(
            ['node', os.path.join(TOOLS, script), str(port), *args,
             '--tls', pem, pem], stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL, cwd=bare.folder)
        children.append(child)

        def up():
            assert child.poll() is None, 'node ended'
            with socket.socket() as sock:
                return sock.connect_ex(('127.0.0.1', port)) == 0
        world_module.wait_until(up, 'node to listen')
        process = bare.start(bare.config(
            upstreams=[bare.upstream(to='127.0.0.1:%d' % port)],
            log='access = "%s";' % bare.path('access.ndjson')))
        if not bare.tls:
            return process.listening[0]
        relays.append(tls_client.Relay(process.listening[0], bare.pki.ca))
        return relays[0].address
    yield start
    for relay in relays:
        assert all(relay.handshakes), relay.handshakes
        relay.close()
    for child in children:
        child.kill()
        child.wait()


def replay(world, script, *args):
    done = subprocess.run([sys.executable, '-B', os.path.join(TOOLS, script),
                           *args], stdout=subprocess.PIPE, cwd=world.folder,
                          stderr=subprocess.STDOUT, text=True, timeout=900)
    print(done.stdout)
    return done.stdout


def write_lines(world, name, rows):
    path = world.path(name)
    if world.tls:
        rows = rows[::SAMPLE]
    with open(path, 'w') as lines:
        lines.writelines(json.dumps(row) + '\n' for row in rows)
    world.plain_files.add(path)
    return path


def own_requests(world):
    """Our own cases, labelled as the collected ones are."""
    sys.path.insert(0, TOOLS)
    label = importlib.import_module('strict_http').parse_stream
    sys.path.remove(TOOLS)
    rows = []
    for name, raw, _ in hostile.requests():
        strict = label(raw)
        rows.append({
            'id': name, 'raw': base64.b64encode(raw).decode(),
            'strict': {'valid_requests': len(strict['requests']),
                       'end': strict['end'], 'reason': strict['reason']}})
    return write_lines(world, 'own.jsonl', rows)


def refused_by_replay(world, origin, *corpora):
    """Replays; returns the valid cases that were refused."""
    log = world.path('origin.jsonl')
    open(log, 'w').close()
    world.plain_files.add(log)          # it keeps the fields it was sent
    address = origin('strict_origin.js', '--log', log)
    result = world.path('result.json')
    said = replay(world, 'raw_run.py', address, log, *corpora, '-o', result)
    total = ast.literal_eval(re.search(r'TOTAL (.*)', said)[1])
    with open(result) as file:
        rows = json.load(file)
    bad = ('VIOLATION', 'SMUGGLE', 'HANG', 'LENIENT')
    assert not [row for row in rows if row['verdict'] in bad], total
    return {row['id'] for row in rows if row['verdict'] == 'OVERREJECT'}


def test_no_ambiguous_request_reaches_the_upstream(bare, origin):
    corpora = [corpus(bare, 'llhttp', 'requests.jsonl'),
               corpus(bare, 'http11probe', 'cases.jsonl')]
    refused = refused_by_replay(bare, origin, *corpora)
    expected = OVERREJECTED.keys() & ids(*corpora)
    assert refused == expected, refused ^ expected


def test_none_of_our_own_ambiguous_requests_reaches_it(bare, origin):
    refused = refused_by_replay(bare, origin, own_requests(bare))
    expected = {name for name, _, why in hostile.requests() if why}
    assert refused <= expected, refused - expected


def test_no_scored_case_of_the_probe_fails(bare, origin):
    address = origin('strict_origin.js')
    cases = corpus(bare, 'http11probe', 'cases.jsonl')
    said = replay(bare, 'probe_run.py', address, cases, '-v')
    assert '\'scored Pass\'' in said
    with open(cases) as lines:
        scored = {case['id'] for case in map(json.loads, lines)
                  if case['scored']}
    failed = set(re.findall(r'^(?:Fail|unlisted) (\S+)', said, re.M))
    assert failed & scored <= {'COMP-CHUNKED-EXTENSION'}
    warned = set(re.findall(r'^Warn (\S+)', said, re.M))
    assert warned & scored <= NOT_PASSED.keys()


def test_no_broken_response_reaches_a_client(bare, origin):
    responses = corpus(bare, 'llhttp', 'responses.jsonl')
    address = origin('resp_origin.js', responses)
    said = replay(bare, 'resp_run.py', address, responses)
    assert not re.findall(r"'(POISON|POISON-SAME|BAD-BYTES|MULTI)'\)", said)


def test_none_of_our_own_broken_responses_does(bare, origin):
    responses = write_lines(bare, 'own.jsonl', [
        {'id': name, 'type': 'response', 'expectation': what,
         'raw': base64.b64encode(raw).decode()}
        for name, raw, what in hostile.responses()])
    address = origin('resp_origin.js', responses)
    said = replay(bare, 'resp_run.py', address, responses)
    assert not re.findall(r"'(POISON|POISON-SAME|BAD-BYTES|MULTI)'\)", said)
    assert "('refuse', 'RELAYED')" not in said
    assert "('accept', 'REFUSED')" not in said
