"""Fixtures of the adapters' tests."""

from __future__ import annotations

from tests.fakes.aws_fixture import fake_aws

__all__ = ["fake_aws"]
