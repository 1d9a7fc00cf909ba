"""Workers are confined: to the system calls of src/sandbox/syscalls.tbl, which
are said once at the start and never lost without a word."""

import glob
import json
import os
import re
import signal

import pytest
import strace
import without
import world as world_module
from name_server import NameServer

TABLE = os.path.join(os.path.dirname(__file__), '..', '..', 'src', 'sandbox',
                     'syscalls.tbl')
RESOLV_CONF = ['unshare', '-m', 'sh', '-c',
               'mount --bind "$0" /etc/resolv.conf && exec "$@"']
GETS = 20


def allowed_calls():
    with open(TABLE) as f:
        text = re.sub(r'#ifdef UNDER_ASAN.*?#endif', '', f.read(),
                      flags=re.S)
    return set(re.findall(r'^ALLOW(?:_IF)?\("(\w+)"', text, re.M))


def calls_in_the_sandbox(trace):
    """(call, line) of each call after the filter was loaded."""
    with open(trace) as f:
        lines = f.readlines()
    loaded = [i for i, line in enumerate(lines) if re.match(
        r'seccomp\(SECCOMP_SET_MODE_FILTER, \w+, {.* = 0', line)]
    return [(re.match(r'\w+', line)[0], line)
            for line in lines[loaded[0] + 1 if loaded else len(lines):]
            if not line.startswith('+++')]


def work(world):
    """Bodies both ways, an error, several clients at a time."""
    with world.raw() as one, world.raw() as other:
        for _ in range(GETS):
            assert one.ask().status == 200
            assert other.ask('POST', body=b'x' * 100000).status == 200
    assert world.ask(target='/test/bytes?n=1000000').status == 200
    assert world.ask(host='evil.example').status == 421


@strace.needed
@pytest.mark.skipif(not world_module.may_mount(),
                    reason='needs a mount of its own')
def test_a_worker_makes_the_calls_of_the_table_only(world):
    """Under load, through a changed resolv.conf, new logs, reload, stop."""
    first, second = NameServer(), NameServer()
    file = world.write('resolv.conf', first.file())
    port = world.clouds[0].address.rsplit(':', 1)[1]
    trace = world.path('trace')
    process = world.start(
        world.config(upstreams=[world.upstream(to='api.test:' + port),
                                world.upstream('late', to='late.test:' + port)],
                     routes=['{ name = "late"; path = "/test/echo/late"; '
                             'upstream = "late"; keys = [ "team-a" ]; }',
                             '{ name = "all"; upstream = "elastic-cloud"; '
                             'keys = [ "team-a" ]; }'], workers=2,
                     more='admin = { address = "unix:%s"; };' %
                     world.path('admin')),
        wrap=[*RESOLV_CONF, file, strace.STRACE, '-D', '-ff', '-qq', '-e',
              'signal=none', '-o', trace])
    work(world)
    first.answer = None
    assert world.ask(target='/test/echo/late').status == 502
    with open(file, 'w') as f:
        f.write(second.file())
    assert world.ask(target='/test/echo/late').status == 200
    process.signal(signal.SIGUSR1)
    process.wait_line('the access log was reopened')
    work(world)
    process.signal(signal.SIGHUP)
    process.wait_line('was reloaded: generation 2 serves')
    work(world)
    for method, target in (('GET', '/healthz'), ('GET', '/readyz'),
                           ('GET', '/status'), ('GET', '/metrics'),
                           ('GET', '/nothing'), ('POST', '/reload')):
        world.ask(method, target, which='unix:' + world.path('admin'))
    world.stop()
    assert second.asked
    confined = [calls_in_the_sandbox(one) for one in
                glob.glob(trace + '.*')]
    allowed = allowed_calls()
    wrong = [line for calls in confined for call, line in calls
             if call not in allowed]
    assert not wrong, ''.join(wrong)
    # Of three configurations two workers each, the admin process, and the
    # child that tried it.
    assert sum(len(calls) != 0 for calls in confined) == 12


def lines_about(process):
    return [e['message'] for e in process.events()
            if e['message'].startswith('sandbox: ')]


def test_what_holds_is_said_once(world):
    process = world.start(world.config(workers=3))
    said, = lines_about(process)
    assert said.startswith('sandbox: system calls are filtered; ')
    assert 'not confined' not in process.stderr


