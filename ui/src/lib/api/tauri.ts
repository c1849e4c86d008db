import { invoke, isTauri, type InvokeOptions } from '@tauri-apps/api/core';

/** Whether the page runs in the app's window; else it is the server's console. */
export const inApp = isTauri();

/** Runs a command of the shell. Rejects with an `ErrorView`. */
export function ipc<T>(
  command: string,
  args?: Record<string, unknown> | Uint8Array,
  options?: InvokeOptions
): Promise<T> {
  return invoke<T>(command, args, options);
}
