"""A bare Debian 12 in a folder, in which packages are installed as on a box, without a network.

It has no systemd running (no PID 1 of its own): what needs one is tried elsewhere.
"""

import os
import shutil
import subprocess
from pathlib import Path

SUITE = "bookworm"
PACKAGES = "python3,systemd"  # what the package depends on
LEFT_OUT = ("/usr/share/doc/*", "/usr/share/man/*", "/usr/share/locale/*")


def why_not() -> str:
    """Return why no Debian can be made here; "" when it can."""
    if shutil.which("mmdebstrap") is None:
        return "mmdebstrap is missing (Debian: mmdebstrap)"
    return "" if os.geteuid() == 0 else "a Debian in a folder is made and entered by root"


class House:
    def __init__(self, root: Path) -> None:
        self.root = root

    @classmethod
    def build(cls, root: Path) -> "House":
        """Make a bare Debian in `root` from Debian's packages; half a minute."""
        command = ["mmdebstrap", "--quiet", "--variant=essential", f"--include={PACKAGES}"]
        command += ["--dpkgopt=force-unsafe-io"]  # nobody cuts the power here
        command += [f"--dpkgopt=path-exclude={place}" for place in LEFT_OUT]
        made = subprocess.run([*command, SUITE, root], capture_output=True, text=True)
        assert made.returncode == 0, f"mmdebstrap could not make a Debian:\n{made.stderr}"
        return cls(root)

    def copy(self, root: Path) -> "House":
        """Return another one, as this one is now."""
        subprocess.run(["cp", "-a", "--reflink=auto", self.root, root], check=True)
        return House(root)

    def run(self, *command: str) -> subprocess.CompletedProcess[str]:
        """Run a command inside, as root, with /proc and without any network."""
        enter = 'mount -t proc proc "$0/proc" && exec chroot "$0" "$@"'
        return subprocess.run(
            ["unshare", "--net", "--mount", "sh", "-c", enter, self.root, *command],
            capture_output=True,
            text=True,
            env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LANG": "C.UTF-8", "HOME": "/root"},
            stdin=subprocess.DEVNULL,
        )

    def must(self, *command: str) -> str:
        """Run a command that has to answer yes; return what it said on stdout."""
        done = self.run(*command)
        assert done.returncode == 0, f"{' '.join(command)}: {done.stdout}{done.stderr}"
        return done.stdout

    def install(self, package: Path) -> subprocess.CompletedProcess[str]:
        """Hand a package to dpkg."""
        shutil.copy(package, self.root / "tmp" / package.name)
        return self.run("dpkg", "-i", f"/tmp/{package.name}")

    def write(self, inside: str, text: str) -> None:
        path = self.path(inside)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    def path(self, inside: str) -> Path:
        return self.root / inside.lstrip("/")
