"""Drives the page of the fake, and shows an HTML report.

Fails on an error in the browser's console, on a token in the page, and on content that is too wide.
"""

import os
import sys
import urllib.error
import urllib.request

from playwright.sync_api import expect, sync_playwright

URL = os.environ["AUTHRESS_API_URL"]
TOKEN = os.environ["AUTHRESS_ACCESS_TOKEN"]
OUT = sys.argv[1]
OVERFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


def call(path, **headers):
    headers = {"accept": "application/links+json", "authorization": f"Bearer {TOKEN}", **headers}
    request = urllib.request.Request(URL + path, headers=headers)
    try:
        return urllib.request.urlopen(request).status
    except urllib.error.HTTPError as error:
        return error.code


with sync_playwright() as playwright:
    browser = playwright.chromium.launch(
        executable_path=os.environ.get("CHROMIUM"), args=["--headless=shell"]
    )
    for scheme, width in [("light", 1280), ("dark", 375)]:
        page = browser.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme)
        errors = []
        page.on("console", lambda message: message.type == "error" and errors.append(message.text))
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.goto(URL + "/__mock/")
        page.get_by_role("button", name="reset everything").click()
        expect(page.get_by_role("status")).to_have_text("reset everything: done")
        assert call("/v1/users?limit=0") == 400
        # Exchanges and findings appear without a reload.
        expect(page.get_by_text("GET /v1/users", exact=True)).to_be_visible()
        expect(page.get_by_role("heading", name="request-parameter-valid")).to_be_visible()
        page.get_by_label("Operation").select_option("getUsers")
        page.get_by_role("button", name="503 once").click()
        expect(page.get_by_role("status")).to_have_text("503 once: done")
        assert call("/v1/users") == 503
        assert call("/v1/users") == 200
        expect(page.get_by_text("503 (fault)")).to_be_visible()
        assert TOKEN not in page.content() and "eyJ" not in page.content()
        assert page.evaluate(OVERFLOW) == 0, width
        page.screenshot(path=f"{OUT}/page-{scheme}-{width}.png", full_page=True)
        page.goto(f"file://{os.path.abspath(OUT)}/report.html")
        expect(page.get_by_role("heading", name="Contract report")).to_be_visible()
        assert page.evaluate(OVERFLOW) == 0, width
        page.screenshot(path=f"{OUT}/report-{scheme}-{width}.png", full_page=True)
        assert not errors, errors
        page.close()
    browser.close()
print("the page and the report work at both widths")
