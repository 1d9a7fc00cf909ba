"""The program in a container: what its image holds, and that it is at home
there as process 1, with volumes as Kubernetes fills them."""

import json
import os
import re
import shutil
import signal
import stat
import subprocess
import threading

import container
import proc
import pytest
import world as world_module
from waiting import LIMIT, wait_until
from world import ROOT, quote

pytestmark = [
    pytest.mark.skipif(world_module.SANITIZED, reason='what ships has no '
                       'sanitizer'),
    pytest.mark.skipif(not container.works(), reason='no namespaces here')]
needs_root = pytest.mark.skipif(not ROOT, reason='needs root')

PROGRAM = '/usr/bin/sallyport'
PLACE = '/etc/sallyport'
# Of what a group may read, the owner is root; else the tests own it.
MODE = 0o440 if ROOT else 0o400
MOST = 16 << 20         # bytes of an image


@pytest.fixture(scope='module')
def image(program, tmp_path_factory):
    folder = tmp_path_factory.mktemp('image')
    # The program is another user there, who must be able to come in.
    for above in (folder, *folder.parents):
        if os.stat(above).st_uid == os.geteuid() and above.parts[1:]:
            os.chmod(above, os.stat(above).st_mode | 0o011)
    return container.make_root(program, str(folder / 'root'))


class Container(world_module.Process):
    """Its child is the one that made the namespaces, and waits."""

    def pids(self):
        first = proc.children(self.child.pid)
        return first + (proc.children(first[0]) if first else [])

    def signal(self, number):
        os.kill(self.pids()[0], number)


class Pod:
    """A world whose program lies in an image, and whose files in volumes."""

    def __init__(self, world, image):
        self.world, self.image = world, image
        world.user = None
        os.chmod(world.folder, 0o755)
        self.volume, self.run = world.path('volume'), world.path('run')
        os.makedirs(self.volume)
        os.makedirs(self.run)
        os.chmod(self.run, 0o777)           # as an emptyDir is
        self.mounts = [(False, self.volume, PLACE),
                       (True, self.run, '/run/sallyport')]

    def read(self, name):
        with open(self.world.path(name), 'rb') as file:
            return file.read()

    def config(self, **more):
        text = self.world.config(
            log='access = "stdout";', upstreams=[self.world.upstream(
                ca=PLACE + '/ca.pem')], more='admin = ( { address = [ '
            '"unix:/run/sallyport/admin.sock", "127.0.0.1:0" ]; } );', **more)
        text = text.replace(quote(self.world.identity), '"identity"')
        return text.replace(self.world.path(''), PLACE + '/')

    def files(self, config=None):
        with open(self.world.pki.ca, 'rb') as ca:
            return {'sallyport.conf': (config or self.config()).encode(),
                    'identity': self.read('identity'),
                    'keys.age': self.read('keys.age'), 'ca.pem': ca.read()}

    def command(self, *args, **more):
        return container.command(self.image, self.mounts, PROGRAM, *args,
                                 **more)

    def launch(self):
        process = Container(self.command('run', '-c',
                                         PLACE + '/sallyport.conf'),
                            self.world.folder, self.world.environment())
        self.world.processes.append(process)
        return process

    def start(self, **more):
        container.project(self.volume, self.files(), MODE, **more)
        process = self.launch()
        process.wait_ready()
        return process

    @property
    def first(self):
        """Process 1, by its number out here."""
        return self.world.processes[-1].pids()[0]

    def enter(self, *args):
        """What `kubectl exec` does: the program once more, in there."""
        return subprocess.run(
            container.enter(self.first, self.image, PROGRAM, *args),
            text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            timeout=LIMIT)

    def ask(self, target):
        """The admin listener, by the address that a probe would ask at."""
        return self.world.ask(target=target, which=2)


class Hold:
    """A handler that answers when it is told to."""

    def __init__(self):
        self.came, self.go = threading.Event(), threading.Event()

    def __call__(self, call):
        self.came.set()
        self.go.wait(LIMIT)
        call.head(200, [('Content-Length', '0')])


@pytest.fixture
def pod(world, image):
    return Pod(world, image)


# What is in it.

def entries(image):
    for folder, folders, files in os.walk(image):
        for name in folders + files:
            path = os.path.join(folder, name)
            yield os.path.relpath(path, image), os.lstat(path)


def test_an_image_has_the_program_and_its_libraries_and_nothing_else(image):
    found = dict(entries(image))
    files = {path for path, st in found.items() if stat.S_ISREG(st.st_mode)}
    libraries = {path for path in files if '.so' in path}
    assert files - libraries == {
        'usr/bin/sallyport', 'etc/passwd', 'etc/group',
        'etc/ssl/certs/ca-certificates.crt'}
    # The program and the loader are all that can be run.
    runs = {path for path in files if found[path].st_mode & 0o111}
    assert len(runs) == 2 and 'usr/bin/sallyport' in runs, runs
    assert sum(found[path].st_size for path in files) < MOST


def test_nobody_but_root_may_write_an_image(image):
    for path, st in entries(image):
        if not stat.S_ISLNK(st.st_mode):
            assert st.st_mode & 0o7022 == 0, path
        if path != 'run/sallyport':
            assert st.st_uid == os.geteuid(), path


def test_its_libraries_are_all_there(image):
    """Without those of this machine."""
    done = subprocess.run([*container.NAMESPACES, '--root', image, PROGRAM,
                           'version', '--json'], stdout=subprocess.PIPE)
    assert json.loads(done.stdout)['version']


