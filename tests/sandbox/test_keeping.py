"""Snapshots, limited memory, forwarding, triggers: what outlives a moment."""

import json
import random
import subprocess
import sys
from contextlib import suppress

import httpx
import pytest
from zerogate_sandbox import EVENT_TYPES, Sandbox, VirtualClock
from zerogate_sandbox.state_export import books_bytes

BODY = {"amount": "1.00", "currency": "EUR", "return_url": "https://a.example/"}
SECRET = {"authorization": "Bearer sk_test_shop"}


def failing(body, headers):
    return 503


def lived(new_shop, **options):
    """A sandbox in the middle of everything: faults, retries, keys, rails, odd metadata."""
    sandbox = Sandbox(seed=5, webhook=failing, **options)
    shop = new_shop(sandbox)
    for type in EVENT_TYPES:
        sandbox.trigger(type, "sk_test_shop")
    sandbox.faults.add("reset", chance=0.5)
    sandbox.faults.add("reorder", events="gate_session.processing")
    sandbox.withdraw("asset:USDC")
    sandbox.rotate("sk_test_shop", "sk_test_new")
    sandbox.revoke("sk_test_old")
    sandbox.account("sk_test_shop", origins=["https://a.example"], kyc=True)
    shop.ask("PATCH", "/branding", {"brand_name": "Shop"})
    sandbox.pass_kyc(
        shop.session(key="k", metadata={"$": "a name of our own", "x": [{"$": 1}]})["id"]
    )
    sandbox.advance(61)
    return sandbox


def go_on(sandbox, new_shop):
    """What happens next, as bytes."""
    sandbox.sink = failing
    shop = new_shop(sandbox)
    for number in range(5):
        shop.session(key=f"later {number}")
    shop.session(key="k", metadata={"$": "a name of our own", "x": [{"$": 1}]})
    sandbox.advance(10_000)
    return books_bytes(sandbox.world)


@pytest.mark.parametrize("profile", ["documented", "hostile"])
def test_a_restored_sandbox_goes_on_as_the_first_would_have(new_shop, profile):
    first = lived(new_shop, profile=profile)
    snapshot = json.loads(json.dumps(first.snapshot()))
    second = Sandbox(seed=99, webhook=failing)
    second.restore(snapshot)
    assert books_bytes(second.world) == books_bytes(first.world)
    assert second.world.profile == first.world.profile
    assert go_on(second, new_shop) == go_on(first, new_shop)


def test_a_virtual_clock_is_turned_back_to_the_snapshot(new_shop):
    sandbox = lived(new_shop)
    then, snapshot = sandbox.clock.now(), sandbox.snapshot()
    steady = sandbox.clock.monotonic()
    sandbox.advance(1_000)
    sandbox.restore(snapshot)
    assert sandbox.clock.now() == then
    assert sandbox.clock.monotonic() == steady + 1_000


@pytest.mark.parametrize(
    "broken",
    [
        None,
        {},
        {"format": 2},
        {"format": 1, "state": {}},
        {"format": 1, "state": {"$": "bytes", "of": 7}},
    ],
)
def test_what_is_no_snapshot_is_refused_and_changes_nothing(sandbox, shop, broken):
    shop.session()
    before = books_bytes(sandbox.world)
    with pytest.raises(ValueError, match="snapshot"):
        sandbox.restore(broken)
    assert books_bytes(sandbox.world) == before


#: Of another kind than what stands there, whatever that is; the tags with contents of no kind of theirs.
ODD = [
    None,
    True,
    7,
    -1.5,
    "odd",
    [],
    [1],
    [["a"]],
    [[{}, 1]],
    {},
    {"a": 1},
    {"$": 5},
    {"$": "bytes"},
]
ODD += [{"$": kind, "of": of} for kind in ("bytes", "tuple", "set", "dict", "Row", "Partners", "Odd", [])
        for of in (5, None, "text", "\u20ac", [1], [[]], [[1, 2, 3]], [[{"a": 1}, 2]], {"a": 1})]  # fmt: skip


def places(value, path=()):
    """Every place in JSON data, as the keys that lead there."""
    yield path
    pairs = (
        value.items()
        if isinstance(value, dict)
        else enumerate(value)
        if isinstance(value, list)
        else ()
    )
    for name, one in pairs:
        yield from places(one, (*path, name))


def replaced(value, path, odd):
    """A copy of JSON data with something else at one place."""
    if not path:
        return odd
    copy = dict(value) if isinstance(value, dict) else list(value)
    copy[path[0]] = replaced(value[path[0]], path[1:], odd)
    return copy


def deep(levels):
    value = []
    for _ in range(levels):
        value = [value]
    return value


