"""Post-quantum identities: from keygen to a key that is served; where
libcrypto has no ML-KEM, that they are refused for what they are."""

import os
import re

import pytest


@pytest.fixture
def hybrid(bare):
    """The recipient of a post-quantum identity in the file pq."""
    made = bare.run('keygen', '--pq', '-o', 'pq')
    if made.returncode != 0:
        assert 'post-quantum' in made.stderr, made.stderr
        pytest.skip('this libcrypto has no ML-KEM')
    return made.stdout.strip()


def test_a_post_quantum_identity_is_made_or_refused_and_leaves_no_file(bare):
    made = bare.run('keygen', '--pq', '-o', 'pq')
    if made.returncode == 0:
        assert re.fullmatch(r'age1pq1[0-9a-z]{1952}\n', made.stdout)
        return
    assert 'this build has no ML-KEM' in made.stderr
    assert made.stdout == '' and not os.path.exists(bare.path('pq'))


def test_keys_are_kept_for_a_post_quantum_recipient(bare, hybrid):
    for name in 'one', 'two':
        bare.write('value', 'a-value-of-%s\n' % name)
        done = bare.run('key', 'add', name, '--to', 'k.age', '--host',
                        'api.example.com', '-i', 'pq', '--value-file',
                        'value', *(['-r', hybrid] if name == 'one' else []))
        assert done.returncode == 0, done.stderr
    listed = bare.run('key', 'list', 'k.age', '-i', 'pq')
    assert 'sealed to ' + hybrid in listed.stdout
    text = bare.run('unseal', '-i', 'pq', 'k.age').stdout
    assert 'a-value-of-one' in text and 'a-value-of-two' in text
    assert bare.run('unseal', '-i', 'identity', 'k.age').returncode == 1


def test_nothing_is_sealed_to_recipients_of_both_kinds(bare, hybrid):
    bare.write('plain', 'x\n')
    done = bare.run('seal', '-r', hybrid, '-r', bare.recipient, '-o', 'out',
                    'plain')
    assert done.returncode == 1 and 'do not mix' in done.stderr
    assert not os.path.exists(bare.path('out'))
