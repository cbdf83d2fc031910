import pytest


@pytest.fixture
def sign(client):
    """`sign(person)` signs in and gives the client back."""

    def sign(person):
        client.force_login(person)
        return client

    return sign
