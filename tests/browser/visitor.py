"""Somebody with a browser, who notices everything that a page does wrong while it is looked at."""

from __future__ import annotations

import os
from io import BytesIO
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from axe_playwright_python.sync_playwright import Axe
from PIL import Image

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request, Response

DOCS = Path(__file__).parents[2] / "docs"
SCREENSHOTS = "PATCHWRIGHT_SCREENSHOTS"
DESKTOP = {"width": 1200, "height": 800}
PHONE = {"width": 360, "height": 740}
SCHEMES = ("light", "dark")
_AXE = "options => axe.run(document, options).then(found => found.violations)"
_WIDE = """() => {
    const root = document.documentElement, screen = root.clientWidth;
    const beyond = [...document.body.querySelectorAll('*')]
        .filter(each => each.getBoundingClientRect().right > screen + 1)
        .map(each => `${each.tagName.toLowerCase()}.${each.className}`);
    return [screen, root.scrollWidth, beyond.slice(0, 12)];
}"""
PUBLIC = "https://patchwright.example.com"
_REWRITE = """pairs => {
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    const put = text => pairs.reduce((made, [from, to]) => made.replaceAll(from, to), text);
    while (walker.nextNode()) walker.currentNode.nodeValue = put(walker.currentNode.nodeValue);
    document.querySelectorAll('input').forEach(each => { each.value = put(each.value); });
    document.activeElement.blur();
}"""
_STATUS = "Failed to load resource: the server responded with a status of"


class Visitor:
    """One browser context with one page. ``login`` is who is signed in at GitHub in it; "" for nobody.

    ``troubles`` collects what the console says (refusals by the content security policy, too), mistakes in scripts,
    and requests that failed or went to another host than the service and GitHub.
    """

    def __init__(
        self,
        browser: Browser,
        url: str,
        github_url: str,
        *,
        login: str = "",
        state: Any = None,
        scheme: str = "light",
        phone: bool = False,
        script: bool = True,
    ) -> None:
        self.url, self._github_url, self._scheme = url, github_url, scheme
        self.context: BrowserContext = browser.new_context(
            base_url=url,
            storage_state=state,
            color_scheme=scheme,  # type: ignore[arg-type]
            viewport=PHONE if phone else DESKTOP,  # type: ignore[arg-type]
            is_mobile=phone,
            has_touch=phone,
            java_script_enabled=script,
            reduced_motion="reduce",
        )
        self.context.add_cookies([{"name": "dotcom_user", "value": login, "url": github_url}])
        self.context.set_default_timeout(15_000)
        self.troubles: list[str] = []
        self._expected: set[int] = set()
        self.context.on("console", self._said)
        self.context.on("weberror", lambda error: self.troubles.append(f"script: {error.error}"))
        self.context.on("request", self._asked)
        self.context.on("requestfailed", self._failed)
        self.page: Page = self.context.new_page()

    def _said(self, message: ConsoleMessage) -> None:
        if message.type not in {"error", "warning"}:
            return
        if message.text.startswith(_STATUS) and any(f"{each} " in message.text for each in self._expected):
            return
        self.troubles.append(f"console, on {self.page.url}: {message.text}")

    def _asked(self, request: Request) -> None:
        if not request.url.startswith((self.url + "/", self._github_url + "/", "data:")):
            self.troubles.append(f"a request elsewhere: {request.url}")

    def _failed(self, request: Request) -> None:
        if request.failure != "net::ERR_ABORTED":  # left for another page
            self.troubles.append(f"failed: {request.url}: {request.failure}")

    def go(self, path: str, status: int = 200) -> Response:
        """Open a page of the service; it must answer with ``status``."""
        if status >= 400:
            self.expect(status)
        answer = self.page.goto(path)
        assert answer is not None
        assert answer.status == status, f"{path}: {answer.status}"
        return answer

    def expect(self, *statuses: int) -> None:
        """Pages may answer with these from now on; the console says so of each."""
        self._expected.update(statuses)

    def sign_in(self, then: str = "/") -> None:
        """Ask for a page that one has to be signed in for, and sign in with GitHub."""
        self.go(then)
        if self.path == "/sign-in":
            self.follow("Sign in with GitHub")
        assert self.path == then.partition("?")[0]

    @property
    def path(self) -> str:
        """Where the page is, without scheme, host and query."""
        return urlsplit(self.page.url).path

    @property
    def text(self) -> str:
        """What there is to read in the page's main part."""
        return self.page.locator("main").inner_text()

    def submit(self, button: str) -> None:
        """Press a button by its name, and wait for the page that it leads to."""
        with self.page.expect_navigation():
            self.page.get_by_role("button", name=button).first.click()

    def follow(self, link: str, *, exact: bool = False) -> None:
        """Follow a link by its name, and wait for the page that it leads to."""
        with self.page.expect_navigation():
            self.page.get_by_role("link", name=link, exact=exact).first.click()

    def check_accessible(self) -> None:
        """Fails with what axe finds in the light scheme, and in the dark one, where colours alone differ."""
        self.page.evaluate(Axe().axe_script)
        found = []
        for scheme, rules in (("light", None), ("dark", ["color-contrast", "link-in-text-block"])):
            self.page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
            options = {"resultTypes": ["violations"]} | ({"runOnly": rules} if rules else {})
            for each in self.page.evaluate(_AXE, options):
                nodes = "; ".join(f"{node['target']}: {node['html'][:160]}" for node in each["nodes"][:4])
                found.append(f"{scheme}: {each['id']} ({each['help']}): {nodes}")
        self.page.emulate_media(color_scheme=self._scheme)  # type: ignore[arg-type]
        assert not found, f"axe on {self.page.url}:\n" + "\n".join(found)

    def check_fits(self) -> None:
        """Fails if the page is wider than the screen, and names the parts that reach beyond it."""
        screen, wide, beyond = self.page.evaluate(_WIDE)
        assert wide <= screen, f"{self.page.url} is {wide} pixels wide on a screen of {screen}: {beyond}"

    def check_headings(self) -> None:
        """Fails unless there is one first heading, none is skipped, and the title names the page."""
        levels = self.page.evaluate(
            """() => [...document.querySelectorAll('h1,h2,h3,h4,h5,h6')].map(each => Number(each.tagName[1]))"""
        )
        assert levels.count(1) == 1, f"{self.page.url}: headings {levels}"
        assert all(b <= a + 1 for a, b in pairwise(levels)), f"{self.page.url}: headings {levels}"

    def shoot(self, name: str, *, whole: bool = False, scheme: str = "light") -> None:
        """Write ``docs/page-NAME.png``, where the environment asks for screenshots.

        The loopback addresses of the test are written there as those of an installation would be.
        """
        if not os.environ.get(SCREENSHOTS):
            return
        self.page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        self.page.evaluate(_REWRITE, [[self._github_url, "https://github.com"], [self.url, PUBLIC]])
        data = self.page.screenshot(full_page=whole, animations="disabled", caret="hide")
        colours = Image.open(BytesIO(data)).convert("RGB").quantize(255, dither=Image.Dither.NONE)
        colours.save(DOCS / f"page-{name}.png", optimize=True)

    def close(self) -> None:
        """Close the browser's window. Fails if anything went wrong while it was open."""
        self.context.close()
        assert not self.troubles, "\n".join(dict.fromkeys(self.troubles))
