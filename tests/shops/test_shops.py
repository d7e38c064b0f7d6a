"""A person buys, pays on the checkout page and comes back; the shop ships on the webhook's word only."""

from __future__ import annotations

import json
import os
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import httpx
import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait
from zerogate_sandbox import Sandbox, WallClock

from tests.services import chromium, unavailable

EXAMPLES = Path(__file__).parents[2] / "examples"
SECRET = "whsec_test_0123456789abcdef"
TABLES = {"fastapi": "orders", "django": "shop_order"}

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    with chromium("desktop", tmp_path_factory.mktemp("browser")) as found:
        yield found


@pytest.fixture(scope="module")
def served() -> Iterator[Any]:
    with Sandbox(clock=WallClock()).serve() as found:
        yield found


def free_port() -> int:
    with closing(socket.create_server(("127.0.0.1", 0))) as found:
        port: int = found.getsockname()[1]
        return port


@contextmanager
def running(folder: Path, log: Path, env: dict[str, str], *command: str) -> Iterator[None]:
    """A process of the shop, and its end."""
    with log.open("wb") as out:
        process = subprocess.Popen(command, cwd=folder, env=env, stdout=out, stderr=out)
    try:
        yield
        assert process.poll() is None, log.read_text("utf-8")
    finally:
        process.terminate()
        process.wait(20)


def answers(origin: str, log: Path) -> None:
    ends = time.monotonic() + 30
    while time.monotonic() < ends:
        try:
            httpx.get(origin, trust_env=False).raise_for_status()
            return
        except httpx.HTTPError:
            time.sleep(0.05)
    raise AssertionError(log.read_text("utf-8"))


def fastapi(environment: dict[str, str], database: Path, port: int, log: Path) -> list[Any]:
    env = {**environment, "SHOP_DATABASE": f"sqlite:///{database}"}
    command = [sys.executable, "-m", "uvicorn", "shop:app", "--port", str(port)]
    return [running(EXAMPLES / "shop_fastapi", log, env, *command)]


def django(environment: dict[str, str], database: Path, port: int, log: Path) -> list[Any]:
    folder, manage = EXAMPLES / "shop_django", [sys.executable, "manage.py"]
    env = {**environment, "SHOP_DATABASE": str(database)}
    migrate = [*manage, "migrate", "--run-syncdb", "-v", "0"]
    subprocess.run(migrate, cwd=folder, env=env, check=True)
    server = [*manage, "runserver", "--noreload", f"127.0.0.1:{port}"]
    return [
        running(folder, log, env, *server),
        running(folder, log.with_suffix(".worker"), env, *manage, "work"),
    ]


SHOPS: dict[str, Callable[..., list[Any]]] = {"fastapi": fastapi, "django": django}


class Shop:
    """A shop that runs, seen through a browser."""

    def __init__(self, browser: Any, origin: str, database: Path, table: str, key: str) -> None:
        self.browser, self.origin, self.key = browser, origin, key
        self._database, self._table = database, table

    def buy(self) -> None:
        """As far as the checkout page."""
        self.browser.get(self.origin)
        self.press("buy")
        self.press("pay")
        self.until("document.querySelector('main[aria-busy=false]') !== null")

    def press(self, id: str) -> None:
        self.until(f"document.getElementById({id!r}) !== null")
        self.browser.find_element(By.ID, id).click()

    def until(self, condition: str) -> None:
        WebDriverWait(self.browser, 30, 0.02).until(
            lambda browser: browser.execute_script(f"return {condition}")
        )

    def sees(self, text: str) -> None:
        self.until(f"document.body !== null && document.body.innerText.includes({text!r})")

    def session(self, served: Any) -> Any:
        """What was bought last, as Gate has it."""
        with closing(sqlite3.connect(self._database)) as connection:
            [(order,)] = connection.execute(f"SELECT id FROM {self._table}")
        sessions = served.sandbox.books()["sessions"]
        return next(one for one in sessions if one["metadata"]["order_id"] == order)

    def forget(self) -> None:
        with closing(sqlite3.connect(self._database)) as connection, connection:
            connection.execute(f"DELETE FROM {self._table}")

    @property
    def orders(self) -> list[tuple[str, int]]:
        with closing(sqlite3.connect(self._database)) as connection:
            said = f"SELECT state, shipped FROM {self._table} ORDER BY id"
            return [(row[0], row[1]) for row in connection.execute(said)]


def key_of(shop: str) -> str:
    """Each has an account of its own: two services on one would see each other's sessions as forgotten."""
    return f"sk_test_{shop}"


@pytest.fixture(scope="module", params=SHOPS)
def opened(
    request: pytest.FixtureRequest,
    browser: Any,
    served: Any,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Shop]:
    if find_spec(request.param) is None:
        unavailable(f"no {request.param} (pip install --group receivers)")
    folder = tmp_path_factory.mktemp(request.param)
    port, database, log = free_port(), folder / "shop.db", folder / "shop.log"
    origin = f"http://127.0.0.1:{port}"
    environment = {
        **os.environ,
        "ZEROGATE_SECRET_KEY": key_of(request.param),
        "ZEROGATE_BASE_URL": served.base_url,
        "ZEROGATE_WEBHOOK_SECRET": SECRET,
        "SHOP_CHECKOUT": f"{served.control_url}/checkout",
    }
    with ExitStack() as all_of_it:
        for part in SHOPS[request.param](environment, database, port, log):
            all_of_it.enter_context(part)
        answers(origin, log)
        yield Shop(browser, origin, database, TABLES[request.param], key_of(request.param))


@pytest.fixture
def shop(opened: Shop, served: Any) -> Shop:
    """The shop in the morning: no orders yet."""
    # Not a new sandbox: it would number its events from the beginning, and the inbox knows those.
    served.sandbox.faults.clear()
    served.sandbox.account(
        opened.key, webhook_url=f"{opened.origin}/webhooks/gate", webhook_secrets=[SECRET]
    )
    opened.forget()
    return opened


def test_what_is_paid_is_shipped_once(shop: Shop, served: Any) -> None:
    # Every event twice, as it may happen.
    served.sandbox.faults.add("duplicate", copies=1, wait=0)
    shop.buy()
    shop.press("pay")
    shop.sees("Payment complete")
    shop.press("back")
    shop.sees("shipped")
    assert shop.orders == [("shipped", 1)]


def test_a_second_try_ships_as_well(shop: Shop) -> None:
    shop.buy()
    shop.press("fail")
    shop.sees("Nothing was taken")
    shop.press("pay")
    shop.sees("Payment complete")
    shop.press("back")
    shop.sees("shipped")
    assert shop.orders == [("shipped", 1)]


def test_coming_back_ships_nothing(shop: Shop, served: Any) -> None:
    shop.buy()
    session = shop.session(served)
    shop.browser.get(session["return_url"])
    shop.sees("not paid yet")
    forged = json.dumps(
        {
            "id": "evt_1",
            "type": "gate_session.completed",
            "created_at": int(time.time()),
            "data": session,
        }
    )
    answer = httpx.post(
        f"{shop.origin}/webhooks/gate",
        content=forged,
        headers={"Gate-Signature": f"t={int(time.time())},v1={'0' * 64}"},
        trust_env=False,
    )
    assert answer.status_code == 400
    assert shop.orders == [("not paid yet", 0)]


def test_what_is_underpaid_is_held(shop: Shop, served: Any) -> None:
    shop.buy()
    session = shop.session(served)
    served.sandbox.pay(session["id"], fiat_amount="60.00")
    shop.browser.get(session["return_url"])
    shop.sees("on hold")
    assert [shipped for _, shipped in shop.orders] == [0]
