"""One key, one object; and what profiles make of the rest."""

from typing import Literal, get_args, get_origin, get_type_hints

import attrs
import pytest
from zerogate_sandbox import PROFILES, Profile, Sandbox

from tests.simulation.profiles import SKIES


def count(sandbox):
    return len(sandbox.books()["sessions"])


def test_a_repeat_under_the_same_key_gets_the_original_answer(sandbox, shop):
    first = shop.session(key="k")
    sandbox.pay(first["id"])
    again = shop.session(key="k")
    assert (again.json, again.status) == (first.json, 201)
    assert again.headers["x-request-id"] != first.headers["x-request-id"]
    assert count(sandbox) == 1


def test_the_order_of_fields_does_not_make_another_body(sandbox, shop):
    shop.post(
        "/gate_sessions", raw=b'{"amount":"1","currency":"EUR","return_url":"https://a.b"}', key="k"
    )
    again = shop.post(
        "/gate_sessions",
        raw=b'{"return_url":"https://a.b", "currency":"EUR","amount":"1"}',
        key="k",
    )
    assert (again.status, count(sandbox)) == (201, 1)


def test_the_same_key_with_another_body_is_409(sandbox, shop):
    shop.session(key="k")
    refused = shop.session(key="k", amount="100.01")
    assert (refused.status, refused["code"]) == (409, "idempotency_conflict")
    assert count(sandbox) == 1


def test_keys_belong_to_one_partner(sandbox, shop, new_shop):
    shop.session(key="k")
    assert new_shop(sandbox, "sk_test_other").session(key="k").status == 201
    assert count(sandbox) == 2


def test_a_refused_request_does_not_use_up_its_key(sandbox, shop):
    assert shop.session(key="k", amount="wrong").status == 400
    assert shop.session(key="k").status == 201


@pytest.mark.parametrize("length", [256, 5_000])
def test_an_endless_key_is_400(shop, length):
    assert shop.session(key="k" * length).status == 400


@pytest.mark.parametrize(("memory", "objects"), [(0, 2), (600, 2), (3_600, 1), (86_400, 1)])
def test_a_key_is_forgotten_after_the_profiles_time(new_shop, memory, objects):
    sandbox = Sandbox(profile={"key_memory": memory})
    shop = new_shop(sandbox)
    shop.session(key="k")
    sandbox.advance(1_000)
    shop.session(key="k")
    assert count(sandbox) == objects


@pytest.mark.parametrize(("profile", "status"), [("409", 409), ("422", 422), ("old", 201)])
def test_profiles_answer_another_body_differently(new_shop, profile, status):
    sandbox = Sandbox(profile={"same_key_other_body": profile})
    shop = new_shop(sandbox)
    shop.session(key="k")
    assert shop.session(key="k", amount="7.00").status == status
    assert count(sandbox) == 1


def test_a_profile_may_replay_without_the_client_secret(new_shop):
    shop = new_shop(Sandbox(profile={"replay_secret": False}))
    first, again = shop.session(key="k"), shop.session(key="k")
    assert again["id"] == first["id"]
    assert "client_secret" not in again.json


def test_keys_may_belong_to_the_api_key_that_sent_them(new_shop):
    sandbox = Sandbox(profile={"key_scope": "key"})
    shop = new_shop(sandbox)
    sandbox.rotate("sk_test_shop", "sk_test_new")
    shop.session(key="k")
    new_shop(sandbox, "sk_test_new").session(key="k")
    assert count(sandbox) == 2


