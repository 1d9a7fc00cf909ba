"""What contrib has for those who rotate the log and ship it to Elastic."""

import json
import os
import re
import shutil
import subprocess

import pytest
from waiting import wait_until
from world import ROOT

TOP = os.path.join(os.path.dirname(__file__), '..', '..')
LOGROTATE = os.path.join(TOP, 'contrib/logrotate/sallyport')
ELASTIC = os.path.join(TOP, 'contrib/elastic')

# Of what we write, that which the Elastic Common Schema has by this name.
ECS = set('''
    @timestamp log.level message ecs.version service.name process.pid
    event.kind event.category event.type event.dataset event.duration
    event.outcome event.reason event.action
    http.request.method http.request.id http.request.body.bytes
    http.response.status_code http.response.body.bytes http.version
    url.path url.query user_agent.original trace.id span.id
    client.ip client.port client.user.id client.user.name
    tls.client.subject tls.client.issuer tls.client.hash.sha256'''.split())


def read(*parts):
    with open(os.path.join(*parts)) as f:
        return f.read()


def flat(found, before=''):
    """The names of all fields of a line."""
    names = set()
    for name, value in found.items():
        names |= flat(value, before + name + '.') \
            if isinstance(value, dict) else {before + name}
    return names


def mapped():
    made = json.loads(read(ELASTIC, 'template.json'))
    return {'sallyport.' + name for name in made['template']['mappings']
            ['properties']['sallyport']['properties']}


# Rotation.

def rotate(bare, text, *options):
    text = text.replace('/var/log/sallyport', bare.folder)
    # There is no such user here, and logrotate trusts files of root alone.
    text = re.sub(r'\tsu .*\n', '', text)
    file = bare.write('rotate', text)
    os.chmod(file, 0o644)
    done = subprocess.run(
        ['logrotate', '-s', bare.path('rotated'), *options, file],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        env={**os.environ, 'PATH': os.environ['PATH'] + ':/usr/sbin'})
    assert done.returncode == 0 and 'error:' not in done.stdout, done.stdout
    return done.stdout


needs_logrotate = pytest.mark.skipif(
    not shutil.which('logrotate', path=os.environ['PATH'] + ':/usr/sbin'),
    reason='no logrotate')


@needs_logrotate
def test_logrotate_understands_the_file(bare):
    bare.write('access.ndjson', '{}\n')
    said = rotate(bare, read(LOGROTATE), '-d')
    assert 'after 1 days' in said and '(14 rotations)' in said


@needs_logrotate
@pytest.mark.skipif(not ROOT, reason='logrotate trusts files of root alone')
def test_after_a_rotation_lines_go_into_a_new_file(running):
    text = read(LOGROTATE)
    kill, = re.findall(r'\t\tif systemctl .*?\t\tfi\n', text, re.S)
    text = text.replace(kill, '\t\tkill -USR1 %d\n'
                        % running.processes[-1].child.pid)
    assert running.ask().status == 200
    old, = running.access(1)
    rotate(running, text, '-f')
    assert read(running.path('access.ndjson.1')).count('\n') == 1
    wait_until(lambda: os.path.exists(running.path('access.ndjson')),
               'the new file')
    assert running.ask().status == 200
    new, = running.access(1)
    assert new['http']['request']['id'] != old['http']['request']['id']
    # What is signalled is the parent; the workers would end.
    assert '-s USR1 --kill-who=main' in kill


# Elastic.

def test_each_field_of_a_line_is_one_of_ecs_or_has_a_mapping(world):
    world.clouds[0].expiration['team-a'] = ['2027-02-23']
    world.start(world.config(log='access = "%s"; query = true;'
                             % world.path('access.ndjson')))
    assert world.ask(target='/test/echo?n=1', fields=[
        ('User-Agent', 'test'), ('traceparent', '00-%s-%s-01' % (
            '1234567890abcdef' * 2, '1234567890abcdef'))]).status == 200
    assert world.ask(host='evil').status == 421
    lines = world.access(2)
    process = world.processes[-1]
    wait_until(lambda: process.events('sallyport.key'), 'the event')
    events = process.events()
    found = set.union(*(flat(line) for line in lines + events))
    assert len(found) > 25 and not found - ECS - mapped()


def test_the_manual_names_the_same_fields():
    page = read(TOP, 'man/sallyport-log.7.in')
    page = page[page.index('.Sh FIELDS OF ALL LINES'):
                page.index('.Sh EVENTS OF KEYS')]
    told = {name for line in re.findall(r'^\.It Va (.*)$', page, re.M)
            for name in line.split(' , ')}
    assert told == ECS | mapped()


def test_the_files_are_json():
    pipeline = json.loads(read(ELASTIC, 'pipeline.json'))
    kinds = [kind for part in ('processors', 'on_failure')
             for processor in pipeline[part] for kind in processor]
    assert set(kinds) == {'set', 'append', 'user_agent'}
    used = re.findall(r'\{\{\{([^_}]+)\}\}\}', read(ELASTIC, 'pipeline.json'))
    assert used and not set(used) - ECS - mapped()
    for processor in pipeline['processors']:
        for value in processor.values():
            test = value.get('if', '').replace('?', '')
            assert all(name in ECS for name in
                       re.findall(r'ctx\.(\S+) != null', test))
    watch = json.loads(read(ELASTIC, 'watch.json'))
    text = json.dumps(watch['input'])
    actions = re.findall(r'"(key-[a-z-]+)"', text)
    assert actions and set(actions) <= set(re.findall(
        r'key-[a-z-]+', read(TOP, 'src/policy/key_state.tbl')
        + read(TOP, 'man/sallyport-log.7.in')))


def test_filebeat_reads_both_logs_and_adds_nothing():
    yaml = pytest.importorskip('yaml')
    inputs = yaml.safe_load(read(ELASTIC, 'filebeat.yml'))
    assert [i['type'] for i in inputs] == ['filestream', 'journald']
    template = json.loads(read(ELASTIC, 'template.json'))
    pattern, = template['index_patterns']
    for one in inputs:
        assert re.fullmatch(pattern.replace('.', r'\.').replace('*', '.*'),
                            one['index'])
        assert one['pipeline'] == 'sallyport'
    assert inputs[0]['parsers'][0]['ndjson']['target'] == ''
    added = [kind for one in inputs for p in one.get('processors', ())
             for kind in p]
    assert added == ['decode_json_fields']
