import { asError, fault } from './error';

type Method = 'GET' | 'POST' | 'PUT' | 'DELETE';

/** Calls the server under `/api`. Rejects with an `ErrorView`. */
export async function http<T>(method: Method, path: string, body?: unknown): Promise<T> {
  const answer = await fetch(`/api${path}`, {
    method,
    credentials: 'same-origin',
    headers: body === undefined ? {} : { 'content-type': 'application/json' },
    body: body === undefined ? undefined : JSON.stringify(body)
  }).catch(() => {
    throw fault('offline');
  });
  const text = await answer.text();
  const data: unknown =
    text && answer.headers.get('content-type')?.includes('json') ? JSON.parse(text) : null;
  if (!answer.ok) throw data ? asError(data) : fault(`http_${answer.status}`);
  return data as T;
}
