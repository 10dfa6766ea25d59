// Sends a file to be imported, in pieces of whole rows, one after the other. A piece that the network loses is sent again: rows that
// are stored by then are skipped. The file is never in memory as a whole.
import { download } from '../../import-report.js';
import { pieces } from '../../import-rows.js';

const maxTries = 4;
const reportInterval = 250;
const patience = 1500;
const maxErrors = 100_000;
const shownErrors = 100;
const waitSeconds = 20;

export function create(zone, input, page) {
  return new Importer(zone, input, page);
}

class Importer {
  constructor(zone, input, page) {
    this.page = page;
    this.errors = [];
    this.gone = new AbortController();
    const { signal } = this.gone;
    const over = isOver => event => {
      event.preventDefault();
      zone.classList.toggle('over', isOver);
    };
    zone.addEventListener('dragover', over(true), { signal });
    zone.addEventListener('dragleave', over(false), { signal });
    zone.addEventListener('drop', event => {
      over(false)(event);
      this.choose(event.dataTransfer.files[0]);
    }, { signal });
    input.addEventListener('change', () => this.choose(input.files[0]), { signal });
    this.choose(input.files[0]);
  }

  choose(file) {
    if (file && !this.run) {
      this.file = file;
      this.tell('OnChosen', { name: file.name, size: file.size });
    }
  }

  // Answers at once: how it goes is told as it goes.
  start(address, encoding, token) {
    if (this.run) {
      return;
    }
    this.errors = [];
    this.run = new AbortController();
    this.import(address, encoding, token, this.run.signal)
      .then(() => [false, null, null], failure => [failure.name === 'AbortError', failure.status ?? null, failure.name === 'AbortError' ? null : failure.message])
      .then(async ended => {
        this.run = null;
        while (!this.run && !this.gone.signal.aborted && !await this.tell('OnEnded', ...ended)) {
          // Once more: the page must know.
        }
      });
  }

  stop() {
    this.run?.abort();
  }

  dispose() {
    this.stop();
    this.gone.abort();
  }

  report() {
    download(`${this.file.name}.errors.csv`, this.errors);
  }

  async import(address, encoding, token, signal) {
    const isCsv = !/\.(jsonl|ndjson|json)$/i.test(this.file.name);
    const headers = { 'Content-Type': isCsv ? 'text/csv; charset=utf-8' : 'application/x-ndjson', RequestVerificationToken: token };
    const total = { rows: 0, created: 0, updated: 0, skipped: 0, failed: 0, syncing: 0 };
    let bytes = 0;
    let patient = true;
    let reported = 0;
    let told = 0;
    const progress = async (current, isFinal) => {
      if (isFinal || performance.now() - reported > reportInterval) {
        // Those of a piece that is sent again are told again.
        told = Math.min(told, this.errors.length);
        const found = this.errors.slice(told, shownErrors);
        if (await this.tell('OnProgress', { bytes, size: this.file.size, ...sum(total, current) }, told, found)) {
          told += found.length;
        }
        reported = performance.now();
      }
    };
    try {
      for await (const piece of pieces(this.file, isCsv, encoding)) {
        // The rows that are answered, as a part of the piece.
        const before = bytes;
        const within = async said => {
          bytes = before + Math.floor((piece.bytes - before) * Math.min(1, said.rows / Math.max(1, piece.rows)));
          await progress(said, false);
        };
        const summary = await this.send(`${address}?wait=${patient ? waitSeconds : 0}`, headers, piece, signal, within);
        Object.assign(total, sum(total, summary));
        // A read model that is behind would be waited for at each piece.
        patient = summary.syncing === 0;
        bytes = piece.bytes;
        await progress({}, false);
        if (summary.completed === false) {
          throw new Error(summary.error ?? 'The rest of the file was not read.');
        }
      }
      bytes = this.file.size;
    } finally {
      await progress({}, true);
    }
  }

  async send(address, headers, piece, signal, progress) {
    for (let tries = 1; ; tries++) {
      const errors = this.errors.length;
      try {
        const response = await fetch(address, { method: 'POST', headers, body: piece.text, signal });
        if (!response.ok) {
          throw await refusal(response);
        }
        return await this.read(response, piece, progress);
      } catch (failure) {
        if (signal.aborted || failure.isFinal || tries === maxTries) {
          throw failure;
        }
        this.errors.length = errors;
        await new Promise(resolve => setTimeout(resolve, 500 * 2 ** tries));
      }
    }
  }

  async read(response, piece, progress) {
    for await (const line of lines(response.body)) {
      const said = JSON.parse(line);
      if (said.type === 'error' && this.errors.length < maxErrors) {
        this.errors.push({ ...said, line: said.line === undefined ? undefined : said.line + piece.lineOffset });
      } else if (said.type === 'progress') {
        await progress(said);
      } else if (said.type === 'summary') {
        return said;
      }
    }
    throw new Error('The answer broke off.');
  }

  // Whether it was heard. A connection that is lost never answers what was said on it. Nobody listens any more when the circuit is gone:
  // that counts as heard, and the import goes on all the same.
  async tell(...what) {
    let timer;
    const silence = new Promise(resolve => timer = setTimeout(() => resolve(false), patience));
    const heard = await Promise.race([this.page.invokeMethodAsync(...what).then(() => true, () => true), silence]);
    clearTimeout(timer);
    return heard;
  }
}

function sum(total, current) {
  return Object.fromEntries(Object.entries(total).map(([name, count]) => [name, count + (current[name] ?? 0)]));
}

async function refusal(response) {
  const problem = await response.json().catch(() => ({}));
  // A request that is wrong stays wrong. A server that is busy or away may come back.
  return Object.assign(new Error(problem.detail ?? `The answer was ${response.status}.`), {
    status: response.status,
    isFinal: response.status < 500 && response.status !== 429,
  });
}

async function* lines(body) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = '';
  for (let read = await reader.read(); !read.done; read = await reader.read()) {
    const parts = (rest + read.value).split('\n');
    rest = parts.pop();
    yield* parts.filter(part => part.trim().length > 0);
  }
  if (rest.trim().length > 0) {
    yield rest;
  }
}
