"""The report in a real browser with 2,000 breaks: whole, searchable, harmless, on a desk and a phone."""

from __future__ import annotations

import base64
import csv
import itertools
import json
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any

import ibis
import pytest
from zerogate_ledger.breaks import AGES
from zerogate_ledger.exact import is_plain
from zerogate_ledger.findings import Findings
from zerogate_ledger.match_inputs import LEDGER, SESSIONS, TRANSACTIONS
from zerogate_ledger.pipeline import reconcile
from zerogate_ledger.report.write import write_report

from tests.services import SCREENS, chromium

from .test_match import WAYS, a_batch, rules, table, terms

pytestmark = [pytest.mark.browser]

HOSTILE = "<script>document.title='taken'</script>"
MARKUP = "<img src=x onerror=\"document.title='taken'\">"


def reported(folder: Path, stories: int) -> tuple[Path, Findings]:
    batch = a_batch(5, stories)
    chance = Random(3)
    ledger = [row for story in batch for row in story.ledger]
    for row in ledger:
        if row["created_at"] is not None and chance.random() < 0.7:
            row["created_at"] -= chance.randrange(40 * 86_400)
    ledger[0] |= {"order_id": HOSTILE, "amount": MARKUP, "currency": MARKUP, "status": MARKUP}
    sides = (
        table(ledger, (*LEDGER, "trouble")),
        table([row for s in batch for row in s.transactions], list(TRANSACTIONS.names)),
        table([row for s in batch for row in s.sessions], list(SESSIONS.names)),
    )
    con = ibis.duckdb.connect()
    found = reconcile(
        con,
        *(con.create_table(f"side_{n}", side) for n, side in enumerate(sides)),
        terms(rules(WAYS[0])),
    )
    con.disconnect()
    write_report(found, folder, {"ledger": f"orders{HOSTILE}.csv", "tolerance": "off"})
    return folder / "report.html", found


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Findings]:
    """A report of each kind of break, a few times: a browser is quick with it."""
    return reported(tmp_path_factory.mktemp("report"), 90)


@pytest.fixture(scope="module")
def long_report(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Findings]:
    """A report of 2,000 breaks, for what depends on how many they are or asks each of them."""
    return reported(tmp_path_factory.mktemp("long-report"), 750)


