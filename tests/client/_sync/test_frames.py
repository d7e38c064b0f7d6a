# Written by facade/unasync.py from tests/client/_async/test_frames.py; edit that file.
"""An exception leaves no key, password, secret or body in a frame of ours, whatever it is and where from."""

from __future__ import annotations

import pickle
import traceback
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from cryptography.fernet import Fernet
from zerogate import Gate, GateUsageError, Money, NotSent, webhooks
from zerogate_sandbox import Sandbox
from zerogate_store import Inbox, Store

from tests.client.scripts import Script, answer
from tests.frames import MARK, leaks

SK, PK = "sk_test_canary0000000001", "pk_test_canary0000000001"
WHSEC, GSEC = "whsec_canary0000000001", "gsec_canary0000000001"
PROXY = "http://user:canarypw@127.0.0.1:1"
DATABASE = "postgresql://nobody:canarypw@127.0.0.1:1/nodb"
FERNET = "canary" * 7 + "="
BODY: Any = {
    "amount": Money("10.00", "EUR"),
    "return_url": "https://shop.example/done",
    "kyc_package": {"passport": "canarypassport"},
    "user_reference": "canaryuser",
    "metadata": {"note": "canarynote"},
}
ADA: Any = {"email": "canary@shop.example", "external_id": "c-1", "first_name": "canary"}


class Limit(BaseException):
    """As a worker's soft time limit: no error of ours, and of no kind that is caught."""


class Raising:
    """A transport that fails in a way of its own."""

    def __init__(self, wrong: BaseException) -> None:
        self.wrong = wrong

    def send(self, request: Any, until: float) -> Any:
        held = (request.headers, request.body)
        raise self.wrong if held else LookupError


def gate(**options: Any) -> Gate:
    return Gate(SK, **{"publishable_key": PK, "timeout": 1.0} | options)


def sandboxed(fault: str, operation: str, **options: Any) -> Gate:
    sandbox = Sandbox(seed=1)
    sandbox.faults.add(fault, operations=operation, times=9, **options)
    return gate(transport=sandbox.transport(), clock=sandbox.clock)


def bootstrap(made: Gate, origin: str = "https://shop.example") -> Any:
    return made.embed.bootstrap(GSEC, origin=origin)


def create(made: Gate, **other: Any) -> Any:
    return made.sessions.create(**{"order": "order-1"} | BODY | other)


def stored(made: Callable[[], Store]) -> Any:
    return create(gate(store=made()))


def construct(call: Callable[[], Any]) -> Any:
    return call()


def inbox(secrets: Any, **options: Any) -> Any:
    return Inbox(Store("sqlite:///never-made.db"), secrets, **options)


def verify(body: Any, headers: Any, secrets: Any = WHSEC, **options: Any) -> Any:
    return webhooks.verify(body, headers, secrets, **options)


