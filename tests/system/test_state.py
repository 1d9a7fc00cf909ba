"""What is kept of keys in `state_dir`: across restarts, crashes and damage."""

import datetime
import hashlib
import json
import os
import shutil
import signal

import pytest
import world as world_module


def kept(world, file='keys.json'):
    with open(world.path('state/' + file)) as f:
        return json.load(f)


def at(**ahead):
    return (datetime.datetime.now(datetime.timezone.utc)
            + datetime.timedelta(**ahead)).strftime('%FT%TZ')


@pytest.fixture
def stateful(world):
    os.mkdir(world.path('state'), 0o700)
    world.more = ('state_dir = "%s"; admin = { address = "unix:%s"; };' % (
        world.path('state'), world.path('admin')))
    return world


def start(world, workers=1, more=''):
    return world.start(world.config(workers=workers, more=world.more + more))


def key(world, name='team-a'):
    said = json.loads(world.run('status', '--json', '-c', world.path(
        'sallyport.conf')).stdout)
    found, = [k for k in said['keys'] if k['name'] == name]
    return found


def test_use_and_expiry_are_known_after_a_restart(stateful):
    start(stateful, workers=2)
    stateful.clouds[0].expiration['team-a'] = ['2031-02-03T04:05:06Z']
    for _ in range(5):
        assert stateful.ask().status == 200
    world_module.wait_until(lambda: key(stateful)['requests'] == 5,
                            'all are counted')
    last = key(stateful)['last_used']
    stateful.stop()
    start(stateful)
    assert key(stateful)['requests'] == 5
    assert key(stateful)['last_used'] == last
    assert key(stateful)['expires'] == '2031-02-03T04:05:06Z'
    assert stateful.ask().status == 200
    world_module.wait_until(lambda: key(stateful)['requests'] == 6,
                            'it is counted')
    stateful.stop()
    said, = [k for k in kept(stateful)['keys'] if k['name'] == 'team-a']
    assert said['requests'] == 6 and said['fingerprint'] == hashlib.sha256(
        stateful.keys['team-a'].encode()).hexdigest()
    assert os.stat(stateful.path('state/keys.json')).st_mode & 0o777 == 0o600
    assert os.stat(stateful.path('state/lock')).st_mode & 0o777 == 0o600
    assert sorted(os.listdir(stateful.path('state'))) == ['keys.json', 'lock']


def test_a_warning_is_not_repeated_after_the_parent_was_killed(stateful):
    soon = at(days=2, hours=6)
    stateful.seal('keys.age', 'team-a', expires=soon)
    first = start(stateful, workers=2)
    first.wait_line('key-expiring')
    world_module.wait_until(
        lambda: os.path.exists(stateful.path('state/keys.json')) and
        any('warned_lead' in k for k in kept(stateful)['keys']),
        'it is on the disk')
    first.kill()
    second = start(stateful)
    stateful.stop()
    assert second.events('sallyport.key', 'key-expiring') == []
    # Another value under the same name has a life of its own.
    stateful.new_key('team-a')
    stateful.seal('keys.age', 'team-a', expires=soon)
    third = start(stateful)
    third.wait_line('key-expiring')


def test_what_is_damaged_is_warned_of_and_begins_anew(stateful):
    start(stateful)
    assert stateful.ask().status == 200
    world_module.wait_until(lambda: key(stateful)['requests'] == 1,
                            'it is counted')
    stateful.stop()
    with open(stateful.path('state/keys.json'), 'r+') as f:
        f.truncate(20)
    config = stateful.path('sallyport.conf')
    words = ('keys.json: it is damaged: what was known of keys is lost, and '
             'learnt anew')
    done = stateful.run('check', '-c', config)
    assert done.returncode == 0 and words in done.stderr
    process = start(stateful)
    assert words in process.stderr
    assert key(stateful)['requests'] == 0
    stateful.stop()
    assert kept(stateful)['version'] == 1


@pytest.mark.parametrize('text,why', [
    ('{"sallyport":"disabled keys","version":1,"ke', 'it is damaged'),
    ('{"name":"package"}', 'it is another file'),
    ('{"sallyport":"disabled keys","version":9,"keys":[]}',
     'another version of sallyport wrote it')])
