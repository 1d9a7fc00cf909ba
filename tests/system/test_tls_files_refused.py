"""What is refused of a watched listener's files: where that is told, and when
it is over."""

import json
import os
import re
import signal

import pytest
from test_tls_watch import Pairs, shown, start, told, wait_for
from waiting import wait_until


@pytest.fixture
def pairs(world):
    return Pairs(world)


def begin(world, pairs):
    return start(world, pairs, more='admin = { address = "unix:%s"; };' %
                 world.path('admin.sock'))


def half(pairs, **more):
    """Writes a certificate without its key; gives both."""
    certificate, key = pairs.next(**more)
    with open(pairs.certificate, 'w') as out:
        out.write(certificate)
    return certificate, key


def page(world, path):
    return world.ask('GET', path, which='unix:' + world.path(
        'admin.sock')).data.decode()


def status(world):
    return json.loads(page(world, '/status'))


def refused(world):
    listener, = status(world)['listeners']
    return listener['files_refused']


def metric(world):
    return re.search(r'^sallyport_listener_files_refused\{listener="tls"\} '
                     r'(\S+)$', page(world, '/metrics'), re.M)[1]


def attention(world):
    return [x for x in status(world)['attention'] if 'files on disk' in
            x['what']]


def wait_refused(world):
    return wait_until(lambda: refused(world), 'the refusal')


def over(process):
    return told(process, 'its files, which were refused since 20')


WHY = "option 'certificate_key': %s: the key is not that of the first " \
    "certificate of 'certificate'"


def test_it_is_seen_everywhere_until_good_files_are_there(world, pairs):
    process = begin(world, pairs)
    assert refused(world) is None and metric(world) == '0'
    assert attention(world) == []
    certificate, key = half(pairs)
    found = wait_refused(world)
    why = WHY % pairs.key
    assert re.fullmatch(r'20\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ', found['since'])
    assert re.fullmatch(r'\S*sallyport\.conf:\d+: ' + re.escape(why),
                        found['reason'])
    assert metric(world) == '1'
    one, = attention(world)
    assert one['what'] == 'listener tls: its files on disk are refused ' \
        'since %(since)s, and what was there before goes on: %(reason)s' \
        % found
    assert one['command'].startswith('sallyport check -c ')
    done = world.run('status', '-c', world.path('sallyport.conf'))
    assert done.returncode == 3
    assert 'the key is not that' in re.sub(r'\s+', ' ', done.stdout)
    assert 'its files on disk are refused since' in page(world, '/')
    assert over(process) == []
    pairs.write(certificate, key)
    wait_for(world, certificate)
    wait_until(lambda: refused(world) is None, 'the end of it')
    assert metric(world) == '0' and attention(world) == []
    wait_until(lambda: over(process), 'that it is told')
    line, = over(process)
    assert line == 'listener tls: its files, which were refused since %s, ' \
        'can be used again' % found['since']


def test_what_served_before_ends_it_as_well(world, pairs):
    process = begin(world, pairs)
    before = shown(world)
    with open(pairs.certificate) as file:
        old = file.read()
    half(pairs)
    wait_refused(world)
    with open(pairs.certificate, 'w') as out:
        out.write(old)
    wait_until(lambda: refused(world) is None, 'the end of it')
    wait_until(lambda: over(process), 'that it is told')
    assert len(over(process)) == 1
    assert shown(world) == before


def test_another_reason_has_the_time_of_the_first(world, pairs):
    begin(world, pairs)
    half(pairs)
    first = wait_refused(world)
    os.unlink(pairs.key)
    wait_until(lambda: 'No such file' in refused(world)['reason'],
               'the other reason')
    assert refused(world)['since'] == first['since']


def is_watcher(pid):
    try:
        with open('/proc/%d/comm' % pid) as file:
            return file.read() == 'sallyport-watch\n'
    except OSError:
        return False


def watcher(process):
    """The process that watches."""
    return wait_until(lambda: [*filter(is_watcher, process.pids())],
                      'the process that watches')[0]


def test_a_watch_that_is_started_anew_knows_it(world, pairs):
    process = begin(world, pairs)
    certificate, key = half(pairs)
    first = wait_refused(world)
    os.kill(watcher(process), signal.SIGKILL)
    wait_until(lambda: told(process, 'and is replaced'), 'its end')
    assert refused(world) == first
    pairs.write(certificate, key)
    wait_for(world, certificate)
    wait_until(lambda: refused(world) is None, 'the end of it')
    wait_until(lambda: over(process), 'that it is told')
    assert len(over(process)) == 1
    assert len(told(process, 'is not used')) == 1


def test_what_was_mended_while_none_watched_is_over(world, pairs):
    process = begin(world, pairs)
    with open(pairs.certificate) as file:
        old = file.read()
    half(pairs)
    wait_refused(world)
    watch = watcher(process)
    os.kill(watch, signal.SIGSTOP)
    with open(pairs.certificate, 'w') as out:
        out.write(old)
    os.kill(watch, signal.SIGKILL)
    wait_until(lambda: refused(world) is None, 'the end of it')
    wait_until(lambda: over(process), 'that it is told')
    assert len(over(process)) == 1


def test_only_a_reload_that_reads_good_files_ends_it(world, pairs):
    process = begin(world, pairs)
    certificate, key = half(pairs)
    first = wait_refused(world)
    done = world.run('reload', '-c', world.path('sallyport.conf'))
    assert done.returncode == 1
    assert refused(world) == first and over(process) == []
    watch = watcher(process)
    os.kill(watch, signal.SIGSTOP)
    pairs.write(certificate, key)
    done = world.run('reload', '-c', world.path('sallyport.conf'))
    assert done.returncode == 0, done.stderr
    assert refused(world) is None and metric(world) == '0'
    wait_until(lambda: over(process), 'that it is told')
    line, = over(process)
    assert line.endswith(', were read anew by a reload')
    assert shown(world) == certificate


def test_where_nothing_is_watched_there_is_no_metric(world, pairs):
    start(world, pairs, tls='', more='admin = { address = "unix:%s"; };' %
          world.path('admin.sock'))
    assert 'sallyport_listener_files_refused{' not in page(world, '/metrics')
    assert refused(world) is None
