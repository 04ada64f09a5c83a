"""The table [kiosk]: what a screen cannot show well is a mistake before anybody looks at it."""

import pytest

from daemon.config_kiosk import contrast
from tests.config.test_config import GOOD, mistakes


@pytest.mark.parametrize(
    ("line", "key", "said"),
    [
        ('accent = "red"', "kiosk.accent", "#RRGGBB"),
        ('accent = "#ffd0d0"', "kiosk", "a contrast of 4.5 or more"),
        ('text = "#888888"', "kiosk", "a contrast of 7.0 or more"),
        ('background = "#000000"', "kiosk", "too faint to read"),
        ('logo = "logo.png"', "kiosk.logo", "an absolute path"),
        ('logo = "/boot/logo.gif"', "kiosk.logo", ".svg"),
        ('font = "/boot/brand.pfb"', "kiosk.font", ".woff2"),
        ('playlist = "ads"', "kiosk.playlist", "an absolute path"),
        ('faces = "clerk"', "kiosk.faces", "customer or both"),
    ],
)
def test_what_the_screen_cannot_show_well_is_a_mistake(tmp_path, line, key, said):
    found = mistakes(tmp_path, f"{GOOD}\n[kiosk]\n{line}\n")
    assert list(found) == [key]
    assert said in str(found[key])


@pytest.mark.parametrize(
    ("one", "other", "ratio"),
    [("#000000", "#ffffff", 21.0), ("#777777", "#ffffff", 4.48), ("#123456", "#123456", 1.0)],
)
def test_contrast_is_that_of_wcag(one, other, ratio):
    # values as W3C's examples and its relative luminance give them
    assert contrast(one, other) == pytest.approx(ratio, abs=0.01) == contrast(other, one)
