"""The error family: what went wrong, what was found, and what a person can do."""


class MemberboxError(Exception):
    """An operating error: the world did not do what we needed.

    `fix` is a sentence for a person; `retry` tells whether trying again by itself can help.
    """

    def __init__(self, where: str, *, doing: str, found: str, fix: str, retry: bool) -> None:
        super().__init__(f"{where}: {doing}: {found}. {fix}")
        self.where = where
        self.found = found
        self.fix = fix
        self.retry = retry


class DeviceError(MemberboxError):
    """A device did not do what we asked; `retry` tells the supervisor to open it again."""


class StoreError(MemberboxError):
    """The medium under the journal, the books or the local store failed us."""


class NotThereError(StoreError):
    """The store is sound; what a person named is not in it, or is closed. No medium failed."""


class LinkError(MemberboxError):
    """The carrier to headquarters is not usable now."""


class SealError(ValueError):
    """A signature or a sealed box does not open with the keys we trust."""
