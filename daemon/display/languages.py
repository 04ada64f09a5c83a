"""Which catalogue serves which language of the config."""

from daemon.display.texts import Texts
from daemon.display.texts_en import EN
from daemon.display.texts_zh import ZH


def texts_of(language: str) -> Texts:
    """Return the words for zh_CN or en; config lets nothing else through."""
    return EN if language == "en" else ZH