SIGNED = {"Gate-Signature": "t=1,v1=00"}
EVENT = b'{"name":"canary"}'
PATHS: dict[str, Callable[[], Awaitable[Any]]] = {
    "a misspelt option": lambda: construct(lambda: gate(stor=None)),
    "a misspelt option of from_env": lambda: construct(
        lambda: Gate.from_env({"ZEROGATE_SECRET_KEY": SK}, stor=None)
    ),
    "a wrong option of from_env": lambda: construct(
        lambda: Gate.from_env({"ZEROGATE_SECRET_KEY": SK}, timeout="x")
    ),
    "a key of bytes": lambda: construct(lambda: Gate(SK.encode())),  # type: ignore[arg-type]
    "a key that is none": lambda: construct(lambda: Gate("canary")),
    "keys of two modes": lambda: construct(lambda: gate(publishable_key="pk_live_canary00000001")),
    "a proxy that is none": lambda: construct(lambda: gate(proxy="socks5://u:canarypw@h:1080")),
    "a proxy that refuses": lambda: create(gate(proxy=PROXY, base_url="https://localhost:1/v1")),
    "a base URL with a password": lambda: construct(
        lambda: gate(base_url="https://u:canarypw@gate-api-sandbox.0bit.app/v1")
    ),
    "a host that is not allowed": lambda: construct(
        lambda: gate(base_url="https://canary.example/v1", allow_host=1)
    ),
    "a URL as a store": lambda: construct(lambda: gate(store=DATABASE)),
    "a clock that is none": lambda: construct(lambda: gate(clock=1)),
    "a database of another kind": lambda: construct(lambda: Store("mysql://u:canarypw@h/db")),
    "a database's URL that is none": lambda: construct(lambda: Store("u:canarypw@h/db")),
    "a good encryption key beside it": lambda: construct(
        lambda: Store("mysql://h/db", encryption_key=FERNET)
    ),
    "an encryption key that is cut": lambda: construct(
        lambda: Store("sqlite:///x.db", encryption_key=[FERNET, FERNET[:-3]])
    ),
    "a misspelt option of a store": lambda: construct(
        lambda: Store(DATABASE, encription_key=FERNET)  # type: ignore[call-arg]
    ),
    "a database that is not there": lambda: construct(lambda: Store(DATABASE).migrate()),
    "a create on it": lambda: stored(lambda: Store(DATABASE, encryption_key=Fernet.generate_key())),
    "a person's data and no key": lambda: stored(lambda: Store("sqlite:///never-made.db")),
    "a forged webhook": lambda: construct(lambda: verify(EVENT, SIGNED)),
    "a webhook's body of text": lambda: construct(lambda: verify("canary", SIGNED)),
    "a webhook without headers": lambda: construct(lambda: verify(EVENT, None)),
    "a secret of bytes": lambda: construct(lambda: verify(EVENT, {}, WHSEC.encode())),
    "secrets by name": lambda: construct(lambda: verify(EVENT, {}, {"a": WHSEC})),
    "secrets in lists": lambda: construct(lambda: verify(EVENT, {}, [[WHSEC]])),
    "a time that is text": lambda: construct(lambda: verify(EVENT, {}, now="1")),
    "a limit that is text": lambda: construct(lambda: verify(EVENT, {}, max_bytes="1")),
    "a misspelt option of verify": lambda: construct(lambda: verify(EVENT, {}, tolerence=1)),
    "a webhook secret that is cut": lambda: construct(lambda: webhooks.WebhookSecret("canary")),
    "an inbox with a misspelt option": lambda: construct(lambda: inbox(WHSEC, gatte=1)),
    "an inbox with a secret that is cut": lambda: construct(lambda: inbox("canary")),
    "a body that is refused here": lambda: create(gate(), return_url="http://canary.example/"),
    "a misspelt term": lambda: create(gate(), walet_address="canary"),
    "a create that is refused": lambda: create(sandboxed("error", "createSession", status=400)),
    "a create in doubt": lambda: create(sandboxed("reset", "createSession")),
    "an answer that is cut": lambda: create(sandboxed("cut_json", "createSession")),
    "a transport that raises": lambda: create(gate(transport=Raising(RuntimeError("boom")))),
    "a limit of time that a worker sets": lambda: create(gate(transport=Raising(Limit()))),
    "a customer who exists": lambda: sandboxed(
        "error", "createCustomer", status=409
    ).customers.create(**ADA),
    "a bootstrap that is refused": lambda: bootstrap(
        sandboxed("error", "createEmbedToken", status=401)
    ),
    "a bootstrap from nowhere": lambda: bootstrap(gate(), origin="x"),
    "a bootstrap of another session": lambda: gate(
        transport=Script(
            answer(201, {"embed_token": "canary.j.wt", "mode": "test", "session_id": "gs_test_2"})
        )
    ).embed.bootstrap("gsec_gs_test_1_canary", origin="https://shop.example"),
}


@pytest.mark.parametrize("path", PATHS)
def test_nothing_that_must_not_be_written_down_is_in_a_frame(path: str) -> None:
    with pytest.raises(BaseException) as caught:  # noqa: PT011 - whatever leaves
        PATHS[path]()
    came = traceback.extract_tb(caught.value.__traceback__)
    assert any(frame.filename.endswith("_frames.py") for frame in came), "it came from here"
    assert leaks(caught.value) == []


def test_the_way_that_an_error_took_is_still_told() -> None:
    with pytest.raises(GateUsageError) as caught:
        create(gate(), return_url="http://shop.example/")
    names = {frame.name for frame in traceback.extract_tb(caught.value.__traceback__)}
    assert {"create", "session_call"} <= names


def test_frames_of_the_callers_own_code_keep_their_values() -> None:
    with pytest.raises(Limit) as caught:
        create(gate(transport=Raising(Limit())))
    traceback_, seen = caught.value.__traceback__, []
    while traceback_ is not None:
        if traceback_.tb_frame.f_code.co_name == "send":
            seen += [name for name in traceback_.tb_frame.f_locals if name == "held"]
        traceback_ = traceback_.tb_next
    assert seen == ["held"]


def test_records_show_no_person_and_no_secret(tmp_path: Path) -> None:
    sandbox = Sandbox(seed=1)
    made = gate(transport=sandbox.transport(), clock=sandbox.clock)
    customer = made.customers.create(**ADA)
    session = create(made, wallet_address="canarywallet")
    read = made.sessions.retrieve(session.id)
    for record in (customer, session, read):
        assert MARK not in repr(record)
        assert record.id in repr(record)
    made.close()


def test_a_pickled_session_has_no_secret() -> None:
    sandbox = Sandbox(seed=1)
    made = gate(transport=sandbox.transport(), clock=sandbox.clock)
    session = create(made)
    assert session.client_secret
    pickled = pickle.dumps(session)
    assert session.client_secret.encode() not in pickled
    arrived = pickle.loads(pickled)
    assert not arrived.client_secret
    assert (arrived.id, arrived.amount, arrived.metadata) == (
        session.id,
        session.amount,
        session.metadata,
    )
    made.close()


def test_a_proxy_that_refuses_sends_nothing() -> None:
    with pytest.raises(NotSent):
        PATHS["a proxy that refuses"]()
