/** What an attribute may be. */
type Attributes = Readonly<Record<string, string | number>>;

const WIDTH = 760;

// The ground is part of the picture, so that it can be read on whatever page it stands.
const STYLE = `
.ground { fill: #ffffff } text { font: 12px system-ui, sans-serif; fill: #1f2328 }
.title { font-size: 14px; font-weight: 600 } .end { text-anchor: end } .middle { text-anchor: middle }
.grid { stroke: #d1d9e0 } .reference { stroke: #57606a; stroke-dasharray: 5 4 }
.line { fill: none; stroke-width: 2 } .dashed { stroke-dasharray: 5 4 }
.c0 { fill: #8c959f; stroke: #8c959f } .c1 { fill: #0969da; stroke: #0969da }
.c2 { fill: #54aeff; stroke: #54aeff } .c3 { fill: #bf8700; stroke: #bf8700 }
.c4 { fill: #2da44e; stroke: #2da44e } .c5 { fill: #8250df; stroke: #8250df }
.line.c0, .line.c1, .line.c2, .line.c3, .line.c4, .line.c5 { fill: none }
@media (prefers-color-scheme: dark) {
.ground { fill: #0d1117 } text { fill: #e6edf3 } .grid { stroke: #30363d }
.reference { stroke: #9198a1 } .c1 { fill: #4493f8; stroke: #4493f8 }
.c2 { fill: #1f5fae; stroke: #1f5fae } .c5 { fill: #ab7df8; stroke: #ab7df8 }
}`;

function escaped(text: string): string {
  return text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);
}

/** One element; `children` are elements already. */
export function element(name: string, attributes: Attributes, ...children: string[]): string {
  const written = Object.entries(attributes).map(
    ([key, value]) =>
      ` ${key}="${escaped(String(typeof value === 'number' ? Math.round(value * 10) / 10 : value))}"`,
  );
  return `<${name}${written.join('')}>${children.join('')}</${name}>`;
}

/** A line of text. */
export function text(x: number, y: number, words: string, look = ''): string {
  return element('text', { x, y, ...(look && { class: look }) }, escaped(words));
}

/** A straight stroke. */
export function stroke(x1: number, y1: number, x2: number, y2: number, look: string): string {
  return element('line', { x1, y1, x2, y2, class: look });
}

/** A whole picture, as wide as all of them; `title` is read to those who cannot see it. */
export function picture(height: number, title: string, parts: readonly string[]): string {
  const attributes = {
    xmlns: 'http://www.w3.org/2000/svg',
    viewBox: `0 0 ${WIDTH} ${height}`,
    width: WIDTH,
    height,
    role: 'img',
  };
  const content = [
    element('title', {}, escaped(title)),
    element('style', {}, STYLE),
    element('rect', { width: WIDTH, height, class: 'ground' }),
    text(16, 24, title, 'title'),
    ...parts,
  ];
  return `${element('svg', attributes, `\n${content.join('\n')}\n`)}\n`;
}

/** How wide pictures are. */
export const width = WIDTH;
