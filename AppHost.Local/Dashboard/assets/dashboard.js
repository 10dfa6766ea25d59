// Keeps a page as the application is now: asks for it again, and puts in place what has changed.
const pause = 1000;
const mostLines = 2000;
const shown = new Map();
const lost = document.getElementById('lost');
const log = document.getElementById('lines');

const liveParts = page => page.querySelectorAll('[data-live]');

function put(fresh) {
  const known = document.getElementById(fresh.id);
  const focused = known?.contains(document.activeElement) ? document.activeElement : null;
  // Nothing is taken from under the hands of someone who types.
  if (!known || shown.get(fresh.id) === fresh.outerHTML || focused?.matches('input')) {
    return;
  }

  shown.set(fresh.id, fresh.outerHTML);
  const open = [...known.querySelectorAll('details[open]')].map(details => details.id);
  known.replaceWith(document.adoptNode(fresh));
  for (const id of open) {
    document.getElementById(id)?.setAttribute('open', '');
  }

  if (focused) {
    // The head of what can be opened has no id of its own.
    const selector = focused.id ? `#${CSS.escape(focused.id)}` : `#${CSS.escape(focused.parentElement.id)} > summary`;
    document.querySelector(selector)?.focus({ preventScroll: true });
  }
}

async function refresh() {
  const answer = await fetch(location.href);
  if (answer.ok) {
    liveParts(new DOMParser().parseFromString(await answer.text(), 'text/html')).forEach(put);
  }
}

async function follow() {
  const answer = await fetch(`${log.dataset.source}?after=${log.dataset.written}`);
  const { written, lines } = await answer.json();
  if (written < Number(log.dataset.written)) {
    // The application was started again.
    log.replaceChildren();
    log.dataset.written = 0;
    return;
  }

  const isAtEnd = log.scrollHeight - log.scrollTop - log.clientHeight < 30;
  log.dataset.written = written;
  log.append(...lines.map(line => {
    const element = document.createElement('span');
    element.textContent = `${line}\n`;
    return element;
  }));
  while (log.childElementCount > mostLines) {
    log.firstElementChild.remove();
  }

  if (isAtEnd) {
    log.scrollTop = log.scrollHeight;
  }
}

async function keepUp() {
  try {
    await (log ? follow() : refresh());
    lost.textContent = '';
  } catch {
    lost.textContent = lost.dataset.text;
  }

  setTimeout(keepUp, document.hidden ? 5 * pause : pause);
}

liveParts(document).forEach(part => shown.set(part.id, part.outerHTML));
if (log) {
  log.scrollTop = log.scrollHeight;
}

setTimeout(keepUp, pause);
