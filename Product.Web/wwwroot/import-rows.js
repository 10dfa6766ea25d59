// Cuts a file into pieces of whole rows. Of CSV, each piece begins with the header. Rows end where the API ends them (its LineReader and
// CsvRecords), so that a file comes out the same whether it is sent whole or in pieces.
const pieceLength = 256 * 1024;
const maxRowLength = 1536 * 1024;
// A longer line has more than maxRowLength characters in every encoding.
const maxLineBytes = 8 * 1024 * 1024;
// Stands where bytes could not be decoded, as in the API (ImportFormat.Undecodable).
const undecodable = '\uFFFF\uFDD0\uFFFE';

/**
 * Each piece: text; rows, how many it has; bytes, how much of the file is used up with it; lineOffset, what to add to a line of the piece to have that
 * of the file. There is at least one piece: what is wrong with an empty file, or with a header, the API says.
 */
export async function* pieces(file, isCsv, encoding) {
  const lines = new Lines();
  const rows = new Rows(isCsv);
  const text = new FileText(file, await encodingOf(file, encoding));
  const piece = new Piece(isCsv);
  let isFirst = true;
  for (let isDone = false; !isDone;) {
    const read = await text.read();
    isDone = read.isDone;
    rows.add(lines.add(read.text, isDone));
    for (let row = rows.take(isDone); row; row = rows.take(isDone)) {
      piece.add(row);
      if (piece.length >= pieceLength) {
        yield piece.cut(text.bytesOf(piece.used));
        isFirst = false;
      }
    }
  }
  if (isFirst || piece.rows > 0) {
    yield piece.cut(file.size);
  }
}

// A byte order mark tells the encoding, whatever is chosen.
async function encodingOf(file, chosen) {
  const [first, second, third, fourth] = new Uint8Array(await file.slice(0, 4).arrayBuffer());
  if (first === 0xFF && second === 0xFE && third === 0 && fourth === 0) {
    throw new Error('The file is in UTF-32. Save it as UTF-8 first.');
  }
  return first === 0xEF && second === 0xBB && third === 0xBF ? 'utf-8'
    : first === 0xFF && second === 0xFE ? 'utf-16le'
    : first === 0xFE && second === 0xFF ? 'utf-16be'
    : chosen;
}

/** The text of a file, some whole lines at a time. */
class FileText {
  bytes = 0;
  length = 0;
  told = 0;
  rest = new Uint8Array(0);
  isFirst = true;

  constructor(file, encoding) {
    this.reader = file.stream().getReader();
    this.strict = new TextDecoder(encoding, { fatal: true, ignoreBOM: true });
    this.lenient = new TextDecoder(encoding, { ignoreBOM: true });
    this.width = encoding.startsWith('utf-16') ? 2 : 1;
    this.lowByte = encoding === 'utf-16be' ? 1 : 0;
  }

  async read() {
    const { done, value } = await this.reader.read();
    this.bytes += value?.byteLength ?? 0;
    const bytes = join(this.rest, value);
    const end = done || bytes.length > maxLineBytes ? bytes.length : this.lastLineEnd(bytes);
    this.rest = bytes.slice(end);
    let text = this.decode(bytes.subarray(0, end));
    if (this.isFirst && end > 0) {
      this.isFirst = false;
      text = text.startsWith('\uFEFF') ? text.slice(1) : text;
    }
    this.length += text.length;
    return { text, isDone: done };
  }

  /** About how many bytes so many characters are from the start. It never goes back. */
  bytesOf(length) {
    this.told = Math.max(this.told, Math.floor(this.bytes * length / this.length));
    return this.told;
  }

  // Bytes that are not of the encoding spoil their line alone: the API refuses the row.
  decode(bytes) {
    const text = this.tryDecode(bytes);
    if (text !== undefined) {
      return text;
    }
    const lines = [];
    for (let from = 0; from < bytes.length;) {
      const end = this.nextLineEnd(bytes, from);
      const line = bytes.subarray(from, end);
      lines.push(this.tryDecode(line) ?? this.lenient.decode(line).replaceAll('\uFFFD', undecodable));
      from = end;
    }
    return lines.join('');
  }

  tryDecode(bytes) {
    try {
      return this.strict.decode(bytes);
    } catch (failure) {
      if (failure instanceof TypeError) {
        return undefined;
      }
      throw failure;
    }
  }

  nextLineEnd(bytes, from) {
    for (let at = from; at < bytes.length; at += this.width) {
      if (this.isLineEnd(bytes, at)) {
        return Math.min(at + this.width, bytes.length);
      }
    }
    return bytes.length;
  }

  lastLineEnd(bytes) {
    for (let at = bytes.length - bytes.length % this.width - this.width; at >= 0; at -= this.width) {
      if (this.isLineEnd(bytes, at)) {
        return at + this.width;
      }
    }
    return 0;
  }

  isLineEnd(bytes, at) {
    const code = this.width === 1 ? bytes[at] : bytes[at + this.lowByte] | bytes[at + 1 - this.lowByte] << 8;
    return code === 10 || code === 13;
  }
}

