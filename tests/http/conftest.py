"""The rooms of HTTP are tried through the application that the web room makes of them."""

from tests.web.conftest import client as client
