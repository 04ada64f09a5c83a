"""`memberbox suggest`: what is plugged in, as the lines of a config. Opens no device."""

from contextlib import suppress
from pathlib import Path

from daemon.commands.answer import Answer, Exit
from daemon.commands.vocabulary import share_dir
from daemon.drivers.plugged import Found, look
from daemon.drivers.profiles import Profile, load_profile, profile_names
from daemon.errors import DeviceError

SYS, DEV = Path("/sys"), Path("/dev")


def suggest(sys: Path = SYS, dev: Path = DEV) -> Answer:
    """The devices that are plugged in; exit code 1 when there is none."""
    named = [(found, _name(found, index)) for index, found in enumerate(look(sys, dev, _all()))]
    plain = [
        {
            "name": name,
            "kind": found.kind.value,
            "driver": found.driver,
            "port": found.port,
            "profile": found.profile,
            "what": found.what,
            "notes": list(found.notes),
        }
        for found, name in named
    ]
    if not named:
        what = "nothing is plugged in that a counter uses. Plug a device in and ask again."
        return Answer(Exit.NO, {"ok": False, "devices": [], "error": what}, (what,))
    lines = [line for found, name in named for line in _lines(found, name)]
    return Answer(Exit.YES, {"ok": True, "devices": plain}, lines)


def _lines(found: Found, name: str) -> list[str]:
    lines = [f"# {found.what}", *(f"# {note}" for note in found.notes), "[[devices]]"]
    lines += [f'name = "{name}"', f'kind = "{found.kind}"', f'driver = "{found.driver}"']
    lines.append(f'port = "{found.port}"')
    if found.profile:
        lines.append(f'profile = "{found.profile}"')
    return [*lines, ""]


def _name(found: Found, index: int) -> str:
    return f"{found.kind.value}{index + 1}"


def _all() -> list[tuple[str, Profile]]:
    share, profiles = share_dir(), []
    for name in profile_names(share):
        with suppress(DeviceError):  # a broken profile is named when a device asks for it
            profiles.append((name, load_profile(share, name)))
    return profiles
