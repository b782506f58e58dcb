"""Build the site: ``python -m docs.website``, which `make site` calls."""

import argparse
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from docs.website import documents, reference
from docs.website.course_map import map_page, parts
from docs.website.facts import Facts, facts_of
from docs.website.glossary import Glossary
from docs.website.landing import landing_page
from docs.website.notebooks import is_current, prepare_lesson
from islesedu.course.lessons import Lesson, choose, list_lessons
from islesedu.course.runner import run_lessons, table

ROOT = Path(__file__).resolve().parents[2]
TEACHING = ["instructors", "assessment", "slips", "slips_by_exercise"]
RESEARCH = ["your_own_data", "slice_browser", "compare", "cluster", "gpu", "phantom", "data"]
MEASURED = ["results", "performance", "robustness", "measurements"]
"""Documents by the part of the navigation in which they stand; others follow under "About"."""

_ICON_SCRIPT = re.compile(
    r'<script[^>]*src="[^"]*fontawesome\.js[^"]*"[^>]*></script>|<link[^>]*fontawesome\.js[^>]*>'
)


_NAME = re.compile(r'(?<=<span class="pre">)[^<]{17,}(?=</span>)')
_OPTION = re.compile(r'<span class="pre">(?=-[^<]{1,23}</span>)')
_JOINT = re.compile(r"(?<=\w)(?:/|_|\.|::|=)(?=\w)")
_PICTURE = re.compile(r'<p>(<img [^>]*src="(?!data:)([^"]+)"[^>]*>)</p>')


def main(arguments: Sequence[str] | None = None) -> int:
    """Build the site; return 1 if a lesson or Sphinx failed."""
    options = _parser().parse_args(arguments)
    lessons = choose(list_lessons(options.notebooks), options.names)
    began = time.monotonic()
    if not options.no_run and not _run_missing(lessons, options.lessons):
        return 1
    there = [one for one in lessons if (options.lessons / f"{one.name}.ipynb").is_file()]
    if not there:
        print(f"{options.lessons} holds no executed lesson; leave out --no-run", file=sys.stderr)
        return 1
    source = options.output.with_name(f"{options.output.name}-source")
    write_source([facts_of(lesson) for lesson in there], options.lessons, source, options.lab)
    status = _sphinx(source, options.output)
    if status == 0:
        print(
            f"{len(there)} of {len(lessons)} lessons, {time.monotonic() - began:.0f} s: open "
            f"{options.output / 'index.html'}"
        )
    return status


def _parser() -> argparse.ArgumentParser:
    """Return the options of the command."""
    parser = argparse.ArgumentParser("docs.website", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help="lessons; none means all")
    parser.add_argument(
        "--lessons", type=Path, default=ROOT / "build" / "lessons", help="executed lessons"
    )
    parser.add_argument(
        "--notebooks", type=Path, default=ROOT / "notebooks", help="folder of the lessons"
    )
    parser.add_argument("--output", type=Path, default=ROOT / "build" / "site", help="the site")
    parser.add_argument(
        "--lab", type=Path, default=ROOT / "build" / "lab", help="bundle of the V-Net in the page"
    )
    parser.add_argument(
        "--no-run", action="store_true", help="take executed lessons as they are; run none"
    )
    return parser


def _run_missing(lessons: Sequence[Lesson], folder: Path) -> bool:
    """Run lessons that are missing or were edited since; tell whether all went well."""
    missing = [one for one in lessons if not is_current(folder / f"{one.name}.ipynb", one.file)]
    if not missing:
        return True
    print(f"running {', '.join(lesson.name for lesson in missing)}")
    jobs = run_lessons(missing, {lesson.name: {} for lesson in missing}, folder)
    print(table(jobs))
    return all(job.state == "ok" for job in jobs)


def write_source(lessons: Sequence[Facts], executed: Path, source: Path, lab: Path) -> None:
    """Write the source folder of the site: notebooks and Markdown, which Sphinx reads.

    Parameters
    ----------
    lessons : sequence of Facts
        Those that were executed.
    executed : Path
        Folder of the executed notebooks.
    source : Path
        Folder to write; what was there is removed.
    lab : Path
        Folder of the page that `islesedu network-lab` writes.
    """
    shutil.rmtree(source, ignore_errors=True)
    source.mkdir(parents=True)
    names = {facts.number: facts.lesson.name for facts in lessons}
    glossary = Glossary(lessons, ROOT / "docs" / "glossary.toml")
    for facts in lessons:
        file = executed / f"{facts.lesson.name}.ipynb"
        prepare_lesson(file, facts, source, names.values(), glossary.link)
    pages = documents.page_names(ROOT, names)
    more = [page.removeprefix("more/") for page in documents.write_documents(ROOT, source, pages)]
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    texts = {"slides": _slides(readme), "start": f"# Start\n\n{documents.section(readme, 'Start')}"}
    for name, text in texts.items():
        text = documents.relink(text, ROOT / "README.md", name, pages, source)
        (source / f"{name}.md").write_text(text + "\n", encoding="utf-8")
    (source / "glossary.md").write_text(glossary.page(names), encoding="utf-8")
    (source / "map.md").write_text(map_page(lessons), encoding="utf-8")
    has_lab = write_lab(lab, source)
    teach = next(page for page in TEACHING if page in more)
    contents = _contents(lessons, more, has_lab)
    text = landing_page(lessons, contents, f"more/{teach}", has_lab, source)
    (source / "index.md").write_text(text, encoding="utf-8")
    # The last, because it leaves modules behind whose Keras is a stand-in.
    reference.write_reference(ROOT / "islesedu", source / "reference")


