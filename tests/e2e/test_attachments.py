"""Wang photographs her blood test for Dr Zhao: the blurred picture is noticed, the sharp one is read."""

import io
import random
import re
from pathlib import Path

from PIL import Image, ImageDraw, ImageFilter
from playwright.sync_api import FilePayload, Page, expect

from tests.consult import pictures
from tests.e2e.conftest import Enter
from tests.e2e.screen import shoot, sideways, violations
from tests.e2e.test_story import asks, said


def report(blur: float = 0) -> bytes:
    """A page of print as a telephone photographs it, held upright: its sensor lies on its side."""
    page = Image.new("RGB", (1800, 2400), (232, 228, 220))
    draw, luck = ImageDraw.Draw(page), random.Random(5)
    for row in range(60):
        draw.text(
            (160, 160 + 34 * row),
            f"WBC {luck.random() * 9:.2f}  HGB {luck.randint(90, 160)}  PLT {luck.randint(90, 400)}",
            fill=(30, 30, 40),
            font_size=30,
        )
    taken = page.filter(ImageFilter.GaussianBlur(blur)) if blur else page
    exif = Image.Exif()
    exif[0x0112] = 6
    out = io.BytesIO()
    taken.transpose(Image.Transpose.ROTATE_90).save(out, "JPEG", quality=88, exif=exif)
    return out.getvalue()


def file(name: str, content: bytes) -> FilePayload:
    return {"name": name, "mimeType": "application/pdf" if name.endswith("pdf") else "image/jpeg", "buffer": content}


def test_a_photo_goes_from_the_phone_to_the_doctor(enter: Enter, shots: Path | None) -> None:
    wang, zhao = enter("wang"), enter("zhao", "en")
    asks(wang, "化验单拍给您看看", lambda _page, _name: None)
    photographs(wang, shots)
    zhao.get_by_test_id("d.queue.row").filter(has_text="化验单拍给您").click()
    zhao.get_by_test_id("d.conv.claim").click()
    reads(zhao, shots)
    answers_with_a_document(zhao, wang, shots)


def photographs(wang: Page, shots: Path | None) -> None:
    wang.get_by_test_id("p.chat.more").click()
    shoot(wang, shots, "attach-sources")
    with wang.expect_file_chooser() as chooser:
        wang.get_by_test_id("p.chat.source.camera").click()
    chooser.value.set_files([file("IMG_1.jpg", report(blur=9))])
    expect(wang.get_by_test_id("x.blur")).to_be_visible()
    shoot(wang, shots, "attach-blurred")
    with wang.expect_file_chooser() as again:
        wang.get_by_test_id("x.blur.retake").click()
    again.value.set_files([file("IMG_2.jpg", report())])
    expect(wang.get_by_test_id("p.chat.chosen").locator("img")).to_have_count(1)
    expect(wang.get_by_test_id("x.blur")).to_have_count(0)
    wang.get_by_test_id("p.chat.composer").fill("今天早上抽的血")
    shoot(wang, shots, "attach-chosen")
    assert violations(wang) == []
    assert sideways(wang) == 0
    wang.get_by_test_id("p.chat.send").click()
    expect(wang.get_by_test_id("p.chat.chosen")).to_have_count(0)
    expect(said(wang, "今天早上抽的血").get_by_test_id("x.photo.image")).to_be_visible()
    shoot(wang, shots, "attach-sent")


def reads(zhao: Page, shots: Path | None) -> None:
    photo = said(zhao, "今天早上抽的血").get_by_test_id("x.photo.image")
    expect(photo).to_be_visible()
    box = photo.bounding_box()
    assert box is not None
    assert box["height"] > box["width"], "upright"
    shoot(zhao, shots, "attach-doctor")
    assert violations(zhao) == []
    photo.click()
    large = zhao.get_by_test_id("x.viewer.image")
    expect(large).to_be_visible()
    assert large.evaluate("image => image.decode().then(() => [image.naturalWidth, image.naturalHeight])") == [1800, 2400]
    zhao.get_by_test_id("x.viewer.in").click()
    zhao.get_by_test_id("x.viewer.rotate").click()
    shoot(zhao, shots, "attach-viewer")
    assert violations(zhao) == []
    zhao.keyboard.press("Escape")
    expect(zhao.get_by_test_id("x.viewer")).to_have_count(0)
    expect(zhao.get_by_test_id("d.conv")).to_be_visible()


def answers_with_a_document(zhao: Page, wang: Page, shots: Path | None) -> None:
    """And while she has no network, Wang sends another photo."""
    zhao.get_by_test_id("d.conv.input.file").set_input_files(file("用药说明.pdf", pictures.document(3)))
    expect(zhao.get_by_test_id("d.conv.chosen")).to_be_visible()
    shoot(zhao, shots, "attach-doctor-chosen")
    zhao.get_by_test_id("d.conv.send").click()
    paper = wang.get_by_test_id("x.paper")
    expect(paper).to_contain_text("用药说明.pdf")
    expect(paper).to_contain_text("3")
    expect(paper).to_have_attribute("target", "_blank")
    expect(paper).to_have_attribute("href", re.compile("/api/media/"))  # asked for once the paper is shown
    # Headless Chromium downloads documents instead of showing them: what the new tab would get is asked for here.
    given = wang.request.get(paper.get_attribute("href") or "")
    assert (given.status, given.headers["content-type"]) == (200, "application/pdf")
    assert given.body() == pictures.document(3)
    wang.context.set_offline(True)
    wang.get_by_test_id("p.chat.input.album").set_input_files(file("foot.jpg", report()))
    wang.get_by_test_id("p.chat.send").click()
    expect(wang.get_by_test_id("x.msg.outgoing")).to_be_visible()
    shoot(wang, shots, "attach-offline")
    wang.context.set_offline(False)
    expect(wang.get_by_test_id("x.photo.image")).to_have_count(2)
    expect(zhao.get_by_test_id("x.photo.image")).to_have_count(2)
    shoot(wang, shots, "attach-wang-end")
