"""A whole life, from its first call to long after its last: shops, users, a store that forgets."""

from __future__ import annotations

import gc
import json
import logging
from datetime import UTC, datetime
from typing import Any, Final

import attrs
from zerogate import Gate, GateError, RetryPolicy, fresh_key
from zerogate_sandbox import Profile, Sandbox
from zerogate_sandbox.calls import PlainRequest

from tests.simulation.diary import Diary
from tests.simulation.judge import Facts, Judge
from tests.simulation.office import Office
from tests.simulation.plans import Plan
from tests.simulation.profiles import BUSY, SKIES
from tests.simulation.shop import AMOUNT, BACK, DEEDS, KEY, Shop
from tests.simulation.stage import START, Died, Stage
from tests.simulation.users import Users
from tests.simulation.weather import Process, Weather, Wire

DAY: Final = 86_400.0
STORE_KEY: Final = "b2YgdGhlIHNpbXVsYXRpb24sIGFuZCBubyBzZWNyZXQ="
GRACE: Final = 600.0
#: Seconds between the times at which a shop whose weather is calm again recovers: more than a day in all.
CALM: Final = (1000, 300, 300, 300, 1200, 1500, 2000, 4000, 4000, 30_000, 60_000, 90_000)


class Life:
    """Who lives it and what is known of it; nothing happens until `lived`."""

    def __init__(self, seed: int | str, profile: str | Profile, **fixed: Any) -> None:
        self.stage = Stage(seed)
        draw = self.stage.random
        self.profile = profile if isinstance(profile, Profile) else SKIES[profile]
        self.busy = isinstance(profile, str) and profile in BUSY
        self.sandbox = Sandbox(seed=draw.random(), clock=self.stage, profile=self.profile)
        self.diary = Diary(self.stage.now)
        self.office = Office(self.sandbox, self.diary)
        self.users = Users(self.stage, self.sandbox, self.diary, self._paid)
        weather, plan = Weather.drawn(self.stage), Plan.drawn(self.stage)
        given = fixed.pop("weather", weather)
        self.plan: Plan = attrs.evolve(plan, **fixed)
        self.weather: Weather = Weather(faults=0.0) if self.plan.clear else given
        self.shops = [
            Shop(
                name,
                namespace,
                self.stage,
                self.office,
                self.users,
                self.diary,
                self.plan,
                self.weather,
            )
            for name, namespace in self.plan.shops.items()
        ]
        for shop in self.shops if self.busy else ():
            # What is about a person is kept only where it can be encrypted.
            shop.settings = {**shop.settings, "encryption_key": STORE_KEY}
        self.shops[0].ahead = self.plan.skew

    @property
    def orders(self) -> list[str]:
        return [f"order-{number}" for number in range(self.plan.orders)]

    def _paid(self, id: str) -> None:
        """One URL hears of all that is paid on the account, and so does every shop."""
        told = self.sandbox.world.sessions.collection.records[id].metadata.get("order_id")
        for shop in self.shops if told else ():
            after = self.stage.random.choice([1.0, 90.0, 2000.0])
            self.stage.act(after, lambda shop=shop: shop.hear(id, told))

    # --- what happens ---

    def lived(self) -> Life:
        draw = self.stage.random
        for shop in self.shops:
            spread = draw.choice([2, 60, 3000])
            for order in self.orders:
                first = draw.choice([Shop.create, Shop.create, Shop.intend])
                self._does(draw.uniform(0, spread), first, shop, order)
                for _ in range(draw.choice([1, 2, 4, 6])):
                    self._does(draw.uniform(0, spread), self._deed(), shop, order)
                if self.plan.late:
                    for _ in range(draw.choice([1, 2, 3])):
                        after = draw.choice(
                            [draw.uniform(3000, 8000), DAY + draw.uniform(-3000, 9000)]
                        )
                        self._does(after, self._deed(), shop, order)
        for shop in self.shops if self.busy else ():
            for order in self.orders:
                for _ in range(draw.choice([2, 4, 6])):
                    deed = draw.choice(
                        [Shop.pay_out, Shop.pay_out, Shop.pay_out_next, Shop.register]
                    )
                    self._does(draw.uniform(0, draw.choice([3, 90, 4000])), deed, shop, order)
        if self.plan.stranger:
            for at in sorted(draw.uniform(0, draw.choice([3, 600])) for _ in range(2)):
                self.stage.later(at, self._stranger)
        if self.plan.loss is not None:
            self._forgets(self.shops[0], *self.plan.loss)
        self.stage.run(until=DAY + 12_000 if self.plan.late else 8000)
        return self

    def _deed(self) -> Any:
        (deed,) = self.stage.random.choices([d for d, _ in DEEDS], [w for _, w in DEEDS])
        return deed

    def _does(self, after: float, deed: Any, shop: Shop, order: str) -> None:
        self.stage.act(after, lambda: deed(shop, order))

    def _stranger(self) -> None:
        """Somebody else's session on the same account, with an order number like ours, or none of ours."""
        body = {"amount": "100.00", "currency": "EUR", "return_url": BACK, **self._like_ours()}
        metadata = {"order_id": "order-0"} if self.stage.chance(0.5) else {"cart": "7"}
        headers = (
            ("authorization", f"Bearer {KEY}"),
            ("content-type", "application/json"),
            ("idempotency-key", f"a-stranger-s-{self.stage.time}"),
        )
        content = json.dumps({**body, "metadata": metadata}).encode()
        request = PlainRequest("POST", "http://127.0.0.1", "/v1/gate_sessions", headers, content)
        id = json.loads(self.office.answer("stranger", request).body)["id"]
        if self.plan.odd is not None and not self.sandbox.faults.view():
            self.sandbox.faults.add("odd_row", record=id, **self.plan.odd)
        if self.stage.chance(0.5):
            self.users.pays(id)

    def _like_ours(self) -> dict[str, Any]:
        flow = {"flow": "on_ramp"} if self.plan.flow == "create" else {}
        return {**(self.plan.terms or {}), **flow}

    def _forgets(self, shop: Shop, kept: float, back: float) -> None:
        copies: list[bytes] = []
        self.stage.later(kept, lambda: copies.append(shop.disk.copy()))
        self.stage.later(back, lambda: shop.disk.put_back(copies[0]))

    # --- and what came of it ---

    def judged(self) -> list[str]:
        """Everything that is wrong once Gate is back, recovery has run, and all money has moved."""
        for shop in self.shops:
            shop.weather, shop.standing = Weather(faults=0.0), None
        for pause in CALM:
            self.stage.run(until=self.stage.time + pause)
            for shop in self.shops:
                shop.recover()
        self.stage.run(until=self.stage.time + 300_000)
        for shop in self.shops:
            shop.recover()
            if self.busy:
                shop.customers_left()
            kinds = ("", "rail-", "rail-out-") if self.busy else ("", "rail-")
            for order in (f"{kind}{order}" for kind in kinds for order in self.orders):
                shop.judge(order, "last word")
                shop.judge(order, "list word", since=datetime.fromtimestamp(START, UTC))
        return self.judge().sentences()

    def paid_on_two_sessions(self) -> dict[Any, set[str]]:
        return self.judge().paid_on_two_sessions()

    def judge(self) -> Judge:
        return Judge(_dated(self.sandbox.books()), self.diary.entries, self.facts())

    def facts(self) -> Facts:
        profile, loss = self.profile, self.plan.loss
        lag = profile.list_lag if profile.transaction_lag is None else profile.transaction_lag
        odd = (self.plan.odd or {}).get("field") == "metadata"
        return Facts(
            namespaces=self.plan.shops,
            flow=self.plan.flow,
            lag=max(lag, profile.list_lag),
            grace=GRACE,
            lost={} if loss is None else {self.shops[0].name: tuple(START + t for t in loss)},
            echoed=profile.list_metadata,
            readable=not odd,
            odd=self.plan.odd is not None,
            past_end=profile.widget_end == "token",
            clear=self.plan.clear,
        )


