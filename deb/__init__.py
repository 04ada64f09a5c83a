"""The Debian package: everything a box runs, in one file that installs without a network."""