def test_where_it_is_unknown_what_is_disabled_nothing_starts(stateful, text,
                                                             why):
    stateful.write('state/disabled.json', text)
    os.chmod(stateful.path('state/disabled.json'), 0o600)
    process = stateful.launch(stateful.config(more=stateful.more))
    assert process.wait_exit() == 1
    words = ('disabled.json: %s: which keys are disabled is not known: put '
             'back a copy of the file, or remove it, which enables all of '
             'them' % why)
    assert words in process.stderr
    done = stateful.run('check', '-c', stateful.path('sallyport.conf'))
    assert done.returncode == 1 and words in done.stderr
    with open(stateful.path('state/disabled.json')) as f:
        assert f.read() == text


def test_a_folder_that_others_may_write_is_a_fault(stateful):
    os.chmod(stateful.path('state'), 0o777)
    done = stateful.run('check', '-c', stateful.write(
        'c', stateful.config(more=stateful.more)))
    assert done.returncode == 1
    assert ('others may put files there (mode 0777): chmod go-w it'
            in done.stderr)


def test_what_cannot_be_written_is_warned_of_once_and_served(stateful):
    os.mkdir(stateful.path('state/keys.json'))
    process = start(stateful)
    process.wait_line('what becomes of keys is not kept until that is mended')
    assert stateful.ask().status == 200
    stateful.stop()
    said = [x for x in process.lines if 'is not kept until' in x]
    assert len(said) == 1 and '/state/keys.json: ' in said[0]


def test_a_reload_may_keep_it_elsewhere(stateful):
    process = start(stateful)
    os.mkdir(stateful.path('other'), 0o700)
    stateful.write('sallyport.conf', stateful.config(
        more=stateful.more.replace('/state"', '/other"')))
    process.signal(signal.SIGHUP)
    world_module.wait_until(
        lambda: os.path.exists(stateful.path('other/keys.json')), 'a file')


# A folder that cannot be written.

UNKEPT = 'what becomes of keys is not kept until that is mended'


@pytest.fixture
def owned(stateful):
    """Root may write everywhere, so it is run by somebody else."""
    upstream = stateful.open_to_nobody()
    if world_module.ROOT:
        shutil.chown(stateful.path('state'), 65534)

    def start_it():
        return stateful.start(
            stateful.config(upstreams=[upstream], log='access = "none";',
                            more=stateful.more),
            wrap=world_module.AS_NOBODY)
    stateful.start_it = start_it
    return stateful


def order(world, verb, name):
    return world.run('key', verb, name, '-c', world.path('sallyport.conf'),
                     **world_module.NOBODY)


def lines(process, text):
    return [x for x in process.lines if text in x]


def test_a_folder_that_becomes_read_only_is_used_again_when_mended(owned):
    process = owned.start_it()
    state = owned.path('state')
    done = order(owned, 'disable', 'team-b')
    assert (done.returncode, done.stdout) == (0, 'key team-b is disabled\n')
    before = kept(owned, 'disabled.json')
    os.chmod(state, 0o500)
    assert order(owned, 'promote', 'team-a').returncode == 0
    process.wait_line(UNKEPT)
    for words in 'is disabled', 'was disabled already':
        done = order(owned, 'disable', 'team-a')
        assert (done.returncode, done.stdout) == (1, '')
        assert done.stderr.startswith(
            'sallyport: key team-a %s; no usable key is left for route all; '
            'a restart will forget it: ' % words)
        assert done.stderr.endswith(
            '/state/disabled.json: Permission denied\n')
    assert owned.ask().status == 503
    assert kept(owned, 'disabled.json') == before
    assert len(lines(process, UNKEPT)) == 1
    os.chmod(state, 0o700)
    # It tries again within a minute, and at the next order.
    done = order(owned, 'enable', 'team-b')
    assert (done.returncode, done.stdout) == (0, 'key team-b is enabled\n')
    process.wait_line('which keys are disabled is kept now')
    process.wait_line('what becomes of keys is kept again')
    process.kill()
    assert [k['name'] for k in kept(owned, 'disabled.json')['keys']] == \
        ['team-a']
    process = owned.start_it()
    assert owned.ask().status == 503


