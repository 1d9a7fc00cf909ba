"""Tests that hold whether a listener speaks TLS or not."""

import pytest
from world import FULL


def by(*ways):
    return pytest.mark.parametrize('way', ways, indirect=True)


both_ways = by('plain', 'tls')

# Of whole files of tests, the second way only where time does not matter.
both_ways_if_full = both_ways if FULL else by('plain')
