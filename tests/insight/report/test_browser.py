"""The report in Chromium: nothing in the console, nothing leaves the page, nothing sticks out, dark is dark."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from chainrule.insight.report import explain, page, profile

from .browser import Visit, needs_browser
from .made import facts
from .test_sections import with_found

pytestmark = needs_browser
POLICY = re.compile(r'<meta http-equiv="Content-Security-Policy"[^>]*>')


@pytest.fixture(scope="module", params=["classes en", "values zh"])
def report(request, tmp_path_factory) -> Path:
    """A report with all that a small table gives."""
    kind, language = request.param.split()
    folder = tmp_path_factory.mktemp("report")
    found = facts(folder, kind, language, labels=("a label that is quite long", "no", "yes"), rows=300)
    whole = with_found(found, explanations=explain(found.fitted), profile=profile(found.fitted))
    path = folder / "report.html"
    path.write_text(page(whole), encoding="utf-8")
    return path


def measured(report: Path, folder: Path, width: int) -> dict[str, int]:
    """The widths of page and window as the page itself finds them, in a frame as wide as a telephone."""
    script = "<script>parent.postMessage([innerWidth, document.documentElement.scrollWidth].join(), '*')</script>"
    text = POLICY.sub("", report.read_text(encoding="utf-8")).replace("</body>", f"{script}</body>")
    (folder / "inside.html").write_text(text, encoding="utf-8")
    outside = (
        f"<!DOCTYPE html><title>-</title><script>onmessage = e => document.title = e.data</script>"
        f'<iframe src="inside.html" style="border:0;width:{width}px;height:700px"></iframe>'
    )
    (folder / "outside.html").write_text(outside, encoding="utf-8")
    visit = Visit(folder / "outside.html", folder / f"visit-{width}", "--dump-dom", "--virtual-time-budget=5000")
    inner, whole = map(int, re.search(r"<title>(\d+,\d+)</title>", visit.out)[1].split(","))
    return {"window": inner, "page": whole}


@pytest.mark.parametrize("width", [320, 390, 1000])
def test_nothing_sticks_out_at_any_width(report, tmp_path, width):
    found = measured(report, tmp_path, width)
    assert found["window"] == width
    assert found["page"] <= width


def test_the_console_stays_empty_and_nothing_is_asked_for(report, tmp_path):
    visit = Visit(report, tmp_path / "visit", f"--screenshot={tmp_path / 'shot.png'}")
    assert visit.console == []
    assert visit.asked == set()


def test_the_eyes_of_these_tests_are_open(report, tmp_path):
    """Without the policy a foreign script runs and a picture is asked for; with it neither."""
    foreign = '<img src="http://elsewhere.invalid/x.png"><script>console.log("foreign")</script></body>'
    text = report.read_text(encoding="utf-8").replace("</body>", foreign)
    (tmp_path / "open.html").write_text(POLICY.sub("", text), encoding="utf-8")
    (tmp_path / "closed.html").write_text(text, encoding="utf-8")
    opened = Visit(tmp_path / "open.html", tmp_path / "a", "--dump-dom")
    assert any("foreign" in line for line in opened.console)
    assert opened.asked == {"http://elsewhere.invalid/x.png"}
    closed = Visit(tmp_path / "closed.html", tmp_path / "b", "--dump-dom")
    assert not any('"foreign"' in line for line in closed.console) and closed.asked == set()
    assert any("Content Security Policy" in line for line in closed.console)


@pytest.mark.parametrize("scheme, light", [(1, True), (0, False)])
def test_light_is_light_and_dark_is_dark(report, tmp_path, scheme, light):
    image = pytest.importorskip("PIL.Image")
    shot = tmp_path / "shot.png"
    Visit(report, tmp_path / "visit", f"--blink-settings=preferredColorScheme={scheme}", "--window-size=1100,900",
          f"--screenshot={shot}")  # fmt: skip
    picture = image.open(shot).convert("L")
    assert picture.size == (1100, 900)
    assert (picture.getpixel((3, 3)) > 200) == light
    shades = picture.getextrema()
    assert shades[1] - shades[0] > 150  # there is text that stands out


def test_it_prints(report, tmp_path):
    """All of it, on white paper, with what is folded opened."""
    target = tmp_path / "report.pdf"
    visit = Visit(report, tmp_path / "visit", f"--print-to-pdf={target}", "--no-pdf-header-footer")
    assert visit.console == []
    data = target.read_bytes()
    assert data.startswith(b"%PDF") and len(re.findall(rb"/Type\s*/Page\b", data)) >= 3
