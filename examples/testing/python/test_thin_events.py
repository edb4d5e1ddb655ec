import queue
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest


@pytest.fixture
def webhooks():
    """A receiver on a free port, and what it received: bodies with their signatures."""
    received = queue.Queue()

    class Receiver(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["content-length"]))
            received.put((body, self.headers["stripe-signature"]))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_):
            pass

    server = HTTPServer(("127.0.0.1", 0), Receiver)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}", received
    server.shutdown()
    server.server_close()


def test_a_thin_event_leads_to_its_person(client, webhooks):
    url, received = webhooks
    destination = client.v2.core.event_destinations.create(
        {
            "name": "persons",
            "type": "webhook_endpoint",
            "event_payload": "thin",
            "enabled_events": ["v2.core.account_person.created"],
            "include": ["webhook_endpoint.signing_secret"],
            "webhook_endpoint": {"url": url},
        }
    )
    account = client.v1.accounts.create({"type": "custom", "business_type": "company"})
    client.v2.core.accounts.persons.create(account.id, {"given_name": "Jenny"})

    body, signature = received.get(timeout=10)
    secret = destination.webhook_endpoint.signing_secret
    notification = client.parse_event_notification(body, signature, secret)
    assert notification.type == "v2.core.account_person.created"
    assert notification.fetch_event().data.account_id == account.id
    assert notification.fetch_related_object().given_name == "Jenny"
