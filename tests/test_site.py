"""The site and the hand-outs: they need no network, and the glossary is complete."""

import re
import shutil

import nbformat
import pytest

import notebook_files
import pages
from browser_tools import CHROMIUM, SCREENSHOTS, assert_alone, assert_shown
from conftest import REPO

# Of packages that Sphinx uses, about each other.
pytestmark = pytest.mark.filterwarnings("ignore:.*is deprecated")

GLOSSARY = (REPO / "docs" / "glossary.md").read_text(encoding="utf-8")
# The notebooks, as one text without code.
PROSE = "\n".join(
    cell.source
    for path in notebook_files.numbered_notebooks(REPO)
    for cell in nbformat.read(path, as_version=4).cells
    if cell.cell_type == "markdown"
)
# In bold in a notebook, to be heard and not to be looked up.
ONLY_EMPHASIS = {
    *("a", "b", "c", "d", "all", "added", "against", "centre", "compared with what?"),
    *("decide nothing", "differences", "does", "exact", "has a pitch", "high", "low"),
    *("how good it is", "listeners", "neutral", "nothing", "other", "other actors"),
    *("random", "resample", "score", "scores", "soft", "stops", "stand-in voices"),
    *("the explanation", "the network", "the same", "these actors", "they tell us"),
    *("prohibited", "saturate", "you", "leakage is silent", "hides something"),
    *("shuffled", "usual level", "regions", "network", "number of samples"),
    *("shuffled labels", "leak", "unusual features", "the leak", "answer", "four"),
    *("actor", "actors", "all twenty", "altered copies", "cues", "draws", "mean"),
    *("kept together", "next four", "no upper bound", "not", "one", "plain", "sum"),
    *("recording", "repetitions", "same acted emotion", "sentences", "test", "twenty"),
    *("watch", "file name", "shuffle", "speed", "noise", "sparser", "four recordings"),
    *("eight measures", "the whistle leads", "level and colour", "one emotion only"),
    *("peak ratio", "loudness", "first resonance", "every feature"),
    *("in both directions",),
    *("by row", "by recording", "by actor", "what it listened to", "which ones"),
}


def entries() -> set[str]:
    """The glossary's terms, and the other names that stand before the colon."""
    heads = re.findall(r"^\* (\*\*.+?)(?=: )", GLOSSARY, re.MULTILINE)
    names = {name.strip("* ") for head in heads for name in head.split(",")}
    return names


def test_glossary_is_in_order_and_says_something():
    terms = re.findall(r"^\* \*\*(.+?)\*\*", GLOSSARY, re.MULTILINE)
    assert len(terms) > 60
    assert terms == sorted(terms, key=str.lower)
    assert len(set(terms)) == len(terms)
    for text in re.findall(r"^\* \*\*.+?(?=^\*|^#|\Z)", GLOSSARY, re.M | re.S):
        assert len(text.split()) > 6, text
        assert re.search(r"\(\d\)", text) or "called" in text, f"which notebook? {text}"


def test_glossary_has_the_terms_in_bold():
    """A word or two in bold and in lower case is a term, or listed above."""
    prose = re.sub(r"```.*?```|<summary>.*?</summary>", "", PROSE, flags=re.DOTALL)
    bold = set(re.findall(r"\*\*([a-z][a-z -]*?)\*\*", prose))
    terms = {term for term in bold if len(term.split()) <= 3} - ONLY_EMPHASIS
    known = {name.lower() for name in entries()}
    missing = {term for term in terms if not {term, term.removesuffix("s")} & known}
    missing -= {term for term in missing if term + "s" in known}
    assert not missing, "define in docs/glossary.md, or list in this test"


def test_glossary_has_no_term_that_no_notebook_uses():
    prose = PROSE.lower()
    for head in re.findall(r"^\* (\*\*.+?)(?=: )", GLOSSARY, re.MULTILINE):
        names = [name.strip("* ").lower() for name in head.split(",")]
        stems = [name.removesuffix("s").replace(" version", "") for name in names]
        assert any(stem in prose for stem in stems), head


# --- built -------------------------------------------------------------------------


@pytest.fixture(scope="module")
def site(course_copy):
    """The site of a copy of the course, built from the committed notebooks."""
    import build_site

    root = course_copy("site")
    return build_site.build_site(root).parent


INDEX = (REPO / "docs" / "index.md").read_text(encoding="utf-8")
PAGES = ["index", *re.findall(r"^(docs/\w+)$", INDEX, re.MULTILINE)]
PAGES += [f"notebooks/{x.stem}" for x in notebook_files.numbered_notebooks(REPO)]


