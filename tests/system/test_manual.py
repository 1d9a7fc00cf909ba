"""The manual pages know what the program knows.

The truth comes from the program where it can be asked, or else from the tables
that the program is made of; a page is read as mandoc prints it.
"""

import os
import re
import shutil
import subprocess

import pytest

TOP = os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', '..')
BUILD = os.path.dirname(os.environ.get('SALLYPORT', ''))
PAGES = ('sallyport.8', 'sallyport.conf.5', 'sallyport-log.7')

pytestmark = pytest.mark.skipif(not shutil.which('mandoc'),
                                reason='no mandoc here')


def find(page):
    """Pages that are made of tables lie in the build folder, others do not."""
    return next(path for path in (os.path.join(folder, 'man', page)
                                  for folder in (BUILD, TOP))
                if os.path.exists(path))


def lint(page):
    """What mandoc says of it, but that no other page is installed here."""
    done = subprocess.run(['mandoc', '-T', 'lint', '-W', 'all', find(page)],
                          stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                          text=True)
    return [line for line in done.stdout.splitlines()
            if 'referenced manual not found' not in line]


def read(page):
    """The page as people see it, each paragraph in one line."""
    done = subprocess.run(['mandoc', '-T', 'ascii', '-O', 'width=1000',
                           find(page)], stdout=subprocess.PIPE, text=True)
    assert done.returncode == 0
    return re.sub('.\b', '', done.stdout)


def section(text, title):
    """From a title at the left margin to the next one."""
    parts = re.split(r'^(?=[A-Z])', text, flags=re.M)
    return next(part for part in parts if part.startswith(title + '\n'))


def verbs(world):
    listed = world.run('help').stdout.split('Verbs:\n')[1].split('\n\n')[0]
    return re.findall(r'^  (\S+(?: \S+)?)  ', listed, re.M)


@pytest.mark.parametrize('page', PAGES)
def test_mandoc_finds_nothing_wrong_with_a_page(page):
    assert lint(page) == []


def test_every_verb_is_in_the_manual_as_help_has_it(bare):
    text = section(read('sallyport.8'), 'VERBS')
    usages = {verb: ' '.join(bare.run('help', *verb.split()).stdout
                             .split('\n\n')[0].split())[len('Usage: '):]
              for verb in verbs(bare)}
    assert len(usages) > 15
    found = re.findall(r'^ +(sallyport .*)$', text, re.M)
    for usage in usages.values():
        assert found.count(usage) == 1, usage


def test_every_option_of_every_verb_is_in_the_manual(bare):
    text = read('sallyport.8')
    common = section(text, 'COMMON OPTIONS')
    entries = re.split(r'^ +(?=sallyport )', section(text, 'VERBS'),
                       flags=re.M)
    seen = 0
    for verb in verbs(bare):
        entry = next(x for x in entries
                     if re.match('sallyport %s(?: [^a-z]|\n)' % verb, x))
        said = bare.run('help', *verb.split()).stdout
        for letter, option in re.findall(
                r'^  (?:-(\S), |    )(--\S+(?: [A-Z]+)?)(?:  |\n)', said, re.M):
            whole = '-%s, %s' % (letter, option) if letter else option
            assert any(re.search(r'^ +%s(?:  |\n)' % re.escape(whole), x, re.M)
                       for x in (entry, common)), (verb, whole)
            seen += 1
    assert seen > 50


def test_every_exit_status_and_signal_is_in_the_manual():
    text = read('sallyport.8')
    statuses = re.findall(r'^ +(\d) ', section(text, 'EXIT STATUS'), re.M)
    with open(os.path.join(TOP, 'src', 'cli', 'say.h')) as f:
        known = re.search(r'enum cli_exit \{(.*?)\}', f.read(), re.S)[1]
    known = re.sub(r'/\*.*?\*/', '', known, flags=re.S)
    assert len(statuses) == len(re.findall(r'CLI_\w+', known))
    for name in 'SIGHUP', 'SIGTERM', 'SIGINT', 'SIGUSR1':
        assert name in section(text, 'SIGNALS')


def table(*path):
    """The rows of a table, without comments, as (macro, strings in it)."""
    with open(os.path.join(TOP, 'src', *path)) as f:
        # A string may have what would begin a comment.
        text = re.sub(r'("(?:[^"\\]|\\.)*")|/\*.*?\*/',
                      lambda m: m[1] or '', f.read(), flags=re.S)
    rows = re.findall(r'^([A-Z_]+)\(((?:[^")]|"(?:[^"\\]|\\.)*"|\([^)]*\))*)\)',
                      text, re.M)
    assert len(rows) == len(re.findall(r'^[A-Z_]+\(', text, re.M))
    return rows


