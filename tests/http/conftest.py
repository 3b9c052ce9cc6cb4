"""The rooms of HTTP are tried through the application that the web room makes of them."""

from tests.web.conftest import client as client, keeping_client as keeping_client, store as store