def test_anything_at_any_place_of_a_snapshot_is_taken_or_is_a_value_error():
    sandbox = Sandbox(seed=5, webhook=failing)
    sandbox.trigger("gate_session.completed", "sk_test_shop")
    sandbox.faults.add("reorder", events="gate_session.processing")
    sandbox.withdraw("asset:USDC")
    sandbox.rotate("sk_test_shop", "sk_test_new")
    snapshot = json.loads(json.dumps(sandbox.snapshot()))
    before, chance = books_bytes(sandbox.world), random.Random(7)
    # A place of each form, for a thousand events differ in nothing else.
    forms = {
        tuple("#" if isinstance(one, int) else one for one in path): path
        for path in places(snapshot)
    }
    for path in forms.values():
        for odd in (*chance.sample(ODD, 20 if len(path) == 2 else 3), deep(5_000)):
            with suppress(ValueError):
                sandbox.restore(replaced(snapshot, path, odd))
                sandbox.restore(snapshot)
    assert books_bytes(sandbox.world) == before


def test_over_http_a_snapshot_that_is_none_is_refused(sandbox):
    whole = sandbox.snapshot()["state"]
    with sandbox.serve() as served, httpx.Client() as client:
        for odd in ODD:
            state = {**whole, "keys": odd}
            answer = client.post(
                f"{served.control_url}/restore", json={"format": 1, "state": state}
            )
            assert answer.status_code == 400, (odd, answer.text)


def test_a_snapshot_names_no_class_that_is_not_a_record(sandbox):
    snapshot = sandbox.snapshot()
    snapshot["state"]["keys"] = {"$": "Popen", "of": [["args", "true"]]}
    with pytest.raises(ValueError, match="cannot be read"):
        sandbox.restore(snapshot)


def test_a_reset_sandbox_begins_anew(sandbox, shop):
    first = shop.session()["id"]
    sandbox.faults.add("error")
    sandbox.reset(seed=7)
    assert sandbox.books()["sessions"] == sandbox.faults.view() == []
    assert shop.session()["id"] == first


# --- memory ---


def test_only_so_much_is_kept_and_the_newest_of_it(new_shop):
    sandbox = Sandbox(keep=10, webhook=lambda body, headers: 200)
    shop = new_shop(sandbox)
    made = [shop.session()["id"] for _ in range(500)]
    for id in made[-10:]:
        sandbox.pay(id)
        shop.post("/customers", {"email": f"{id}@partner.example"}, key=id)
    sandbox.deliver()
    shop.get("/gate_sessions")
    books = sandbox.books()
    assert [one["id"] for one in books["sessions"]] == made[-10:]
    assert books["forgotten"] == 490
    assert {name: len(rows) for name, rows in books.items() if isinstance(rows, list)} == {
        "sessions": 10,
        "transactions": 10,
        "quotes": 0,
        "pay_ins": 0,
        "pay_outs": 0,
        "customers": 10,
        "events": 50,
        "deliveries": 50,
    }
    assert [row["id"] for row in shop.get("/gate_sessions?limit=4")["data"]] == made[:-5:-1]
    page = shop.get(f"/gate_sessions?starting_after={made[-9]}")["data"]
    assert [row["id"] for row in page] == [made[-10]]
    assert shop.get(f"/gate_sessions/{made[0]}").status == 404


def test_what_is_kept_does_not_grow_however_long_it_lives(new_shop):
    sandbox = Sandbox(keep=20, webhook=lambda body, headers: 200)
    shop = new_shop(sandbox)

    def size():
        return len(json.dumps(sandbox.snapshot()))

    def live():
        for _ in range(300):
            sandbox.pay(shop.session()["id"])
            shop.post(
                "/quotes",
                {
                    "currency": "EUR",
                    "asset": "BTC",
                    "amount": "1",
                    "side": "on_ramp",
                    "payment_method": "card",
                },
            )
            sandbox.deliver()

    live()
    settled = size()
    live()
    assert size() < settled * 1.05


def test_events_nobody_takes_are_given_up_for_newer_ones(new_shop):
    heard = []
    sandbox = Sandbox(keep=2, webhook=failing)
    shop = new_shop(sandbox)
    ids = [shop.session()["id"] for _ in range(10)]
    sandbox.pay(ids[-1])
    shop.get("/gate_sessions")
    sandbox.deliver()
    assert len(sandbox.books()["deliveries"]) == 10
    sandbox.sink = lambda body, headers: heard.append(headers["x-0bit-event-type"])
    for _ in range(5):
        shop.session()
    sandbox.advance(60)
    assert len(heard) == 10
    assert heard.count("gate_session.completed") == 1
    assert {row["status"] for row in sandbox.books()["deliveries"]} == {"succeeded"}


# --- forwarding and triggers ---