_LAB = """# Question a network

{introduction}

It loads about 15 MB once and sends nothing.

<p><a class="button primary" href="lab/index.html">Open it in a page of its own</a></p>

<iframe class="lab" src="lab/index.html" loading="lazy" title="The V-Net in a page"></iframe>
"""
"""The page of the V-Net; what runs in the frame is a page with a security policy of its own, which
leaves its introduction to this one."""
_INTRODUCTION = re.compile(r'<p class="isl-intro">.*?</p>', re.DOTALL)


def write_lab(lab: Path, source: Path) -> bool:
    """Write the page of the V-Net, if its bundle was built; say so if not.

    Parameters
    ----------
    lab : Path
        Folder of the page that `islesedu network-lab` writes; it becomes ``lab/`` of the site.
    source : Path
        Source folder of the site.
    """
    if not (lab / "index.html").is_file():
        print(f"without the V-Net in the page: {lab} has not been built (make lab-page)")
        return False
    shutil.copytree(lab, source / "files" / "lab")
    page = (lab / "index.html").read_text(encoding="utf-8")
    introduction = "\n\n".join(_INTRODUCTION.findall(page))
    (source / "lab.md").write_text(_LAB.format(introduction=introduction), encoding="utf-8")
    return True


def _slides(readme: str) -> str:
    """Return the page that says which lesson a slide has; numbers of lessons become links."""
    table_text = documents.section(readme, "Slides, lessons, rooms")
    lines = []
    for line in table_text.splitlines():
        cells = line.split("|")
        if line.startswith("| ") and len(cells) == 5:
            numbers = [part.strip() for part in cells[2].split(",")]
            links = [_lesson_link(number) for number in numbers]
            line = "|".join([*cells[:2], f" {', '.join(links)} ", *cells[3:]])
        lines.append(line)
    return "# Slides, lessons, rooms\n\n" + "\n".join(lines)


def _lesson_link(number: str) -> str:
    """Return a link, as README writes it, to the lesson with a number; else the text itself."""
    found = sorted((ROOT / "notebooks").glob(f"{number}_*.ipynb")) if number.isdigit() else []
    return f"[{number}](notebooks/{found[0].name})" if found else number


def _contents(lessons: Sequence[Facts], more: Sequence[str], lab: bool) -> dict[str, list[str]]:
    """Return the pages by the captions of the navigation."""
    groups = {
        "The course": ["start", "map", *(["lab"] if lab else []), "glossary", "slides"],
        **{
            part: [f"lessons/{facts.lesson.name}" for facts in own]
            for part, own in parts(lessons).items()
        },
        "Teach": [f"more/{name}" for name in TEACHING if name in more],
        "Your own data and machines": [f"more/{name}" for name in RESEARCH if name in more],
        "What was measured": [f"more/{name}" for name in MEASURED if name in more],
        "Package": ["reference/index"],
    }
    placed = {page for group in groups.values() for page in group}
    groups["About"] = [f"more/{name}" for name in more if f"more/{name}" not in placed]
    return {caption: pages for caption, pages in groups.items() if pages}


def _sphinx(source: Path, output: Path) -> int:
    """Run Sphinx; return its exit status."""
    shutil.rmtree(output, ignore_errors=True)
    command = [sys.executable, "-m", "sphinx", "-b", "html", "-q", "-j", "2"]
    command += ["-c", str(Path(__file__).parent), "-d", str(source / ".doctrees")]
    command += ["-D", f"html_extra_path={source / 'files'}", str(source), str(output)]
    status = subprocess.run(command, cwd=ROOT).returncode
    if status == 0:
        _lighten(output)
    return status


def _lighten(site: Path) -> None:
    """Remove what pages load in vain: a script of 1.6 MB that draws icons which a font has, too.

    Templates of the theme, which it leaves among its files, go as well. Long names in code get
    places to break at, options none, and pictures of documents lead to their file, which a phone
    enlarges.
    """
    for file in site.rglob("*.html"):
        text = _ICON_SCRIPT.sub("", file.read_text(encoding="utf-8"))
        text = _OPTION.sub('<span class="pre option">', text)
        text = _NAME.sub(lambda found: _JOINT.sub(r"\g<0><wbr>", found[0]), text)
        text = _PICTURE.sub(r'<p><a class="picture" href="\2">\1</a></p>', text)
        file.write_text(text, encoding="utf-8")
    leftovers = [*site.rglob("*.map"), *site.rglob("fontawesome.js*"), site / ".buildinfo"]
    leftovers += (site / "_static").rglob("*macros.html")
    for file in leftovers:
        file.unlink(missing_ok=True)


if __name__ == "__main__":
    sys.exit(main())
