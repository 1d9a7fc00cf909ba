"""edit: what editors do to a sealed file."""

import os
import re
import subprocess

import pytest
from keyfiles import opened, seal_by_age
from waiting import LIMIT


def editor(world, script, name='editor'):
    path = world.write(name, '#!/bin/sh\n%s\n' % script)
    os.chmod(path, 0o755)
    return {**world.environment(), 'VISUAL': '', 'EDITOR': path}


def edit(world, script, *more):
    done = subprocess.run([world.program, 'edit', '-i', 'identity',
                           'keys.age', *more], cwd=world.folder,
                          env=editor(world, script), stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          text=True, timeout=2 * LIMIT,
                          start_new_session=True)
    world.check_text(done.stdout + done.stderr, 'output of edit')
    return done


def test_edit_seals_what_the_editor_made(keyfile):
    done = edit(keyfile, 'sed -i s/team-a/team-z/ "$1"; pwd >where; '
                       'stat -f -c %T "$1" >kind; stat -c %a "$1" >mode')
    assert done.returncode == 0, done.stderr
    assert '"team-z"' in opened(keyfile)
    assert 'recipient: ' + keyfile.recipient in opened(keyfile)
    with open(keyfile.path('kind')) as kind, open(keyfile.path('mode')) as mode:
        assert kind.read().strip() in ('tmpfs', 'ramfs')
        assert mode.read().strip() == '600'


def test_an_editor_that_writes_by_rename_is_fine(keyfile):
    done = edit(keyfile, 'cp "$1" "$1~"; sed s/team-a/team-z/ "$1" >"$1.new"; '
                       'mv "$1.new" "$1"; echo "$1" >where; '
                       'mkdir -p "${1%/*}/.undo/deep"; '
                       'cp "$1" "${1%/*}/.undo/deep"')
    assert done.returncode == 0, done.stderr
    assert '"team-z"' in opened(keyfile)
    with open(keyfile.path('where')) as f:
        assert not os.path.exists(os.path.dirname(f.read().strip()))


@pytest.mark.parametrize('script,pattern', [
    ('exit 3', 'status 3'), ('kill -9 $$', 'signal 9'),
    ('echo "keys = = 1" >"$1"', r'keys\.age:1: syntax error'),
    ('sed -i s/hosts/hostes/ "$1"', r"keys\.age:\d+: unknown option 'hostes'"),
    ('rm "$1"', 'No such file'),
    ('printf "keys = (\\n{ name = \\"a\\"; }\\n);" >"$1"',
     r"keys\.age:2: option 'value' is missing"),
])
def test_a_failed_edit_changes_nothing_and_leaves_nothing(keyfile, script,
                                                          pattern):
    with open(keyfile.path('keys.age'), 'rb') as f:
        before = f.read()
    done = edit(keyfile, 'echo "$1" >where; ' + script)
    assert done.returncode == 1
    assert re.search(pattern, done.stderr), done.stderr
    with open(keyfile.path('keys.age'), 'rb') as f:
        assert f.read() == before
    with open(keyfile.path('where')) as f:
        assert not os.path.exists(os.path.dirname(f.read().strip()))


def test_an_edit_that_changes_nothing_does_not_touch_the_file(keyfile):
    before = os.stat(keyfile.path('keys.age')).st_mtime_ns
    done = edit(keyfile, 'true')
    assert done.returncode == 0 and 'nothing changed' in done.stdout
    assert os.stat(keyfile.path('keys.age')).st_mtime_ns == before


def test_a_place_that_others_control_is_not_used(keyfile):
    for mode, used in (0o700, True), (0o777, False):
        os.chmod(keyfile.memory, mode)
        assert edit(keyfile, 'echo "$1" >where').returncode == 0
        with open(keyfile.path('where')) as f:
            assert f.read().startswith(keyfile.memory) == used


def test_an_editor_may_have_options(keyfile):
    env = editor(keyfile, 'test "$1" = -x && sed -i s/team-a/team-z/ "$2"')
    env['EDITOR'] += ' -x'
    done = subprocess.run([keyfile.program, 'edit', '-i', 'identity',
                           'keys.age'], cwd=keyfile.folder, env=env,
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE)
    assert done.returncode == 0, done.stderr
    assert '"team-z"' in opened(keyfile)


def test_another_change_waits_for_an_edit_and_then_gives_up(keyfile):
    done = edit(keyfile, '"%s" key remove team-a --from "%s" -i "%s" 2>said; '
                'true' % (keyfile.program, keyfile.path('keys.age'),
                          keyfile.identity))
    assert done.returncode == 0
    with open(keyfile.path('said')) as f:
        assert 'another sallyport is changing it' in f.read()


def test_what_another_program_changed_meanwhile_is_not_overwritten(keyfile):
    text = opened(keyfile) + '# theirs\n'
    keyfile.write('theirs', 'x')
    keyfile.plain_files.add(keyfile.path('theirs'))
    seal_by_age(keyfile, 'theirs.age', text)
    done = edit(keyfile, 'mv theirs.age keys.age; echo "# mine" >>"$1"')
    assert done.returncode == 1 and 'meanwhile' in done.stderr, done.stderr
    assert '# theirs' in opened(keyfile)


def test_a_sealed_configuration_is_checked_as_one(bare):
    text = bare.config(upstreams=[bare.upstream(to='127.0.0.1:1')])
    seal_by_age(bare, 'keys.age', text)
    done = edit(bare, 'sed -i s/workers/wrokers/ "$1"')
    assert done.returncode == 1
    assert re.search(r"keys\.age:\d+: unknown option 'wrokers'", done.stderr)
    done = edit(bare, 'sed -i s/debug/info/ "$1"')
    assert done.returncode == 0, done.stderr
    assert '"info"' in opened(bare)


def test_an_editor_that_leaves_nothing_changes_nothing(keyfile):
    before = opened(keyfile)
    done = edit(keyfile, ': >"$1"')
    assert done.returncode == 1 and 'left nothing' in done.stderr
    assert opened(keyfile) == before


@pytest.mark.skipif(os.getuid() != 0, reason='needs root')
def test_edit_works_without_being_root(keyfile):
    for path in [keyfile.folder] + [keyfile.path(f)
                                  for f in os.listdir(keyfile.folder)]:
        os.chown(path, 65534, 65534)
    env = editor(keyfile, 'sed -i s/team-a/team-z/ "$1"')
    done = subprocess.run([keyfile.program, 'edit', '-i', 'identity',
                           'keys.age'], cwd=keyfile.folder, env=env,
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, user=65534, group=65534,
                          extra_groups=[])
    assert done.returncode == 0, done.stderr
    assert '"team-z"' in opened(keyfile)


def test_an_editor_that_leaves_a_pipe_changes_nothing(keyfile):
    before = opened(keyfile)
    done = edit(keyfile, 'rm "$1"; mkfifo "$1"')
    assert done.returncode == 1
    assert 'is a pipe, not a file' in done.stderr, done.stderr
    assert opened(keyfile) == before
    assert not os.listdir(keyfile.memory)
