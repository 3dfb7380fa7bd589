"""The comparison in a browser: nothing wider than the window, no console message, keyboard order from top to bottom.

Needs `chromium` or `google-chrome` on the path, and skips without.
"""

import json
import re
import shutil
import subprocess
from html import escape, unescape

import pytest

from climb.analysis.comparison import compare
from climb.analysis.report.whole import comparison_page
from tests.analysis.fake_runs import sweep
from tests.analysis.test_comparison import LEVELS

MEASURE = """
addEventListener("load", () => setTimeout(() => {
  const view = document.querySelector("iframe").contentDocument;
  const wide = [...view.querySelectorAll("body *")].filter(one =>
    !one.parentElement.closest(".scroll, svg") && one.getBoundingClientRect().right > WIDTH + 1);
  const reached = [...view.querySelectorAll("a[href], summary, [tabindex]")].filter(one => one.checkVisibility());
  document.querySelector("#found").textContent = JSON.stringify({
    width: view.documentElement.scrollWidth,
    wide: wide.map(one => one.tagName + " " + one.textContent.slice(0, 40)),
    jumps: reached.filter(one => one.tabIndex > 0).length,
    landmarks: ["header", "nav", "main", "footer"].map(name => view.querySelectorAll("body > " + name).length),
  });
}, 200));
"""


def measured(browser: str, html: str, width: int, folder) -> tuple[dict, str]:
    wrapper = folder / "wrapper.html"
    wrapper.write_text(
        f'<meta charset="utf-8"><pre id="found"></pre><iframe style="width:{width}px;height:900px;border:0" '
        f'srcdoc="{escape(html, quote=True)}"></iframe><script>{MEASURE.replace("WIDTH", str(width))}</script>',
        encoding="utf-8",
    )
    finished = subprocess.run(
        [browser, "--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={folder / 'profile'}",
         "--enable-logging=stderr", "--virtual-time-budget=5000", "--window-size=1400,1000", "--dump-dom",
         wrapper.as_uri()],
        capture_output=True, text=True, timeout=180, check=True,
    )  # fmt: skip
    found = re.search(r'<pre id="found">(.*?)</pre>', finished.stdout, re.DOTALL)[1]
    return json.loads(unescape(found)), finished.stderr


@pytest.mark.slow
@pytest.mark.parametrize("width", [400, 1280])
def test_the_page_fits_and_can_be_walked(tmp_path, width):
    browser = shutil.which("chromium") or shutil.which("google-chrome")
    if browser is None:
        pytest.skip("no chromium on the path")
    html = comparison_page(compare(sweep(tmp_path, LEVELS, samples=True)))
    found, log = measured(browser, html, width, tmp_path)
    assert found["width"] <= width
    assert found["wide"] == []
    assert found["jumps"] == 0
    assert found["landmarks"] == [1, 1, 1, 1]
    assert "CONSOLE" not in log
