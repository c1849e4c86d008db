import { readdirSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

const read = (path: string) => readFileSync(path, 'utf8');
const all = (text: string, pattern: RegExp) => [...text.matchAll(pattern)].map((match) => match[1]).sort();

it('calls every command of the shell, and no other', () => {
  const folder = 'src/lib/api';
  const modules = readdirSync(folder).filter((name) => name.endsWith('.ts') && name !== 'tauri.ts');
  const called = all(modules.map((name) => read(`${folder}/${name}`)).join('\n'), /\bipc<[^(]*>\('(\w+)'/g);
  const handler = /generate_handler!\[([^\]]*)\]/.exec(read('../src-tauri/src/lib.rs'))?.[1] ?? '';
  expect(called).toEqual(all(handler, /\w+::(\w+),/g));
  expect(called.length).toBeGreaterThan(10);
});
