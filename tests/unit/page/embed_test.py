#!/usr/bin/env python3
"""What the build refuses in a template, each for its reason; and what it takes."""

import pathlib
import subprocess
import sys
import tempfile

EMBED = pathlib.Path(__file__).resolve().parents[3] / "scripts" / "embed.py"
GOOD = [
    '<p title="{{text}}">{{text}} {{t.known}}</p>', '<a href="{{text}}">x</a>', '<img alt="" src="{{text}}">',
    '<link rel="stylesheet" href="{{asset.a.css}}">', '{{?text}}<b>{{text}}</b>{{/text}}{{!text}}none{{/text}}',
    '<script src="{{asset.a.js}}"></script>', '<html lang="{{lang}}">', '<main data-path="/x/{{text}}">',
]
BAD = {
    "script of its own": "<script>var a = 1;</script>",
    "a place in script": "<script>{{text}}</script>",
    "style of its own": "<style>a { b: c }</style>",
    "a value without quotes": "<p title={{text}}>",
    "a value in single quotes": "<p title='{{text}}'>",
    "a name of an attribute": "<p {{text}}>",
    "an attribute that is script": '<p onclick="{{text}}">',
    "an attribute that is style": '<p style="{{text}}">',
    "part of an address": '<a href="javascript:{{text}}">',
    "an unknown word": "<p>{{t.unknown}}</p>",
    "an unknown file": '<img alt="" src="{{asset.b.png}}">',
    "an unknown kind of place": "<p>{{= text}}</p>",
    "a place that is not closed": "<p>{{text</p>",
}


def accepted(text):
    with tempfile.TemporaryDirectory() as directory:
        there = pathlib.Path(directory)
        (there / "words.def").write_text('WORD(known, "k", "k")\n')
        (there / "a.css").write_text("a{}")
        (there / "a.js").write_text("1")
        (there / "t.html").write_text(text)
        done = subprocess.run([sys.executable, EMBED, there / "words.def", there / "out.c", there / "a.css", there / "a.js", there / "t.html"],
                              stderr=subprocess.DEVNULL, check=False)
        return done.returncode == 0


cases = [(accepted(text), text) for text in GOOD] + [(not accepted(text), f"refused: {why}") for why, text in BAD.items()]
print(f"1..{len(cases)}")
for number, (ok, name) in enumerate(cases, 1):
    print(f"{'ok' if ok else 'not ok'} {number} - {name.replace('#', '')}")
