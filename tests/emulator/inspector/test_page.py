"""
The page in a real browser: Chromium, without a window.

`apt-get install chromium chromium-driver` brings it. Without it these tests are skipped.
"""

import asyncio
import shutil
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from typing import Any, TypeAlias

import pytest
from selenium.common.exceptions import StaleElementReferenceException
from selenium.webdriver import ActionChains, Chrome, ChromeOptions, ChromeService, Keys
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webelement import WebElement

from aiotables.emulator import Emulator, ManualClock


Ask: TypeAlias = Callable[..., Coroutine[Any, Any, Any]]
Connect: TypeAlias = Callable[[Emulator, str | None], Ask]

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
DRIVER = shutil.which("chromedriver")

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        CHROMIUM is None or DRIVER is None,
        reason="Chromium is not on this machine: apt-get install chromium chromium-driver",
    ),
]

HOSTILE = "<img src=x onerror=\"document.title='broken'\"><script>document.title='broken'</script>"
TABLE = "/projects/acme/table"
RUN = {"X_Operation_Key": HOSTILE, "X_Operation_Run_Id": "run-1"}


@pytest.fixture(scope="module")
def chromium() -> Iterator[Chrome]:
    """A browser without a window."""
    options = ChromeOptions()
    options.binary_location = CHROMIUM or ""
    # The sandbox cannot be had in containers; nothing but our own page is opened.
    for argument in (
        "--headless=new",
        "--no-sandbox",
        "--disable-dev-shm-usage",
        "--disable-background-networking",
        "--window-size=1400,900",
    ):
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    browser = Chrome(options=options, service=ChromeService(DRIVER))
    yield browser
    browser.quit()


class Page:
    """The page, as a person sees it."""

    def __init__(self, browser: Chrome, url: str) -> None:
        self.browser = browser
        self.url = f"{url}/_emulator/"

    async def open(self, place: str) -> None:
        """Open the page at a place."""
        # Another place alone would not load the page again.
        await asyncio.to_thread(self.browser.get, "about:blank")
        await asyncio.to_thread(self.browser.get, self.url + place)

    async def all(self, selector: str) -> list[WebElement]:
        """The elements that there are."""
        return await asyncio.to_thread(self.browser.find_elements, By.CSS_SELECTOR, selector)

    async def texts(self, selector: str) -> list[str]:
        """What they say; once more if they are drawn anew meanwhile."""
        try:
            return await asyncio.to_thread(
                lambda: [each.text for each in self.browser.find_elements(By.CSS_SELECTOR, selector)]
            )
        except StaleElementReferenceException:
            return await self.texts(selector)

    async def see(self, selector: str, text: str) -> None:
        """Wait until one of the elements says *text*."""
        await self._wait(selector, text, there=True)

    async def miss(self, selector: str, text: str) -> None:
        """Wait until none of the elements says *text*."""
        await self._wait(selector, text, there=False)

    async def _wait(self, selector: str, text: str, *, there: bool) -> None:
        async with asyncio.timeout(60):
            while there is not any(text in each for each in await self.texts(selector)):  # noqa: ASYNC110 - a browser tells nobody what it draws
                await asyncio.sleep(0.05)

    async def click(self, selector: str) -> None:
        """Click the first."""
        element = (await self.all(selector))[0]
        await asyncio.to_thread(element.click)

    async def write(self, selector: str, *keys: str) -> None:
        """Write into the first."""
        element = (await self.all(selector))[0]
        await asyncio.to_thread(element.send_keys, *keys)

    async def press(self, key: str) -> None:
        """Press a key, wherever the focus is."""
        await asyncio.to_thread(ActionChains(self.browser).send_keys(key).perform)

    async def run(self, script: str) -> Any:  # noqa: ANN401 - what the script returns
        """Run a script, as an extension would."""
        return await asyncio.to_thread(self.browser.execute_script, script)

    async def complaints(self) -> list[str]:
        """What the browser wrote into its console, which includes what the policy forbade."""
        log = await asyncio.to_thread(self.browser.get_log, "browser")
        return [entry["message"] for entry in log]


