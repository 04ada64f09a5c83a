"""The version of this software, as entries and the hello to headquarters name it."""

VERSION = "0.1.0"
