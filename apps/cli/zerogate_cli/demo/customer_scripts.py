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
        """Open the session as a browser does and note its id; do nothing where that is refused."""
        try:
            token = self.gate.embed.bootstrap(self.secret, origin=ORIGIN)
        except RequestRejected:
            return
        assert isinstance(token.session_id, str)
        self.session_id = token.session_id

    def pay(self, more: int = 0, **choice: str | bool) -> None:
        """Pay what is asked for, *more* units above it, or below for a negative number."""
        self._do("pay", **{**self._amount(more), **choice})

    def pay_twice(self) -> None:
        """Pay what is asked for twice, in two transactions."""
        self._do("pay_twice", **self._amount())

    def pay_less_a_fee(self) -> None:
        """Pay exactly what was asked in all, so that less of it is for the order."""
        self._do("pay", **self._amount(-1), total=self.order.asked.wire, fees="1")

    def fail(self) -> None:
        """Try to pay what is asked for, in vain; the session stays open."""
        self._do("fail", **self._amount())

    def cancel(self) -> None:
        """Cancel in the widget as the user does; open payments end."""
        self._do("cancel")

    def start(self) -> None:
        """Begin a payment of what is asked for and note its refid."""
        self.begun = self._do("start", **self._amount())

    def arrive(self) -> None:
        """Settle the payment that `start` began."""
        self.control.post(f"transactions/{self.begun}/settle")

    def _amount(self, more: int = 0) -> dict[str, str]:
        """Return the amount asked for, plus *more* units, under the field it is paid by."""
        expect = self.order.expect
        field = "token_amount" if self.order.is_swap else "fiat_amount"
        return {field: (expect + Money(more, expect.code)).wire}

    def _do(self, what: str, **choice: str | bool) -> str:
        """Do *what* in the sandbox to this session; return the transaction's refid, "" without one."""
        said = self.control.post(f"sessions/{self.session_id}/{what}", choice or None)
        return said.get("refid", "") if isinstance(said, dict) else ""


Act = Callable[[Widget], None]


def _nothing(widget: Widget) -> None:
    """Do nothing in the widget."""


def _fail_and_pay(widget: Widget) -> None:
    """Let one payment fail, then pay."""
    widget.fail()
    widget.pay()


@attrs.frozen
class Habit:
    """A customer's way with a payment: what is done on the first day, on the next, and with a new session.

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
        """Return what the ledger says this customer does."""
        return HABITS[self.order.user]

    def take(self, secret: str) -> Widget:
        """Return the widget of a client secret, opened at the first call with it."""
        if secret not in self.widgets:
            widget = Widget(self.gate, self.control, self.order, secret)
            widget.open()
            self.widgets[secret] = widget
        return self.widgets[secret]

    def today(self) -> None:
        """Do in each widget what this customer does on the first day."""
        for widget in self.widgets.values():
            self.habit.today(widget)

    def tomorrow(self) -> None:
        """Do in each widget what this customer does on the second day."""
        for widget in self.widgets.values():
            self.habit.tomorrow(widget)