@pytest.fixture(scope="module", params=SCREENS)
def browser(request: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    with chromium(request.param, tmp_path_factory.mktemp("browser")) as opened:
        yield opened


@pytest.fixture
def page(browser: Any, report: tuple[Path, Findings]) -> Any:
    browser.get_log("performance")
    browser.get(report[0].as_uri())
    return browser


@pytest.fixture
def long_page(browser: Any, long_report: tuple[Path, Findings]) -> Any:
    browser.get(long_report[0].as_uri())
    return browser


@pytest.fixture
def width(request: Any) -> int:
    """Of the screen; a phone's window grows with what does not fit into it."""
    width: int = SCREENS[request.node.callspec.params["browser"]][0]
    return width


def shown(page: Any) -> int:
    count: int = page.execute_script(
        "return [...document.querySelectorAll('.story')].filter(b => b.offsetHeight).length"
    )
    return count


#: Until every story that is wanted is laid out: the page takes some of them in each frame.
_LAID = (
    "const wait = () => document.querySelector('.stories').ariaBusy === 'true'"
    " ? requestAnimationFrame(wait) : done();"
    "requestAnimationFrame(() => requestAnimationFrame(wait));"
)


def type_in(page: Any, text: str) -> None:
    """The search, and the frames for it to be worked off."""
    page.execute_async_script(
        "const [text, done] = arguments; const box = document.querySelector('#search');"
        f"box.value = text; box.dispatchEvent(new Event('input')); {_LAID}",
        text,
    )


def test_two_thousand_breaks_are_shown_a_story_for_each_payment(
    long_page: Any, long_report: tuple[Path, Findings]
) -> None:
    assert long_report[1].breaks >= 2_000
    cases = long_page.find_elements("css selector", ".story .cases > li")
    assert len(cases) == long_report[1].breaks
    told = shown(long_page)
    assert 1_000 < told < long_report[1].breaks
    assert long_page.find_element("id", "count").text == f"{told:,} of {told:,}"


def test_money_in_question_stands_first_and_the_worst_breaks_before_the_others(page: Any) -> None:
    assert page.find_element("css selector", "section h2").text == "Money in question"
    first = page.find_element("css selector", ".tiles .amount")
    assert first.rect["y"] < page.execute_script("return innerHeight")
    levels = page.execute_script(
        "return [...document.querySelectorAll('.story')].map(s => s.className.split(' ')[1])"
    )
    ranks = [["act", "correct", "watch"].index(level) for level in levels]
    assert ranks == sorted(ranks)
    assert set(ranks) == {0, 1, 2}
    colours = page.execute_script(
        "return ['act', 'correct', 'watch'].map(level => getComputedStyle("
        "document.querySelector(`.story.${level}`), '::before').backgroundColor)"
    )
    assert len(set(colours)) == 3


def test_every_story_marks_what_differs_also_for_who_sees_no_colours(long_page: Any) -> None:
    unmarked = long_page.execute_script(
        "return [...document.querySelectorAll('.story')].filter(s => !s.querySelector('.differs'))"
        ".map(s => s.innerText.slice(0, 200))"
    )
    assert unmarked == []
    said = long_page.execute_script(
        "return [...document.querySelectorAll('.sides tr:has(td.differs)')]"
        ".every(row => row.querySelector('th .mark')?.textContent)"
    )
    assert said


def test_all_can_be_reached_by_the_keyboard_and_is_named_for_a_screen_reader(page: Any) -> None:
    unnamed = page.execute_script(
        "return [...document.querySelectorAll('input, select, button, summary, svg')]"
        ".filter(e => !(e.getAttribute('aria-label') || e.textContent.trim())).length"
    )
    assert unnamed == 0
    page.execute_script("document.querySelector('#search').focus()")
    for id in ("kind", "currency", "age", "sort", "save"):
        page.switch_to.active_element.send_keys("\ue004")  # Tab
        assert page.execute_script("return document.activeElement.id") == id
    page.switch_to.active_element.send_keys("\ue004")
    assert page.execute_script("return document.activeElement.tagName") == "SUMMARY"
    page.switch_to.active_element.send_keys("\ue007")  # Enter
    assert page.find_element("css selector", ".story details").get_property("open")
    page.execute_script("document.querySelector('.story details').open = false")
    heads = page.execute_script(
        "return [...document.querySelectorAll('h1, h2, h3')].map(h => +h.tagName[1])"
    )
    assert heads[0] == 1
    assert all(after - before <= 1 for before, after in itertools.pairwise(heads))


def test_nothing_reaches_beyond_the_screen_or_its_card(long_page: Any, width: int) -> None:
    assert long_page.execute_script("return document.documentElement.scrollWidth") <= width
    wide = long_page.execute_script(
        "return [...document.querySelectorAll('header *, .card > *, .totals *, .tiles *, "
        ".story:nth-child(5n) .sides *')]"
        ".filter(e => e.offsetWidth > 1 && e.scrollWidth > e.clientWidth + 1 && e.clientWidth)"
        ".map(e => e.outerHTML.slice(0, 200))"
    )
    assert wide == []


def test_markup_from_a_ledger_is_text_and_runs_nothing(page: Any) -> None:
    assert page.title == f"Reconciliation of orders{HOSTILE}.csv"
    assert HOSTILE in page.find_element("css selector", "h1").text
    type_in(page, "onerror")
    assert MARKUP in page.find_element("css selector", ".story").text
    assert page.execute_script("return document.images.length") == 0
    assert page.execute_script("return document.scripts.length") == 1


def test_the_page_asks_nobody_for_anything_and_reports_no_error(page: Any) -> None:
    asked = [
        message["params"]["request"]["url"]
        for entry in page.get_log("performance")
        if (message := json.loads(entry["message"])["message"])["method"]
        == "Network.requestWillBeSent"
    ]
    assert {url.split(":")[0] for url in asked} <= {"file", "data"}
    assert page.get_log("browser") == []


def test_the_search_finds_every_word_in_any_order(long_page: Any) -> None:
    order = long_page.find_element("css selector", ".story:nth-child(40) .id").text
    type_in(long_page, f"{order.upper()} eur")
    found = shown(long_page)
    assert 1 <= found < 20
    assert order in long_page.find_element("css selector", ".story").text
    type_in(long_page, "no such thing anywhere")
    assert shown(long_page) == 0
    assert long_page.find_element("css selector", ".none").is_displayed()
    type_in(long_page, "")
    assert shown(long_page) > 1_000


def test_a_search_changes_no_story_reads_none_again_and_lays_out_few_of_them_at_once(
    long_page: Any,
) -> None:
    """Work is counted, not time: to hide stories one by one where they stand took Chromium 18 s.

    What it costs is what is changed within the list that is laid out, and what is laid out before the next
    frame.
    """
    told = long_page.execute_async_script("""
        const done = arguments[0];
        const list = document.querySelector('.stories'), box = document.querySelector('#search');
        const frame = () => new Promise(requestAnimationFrame);
        let read = 0;
        const text = Object.getOwnPropertyDescriptor(Node.prototype, 'textContent');
        Object.defineProperty(Node.prototype, 'textContent',
            {...text, get() { read += 1; return text.get.call(this); }});
        let seen = [];
        const watch = new MutationObserver((records) => { seen.push(...records); });
        watch.observe(list, {childList: true, subtree: true, attributes: true});
        const type = async (words) => {
            seen = [];
            box.value = words;
            box.dispatchEvent(new Event('input'));
            await frame();
            const first = list.children.length;
            while (list.ariaBusy === 'true') await frame();
            return {first, last: list.children.length,
                added: seen.reduce((sum, one) => sum + one.addedNodes.length, 0),
                within: seen.filter((one) => one.target !== list).length};
        };
        const stories = list.children.length;
        (async () => {
            const none = await type('no such thing anywhere'), all = await type(''), same = await type(' ');
            Object.defineProperty(Node.prototype, 'textContent', text);
            watch.disconnect();
            done({stories, read, none, all, same});
        })();
    """)
    stories = told["stories"]
    assert told["read"] == 0
    assert told["none"] == {"first": 0, "last": 0, "added": 0, "within": 0}
    assert told["all"] == {"first": 60, "last": stories, "added": stories, "within": 0}
    assert told["same"] == {"first": stories, "last": stories, "added": 0, "within": 0}


def test_a_class_can_be_chosen_also_where_it_is_not_the_worst(
    page: Any, report: tuple[Path, Findings]
) -> None:
    stories = len(page.find_elements("css selector", ".story"))
    choose(page, "kind", "fee")
    first = page.execute_script(
        "return [...document.querySelectorAll('.story .cases > li')]"
        ".map(c => c.dataset.classes.split(' '))"
    )
    assert sum(classes[0] == "fee" for classes in first) == report[1].classes["fee"]
    assert any("fee" in classes[1:] for classes in first)
    choose(page, "kind", "watch")
    watched = shown(page)
    assert 0 < watched < stories
    choose(page, "kind", "")


def choose(page: Any, id: str, value: str) -> None:
    page.execute_async_script(
        "const [id, value, done] = arguments; const choice = document.querySelector(`#${id}`);"
        f"choice.value = value; choice.dispatchEvent(new Event('change')); {_LAID}",
        id,
        value,
    )


def test_rows_are_chosen_by_currency_and_age(page: Any) -> None:
    stories = len(page.find_elements("css selector", ".story"))
    choose(page, "currency", "EUR")
    euros = shown(page)
    assert 0 < euros < stories
    seen = page.execute_script(
        "return [...document.querySelectorAll('.story')]"
        ".map(row => [...row.querySelectorAll('.cases > li')].map(c => c.dataset.currency))"
    )
    assert all(any("EUR" in codes.split("|") for codes in cases) for cases in seen)
    ages = page.execute_script(
        "return [...document.querySelector('#age').options].map(option => option.value)"
    )
    counts = []
    for age in ages[1:]:
        choose(page, "age", age)
        counts.append(shown(page))
    assert len(counts) > 3
    # A payment whose breaks began at several times is found by each of them.
    assert max(counts) < euros <= sum(counts)
    choose(page, "currency", "")
    choose(page, "age", "")


def test_rows_are_ordered_by_difference_amount_age_and_order_and_back(page: Any) -> None:
    def said(name: str) -> list[str]:
        told: list[str] = page.execute_script(
            "return [...document.querySelectorAll('.story')].map(r => r.dataset[arguments[0]])",
            name,
        )
        return told

    worst_first = said("order")
    for name in ("difference", "amount"):
        choose(page, "sort", name)
        sizes = [abs(Decimal(text)) if text else Decimal(-1) for text in said(name)]
        assert sizes == sorted(sizes, reverse=True)
        assert sizes[0] > sizes[-1]
    choose(page, "sort", "age")
    ages = [(*AGES[-1:], *AGES[:-1]).index(age) for age in said("age")]
    assert ages == sorted(ages, reverse=True)
    choose(page, "sort", "")
    assert said("order") == worst_first


def test_what_is_shown_can_be_saved_as_a_table_that_runs_nothing(page: Any, tmp_path: Path) -> None:
    choose(page, "kind", "amount")
    choose(page, "sort", "amount")
    wanted = page.execute_script(
        "return [...document.querySelectorAll('.story .cases > li')]"
        ".filter(c => c.dataset.classes.split(' ').includes('amount'))"
        ".map(c => [c.dataset.classes.split(' ')[0], c.dataset.difference])"
    )
    # The bytes that would be saved, instead of where a browser keeps them.
    data = page.execute_async_script(
        "const done = arguments[0]; const make = URL.createObjectURL;"
        "URL.createObjectURL = (blob) => { blob.arrayBuffer().then(b => done("
        "btoa(Array.from(new Uint8Array(b), c => String.fromCharCode(c)).join(''))));"
        "return 'data:,'; }; document.querySelector('#save').click(); URL.createObjectURL = make;"
    )
    file = tmp_path / "shown.csv"
    file.write_bytes(base64.b64decode(data))
    assert file.read_bytes().startswith("\ufeff".encode())
    with file.open(encoding="utf-8-sig", newline="") as opened:
        rows = list(csv.DictReader(opened))
    assert [[row["class"], row["amount_difference"].lstrip("'")] for row in rows] == wanted
    assert {"ledger_amount", "gate_amount", "ledger_order_id", "note"} <= set(rows[0])
    assert all(row["ledger_amount"] and row["gate_amount"] for row in rows)
    risky = [c for row in rows for c in row.values() if c[:1] in tuple("=+-@") and not is_plain(c)]
    assert risky == []
    choose(page, "kind", "")
    choose(page, "sort", "")


def test_both_sides_open_without_pushing_the_page_apart(page: Any, width: int) -> None:
    page.execute_script("document.querySelectorAll('details')[2].open = true")
    for sides in page.find_elements("css selector", ".story:nth-child(3) .sides"):
        assert sides.is_displayed()
        assert sides.rect["x"] >= 0
        assert sides.rect["x"] + sides.rect["width"] <= width


def test_pictures_have_a_size_and_names(page: Any) -> None:
    drawn = page.find_elements("css selector", "svg.chart")
    assert len(drawn) == 2
    for picture in drawn:
        assert picture.size["width"] > 250
        assert picture.size["height"] > 60
        assert picture.get_attribute("aria-label")
    meter = page.find_element("css selector", ".hero svg.meter")
    assert meter.size["width"] > 250
    assert "to act on" in meter.get_attribute("aria-label")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_stands_out_in_light_and_dark(page: Any, scheme: str) -> None:
    page.execute_cdp_cmd(
        "Emulation.setEmulatedMedia",
        {"features": [{"name": "prefers-color-scheme", "value": scheme}]},
    )
    for selector in (
        "body",
        ".soft",
        ".hero.bad b",
        ".c-act",
        ".c-correct",
        ".act .level",
        ".correct .level",
        ".watch .level",
        ".sides th",
        ".sides .mark",
        ".cases p",
        ".money .next",
        ".off",
        "summary",
        ".ok",
        ".differs",
    ):
        ratio = page.execute_script(CONTRAST, selector)
        assert ratio >= 4.5, (selector, ratio)


CONTRAST = """
const element = document.querySelector(arguments[0]);
const numbers = (text) => text.match(/[\\d.]+/g).map(Number);
const light = (text) => {
  const part = numbers(text).slice(0, 3).map((v) => v / 255)
    .map((v) => (v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4));
  return 0.2126 * part[0] + 0.7152 * part[1] + 0.0722 * part[2];
};
let behind = element;
while (behind && (numbers(getComputedStyle(behind).backgroundColor)[3] ?? 1) === 0) {
  behind = behind.parentElement;
}
const one = light(getComputedStyle(element).color);
const two = light(getComputedStyle(behind ?? document.body).backgroundColor);
return (Math.max(one, two) + 0.05) / (Math.min(one, two) + 0.05);
"""


def test_it_prints_without_its_tools(page: Any) -> None:
    page.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
    assert not page.find_element("css selector", ".tools").is_displayed()
    assert not page.find_element("css selector", "details").is_displayed()
    assert page.find_element("css selector", ".sides td.differs").is_displayed()
    page.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": ""})
    type_in(page, "onerror")
    printed = page.execute_cdp_cmd("Page.printToPDF", {"paperWidth": 8.27, "paperHeight": 11.69})
    assert base64.b64decode(printed["data"]).startswith(b"%PDF")
    type_in(page, "")
