"""A reading that is begun while another runs takes its place, and nothing of the other is ever seen."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, BrowserContext, FilePayload, Page, Route, expect

from edge_app import wording
from edge_app.languages import sentence
from tests.edge_app.web.pages import KEEP_NAMES, encode, file, read
from tests.phantoms import phantom
from tests.servers import Served

pytestmark = pytest.mark.browser

FIRST = "first.png"
SECOND = "second.png"
SLOW = 600  # milliseconds; what was held back has long arrived by then

# Holds back the worker's replies to one file, and the putting of it into the history.
HOLD = """() => {
    window.held = { replies: [], reply: true, put: false, asked: 0 };
    window.Worker = class extends Worker {
        constructor(...given) {
            super(...given);
            this.addEventListener('message', (event) => {
                if (window.held.reply && event.isTrusted && event.data.id === window.held.id) {
                    event.stopImmediatePropagation();
                    const late = new MessageEvent('message', { data: event.data });
                    window.held.replies.push(() => this.dispatchEvent(late));
                }
            });
        }
        postMessage(request) {
            if (request.source?.name === 'first.png') {
                window.held.id = request.id;
                window.held.asked++;
            }
            super.postMessage(request);
        }
    };
    const put = IDBObjectStore.prototype.put;
    IDBObjectStore.prototype.put = function (value, ...key) {
        const busy = () => { if (window.held.put) this.get('').onsuccess = busy; };
        if (value?.name === 'first.png') busy();
        return put.call(this, value, ...key);
    };
}"""


def slices() -> dict[str, bytes]:
    """Two patients', with different answers."""
    return {FIRST: encode(phantom("meningioma", 1), "PNG"), SECOND: encode(phantom("glioma", 3), "PNG")}


def first() -> FilePayload:
    return file(slices()[FIRST], FIRST)


def second() -> FilePayload:
    return file(slices()[SECOND], SECOND)


class Phone:
    """Holds back the phone's answer to the first slice."""

    def __init__(self, page: Page) -> None:
        self._page = page

    def begun(self) -> None:
        self._page.wait_for_function("() => window.held.replies.length > 0")

    def release(self) -> None:
        self._page.evaluate("() => { window.held.replies.splice(0).forEach((reply) => reply()); }")
        self._page.wait_for_timeout(SLOW)


class Clinic:
    """Holds back the request of the first slice to the clinic's device."""

    def __init__(self, page: Page) -> None:
        self._page = page
        self._held: list[Route] = []
        page.route("**/api/v1/predict**", self._hold)
        page.click("#view-settings")
        page.get_by_label(sentence("en", "app.choice.clinic")).check()
        page.click("#view-read")

    def _hold(self, route: Route) -> None:
        if FIRST.encode() in (route.request.post_data_buffer or b""):
            self._held.append(route)
        else:
            route.continue_()

    def begun(self) -> None:
        while not self._held:
            self._page.wait_for_timeout(20)

    def release(self) -> None:
        for route in self._held:
            route.continue_()
        self._page.wait_for_timeout(SLOW)


@pytest.fixture
def page(context: BrowserContext, served: Served) -> Page:
    page = context.new_page()
    page.add_init_script(f"({HOLD})()")
    page.add_init_script(f"({KEEP_NAMES})()")
    page.goto(served.address)
    page.get_by_text(sentence("en", "app.ready")).wait_for()
    return page


@pytest.fixture(params=[Phone, Clinic])
def place(page: Page, request: pytest.FixtureRequest) -> Phone | Clinic:
    made: Phone | Clinic = request.param(page)
    return made


def begin(page: Page, place: Phone | Clinic, *files: FilePayload) -> None:
    page.set_input_files("#file", list(files or [first()]))
    place.begun()
    expect(page.locator(".status")).to_have_text(sentence("en", "app.reading", name=FIRST))


