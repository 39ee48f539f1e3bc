"""What the callers of recorded events are called."""

from __future__ import annotations

import pytest

from kmstui.tui.callers import caller_name


@pytest.mark.parametrize(
    ("identity", "name"),
    [
        ({"arn": "arn:aws:iam::111122223333:root"}, "root"),
        ({"arn": "arn:aws:iam::111122223333:user/team/admin"}, "admin"),
        ({"arn": "arn:aws:sts::111122223333:assumed-role/Auditor/admin"}, "Auditor"),
        ({"type": "AWSService", "invokedBy": "ec2.amazonaws.com"}, "ec2.amazonaws.com"),
        ({"type": "AWSService"}, "AWSService"),
        ({}, ""),
    ],
)
def test_short_names(identity: dict[str, str], name: str) -> None:
    """A session is called after its role; everybody else after themselves."""
    assert name == caller_name(identity)