def strings(row):
    """Its literals, those that follow each other as one."""
    joined = re.sub(r'"\s*"', '', row)
    return [re.sub(r'\\(.)', r'\1', x)
            for x in re.findall(r'"((?:[^"\\]|\\.)*)"', joined)]


def paragraphs(text):
    """Its lines, or in help what is indented alike, without more blanks."""
    return re.sub(r'[ \t\n]+', ' ', text)


def test_every_option_is_in_the_manual_as_help_has_it(bare):
    page = paragraphs(section(read('sallyport.conf.5'), 'OPTIONS') +
                      section(read('sallyport.conf.5'), 'SEALED FILES'))
    said = bare.run('help', 'configuration').stdout
    seen, at = 0, 0
    for group in said.split('Options of: ')[1:]:
        for entry in re.split(r'^    (?=\S)', group, flags=re.M)[1:]:
            name, rest = entry.split(': ', 1)
            lines = [paragraphs(x).strip() for x in rest.split('\n', 2)]
            if len(lines) == 3 and lines[2]:
                # A default may be as long as two lines of help.
                whole = '%s Value: %s. %s %s' % (name, *lines)
            else:
                whole = name
            at = page.find(' ' + whole, at)
            assert at >= 0, '%s is not there, or not in its place' % whole
            seen += 1
    assert seen > 100


def test_every_call_that_mints_is_in_the_manual():
    text = section(read('sallyport.conf.5'), 'CALLS THAT MINT')
    calls = [strings(row)[0] for macro, row in table('policy', 'minting.tbl')
             if macro == 'MINTING']
    assert len(calls) > 20
    for call in calls:
        assert re.search(r'^ +%s(?:  |\n)' % re.escape(call), text, re.M), call


def test_every_state_of_keys_is_in_the_manual(bare):
    text = paragraphs(section(read('sallyport.conf.5'), 'STATES OF KEYS'))
    said = bare.run('help', 'states').stdout.split('\n\n')[1]
    states = re.findall(r'^(\S+)\n((?:    .*\n?)+)', said, re.M)
    assert len(states) == 7
    for name, meaning in states:
        assert ' %s %s.' % (name, paragraphs(meaning).strip()) in text, name


def test_what_changes_the_state_of_a_key_is_in_the_manual_as_help_has_it(bare):
    text = paragraphs(section(read('sallyport.conf.5'), 'STATES OF KEYS'))
    said = bare.run('help', 'states').stdout.split('What changes it')[1:]
    changes = re.findall(r'^    (\S.*(?:\n    \S.*)*)\n((?:        .*\n)+)',
                         ''.join(said), re.M)
    assert len(changes) == 14
    at = 0
    for what, ways in changes:
        told = '%s: %s.' % (paragraphs(what).replace(': it ', ' It '),
                            '; '.join(way.strip() for way in
                                      ways.splitlines()))
        assert told in text[at:], told
        at = text.index(told, at)


def source(*path):
    with open(os.path.join(TOP, 'src', *path)) as f:
        return re.sub(r'/\*.*?\*/', '', f.read(), flags=re.S)


def json_names(pieces):
    """The full names in pieces of JSON, which stand in the order of writing."""
    names, path, name = set(), [], ''
    for token in re.findall(r'"([\w@.]+)":|([{}])', pieces):
        if token[1] == '}':
            path.pop()
        elif token[1] == '{':
            path.append(name)
            name = ''
        else:
            name = token[0]
            names.add('.'.join([x for x in path if x] + [name]))
    return {x for x in names if not any(y.startswith(x + '.') for y in names)}


def fields_of_exchanges():
    """Those that the source of the access line writes."""
    text = source('client', 'access_log.c')
    text = text[text.index('\nput_event('):text.index('\nput_json(')]
    text = re.sub(r'PUT_(?:TEXT|STR)\(out, "(\w+)"',
                  r'PUT(out, ",\\"\1\\":"', text)
    literals = re.findall(r'"((?:[^"\\]|\\.)*)"', text)
    return json_names(''.join(literals).replace('\\"', '"'))


def fields_of_messages():
    text = source('base', 'log.c')
    text = text[text.index('\nwrite_key('):text.index('\nlog_escape(')]
    names, path = set(), []
    for call, name in re.findall(
            r'json_(\w+)\(&?j(?:, (?:"([\w@.]+)"|NULL))?', text):
        if call == 'object':
            path.append(name)
        elif call == 'object_end':
            path.pop()
        elif name:
            names.add('.'.join([x for x in path if x] + [name]))
    return names


