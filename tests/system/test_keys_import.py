"""key import: what it understands of a table and what it says about it."""

import base64
import os
import re

import pytest
from keyfiles import HOST, fails, fingerprint, opened


@pytest.mark.parametrize('head,row', [
    ('Name,API key,Expiration', 'my key,%s,2027-01-02T03:04:05Z'),
    ('\ufeff"name";"key";"expires"', '"my key";"%s";"2027-01-02 03:04:05 UTC"'),
    ('what\tname\texpiry', '%s\tmy key\t1798859045'),
])
def test_key_import_understands_what_it_gets(bare, head, row):
    value = bare.new_key('my-key')
    with open(bare.path('k.csv'), 'w') as f:
        f.write('%s\n%s\n' % (head, row % value))
    done = bare.run('key', 'import', 'k.csv', '--to', 'keys.age', '--host',
                    HOST, '-i', 'identity')
    os.unlink(bare.path('k.csv'))
    assert done.returncode == 0, done.stderr
    assert done.stdout.endswith("\nTo use it, list it in 'keys' of a route, "
                                "then: sallyport reload\n")
    assert "'my-key'" in done.stdout and fingerprint(value) in done.stdout
    assert 'expires 2027-01-02T03:04:05Z' in done.stdout
    assert value in opened(bare)


def test_key_import_tells_to_remove_a_file_but_not_a_pipe(bare):
    text = 'name,key\nx,%s\n' % bare.new_key('x')
    for name, stdin in (bare.write('k.csv', text), ''), ('-', text):
        done = bare.run('key', 'import', name, '--to', '%d.age' % len(stdin),
                        '--host', HOST, '-i', 'identity', stdin=stdin)
        assert done.returncode == 0 and '1 key added' in done.stdout
        assert ('remove' in done.stdout) == (name != '-')
    os.unlink(bare.path('k.csv'))


def test_key_import_lists_candidates_it_cannot_choose_from(bare):
    one, two = bare.new_key('one'), bare.new_key('two')
    text = 'a,b\n%s,%s\n' % (one, two)
    done = fails(bare, 'more than one column', 'key', 'import', '-', '--to',
                 'keys.age', '--host', HOST, '-i', 'identity', '--name', 'x',
                 stdin=text, start_new_session=True)
    assert fingerprint(one) in done.stderr and fingerprint(two) in done.stderr
    done = bare.run('key', 'import', '-', '--to', 'keys.age', '--host', HOST,
                    '-i', 'identity', '--name', 'x', '--column', 'b',
                    stdin=text)
    assert done.returncode == 0, done.stderr
    assert two in opened(bare) and one not in opened(bare)


@pytest.mark.parametrize('text,pattern', [
    ('a,b\n1,2\n', 'nothing in it looks like a key'),
    ('', 'nothing in it looks like a key'),
    ('name,key\n"x,1\n', ':2: a quote is never closed'),
    ('name,key\nx,\n', 'empty'),
    ('{"id": "x"}', 'is JSON and no table; .*: sallyport key add'),
])
def test_key_import_says_what_is_wrong_with_a_table(bare, text, pattern):
    fails(bare, pattern, 'key', 'import', '-', '--to', 'keys.age', '--host',
          HOST, '-i', 'identity', stdin=text)
    assert not os.path.exists(bare.path('keys.age'))


@pytest.mark.parametrize('text,args,said', [
    # %s are keys.
    ('\n\nkey\n\n%s\n%s\n', [], 'input:5: nothing names the keys'),
    ('"a\nb",key\n"c\n\nd",%s\n\n"e",%s\n', ['--name', 'x'],
     'input:7: a second key, of 2'),
    ('name,key\r\r\ra,%s\ra,%s\r', [], 'input:5: the key has the same name '
     'as that of line 4'),
    ('Name,a\r\n\r\nKey,%s\r\nExpires,x\r\nID,%.0s\r\n', [],
     'input:4: warning: the expiry'),
    ('name,schl\u00fcssel\na,%s\n,%s\n', [], 'input:3: the name of the key'),
])
def test_key_import_names_the_line_that_it_is_about(bare, text, args, said):
    done = import_text(bare, text % (bare.new_key('a'), bare.new_key('b')),
                       *args)
    assert said in done.stderr, done.stderr
    assert 'input:1:' not in done.stderr


def test_key_import_is_all_or_nothing(keyfile):
    text = 'name,key\nnew,%s\nteam-a,%s\n' % (keyfile.new_key('new'),
                                              keyfile.new_key('again'))
    before = opened(keyfile)
    done = fails(keyfile, "'team-a' already", 'key', 'import', '-', '--to',
                 'keys.age', '--host', HOST, '-i', 'identity', stdin=text)
    assert 'standard input:3: keys.age has a key' in done.stderr
    assert 'keys.age: nothing was written' in done.stderr
    assert not done.stdout
    assert opened(keyfile) == before