def test_listeners_hear_every_account_or_some_types_and_leave_no_trace(new_shop):
    heard = []
    sandbox = Sandbox(webhook=lambda body, headers: heard.append(headers["x-0bit-event-type"]))
    from zerogate_sandbox.partners import PARTNER_URL

    sandbox.account("sk_test_shop", webhook_url=None)
    sandbox.forward(PARTNER_URL, ["gate_session.completed"])
    shop = new_shop(sandbox)
    sandbox.pay(shop.session()["id"])
    sandbox.deliver()
    assert heard == ["gate_session.completed"]
    assert shop.get("/webhooks/deliveries")["data"] == []
    [row] = sandbox.forwarded()
    assert (row["status"], row["event_type"]) == ("succeeded", "gate_session.completed")
    sandbox.stop_forwarding(PARTNER_URL)
    sandbox.pay(shop.session()["id"])
    assert sandbox.deliver() == []


def test_forwarding_with_a_typo_is_refused_with_what_exists(sandbox):
    with pytest.raises(ValueError, match=r"gate_session\.completed"):
        sandbox.forward("http://localhost:1/", ["gate_session.paid"])
    with pytest.raises(ValueError, match="https://"):
        sandbox.forward("localhost:8000")


def test_every_event_is_triggered_and_sent_in_the_end(new_shop):
    heard = []
    sandbox = Sandbox(webhook=lambda body, headers: heard.append(headers["x-0bit-event-id"]))
    triggered = [sandbox.trigger(type)["id"] for type in EVENT_TYPES]
    sandbox.deliver()
    assert set(triggered) <= set(heard)


def test_a_live_account_is_triggered_as_well():
    assert Sandbox().trigger("gate_session.completed", "sk_live_shop")["data"]["mode"] == "live"


# --- the command ---


@pytest.fixture
def command(tmp_path):
    """The served command, with a state file; call it to start it (again)."""
    running = []

    def serve(*options):
        arguments = ["serve", "--port", "0", "--state", str(tmp_path / "state.json"), *options]
        process = subprocess.Popen(
            [sys.executable, "-m", "zerogate_sandbox", *arguments],
            stdout=subprocess.PIPE,
            text=True,
        )
        running.append(process)
        return process, process.stdout.readline().strip()

    yield serve
    for process in running:
        process.kill()
        process.wait()
        process.stdout.close()


def cli(*arguments):
    done = [sys.executable, "-m", "zerogate_sandbox", *arguments]
    return subprocess.run(done, capture_output=True, text=True, timeout=30)


def test_a_served_sandbox_goes_on_from_its_state_file(command):
    process, base_url = command()
    headers = {**SECRET, "idempotency-key": "k"}
    made = httpx.post(
        f"{base_url}/gate_sessions", json=BODY, headers=headers, trust_env=False
    ).json()
    process.terminate()
    process.wait(10)
    _, base_url = command()
    read = httpx.get(f"{base_url}/gate_sessions/{made['id']}", headers=SECRET, trust_env=False)
    assert read.json()["id"] == made["id"]
    again = httpx.post(f"{base_url}/gate_sessions", json=BODY, headers=headers, trust_env=False)
    assert again.json() == made


def test_a_broken_state_file_is_named(tmp_path):
    path = tmp_path / "state.json"
    path.write_text("{}")
    done = cli("serve", "--port", "0", "--state", str(path))
    assert done.returncode == 2
    assert str(path) in done.stderr
    assert "Traceback" not in done.stderr


def test_the_command_triggers_and_forwards(command):
    _, base_url = command()
    got = []
    with Sandbox(clock=VirtualClock()).serve() as receiver:
        # Any server that answers will do for a receiver; a sandbox answers everything with 404.
        url = f"{receiver.origin}/hooks"
        forwarding = subprocess.Popen(
            [sys.executable, "-m", "zerogate_sandbox", "forward", url, "--sandbox", base_url],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert url in forwarding.stderr.readline()
        done = cli("trigger", "gate_session.failed", "--sandbox", base_url)
        assert json.loads(done.stdout)["type"] == "gate_session.failed"
        got = [forwarding.stdout.readline().split("\t")[:2] for _ in range(1)]
        forwarding.send_signal(2)
        assert forwarding.wait(10) == 130
        forwarding.stdout.close()
        forwarding.stderr.close()
    assert got == [["404", "gate_session.created"]]


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (["trigger", "gate_session.paid"], 2, "gate_session.completed"),
        (["trigger", "webhook.test", "--key", "pk"], 2, "API key"),
        (["forward", "localhost:8000"], 2, "https://"),
        (["serve", "--keep", "0"], 2, "--keep"),
    ],
)
def test_the_command_refuses_typos_with_what_exists(command, arguments, code, says):
    _, base_url = command()
    served = [] if arguments[0] == "serve" else ["--sandbox", base_url]
    done = cli(*arguments, *served)
    assert (done.returncode, done.stdout) == (code, "")
    assert says in done.stderr
    assert "Traceback" not in done.stderr


def test_the_command_says_when_no_sandbox_answers():
    done = cli("trigger", "webhook.test", "--sandbox", "http://127.0.0.1:1")
    assert (done.returncode, "no sandbox answers" in done.stderr) == (1, True)
