"""A small Mission Control backend: what can be observed of the real one, on Debian's packages."""

APP_NAME = "mission-control"
VERSION = "0.1.0"
