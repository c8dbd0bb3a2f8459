"""The page in a real browser, over the real app, beside Python's own answers."""

import base64
import csv
import io
import json
import re
import shutil
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageCms
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, expect
from pydicom.uid import RLELossless

from edge_app import Classifier, delivery, wording
from edge_app.classifier import Prediction
from edge_app.errors import ImageError
from edge_app.languages import LANGUAGES, sentence
from edge_app.single_file import single_file
from tests import dicoms
from tests.conftest import ROOT
from tests.pages import encode, file, read
from tests.phantoms import phantom
from tests.servers import Served

AXE = ROOT / "edge_app" / "web" / "node_modules" / "axe-core" / "axe.min.js"
STEP = 1 / 256  # of an int8 softmax

# Reads a file in a worker of the test's own and returns what the worker answers.
ASK = """async ([url, file]) => {
    window.reader ??= new Worker(url);
    const bytes = Uint8Array.from(atob(file), (letter) => letter.charCodeAt(0));
    const { data } = await new Promise((resolve) => {
        window.reader.onmessage = resolve;
        window.reader.postMessage({ id: 1, file: new Blob([bytes]) });
    });
    if (!data.answer) return data;
    const { picture, heat, ...answer } = data.answer;
    const canvas = new OffscreenCanvas(picture.width, picture.height).getContext('2d', { alpha: false });
    canvas.drawImage(picture, 0, 0);
    const pack = (values) => {
        let text = '';
        for (const byte of new Uint8Array(values.buffer)) text += String.fromCharCode(byte);
        return btoa(text);
    };
    const size = [picture.width, picture.height];
    const pixels = pack(canvas.getImageData(0, 0, ...size).data);
    return { ...answer, size, pixels, heat: heat && pack(heat.values) };
}"""


def ask(page: Page, data: bytes) -> dict[str, Any]:
    if not page.workers:
        page.wait_for_event("worker")
    answer: dict[str, Any] = page.evaluate(ASK, [page.workers[0].url, base64.b64encode(data).decode()])
    return answer


# The same answer


def compare(answer: dict[str, Any], prediction: Prediction) -> None:
    assert answer["verdict"] == prediction.verdict
    assert answer["label"] == prediction.label
    assert tuple(answer["reasons"]) == prediction.reasons
    for label, probability in prediction.probabilities.items():
        assert abs(answer["probabilities"][label] - probability) <= STEP, label


def compare_pictures(answer: dict[str, Any], prediction: Prediction) -> None:
    assert tuple(answer["size"]) == prediction.image.size
    shape = (prediction.image.height, prediction.image.width)
    pixels = np.frombuffer(base64.b64decode(answer["pixels"]), np.uint8).reshape(*shape, 4)
    assert np.array_equal(pixels[..., :3], np.asarray(prediction.image))
    heat = np.frombuffer(base64.b64decode(answer["heat"]), "<f4").reshape(shape)
    np.testing.assert_allclose(heat, prediction.heatmap, atol=1e-6)


def pictures() -> dict[str, bytes]:
    grey = phantom("glioma", 1, size=300).crop((0, 10, 300, 270))
    colour = Image.merge("RGB", (grey, grey.rotate(5), grey.rotate(-5)))
    alpha = colour.convert("RGBA")
    alpha.putalpha(Image.linear_gradient("L").resize(grey.size))
    turned = Image.Exif()
    turned[0x0112] = 6
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()
    sixteen = Image.fromarray(np.asarray(grey).astype(np.uint16) * 257)
    return {
        "4:2:0": encode(colour, "JPEG", subsampling="4:2:0"),
        "4:4:4": encode(colour, "JPEG", subsampling="4:4:4", quality=95),
        "progressive": encode(colour, "JPEG", progressive=True),
        "grey JPEG": encode(grey, "JPEG"),
        "turned": encode(colour, "JPEG", exif=turned),
        "profile": encode(colour, "JPEG", icc_profile=profile),
        "grey PNG": encode(grey, "PNG"),
        "colour PNG": encode(colour, "PNG"),
        "palette": encode(colour.quantize(32), "PNG"),
        "16 bits": encode(sixteen, "PNG"),
        "alpha": encode(alpha, "PNG"),
        "lossless WebP": encode(colour, "WEBP", lossless=True),
        "lossy WebP": encode(colour, "WEBP"),
        "BMP": encode(colour, "BMP"),
    }