def only_the_second(page: Page, served: Served) -> None:
    names = wording.label_names(served.classifier, "en")
    prediction = served.classifier.predict(slices()[SECOND])
    expect(page.get_by_role("heading", level=1)).to_have_text(wording.headline(prediction, names, "en"))
    expect(page.get_by_role("img", name=SECOND)).to_have_count(1)
    for label, percent in prediction.probabilities.items():
        row = page.locator(".bars li", has_text=names[label])
        expect(row.locator(".percent")).to_have_text(wording.percent(percent))
    expect(page.locator("details dl")).to_contain_text(SECOND)
    expect(page.locator(".strip")).to_have_count(0)
    nothing_of_the_first(page)
    page.click("#view-history")
    expect(page.locator(".history li")).to_have_count(1)
    expect(page.locator(".history li")).to_contain_text(SECOND)
    nothing_of_the_first(page)


def nothing_of_the_first(page: Page) -> None:
    expect(page.get_by_role("alert")).to_have_count(0)
    assert FIRST not in page.content()
    assert "Meningioma" not in page.title()


# By every door


def choose(page: Page) -> None:
    page.set_input_files("#file", second())


def drop(page: Page) -> None:
    page.evaluate(
        """async ([bytes, name]) => {
            const dataTransfer = new DataTransfer();
            dataTransfer.items.add(new File([new Uint8Array(bytes)], name, { type: 'image/png' }));
            document.dispatchEvent(new DragEvent('drop', { dataTransfer, cancelable: true }));
        }""",
        [list(slices()[SECOND]), SECOND],
    )


def drop_in_the_history(page: Page) -> None:
    page.click("#view-history")
    drop(page)


def choose_after_the_tab(page: Page) -> None:
    page.click("#view-read")
    expect(page.locator(".status")).to_have_text("")
    choose(page)


def choose_in_the_other_place(page: Page) -> None:
    page.click("#view-settings")
    page.get_by_label(sentence("en", "app.choice.phone")).check()
    page.click("#view-read")
    choose(page)


@pytest.mark.parametrize(
    "door", [choose, drop, drop_in_the_history, choose_after_the_tab, choose_in_the_other_place]
)
def test_the_second_takes_the_place_of_the_first(
    page: Page, place: Phone | Clinic, served: Served, door: Callable[[Page], None]
) -> None:
    begin(page, place)
    door(page)
    page.wait_for_selector(".result")
    place.release()
    only_the_second(page, served)


def test_the_first_answers_before_the_second(page: Page, place: Phone | Clinic, served: Served) -> None:
    begin(page, place)
    choose(page)
    place.release()
    page.wait_for_selector(".result")
    only_the_second(page, served)


def test_the_rest_of_several_is_not_read(page: Page, place: Phone | Clinic, served: Served) -> None:
    begin(page, place, first(), first())
    choose(page)
    page.wait_for_selector(".result")
    place.release()
    only_the_second(page, served)
    assert page.evaluate("() => window.held.asked") <= 1


def test_what_was_read_before_the_one_that_runs_goes_too(
    page: Page, place: Phone | Clinic, served: Served
) -> None:
    begin(page, place, file(slices()[FIRST], "zeroth.png"), first())
    choose(page)
    page.wait_for_selector(".result")
    place.release()
    only_the_second(page, served)
    assert "zeroth.png" not in page.content()


def test_an_error_of_the_first_comes_late(page: Page, place: Phone | Clinic, served: Served) -> None:
    begin(page, place, file(b"a letter", FIRST))
    choose(page)
    page.wait_for_selector(".result")
    place.release()
    only_the_second(page, served)


def test_the_language_changes_while_both_run(page: Page, place: Phone | Clinic, served: Served) -> None:
    begin(page, place)
    page.click("#language-id")
    choose(page)
    page.click("#language-en")
    page.wait_for_selector(".result")
    place.release()
    only_the_second(page, served)


def test_the_answer_before_is_gone_as_soon_as_a_reading_begins(page: Page, place: Phone | Clinic) -> None:
    read(page, second())
    begin(page, place)
    expect(page.locator(".result")).to_have_count(0)
    assert SECOND not in page.content()
    place.release()