@pytest.mark.parametrize(
    ("switch", "again", "objects"),
    [
        ("wait", 201, 1),
        ("409", 409, 1),
        ("423", 423, 1),
        ("425", 425, 1),
        ("404", 404, 1),
        ("second", 201, 2),
    ],
)
def test_a_repeat_while_the_first_is_under_way(new_shop, switch, again, objects):
    sandbox = Sandbox(profile={"same_key_in_flight": switch})
    sandbox.faults.add("slow", wait=5.0, times=1)
    shop = new_shop(sandbox)
    assert shop.session(key="k").answer.wire.wait == 5.0
    sandbox.advance(2)
    repeat = shop.session(key="k")
    assert (repeat.status, count(sandbox)) == (again, objects)
    if switch == "wait":
        assert repeat.answer.wire.wait == 3.0
    if again >= 400:
        assert ("type" in repeat.json) is (switch != "404")
        sandbox.advance(3)
        assert (shop.session(key="k").status, count(sandbox)) == (201, 1)


@pytest.mark.parametrize(("remembered", "status"), [(True, 503), (False, 201)])
def test_a_5xx_after_the_commit_is_remembered_or_not(new_shop, remembered, status):
    sandbox = Sandbox(profile={"remember_5xx": remembered})
    sandbox.faults.add("error", when="after", times=1)
    shop = new_shop(sandbox)
    first = shop.session(key="k")
    again = shop.session(key="k")
    assert (first.status, again.status, count(sandbox)) == (503, status, 1)
    assert again.headers["x-request-id"] == again.json.get(
        "request_id", again.headers["x-request-id"]
    )


@pytest.mark.parametrize("profile", ["lenient", "hostile"])
def test_some_profiles_answer_200_for_201(new_shop, profile):
    shop = new_shop(Sandbox(profile=profile))
    session = shop.session()
    assert session.status == 200
    assert shop.post(f"/gate_sessions/{session['id']}/cancel").status == 201


@pytest.mark.parametrize(
    ("profile", "says"),
    [
        ("documentd", "documented, lenient, terse"),
        ({"key_memry": 0}, "key_memory, key_scope"),
        ({"key_scope": "world"}, "'partner' or 'key'"),
        ({"key_memory": -1}, "number of seconds"),
        ({"list_lag": True}, "number of seconds"),
        ({"short_pages": 1}, "true or false"),
        ({"created_status": True}, "200 or 201"),
        ({"transaction_lag": -1}, "number of seconds"),
        ({"list_lag": None}, "number of seconds"),
        ({"list_metadata": "no"}, "true or false"),
        ({"widget_end": "never"}, "'session' or 'status'"),
        ({"user_flow": "swap"}, "'on_ramp' or 'off_ramp'"),
        ({"network_names": None}, "'sent' or 'own'"),
        ({"network_names": {"base": 1}}, "or names by what they stand for"),
        ({"same_key_in_flight": 423}, "'423' or '425'"),
        ({"base": "nobody"}, "documented"),
    ],
)
def test_a_profile_with_a_typo_is_refused_with_what_exists(profile, says):
    with pytest.raises(ValueError, match=says):
        Sandbox(profile=profile)


@pytest.mark.parametrize(("switch", "status"), [("operation", 201), ("account", 409)])
def test_two_operations_may_share_a_key_or_not(new_shop, switch, status):
    shop = new_shop(Sandbox(profile={"key_space": switch}))
    shop.session(key="k")
    assert shop.post("/customers", {"email": "ada@partner.example"}, key="k").status == status


def test_every_switch_has_each_of_its_values_in_some_profile():
    """What no profile does, no proof runs over; those of the simulation are no less for having no name."""
    for field in attrs.fields(Profile):
        used = {getattr(profile, field.name) for profile in (*PROFILES.values(), *SKIES.values())}
        kind = get_type_hints(Profile)[field.name]
        words = [one for one in (kind, *get_args(kind)) if get_origin(one) is Literal]
        possible = set(get_args(words[0])) if words else {True, False}
        timed = float in (kind, *get_args(kind))
        assert len(used) > 1 if timed else used >= possible, field.name
    assert {profile.key_memory for profile in PROFILES.values()} >= {0, 600, 3_600, 86_400}
    assert {profile.list_lag for profile in PROFILES.values()} >= {0, 5, 60}