def test_a_start_with_a_read_only_folder_obeys_what_is_there(owned):
    process = owned.start_it()
    assert order(owned, 'disable', 'team-a').returncode == 0
    process.kill()
    os.chmod(owned.path('state'), 0o500)
    process = owned.start_it()
    process.wait_line('/keys.json: Permission denied: ' + UNKEPT)
    assert owned.ask().status == 503
    done = order(owned, 'enable', 'team-a')
    assert done.returncode == 1 and 'a restart will forget it' in done.stderr
    assert owned.ask().status == 200
    done = owned.run('check', '-c', owned.path('sallyport.conf'),
                     **world_module.NOBODY)
    assert done.returncode == 0 and UNKEPT in done.stderr
    owned.stop()
    assert len(lines(process, '/keys.json: Permission denied')) == 1
    os.chmod(owned.path('state'), 0o700)


LOCKS = [
    (lambda path: os.symlink('elsewhere', path), 'Too many levels of'),
    (lambda path: os.mkfifo(path, 0o600), 'it is not a file'),
    (lambda path: os.mkdir(path), 'Is a directory'),
    (lambda path: os.close(os.open(path, os.O_CREAT)) or os.chmod(path, 0o644),
     'others may open it (mode 0644): chmod 600 it'),
]


@pytest.mark.parametrize('make, why', LOCKS, ids=range(len(LOCKS)))
def test_check_refuses_what_cannot_be_the_lock_as_a_start_does(stateful, make,
                                                               why):
    make(stateful.path('state/lock'))
    process = stateful.launch(stateful.config(more=stateful.more))
    assert process.wait_exit() == 1
    words = ": option 'state_dir': %s: %s" % (stateful.path('state/lock'), why)
    assert words in process.stderr
    done = stateful.run('check', '-c', stateful.path('sallyport.conf'))
    assert done.returncode == 1 and words in done.stderr


# What somebody put in the place of a file, and what becomes of that.

def a_link(path):
    os.symlink('lock', path)


def a_pipe(path):
    os.mkfifo(path, 0o600)


def a_folder(path):
    os.mkdir(path, 0o700)


def one_of_another_user(path):
    with open(path, 'w') as f:
        f.write('{}')
    os.chmod(path, 0o600)
    os.chown(path, 12345, -1)


def one_of_another_version(path):
    with open(path, 'w') as f:
        f.write('{"sallyport":"%s","version":9,"keys":[]}' % (
            'disabled keys' if 'disabled' in path else 'keys'))
    os.chmod(path, 0o600)


def an_empty_one(path):
    os.close(os.open(path, os.O_CREAT | os.O_WRONLY, 0o600))


FOREIGN = {
    'a link': (a_link, ''),
    'a pipe': (a_pipe, 'is a pipe'),
    'a folder': (a_folder, 'is a directory'),
    'of another user': (one_of_another_user, 'it belongs to user 12345'),
    'of another version': (one_of_another_version, 'another version of '
                           'sallyport wrote it'),
    'empty': (an_empty_one, 'it is damaged'),
}


@pytest.fixture(params=FOREIGN.values(), ids=FOREIGN)
def foreign(request):
    if request.param[0] is one_of_another_user and not world_module.ROOT:
        pytest.skip('needs root to give a file away')
    return request.param


def test_instead_of_what_is_known_of_keys_it_is_warned_of(stateful, foreign):
    put, why = foreign
    put(stateful.path('state/keys.json'))
    process = start(stateful)
    said = lines(process, 'state/keys.json: ')
    assert any(why in x and 'what was known of keys is lost' in x
               for x in said), process.stderr
    assert stateful.ask().status == 200


def test_instead_of_what_is_disabled_nothing_starts(stateful, foreign):
    put, why = foreign
    path = stateful.path('state/disabled.json')
    put(path)
    process = stateful.launch(stateful.config(more=stateful.more))
    assert process.wait_exit() == 1 and not process.listening
    for said in (process.stderr, stateful.run(
            'check', '-c', stateful.path('sallyport.conf')).stderr):
        assert 'disabled.json: ' in said and why in said
        assert 'which keys are disabled is not known' in said
        assert 'remove it, which enables all of them' in said
    assert os.path.lexists(path)


# A disk of its own, which only the daemon sees.

MOUNT = ('mount -t tmpfs -o size=64k,mode=700 none "$0" && '
         'exec "$@"')