# How it is at home there.

def test_a_pod_serves_with_a_root_that_nobody_can_write(pod):
    pod.start()
    assert pod.world.echo()['key'] == 'team-a'
    with open('/proc/%d/status' % pod.first) as file:
        status = dict(re.findall(r'^(\w+):\s+(.*)$', file.read(), re.M))
    assert status['NSpid'].split()[-1] == '1'
    assert int(status['CapEff'], 16) == int(status['CapBnd'], 16) == 0
    with open('/proc/%d/mountinfo' % pod.first) as file:
        roots = [x.split() for x in file if x.split()[4] == '/']
    assert roots and all('ro' in x[5].split(',') for x in roots), roots


def test_a_pod_is_probed_over_tcp(pod):
    pod.start()
    for target in '/healthz', '/readyz':
        assert pod.ask(target).status == 200
    assert b'sallyport_build_info' in pod.ask('/metrics').data


@needs_root
def test_verbs_work_in_a_pod_without_being_told_of_its_files(pod):
    pod.start()
    for args in ['check'], ['status'], ['reload'], ['key', 'list']:
        done = pod.enter(*args)
        assert done.returncode == 0, (args, done.stdout, done.stderr)


def test_the_volumes_of_kubernetes_are_taken_without_a_warning(pod):
    process = pod.start()
    assert 'warning' not in process.stderr, process.stderr


@needs_root
@pytest.mark.parametrize('mode, groups, why', [
    (0o444, [container.GROUP], 'group or others may use it'),
    (0o440, [], 'Permission denied'),
    (0o460, [container.GROUP], 'no group may write it')])
def test_a_secret_for_others_too_is_refused(pod, mode, groups, why):
    """And one that we cannot read says so; each is the identity's fault."""
    container.project(pod.volume, pod.files(), mode)
    done = subprocess.run(pod.command('check', groups=groups),
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          text=True)
    assert done.returncode == 1 and why in done.stdout, done.stdout


def test_secrets_that_kubernetes_renews_come_in_with_a_reload(pod):
    process = pod.start()
    assert pod.world.echo()['key'] == 'team-a'
    text = pod.config().replace('"team-a"', '"team-b"')
    container.project(pod.volume, pod.files(text), MODE, name='..2026_12_02')
    shutil.rmtree(pod.volume + '/..2026_12_01')
    process.signal(signal.SIGHUP)
    wait_until(lambda: pod.world.echo()['key'] == 'team-b', 'the other key')


# Process 1.

def test_process_1_finishes_what_runs_when_it_is_told_to_stop(pod):
    cloud, = pod.world.clouds
    cloud.handlers['/slow'] = hold = Hold()
    process = pod.start()
    got = []
    asks = threading.Thread(
        target=lambda: got.append(pod.world.ask(target='/slow')))
    asks.start()
    hold.came.wait(LIMIT)
    process.signal(signal.SIGTERM)
    process.wait_line('stopping: finishing what runs')
    hold.go.set()
    asks.join(LIMIT)
    assert got[0].status == 200
    assert process.wait_exit() == 0


def test_process_1_ends_at_once_when_it_is_told_twice(pod):
    cloud, = pod.world.clouds
    cloud.handlers['/slow'] = hold = Hold()
    process = pod.start()
    with pod.world.raw() as raw:
        raw.request(target='/slow')
        hold.came.wait(LIMIT)
        process.signal(signal.SIGTERM)
        process.wait_line('stopping: finishing what runs')
        process.signal(signal.SIGTERM)
        assert process.wait_exit() == 0
    hold.go.set()


def catches(pid, number):
    """Once it is the program: python, before, catches nothing but SIGINT."""
    with open('/proc/%d/status' % pid) as file:
        caught = re.search(r'^SigCgt:\s+(\w+)', file.read(), re.M)[1]
    return int(caught, 16) >> (number - 1) & 1


def test_process_1_can_be_stopped_while_it_still_loads(pod):
    """The kernel keeps from process 1 what would end any other."""
    child = subprocess.Popen(pod.command('run', '-c', '-'),
                             stdin=subprocess.PIPE)
    with child:
        try:
            pid, = wait_until(lambda: proc.children(child.pid), 'process 1')
            wait_until(lambda: catches(pid, signal.SIGTERM), 'its handler')
            os.kill(pid, signal.SIGTERM)
            assert child.wait(LIMIT) == 128 + signal.SIGTERM
        finally:
            child.kill()


@needs_root
def test_process_1_reaps_what_others_leave_to_it(pod):
    process = pod.start()
    before = set(process.pids())
    parent = subprocess.Popen(
        ['nsenter', '-t', str(pod.first), '--pid', 'sh', '-c',
         'exec 3<&0; sh -c "read x <&3; exit 7" &'], stdin=subprocess.PIPE)
    assert parent.wait(LIMIT) == 0
    orphan, = set(process.pids()) - before
    parent.stdin.close()
    wait_until(lambda: not os.path.exists('/proc/%d' % orphan), 'its end')
    assert pod.world.echo()['key'] == 'team-a'


def test_a_worker_that_dies_in_a_pod_is_replaced(pod):
    process = pod.start()
    worker, = process.workers
    os.kill(worker, signal.SIGKILL)
    assert pod.world.echo()['key'] == 'team-a'
    assert process.workers != [worker]
