"""What `sign` signs is what `verify` takes, and what the sandbox, which is written apart from it, sends."""

from __future__ import annotations

from typing import Any

import pytest
from zerogate import GateUsageError, SignatureRejected, webhooks
from zerogate_sandbox.events import signature

SECRET, NOW = "whsec_test_0123456789", 1_779_796_800
BODY = (
    b'{"id": "evt_1", "type": "webhook.test", "created_at": 1779796800, "data": {"a": "\xc3\x85"}}'
)


def test_what_it_signs_is_verified() -> None:
    headers = webhooks.sign(BODY, SECRET, now=NOW)
    assert webhooks.verify(BODY, headers, SECRET, now=NOW).id == "evt_1"
    mode = webhooks.WebhookSecret(SECRET, mode="test")
    assert webhooks.verify(BODY, webhooks.sign(BODY, mode, now=NOW), mode, now=NOW).mode == "test"


def test_it_signs_as_the_sandbox_does() -> None:
    headers = webhooks.sign(BODY, SECRET, now=NOW + 0.9)
    assert headers["Gate-Signature"] == f"t={NOW},v1={signature(SECRET, str(NOW), BODY)}"
    assert headers["X-0bit-Timestamp"] == str(NOW)


def test_by_default_it_signs_now() -> None:
    assert webhooks.verify(BODY, webhooks.sign(BODY, SECRET), SECRET).type == "webhook.test"


@pytest.mark.parametrize("changed", [BODY + b" ", BODY.replace(b"evt_1", b"evt_2")])
def test_it_signs_these_bytes_and_no_others(changed: bytes) -> None:
    with pytest.raises(SignatureRejected, match="no secret of ours"):
        webhooks.verify(changed, webhooks.sign(BODY, SECRET, now=NOW), SECRET, now=NOW)


def test_text_and_what_is_no_secret_are_refused_before_anything_is_signed() -> None:
    with pytest.raises(GateUsageError, match="as bytes, not str"):
        webhooks.sign(BODY.decode(), SECRET)  # type: ignore[arg-type]
    wrong: list[Any] = ["", "sk_test_1234567890", "short", None, 7, SECRET.encode(), [SECRET]]
    for secret in wrong:
        with pytest.raises(GateUsageError, match="webhook secret"):
            webhooks.sign(BODY, secret)
    with pytest.raises(GateUsageError, match="now must be a number of seconds"):
        webhooks.sign(BODY, SECRET, now="1")  # type: ignore[arg-type]
