/** Has the browser save errors of an import as a CSV file. */
export function download(name, errors) {
  const lines = ['line,field,value,reason', ...errors.map(error => [error.line, error.field, error.value, error.reason].map(cell).join(','))];
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob(['\ufeff', lines.join('\r\n'), '\r\n'], { type: 'text/csv' }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

// A cell that begins like a formula would be one in a spreadsheet.
function cell(value) {
  const text = value === undefined || value === null ? '' : String(value);
  const harmless = typeof value === 'string' && /^[=+\-@\t\r']/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}
