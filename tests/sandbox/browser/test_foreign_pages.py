"""Pages of other origins, in a real browser, against a sandbox that is served on this machine."""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx
import pytest
from zerogate_sandbox import Sandbox, WallClock

from tests.services import chromium

WHSEC = "whsec_test_canary"
KEY = "sk_test_canary"
# Names that resolve to this machine, as any stranger's name server can say of its own.
RESOLVED = "--host-resolver-rules=MAP evil.example 127.0.0.1,MAP rebound.example 127.0.0.1"

SEND = """
const [url, options, done] = arguments;
fetch(url, options).then(async (answer) => done([answer.status, await answer.text()]),
                         () => done([null, ""]));
"""
FRAME = """
const [url, fields, done] = arguments;
const frame = Object.assign(document.createElement("iframe"), {name: "hidden"});
const form = Object.assign(document.createElement("form"),
  {action: url, method: "post", target: "hidden", enctype: "text/plain"});
for (const [name, value] of Object.entries(fields))
  form.append(Object.assign(document.createElement("input"), {name, value}));
frame.onload = () => frame.dataset.sent ? done(true) : null;
document.body.append(frame, form);
frame.dataset.sent = 1;
form.submit();
"""


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    with chromium("desktop", tmp_path_factory.mktemp("browser"), RESOLVED) as driver:
        yield driver


@pytest.fixture(scope="module")
def evil():
    """The stranger's server: an empty page, and what else it was told."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            self._answer(b"<!doctype html><title>cats</title><body>")

        def do_POST(self):
            server.loot.append(self.rfile.read(int(self.headers["content-length"])))
            self._answer(b"")

        def _answer(self, body):
            self.send_response(200)
            self.send_header("content-type", "text/html")
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.loot = []
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(scope="module")
def running():
    with Sandbox(clock=WallClock(), webhook_secret=WHSEC).serve() as served:
        yield served


@pytest.fixture
def served(running, evil):
    running.sandbox.reset()
    evil.loot.clear()
    return running


#: The page's own origin: another site, and another port of this machine, which is the same site.
PAGES = {"another site": "evil.example", "another port": "127.0.0.1", "localhost": "localhost"}


@pytest.fixture(params=PAGES.values(), ids=PAGES)
def page(request, browser, evil, served):
    browser.get(f"http://{request.param}:{evil.server_port}/")
    return browser


def send(page, url, **options):
    return page.execute_async_script(SEND, url, options)


@pytest.mark.parametrize("body", ["text", "blob"])
def test_a_foreign_page_steers_nothing(page, served, evil, body):
    """`no-cors` requests go out unasked; a Blob without a type has no Content-Type at all."""
    script = (
        SEND
        if body == "text"
        else SEND.replace(
            "fetch(url, options)", "fetch(url, {...options, body: new Blob([options.body])})"
        )
    )
    loot = f"http://127.0.0.1:{evil.server_port}/loot"
    for path, said in (
        ("forward", f'{{"url": "{loot}"}}'),
        ("faults", '{"fault": "error", "status": 503}'),
        ("accounts", f'{{"key": "{KEY}", "webhook_url": "{loot}"}}'),
        ("trigger", f'{{"event": "gate_session.completed", "key": "{KEY}"}}'),
    ):
        options = {"method": "POST", "mode": "no-cors", "body": said}
        page.execute_async_script(script, f"{served.control_url}/{path}", options)
    httpx.post(f"{served.control_url}/deliver", trust_env=False)
    assert evil.loot == []
    assert served.sandbox.faults.view() == []
    assert served.sandbox.books()["sessions"] == []


def test_a_form_of_a_foreign_page_arms_nothing(page, served):
    fields = {'{"fault": "error", "status": 503, "message": "': '"}'}
    assert page.execute_async_script(FRAME, f"{served.control_url}/faults", fields)
    assert served.sandbox.faults.view() == []


def test_a_foreign_page_needs_no_body_to_change_something_and_still_does_not(page, served):
    session = served.sandbox.trigger("gate_session.created", KEY)["data"]["id"]
    served.sandbox.faults.add("error", status=503)
    for path in (f"sessions/{session}/pay", "reset"):
        send(page, f"{served.control_url}/{path}", method="POST", mode="no-cors")
    assert len(served.sandbox.faults.view()) == 1
    assert served.sandbox.books()["transactions"] == []


def test_a_name_that_was_rebound_reads_and_steers_nothing(browser, served):
    served.sandbox.trigger("gate_session.created", KEY)
    rebound = served.control_url.replace("127.0.0.1", "rebound.example")
    browser.get(f"{rebound}/checkout")
    assert browser.execute_script("return location.origin") == rebound.removesuffix("/_sandbox")
    for path in ("books", "snapshot", "requests", "faults"):
        status, said = send(browser, f"/_sandbox/{path}")
        assert (status, "rebound.example" in said, "gsec_" in said) == (403, True, False)
        assert "--allow-host" in said
    headers = {"content-type": "application/json"}
    body = '{"fault": "error", "status": 503}'
    assert send(browser, "/_sandbox/faults", method="POST", headers=headers, body=body)[0] == 403
    keyed = {"authorization": f"Bearer {KEY}"}
    assert send(browser, "/v1/gate_sessions", headers=keyed)[0] == 403
    assert served.sandbox.faults.view() == []


def bootstrap(page, served, secret):
    headers = {"content-type": "application/json", "authorization": f"Bearer pk{KEY[2:]}"}
    body = f'{{"clientSecret": "{secret}"}}'
    url = f"{served.base_url}/embed/bootstrap"
    return send(page, url, method="POST", headers=headers, body=body)


def secret_of_a_session(served):
    served.sandbox.trigger("gate_session.created", KEY)
    return served.sandbox.books()["sessions"][0]["client_secret"]


def test_a_page_of_this_machine_bootstraps(browser, evil, served):
    browser.get(f"http://localhost:{evil.server_port}/")
    status, said = bootstrap(browser, served, secret_of_a_session(served))
    assert (status, "embed_token" in said) == (201, True)


def test_another_page_bootstraps_where_the_account_lists_it(browser, evil, served):
    secret = secret_of_a_session(served)
    origin = f"http://evil.example:{evil.server_port}"
    browser.get(origin)
    assert bootstrap(browser, served, secret)[0] is None
    served.sandbox.account(KEY, origins=[origin])
    assert bootstrap(browser, served, secret)[0] == 201
    served.sandbox.account(KEY, origins=["https://shop.example"])
    assert bootstrap(browser, served, secret)[0] is None
