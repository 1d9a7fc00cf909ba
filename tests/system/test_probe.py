"""check --probe: is the upstream there, and does it take the keys?"""

import os
import re


def probe(world, config):
    done = world.run('check', '--probe', '-c', world.write('c', config))
    return done.returncode, done.stdout + done.stderr


def test_a_good_key_is_said_to_be_good(world):
    world.clouds[0].expiration['team-a'] = ['2027-02-23T00:00:00Z']
    status, said = probe(world, world.config())
    assert status == 0, said
    assert 'team-a' in said
    assert {r.method for r in world.clouds[0].requests} == {'GET'}


def test_a_key_that_the_api_refuses_is_said_so(world):
    world.cloud(keys={})
    status, said = probe(world, world.config(
        upstreams=[world.upstream(to=world.clouds[1].address)]))
    assert status == 1, said
    assert re.search('team-a.*401', said), said


def test_an_upstream_that_is_not_there_is_said_so(world):
    world.clouds[0].stop()
    status, said = probe(world, world.config())
    assert status == 1, said
    assert 'elastic-cloud' in said


def test_a_certificate_that_does_not_match_is_said_so(world):
    world.cloud(world.pki.server('other', ('api.example.com',)))
    status, said = probe(world, world.config(
        upstreams=[world.upstream(to=world.clouds[1].address)]))
    assert status == 1, said
    assert not world.clouds[1].requests


def test_a_key_that_is_disabled_goes_nowhere_here_either(bare):
    bare.seal('keys.age', 'old', 'new')
    api = bare.cloud()
    os.mkdir(bare.path('state'), 0o700)
    conf = bare.config(
        routes=['{ name = "all"; upstream = "elastic-cloud"; '
                'keys = [ "old", "new" ]; }'],
        more='admin = { address = "unix:%s"; }; state_dir = "%s";' % (
            bare.path('admin.sock'), bare.path('state')))
    bare.start(conf)
    done = bare.run('key', 'disable', 'old', '-c', bare.write('c', conf))
    assert done.returncode == 0, done.stderr
    n = len(api.requests)
    status, said = probe(bare, conf)
    assert status == 0, said
    assert 'key old is disabled, and was not tried' in said
    assert 'key new: answered 200' in said
    assert [r.key for r in api.requests[n:]] == ['new']


def test_a_key_is_tried_by_the_path_of_its_upstream(world):
    status, said = probe(world, world.config(
        upstreams=[world.upstream(more='probe_path = "/test/echo";')],
        more='expiry = { probe_path = "/elsewhere"; };'))
    assert status == 0, said
    assert [r.target for r in world.clouds[0].requests] == ['/test/echo']
