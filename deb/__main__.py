"""Build the package: `make deb`, or `python -m deb --arch arm64 --out dist`.

Two builds of one commit are one file, byte for byte: version and time are the commit's.
"""

import argparse
import os
import sys
import tempfile
from pathlib import Path

from deb.programs import PackageError, run
from deb.wheels import MACHINES, Machine

CHECKOUT = Path(__file__).parents[1]
FILES = "deb/files"  # of the commit that is packaged
EPOCH = "SOURCE_DATE_EPOCH"  # what dpkg-deb takes for every time
# A fifth larger than xz and ten times as fast, here and on the box; one thread makes one result.
PACKING = ("-Zzstd", "-z12", "--threads-max=1")
MAINTAINER_SCRIPTS = ("preinst", "postinst", "prerm", "postrm")


def main() -> int:
    """Build for every machine that was named; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m deb", description=__doc__)
    parser.add_argument("--arch", choices=sorted(MACHINES), action="append", help="else all")
    parser.add_argument("--out", type=Path, default=CHECKOUT / "dist", metavar="DIR")
    parser.add_argument("--version", default="", help="else the project's and the commit's number")
    arguments = parser.parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)
    try:
        for name in arguments.arch or sorted(MACHINES):
            path = build(CHECKOUT, arguments.out, MACHINES[name], arguments.version)
            print(f"{path.name} {path.stat().st_size / 1_000_000:.1f} MB")
    except PackageError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def build(
    checkout: Path, out: Path, machine: Machine, version: str = "", *, commit: str = "HEAD"
) -> Path:
    """Return the package of a commit of `checkout`, built into `out`. Raises PackageError.

    What is not committed is in no package.
    """
    if sys.version_info[:2] != (3, 11):
        raise PackageError(
            "files compiled ahead are of one Python: build with 3.11, as Debian 12 has"
        )
    version = version or _version(checkout, commit)
    built = int(_git(checkout, "log", "-1", "--format=%ct", commit))
    with tempfile.TemporaryDirectory() as folder:
        scratch = Path(folder)
        root, source = scratch / "root", scratch / "source"
        _export(checkout, commit, source)
        words = [str(root), str(scratch), machine.name, version, str(built)]
        run(
            [sys.executable, "-m", "deb.tree", *words],
            "the files could not be laid out",
            cwd=source,
        )
        _control(root, source / FILES, machine=machine, version=version, built=built)
        path = out / f"memberbox_{version}_{machine.name}.deb"
        command = ["dpkg-deb", "--root-owner-group", *PACKING, "--build", str(root), str(path)]
        run(command, f"dpkg-deb could not build {path.name}", environment={EPOCH: str(built)})
    return path


def _control(root: Path, files: Path, *, machine: Machine, version: str, built: int) -> None:
    folder = root / "DEBIAN"
    folder.mkdir()
    size = sum(path.lstat().st_size for path in root.rglob("*") if not path.is_dir())
    fields = {"version": version, "architecture": machine.name, "installed_kib": -(-size // 1024)}
    control = (files / "control").read_text("utf-8").format(**fields)
    (folder / "control").write_text(control, encoding="utf-8")
    for name in MAINTAINER_SCRIPTS:
        text = (files / "maintainer" / name).read_text("utf-8").replace("@RELEASE@", version)
        (folder / name).write_text(text, encoding="utf-8")
        (folder / name).chmod(0o755)
    for path in (folder, *folder.iterdir(), root):
        if path.is_dir() or path.name in MAINTAINER_SCRIPTS:
            path.chmod(0o755)
        else:
            path.chmod(0o644)
        os.utime(path, (built, built))


def _version(checkout: Path, commit: str) -> str:
    from daemon.release import VERSION

    return f"{VERSION}+r{_git(checkout, 'rev-list', '--count', commit)}"


def _export(checkout: Path, commit: str, source: Path) -> None:
    source.mkdir()
    packed = source.parent / "source.tar"
    _git(checkout, "archive", "--output", str(packed), commit)
    run(["tar", "-xf", str(packed), "-C", str(source)], "tar could not unpack the commit")


def _git(checkout: Path, *words: str) -> str:
    command = ["git", "-C", str(checkout), *words]
    return run(command, f"git {words[0]} failed; a package is built from a checkout").strip()


if __name__ == "__main__":
    sys.exit(main())
