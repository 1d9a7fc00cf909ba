"""The programs of contrib/clients.md print what follows each of them there."""

import os
import re
import subprocess

import clients
import pytest
import world as world_module

pytestmark = [pytest.mark.slow, pytest.mark.skipif(
    world_module.SANITIZED, reason='real clients: without sanitizers')]

TEXT = os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', '..',
                    'contrib', 'clients.md')
BASE = 'http://127.0.0.1:9080'


def recipes():
    """(language, source of a program, what that prints)"""
    with open(TEXT) as file:
        return re.findall(r'^```(\w+)\n(.*?)^```\n\n```text\n(.*?)^```$',
                          file.read(), re.M | re.S)


def interpreter(language, source):
    """How a file of that language is run."""
    if language == 'python':
        argv, _ = clients.python('', re.search(r'import (\w+)', source)[1])
        return argv[:1], 'recipe.py'
    if language == 'js':
        return clients.node('', 'fetch.mjs')[0][:1], 'recipe.mjs'
    if language == 'java':
        clients.need('java', 'javac')
        return ['java'], 'Deployments.java'
    return ['sh'], 'recipe.sh'


@pytest.mark.parametrize('language, source, prints', recipes(),
                         ids=[r[0] for r in recipes()])
def test_a_recipe_prints_what_is_said_of_it(world, language, source, prints):
    argv, name = interpreter(language, source)
    process = world.start(world.config(
        routes=['{ name = "team-a"; upstream = "elastic-cloud"; '
                'keys = [ "team-a" ]; }'],
        more='admin = { address = "unix:%s"; };' % world.path('admin.sock')))
    done = world.run('key', 'disable', 'team-a', '-c', 'sallyport.conf')
    assert done.returncode == 0, done.stderr
    assert BASE in source
    world.write(name, source.replace(BASE, 'http://' + process.listening[0]))
    done = subprocess.run([*argv, name], cwd=world.folder, text=True,
                          env={**world.environment(), 'no_proxy': '*'},
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    for line in prints.splitlines():
        assert line in done.stdout, done.stdout


def test_there_is_a_recipe_for_each_language():
    assert {r[0] for r in recipes()} == {'sh', 'python', 'js', 'java'}
