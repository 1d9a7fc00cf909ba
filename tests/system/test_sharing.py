"""New clients are shared out among the workers, whoever is awake first."""

import collections
import contextlib
import os
import signal
import socket
import time

import proc
import pytest
import world as world_module

MANY = 64


def listeners(world, kind):
    address = '127.0.0.1:0' if kind == 'TCP' else 'unix:' + world.path('s')
    return ['{ name = "l"; address = "%s"; }' % address]


@contextlib.contextmanager
def at_once(world, n, which=0):
    """So many connections, none of which waits for another."""
    address = world.processes[-1].listening[which]
    unix = address.startswith('unix:')
    where = address[5:] if unix else \
        ('127.0.0.1', int(address.rpartition(':')[2]))
    with contextlib.ExitStack() as stack:
        raws = []
        for _ in range(n):
            sock = socket.socket(socket.AF_UNIX if unix else socket.AF_INET)
            raws.append(stack.enter_context(world_module.Raw(sock)))
            sock.setblocking(unix)
            sock.connect_ex(where)
        for raw in raws:
            raw.sock.settimeout(world_module.LIMIT)
        yield raws


def shares(lines):
    """How many clients each worker had, the most first."""
    runs = collections.Counter(line['http']['request']['id'].split('-')[0]
                               for line in lines)
    return [n for _, n in runs.most_common()]


AWAY = 0.01                 # seconds: AWAY_MS of src/daemon/listeners.c


def held_up(pids):
    """For how long each had no processor, once all of them are at rest."""
    world_module.wait_until(lambda: all(proc.state(p) == 'S' for p in pids),
                            'workers at rest')
    return [proc.held_up(p) for p in pids]


def ask_all(raws):
    """One request each, that needs no upstream."""
    for raw in raws:
        raw.request(fields=[('Origin', 'https://evil.example')])
    for raw in raws:
        assert raw.response().status == 421


@pytest.mark.parametrize('kind', ['TCP', 'Unix'])
@pytest.mark.parametrize('workers', [2, 4])
def test_clients_that_connect_at_once_are_shared_evenly(world, kind, workers):
    pids = world.start(world.config(listeners=listeners(world, kind),
                                    workers=workers)).workers
    done = even = 0
    while even < 5:
        before = held_up(pids)
        with at_once(world, MANY) as raws:
            ask_all(raws)
        had = shares(world.access(done + MANY)[done:])
        done += MANY
        if len(had) == workers and had[0] / MANY < 1.2 / workers:
            even += 1
            continue
        # For one that the machine held up the others wait a moment only.
        late = [b - a for a, b in zip(before, held_up(pids))]
        assert max(late) > AWAY and done < 10 * MANY, (had, late)


@pytest.mark.parametrize('workers', [2, 4])
def test_clients_that_come_one_after_the_other_are_shared_evenly(world,
                                                                 workers):
    world.start(world.config(workers=workers))
    n = 400
    for _ in range(n):
        with world.raw() as raw:
            ask_all([raw])
    had = shares(world.access(n))
    assert len(had) == workers and had[0] / n < 1.2 / workers, had


def test_a_worker_that_hangs_holds_up_nobody_for_long(world):
    """Others stand aside for it, and then no more."""
    process = world.start(world.config(workers=2))
    hanging, _ = process.workers
    os.kill(hanging, signal.SIGSTOP)
    try:
        times = []
        for _ in range(300):
            began = time.monotonic()
            with world.raw() as raw:
                ask_all([raw])
            times.append(time.monotonic() - began)
        assert sorted(times)[len(times) // 2] < 0.01 and max(times) < 1, times
        with at_once(world, MANY) as raws:
            ask_all(raws)
    finally:
        os.kill(hanging, signal.SIGCONT)
    assert len(shares(world.access(300 + MANY))) == 1


def test_a_new_worker_gets_its_share(world):
    process = world.start(world.config(workers=2))
    with at_once(world, MANY) as raws:
        ask_all(raws)
    world.access(MANY)      # a worker that is killed writes no more lines
    old = process.workers
    os.kill(old[0], signal.SIGKILL)
    world_module.wait_until(
        lambda: len(process.workers) == 2 and old[0] not in process.workers,
        'a new worker')
    n = MANY

    def is_shared():
        nonlocal n
        with at_once(world, MANY) as raws:
            ask_all(raws)
        n += MANY
        had = shares(world.access(n)[n - MANY:])
        return len(had) == 2 and had[0] / MANY < 0.6
    world_module.wait_until(is_shared, 'the new worker to take its share')
