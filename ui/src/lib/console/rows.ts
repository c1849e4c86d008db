/** Arrow keys go from row to row of a table whose rows hold one button each. */
export function arrows(table: HTMLElement) {
  const move = (event: KeyboardEvent) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step || !(event.target instanceof HTMLButtonElement)) return;
    const buttons = [...table.querySelectorAll<HTMLButtonElement>('tbody button')];
    const next = buttons[buttons.indexOf(event.target) + step];
    if (!next) return;
    event.preventDefault();
    next.focus();
  };
  table.addEventListener('keydown', move);
  return { destroy: () => table.removeEventListener('keydown', move) };
}