function join(first, second) {
  if (first.length === 0 || second === undefined) {
    return second ?? first;
  }
  const joined = new Uint8Array(first.length + second.length);
  joined.set(first);
  joined.set(second, first.length);
  return joined;
}

/** Text that comes bit by bit, as lines with their ends: LF, CR LF or CR. */
class Lines {
  rest = [];
  restLength = 0;

  add(text, isLast) {
    const lines = [];
    let from = 0;
    // A CR at the end of the text before may be half of a line end.
    if (this.rest.at(-1)?.endsWith('\r') && text.length > 0) {
      from = text[0] === '\n' ? 1 : 0;
      lines.push(this.finish(text.slice(0, from)));
    }
    const end = /\r\n|\n|\r/g;
    end.lastIndex = from;
    for (let match = end.exec(text); match; match = end.exec(text)) {
      if (match[0] === '\r' && end.lastIndex === text.length && !isLast) {
        break;
      }
      lines.push(this.finish(text.slice(from, end.lastIndex)));
      from = end.lastIndex;
    }
    this.keep(text.slice(from));
    if (isLast && this.restLength > 0) {
      lines.push(this.finish(''));
    }
    return lines;
  }

  // Of a line that is too long no more is kept than tells the API so.
  keep(text) {
    if (text.length > 0 && this.restLength <= maxRowLength) {
      this.rest.push(text);
      this.restLength += text.length;
    }
  }

  finish(text) {
    this.keep(text);
    const line = this.rest.join('');
    this.rest = [];
    this.restLength = 0;
    return line.length > maxRowLength ? `${line.slice(0, maxRowLength + 1).replace(/[\r\n]+$/, ' ')}\n` : line;
  }
}

/** Lines that come bit by bit, as rows. A row whose quote is never closed is its first line; each line is looked at once. */
class Rows {
  lines = [];
  first = 0;
  // The lines from the second to here close no quote; so long are they together.
  searched = 1;
  searchedLength = 0;

  constructor(isCsv) {
    this.isCsv = isCsv;
  }

  add(lines) {
    // Not all in one call: there are limits to how many arguments one takes.
    for (const line of lines) {
      this.lines.push(line);
    }
  }

  /** The next row, with its number of lines; undefined if more of the file is needed, or at its end. */
  take(isLast) {
    const line = this.lines[this.first];
    if (line === undefined) {
      return undefined;
    }
    if (!this.isCsv || line.length > maxRowLength || !endsInQuotes(line, false)) {
      return this.cut(1);
    }
    for (; ; this.searched++) {
      const other = this.lines[this.first + this.searched];
      if (other === undefined) {
        return isLast ? this.cut(1) : undefined;
      }
      if (other.length > maxRowLength || line.length + this.searchedLength + other.length > maxRowLength) {
        return this.cut(1);
      }
      if (!endsInQuotes(other, true)) {
        return this.cut(this.searched + 1);
      }
      this.searchedLength += other.length;
    }
  }

  cut(count) {
    const taken = this.lines.slice(this.first, this.first + count);
    this.first += count;
    if (count === 1 && this.searched > 1) {
      this.searched--;
      this.searchedLength -= this.lines[this.first].length;
    } else {
      this.searched = 1;
      this.searchedLength = 0;
    }
    if (this.first > 1000) {
      this.lines.splice(0, this.first);
      this.first = 0;
    }
    return { text: taken.join(''), lines: count };
  }
}

/** Whether a quote is open at the end of a line. A quote opens a field only where the field begins; inside of one, two of them stand for one. */
function endsInQuotes(line, isQuoted) {
  let isStart = !isQuoted;
  for (let at = 0; at < line.length; at++) {
    const character = line[at];
    if (isQuoted) {
      if (character === '"' && line[at + 1] === '"') {
        at++;
      } else if (character === '"') {
        isQuoted = false;
      }
    } else {
      isQuoted = isStart && character === '"';
      isStart = character === ',';
    }
  }
  return isQuoted;
}

/** The piece that is being filled. The first row of CSV that is not blank is the header. */
class Piece {
  used = 0;
  rows = 0;
  length = 0;
  texts = [];
  header = '';
  headerLines = 0;
  line = 0;
  firstLine = 0;

  constructor(isCsv) {
    this.needsHeader = isCsv;
  }

  add({ text, lines }) {
    this.used += text.length;
    const isBlank = /^(?:(?!\uFEFF)[\s\u0085])*$/.test(text);
    if (this.needsHeader && !isBlank) {
      this.needsHeader = false;
      this.header = text;
      this.headerLines = lines;
      this.firstLine = this.line + lines;
    } else if (!this.needsHeader) {
      this.texts.push(text);
      this.length += text.length;
      this.rows += isBlank ? 0 : 1;
    }
    this.line += lines;
  }

  cut(bytes) {
    const piece = { text: this.header + this.texts.join(''), rows: this.rows, bytes, lineOffset: this.firstLine - this.headerLines };
    this.texts = [];
    this.length = 0;
    this.rows = 0;
    this.firstLine = this.line;
    return piece;
  }
}