def import_text(world, text, *more):
    return world.run('key', 'import', '-', '--to', 'keys.age', '--host', HOST,
                     '-i', 'identity', *more, stdin=text,
                     start_new_session=True)


def test_key_import_says_what_it_takes_for_headings(bare):
    value = bare.new_key('a')
    done = import_text(bare, 'Name,Who,API key\na,b,%s\n' % value)
    assert done.returncode == 0, done.stderr
    assert 'line 1 is taken as headings: Name, Who, API key\n' in done.stderr
    assert "the keys are in column 3, 'API key'\n" in done.stderr
    assert 'keys.age: a new file, sealed to' in done.stderr
    assert "key 'a': column 3, 'API key'" in done.stdout


def test_key_import_lists_every_row_that_is_wrong(bare):
    keys = [bare.new_key('k%d' % i) for i in range(6)]
    mistyped = keys[1][:40] + ('A' if keys[1][40] != 'A' else 'B') + \
        keys[1][41:]
    bare.secrets.add(mistyped)
    done = import_text(bare, '\n'.join([
        'name,key,expires', 'good,%s,never' % keys[0],
        'b,%s,' % mistyped, '"c\nd",%s,' % keys[2][:60],
        'good,%s,' % keys[3], ',%s,' % keys[4], 'e,abc,', '# a remark',
        'f,,%s' % keys[5], '%s,%s,' % (keys[5], keys[0])]) + '\n')
    assert done.returncode == 1 and not done.stdout
    lines = re.findall('(?m)^standard input:([0-9]+): (.*)$', done.stderr)
    assert [int(n) for n, _ in lines] == [3, 5, 6, 7, 8, 9, 10, 11]
    for (_, text), pattern in zip(lines, [
            'warning: the key looks mistyped',
            'warning: the key looks mistyped', 'same name as that of line 2',
            'the name of the key', 'warning: the key does not look like',
            'warning: holds no key', 'not in column 2', 'looks like a key']):
        assert pattern in text, lines
    assert done.stderr.endswith('keys.age: nothing was written\n')
    assert 'new file' not in done.stderr
    assert not os.path.exists(bare.path('keys.age'))
    for value in keys:
        assert value[5:13] not in done.stderr


@pytest.mark.parametrize('cut', [5, 6, 9, 20, 60])
@pytest.mark.parametrize('name', ['a', 'name', 'token'])
def test_a_key_cut_short_in_the_first_row_is_no_heading(bare, cut, name):
    first, second = bare.new_key('first'), bare.new_key('second')
    done = import_text(bare, '%s,%s\nb,%s\n' % (name, first[:cut], second))
    assert done.returncode == 1 and not done.stdout     # no names
    assert 'headings' not in done.stderr
    assert 'standard input:1: warning: the key looks mistyped' in done.stderr
    assert first[:cut] not in done.stderr and 'essu' not in done.stderr
    assert not os.path.exists(bare.path('keys.age'))


def test_an_older_key_cut_short_in_the_first_row_is_no_heading(bare):
    pairs = [base64.b64encode(os.urandom(9).hex().encode() + b':' +
                              os.urandom(12).hex().encode()).decode()
             for _ in range(2)]
    bare.secrets.update(pairs)
    for cut in 12, 21, 37:
        done = import_text(bare, 'x,%s\ny,%s\n' % (pairs[0][:cut],
                                                   pairs[1]))
        assert done.returncode == 1 and not done.stdout
        assert 'headings' not in done.stderr
        assert pairs[0][:8] not in done.stderr
        # Cut behind the colon it still has the look.
        assert cut > 30 or \
            'standard input:1: warning: the key does not look' in done.stderr


def test_what_looks_mistyped_is_taken_with_a_warning(bare):
    """The check sum is nobody's promise."""
    values = [bare.new_key('a'), bare.new_key('b')[:70]]
    bare.secrets.add(values[1])
    done = import_text(bare, 'name,key\na,%s\nb,%s\n' % tuple(values))
    assert done.returncode == 0, done.stderr
    assert 'standard input:3: warning: the key looks mistyped' in done.stderr
    assert all(v in opened(bare) for v in values)


def test_what_does_not_look_like_a_key_is_taken_with_a_warning(bare):
    values = [bare.new_key('a'), 'a-word-%s' % os.urandom(6).hex()]
    bare.secrets.add(values[1])
    done = import_text(bare, 'name,key\na,%s\nb,%s\n' % tuple(values))
    assert done.returncode == 0, done.stderr
    assert 'standard input:3: warning: the key does not look' in done.stderr
    assert all(v in opened(bare) for v in values)