@pytest.fixture
async def page(chromium: Chrome, emulator: Emulator) -> AsyncIterator[Page]:
    """The page of the test's emulator. At the end nothing must have run, been forbidden, or failed."""
    opened = Page(chromium, emulator.url)
    await opened.complaints()
    yield opened
    assert "aiotables emulator" == chromium.title
    assert [] == await opened.complaints()
    # The emulator cannot close while the browser is connected and asks.
    await asyncio.to_thread(chromium.get, "about:blank")


async def fill(emulator: Emulator, zang: Ask) -> None:
    """A table with rows that are written by somebody hostile."""
    columns = [{"column_name": "name"}, {"column_name": "score", "column_type": "INTEGER"}]
    await zang("POST", TABLE, {"table_name": "contacts", "display_name": HOSTILE, "columns": columns}, **RUN)
    rows: list[dict[str, Any]] = [{"name": HOSTILE, "score": 2**53 + 1}, {"name": "x" * 1000}]
    rows += ({"name": f"row {at}"} for at in range(3, 61))
    emulator.add_records("acme", "contacts", rows)


async def test_nothing_yet(page: Page) -> None:
    """Each view says that there is nothing, and what would be there."""
    await page.open("")
    await page.see("#rows", "No table is open")
    await page.see("#tables-list", "acme")
    for view, text in (("calls", "No calls yet"), ("journeys", "No journeys yet"), ("faults", "No rule")):
        await page.click(f'[data-view="{view}"]')
        await page.see(f"#{view}-list", text)


async def test_tables_and_rows(page: Page, emulator: Emulator, zang: Ask) -> None:
    """A table is found, opened and leafed through; whatever it holds is text, cut where it is long."""
    await fill(emulator, zang)
    await page.open("")
    await page.see("#tables-list a", "contacts")

    await page.click("#tables-list a")
    await page.see("#rows h2", "contacts")

    await page.see("#rows .head p", HOSTILE)
    cells = await page.texts("#rows tbody tr:first-child td")
    assert ["1", "1", HOSTILE, "9007199254740993"] == cells
    assert any("cut: 1,000 characters" in text for text in await page.texts("#rows tbody td"))
    assert [] == await page.all("#rows img, #rows script")
    await page.see("#rows .pager", "rows 1 to 50 of 60")

    await page.click('[data-key="Next"]')
    await page.see("#rows .pager", "rows 51 to 60 of 60")
    assert 10 == len(await page.all("#rows tbody tr"))


async def test_extruct(page: Page, extruct: Ask, clock: ManualClock) -> None:
    """Tables of Extruct by names that can be anything; cells change as time goes by, without any call."""
    made = (await extruct("POST", "/v1/tables", {"name": HOSTILE})).json
    await extruct(
        "POST", f"/v1/tables/{made['id']}/rows", {"rows": [{"data": {"input": "a.b"}}], "run": True}
    )
    await page.open(f"#/tables?id={made['id']}")
    await page.see("#rows h2", HOSTILE)
    await page.see("#rows tbody", "pending")

    clock.advance(600)

    await page.see("#rows tbody", "done")


async def test_search_of_tables(page: Page, zang: Ask) -> None:
    """The list follows what is written."""
    for name in ("contacts", "deals"):
        await zang("POST", TABLE, {"table_name": name})
    await page.open("")
    await page.see("#tables-list", "deals")

    await page.write("#tables-search", "cont")
    await page.miss("#tables-list", "deals")

    assert ["contacts"] == await page.texts("#tables-list a")


async def test_calls_as_they_come(page: Page, emulator: Emulator, zang: Ask) -> None:
    """A call is seen without a reload, and opened with its bodies, in which there is no token."""
    await page.open("#/calls")
    await page.see("#calls-list", "No calls yet")

    await zang("POST", "/projects/acme/auth/tokens", {"token_name": HOSTILE})
    await page.see("#calls-list tbody", "create_token")
    await page.click('#calls-list a[data-key="call 1"]')

    await page.see("#detail h2", "create_token")
    await page.see("#detail", "[redacted]")
    await page.see("#detail pre", "token_name")
    shown = "\n".join(await page.texts("#detail"))
    assert "pat_" not in shown
    assert "<img src=x" in shown

    await page.press(Keys.ESCAPE)
    await page.miss("#detail", "create_token")
    assert ["create_token zangtable"] == await page.texts("#calls-list td:nth-child(3)")
    # Asking for all that is no call.
    assert 1 == len(emulator.calls)


