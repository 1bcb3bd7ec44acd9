"""A real browser, without a window, that reaches nothing but this machine."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from selenium.webdriver import Chrome
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.ui import WebDriverWait

PROGRAMS = ("chromium", "chromedriver")
ARGUMENTS = (
    "--headless=new", "--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu", "--no-first-run", "--hide-scrollbars",
    "--disable-background-networking", "--disable-component-update", "--disable-sync", "--force-color-profile=srgb",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1",
)  # fmt: skip
WIDTHS = {"desk": 1380, "phone": 390}
PATIENCE = 15  # seconds


class Browser:
    """What a person does with one, and what it then shows."""

    def __init__(self, directory: Path) -> None:
        options = Options()
        for argument in (*ARGUMENTS, f"--user-data-dir={directory}"):
            options.add_argument(argument)
        options.binary_location = shutil.which(PROGRAMS[0]) or ""
        options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
        self.driver = Chrome(options=options, service=Service(shutil.which(PROGRAMS[1])))
        self.driver.set_page_load_timeout(PATIENCE)
        self.resize("desk")

    def open(self, address: str) -> None:
        self.driver.get(address)

    def find(self, selector: str) -> WebElement:
        """What the selector finds, once it is there."""
        return WebDriverWait(self.driver, PATIENCE).until(lambda driver: driver.find_element(By.CSS_SELECTOR, selector))

    def all(self, selector: str) -> list[WebElement]:
        return self.driver.find_elements(By.CSS_SELECTOR, selector)

    def press(self, selector: str) -> None:
        """Click, and wait for the page that follows."""
        before = self.find("html").id
        self.find(selector).click()
        WebDriverWait(self.driver, PATIENCE).until(lambda driver: driver.find_element(By.TAG_NAME, "html").id != before)

    def log_in(self, base: str, email: str, password: str) -> None:
        self.open(f"{base}/admin/login/")
        self.find("[name=username]").send_keys(email)
        self.find("[name=password]").send_keys(password)
        self.press("[type=submit]")

    def wear(self, theme: str) -> None:
        """Light or dark, as the theme's own switch keeps it."""
        self.driver.execute_script("localStorage.setItem('adminTheme', JSON.stringify(arguments[0]))", theme)

    def resize(self, kind: str, height: int = 900) -> None:
        self.width = WIDTHS[kind]
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", {
            "width": WIDTHS[kind], "height": height, "deviceScaleFactor": 1, "mobile": kind == "phone"})

    def overflow(self) -> int:
        """How many pixels the page is wider than the screen; a phone's window grows with what is in it."""
        return int(self.driver.execute_script("return document.documentElement.scrollWidth")) - self.width

    def log(self, kind: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.driver.get_log(kind)  # type: ignore[no-untyped-call]
        return found

    def errors(self) -> list[str]:
        """What the console complained of since last time; a browser asks for an icon by itself."""
        return [entry["message"] for entry in self.log("browser")
                if entry["level"] in ("SEVERE", "WARNING") and "/favicon.ico" not in entry["message"]]

    def hosts(self) -> set[str]:
        """Whom it asked for anything since last time."""
        messages = [json.loads(entry["message"])["message"] for entry in self.log("performance")]
        addresses = [urlsplit(message["params"]["request"]["url"]) for message in messages
                     if message["method"] == "Network.requestWillBeSent"]
        return {address.netloc for address in addresses if address.scheme not in ("data", "blob", "chrome")}

    def keep(self, path: Path, most: int) -> None:
        """A picture of the page, down to `most` pixels."""
        height = self.driver.execute_script("return document.querySelector('#main').scrollHeight")
        kind = next(kind for kind, width in WIDTHS.items() if width == self.width)
        self.resize(kind, min(int(height), most))
        self.driver.save_screenshot(str(path))
        self.resize(kind)


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    if missing := [program for program in PROGRAMS if shutil.which(program) is None]:
        pytest.skip(f"{' and '.join(missing)} missing: apt install chromium chromium-driver")
    found = Browser(tmp_path_factory.mktemp("browser"))
    yield found
    found.driver.quit()
