"""Small worlds for the tests of the twin."""

import pytest

from scenarios.network import load_network


@pytest.fixture(scope="session")
def one_line():
    return load_network("one_line")


@pytest.fixture(scope="session")
def one_queue():
    return load_network("one_queue")