def test_a_reading_from_the_history_takes_the_place_of_the_one_that_runs(
    page: Page, place: Phone | Clinic, served: Served
) -> None:
    read(page, second())
    begin(page, place)
    page.click("#view-history")
    page.locator(".history .open").click()
    expect(page.locator(".status")).to_have_text("")
    place.release()
    only_the_second(page, served)


def test_a_reading_goes_on_behind_the_history(page: Page, place: Phone | Clinic) -> None:
    begin(page, place)
    page.click("#view-history")
    expect(page.get_by_text(sentence("en", "app.history.empty"))).to_be_visible()
    if isinstance(place, Phone):
        page.evaluate("() => { window.held.reply = false; }")
    place.release()
    expect(page.get_by_role("img", name=FIRST)).to_be_visible()
    page.click("#view-history")
    expect(page.locator(".history li")).to_have_count(1)


def test_after_going_back_to_the_page(page: Page, place: Phone | Clinic, served: Served) -> None:
    begin(page, place)
    page.goto(f"{served.address}/api/v1/health")
    page.go_back()
    choose(page)
    page.wait_for_selector(".result")
    only_the_second(page, served)


def test_a_first_that_is_kept_late_is_not_kept(page: Page, served: Served) -> None:
    page.evaluate("() => { Object.assign(window.held, { reply: false, put: true }); }")
    page.set_input_files("#file", first())
    page.wait_for_function("() => window.held.asked === 1")
    page.wait_for_timeout(SLOW)
    expect(page.locator(".result")).to_have_count(0)
    choose(page)
    page.wait_for_timeout(SLOW)
    page.evaluate("() => { window.held.put = false; }")
    page.wait_for_selector(".result")
    only_the_second(page, served)


# Photographs


def in_a_camera(browser: Browser, served: Served) -> Page:
    page = browser.new_context(permissions=["camera"], locale="en-GB").new_page()
    page.add_init_script(f"({HOLD})()")
    page.goto(served.address)
    page.get_by_text(sentence("en", "app.ready")).wait_for()
    return page


def test_a_photograph_takes_the_place_of_the_reading_that_runs(with_camera: Browser, served: Served) -> None:
    page = in_a_camera(with_camera, served)
    place = Phone(page)
    begin(page, place)
    page.get_by_role("button", name=sentence("en", "app.take")).click()
    expect(page.locator(".status")).to_have_text("")
    page.locator("#shoot").click()
    page.locator("#use").wait_for()
    place.release()
    expect(page.get_by_role("heading", level=1)).to_have_text(sentence("en", "app.straighten"))
    page.locator("#use").click()
    page.wait_for_selector(".result")
    expect(page.locator("details dl", has_text="photo.png")).to_have_count(1)
    nothing_of_the_first(page)
    page.click("#view-history")
    expect(page.locator(".history li")).to_have_count(1)
    nothing_of_the_first(page)
    page.context.close()


def test_a_photograph_that_is_opened_late_is_dropped(browser: Browser, served: Served) -> None:
    page = browser.new_context(locale="en-GB").new_page()
    # Without https the phone's own camera app takes the photograph.
    page.add_init_script("Object.defineProperty(window, 'isSecureContext', { value: false })")
    page.goto(served.address)
    page.get_by_text(sentence("en", "app.ready")).wait_for()
    page.evaluate(
        """() => {
            const decode = window.createImageBitmap;
            window.createImageBitmap = async (...given) => {
                const bitmap = await decode(...given);
                if (given[0].name === 'first.png') {
                    await new Promise((resolve) => { window.release = resolve; });
                }
                return bitmap;
            };
        }"""
    )
    page.set_input_files("#camera", [first()])
    page.wait_for_function("() => window.release !== undefined")
    drop(page)
    page.wait_for_selector(".result")
    page.evaluate("() => { window.release(); }")
    page.wait_for_timeout(SLOW)
    only_the_second(page, served)
    page.context.close()