@pytest.mark.parametrize("kind", pictures())
def test_every_kind_of_picture_gives_the_same_pixels(page: Page, served: Served, kind: str) -> None:
    data = pictures()[kind]
    answer, prediction = ask(page, data), served.classifier.predict(data)
    compare_pictures(answer, prediction)
    compare(answer, prediction)


@pytest.mark.parametrize("kind", dicoms.kinds())
def test_uncompressed_dicom_gives_the_same_pixels(page: Page, served: Served, kind: str) -> None:
    data = dicoms.kinds()[kind]
    answer, prediction = ask(page, data), served.classifier.predict(data)
    compare_pictures(answer, prediction)
    compare(answer, prediction)


def test_a_photograph_of_twelve_megapixels(page: Page, served: Served) -> None:
    photo = Image.new("RGB", (4000, 3000), (20, 22, 30))
    photo.paste(phantom("pituitary", 4, size=2000), (900, 400))
    data = encode(photo, "JPEG", quality=92)
    compare(ask(page, data), served.classifier.predict(data))


def test_real_slices(page: Page, served: Served, otak_data: Path) -> None:
    with (otak_data / "manifest.csv").open(encoding="utf-8", newline="") as rows:
        paths = [otak_data / row["path"] for row in csv.DictReader(rows)]
    for index, path in enumerate(paths[:: len(paths) // 199][:200]):
        data = path.read_bytes()
        answer, prediction = ask(page, data), served.classifier.predict(data)
        compare(answer, prediction)
        if index % 20 == 0 and max(prediction.image.size) <= 1024:
            compare_pictures(answer, prediction)


# Bad input


def bad() -> dict[str, bytes]:
    whole = encode(phantom("glioma", 1), "JPEG")
    return {
        "text": b"a letter",
        "zip": b"PK\x03\x04" + bytes(100),
        "HEIC": b"\0\0\0\x1cftypheic" + bytes(100),
        "cut": whole[:900],
        "nearly whole": whole[:-500],
        "cut PNG": encode(phantom("glioma", 1), "PNG")[:-200],
        "cut WebP": encode(phantom("glioma", 1), "WEBP")[:-200],
        "empty": b"",
        "bomb": encode(Image.new("1", (10_000, 10_000)), "PNG"),
        "strip": encode(Image.new("1", (20_000, 40)), "PNG"),
        "tiny": encode(Image.new("L", (20, 20)), "PNG"),
        "big": bytes(20_000_001),
        **{f"DICOM, {fault}": data for fault, data in dicoms.faults().items()},
        "big DICOM": dicoms.dicom() + bytes(20_000_001),
        "CT": dicoms.dicom(Modality="CT"),
        "wide DICOM": dicoms.dicom(Rows=9000, Columns=9000),
        "tiny DICOM": dicoms.dicom(np.zeros((20, 20), np.uint16)),
    }


@pytest.mark.parametrize("kind", bad())
def test_both_sides_refuse_alike(page: Page, served: Served, kind: str) -> None:
    data = bad()[kind]
    with pytest.raises(ImageError) as refused:
        served.classifier.predict(data, "a.jpg")
    read(page, file(data, "a.jpg"))
    for language in ("en", "id"):
        page.click(f"#language-{language}")
        expect(page.get_by_role("alert")).to_contain_text(refused.value.sentence(language))


# Stories


def test_reading_a_slice(page: Page, served: Served) -> None:
    requests: list[str] = []
    page.on("request", lambda request: requests.append(f"{request.method} {request.url}"))
    data = encode(phantom("glioma", 1), "PNG")
    prediction = served.classifier.predict(data)
    read(page, file(data, "<b>slice</b>.png"))
    answer = {
        language: wording.headline(prediction, wording.label_names(served.classifier, language), language)
        for language in LANGUAGES
    }
    expect(page.get_by_role("heading", level=1)).to_have_text(answer["en"])
    expect(page.get_by_role("heading", level=1)).to_be_focused()
    expect(page.locator(".badge")).to_have_text(sentence("en", "app.where.phone"))
    expect(page.locator(".bars li")).to_have_count(4)
    expect(page.get_by_text(sentence("en", "disclaimer")).first).to_be_visible()
    expect(page.locator("footer")).to_contain_text(sentence("en", "licence"))
    page.get_by_label(sentence("en", "app.opacity")).fill("25")
    expect(page.locator(".heat")).to_have_css("opacity", "0.25")
    page.click("#language-id")
    expect(page.get_by_role("heading", level=1)).to_have_text(answer["id"])
    expect(page.locator("html")).to_have_attribute("lang", "id")
    page.locator("summary").click()
    expect(page.locator("dl")).to_contain_text(served.classifier.file.sha256[:12])
    expect(page.locator("dl")).to_contain_text("<b>slice</b>.png")
    assert not [
        request for request in requests if not request.split()[1].startswith(("blob:", served.address))
    ]
    assert not [request for request in requests if request.startswith("POST")]


def test_choices_are_remembered(page: Page) -> None:
    page.click("#language-id")
    page.click("#view-settings")
    page.get_by_label(sentence("id", "app.choice.dark")).check()
    page.reload()
    expect(page.locator("html")).to_have_attribute("lang", "id")
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")


@pytest.mark.parametrize("width", [390, 1200])
def test_a_reading_is_printed_on_one_page(page: Page, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 844})
    read(page, file(encode(phantom("glioma", 1), "PNG"), "a.png"))
    page.get_by_label(sentence("en", "app.note"), exact=True).fill("look again\nand again")
    assert len(re.findall(rb"/Type\s*/Page\b", page.pdf(prefer_css_page_size=True))) == 1


def test_the_first_load_is_light(page: Page, served: Served) -> None:
    page.get_by_text(sentence("en", "app.ready")).wait_for()
    sizes = page.evaluate("() => performance.getEntries().map((entry) => entry.encodedBodySize ?? 0)")
    assert sum(sizes) <= 3_500_000
    packed = [path.stat().st_size for path in delivery.PAGE.rglob("*.gz")]
    assert sum(packed) + served.classifier.file.bytes <= 3_500_000


def test_several_at_once_and_history(page: Page) -> None:
    good = encode(phantom("glioma", 1), "PNG")
    read(page, file(good, "a.png"), file(b"a letter", "b.png"), file(good, "c.png"))
    expect(page.locator(".strip button")).to_have_count(2)
    expect(page.get_by_role("alert")).to_have_count(1)
    page.locator(".strip button").nth(1).click()
    page.get_by_label(sentence("en", "app.note"), exact=True).fill("look, again")
    page.get_by_label(sentence("en", "app.note"), exact=True).blur()
    expect(page.get_by_role("status")).to_have_text(sentence("en", "app.saved"))
    page.reload()
    page.click("#view-history")
    expect(page.locator(".history li")).to_have_count(2)
    expect(page.locator(".history li").first).to_contain_text("look, again")
    with page.expect_download() as download:
        page.get_by_role("button", name=sentence("en", "app.history.export")).click()
    rows = list(csv.DictReader(io.StringIO(download.value.path().read_text(encoding="utf-8-sig"))))
    assert [(row["name"], row["note"]) for row in rows] == [("c.png", "look, again"), ("a.png", "")]
    page.get_by_role("button", name="Delete: a.png").click()
    expect(page.locator(".history li")).to_have_count(1)
    page.on("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name=sentence("en", "app.history.clear")).click()
    expect(page.get_by_text(sentence("en", "app.history.empty"))).to_be_visible()


def test_the_clinic_s_device_answers_the_same(page: Page, served: Served) -> None:
    page.click("#view-settings")
    page.get_by_label(sentence("en", "app.choice.clinic")).check()
    page.click("#view-read")
    read(page, file(encode(phantom("glioma", 1), "PNG"), "a.png"))
    expect(page.locator(".badge")).to_have_text(sentence("en", "app.where.clinic"))
    expect(page.locator(".bars li")).to_have_count(4)
    expect(page.locator(".heat")).to_be_visible()
    read(page, file(b"a letter", "a.png"))
    expect(page.get_by_role("alert")).to_contain_text(sentence("en", "error.no_image", name="a.png"))


def test_where_the_phone_can_t_the_clinic_s_device_is_offered(
    context: BrowserContext, served: Served
) -> None:
    context.route("**/*.wasm", lambda route: route.abort())
    page = context.new_page()
    page.goto(served.address)
    read(page, file(encode(phantom("glioma", 1), "PNG"), "a.png"))
    expect(page.get_by_role("alert")).to_contain_text(sentence("en", "app.phone.failed"))
    page.get_by_role("button", name=sentence("en", "app.phone.failed.button")).click()
    expect(page.locator(".badge")).to_have_text(sentence("en", "app.where.clinic"))


def test_compressed_dicom_is_for_the_clinic_s_device(page: Page, served: Served) -> None:
    data = dicoms.dicom(transfer=RLELossless)
    read(page, file(data, "a.dcm"))
    expect(page.get_by_role("alert")).to_contain_text(sentence("en", "app.dicom.clinic", name="a.dcm"))
    page.get_by_role("button", name=sentence("en", "app.phone.failed.button")).click()
    expect(page.locator(".badge")).to_have_text(sentence("en", "app.where.clinic"))
    assert dicoms.PATIENT not in page.content()


def test_a_photograph_is_aimed_straightened_and_read(with_camera: Browser, served: Served) -> None:
    context = with_camera.new_context(
        viewport={"width": 390, "height": 844}, permissions=["camera"], bypass_csp=True
    )
    page = context.new_page()
    page.goto(served.address)
    page.get_by_role("button", name=sentence("en", "app.take")).click()
    expect(page.locator(".finder .frame")).to_be_visible()
    page.add_script_tag(path=AXE)
    check(page)
    page.locator("#shoot").click()
    page.get_by_role("button", name="Indonesia").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(sentence("id", "app.straighten"))
    corner = page.get_by_role("button", name=sentence("id", "app.straighten.top-left"))
    before = corner.bounding_box()
    corner.focus()
    for _ in range(3):
        page.keyboard.press("ArrowRight")
    moved = corner.bounding_box()
    assert before and moved and moved["x"] > before["x"] and moved["y"] == before["y"]
    page.mouse.move(moved["x"] + 22, moved["y"] + 22)
    page.mouse.down()
    page.mouse.move(moved["x"] + 42, moved["y"] + 52)
    page.mouse.up()
    dragged = corner.bounding_box()
    assert dragged and dragged["x"] > moved["x"] and dragged["y"] > moved["y"]
    check(page)
    page.locator("#use").click()
    page.wait_for_selector(".result")
    expect(page.locator("dl")).to_contain_text("photo.jpg")
    context.close()


def test_the_camera_stops_when_its_view_is_left(with_camera: Browser, served: Served) -> None:
    context = with_camera.new_context(permissions=["camera"])
    page = context.new_page()
    page.goto(served.address)
    page.get_by_role("button", name=sentence("en", "app.take")).click()
    expect(page.locator("#shoot")).to_be_enabled()
    video = page.locator("video").element_handle()
    page.click("#view-history")
    assert video and video.evaluate("v => v.srcObject.getTracks().every((t) => t.readyState === 'ended')")
    context.close()


def test_a_camera_that_is_denied_is_told(browser: Browser, served: Served) -> None:
    context = browser.new_context(viewport={"width": 390, "height": 844})
    page = context.new_page()
    page.goto(served.address)
    page.get_by_role("button", name=sentence("en", "app.take")).click()
    expect(page.get_by_role("alert")).to_contain_text(sentence("en", "app.camera.failed"))
    page.set_input_files("#file", [file(encode(phantom("glioma", 1), "PNG"))])
    page.wait_for_selector(".result")
    context.close()


def test_plain_http_reads_and_says_what_is_missing(
    playwright: Playwright, chromium: str, served: Served
) -> None:
    rules = ["--no-sandbox", "--host-resolver-rules=MAP clinic.test 127.0.0.1"]
    other = playwright.chromium.launch(executable_path=chromium, args=rules)
    page = other.new_page(locale="en-GB")
    page.goto(served.address.replace("127.0.0.1", "clinic.test"))
    assert not page.evaluate("window.isSecureContext")
    expect(page.get_by_text(sentence("en", "app.insecure"))).to_be_visible()
    expect(page.locator("#camera")).to_have_attribute("capture", "environment")
    page.set_input_files("#camera", [file(encode(phantom("glioma", 1), "PNG"))])
    page.locator("#use").click()
    page.wait_for_selector(".result")
    expect(page.locator(".badge")).to_have_text(sentence("en", "app.where.phone"))
    other.close()


def test_without_the_server(context: BrowserContext) -> None:
    served = Served(Classifier.load())
    page = context.new_page()
    page.goto(served.address)
    page.evaluate("() => navigator.serviceWorker.ready")
    page.wait_for_function("() => navigator.serviceWorker.controller !== null")
    served.close()
    page.close()
    page = context.new_page()
    page.goto(served.address)
    read(page, file(encode(phantom("glioma", 1), "PNG"), "a.png"))
    expect(page.locator(".badge")).to_have_text(sentence("en", "app.where.phone"))


def installed(context: BrowserContext, served: Served) -> Page:
    page = context.new_page()
    page.goto(served.address)
    page.wait_for_function("() => navigator.serviceWorker.controller !== null")
    return page


def test_after_a_cold_restart_without_the_server(
    playwright: Playwright, chromium: str, tmp_path: Path
) -> None:
    def start() -> BrowserContext:
        return playwright.chromium.launch_persistent_context(
            tmp_path / "profile", executable_path=chromium, args=["--no-sandbox"]
        )

    served = Served(Classifier.load())
    with start() as context:
        read(installed(context, served), file(encode(phantom("glioma", 1), "PNG"), "a.png"))
    served.close()
    with start() as context:
        page = context.new_page()
        page.goto(served.address)
        read(page, file(encode(phantom("glioma", 2), "PNG"), "b.png"))
        expect(page.locator(".badge")).to_have_text(sentence("en", "app.where.phone"))
        page.get_by_role("button", name=sentence("en", "app.history"), exact=True).click()
        expect(page.locator(".history li")).to_have_count(2)


def test_a_new_model_is_offered_and_taken(context: BrowserContext, tmp_path: Path) -> None:
    folder = shutil.copytree(Classifier.load().bundle.folder, tmp_path / "bundle")
    served = Served(Classifier.load(folder))
    page = installed(context, served)
    description = folder / "bundle.json"
    content = json.loads(description.read_text())
    description.write_text(json.dumps(content | {"version": "2099-01-01"}))
    served.replace(Classifier.load(folder))
    page.reload()
    expect(page.get_by_text(sentence("en", "app.update"), exact=True)).to_be_visible()
    with page.expect_navigation():
        page.get_by_role("button", name=sentence("en", "app.update.button")).click()
    read(page, file(encode(phantom("glioma", 1), "PNG")))
    expect(page.locator("dl")).to_contain_text("2099-01-01")
    served.close()


# What a browser does when its disk is full; Chromium's quota can't be made small enough to see it.
FULL = """() => {
    const put = IDBObjectStore.prototype.put;
    IDBObjectStore.prototype.put = function (value) {
        const request = put.call(this, value);
        request.onsuccess = () => this.transaction.abort();
        return request;
    };
}"""


def test_a_full_store_is_told_and_the_reading_stays_shown(page: Page) -> None:
    good = file(encode(phantom("glioma", 1), "PNG"), "a.png")
    read(page, good)
    page.evaluate(FULL)
    page.set_input_files("#file", good | {"name": "b.png"})
    expect(page.get_by_role("alert")).to_contain_text(sentence("en", "app.history.failed"))
    expect(page.get_by_label("b.png")).to_be_visible()
    page.click("#view-history")
    expect(page.locator(".history li")).to_have_count(1)


@pytest.mark.skipif(sys.platform != "linux", reason="memory is read from /proc")
def test_the_memory_after_a_hundred_slices(browser: Browser, page: Page) -> None:
    slices = [encode(phantom("glioma", seed).resize((512, 512)), "JPEG") for seed in range(5)]
    for turn in range(100):
        name = f"slice {turn}.jpg"
        page.set_input_files("#file", [file(slices[turn % 5], name)])
        expect(page.get_by_label(name)).to_be_visible(timeout=60_000)
    processes = browser.new_browser_cdp_session().send("SystemInfo.getProcessInfo")["processInfo"]
    status = [Path(f"/proc/{one['id']}/status").read_text() for one in processes if one["type"] == "renderer"]
    # What Chromium's own task manager shows as a page's memory.
    private = [sum(map(int, re.findall(r"(?:RssAnon|VmSwap):\s+(\d+)", text))) for text in status]
    assert max(private) < 150_000


def test_the_icons_for_home_screens(page: Page, served: Served) -> None:
    manifest = page.request.get(f"{served.address}/manifest.webmanifest").json()
    for icon in manifest["icons"]:
        answer = page.request.get(served.address + icon["src"])
        assert answer.headers["content-type"].startswith(icon["type"])
        if icon["type"] == "image/png":
            side = Image.open(io.BytesIO(answer.body())).size
            assert icon["sizes"] == f"{side[0]}x{side[1]}"


def test_a_single_file_reads_slices_by_itself(
    context: BrowserContext, served: Served, tmp_path: Path
) -> None:
    path = tmp_path / "otak.html"
    path.write_text(single_file(served.classifier.bundle), encoding="utf-8")
    page = context.new_page()
    requests: list[str] = []
    page.on("request", lambda request: requests.append(request.url))
    page.goto(path.as_uri())
    data = encode(phantom("glioma", 1), "PNG")
    read(page, file(data, "a.png"))
    names = wording.label_names(served.classifier, "en")
    expected = wording.headline(served.classifier.predict(data), names, "en")
    expect(page.get_by_role("heading", level=1)).to_have_text(expected)
    assert all(request.startswith(("file:", "blob:", "data:")) for request in requests)
    page.click("#view-settings")
    expect(page.get_by_label(sentence("en", "app.choice.clinic"))).to_have_count(0)
    page.click("#view-history")
    expect(page.locator(".history li")).to_have_count(1)


# Everybody


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("language", ["en", "id"])
def test_accessible_on_every_view(browser: Browser, served: Served, theme: Any, language: str) -> None:
    context = browser.new_context(
        viewport={"width": 320, "height": 640}, color_scheme=theme, locale=language, bypass_csp=True
    )
    page = context.new_page()
    page.goto(served.address)
    page.add_script_tag(path=AXE)

    check(page)
    read(page, file(encode(phantom("glioma", 1), "PNG")), file(b"a letter"))
    check(page)
    for view in ("history", "settings"):
        page.click(f"#view-{view}")
        page.wait_for_selector(f"#view-{view}[aria-current]")
        check(page)
    context.close()


def check(page: Page) -> None:
    found = page.evaluate("async () => (await axe.run()).violations")
    assert [(one["id"], [node["html"] for node in one["nodes"]]) for one in found] == []
    assert page.evaluate("() => document.documentElement.scrollWidth <= window.innerWidth")
