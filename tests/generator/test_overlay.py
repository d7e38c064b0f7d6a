"""The overlay: each action has a reason, does what Overlay 1.0 says, and is never lost quietly."""

import json
from pathlib import Path
from typing import Any

import jsonpath
import pytest
import yaml

from openapi.regenerate import overlay, source
from openapi.regenerate.refused import Refused


def applied(document: dict[str, Any], *actions: dict[str, Any]) -> overlay.Applied:
    given = [{"description": "why", **action} for action in actions]
    listed = overlay.actions_of({"overlay": "1.0.0", "actions": given}, "overlay.yaml")
    return overlay.apply(document, listed)


def test_objects_are_merged_deeply_and_values_replaced():
    document = {"a": {"b": {"keep": 1, "change": 1}, "list": [1]}}

    done = applied(document, {"target": "$.a", "update": {"b": {"change": 2}, "list": [2]}})

    assert done.document == {"a": {"b": {"keep": 1, "change": 2}, "list": [1, 2]}}
    assert document == {"a": {"b": {"keep": 1, "change": 1}, "list": [1]}}


def test_a_list_grows_by_the_update():
    assert applied({"a": [1]}, {"target": "$.a", "update": {"x": 1}}).document == {
        "a": [1, {"x": 1}]
    }


def test_everything_that_matches_is_removed():
    done = applied({"a": [1, 2, 3, 4], "b": 5}, {"target": "$.a[1:3]", "remove": True})

    assert done.document == {"a": [1, 4], "b": 5}
    assert [count for _, count in done.matches] == [2]


def test_actions_are_applied_in_their_order():
    done = applied(
        {"a": {}},
        {"target": "$.a", "update": {"b": {"c": 1}}},
        {"target": "$.a.b", "update": {"c": 2}},
    )

    assert done.document == {"a": {"b": {"c": 2}}}


def test_an_action_that_matches_nothing_is_reported_with_the_nearest_names():
    document = {"components": {"schemas": {"GateSession": {}, "GateSessions": {}, "Error": {}}}}

    done = applied(document, {"target": "$.components.schemas.GateSesion", "update": {}})

    assert str(done.unmatched[0]) == (
        "overlay action 1 matches nothing: $.components.schemas.GateSesion; "
        "nearest: GateSession, GateSessions"
    )


def test_of_alternatives_one_match_is_enough():
    by_name = {"target": "$..client_secret", "x-group": "secret", "update": {}}
    by_place = {"target": "$.nowhere", "x-group": "secret", "update": {}}

    assert applied({"client_secret": {}}, by_place, by_name).unmatched == ()
    missed = applied({"other": {}}, by_place, by_name).unmatched
    assert [miss.action.target for miss in missed] == ["$.nowhere", "$..client_secret"]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"overlay": "2.0.0", "actions": []}, '`overlay` must be "1.0.0"'),
        ({"overlay": "1.0.0", "actions": []}, "`actions` must be a list with at least one action"),
        ({"overlay": "1.0.0", "actions": [{"update": {}}]}, "action 1 has no `target`"),
        (
            {"overlay": "1.0.0", "actions": [{"target": "$", "update": {}}]},
            "no `description`; say why",
        ),
        (
            {"overlay": "1.0.0", "actions": [{"target": "$", "description": "d"}]},
            "neither updates nor",
        ),
        (
            {"overlay": "1.0.0", "actions": [{"target": "$[", "description": "d", "update": {}}]},
            "is not a JSONPath",
        ),
        (
            {"overlay": "1.0.0", "actions": [{"target": "$", "description": "d", "updat": {}}]},
            "unknown key 'updat'",
        ),
    ],
)
def test_an_overlay_that_is_none_is_refused(given, said):
    with pytest.raises(Refused, match=r"overlay\.yaml") as refused:
        overlay.actions_of(given, "overlay.yaml")

    assert said in str(refused.value)


def test_a_target_that_is_a_value_is_refused():
    with pytest.raises(Refused, match="int cannot be merged in"):
        applied({"a": 1}, {"target": "$.a", "update": {"b": 1}})


def test_an_action_that_matches_nothing_stops_the_run_and_writes_nothing(project):
    text = project.overlay.read_text()
    project.overlay.write_text(text.replace("client_secret", "client_secrets"))
    before = project.files()

    done = project.regenerate()

    assert done.code == 2
    assert (
        "action 1 matches nothing: $..properties.client_secrets; nearest: client_secret" in done.err
    )
    assert project.files() == before


def test_a_change_of_the_overlay_reaches_the_client(project):
    project.overlay.write_text(
        project.overlay.read_text()
        + "  - target: $.components.schemas.Error.properties.message\n"
        + "    description: Hidden.\n    update: { format: password }\n"
    )

    assert project.regenerate().code == 0

    assert "field Error.message: password, required" in project.api_md


def test_the_real_overlay_says_why_for_each_action_and_all_of_them_match(real_root):
    contract = yaml.safe_load((real_root / "openapi/gate-v1.yaml").read_text("utf-8"))
    text = yaml.safe_load((real_root / "openapi/overlay.yaml").read_text("utf-8"))

    done = overlay.apply(contract, overlay.actions_of(text, "overlay.yaml"))

    assert done.unmatched == ()


def test_what_only_an_example_still_says_is_no_reason_to_look_elsewhere(project):
    document = source.parse(project.contract.read_text("utf-8"), "contract")
    created = document["components"]["schemas"]["CreatedGateSession"]["allOf"][1]
    created["properties"]["client_secret_value"] = created["properties"].pop("client_secret")
    created["example"] = {"client_secret": "gsec_example"}
    project.contract.write_text(json.dumps(document), "utf-8")
    assert "nearest: client_secret_value" in project.regenerate().err


def test_the_plain_walk_finds_what_the_library_finds(real_root: Path) -> None:
    document = source.parse((real_root / "openapi/gate-v1.yaml").read_text("utf-8"), "contract")
    actions = source.parse((real_root / "openapi/overlay.yaml").read_text("utf-8"), "overlay")
    targets = [action["target"] for action in actions["actions"]]
    for target in (
        *targets,
        "$..properties.nowhere",
        "$..schema['type','$ref']",
        "$..parameters.name",
    ):
        found = [(match.where, id(match.node)) for match in overlay.matches(document, target)]
        told = [(one.path, id(one.obj)) for one in jsonpath.finditer(target, document)]
        assert sorted(found) == sorted(told), target
