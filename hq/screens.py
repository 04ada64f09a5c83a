"""A folder of pictures and films as what the shops' screens play."""

from pathlib import Path

from daemon.display import playlist
from daemon.errors import StoreError
from daemon.ledger.messages_shop import Playlist
from hq import contents
from hq.store import Office

FILES_MAX = 200  # of a playlist
TEXT_BYTES_MAX = 64 * 1024  # of playlist.toml: it stands in a message


def playlist_of(office: Office, folder: Path) -> Playlist:
    """Keep every file of a folder that a screen can show; return what shops are told.

    Raises StoreError for a folder with none, with too many, or with one that cannot be shown.
    """
    try:
        files = sorted(one for one in folder.iterdir() if one.is_file() and one.name[0] != ".")
        text = _text(folder / playlist.FILE)
        heads = {one: one.open("rb").read(playlist.HEAD_BYTES) for one in files}
    except (OSError, UnicodeDecodeError) as error:
        raise _wrong(folder, str(error)) from error
    shown = [one for one in files if one.name != playlist.FILE]
    if not 0 < len(shown) <= FILES_MAX:
        raise _wrong(folder, f"{len(shown)} files; a playlist has 1 to {FILES_MAX}")
    for one in shown:
        content = playlist.Content(one.name, "", one.stat().st_size, heads[one])
        if trouble := playlist.unplayable(content):
            raise _wrong(one, trouble)
    return Playlist(tuple(contents.put_file(office, one) for one in shown), text)


def _text(path: Path) -> str:
    if not path.exists():
        return ""
    data = path.read_bytes()
    if len(data) > TEXT_BYTES_MAX:
        raise _wrong(path, f"{len(data)} bytes; it has at most {TEXT_BYTES_MAX}")
    return data.decode()


def _wrong(path: Path, found: str) -> StoreError:
    return StoreError(
        str(path),
        doing="making a playlist",
        found=found,
        fix="Give a folder of pictures and films; docs/KIOSK.md says which.",
        retry=False,
    )
