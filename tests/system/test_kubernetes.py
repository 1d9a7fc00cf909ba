"""The manifests of contrib/kubernetes: that Kubernetes would take them, and
that the program takes what is in them."""

import json
import os
import re
import shutil
import subprocess

import clients
import pytest
import world as world_module

pytestmark = [pytest.mark.slow, pytest.mark.release, pytest.mark.skipif(
    world_module.SANITIZED, reason='is about files: once will do')]

TOP = os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', '..')
CHECK = os.path.join(TOP, 'tests', 'kubernetes')
PLACE = '/etc/sallyport'
MANIFESTS = {
    'egress': {'Namespace', 'ServiceAccount', 'ConfigMap', 'Deployment',
               'Service', 'PodDisruptionBudget', 'HorizontalPodAutoscaler',
               'NetworkPolicy'},
    'sidecar': {'ConfigMap', 'Deployment'}}


def manifest(name):
    return os.path.join(TOP, 'contrib', 'kubernetes', name + '.yaml')


@pytest.fixture(scope='session')
def checker():
    """The folder of the checker, which needs what comes from npm beside it."""
    made = os.path.join(os.path.dirname(os.path.abspath(
        os.environ['SALLYPORT'])), 'tests', 'clients', 'made')
    clients.node(made, 'shared.mjs')
    folder = clients.packages(made, CHECK, 'kubernetes')
    shutil.copy(os.path.join(CHECK, 'check.mjs'), folder)
    return folder


def check(checker, file):
    return subprocess.run(['node', 'check.mjs', file], cwd=checker, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE)


@pytest.fixture(params=MANIFESTS)
def objects(request, checker):
    """By their kinds; all of them are what their schemas say."""
    done = check(checker, manifest(request.param))
    assert done.returncode == 0, done.stderr
    made = {o['kind']: o for o in json.loads(done.stdout)}
    assert set(made) == MANIFESTS[request.param]
    return made


def test_what_kubernetes_would_not_take_is_found(checker, tmp_path):
    for right, wrong in (('readOnlyRootFilesystem', 'readOnlyRootFileSystem'),
                         ('runAsUser: 65532', 'runAsUser: nobody'),
                         ('policy/v1', 'policy/v2'),
                         ('maxReplicas: 6', '')):
        with open(manifest('egress')) as file:
            text = file.read()
        assert right in text
        (tmp_path / 'wrong.yaml').write_text(text.replace(right, wrong))
        assert check(checker, str(tmp_path / 'wrong.yaml')).returncode == 1, \
            wrong


def pod_of(objects):
    return objects['Deployment']['spec']['template']['spec']


def sallyport_of(objects):
    pod = pod_of(objects)
    one, = [c for c in pod['containers'] + pod.get('initContainers', [])
            if c['name'] == 'sallyport']
    return pod, one


def test_a_pod_has_no_right_that_it_does_not_need(objects):
    pod, one = sallyport_of(objects)
    holds = {**pod['securityContext'], **one['securityContext']}
    assert holds['runAsNonRoot'] and holds['readOnlyRootFilesystem']
    assert holds['runAsUser'] == holds['runAsGroup'] == 65532
    assert holds['capabilities'] == {'drop': ['ALL']}
    assert holds['allowPrivilegeEscalation'] is False
    assert holds['seccompProfile'] == {'type': 'RuntimeDefault'}
    assert pod['automountServiceAccountToken'] is False
    # More than what is let to finish what runs.
    assert pod['terminationGracePeriodSeconds'] > world_module.DRAIN


def test_its_secrets_are_for_its_group_alone(objects):
    pod, one = sallyport_of(objects)
    place, = [m['name'] for m in one['volumeMounts']
              if m['mountPath'] == PLACE]
    volume, = [v for v in pod['volumes'] if v['name'] == place]
    assert volume['projected']['defaultMode'] == 0o440
    assert pod['securityContext']['fsGroup'] == 65532
    for other in pod['containers']:
        assert other is one or not other.get('volumeMounts')


def test_its_probes_ask_at_paths_and_a_port_that_there_are(objects):
    _, one = sallyport_of(objects)
    ports = {p['name']: p['containerPort'] for p in one['ports']}
    text, = objects['ConfigMap']['data'].values()
    asked = {one[probe]['httpGet']['path'] for probe in one
             if probe.endswith('Probe')}
    assert asked == {'/healthz', '/readyz'}
    for port in ports.values():
        assert re.search(r'address = "0\.0\.0\.0:%d"' % port, text)


def test_the_program_takes_what_a_manifest_configures(objects, world):
    """With the files that its README tells to make, at their places."""
    text, = objects['ConfigMap']['data'].values()
    assert set(objects['ConfigMap']['data']) == {'sallyport.conf'}
    world.seal('keys.age', 'team-a', hosts=['api.elastic-cloud.com'])
    os.makedirs(world.path('tls'))
    for name in 'tls.crt', 'tls.key':
        shutil.copy(world.pki.server('good'), world.path('tls', name))
        os.chmod(world.path('tls', name), 0o600)
    os.makedirs(world.path('run'))
    world.write('sallyport.conf', text.replace('/run/sallyport',
                                               world.path('run')))
    done = world.run('check', '-c', 'sallyport.conf')
    assert done.returncode == 0, done.stderr
