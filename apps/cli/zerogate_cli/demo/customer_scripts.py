"""The shop's customers: what each of them does in the widget, today, tomorrow, and if asked again."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

import attrs
from zerogate import Gate, Money, RequestRejected

from zerogate_cli.demo.control import Control
from zerogate_cli.demo.ledger import Order

ORIGIN: Final = "https://shop.example"


@attrs.define
class Widget:
    """One session, as the browser sees it that was handed its client secret."""

    gate: Gate
    control: Control
    order: Order
    secret: str = attrs.field(repr=False)
    session_id: str = ""
    begun: str = ""

    def open(self) -> None:
        """Open the session, as the widget does first; one that is past its time ends here."""
        try:
            token = self.gate.embed.bootstrap(self.secret, origin=ORIGIN)
        except RequestRejected:
            return
        assert isinstance(token.session_id, str)
        self.session_id = token.session_id

    def pay(self, more: int = 0, **choice: str | bool) -> None:
        """more: Units above what is asked, or below."""
        self._do("pay", **{**self._amount(more), **choice})

    def pay_twice(self) -> None:
        self._do("pay_twice", **self._amount())

    def pay_less_a_fee(self) -> None:
        """Pay exactly what was asked in all, so that less of it is for the order."""
        self._do("pay", **self._amount(-1), total=self.order.asked.wire, fees="1")

    def fail(self) -> None:
        self._do("fail", **self._amount())

    def cancel(self) -> None:
        self._do("cancel")

    def start(self) -> None:
        """Begin a bank transfer."""
        self.begun = self._do("start", **self._amount())

    def arrive(self) -> None:
        """The bank transfer arrives."""
        self.control.post(f"transactions/{self.begun}/settle")

    def _amount(self, more: int = 0) -> dict[str, str]:
        expect = self.order.expect
        field = "token_amount" if self.order.is_swap else "fiat_amount"
        return {field: (expect + Money(more, expect.code)).wire}

    def _do(self, what: str, **choice: str | bool) -> str:
        said = self.control.post(f"sessions/{self.session_id}/{what}", choice or None)
        return said.get("refid", "") if isinstance(said, dict) else ""


Act = Callable[[Widget], None]


def _nothing(widget: Widget) -> None:
    """Leave it as it is."""


def _fail_and_pay(widget: Widget) -> None:
    widget.fail()
    widget.pay()


@attrs.frozen
class Habit:
    """
    gives_up: Whether the browser then comes back by the cancel_url.
    again: What is done with a new session for the same order, once the first one is over; None is
        not to come back for one.
    """

    today: Act = _nothing
    tomorrow: Act = _nothing
    gives_up: bool = False
    again: Act | None = None


#: The `user` column of the ledger.
HABITS: Final[Mapping[str, Habit]] = {
    "pays": Habit(Widget.pay),
    "pays twice": Habit(Widget.pay_twice),
    "pays less": Habit(lambda widget: widget.pay(-1)),
    "pays more": Habit(lambda widget: widget.pay(+1)),
    "pays less a fee": Habit(Widget.pay_less_a_fee),
    "pays in dollars": Habit(lambda widget: widget.pay(currency="USD", fiat_amount="40.20")),
    "pays on another network": Habit(lambda widget: widget.pay(network="tron")),
    "fails": Habit(Widget.fail),
    "fails and pays": Habit(_fail_and_pay),
    "cancels": Habit(Widget.cancel, gives_up=True),
    "pays after cancelling": Habit(
        Widget.cancel, tomorrow=lambda widget: widget.pay(late=True), gives_up=True
    ),
    "walks away": Habit(),
    "comes back and pays": Habit(tomorrow=Widget.open, again=Widget.pay),
    "comes back and thinks": Habit(tomorrow=Widget.open, again=_nothing),
    "transfers slowly": Habit(Widget.start, tomorrow=Widget.arrive),
    "transfers for days": Habit(Widget.start),
}


@attrs.define
class User:
    """Acts in every widget that a secret was handed over for: two secrets would be paid twice."""

    order: Order
    gate: Gate = attrs.field(repr=False)
    control: Control = attrs.field(repr=False)
    widgets: dict[str, Widget] = attrs.field(factory=dict, repr=False)

    @property
    def habit(self) -> Habit:
        return HABITS[self.order.user]

    def take(self, secret: str) -> Widget:
        """Open the widget that a client secret is for; the same secret is the same widget."""
        if secret not in self.widgets:
            widget = Widget(self.gate, self.control, self.order, secret)
            widget.open()
            self.widgets[secret] = widget
        return self.widgets[secret]

    def today(self) -> None:
        for widget in self.widgets.values():
            self.habit.today(widget)

    def tomorrow(self) -> None:
        for widget in self.widgets.values():
            self.habit.tomorrow(widget)