@pytest.fixture
def own_disk(stateful):
    if not world_module.ROOT:
        pytest.skip('needs root to mount')
    state = stateful.path('state')

    def start_it(mount=MOUNT):
        process = stateful.start(
            stateful.config(more=stateful.more),
            wrap=['unshare', '-m', 'sh', '-c', mount, state])
        stateful.inside = '/proc/%d/root%s' % (process.child.pid, state)
        return process
    stateful.start_it = start_it
    return stateful


def order_as_root(world, verb, name):
    return world.run('key', verb, name, '-c', world.path('sallyport.conf'))


def test_on_a_full_disk_an_order_has_its_effect_and_says_what_is_not_kept(
        own_disk):
    process = own_disk.start_it()
    assert order_as_root(own_disk, 'disable', 'team-b').returncode == 0
    filler = os.path.join(own_disk.inside, 'filler')
    with pytest.raises(OSError), open(filler, 'wb', buffering=0) as f:
        while True:
            f.write(bytes(512))
    done = order_as_root(own_disk, 'disable', 'team-a')
    assert (done.returncode, done.stdout) == (1, '')
    assert 'key team-a is disabled' in done.stderr
    assert done.stderr.endswith('a restart will forget it: %s: No space left '
                                'on device\n' % own_disk.path(
                                    'state/disabled.json'))
    assert own_disk.ask().status == 503
    with open(os.path.join(own_disk.inside, 'disabled.json')) as f:
        assert [k['name'] for k in json.load(f)['keys']] == ['team-b']
    assert not [x for x in os.listdir(own_disk.inside) if x not in (
        'filler', 'lock', 'keys.json', 'disabled.json')]
    os.unlink(filler)
    assert order_as_root(own_disk, 'enable', 'team-b').returncode == 0
    process.wait_line('which keys are disabled is kept now')
    with open(os.path.join(own_disk.inside, 'disabled.json')) as f:
        assert [k['name'] for k in json.load(f)['keys']] == ['team-a']


def test_root_is_told_of_a_mount_that_is_read_only(own_disk):
    process = own_disk.start_it(
        'mount --bind "$0" "$0" && mount -o remount,bind,ro "$0" && '
        'exec "$@"')
    process.wait_line('Read-only file system: ' + UNKEPT)
    done = order_as_root(own_disk, 'disable', 'team-a')
    assert done.returncode == 1
    assert done.stderr.endswith('Read-only file system\n')
    assert own_disk.ask().status == 503


# Two daemons with one folder.

def test_of_two_daemons_with_one_folder_the_second_does_not_start(stateful):
    first = start(stateful)
    config = stateful.config(more='state_dir = "%s";' % stateful.path('state'))
    where = stateful.path('other.conf') + ':'
    words = "option 'state_dir': %s is in use by process %d" % (
        stateful.path('state'), first.child.pid)
    second = stateful.launch(config, file='other.conf')
    assert second.wait_exit() == 1 and not second.listening
    assert second.stderr.startswith(where) and second.stderr.endswith(words)
    done = stateful.run('check', '-c', stateful.path('other.conf'))
    assert done.returncode == 0 and done.stderr.endswith(
        'warning: %s\n' % words)
    # The one that has it is what its own configuration expects there.
    done = stateful.run('check', '-c', stateful.path('sallyport.conf'))
    assert done.returncode == 0 and 'in use' not in done.stderr
    # A kernel that ends it frees the folder.
    first.kill()
    stateful.start(config, file='other.conf')


def test_a_reload_may_not_bring_the_folder_of_another_daemon(stateful):
    first = start(stateful)
    second = stateful.launch(stateful.config(), file='other.conf')
    second.wait_ready()
    stateful.write('other.conf', stateful.config(
        more='state_dir = "%s";' % stateful.path('state')))
    second.signal(signal.SIGHUP)
    second.wait_line("option 'state_dir': %s is in use by process %d" % (
        stateful.path('state'), first.child.pid))
    second.wait_line('the configuration was not reloaded')
    # It may when that one keeps its own elsewhere.
    os.mkdir(stateful.path('other'), 0o700)
    stateful.write('sallyport.conf', stateful.config(
        more=stateful.more.replace('/state"', '/other"')))
    first.signal(signal.SIGHUP)
    first.wait_line('the configuration was reloaded')
    second.signal(signal.SIGHUP)
    second.wait_line('the configuration was reloaded')
    assert stateful.ask(which=second.listening[0]).status == 200
