"""Markdown to HTML, for the Markdown that this program writes itself (summary, findings, notes under tables).

Headings, paragraphs, bullet and numbered lists, pipe tables, fenced code, rules; bold, emphasis, code, underline and links in
the text. Everything else is shown as it stands, escaped: a reason taken from an error message cannot become markup.
"""

import re
from html import escape

_FENCE, _HEADING = re.compile(r"^```"), re.compile(r"^(#{1,6})\s+(.*?)\s*#*$")
_BULLET, _NUMBER = re.compile(r"^\s*[-*+]\s+(.*)$"), re.compile(r"^\s*\d+[.)]\s+(.*)$")
_RULER = re.compile(r"^\s*\|?\s*:?-{2,}:?\s*(\|\s*:?-{2,}:?\s*)*\|?\s*$")
_INLINE = re.compile(
    r"`(?P<code>[^`]+)`|\*\*(?P<bold>.+?)\*\*|<u>(?P<under>.+?)</u>|(?<![\w*])\*(?P<em>[^*\s][^*]*?)\*(?![\w*])"
    r"|\[(?P<text>[^\]]+)\]\((?P<target>[^)\s]+)\)"
)


def inline(text):
    """One line of text with its inline marks as HTML (str).

    Only links to https addresses stay links: a relative one has no target in a page that stands alone.
    """
    parts, end = [], 0
    for found in _INLINE.finditer(text):
        parts.append(escape(text[end : found.start()]))
        parts.append(_mark(found))
        end = found.end()
    return "".join([*parts, escape(text[end:])])


def _mark(found):
    if found["code"]:
        return f"<code>{escape(found['code'])}</code>"
    for name, tag in (("bold", "strong"), ("under", "u"), ("em", "em")):
        if found[name]:
            return f"<{tag}>{inline(found[name])}</{tag}>"
    if found["target"].startswith("https://"):
        return f'<a href="{escape(found["target"])}" rel="noreferrer">{inline(found["text"])}</a>'
    return inline(found["text"])


def render(text, shift=1):
    """A Markdown document as HTML.

    Parameters
    ----------
    text : str
    shift : int
        Levels that headings go down, so that they fit below the page's own.

    Returns
    -------
    str
        HTML elements; text escaped.
    """
    lines, out, place = text.splitlines(), [], 0
    while place < len(lines):
        line = lines[place]
        heading = _HEADING.match(line)
        if not line.strip():
            place += 1
        elif _FENCE.match(line):
            place = _fence(lines, place, out)
        elif heading:
            level = min(6, len(heading[1]) + shift)
            out.append(f"<h{level}>{inline(heading[2])}</h{level}>")
            place += 1
        elif "|" in line and place + 1 < len(lines) and _RULER.match(lines[place + 1]):
            place = _table(lines, place, out)
        elif _BULLET.match(line):
            place = _list(lines, place, out, _BULLET, "ul")
        elif _NUMBER.match(line):
            place = _list(lines, place, out, _NUMBER, "ol")
        else:
            place = _paragraph(lines, place, out)
    return "\n".join(out)


def _fence(lines, place, out):
    stop = next((k for k in range(place + 1, len(lines)) if _FENCE.match(lines[k])), len(lines))
    out.append("<pre><code>" + escape("\n".join(lines[place + 1 : stop])) + "</code></pre>")
    return stop + 1


def _cells(line):
    return [
        cell.strip().replace("\\|", "|")
        for cell in re.split(r"(?<!\\)\|", line.strip().removeprefix("|").removesuffix("|"))
    ]


def _table(lines, place, out):
    head = _cells(lines[place])
    right = [cell.endswith(":") for cell in _cells(lines[place + 1])]

    def row(cells, tag):
        parts = []
        for number, cell in enumerate(cells):
            number_like = ' class="number"' if number < len(right) and right[number] else ""
            parts.append(f"<{tag}{number_like}>{inline(cell)}</{tag}>")
        return "<tr>" + "".join(parts) + "</tr>"

    out.append('<div class="scroll"><table><thead>' + row(head, "th") + "</thead><tbody>")
    place += 2
    while place < len(lines) and "|" in lines[place] and lines[place].strip():
        out.append(row(_cells(lines[place]), "td"))
        place += 1
    out.append("</tbody></table></div>")
    return place


def _list(lines, place, out, pattern, tag):
    out.append(f"<{tag}>")
    while place < len(lines) and pattern.match(lines[place]):
        item = pattern.match(lines[place])[1]
        place += 1
        # An indented line goes on with the item.
        while place < len(lines) and lines[place].startswith("  ") and not pattern.match(lines[place]):
            item += " " + lines[place].strip()
            place += 1
        out.append(f"<li>{inline(item)}</li>")
    out.append(f"</{tag}>")
    return place


def _paragraph(lines, place, out):
    text = [lines[place].strip()]
    place += 1
    while place < len(lines) and lines[place].strip() and not re.match(r"^(#|```|\s*[-*+]\s|\s*\|)", lines[place]):
        text.append(lines[place].strip())
        place += 1
    out.append(f"<p>{inline(' '.join(text))}</p>")
    return place
