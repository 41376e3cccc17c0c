/** A table of a page: the first cell of its head says what its rows are. */
export interface Table {
  readonly of: string;
  readonly rows: readonly TableRow[];
}

export interface TableRow {
  /** What the first cell names, without arguments: `start()` and `stop({ signal })` are two. */
  readonly names: readonly string[];
  readonly cells: readonly string[];
}

const cellsOf = (line: string): string[] =>
  line
    .split(/(?<!\\)\|/)
    .slice(1, -1)
    .map((cell) => cell.trim());

/** What a cell names in code quotes: `` `load(bind)` `has(bind)` `` names load and has. */
const namesOf = (cell: string): string[] =>
  [...cell.matchAll(/`([^`]+)`/g)].map(([, code = '']) => code.replace(/\(.*$/, ''));

/** The tables of a page. */
export function tables(markdown: string): Table[] {
  const lines = markdown.split('\n');
  const heads = lines.flatMap((line, at) => (/^\|[\s:|-]+\|$/.test(line) ? [at - 1] : []));
  return heads.map((head) => {
    const end = lines.findIndex((line, at) => at > head && !line.startsWith('|'));
    const rows = lines.slice(head + 2, end < 0 ? undefined : end).map(cellsOf);
    return {
      of: cellsOf(lines[head]!)[0]!.replaceAll('`', ''),
      rows: rows.map((cells) => ({ names: namesOf(cells[0]!), cells })),
    };
  });
}

/** The rows of all tables of a page whose head begins with this. */
export function rowsOf(markdown: string, of: string): TableRow[] {
  return tables(markdown)
    .filter((table) => table.of === of)
    .flatMap(({ rows }) => rows);
}

/** Without blocks of code, in which a `#` is no heading and a bracket no link. */
const prose = (markdown: string): string => markdown.replace(/^(```+)[^]*?^\1$/gm, '');

/** Where the links of a page lead. */
export function linksOf(markdown: string): string[] {
  const text = prose(markdown).replaceAll(/`[^`\n]*`/g, '');
  return [...text.matchAll(/\]\(([^()\s]+)\)/g)].map(([, target = '']) => target);
}

/** The anchors of a page's headings, as GitHub makes them. */
export function anchorsOf(markdown: string): string[] {
  const anchors: string[] = [];
  for (const [, heading = ''] of prose(markdown).matchAll(/^#{1,6} +(.*)$/gm)) {
    const slug = heading
      .replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1')
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
      .trim()
      .replaceAll(/\s/g, '-');
    const again = anchors.filter((anchor) => anchor.replace(/-\d+$/, '') === slug).length;
    anchors.push(again === 0 ? slug : `${slug}-${again}`);
  }
  return anchors;
}