def test_where_it_is_off_that_is_said(world):
    process = world.start(world.config(more='sandbox = "off";'))
    assert lines_about(process) == ['sandbox: off']


@pytest.mark.skipif(not without.works, reason='knows x86-64 only')
def test_without_landlock_system_calls_are_filtered_all_the_same(world):
    process = world.start(wrap=without.command('landlock_create_ruleset'))
    said, = lines_about(process)
    assert re.fullmatch(r'sandbox: system calls are filtered; no Landlock: '
                        r'Function not implemented', said)
    assert world.ask().status == 200


@pytest.mark.skipif(not without.works, reason='knows x86-64 only')
def test_without_seccomp_it_starts_only_where_that_is_asked_for(world):
    config = world.config(more='sandbox = "required";')
    line = config[:config.index('sandbox =')].count('\n') + 1
    file = world.write('sallyport.conf', config)
    fault = r"conf:%d: option 'sandbox': workers cannot be confined: " \
        r'.*system calls cannot be filtered: ' % line
    wrap = without.command('seccomp')
    done = world.run('check', '-c', file, wrap=wrap)
    assert done.returncode == 1 and re.search(fault, done.stderr), done.stderr
    process = world.launch(config, wrap=wrap)
    assert process.wait_exit() == 1
    process.wait_line(fault)
    assert not process.listening
    process = world.start(config.replace('"required"', '"try"') + 'admin = '
                          '{ address = "unix:%s"; };' % world.path('admin'),
                          wrap=wrap)
    process.wait_line(fault.replace('option', 'warning: option'))
    process.wait_line('"not confined: ')
    process.wait_line('"the admin process is not confined: ')
    status = json.loads(world.ask('GET', '/status', which='unix:' +
                                  world.path('admin')).data)
    assert [re.match('(.*?): .*system calls cannot be filtered',
                     item['what'])[1] for item in status['attention']] == [
        'workers are not confined', 'the admin process is not confined']
    assert status['sandbox']['admin']['seccomp'] is False
    assert lines_about(process)[0].startswith(
        'sandbox: system calls are not filtered; ')
    assert world.ask().status == 200


@pytest.mark.skipif(world_module.SANITIZED,
                    reason='LeakSanitizer ends processes, too')
@pytest.mark.skipif(not without.works, reason='knows x86-64 only')
def test_a_worker_that_is_ended_by_it_is_told_of(world):
    process = world.start()
    worker, = process.workers
    os.kill(worker, signal.SIGSYS)
    process.wait_line(r'was ended by signal 31 .*: it made a system call that '
                      'no worker makes')
    world_module.wait_until(lambda: process.workers != [worker] and
                            process.workers, 'another worker')
    assert world.ask().status == 200
    # The harness would take it for a crash.
    process.lines[:] = [x for x in process.lines if 'signal 31' not in x]


# Names.

NAMES = 60


@pytest.mark.skipif(not world_module.may_mount(),
                    reason='needs a mount of its own')
def test_queries_cannot_be_foretold(world):
    """Neither their numbers nor their ports, in any of two workers."""
    server = NameServer()
    port = world.clouds[0].address.rsplit(':', 1)[1]
    names = ['n%d' % i for i in range(NAMES)]
    config = world.config(
        workers=2,
        upstreams=[world.upstream(n, to='%s.test:%s' % (n, port))
                   for n in names],
        routes=['{ name = "%s"; path = "/test/echo/%s"; upstream = "%s"; '
                'keys = [ "team-a" ]; }' % (n, n, n) for n in names])
    process = world.start(config, wrap=[
        *RESOLV_CONF, world.write('resolv.conf', server.file())])

    def busy():
        """The workers that served somebody."""
        return {e['process']['pid'] for e in process.events()
                if e['message'].startswith('exchange 1: ')}
    asked = 0
    while len(busy()) < 2 or len(server.queries) < 200:
        assert world.ask(target='/test/echo/' + names[asked % NAMES]).status \
            == 200
        asked += 1
        assert asked < 20 * NAMES
    ids = [number for _, number in server.queries]
    assert len(set(ids)) > len(ids) * 0.97
    steps = {(b - a) % 65536 for a, b in zip(ids, ids[1:])}
    assert len(steps) > len(ids) * 0.9
    assert len({port for port, _ in server.queries[:100]}) >= 8
