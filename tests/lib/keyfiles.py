"""Sealed files of keys: made by the verbs and by age, looked at by age."""

import hashlib
import re
import subprocess

from world import key_text

HOST = 'api.elastic-cloud.com'


def add(world, name, *more, value=None, to='keys.age', good=True, **options):
    value = value or world.new_key(name)
    world.secrets.add(value)
    done = world.run('key', 'add', name, '--to', to, '--host', HOST, '-i',
                     'identity', *more, stdin=value + '\n', **options)
    assert (done.returncode == 0) == good, done.stderr
    return done


def opened(world, file='keys.age', identity='identity'):
    """Its content, by age."""
    return subprocess.run(['age', '-d', '-i', world.path(identity),
                           world.path(file)], stdout=subprocess.PIPE,
                          check=True).stdout.decode()


def make_identity(world, name):
    done = world.run('keygen', '-o', name)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def seal_by_age(world, file, text, *recipients, flags=()):
    to = [x for r in recipients or [world.recipient] for x in ('-r', r)]
    subprocess.run(['age', *flags, *to, '-o', world.path(file)],
                   input=text.encode(), check=True)


def sealed_keys(world, *names):
    return 'keys = (\n%s\n);\n' % ',\n'.join(
        key_text(n, world.new_key(n)) for n in names)


def fails(world, pattern, *args, status=1, **more):
    done = world.run(*args, **more)
    assert done.returncode == status, (done.stdout, done.stderr)
    assert re.search(pattern, done.stderr), done.stderr
    return done


def fingerprint(value):
    return hashlib.sha256(value.encode()).hexdigest()[:8]
