import { evidence } from '$lib/api/evidence';

/** Pictures that were shown last: the same content is the same picture for ever. */
const KEPT = 60;
// Never shown by itself.
const pictures = new Map<string, Promise<string>>();

/** A picture of a sheet's evidence, as the page may show it. */
export function picture(sheet: string, content: string): Promise<string> {
  const known = pictures.get(content);
  if (known) return known;
  const made = evidence(sheet, content).then((bytes) => asData(new Blob([bytes])));
  // What has not come yet may come.
  made.catch(() => pictures.delete(content));
  pictures.set(content, made);
  const oldest = pictures.keys().next().value;
  if (pictures.size > KEPT && oldest !== undefined) pictures.delete(oldest);
  return made;
}

/** The page shows pictures of its own and such as stand in the address itself. */
function asData(blob: Blob): Promise<string> {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(String(reader.result).replace(/^data:[^;,]*/, 'data:image/jpeg'));
    reader.onerror = () => reject(reader.error);
    reader.readAsDataURL(blob);
  });
}
