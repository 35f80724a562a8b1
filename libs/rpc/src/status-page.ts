import type { StatusTable } from './status-tables.ts';

export interface StatusFacts {
  readonly service: string;
  readonly healthy: boolean;
  readonly facts: Readonly<Record<string, unknown>>;
  readonly tables: readonly StatusTable[];
  readonly settings: Readonly<Record<string, string>>;
}

/** One page without a script or anything that must be fetched: it must be there when nothing else is. */
export const statusPage = ({ service, healthy, facts, tables, settings }: StatusFacts): string => `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${text(service)}: ${healthy ? 'serving' : 'not serving'}</title>
<style>${STYLE}</style>
<header>
<h1>${text(service)}</h1>
<strong class="${healthy ? 'good' : 'bad'}">${healthy ? 'serving' : 'not serving'}</strong>
<nav><a href="/metrics">metrics</a> <a href="/healthz">health</a> <a href="/statusz?format=json">as JSON</a></nav>
</header>
<main>
<dl>${pairs(facts)}</dl>
${tables.map(tableOf).join('\n')}
<section><h2>Settings</h2>
<dl>${pairs(settings)}</dl>
<p>“set” is all that is told of what is secret.</p>
</section>
</main>
</html>
`;

const pairs = (of: Readonly<Record<string, unknown>>): string =>
  Object.entries(of)
    .map(
      ([name, value]) =>
        `<div><dt>${text(name)}</dt><dd${value === false ? ' class="bad"' : ''}>${text(shown(value))}</dd></div>`,
    )
    .join('');

const tableOf = ({ title, head, rows, more }: StatusTable): string => `<section><h2>${text(title)}</h2>
<div class="wide"><table>
<thead><tr>${head.map((cell) => `<th>${text(cell)}</th>`).join('')}</tr></thead>
<tbody>${rows.map((row) => `<tr>${row.map((cell) => `<td>${text(cell)}</td>`).join('')}</tr>`).join('\n')}</tbody>
</table></div>
${more > 0 ? `<p>and ${more} more</p>` : ''}</section>`;

const shown = (value: unknown): string => {
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  return typeof value === 'string' ? value : JSON.stringify(value);
};

const ESCAPES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

const text = (raw: string): string => raw.replaceAll(/[&<>"]/g, (sign) => ESCAPES[sign] ?? sign);

const STYLE = `
:root { color-scheme: light dark; --line: light-dark(#ddd, #3a3a3a); --soft: light-dark(#666, #a0a0a0); }
body { margin: 0; font: 15px/1.45 system-ui, sans-serif; background: light-dark(#fff, #161616); color: light-dark(#1a1a1a, #e8e8e8); }
header, main { max-width: 72rem; margin: 0 auto; padding: 0 1.5rem; }
header { display: flex; flex-wrap: wrap; gap: .25rem 1rem; align-items: baseline; padding-top: 1.5rem; }
h1 { margin: 0; font-size: 1.7rem; }
h2 { margin: 2rem 0 .5rem; font-size: 1.05rem; }
nav { margin-left: auto; }
nav a { margin-left: 1rem; }
a { color: light-dark(#0550ae, #7db7ff); }
.good { color: light-dark(#116329, #57d364); }
.bad { color: light-dark(#b3261e, #ff8a80); }
dl { display: grid; grid-template-columns: repeat(auto-fill, minmax(11rem, 1fr)); gap: .75rem 1.5rem; margin: 1.25rem 0; }
dt, th, p { color: var(--soft); font-weight: normal; font-size: .85rem; }
dd { margin: 0; overflow-wrap: anywhere; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th, td { padding: .3rem .75rem .3rem 0; border-bottom: 1px solid var(--line); text-align: right; white-space: nowrap; vertical-align: top; }
th:first-child, td:first-child { min-width: 14rem; text-align: left; white-space: normal; overflow-wrap: anywhere; }
`;
