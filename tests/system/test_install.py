"""What make install puts where, and that make uninstall leaves nothing."""

import os
import re
import subprocess

import pytest

BUILD = os.path.dirname(os.environ.get('SALLYPORT', ''))

pytestmark = pytest.mark.skipif(
    not os.path.exists(os.path.join(BUILD, 'Makefile')),
    reason='the program does not lie where it was built')


def make(*args):
    env = {k: v for k, v in os.environ.items()
           if k not in ('MAKEFLAGS', 'MFLAGS', 'MAKELEVEL')}
    done = subprocess.run(['make', '-s', '-C', BUILD, *args], env=env,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          text=True)
    assert done.returncode == 0, done.stdout
    return done.stdout


def files_below(folder):
    return {os.path.relpath(os.path.join(where, name), folder)
            for where, _, names in os.walk(folder) for name in names}


def read(*parts):
    with open(os.path.join(*parts)) as f:
        return f.read()


def test_all_of_it_is_installed_below_the_prefix_and_removed(bare):
    root = bare.path('root')
    said = make('install', 'prefix=/opt/sp', 'DESTDIR=' + root)
    assert 'making the user' not in said        # that is up to a package
    top = os.path.join(root, 'opt/sp')
    assert files_below(root) == {'opt/sp/' + file for file in (
        'bin/sallyport',
        'etc/logrotate.d/sallyport',
        'lib/systemd/system/sallyport.service',
        'lib/systemd/system/sallyport.socket',
        'lib/sysusers.d/sallyport.conf',
        'lib/tmpfiles.d/sallyport.conf',
        'share/bash-completion/completions/sallyport',
        'share/doc/sallyport/README.md',
        'share/doc/sallyport/sallyport.conf',
        'share/fish/vendor_completions.d/sallyport.fish',
        'share/man/man5/sallyport.conf.5',
        'share/man/man7/sallyport-log.7',
        'share/man/man8/sallyport.8',
        'share/sallyport/elastic/filebeat.yml',
        'share/sallyport/elastic/pipeline.json',
        'share/sallyport/elastic/template.json',
        'share/sallyport/elastic/watch.json',
        'share/sallyport/grafana/sallyport.json',
        'share/sallyport/prometheus/sallyport.rules.yml',
        'share/zsh/site-functions/_sallyport')}
    assert 'u sallyport ' in read(top, 'lib/sysusers.d/sallyport.conf')
    make('uninstall', 'prefix=/opt/sp', 'DESTDIR=' + root)
    assert files_below(root) == set()
    assert not os.path.exists(os.path.join(top, 'share/sallyport'))
    assert not os.path.exists(os.path.join(top, 'share/doc/sallyport'))


@pytest.mark.parametrize('other', [(), ('prefix=/opt/sp',)])
def test_the_unit_names_the_program_where_it_was_installed(bare, other):
    prefix = other[0].partition('=')[2] if other else \
        re.search(r'^prefix = (.*)$', read(BUILD, 'Makefile'), re.M)[1]
    root = bare.path('root')
    make('install', 'DESTDIR=' + root, *other)
    unit, = (file for file in files_below(root)
             if file.endswith('/sallyport.service'))
    unit = read(root, unit)
    assert '\nExecStart=%s/bin/sallyport run -c ' % prefix in unit
    assert '@bindir' not in unit
