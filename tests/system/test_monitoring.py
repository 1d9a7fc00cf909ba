"""What contrib has for Prometheus and Grafana, against a real run."""

import json
import os
import re
import shutil
import subprocess

import pytest
from promql import Exposed

TOP = os.path.join(os.path.dirname(__file__), '..', '..')
RULES = os.path.join(TOP, 'contrib/prometheus/sallyport.rules.yml')
DASHBOARD = os.path.join(TOP, 'contrib/grafana/sallyport.json')
RULES_TESTS = os.path.join(TOP, 'tests/contrib/rules.yml')

needs_promtool = pytest.mark.skipif(
    not shutil.which('promtool'),
    reason='no promtool (contrib/install-deps --prometheus)')


def read(file):
    with open(file) as f:
        return f.read()


def promtool(*args):
    done = subprocess.run(['promtool', *args], stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True)
    assert done.returncode == 0, done.stdout
    return done.stdout


def expressions():
    """Of the rules, by their names."""
    return dict(re.findall(r'- (?:alert|record): (\S+)\n +expr: \|\n'
                           r'((?: {10,}.*\n)+)', read(RULES)))


@pytest.fixture
def exposed(world):
    """All metrics of a daemon that has served a request."""
    world.start(world.config(more='admin = { address = "unix:%s"; };'
                             % world.path('admin.sock')))
    assert world.ask().status == 200
    text = world.ask('GET', '/metrics',
                     which=world.processes[-1].listening[-1]).data.decode()
    shown = Exposed(text)
    shown.add_help(world.run('help', 'metrics').stdout)
    return shown


@needs_promtool
def test_the_rules_are_valid():
    assert 'SUCCESS: %d rules found' % len(expressions()) in \
        promtool('check', 'rules', RULES)


@needs_promtool
def test_alerts_fire_when_they_should_and_at_no_other_time():
    promtool('test', 'rules', RULES_TESTS)


def test_each_alert_was_seen_to_fire_and_not_to():
    tests = read(RULES_TESTS)
    firing = re.findall(r'alertname: (\w+)(?:\n +exp_alerts: *.*\n|, '
                        r'exp_alerts: \*)', tests)
    silent = re.findall(r'alertname: (\w+)(?:, exp_alerts: \[\])?\}', tests)
    alerts = {name for name in expressions() if name.startswith('Sallyport')}
    assert alerts and alerts == set(firing) == set(silent)


def test_each_alert_says_what_it_is_and_what_to_run():
    alerts = read(RULES).split('- alert: ')[1:]
    for alert in alerts:
        for part in 'severity', 'summary', 'description', 'command':
            assert re.search(r'^ +%s: \S' % part, alert, re.M), alert


def test_rules_name_only_what_the_daemon_shows(exposed):
    found = expressions()
    assert len(found) > 10
    assert {name: exposed.faults_of(found[name]) for name in found} == \
        {name: [] for name in found}


@pytest.mark.parametrize('query', [
    'sallyport_key_sate == 1', 'sallyport_key_state{stat="active"}',
    'sallyport_key_state{state=~"active|expring"}',
    'sallyport_faults_total{fault="no_key"}',
    'max by (keys) (sallyport_key_state)'])
def test_a_misspelt_name_in_a_query_is_found(exposed, query):
    assert len(exposed.faults_of(query)) == 1


# The dashboard.

def panels():
    with open(DASHBOARD) as f:
        return json.load(f)['panels']


def queries():
    """Of the dashboard's panels, with what Grafana puts in."""
    return {'%s %s' % (panel['title'], target['refId']):
            target['expr'].replace('$__rate_interval', '5m')
            for panel in panels() for target in panel.get('targets', ())}


def test_the_dashboard_is_one_that_grafana_loads():
    with open(DASHBOARD) as f:
        dashboard = json.load(f)
    assert dashboard['schemaVersion'] == 36 and dashboard['uid']
    variables = dashboard['templating']['list']
    assert [v['name'] for v in variables] == ['datasource', 'job', 'instance']
    ids = [panel['id'] for panel in panels()]
    assert len(ids) == len(set(ids)) > 10
    for panel in panels():
        if panel['type'] == 'row':
            continue
        assert panel['description'] and panel['targets'], panel['title']
        for part in [panel, *panel['targets']]:
            assert part['datasource']['uid'] == '${datasource}'
        refs = [target['refId'] for target in panel['targets']]
        assert len(refs) == len(set(refs))


def test_no_panel_lies_on_another():
    taken = {}
    for panel in panels():
        at = panel['gridPos']
        assert at['x'] + at['w'] <= 24, panel['title']
        for y in range(at['y'], at['y'] + at['h']):
            for x in range(at['x'], at['x'] + at['w']):
                assert (x, y) not in taken, (panel['title'], taken[x, y])
                taken[x, y] = panel['title']


def test_each_query_is_of_the_chosen_machines():
    for name, query in queries().items():
        if 'sallyport_key_safe_to_revoke' not in query:
            assert 'job=~"$job", instance=~"$instance"' in query, name


def test_queries_name_only_what_the_daemon_shows(exposed):
    found = queries()
    assert {name: exposed.faults_of(found[name]) for name in found} == \
        {name: [] for name in found}


def test_each_rule_that_a_query_names_is_one_of_the_rules():
    for query in queries().values():
        for name in re.findall(r'\bkey:sallyport\w+:\w+', query):
            assert name in expressions()


@needs_promtool
def test_prometheus_understands_each_query(tmp_path):
    rules = [{'record': 'query:%d' % n, 'expr': query}
             for n, query in enumerate(queries().values())]
    file = tmp_path / 'queries.yml'
    file.write_text(json.dumps({'groups': [{'name': 'q', 'rules': rules}]}))
    assert 'SUCCESS: %d rules found' % len(rules) in \
        promtool('check', 'rules', str(file))
