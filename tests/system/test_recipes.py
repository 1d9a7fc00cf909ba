"""The programs of contrib/clients.md print what follows each of them there: the
first text where sallyport answers itself, the second where the API says no."""

import os
import re
import subprocess
import sys

import clients
import pytest
import world as world_module

pytestmark = [pytest.mark.slow, pytest.mark.skipif(
    world_module.SANITIZED, reason='real clients: without sanitizers')]

TEXT = os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', '..',
                    'contrib', 'clients.md')
BASE = 'http://127.0.0.1:9080'
IMITATED = ('ecctl', 'elastic', 'terraform')
DEPLOYMENT = '6b3f0c1d9e2a4587b1c0d2e3f4a59687'
LACKS = 'The key lacks a role'
UNAUTHORIZED = 'action [cluster:monitor/main] is unauthorized for API key ' \
    'id [k]'


def recipes():
    """(heading, language, source of a program, what that prints, twice)"""
    with open(TEXT) as file:
        parts = re.split(r'^## (.*)\n', file.read(), flags=re.M)[1:]
    return [(heading, *found) for heading, part in
            zip(parts[::2], parts[1::2]) for found in re.findall(
                r'^```(\w+)\n(.*?)^```\n\n```text\n(.*?)^```\n\n'
                r'```text\n(.*?)^```$', part, re.M | re.S)]


@pytest.fixture(scope='session')
def packages():
    """The folder of what comes from npm, which stays for the next time."""
    return os.path.join(os.path.dirname(os.path.abspath(
        os.environ['SALLYPORT'])), 'tests', 'clients', 'made')


def imitate(world):
    """A PATH on which those that cannot be had are imitated."""
    os.makedirs(world.path('imitated'), exist_ok=True)
    for name in IMITATED:
        os.chmod(world.write('imitated/' + name, '#!/bin/sh\nexec %s -B %s %s '
                             '"$@"\n' % (sys.executable,
                                        clients.source('imitated.py'), name)),
                 0o755)
    return world.path('imitated') + ':' + os.environ['PATH']


def interpreter(world, packages, language, source):
    """How a file of that language is run."""
    if language == 'python':
        argv, _ = clients.python('', re.search(r'import (\w+)', source)[1])
        return argv[:1], 'recipe.py'
    if language == 'js':
        argv, _ = clients.node('', 'fetch.mjs')
        if 'import' in source:
            os.symlink(os.path.join(clients.packages(packages),
                                    'node_modules'),
                       world.path('node_modules'))
        return argv[:1], 'recipe.mjs'
    if language == 'java':
        clients.need('java', 'javac')
        return ['java'], 'Deployments.java'
    if language == 'hcl':
        return ['sh', '-c', 'exec terraform plan'], 'main.tf'
    return ['sh'], 'recipe.sh'


def refuse(call):
    call.refuse(403, 'root.permission_denied', LACKS)


def refuse_as_elasticsearch(call):
    why = {'type': 'security_exception', 'reason': UNAUTHORIZED}
    call.json({'error': {**why, 'root_cause': [why]}, 'status': 403}, 403)


def start(world):
    process = world.start(world.config(
        routes=['{ name = "team-a"; upstream = "elastic-cloud"; '
                'keys = [ "team-a" ]; }'],
        more='admin = { address = "unix:%s"; };' % world.path('admin.sock')))
    world.clouds[0].handlers.update({
        '/api/v1/deployments': refuse, '/': refuse_as_elasticsearch,
        '/api/v1/deployments/' + DEPLOYMENT: refuse})
    return process.listening[0]


@pytest.mark.parametrize('heading, language, source, own, passed', recipes(),
                         ids=['%s-%s' % r[:2] for r in recipes()])
def test_a_recipe_prints_what_is_said_of_it(world, packages, heading, language,
                                            source, own, passed):
    argv, name = interpreter(world, packages, language, source)
    address = start(world)
    assert BASE in source
    world.write(name, source.replace(BASE, 'http://' + address))
    for prints in passed, own:
        done = subprocess.run([*argv, name], cwd=world.folder, text=True,
                              env={**world.environment(), 'no_proxy': '*',
                                   'PATH': imitate(world)},
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        for line in prints.splitlines():
            assert line in done.stdout, done.stdout
        world.run('key', 'disable', 'team-a', '-c', 'sallyport.conf')
    if 'Elasticsearch' in heading:
        lines = world.access(5)
        assert [x['http']['response']['status_code'] for x in lines] == \
            [403, 503, 503, 503, 503]


def test_there_is_a_recipe_for_each_client():
    assert [r[0] for r in recipes()] == [
        'curl', 'Python', 'Python', 'JavaScript',
        "Elasticsearch's client for JavaScript", 'Java', 'ecctl',
        'The elastic CLI', 'Terraform']