def flat(value, name=''):
    if not isinstance(value, dict):
        return {name}
    return set().union(*(flat(v, name + '.' * bool(name) + k)
                         for k, v in value.items()))


def items(text):
    """What stands at the heads of the entries of a section's lists."""
    heads = re.findall(r'^     (\S.*?)(?:  .*)?$', text, re.M)
    return {x for head in heads for x in head.split(', ')}


def test_every_field_of_the_log_is_in_the_manual():
    text = read('sallyport-log.7')
    common = items(section(text, 'FIELDS OF ALL LINES'))
    exchanges = items(section(text, 'FIELDS OF EXCHANGES'))
    messages = items(section(text, 'FIELDS OF MESSAGES AND EVENTS'))
    written = fields_of_exchanges()
    assert 'tls.client.hash.sha256' in written and len(written) > 40
    assert written - exchanges - common == set()
    assert {x for x in exchanges if '.' in x and ' ' not in x} - written == set()
    written = fields_of_messages()
    assert 'process.pid' in written and 'sallyport.key_expires' in written
    assert written - messages - common - exchanges == set()


def test_what_a_line_of_the_log_has_is_in_the_manual(running):
    assert running.ask('GET', '/test/echo').status == 200
    text = read('sallyport-log.7')
    known = items(section(text, 'FIELDS OF ALL LINES')) | items(
        section(text, 'FIELDS OF EXCHANGES'))
    line, = running.access(1)
    assert 'sallyport.key' in flat(line)
    assert flat(line) - known == set()


def test_every_fault_is_in_the_manual_with_what_to_do():
    text = section(read('sallyport-log.7'), 'FAULTS')
    faults = [(strings(row), re.search(r'", (\d+), "', row)[1])
              for macro, row in table('policy', 'fault.tbl')
              if macro == 'FAULT']
    assert len(faults) > 20
    for (code, said), status in faults:
        head = code if status == '0' else '%s (%s)' % (code, status)
        entry = re.search(r'^     %s(?:\n|  )(.*)' % re.escape(head), text, re.M)
        assert entry, head
        entry = paragraphs(text[entry.start():].split('\n\n')[0])
        told = said.replace('%s', 'NAME') + '.'
        assert told in entry, code
        # More than what the client is told.
        assert len(entry.split(told)[1].split()) > 3, code


def test_every_event_of_keys_is_in_the_manual():
    text = section(read('sallyport-log.7'), 'EVENTS OF KEYS')
    actions = {strings(row)[0]
               for macro, row in table('policy', 'key_state.tbl')
               if macro == 'KEY_EVENT'}
    for folder, _, names in os.walk(os.path.join(TOP, 'src')):
        for name in names:
            if name.endswith('.c'):
                actions |= set(re.findall(r'\.action = "([a-z-]+)"',
                                          source(folder, name)))
    assert len(actions) == 9
    assert actions - items(text) == set()


def test_every_metric_is_in_the_manual(bare):
    text = paragraphs(section(read('sallyport-log.7'), 'METRICS'))
    said = bare.run('help', 'metrics').stdout
    metrics = re.findall(r'^(\S+)\n    (.*)\n((?:    .*\n?)+)', said, re.M)
    assert len(metrics) > 20
    for name, kind, meaning in metrics:
        assert ' %s %s. %s' % (name, kind.capitalize(),
                               paragraphs(meaning).strip()) in text, name


def test_every_diagnosis_is_in_the_manual_with_its_code_and_source():
    text = paragraphs(section(read('sallyport-log.7'), 'WHAT UPSTREAMS SAY'))
    # An empty text is none of its strings.
    rows = [(['', *strings(row)][-2:], re.search(r'", (\d+), "', row)[1])
            for macro, row in table('upstream', 'refusal.tbl')
            if macro == 'REFUSAL']
    assert len(rows) > 20
    at = 0
    for (said, words), number in rows:
        entry = re.compile(r' %s\. (\S[^.]*%s.*?)\. ' % (
            re.escape(words), re.escape(said))).search(text, at)
        assert entry, words
        assert entry[1].endswith(' [%s]' % number) == (number != '0'), entry[1]
        at = entry.end() - 1
    sources = {row.split(',')[0]: strings(row)[0]
               for macro, row in table('upstream', 'refusal.tbl')
               if macro == 'REFUSAL_SOURCE'}
    assert {number for _, number in rows} == {'0', *sources}
    for number, name in sources.items():
        assert ' [%s] %s.' % (number, name) in text, number
