"""The checkout page in a real browser, on a desktop and on a phone."""

import httpx
import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait
from zerogate_sandbox import Sandbox, WallClock

from tests.services import SCREENS, chromium


@pytest.fixture(scope="module", params=SCREENS)
def browser(request, tmp_path_factory):
    with chromium(request.param, tmp_path_factory.mktemp("browser")) as driver:
        yield driver


@pytest.fixture(scope="module")
def served():
    with Sandbox(clock=WallClock()).serve() as served:
        yield served


@pytest.fixture
def sandbox(served):
    served.sandbox.reset()
    return served.sandbox


class Page:
    def __init__(self, browser, served):
        self.browser = browser
        self.served = served

    def session(self, **fields):
        body = {
            "amount": "100.00",
            "currency": "EUR",
            "return_url": f"{self.served.origin}/v1/done",
            "cancel_url": f"{self.served.origin}/v1/basket",
            "flow": "on_ramp",
            **fields,
        }
        headers = {"authorization": "Bearer sk_test_shop", "idempotency-key": "k"}
        answer = httpx.post(
            f"{self.served.base_url}/gate_sessions", json=body, headers=headers, trust_env=False
        )
        return answer.json()

    def open(self, session=None):
        self.browser.get("about:blank")
        fragment = "" if session is None else f"#{session['client_secret']}"
        self.browser.get(f"{self.served.control_url}/checkout{fragment}")
        self.until("document.querySelector('main[aria-busy=false]') !== null")

    def until(self, condition):
        WebDriverWait(self.browser, 10, 0.02).until(
            lambda browser: browser.execute_script(f"return {condition}")
        )

    def sees(self, text):
        self.until(f"document.body.innerText.includes({text!r})")

    def press(self, id):
        self.browser.find_element(By.ID, id).click()

    def way_back(self):
        return self.browser.find_element(By.ID, "back").get_attribute("href")


@pytest.fixture
def page(browser, served, sandbox):
    yield Page(browser, served)
    # A refusal on the network is what some stories are about; a broken script never is.
    assert [one for one in browser.get_log("browser") if one["source"] != "network"] == []
    width = browser.execute_script(
        "return [document.documentElement.scrollWidth, document.documentElement.clientWidth]"
    )
    assert width[0] <= width[1], "the page is wider than the screen"


def test_a_person_pays_by_the_method_they_chose(page, sandbox):
    session = page.session()
    page.open(session)
    page.sees("Pay 100.50 EUR")
    page.browser.find_element(By.CSS_SELECTOR, "input[value=card]").click()
    page.press("pay")
    page.sees("Payment complete")
    assert page.way_back() == session["return_url"]
    [paid] = sandbox.books()["transactions"]
    assert (paid["status"], paid["payment_method"]) == ("completed", "card")


def test_a_payment_fails_and_the_second_try_succeeds(page, sandbox):
    page.open(page.session())
    page.press("fail")
    page.sees("Nothing was taken")
    page.press("pay")
    page.sees("Payment complete")
    assert [one["status"] for one in sandbox.books()["transactions"]] == ["failed", "completed"]


def test_a_person_gives_up_and_is_shown_the_way_back(page, sandbox):
    session = page.session()
    page.open(session)
    page.press("cancel")
    page.sees("You cancelled")
    assert page.way_back() == session["cancel_url"]
    assert sandbox.books()["transactions"] == []


def test_a_person_is_verified_before_paying(page, sandbox):
    sandbox.account("sk_test_shop", kyc=True)
    page.open(page.session())
    page.sees("verify your identity")
    page.press("verify")
    page.sees("Pay 100.50 EUR")
    page.press("pay")
    page.sees("Payment complete")


def test_an_overdue_payment_has_expired(page, sandbox):
    session = page.session()
    sandbox.run_out(session["id"])
    page.open(session)
    page.sees("has expired")
    [read] = sandbox.books()["sessions"]
    assert read["status"] == "expired"


def test_what_ended_meanwhile_cannot_be_paid(page, sandbox):
    session = page.session()
    page.open(session)
    sandbox.expire(session["id"])
    page.press("pay")
    page.sees("has expired")
    assert sandbox.books()["transactions"] == []


def test_a_swap_is_shown_in_tokens(page):
    page.open(page.session(flow="swap", amount="250.00", target_token="USDT"))
    page.sees("You swap")
    page.press("pay")
    page.sees("250.00 USDT")


@pytest.mark.parametrize("secret", [None, {"client_secret": "gsec_nobody_nothing"}])
def test_without_a_right_secret_there_is_nothing_to_pay(page, browser, secret):
    page.open(secret)
    page.until("document.getElementById('end') !== null")
    assert browser.find_elements(By.ID, "pay") == []


def test_the_partners_look_is_used_and_its_words_are_text(page, sandbox):
    patch = {"brand_name": "<img src=x onerror=alert(1)> Shop", "primary_color": "#F2B705"}
    httpx.patch(
        f"{page.served.base_url}/branding",
        json=patch,
        headers={"authorization": "Bearer sk_test_shop"},
        trust_env=False,
    )
    page.open(page.session())
    page.sees("onerror=alert(1)")
    button = page.browser.find_element(By.ID, "pay")
    assert button.value_of_css_property("background-color") == "rgba(242, 183, 5, 1)"


def test_the_client_secret_is_in_no_address_that_is_requested(page):
    session = page.session()
    page.open(session)
    page.press("pay")
    page.sees("Payment complete")
    asked = page.browser.execute_script(
        "return performance.getEntries().map((entry) => entry.name.split('#')[0])"
    )
    assert any(address.endswith("/checkout") for address in asked)
    assert not any(session["client_secret"] in address for address in asked)