def _dated(books: dict[str, Any]) -> dict[str, Any]:
    """The books with the seconds of each step of a transaction, as numbers."""
    for row in books["transactions"]:
        for step in row["status_timeline"]:
            step["seconds"] = datetime.fromisoformat(step["at"]).timestamp()
    return books


def collect_rarely() -> None:
    """Collect garbage rarely: what is loaded stays, and a life leaves little that has to be looked for."""
    gc.freeze()
    gc.set_threshold(100_000, 20, 20)


def judged(life: tuple[str, int]) -> tuple[str, int, list[str]]:
    """A life by profile and seed, and what was wrong with it; for processes of a pool."""
    logging.disable(logging.CRITICAL)
    profile, seed = life
    return profile, seed, Life(seed, profile).lived().judged()


def lived_without(seed: int | str, profile: str) -> tuple[int, int]:
    """The same weather for a client with a new key per attempt: orders, and those made twice."""
    stage = Stage(seed)
    sandbox = Sandbox(seed=stage.random.random(), clock=stage, profile=SKIES[profile])
    office = Office(sandbox, Diary(stage.now))
    weather = attrs.evolve(Weather.drawn(stage), faults=stage.random.choice([0.2, 0.4, 0.6, 0.8]))

    def tried(order: str) -> bool:
        wire = Wire(office, Process(stage, weather))
        once = RetryPolicy(attempts=1)
        gate = Gate(KEY, transport=wire, clock=stage, retries=once, timeout=10)
        try:
            gate.sessions.create(
                amount=AMOUNT,
                return_url=BACK,
                idempotency_key=fresh_key(),
                metadata={"order_id": order},
            )
        except (GateError, Died):
            return False
        return True

    def ordered(order: str) -> None:
        for _ in range(6):
            if tried(order):
                return
            stage.sleep(stage.random.uniform(0, 60))

    for number in range(2):
        stage.act(stage.random.uniform(0, 60), lambda n=number: ordered(f"order-{n}"))
    stage.run(until=8000)
    made = [one.metadata["order_id"] for one in sandbox.world.sessions.collection.records.values()]
    return 2, sum(made.count(order) > 1 for order in set(made))
