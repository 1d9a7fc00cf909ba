"""Keys are locked in memory, or it is said which limit keeps them from it."""

import os
import re
import resource
import shutil
import subprocess

import pytest
import world as world_module
from waiting import wait_until
from world import AS_NOBODY, NOBODY, ROOT

KIB = 1024
KEYS = 300

SAID = re.compile(
    r"conf:(\d+): (?:warning: )?option 'memory': keys cannot all be locked in "
    r'memory and may be paged out: that takes (\d+) KiB, and (\d+) KiB may be '
    r'locked \(RLIMIT_MEMLOCK\): set LimitMEMLOCK=(\d+)K \(systemd\) or '
    r'ulimit -l (\d+)(?:\n|$)')


def seal(world, *names):
    """A key for each; the upstream of a world that nobody may read."""
    world.seal('keys.age', *names)
    for name, key in world.keys.items():
        world.clouds[0].add_key(name, key)
    return [world.open_to_nobody()]


@pytest.fixture
def few(world):
    world.few = world.config(
        upstreams=seal(world, 'team-a', 'team-b', 'team-c'))
    return world


@pytest.fixture
def many(world):
    names = ['key-%03d' % i for i in range(KEYS)]
    world.many = world.config(upstreams=seal(world, *names), routes=[
        '{ name = "r%d"; path = "/test/echo/%d"; upstream = "elastic-cloud"; '
        'keys = [ "key-%03d" ]; }' % (i, i, i) for i in range(KEYS)])
    return world


def limited(kib):
    return lambda: resource.setrlimit(resource.RLIMIT_MEMLOCK,
                                      (kib * KIB, kib * KIB))


def check(world, config, kib):
    file = world.write('sallyport.conf', config)
    os.chmod(file, 0o644)
    return world.run('check', '-c', file, preexec_fn=limited(kib), **NOBODY)


def launch(world, config, kib, hard=None):
    return world.launch(config, wrap=[
        'prlimit', '--memlock=%d:%d' % (kib * KIB, (hard or kib) * KIB),
        *AS_NOBODY])


def said_of(text):
    """What is said of it: the line, and the figures in KiB."""
    said = SAID.findall(text)
    assert len(said) == text.count('paged out'), text
    return [tuple(map(int, one)) for one in said]


def line_of(config, text):
    return config[:config.index(text)].count('\n') + 1


@pytest.mark.parametrize('kib', [0, 64])
def test_the_limit_to_set_is_said_once_and_is_enough(many, kib):
    done = check(many, many.many, kib)
    assert done.returncode == 0, done.stderr
    (_, takes, may, systemd, shell), = said_of(done.stderr)
    assert may == kib and takes <= systemd == shell < takes + 256
    process = launch(many, many.many, kib)
    process.wait_ready()
    assert said_of(process.stderr) == said_of(done.stderr)
    many.stop(process)
    assert said_of(check(many, many.many, shell).stderr) == []
    process = launch(many, many.many, shell)
    process.wait_ready()
    for i in range(0, KEYS, 7):
        assert many.ask(target='/test/echo/%d' % i).status == 200
    assert said_of(process.stderr) == []


def test_what_a_process_locks_is_no_more_than_was_said(many):
    takes = said_of(check(many, many.many, 0).stderr)[0][1]
    process = launch(many, many.many, 8 * KIB)
    process.wait_ready()
    for i in range(KEYS):
        assert many.ask(target='/test/echo/%d' % i).status == 200
    for pid in process.pids():
        with open('/proc/%d/status' % pid) as f:
            locked = int(re.search(r'VmLck:\s*(\d+)', f.read())[1])
        assert locked <= takes
    # As much as the values take, and a little more.
    assert takes < KEYS + 300


def test_where_locking_is_required_a_low_limit_is_refused(many):
    config = many.many + 'memory = "required";\n'
    done = check(many, config, 64)
    assert done.returncode == 1
    said, = said_of(done.stderr)
    assert said[0] == line_of(config, 'memory =')
    assert 'warning' not in done.stderr
    process = launch(many, config, 64)
    assert process.wait_exit() == 1
    process.wait_for(lambda: SAID.search(process.stderr), 'why it ended')
    assert said_of(process.stderr) == [said]
    assert not process.listening
    assert check(many, config, said[4]).returncode == 0
    launch(many, config, said[4]).wait_ready()


@pytest.mark.skipif(not ROOT, reason='needs root')
def test_no_limit_holds_for_root(many):
    config = many.many + 'memory = "required"; user = "nobody";\n'
    shutil.chown(many.folder, 0)
    file = many.write('sallyport.conf', config)
    done = many.run('check', '-c', file, preexec_fn=limited(0))
    assert done.returncode == 0 and said_of(done.stderr) == []
    many.start(config, wrap=['prlimit', '--memlock=0:0'])
    assert many.ask(target='/test/echo/1').status == 200


@pytest.mark.skipif(world_module.SANITIZED,
                    reason='needs an mlock() that does something')
def test_a_worker_that_cannot_lock_does_not_serve_where_it_is_required(many):
    process = launch(many, many.many + 'memory = "required";\n', 8 * KIB)
    process.wait_ready()
    subprocess.run([*AS_NOBODY, 'prlimit', '--memlock=0:0', '--pid',
                    str(process.child.pid)], check=True)
    for worker in process.workers:
        os.kill(worker, 9)
    wait_until(lambda: "option 'memory': keys cannot be locked in memory"
               in process.stderr, 'a worker that says why it ends')


def test_a_few_keys_fit_into_the_limit_of_old_systems(few):
    config = few.few + 'memory = "required";\n'
    done = check(few, config, 64)
    assert done.returncode == 0 and said_of(done.stderr) == []
    launch(few, config, 64).wait_ready()
    assert few.ask().status == 200


@pytest.mark.parametrize('value', ['"no"', 'true', '""'])
def test_other_words_are_refused(world, value):
    world.cloud()
    world.seal('keys.age', 'team-a')
    world.refuses(world.config(more='memory = %s;' % value),
                  r"conf:\d+: option 'memory'")
