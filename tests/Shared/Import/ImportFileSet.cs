using System.Text;

namespace ImportFiles;

/// <summary>Files that a reader in pieces is likely to get wrong. The longer ones are more than one piece of the page.</summary>
internal static class ImportFileSet
{
    private const string NotOfEncoding = "the row has bytes that are not of the declared encoding";
    private const string NeverClosed = "a quote is opened and not closed";

    public static IEnumerable<ImportFile> All =>
    [
        File("cr.csv", "sk,name\rcr-1,One\rcr-2,\"Two\rlines\"\rcr-3\r", 2, new RowError(5, "the row has 1 fields, the header 2")),
        File("long-cr.csv", Lines("long-cr", "\r", 80), 80),
        File("mixed-ends.csv", "sk,name\rmixed-1,One\nmixed-2,Two\r\n\r\n\n\rmixed-3,Three\r\r\nmixed-4", 3, new RowError(9, "the row has 1 fields")),
        File("blank-first.csv", "\r\n  \n" + Lines("blank-first", "\n", 80) + "blank-bad\n", 80, new RowError(84, "the row has 1 fields")),
        File("mark.csv", "\uFEFFsk,name\r\nmark-1,One\r\n", 1),
        File("utf-16.csv", [.. Encoding.Unicode.Preamble, .. Encoding.Unicode.GetBytes("sk,name\r\nwide-1,Ä\r\n")], 1),
        File("header-over-lines.csv", Lines("over", "\r\n", 80, "sk,name,\"une\r\nxpected\"") + "over-bad\r\n", 80, new RowError(83, "the row has 1 fields")),
        File("no-end.csv", "sk,name\nend-1,One\nend-2,Two\n\n \n\nend-3,Three", 3),
        File("header-only.csv", "sk,name", 0),
        File("header-only-long.csv", "sk,name\n" + new string('\n', 300_000), 0),
        Refused("empty.csv", "", "the file is empty: a header row is required"),
        Refused("blank.csv", "\n \r\n\r", "the file is empty: a header row is required"),
        Refused("semicolons.csv", "name;sk\nOne;a\n", "the header has neither sk nor code (columns are separated by commas)"),
        Refused("semicolons-long.csv", Lines("semicolons", "\n", 80, "name;sk;description"), "the header has neither sk nor code (columns are separated by commas)"),
        Refused("twice.csv", "sk,name,SK\na,One,b\n", "stands twice in the header"),
        Refused("open-header.csv", "\"sk,name\na,One\n", NeverClosed),
        File("open-quote.csv", Lines("open", "\n", 70) + "open-bad,\"never closed\n" + Lines("after", "\n", 70, header: null), 140, new RowError(72, NeverClosed)),
        File("open-quotes.csv", "sk,name\n" + string.Concat(Enumerable.Repeat("a\"b,\"\n", 90)), 0, [.. Enumerable.Range(2, 90).Select(line => new RowError(line, NeverClosed))]),
        File(
            "long-line.csv",
            Lines("before-long", "\r\n", 70) + $"too-long,{new string('x', 1_600_000)}\r\n" + Lines("after-long", "\r\n", 3, header: null) + "short\r\n",
            73,
            new RowError(72, "the line has more than 1572864 characters"),
            new RowError(76, "the row has 1 fields")),
        File("plain.jsonl", "\r\n{\"sk\":\"plain-1\",\"name\":\"One\"}\r{\"sk\":\"plain-2\"\n\n{\"sk\":\"plain-3\",\"name\":\"T\\r\\n\"}", 2, new RowError(3, "is not valid JSON")),
        File(
            "long.jsonl",
            string.Concat(Enumerable.Range(1, 80).Select(row => $$$"""{"sk":"long-{{{row}}}","name":"Name","attributes":{"description":"{{{Filling}}}"}}""" + "\n")) + "[]\n",
            80,
            new RowError(81, "must be a JSON object")),
        File("empty.jsonl", "", 0),
        File("bad-bytes.csv", Latin1("sk,name\nbad-1,One\nbad-2,St\u00FChle\r\nbad-3,Three\n"), 2, new RowError(3, NotOfEncoding)),
        File("bad-bytes-quoted.csv", Latin1("sk,name\nquoted-1,\"two\nl\u00EFnes\"\nquoted-2,Two\n"), 1, new RowError(2, NotOfEncoding)),
        File(
            "bad-bytes-late.csv",
            [.. Latin1(Lines("late", "\n", 80)), .. Latin1("late-bad,\u00E9,\n"), .. Encoding.UTF8.GetBytes("late-81,\uFFFD,\n")],
            81,
            new RowError(82, NotOfEncoding)),
        File("half-character.csv", [.. Latin1("sk,name\nhalf-1,One\nhalf-2,"), 0xC3], 1, new RowError(3, NotOfEncoding)),
        File(
            "half-surrogate.csv",
            [.. Encoding.Unicode.Preamble, .. Encoding.Unicode.GetBytes("sk,name\nsurrogate-1,One\nsurrogate-2,"), 0x00, 0xD8, .. Encoding.Unicode.GetBytes("\nsurrogate-3,Three\n")],
            2,
            new RowError(3, NotOfEncoding)),
        File("bad-bytes.jsonl", Latin1("{\"sk\":\"json-1\",\"name\":\"St\u00FChle\"}\n{\"sk\":\"json-2\",\"name\":\"Two\"}\n"), 1, new RowError(1, "the line has bytes that are not of the declared encoding")),
    ];

    // 80 rows are about 400 KB.
    private static string Filling { get; } = new('f', 5_000);

    private static byte[] Latin1(string text) => Encoding.Latin1.GetBytes(text);

    private static string Lines(string sk, string end, int count, string? header = "sk,name,description")
    {
        var rows = Enumerable.Range(1, count).Select(row => $"{sk}-{row},Name,{Filling}{end}");
        return string.Concat(rows.Prepend(header is null ? "" : header + end));
    }

    private static ImportFile Refused(string name, string text, string reason) =>
        new(name, Encoding.UTF8.GetBytes(text), 0, [new(1, reason)], reason);

    private static ImportFile File(string name, string text, int created, params RowError[] errors) => File(name, Encoding.UTF8.GetBytes(text), created, errors);

    private static ImportFile File(string name, byte[] content, int created, params RowError[] errors) => new(name, content, created, errors);
}
