/**
 * The page that a report is: one file in which nothing is loaded from anywhere, and in which no script runs but the one
 * that it names by its hash.
 */
import { createHash } from 'node:crypto';
import { PAGE_SCRIPT } from './page_script.js';

/** Text as HTML, in content and in quoted attributes. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

const SCRIPT_HASH = `sha256-${createHash('sha256').update(PAGE_SCRIPT).digest('base64')}`;

export interface Section {
  /** For links to it: letters, digits and dashes. */
  readonly id: string;
  readonly title: string;
  /** HTML. */
  readonly body: string;
}

/** A whole document with a list of its sections. Light or dark, as the reader's system has it. */
export function page(title: string, lead: string, sections: readonly Section[]): string {
  const links = sections.map(({ id, title: name }) => `<li><a href="#${id}">${escapeHtml(name)}</a></li>`);
  const bodies = sections.map(
    ({ id, title: name, body }) =>
      `<section id="${id}" aria-labelledby="${id}-title">\n<h2 id="${id}-title">${escapeHtml(name)}</h2>\n${body}\n</section>`,
  );
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src '${SCRIPT_HASH}'">
<title>${escapeHtml(title)}</title>
<link rel="icon" href="data:,">
<style>${STYLE}</style>
</head>
<body>
<header>
<h1>${escapeHtml(title)}</h1>
${lead}
<nav aria-label="Sections"><ul>${links.join('')}</ul></nav>
</header>
<main>
${bodies.join('\n')}
</main>
<script>${PAGE_SCRIPT}</script>
</body>
</html>
`;
}

/** A paragraph of plain text. */
export function paragraph(text: string): string {
  return `<p>${escapeHtml(text)}</p>`;
}

/** A chart with what it shows in words, for those who do not see it. */
export function figure(svg: string, caption: string): string {
  return `<figure><div class="chart" role="img" aria-label="${escapeHtml(caption)}">${svg}</div><figcaption>${escapeHtml(caption)}</figcaption></figure>`;
}

/** Folded away until it is asked for. */
export function details(summary: string, body: string): string {
  return `<details><summary>${escapeHtml(summary)}</summary>\n${body}\n</details>`;
}

const STYLE = `
:root { color-scheme: light dark; --ink: #1c2024; --soft: #5b6470; --paper: #fff; --line: #d9dee4; --tint: #f4f6f8; --accent: #0b62b5; --share: 11 98 181; --good: #1d7a4a; --bad: #b03a12; }
@media (prefers-color-scheme: dark) { :root { --ink: #e8eaed; --soft: #a4adb8; --paper: #15181c; --line: #363c44; --tint: #1e2329; --accent: #7ab8ff; --share: 90 165 255; --good: #5fd896; --bad: #ff9b73; } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 76rem; padding: 1.5rem; font: 1rem/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper); }
h1 { margin: 0 0 .5rem; font-size: 1.7rem; } h2 { margin: 2.5rem 0 .5rem; font-size: 1.3rem; border-bottom: 1px solid var(--line); } h3 { margin: 1.5rem 0 .5rem; font-size: 1.05rem; }
p { max-width: 46rem; } a { color: var(--accent); } nav ul { display: flex; flex-wrap: wrap; gap: .25rem 1.25rem; padding: 0; list-style: none; }
.scroll { overflow-x: auto; } .scroll:focus-visible { outline: 2px solid var(--accent); }
table { border-collapse: collapse; font-size: .9rem; font-variant-numeric: tabular-nums; }
caption { text-align: left; color: var(--soft); padding: .25rem 0; } th, td { padding: .25rem .5rem; border-bottom: 1px solid var(--line); text-align: right; white-space: nowrap; }
th[scope=row] { max-width: 20rem; overflow: hidden; text-overflow: ellipsis; } th[scope=row], th:first-child, .words { text-align: left; } thead th { background: var(--tint); } td[style] { background: rgb(var(--share) / var(--part)); }
figure { margin: 1rem 0; } figcaption { color: var(--soft); font-size: .9rem; max-width: 46rem; } .chart { overflow-x: auto; } .chart svg { max-width: 100%; height: auto; }
.row { display: flex; flex-wrap: wrap; gap: 0 2rem; } .pictures { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(26rem, 100%), 1fr)); gap: 1rem; }
.pictures figure { margin: 0; } .pictures svg, .pictures img { width: 100%; height: auto; border: 1px solid var(--line); background: var(--tint); }
.key { display: flex; flex-wrap: wrap; gap: .25rem 1.25rem; padding: 0; list-style: none; } .key span { display: inline-block; width: .9em; height: .9em; margin-right: .4em; border: 3px solid; vertical-align: -.1em; }
summary { cursor: pointer; color: var(--accent); } @media print { nav, button { display: none; } }
button { font: inherit; color: var(--accent); background: none; border: 0; padding: .25rem 0; cursor: pointer; } th button { color: inherit; padding: 0; } th button:hover { text-decoration: underline; }
th[aria-sort=descending] button::after { content: ' ▾'; } th[aria-sort=ascending] button::after { content: ' ▴'; } .folded tbody tr:nth-child(n+16) { display: none; }
.pictures figure, .pairs figure { cursor: zoom-in; } figure.large { grid-column: 1 / -1; cursor: zoom-out; } .good { color: var(--good); } .bad { color: var(--bad); }
.pairs figure { margin: 0 0 1rem; } .pairs .beside { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(15rem, 100%), 1fr)); gap: .5rem; } .pairs .three { grid-template-columns: repeat(3, 1fr); } .pairs figure.large .beside { grid-template-columns: 1fr; }
.pairs svg, .pairs img { width: 100%; height: auto; border: 1px solid var(--line); background: var(--tint); display: block; } .beside small, .crops small { color: var(--soft); }
.crops { display: grid; grid-template-columns: repeat(auto-fill, minmax(11rem, 1fr)); gap: .75rem; } .crops figure { margin: 0; } .crops svg { width: 100%; height: 11rem; background: var(--tint); border: 1px solid var(--line); display: block; }
.crops figcaption { overflow-wrap: anywhere; font-size: .8rem; } .swatch { display: inline-block; width: .9em; height: .9em; margin-right: .35em; vertical-align: -.1em; border: 1px solid var(--line); }
`;
