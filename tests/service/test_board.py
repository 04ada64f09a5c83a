"""What headquarters may set in a box, and what lies in its folders: never half, never too much."""

import json
import ssl
from pathlib import Path

import pytest

from daemon import config_remote
from daemon.config import load, load_or_last_good, refused_settings
from daemon.errors import LinkError
from daemon.screenfolder import lay_out
from daemon.sync.security import fits, keep, tls_context
from hq import certificates
from hq.store import create

EXAMPLE = Path(__file__).parents[2] / "config" / "memberbox.example.toml"


def config(folder: Path, **settings: object) -> Path:
    """Return the example's config with its own state directory and what headquarters has set."""
    text = EXAMPLE.read_text(encoding="utf-8")
    state = folder / "state"
    state.mkdir()
    made = text.replace("[box]\n", f'[box]\nstate_dir = "{state}"\n', 1)
    path = folder / "memberbox.toml"
    path.write_text(made, encoding="utf-8")
    (state / config_remote.FILE).write_text(json.dumps(settings), encoding="utf-8")
    return path


def running(path: Path):
    return load_or_last_good(path, path.with_name("good.toml"))


def test_what_headquarters_has_set_lies_over_the_file_for_the_running_box_only(
    tmp_path: Path,
) -> None:
    path = config(tmp_path, **{"shop.phone": "020-9", "counter.float_fen": 5000})
    seen, problems, last_good = running(path)
    assert (seen.shop.phone, seen.counter.float_fen) == ("020-9", 5000)
    assert (problems, last_good) == ([], False)
    assert load(path).shop.phone != "020-9", "memberbox check judges the file"


@pytest.mark.parametrize(
    "settings",
    [{"shop.phone": "a\nb"}, {"shop.closing_hour": 99}, {"hq.mqtt": "evil:1"}, {"box.id": "9"}],
)
def test_what_does_not_fit_or_may_not_be_set_changes_nothing(
    tmp_path: Path, settings: dict[str, object]
) -> None:
    path = config(tmp_path, **settings)
    assert running(path)[0] == load(path)


@pytest.mark.parametrize("text", ["", "[]", '{"shop.phone": 1', "\x00", '{"shop.phone": [1]}'])
def test_a_spoilt_file_of_settings_counts_for_nothing(tmp_path: Path, text: str) -> None:
    path = config(tmp_path)
    (tmp_path / "state" / config_remote.FILE).write_text(text)
    assert running(path)[0] == load(path)


def test_a_setting_is_judged_by_the_files_own_rules(tmp_path: Path) -> None:
    path = config(tmp_path)
    assert refused_settings(path, {"shop.language": "en"}) == []
    (wrong,) = refused_settings(path, {"shop.language": "fr"})
    assert "zh_CN or en" in str(wrong)
    for key in ("hq.key", "box.state_dir", "devices", "shop.logo", "kiosk.playlist"):
        assert key in config_remote.refused(key)
    assert all(config_remote.refused(key) == "" for key in config_remote.REMOTE)


def test_the_screens_folder_holds_what_headquarters_says_and_what_people_put_there(
    tmp_path: Path,
) -> None:
    source, folder = tmp_path / "source", tmp_path / "playlist"
    source.mkdir()
    folder.mkdir()
    (folder / "own.jpg").write_bytes(b"by hand")
    files = {}
    for name in ("a.jpg", "b.jpg"):
        files[name] = source / name
        files[name].write_bytes(name.encode())
    lay_out(folder, files, "seconds = 5\n")
    lay_out(folder, files, "seconds = 6\n")

    def held() -> dict[str, str]:
        return {one.name: one.read_text() for one in folder.iterdir() if one.name[0] != "."}

    own = {"own.jpg": "by hand"}
    assert held() == own | {"a.jpg": "a.jpg", "b.jpg": "b.jpg", "playlist.toml": "seconds = 6\n"}
    lay_out(folder, {"b.jpg": files["b.jpg"]}, "")
    assert held() == own | {"b.jpg": "b.jpg"}
    lay_out(folder, {}, "")
    assert held() == own
    assert [one.name for one in folder.iterdir()] == ["own.jpg"], "nothing is left behind"


def test_a_later_certificate_counts_if_it_is_of_this_key(tmp_path: Path) -> None:
    office = create(tmp_path / "hq")
    mine, other, renewed = tmp_path / "mine", tmp_path / "other", tmp_path / "renewed"
    certificates.issue(office, "0001", mine)
    certificates.issue(office, "0002", other)
    assert isinstance(tls_context(mine, renewed), ssl.SSLContext)
    later, foreign = certificates.renew(office, "0001"), certificates.renew(office, "0002")
    assert later is not None and foreign is not None
    fits(mine, renewed, later.certificate, later.ca)
    with pytest.raises(LinkError, match="does not fit"):
        fits(mine, renewed, foreign.certificate, foreign.ca)
    with pytest.raises(LinkError):
        fits(mine, renewed, "no certificate", later.ca)
    assert list(renewed.iterdir()) == [], "looking at one keeps nothing"
    keep(renewed, later.certificate, later.ca)
    assert (renewed / "own.pem").read_text() == later.certificate
    (mine / "own.pem").unlink()
    tls_context(mine, renewed)
    keep(renewed, foreign.certificate, foreign.ca)  # the folder was made anew meanwhile
    certificates.issue(office, "0001", mine)
    tls_context(mine, renewed)
    office.close()
