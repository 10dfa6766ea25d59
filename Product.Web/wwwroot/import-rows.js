// Cuts a file into pieces of whole rows. Of CSV, each piece begins with the header.
const pieceLength = 256 * 1024;
const maxRowLength = 1536 * 1024;

/**
 * Each piece: text; bytes, how much of the file is used up with it; lineOffset, what to add to a line of the piece to have that of the file.
 */
export async function* pieces(file, isCsv, encoding) {
  const rows = new Rows(isCsv);
  const counter = { bytes: 0 };
  const reader = textOf(file, encoding, counter).getReader();
  let header = isCsv ? null : '';
  let headerLines = 0;
  let line = 0;
  let decoded = 0;
  let used = 0;
  let bytes = 0;
  for (let isDone = false; !isDone;) {
    const read = await next(reader);
    isDone = read.done;
    decoded += read.value?.length ?? 0;
    rows.add(read.value ?? '', isDone);
    if (header === null && rows.hasWhole) {
      header = rows.take(1);
      headerLines = line = countLines(header);
      used = header.length;
    }
    while (header !== null && (rows.whole >= pieceLength || (isDone && rows.hasWhole))) {
      const text = rows.take(pieceLength);
      used += text.length;
      bytes = Math.max(bytes, Math.floor(counter.bytes * used / decoded));
      yield { text: header + text, bytes, lineOffset: line - headerLines };
      line += countLines(text);
    }
    if (rows.length - rows.whole > maxRowLength) {
      rows.breakOff();
    }
  }
}

async function next(reader) {
  try {
    return await reader.read();
  } catch (failure) {
    throw failure instanceof TypeError ? new Error('The file is not in the encoding that is chosen.') : failure;
  }
}

function textOf(file, encoding, counter) {
  const count = new TransformStream({
    transform(chunk, controller) {
      counter.bytes += chunk.byteLength;
      controller.enqueue(chunk);
    },
  });
  return file.stream().pipeThrough(count).pipeThrough(new TextDecoderStream(encoding, { fatal: true }));
}

function countLines(text) {
  let count = 0;
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) {
    count++;
  }
  return count;
}

const states = { fieldStart: 0, plain: 1, quoted: 2, quoteInQuoted: 3 };

/** Text that comes bit by bit, and where its rows end. A line end within quotes ends no row; a quote counts at the start of a field only. */
class Rows {
  constructor(isCsv) {
    this.isCsv = isCsv;
    this.text = '';
    this.ends = [];
    this.state = states.fieldStart;
  }

  get length() {
    return this.text.length;
  }

  /** How much of the text is whole rows. */
  get whole() {
    return this.ends.at(-1) ?? 0;
  }

  get hasWhole() {
    return this.ends.length > 0;
  }

  add(text, isLast) {
    const from = this.text.length;
    this.text += text;
    for (let at = from; at < this.text.length; at++) {
      const character = this.text[at];
      if (character === '\n' && this.state !== states.quoted) {
        this.ends.push(at + 1);
        this.state = states.fieldStart;
      } else if (this.isCsv) {
        this.state = step(this.state, character);
      }
    }
    if (isLast && this.whole < this.text.length) {
      this.ends.push(this.text.length);
    }
  }

  /** Ends a row that has no end: a quote was never closed. The API says what is wrong with it, and goes on after it. */
  breakOff() {
    const end = this.text.lastIndexOf('\n') + 1;
    const rest = end > this.whole ? this.text.slice(end) : '';
    this.text = this.text.slice(0, this.text.length - rest.length);
    this.ends.push(this.text.length);
    this.state = states.fieldStart;
    this.add(rest, false);
  }

  /** As many whole rows as fit into a length; at least one. */
  take(length) {
    let count = this.ends.findIndex(end => end > length);
    count = count < 0 ? this.ends.length : Math.max(count, 1);
    const end = this.ends[count - 1];
    const taken = this.text.slice(0, end);
    this.text = this.text.slice(end);
    this.ends = this.ends.slice(count).map(one => one - end);
    return taken;
  }
}

function step(state, character) {
  if (state === states.quoted) {
    return character === '"' ? states.quoteInQuoted : states.quoted;
  }
  if (character === '"') {
    return state === states.plain ? states.plain : states.quoted;
  }
  return character === ',' ? states.fieldStart : states.plain;
}