async def test_failures_alone(page: Page, zang: Ask) -> None:
    """The list can be narrowed, and leafed through."""
    for _ in range(102):
        await zang("GET", "/projects/acme/auth/me")
    await zang("GET", "/projects/acme/table/none")
    await page.open("#/calls")
    await page.see("#calls-note", "103 calls")

    await page.click('[data-key="Older"]')
    await page.miss("#calls-list", "404")
    assert 3 == len(await page.all("#calls-list tbody tr"))

    await page.click("#calls-failed")
    await page.see("#calls-list", "404")
    assert 1 == len(await page.all("#calls-list tbody tr"))


async def test_journeys(page: Page, emulator: Emulator, zang: Ask, clock: ManualClock) -> None:
    """Calls of a run on a time line, in the places of their times, the failure in red; it leads to the call."""
    await zang("POST", TABLE, {"table_name": "a"}, **RUN)
    clock.advance(60)
    await zang("POST", TABLE, {"table_name": "a"}, **RUN)
    clock.advance(20)
    await zang("POST", TABLE, {"table_name": "b"}, **RUN)
    await page.open("#/journeys")
    await page.see(".journey h2", HOSTILE)

    await page.see(".journey .numbers", "3 calls · 80 s")
    await page.see(".journey .pill.bad", "1 failed")
    bars = await page.run(
        """
        return [...document.querySelectorAll(".lane a")].map((bar) => [
            bar.className, getComputedStyle(bar).backgroundColor,
            Math.round(100 * (bar.offsetLeft + 2) / bar.parentElement.clientWidth)]);
        """
    )
    good, bad, _ = (color for _, color, _ in bars)
    assert ["", "bad", ""] == [kind for kind, _, _ in bars]
    assert [0, 75, 100] == [place for _, _, place in bars]
    assert good != bad

    await page.click(".lane a.bad")
    await page.see("#detail", "table_exists")


async def test_journeys_in_no_time(page: Page, zang: Ask) -> None:
    """When the clock stood still, the order is shown."""
    for name in "abcd":
        await zang("POST", TABLE, {"table_name": name}, **RUN)
    await page.open("#/journeys")
    await page.see(".journey .numbers", "4 calls")

    places = await page.run(
        """
        return [...document.querySelectorAll(".lane a")].map(
            (bar) => Math.round(100 * bar.offsetLeft / bar.parentElement.clientWidth));
        """
    )

    assert [0, 25, 50, 75] == places


async def test_faults(page: Page, emulator: Emulator, zang: Ask) -> None:
    """Rules are put in force and taken away; what is wrong with one is said."""
    await page.open("#/faults")
    await page.see("#faults-list", "No rule")

    await page.write("#fault-rule", "zangtable.nope:after:drop", Keys.ENTER)
    await page.see("#fault-error", "no operation is named zangtable.nope")
    # The browser notes each answer that is an error.
    assert all("400" in complaint for complaint in await page.complaints())

    await page.run('document.getElementById("fault-rule").value = ""')
    await page.write("#fault-rule", "zangtable.*:before:throttle:times=3", Keys.ENTER)
    await page.see("#faults-list tbody", "times=3")
    assert 429 == (await zang("GET", "/projects/acme/auth/me")).status

    await page.click("#faults-clear")
    await page.see("#faults-list", "No rule")
    assert () == emulator.faults


async def test_reset(page: Page, emulator: Emulator, zang: Ask) -> None:
    """All is deleted once one has said so twice."""
    await fill(emulator, zang)
    await page.open("#/calls")
    await page.see("#calls-list tbody", "create_table")

    await page.click("#reset")
    await page.click("#confirm-no")
    assert 1 == emulator.count_tables("acme")
    await page.click("#reset")
    await page.click("#confirm-yes")

    await page.see("#calls-list", "No calls yet")
    assert 0 == emulator.count_tables("acme")


