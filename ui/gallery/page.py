"""The page to browse the gallery by: one HTML file that needs nothing but the pictures beside it. It owns how findings
and pictures are laid out for a person; what they are comes from ``ui.gallery.run``.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from html import escape
from pathlib import Path
from typing import Any

_HEAD = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Gallery</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<style>
:root { color-scheme: light; font: 15px/1.45 "Noto Sans", "Noto Sans CJK SC", sans-serif; color: #14211f;
  background: #f5f3ee }
body { margin: 0 }
header { position: sticky; top: 0; z-index: 1; background: #fff; border-bottom: 1px solid #ddd9cf; padding: 14px 24px }
h1 { font-size: 20px; margin: 0 0 10px; display: inline-block; margin-right: 18px }
.count { color: #52625f } .count b { color: #7a4a00 }
form { display: flex; flex-wrap: wrap; gap: 10px 16px; align-items: center }
label { display: flex; gap: 6px; align-items: center; color: #52625f }
select, input[type=search] { font: inherit; padding: 5px 8px; border: 1px solid #ddd9cf; border-radius: 8px;
  background: #fff; color: inherit }
main { display: grid; grid-template-columns: repeat(auto-fill, minmax(var(--wide, 220px), 1fr)); gap: 20px;
  padding: 24px; align-items: start }
figure { margin: 0 }
figure a { display: block; border-radius: 12px; overflow: hidden; border: 1px solid #ddd9cf; background: #e4e0d7 }
figure img { display: block; width: 100%; height: auto }
figcaption { margin-top: 6px } figcaption small { color: #52625f; display: block }
.wrong a { border: 3px solid #b04a2f } .wrong ul { margin: 6px 0 0; padding-left: 18px; color: #8a3219 }
.sample { background: #fbf0dc; padding: 2px 6px; border-radius: 6px; color: #7a4a00 }
#more { grid-column: 1 / -1; text-align: center; padding: 20px }
button { font: inherit; padding: 8px 18px; border-radius: 10px; border: 1px solid #ddd9cf; background: #fff }
@media print { header { position: static } }
</style></head><body>
"""

_SCRIPT = """
const all = JSON.parse(document.getElementById('shown').textContent);
const form = document.forms[0], main = document.querySelector('main'), count = document.querySelector('.count');
const facets = ['language', 'size', 'contrast', 'orientation', 'reach', 'hand', 'voice', 'screen'];
const first = { language: 'zh', size: 'normal', contrast: 'normal', orientation: 'portrait', reach: 'full',
  hand: 'both', voice: 'none' };
for (const facet of facets) {
  const select = form.elements[facet];
  for (const value of [...new Set(all.map(one => one[facet]))]) select.add(new Option(value, value));
  const wanted = new URLSearchParams(location.hash.slice(1)).get(facet) ?? first[facet] ?? '';
  if ([...select.options].some(option => option.value === wanted)) select.value = wanted;
}
let found = [], drawn = 0;
function text(tag, words, parent) {
  const e = document.createElement(tag); e.textContent = words; parent.append(e); return e;
}
function more() {
  document.getElementById('more')?.remove();
  for (const one of found.slice(drawn, drawn + 120)) {
    const figure = document.createElement('figure');
    if (one.findings.length) figure.className = 'wrong';
    const link = document.createElement('a'); link.href = one.picture; link.target = '_blank';
    const image = document.createElement('img'); image.src = one.picture; image.loading = 'lazy'; image.alt = one.label;
    image.width = one.width; image.height = one.height;
    link.append(image); figure.append(link);
    const caption = document.createElement('figcaption'); figure.append(caption);
    text('span', one.label, caption);
    text('small', one.look, caption);
    if (one.sample) text('span', 'sample, not reviewed', caption).className = 'sample';
    if (one.findings.length) {
      const list = document.createElement('ul'); caption.append(list);
      for (const finding of one.findings) text('li', finding.rule + ': ' + finding.says, list);
    }
    main.append(figure);
  }
  drawn = Math.min(found.length, drawn + 120);
  if (drawn < found.length) {
    const place = document.createElement('div'); place.id = 'more'; main.append(place);
    const button = text('button', `${found.length - drawn} more`, place); button.onclick = more;
  }
}
function choose() {
  const only = form.elements.wrong.checked, words = form.elements.words.value.toLowerCase();
  found = all.filter(one => facets.every(f => form.elements[f].value === '' || one[f] === form.elements[f].value)
    && (!only || one.findings.length) && (one.label + ' ' + one.screen).toLowerCase().includes(words));
  const wrong = found.reduce((sum, one) => sum + one.findings.length, 0);
  count.innerHTML = `${found.length} of ${all.length} pictures, <b>${wrong}</b> findings`;
  location.hash = new URLSearchParams(facets.map(f => [f, form.elements[f].value])).toString();
  main.style.setProperty('--wide', form.elements.wide.value + 'px');
  main.replaceChildren(); drawn = 0; more();
}
form.addEventListener('input', choose); form.addEventListener('submit', event => event.preventDefault()); choose();
"""


def write_page(out: Path, shown: Sequence[dict[str, Any]], notes: Sequence[str]) -> Path:
    """``out/index.html`` over all that was shown (the dictionaries of ``ui.gallery.run.Shown``). Returns its path."""
    facets = ("language", "size", "contrast", "orientation", "reach", "hand", "voice", "screen")
    selects = "".join(
        f'<label>{facet} <select name="{facet}"><option value="">all</option></select></label>' for facet in facets
    )
    rules = Counter(finding["rule"] for one in shown for finding in one["findings"])
    told = "; ".join(f"{rule}: {count}" for rule, count in rules.most_common()) or "nothing to find fault with"
    # A closing tag within a text must not close the script element.
    data = json.dumps(list(shown), ensure_ascii=False).replace("</", "<\\/")
    page = "".join(
        (
            _HEAD,
            f'<header><h1>Gallery</h1> <span class="count"></span><form>{selects}',
            '<label>words <input type="search" name="words"></label>',
            '<label><input type="checkbox" name="wrong"> only findings</label>',
            '<label>width <input type="range" name="wide" min="120" max="700" value="220"></label></form>',
            f"<small>{escape(told)}{''.join(f' · {escape(note)}' for note in notes)}</small></header><main></main>",
            f'<script type="application/json" id="shown">{data}</script><script>{_SCRIPT}</script></body></html>\n',
        )
    )
    path = out / "index.html"
    path.write_text(page, "utf-8")
    return path
