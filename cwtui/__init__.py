"""cwtui: a keyboard-driven terminal explorer for AWS CloudWatch Logs."""

__version__ = "0.1.0"
