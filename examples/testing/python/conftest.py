import json
import subprocess
import urllib.parse
import urllib.request

import pytest
import stripe

KEY = "sk_test_carabinerForLocalTesting"


class Carabiner:
    """A server of its own, in memory, on a free port."""

    def __init__(self):
        command = ["carabiner", "dev", "--port", "0", "--json", "--log-level", "error"]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        # The first line says that it is ready, and where.
        self.url = json.loads(self.process.stdout.readline())["url"]

    def advance(self, seconds):
        """Turns the clock, and returns when everything due on the way has happened."""
        request = urllib.request.Request(
            f"{self.url}/v1/test_helpers/clock/advance",
            data=urllib.parse.urlencode({"seconds": seconds}).encode(),
            headers={"Authorization": f"Bearer {KEY}"},
        )
        urllib.request.urlopen(request).close()

    def stop(self):
        self.process.terminate()
        self.process.wait()
        self.process.stdout.close()


@pytest.fixture
def carabiner():
    server = Carabiner()
    yield server
    server.stop()


@pytest.fixture
def client(carabiner):
    addresses = {"api": carabiner.url, "files": carabiner.url, "connect": carabiner.url}
    return stripe.StripeClient(KEY, base_addresses=addresses)
