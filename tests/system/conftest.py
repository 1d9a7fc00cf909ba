"""Fixtures of the system tests.  They run the real program, $SALLYPORT."""

import os
import shutil
import signal
import sys
import tempfile

import pytest

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(__file__), '..', 'lib'))

import pki as pki_module            # noqa: E402
import keyfiles                       # noqa: E402
import world as world_module        # noqa: E402
from waiting import RELEASE, SANITIZED  # noqa: E402


# What these are about is in files and in words, or takes a process for each of
# hundreds of cases and minutes for passphrases.  The code that they run has
# unit tests and fuzz targets, which are run under sanitizers each time.  Single
# tests of this kind, and those that wait for a minute to pass, are marked once.
ONCE = {
    'test_completion', 'test_docs', 'test_documents',
    'test_explain_certificate', 'test_from_nginx', 'test_install',
    'test_keys_faults', 'test_keys_recipients', 'test_keys_seal',
    'test_keys_terminal', 'test_keys_whole', 'test_manual', 'test_names',
    'test_page', 'test_readme', 'test_sbom', 'test_sealed_configuration',
    'test_words'}


def pytest_configure(config):
    config.addinivalue_line('markers', 'slow: takes more than ten seconds')
    config.addinivalue_line('markers', 'once: not under sanitizers as well')
    config.addinivalue_line('markers', 'corpora: needs ../shared and node')
    config.addinivalue_line('markers', 'release: left to make release-check')
    heed_signals()


def pytest_addoption(parser):
    parser.addoption('--reverse', action='store_true',
                     help='the last test first: none may need another')


def pytest_collection_modifyitems(config, items):
    if config.getoption('reverse'):
        items.reverse()
    if not RELEASE:
        leave_to_release_check(items)


def leave_to_release_check(items):
    """SALLYPORT_RELEASE=1 has them as well."""
    once = pytest.mark.skip(reason='without sanitizers, and by release-check')
    long = pytest.mark.skip(reason='left to make release-check')
    for item in items:
        if SANITIZED and (item.module.__name__ in ONCE or
                          item.get_closest_marker('once')):
            item.add_marker(once)
        elif item.get_closest_marker('release'):
            item.add_marker(long)


def heed_signals():
    """nohup and the & of a script have signals ignored, which the program
    would inherit and leave so.  A handler of our own is none after exec."""
    for number in signal.SIGHUP, signal.SIGINT, signal.SIGQUIT:
        if signal.getsignal(number) == signal.SIG_IGN:
            signal.signal(number, lambda *_: None)
    # Ended from outside, it still ends what it has started.
    signal.signal(signal.SIGTERM, lambda *_: pytest.exit('terminated', 3))


@pytest.fixture(scope='session')
def program():
    path = os.environ.get('SALLYPORT')
    if not path or not os.access(path, os.X_OK):
        pytest.exit('SALLYPORT does not name the program', 2)
    # Some tests run it as another user, who may not look into our home.
    folder = tempfile.mkdtemp(prefix='sallyport-program-')
    os.chmod(folder, 0o755)
    yield shutil.copy(path, folder)
    shutil.rmtree(folder)


@pytest.fixture(scope='session')
def pki(tmp_path_factory):
    return pki_module.Pki(str(tmp_path_factory.mktemp('pki')))


@pytest.fixture(scope='session')
def stranger(tmp_path_factory):
    """A CA that nobody trusts."""
    return pki_module.Pki(str(tmp_path_factory.mktemp('stranger')),
                          'Somebody else')


@pytest.fixture(autouse=True)
def deadline(request):
    """No test hangs: each is interrupted in the end."""
    slow = request.node.get_closest_marker('slow')
    limit = (20 if slow else 3) * world_module.LIMIT

    def expired(*_):
        raise TimeoutError('the test took more than %d seconds' % limit)
    signal.signal(signal.SIGALRM, expired)
    signal.alarm(limit)
    yield
    signal.alarm(0)


@pytest.hookimpl(hookwrapper=True, tryfirst=True)
def pytest_runtest_makereport(item, call):
    outcome = yield
    setattr(item, 'report_' + call.when, outcome.get_result())


@pytest.fixture
def way(request):
    """How clients speak with the program, 'plain' or 'tls'; a test that is
    for both says so by both_ways of ways.py."""
    return getattr(request, 'param', 'plain')


@pytest.fixture
def bare(request, program, pki, way):
    """A world with an identity and nothing else."""
    world = world_module.World(program, pki, tls=way == 'tls')
    try:
        yield world
        report = getattr(request.node, 'report_call', None)
        if report is None or not report.passed:
            for process in world.processes:
                print('--- stderr of %s\n%s' % (process.argv[-1],
                                                process.stderr[-20000:]))
            keep = os.environ.get('SALLYPORT_KEEP')
            if keep:
                shutil.copytree(world.folder, os.path.join(
                    keep, request.node.name), dirs_exist_ok=True)
        else:
            world.finish()
    finally:
        world.abandon()


@pytest.fixture
def keyfile(bare):
    """A world with keys.age made by key add, and its identity by -i."""
    keyfiles.add(bare, 'team-a', '-r', bare.recipient)
    return bare


@pytest.fixture
def world(bare):
    """A world with two keys sealed and the stand-in API running."""
    bare.seal('keys.age', 'team-a', 'team-b')
    bare.cloud()
    return bare


@pytest.fixture
def running(world):
    """The same with the program running in its simplest configuration."""
    world.start()
    return world
