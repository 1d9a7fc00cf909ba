"""W3C Trace Context: what clients send goes on, and the log tells of it."""

import re

import http1
import pytest

TRACE = '0af7651916cd43dd8448eb211c80319c'
SPAN = 'b7ad6b7169203331'
GOOD = '00-%s-%s-01' % (TRACE, SPAN)
OURS = re.compile('00-([0-9a-f]{32})-([0-9a-f]{16})-01')
NAMES = ('traceparent', 'tracestate')

ROUTE = ('{ name = "all"; upstream = "elastic-cloud"; keys = [ "team-a" ];'
         ' trace = %s; }')


@pytest.fixture(params=['false', 'true'])
def either(request, world):
    """With a route that adds traces, and with one that does not."""
    world.start(world.config(routes=[ROUTE % request.param]))
    world.adds = request.param == 'true'
    return world


def sent(world, fields):
    """What of them reached the API, and the line."""
    echo = world.echo(fields=fields)
    line = world.access(1)[0]
    return [(n.lower(), v) for n, v in echo['fields']
            if n.lower() in NAMES], line


def told(line):
    return (line.get('trace', {}).get('id'), line.get('span', {}).get('id'))


@pytest.mark.parametrize('fields', [
    [('traceparent', GOOD)],
    [('traceparent', GOOD), ('tracestate', 'rojo=00f067aa0ba902b7,congo=t6')],
    [('tracestate', 'a=1'), ('traceparent', GOOD), ('tracestate', 'b=2')],
    [('traceparent', GOOD[:-1] + '0')],
    [('traceparent', GOOD), ('tracestate', '')],
    [('TraceParent', 'cc' + GOOD[2:] + '-what.comes later')],
], ids=['plain', 'state', 'two', 'unsampled', 'empty', 'later'])
def test_a_trace_of_a_client_passes_unchanged(either, fields):
    passed, line = sent(either, fields)
    assert passed == [(n.lower(), v) for n, v in fields]
    assert told(line) == (TRACE, SPAN)
    assert not {'trace_made', 'trace_dropped'} & set(line['sallyport'])


@pytest.mark.parametrize('fields, why', [
    ([('traceparent', GOOD.upper())], 'lower-case'),
    ([('traceparent', GOOD[:-1]), ('tracestate', 'a=1')], 'shorter'),
    ([('traceparent', GOOD + '0')], 'longer'),
    ([('traceparent', 'ff' + GOOD[2:])], 'version ff'),
    ([('traceparent', GOOD.replace(TRACE, 32 * '0'))], 'trace id'),
    ([('traceparent', GOOD.replace(SPAN, 16 * '0'))], 'parent id'),
    ([('traceparent', GOOD), ('traceparent', GOOD[:-1] + '0')], 'twice'),
    ([('traceparent', GOOD), ('traceparent', GOOD)], 'twice'),
    ([('tracestate', 'a=1')], 'without traceparent'),
    ([('traceparent', '')], 'shorter'),
], ids=['upper', 'short', 'long', 'ff', 'trace', 'parent', 'twice', 'equal',
        'alone', 'empty'])
def test_a_malformed_one_is_dropped_and_told(either, fields, why):
    passed, line = sent(either, fields)
    assert why in line['sallyport']['trace_dropped']
    if not either.adds:
        assert passed == [] and told(line) == (None, None)
        assert 'trace_made' not in line['sallyport']
        return
    (name, value), = passed
    assert name == 'traceparent'
    assert told(line) == OURS.fullmatch(value).groups()
    assert line['sallyport']['trace_made'] is True


@pytest.mark.parametrize('state, why', [
    (','.join('k%d=1' % i for i in range(33)), '32'),
    ('a', 'KEY=VALUE'), ('A=1', 'KEY=VALUE'), ('a=' + 257 * 'x', 'KEY=VALUE'),
], ids=['many', 'bare', 'upper', 'long'])
def test_a_malformed_state_goes_alone(either, state, why):
    passed, line = sent(either, [('traceparent', GOOD), ('tracestate', state)])
    assert passed == [('traceparent', GOOD)]
    assert told(line) == (TRACE, SPAN)
    assert why in line['sallyport']['trace_dropped']


def test_a_request_without_one_gets_one_where_the_route_says_so(either):
    passed, line = sent(either, [('X-Request-Id', 'mine')])
    assert line['http']['request']['id'] == 'mine'
    assert 'trace_dropped' not in line['sallyport']
    if not either.adds:
        assert passed == [] and told(line) == (None, None)
        assert 'trace_made' not in line['sallyport']
        return
    first = OURS.fullmatch(passed[0][1]).groups()
    assert told(line) == first and line['sallyport']['trace_made'] is True
    second = either.echo()
    other = OURS.fullmatch(
        http1.Fields(second['fields']).one('traceparent')).groups()
    assert first[0] != other[0] and first[1] != other[1]
    assert told(either.access(2)[1]) == other


def test_what_is_refused_is_told_with_its_trace(either):
    assert either.ask(host='evil.example',
                      fields=[('traceparent', GOOD)]).status == 421
    line, = either.access(1)
    assert told(line) == (TRACE, SPAN)
    assert either.ask(host='evil.example').status == 421
    assert told(either.access(2)[1]) == (None, None)


def test_a_key_that_looks_like_an_id_is_not_logged(world):
    key = '4bf92f3577b34da6a3ce929d0e0e4736'
    world.keys['odd'] = key
    world.clouds[0].add_key('odd', key)
    world.seal('odd.age', 'odd')
    # The stand-in's echo would be a key in a response.
    world.clouds[0].handlers['/ok'] = lambda call: call.answer(b'')
    world.start(world.config(sealed=['odd.age'], routes=[
        '{ name = "all"; upstream = "elastic-cloud"; keys = [ "odd" ]; }']))
    assert world.ask(target='/ok', fields=[
        ('traceparent', '00-%s-%s-01' % (key, SPAN))]).status == 200
    line, = world.access(1)
    assert told(line) == ('(withheld)', '(withheld)')


def test_curl_goes_on_with_a_trace(world):
    world.start(world.config(routes=[ROUTE % 'true']))
    done = world.curl('/test/echo', '-H', 'traceparent: ' + GOOD)
    assert GOOD.encode() in done.stdout
    assert told(world.access(1)[0]) == (TRACE, SPAN)


def test_explain_tells_that_a_route_adds_one(world):
    for adds in 'true', 'false':
        config = world.write('c', world.config(routes=[ROUTE % adds]))
        done = world.run('explain', '-c', config, 'GET', '/')
        assert done.returncode == 0
        assert ('trace: one of our own' in done.stdout) == (adds == 'true')


def test_a_wrong_value_is_a_fault_with_its_line(world):
    config = world.write('c', world.config(routes=[ROUTE % '1']))
    done = world.run('check', '-c', config)
    assert done.returncode == 1
    assert re.search(r"c:\d+: .*'trace'", done.stderr + done.stdout)
