"""The dashboard of contrib/grafana, drawn from a real Prometheus.  The picture
is left in $SALLYPORT_PICTURE, where that names a file.
"""

import contextlib
import json
import os
import shutil
import socket
import subprocess
import time
import urllib.error

import pytest
from dashboard import Prometheus, draw
from waiting import wait_until
from world import key_text

TOP = os.path.abspath(os.path.join(os.path.dirname(__file__), '..', '..'))
RULES = os.path.join(TOP, 'contrib/prometheus/sallyport.rules.yml')
DASHBOARD = os.path.join(TOP, 'contrib/grafana/sallyport.json')

DAY = 86400


def in_days(n):
    return time.strftime('%Y-%m-%dT%H:%M:%SZ',
                         time.gmtime(time.time() + n * DAY))


@contextlib.contextmanager
def prometheus(world, target):
    """One that scrapes the target, and has the rules."""
    with socket.create_server(('127.0.0.1', 0)) as free:
        address = '127.0.0.1:%d' % free.getsockname()[1]
    file = world.write('prometheus.yml', json.dumps({
        'global': {'scrape_interval': '1s', 'evaluation_interval': '1s'},
        'rule_files': [RULES],
        'scrape_configs': [{'job_name': 'sallyport', 'static_configs': [
            {'targets': [target]}]}]}))
    child = subprocess.Popen(
        ['prometheus', '--config.file', file, '--web.listen-address', address,
         '--storage.tsdb.path', world.path('tsdb')],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        yield Prometheus(address)
    finally:
        child.terminate()
        child.wait()


def start(world):
    """Keys that are well, that expire, that have expired, that are rejected;
    a listener with TLS."""
    ends = {'well': 80, 'soon': 5, 'gone': -3, 'rejected': 60}
    texts = [key_text(name, world.new_key(name), expires=in_days(days))
             for name, days in ends.items()]
    world.seal_text('keys.age', 'keys = (\n%s\n);\n' % ',\n'.join(texts))
    cloud = world.cloud()
    for digest in [d for d, n in cloud.digests.items()
                   if n in ('gone', 'rejected')]:
        del cloud.digests[digest]
    pem = world.pki.server('listener', ('localhost', '127.0.0.1'))
    tls = ('{ name = "tls"; address = "127.0.0.1:0"; hosts = [ "localhost" ]; '
           'tls = { certificate = "%s"; certificate_key = "%s"; }; }'
           % (pem, pem))
    world.start(world.config(
        listeners=[world.listener(), tls],
        routes=['{ name = "%s"; path = "/%s"; strip = true; upstream = '
                '"elastic-cloud"; keys = [ %s ]; }' % (
                    name, name, ', '.join('"%s"' % key for key in keys))
                for name, keys in (('fine', ['well']),
                                   ('ending', ['gone', 'soon']),
                                   ('broken', ['rejected']))],
        log='access = "none";',
        more='admin = { address = "127.0.0.1:0"; };'))


@pytest.mark.slow
@pytest.mark.skipif(
    not shutil.which('prometheus'),
    reason='no prometheus (contrib/install-deps --prometheus)')
def test_each_panel_has_something_to_show(bare):
    start(bare)
    with open(DASHBOARD) as f:
        dashboard = json.load(f)

    def all_shown():
        for path, host in (('/fine/test/echo', 'localhost'),
                           ('/ending/test/echo', 'localhost'),
                           ('/broken/test/echo', 'localhost'),
                           ('/fine/test/echo', 'evil')):
            bare.ask(target=path, host=host)
        page, empty = draw(dashboard, server, 60)
        if os.environ.get('SALLYPORT_PICTURE'):
            with open(os.environ['SALLYPORT_PICTURE'], 'w') as f:
                f.write(page)
        return not empty

    with prometheus(bare, bare.processes[-1].listening[-1]) as server:
        def has_scraped():
            with contextlib.suppress(urllib.error.URLError):
                return server.ask('query', query='sallyport_build_info')
        wait_until(has_scraped, 'a scrape')
        wait_until(all_shown, 'every panel')
        # The others were used a moment ago.
        safe = server.ask('query', query='key:sallyport_key_safe_to_revoke:'
                          'bool')
        assert [series['metric']['key'] for series in safe] == ['gone']
