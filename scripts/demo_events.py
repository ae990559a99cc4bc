"""The demo's act of events: a webhook arrives, and proves whom it comes from."""

import hashlib
import hmac
import http.server
import json
import queue
import threading

import demo_devices

BASE = "/events-management/subscriptions"
PATIENCE_S = 20


class Receiver:
    """A receiver on this machine: what arrives is queued."""

    def __init__(self):
        arrived = self.arrived = queue.Queue()

        class Hook(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                arrived.put((self.headers, self.rfile.read(int(self.headers["Content-Length"]))))
                self.send_response(204)
                self.end_headers()

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Hook)
        self.url = f"http://127.0.0.1:{self.server.server_port}/hook"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


def subscribe(demo):
    """A service subscribes to events of devices"""
    demo.receiver = Receiver()
    answer = demo.client.json("POST", BASE, {"name": "Demo", "url": demo.receiver.url, "events": ["reuseid:device.*"]})
    demo.checks.check("200 or 201 with its first secret", answer.status in (200, 201) and bool(answer.get("secrets")))
    demo.secret = answer.get("secrets")[0]["secret"]
    demo.subscription = f"{BASE}/{answer.get('id')}"
    answer = demo.client.json("GET", demo.subscription)
    demo.checks.check("the secret is not shown again", "secret" not in answer.get("secrets")[0])


def test_event(demo):
    """A test event reaches the receiver"""
    answer = demo.client.json("POST", f"{demo.subscription}/test")
    demo.checks.check("it was taken", answer.get("delivered") is True and answer.get("httpStatus") == 204)
    demo.receiver.arrived.get(timeout=PATIENCE_S)


def webhook(demo):
    """The result of an operation comes by webhook"""
    user = demo.client.json("POST", demo.USERS, {})
    path = demo_devices.DEVICES + "/registrations"
    started = demo.client.json("POST", path, {"userId": user.get("id"), "tags": ["demo"]})
    demo.client.json("DELETE", f"{path}/{started.get('transactionId')}")
    headers, body = demo.receiver.arrived.get(timeout=PATIENCE_S)
    event = json.loads(body)
    demo.screen.line(f"    {event['sender']}:{event['eventName']}", "dim")
    wanted = hmac.new(demo.secret.encode(), f"{headers['X-Signicat-Timestamp']}.".encode() + body, hashlib.sha256).hexdigest()
    demo.checks.check("its signature fits", hmac.compare_digest(headers["X-Signicat-Signature"], "sha256=" + wanted))
    polled = demo.client.json("GET", f"{path}/{started.get('transactionId')}")
    demo.checks.check("it tells what polling answers", event["eventData"] == polled.body)
    demo.checks.check("it has the tags of the request", event["tags"] == ["demo"])


STEPS = (subscribe, test_event, webhook)
