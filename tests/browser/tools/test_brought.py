"""What workers bring: photos, recordings, stories, with consent."""

from playwright.sync_api import FilePayload, Locator, Page, expect

from crowd.assignments.models import Contribution
from crowd.users.models import Organisation, User
from tests.browser.conftest import until
from tests.browser.drawing import picture
from tests.browser.tools.answering import Open, submitted
from tests.browser.working import Axe, Shot
from tests.make_project import make_open

# A tone in place of a microphone, which a browser without a head has not; it is granted when the test says so.
MICROPHONE = """window.grants = []; window.microphones = [];
navigator.mediaDevices.getUserMedia = () => new Promise((granted) => window.grants.push(() => {
  const sound = new AudioContext(), tone = sound.createOscillator(), end = sound.createMediaStreamDestination();
  tone.connect(end); tone.start(); window.microphones.push(end.stream); granted(end.stream); }));"""


def test_a_photo_is_brought_and_a_story_written_with_consent(
    page: Page, requester: User, organisation: Organisation, open_task: Open, axe: Axe, shot: Shot
) -> None:
    terms = {"kind": "contribution", "consent": "It is mine, and may be used.", "licence": "CC BY 4.0"}
    photo = {"id": "photo", "text": "Take a photo of it.", "takes": "image"} | terms
    story = {"id": "story", "text": "What is it for?", "takes": "text"} | terms
    voice = {"id": "voice", "text": "Say it.", "takes": "audio", "max_seconds": 60} | terms
    config = {"data": {"kind": "text", "field": "text"}, "questions": [photo, story, voice]}
    page.add_init_script(MICROPHONE)
    rows = [{"text": f"A blue thing, the {number}."} for number in range(2)]
    open_task(make_open(actor=requester, organisation=organisation, rows=rows, label_config=config, redundancy=1))
    one, two = (page.locator(f'[data-question="u0.{id}"] [data-tool]') for id in ("photo", "story"))
    one.locator("[data-file]").set_input_files({"name": "n.txt", "mimeType": "text/plain", "buffer": b"words"})
    expect(one.locator("[data-told]")).to_contain_text("none of")
    one.locator("[data-file]").set_input_files({"name": "blue.png", "mimeType": "image/png", "buffer": picture()})
    expect(one.locator("[data-name]")).to_have_text("blue.png")
    expect(one.locator("[data-preview] img")).to_be_visible()
    _removed_while_sent(page, one)
    two.locator("[data-text]").fill("For sitting.")
    two.locator("[data-consent]").check()
    three = page.locator('[data-question="u0.voice"] [data-tool]')
    record = three.locator("[data-record]")
    record.click()
    record.click()  # while the browser still asks
    page.evaluate("grants.forEach((grant) => grant())")
    expect(record).to_have_text("Stop")
    assert page.evaluate("microphones.filter((one) => one.active).length") == 1
    begun = page.evaluate("performance.now()")
    until(lambda: page.evaluate("performance.now()") > begun + 700)
    record.click()
    expect(three.locator("[data-preview] audio")).to_be_visible()
    three.locator("[data-consent]").check()
    page.locator("[data-submit]").click()
    expect(page.get_by_text("Without your consent it cannot be taken").last).to_be_visible()
    axe(page)
    shot(page, "tool-contribution")
    expect(page.locator("span[data-saved]")).to_have_text("saved")
    page.reload()
    page.locator("#task[data-ready]").wait_for()
    expect(one.locator("[data-preview] img")).to_be_visible()
    one.locator("[data-consent]").check()
    page.locator("[data-submit]").focus()

    said = submitted(page)
    kept = Contribution.objects.get(question="photo")
    spoken = Contribution.objects.get(question="voice").media
    assert (said["voice"]["file"], spoken.content_type) == (spoken.pk, "audio/webm")
    assert 0.3 < (spoken.seconds or 0) < 600
    agreed = {word: terms[word] for word in ("consent", "licence")}
    assert said["story"] == {"text": "For sitting."} | agreed
    assert said["photo"] == {"file": kept.media_id, "name": "blue.png", "sha256": kept.sha256} | agreed
    assert kept.answered_at is not None


def _removed_while_sent(page: Page, tool: Locator) -> None:
    """What was removed while a further file is on its way does not come back with it."""
    names = ("blue.png", "other.png")
    blue, other = (FilePayload(name=name, mimeType="image/png", buffer=picture()) for name in names)
    address = f"**{tool.get_attribute('data-bring')}"
    page.route(address, lambda _route: None)  # it never arrives
    with page.expect_request(address):
        tool.locator("[data-file]").set_input_files(other)
    with page.expect_event("requestfailed", timeout=60_000):
        tool.locator("[data-remove]").click()
    expect(tool.locator("[data-kept]")).to_be_hidden()
    page.unroute(address)
    tool.locator("[data-file]").set_input_files(blue)
    expect(tool.locator("[data-name]")).to_have_text("blue.png")
