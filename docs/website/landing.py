"""The first page: what the course is, two live widgets, ways to start, a card a lesson."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from jinja2 import Environment, FileSystemLoader

from docs.website.course_map import parts
from docs.website.facts import Facts, plain
from docs.website.pictures import THUMBNAIL
from islesedu.convolution import kernels
from islesedu.course.folders import data_folder
from islesedu.isles import find_cases, read_case
from islesedu.widgets import ConvolutionStepper, SliceBrowser

_SLIDE = [
    [1, 2, 4, 1, 0, 2],
    [0, 1, 0, 0, 1, 1],
    [1, 0, 3, 2, 3, 0],
    [4, 3, 4, 1, 0, 1],
    [2, 4, 1, 1, 2, 0],
    [4, 2, 5, 2, 6, 4],
]
"""The image of the talk's example."""


def stepper_html() -> str:
    """Return the talk's convolution as a widget that needs no kernel."""
    data, _ = ConvolutionStepper(_SLIDE, kernels.SHARPEN)._repr_mimebundle_()
    return data["text/html"]


def browser_html() -> str:
    """Return the sample patient in a slice browser that needs no kernel."""
    return SliceBrowser(read_case(find_cases(data_folder("sample"))[0])).to_html()


def landing_page(
    lessons: Sequence[Facts],
    contents: Mapping[str, Sequence[str]],
    teach: str,
    lab: bool,
    source: Path,
) -> str:
    """Return the landing page as Markdown.

    Parameters
    ----------
    lessons : sequence of Facts
        Those that have a page.
    contents : mapping of str to sequence of str
        Pages of the site by caption, in the order of the navigation.
    teach : str
        The page for instructors, such as "more/instructors".
    lab : bool
        Whether the V-Net in the page was built.
    source : Path
        Source folder; cards show the pictures that lie there.
    """
    by_number = {facts.number: facts for facts in lessons}
    cards = (source / "files" / "pictures").glob("*-card.webp")
    templates = FileSystemLoader(Path(__file__).with_name("templates"))
    environment = Environment(
        loader=templates, autoescape=True, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters["plain"] = plain
    return environment.get_template("index.md").render(
        lessons=lessons,
        first=by_number.get("01", lessons[0]),
        convolve=by_number.get("01"),
        meet=by_number.get("06"),
        parts=parts(lessons),
        pictures={card.name.removesuffix("-card.webp") for card in cards},
        size=THUMBNAIL,
        stepper=stepper_html(),
        browser=browser_html(),
        contents=contents,
        teach=teach,
        lab=lab,
    )
