"""The headings of a text in Markdown, with the words below each."""

import re

heading = re.compile(r" {0,3}(#{1,6})(?:[ \t]+(.*?))?[ \t]*#*[ \t]*")
fence = re.compile(r" {0,3}(`{3,}|~{3,})")
word = re.compile(r"\w+")


def sections_of(text):
    """What stands before the first heading is a section of level 0 without a title. Headings inside fenced code are none."""
    sections = [{"level": 0, "title": "", "line": 1, "words": 0}]
    inside = ""
    for number, line in enumerate(text.splitlines(), 1):
        mark = fence.match(line)
        found = None if inside else heading.fullmatch(line)
        if mark and not inside:
            inside = mark[1]
        elif mark and mark[1].startswith(inside):
            inside = ""
        elif found:
            sections.append({"level": len(found[1]), "title": (found[2] or "").strip(), "line": number, "words": 0})
            continue
        sections[-1]["words"] += len(word.findall(line))
    first, *rest = sections
    return sections if first["words"] > 0 else rest