async def test_pause(page: Page, zang: Ask) -> None:
    """What is shown stays until one goes on."""
    await page.open("#/calls")
    await page.see("#live", "live")
    await page.click("#pause")
    await zang("GET", "/projects/acme/auth/me")
    await asyncio.sleep(1.5)

    assert ["paused"] == await page.texts("#live")
    assert [] == await page.all("#calls-list tbody tr")
    await page.click("#pause")
    await page.see("#calls-list tbody", "get_current_auth")


async def test_the_keyboard_is_enough(page: Page, emulator: Emulator, zang: Ask) -> None:
    """From the top of the page, Tab leads to every link, and what has the focus can be seen."""
    await fill(emulator, zang)
    await page.open("#/calls")
    await page.see("#calls-list tbody", "create_table")

    reached: list[str] = []
    while "call 1" not in reached:
        await page.press(Keys.TAB)
        name, outline = await page.run(
            """
            const it = document.activeElement;
            return [it.dataset.view ?? it.dataset.key ?? it.id, getComputedStyle(it).outlineStyle];
            """
        )
        assert len(reached) < 20
        assert "solid" == outline
        reached.append(name)

    assert ["tables", "calls", "journeys", "faults", "pause", "reset"] == reached[1:7]
    await page.press(Keys.ENTER)
    await page.see("#detail h2", "create_table")


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_light_and_dark(page: Page, emulator: Emulator, zang: Ask, scheme: str) -> None:
    """The page follows the system, and text stands out from its ground (4.5:1, as WCAG AA asks for)."""
    await fill(emulator, zang)
    await zang("POST", TABLE, {"table_name": "contacts"}, **RUN)
    media = {"features": [{"name": "prefers-color-scheme", "value": scheme}]}
    await asyncio.to_thread(page.browser.execute_cdp_cmd, "Emulation.setEmulatedMedia", media)
    for place, selector in (("#/calls?call=2", "#detail pre"), ("#/journeys", ".journey h2")):
        await page.open(place)
        await page.see(selector, "contacts" if "pre" in selector else HOSTILE)
        assert [] == await page.run(CONTRAST)
    dark = await page.run('return getComputedStyle(document.body).backgroundColor === "rgb(17, 22, 28)"')
    assert dark is (scheme == "dark")


CONTRAST = """
    const parts = (color) => color.match(/[\\d.]+/g).map(Number);
    const light = (color) => parts(color).slice(0, 3)
        .map((part) => part / 255).map((part) => part <= .04045 ? part / 12.92 : ((part + .055) / 1.055) ** 2.4)
        .reduce((sum, part, at) => sum + part * [.2126, .7152, .0722][at], 0);
    const ground = (element) => {
        for (let each = element; each; each = each.parentElement) {
            const color = getComputedStyle(each).backgroundColor;
            if ((parts(color)[3] ?? 1) > 0) return color;
        }
    };
    return [...document.body.querySelectorAll("*")]
        .filter((each) => each.offsetParent && !each.disabled
            && [...each.childNodes].some((node) => node.nodeType === 3 && node.data.trim()))
        .map((each) => [each.textContent.slice(0, 30), light(getComputedStyle(each).color), light(ground(each))])
        .map(([text, a, b]) => [text, (Math.max(a, b) + .05) / (Math.min(a, b) + .05)])
        .filter(([, ratio]) => ratio < 4.5);
"""


async def test_an_emulator_that_is_gone(chromium: Chrome) -> None:
    """It is said; the page stays as it was."""
    async with Emulator() as emulator:
        page = Page(chromium, emulator.url)
        await page.open("")
        await page.see("#live", "live")
        await page.see("#tables-list", "acme")

    await page.see("#live", "no answer")
    await page.see("#tables-list", "acme")
    # The browser notes each call that was not answered.
    assert all("net::ERR_" in complaint for complaint in await page.complaints())
    await asyncio.to_thread(chromium.get, "about:blank")


async def test_markup_would_be_refused(page: Page) -> None:
    """Were there a slip in the script, the policy of the page would still let no text become markup."""
    await page.open("")

    refused = await page.run(
        'try { document.body.innerHTML = "<b>x</b>"; return null; } catch (error) { return error.name; }'
    )

    assert "TypeError" == refused
    assert all("TrustedHTML" in complaint for complaint in await page.complaints())
