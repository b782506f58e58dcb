"""The map of the course: which lesson needs which, as a picture with links and as a list."""

from collections.abc import Collection, Sequence
from html import escape

from docs.website.facts import Facts, plain
from islesedu.course.map import PARTS

_WIDTH, _HEIGHT, _GAP, _ROW = 170, 62, 22, 118
_TITLE = 18
"""Letters of a title that fit into one line of a box."""


def parts(lessons: Sequence[Facts]) -> dict[str, list[Facts]]:
    """Return the parts of the course that have lessons, with their lessons."""
    found = {
        part: [facts for facts in lessons if int(facts.number) in numbers]
        for part, numbers in PARTS.items()
    }
    return {part: own for part, own in found.items() if own}


def map_page(lessons: Sequence[Facts]) -> str:
    """Return the page of the map as Markdown."""
    leads = {
        facts.number: [other for other in lessons if facts.number in other.needs]
        for facts in lessons
    }
    lines = [
        "# Course map",
        "",
        "Every lesson says which lessons it needs. An arrow leads from a lesson to one that needs",
        "it, unless another path leads there, too. Start at any lesson whose needs you meet.",
        "",
        _frame(map_picture(lessons)),
        "",
    ]
    for part, own in parts(lessons).items():
        lines += [f"## {part}", ""]
        for facts in own:
            link = f"[{facts.lesson.title}](lessons/{facts.lesson.name}.ipynb)"
            lines.append(f"**{link}**: {facts.goal}")
            lines.append("")
            lines.append(f"- You need: {facts.you_need or 'nothing'}.")
            if leads[facts.number]:
                links = ", ".join(
                    f"[{other.number}](lessons/{other.lesson.name}.ipynb)"
                    for other in leads[facts.number]
                )
                lines.append(f"- Needed by: {links}.")
            time = f"{facts.minutes} minutes, of which " if facts.minutes else ""
            lines.append(f"- Time: {time}{facts.lesson.minutes:g} min of computing on two cores.")
            if facts.outcomes:
                lines.append("- You will be able to: " + "; ".join(facts.outcomes) + ".")
            lines.append("")
    return "\n".join(lines)


def _frame(picture: str) -> str:
    """Return a frame that scrolls by finger and by keys."""
    label = "Map of the course; the list below says the same"
    return f'<div class="map-frame" tabindex="0" role="region" aria-label="{label}">{picture}</div>'


def direct_needs(lessons: Sequence[Facts]) -> list[tuple[Facts, Facts]]:
    """Return pairs (needed, needing) without those that a path over others also connects."""
    known = {facts.number: facts for facts in lessons}
    before: dict[str, set[str]] = {}
    for facts in lessons:  # in the order of the course: what is needed comes first
        own = [number for number in facts.needs if number in known]
        before[facts.number] = set(own).union(*(before[number] for number in own))
    edges = []
    for facts in lessons:
        own = [number for number in facts.needs if number in known]
        for number in own:
            if not any(number in before[other] for other in own if other != number):
                edges.append((known[number], facts))
    return edges


def map_picture(lessons: Sequence[Facts]) -> str:
    """Return the map as SVG: a row a part, a box with a link a lesson."""
    rows = parts(lessons)
    place, bands = {}, []
    for row, (part, own) in enumerate(rows.items()):
        top = row * _ROW
        bands.append(f'<text class="map-part" x="0" y="{top + 11}">{escape(part)}</text>')
        for column, facts in enumerate(own):
            place[facts.number] = (column * (_WIDTH + _GAP), top + 26)
    width = max(2 * _WIDTH, *(x + _WIDTH + 2 for x, _ in place.values()))
    height = len(rows) * _ROW
    taken, starts = set(place.values()), []
    arrows = []
    for needed, needing in direct_needs(lessons):
        start, end = place[needed.number], place[needing.number]
        if end[1] - start[1] > _ROW and start not in starts:
            starts.append(start)
        lane = 5 * starts.index(start) if start in starts else 0
        arrows.append(_arrow(start, end, taken, lane))
    boxes = [_box(facts, *place[facts.number]) for facts in lessons if facts.number in place]
    head = (
        '<marker id="map-tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" '
        'orient="auto"><path d="M0 0 8 4 0 8z" class="map-tip"/></marker>'
    )
    return (
        f'<svg class="course-map" viewBox="-2 0 {width + 4} {height}" width="{width + 4}" '
        f'height="{height}" role="group" aria-label="Lessons and what they need">'
        f"<defs>{head}</defs>{''.join(arrows)}{''.join(bands)}{''.join(boxes)}</svg>"
    )