@pytest.mark.parametrize("name", PAGES)
def test_page_of_the_site(name, site, page):
    page.set_viewport_size({"width": 1300, "height": 1000})
    page.goto((site / f"{name}.html").as_uri())
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=SCREENSHOTS / f"site_{name.replace('/', '_')}.png")
    assert page.locator("h1").count() == 1
    wide = page.evaluate("document.documentElement.scrollWidth > innerWidth")
    assert not wide, "the page is wider than the window"
    pictures = page.locator("article img")
    widths = pictures.evaluate_all("all => all.map(e => e.naturalWidth)")
    assert all(widths)
    text = page.locator("article").inner_text()
    assert "$" not in re.sub(r"\$\(|\$\{", "", text), "a formula was not converted"
    if name.startswith("notebooks/"):
        assert "Traceback (most recent call last)" not in text
        assert page.locator(".alert").count() > 3
        for summary in page.locator("details > summary").all()[:3]:
            summary.focus()
            page.keyboard.press("Enter")
            assert summary.evaluate("e => e.parentElement.open")
    assert_alone(page)


def test_first_page_shows_the_course(site, page):
    page.goto((site / "index.html").as_uri())
    players = page.locator("article audio")
    assert players.count() == 2
    assert_shown(page, page.locator("article img"), players)
    results = page.locator("#the-result-in-five-lines li")
    assert results.count() == 5
    for shown in results.all_inner_texts():
        assert re.search(r"\d", shown)
    assert page.get_by_text("PLoS ONE").count() == 1


def test_links_of_the_site_lead_somewhere(site):
    broken = []
    for file in site.rglob("*.html"):
        for link in re.findall(r'href="([^"#:]+\.html)', file.read_text("utf-8")):
            if not (file.parent / link).is_file():
                broken.append(f"{file.relative_to(site)}: {link}")
    assert not broken


@pytest.mark.browser
@pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium to print")
def test_handouts(course_copy):
    """Of one notebook: the first, cut short, since printing is the same for all."""
    import build_site

    root = course_copy("handouts")
    first, *others = notebook_files.numbered_notebooks(root)
    for path in others:
        path.unlink()
    shutil.rmtree(root / "build", ignore_errors=True)
    (printed,) = build_site.print_handouts(root)
    assert printed.name == f"{first.stem}.pdf"
    content = printed.read_bytes()
    assert content.startswith(b"%PDF")
    assert len(re.findall(rb"/Type\s*/Page\b", content)) >= 10


def test_handouts_without_chromium(monkeypatch, capsys, tmp_path):
    import build_site

    monkeypatch.setattr(shutil, "which", lambda name: None)
    assert build_site.print_handouts(tmp_path) == []
    assert "Chromium, which is not here" in capsys.readouterr().out


def test_outputs_of_the_last_run_are_shown(course_copy):
    """With the sound that `make run` left, unless the code was changed since."""
    root = course_copy("newest")
    path = notebook_files.numbered_notebooks(root)[0]
    committed = nbformat.read(path, as_version=4)
    assert notebook_files.newest(path, root) == committed
    executed = root / "build" / "executed" / path.name
    executed.parent.mkdir(parents=True)
    copy = nbformat.read(path, as_version=4)
    copy.cells[0].source = "# Prose of yesterday"
    sound = nbformat.v4.new_output("stream", text="as it ran here")
    notebook_files.code_cells(copy)[0].outputs = [sound]
    nbformat.write(copy, executed)
    shown = notebook_files.newest(path, root)
    assert notebook_files.code_cells(shown)[0].outputs == [sound]
    assert shown.cells[0] == committed.cells[0]
    notebook_files.code_cells(copy)[1].source += "\n1"
    nbformat.write(copy, executed)
    assert notebook_files.newest(path, root) == committed


@pytest.mark.parametrize(
    "path", notebook_files.numbered_notebooks(REPO), ids=lambda path: path.stem
)
def test_boxes_and_folded_answers_of_a_page_hold_their_text(path):
    """A box is HTML around markdown: what reads the one must not break the other."""
    text = pages.page(nbformat.read(path, as_version=4), path)
    assert not re.search(r'<div class="alert[^>]*>\s*</div>', text)
    folded = re.findall(r"<details[^>]*>(.*?)</details>", text, re.DOTALL)
    assert folded
    for inside in folded:
        answer = re.sub(r"<summary>.*?</summary>", "", inside, flags=re.DOTALL)
        assert re.sub(r"<[^>]*>", "", answer).strip()