_Place = tuple[int, int]
"""Left and upper edge of a box."""


def _arrow(start: _Place, end: _Place, taken: Collection[_Place], lane: int) -> str:
    """Return a curve from the box of a lesson to that of one that needs it.

    Over several rows it runs between the boxes, not behind them: `taken` says where boxes lie, and
    `lane` shifts it, so that arrows from two lessons do not lie on each other.
    """
    (x0, y0), (x1, y1) = start, end
    if y0 == y1 and x1 - x0 == _WIDTH + _GAP:  # a neighbour
        path = f"M{x0 + _WIDTH} {y0 + _HEIGHT / 2} H{x1 - 1}"
    elif y0 == y1:  # further in the same row: over the boxes between
        a, b = x0 + _WIDTH * 0.7, x1 + _WIDTH * 0.3
        path = f"M{a} {y0} C{a} {y0 - 26} {b} {y0 - 26} {b} {y1 - 1}"
    elif y1 - y0 > _ROW:
        path = _around(start, end, taken, lane)
    else:
        a, b = x0 + _WIDTH / 2, x1 + _WIDTH / 2
        path = f"M{a} {y0 + _HEIGHT} C{a} {y0 + _HEIGHT + 44} {b} {y1 - 44} {b} {y1 - 1}"
    return f'<path class="map-arrow" marker-end="url(#map-tip)" d="{path}"/>'


def _around(start: _Place, end: _Place, taken: Collection[_Place], lane: int) -> str:
    """Return a path over several rows: down a free column or a gap, along the row above the end."""
    (x0, y0), (x1, y1) = start, end
    a, b = x0 + _WIDTH / 2 + lane, x1 + _WIDTH / 2 - lane
    free = not any((x0, y) in taken for y in range(y0 + _ROW, y1, _ROW))
    trunk = a if free else x0 + _WIDTH + 3 + 0.8 * lane
    points = [(a, y0 + _HEIGHT), (a, y0 + _HEIGHT + 14 + lane), (trunk, y0 + _HEIGHT + 14 + lane)]
    points += [(trunk, y1 - 46 + lane), (b, y1 - 46 + lane), (b, y1 - 1)]
    return _rounded([point for n, point in enumerate(points) if point not in points[:n]])


def _rounded(points: Sequence[tuple[float, float]], radius: float = 8) -> str:
    """Return a path along horizontal and vertical lines, with round corners."""
    path = f"M{points[0][0]:g} {points[0][1]:g}"
    for before, corner, after in zip(points, points[1:], points[2:], strict=False):
        (x0, y0), (x1, y1) = (_towards(corner, other, radius) for other in (before, after))
        path += f" L{x0:g} {y0:g} Q{corner[0]:g} {corner[1]:g} {x1:g} {y1:g}"
    return path + f" L{points[-1][0]:g} {points[-1][1]:g}"


def _towards(
    point: tuple[float, float], other: tuple[float, float], most: float
) -> tuple[float, float]:
    """Return the point that lies `most` towards another one, at most half-way."""
    length = abs(other[0] - point[0]) + abs(other[1] - point[1])
    part = min(most, length / 2) / length
    return point[0] + part * (other[0] - point[0]), point[1] + part * (other[1] - point[1])


def _box(facts: Facts, x: int, y: int) -> str:
    """Return the box of a lesson."""
    lines = _wrapped(plain(facts.short_title))
    first = y + _HEIGHT / 2 + 5 - 9 * (len(lines) - 1)
    spans = "".join(
        f'<tspan x="{x + 37}" y="{first + 18 * row:g}">{escape(line)}</tspan>'
        for row, line in enumerate(lines)
    )
    return (
        f'<a href="lessons/{facts.lesson.name}.html"><title>{escape(plain(facts.lesson.title))}'
        f'</title><rect x="{x}" y="{y}" width="{_WIDTH}" height="{_HEIGHT}" rx="6"/>'
        f'<text class="map-number" x="{x + 9}" y="{y + _HEIGHT / 2 + 6:g}">{facts.number}</text>'
        f"<text>{spans}</text></a>"
    )


def _wrapped(title: str) -> list[str]:
    """Return a title in at most three lines."""
    lines = [""]
    for word in title.split():
        if lines[-1] and len(lines[-1]) + 1 + len(word) > _TITLE - 4 and len(lines) < 3:
            lines.append("")
        lines[-1] = f"{lines[-1]} {word}".strip()
    return lines
