using System.Text;

namespace StackTests.Fuzz;

/// <summary>Values that break what does not expect them.</summary>
internal static class Hostile
{
    public static readonly string[] Texts =
    [
        "", " ", "'", "''", "\"", "\\", "/", "//", ".", "..", "../../etc/passwd", "%", "%00", "%2e%2e", "%41", "#", "?", "&", "@", "@1", "a@0", "a@-1",
        "\0", "\u0001", "\r\nSet-Cookie: a=b", "\r\n\r\n", "\t", "\u007F", "\u202E", "\uFEFF", "\uFFFD", "\uFFFF", "\uD83E\uDE91", "\uD800", "\uDC00x", "ﷺ", "İ", "ß",
        "null", "true", "undefined", "NaN", "Infinity", "-0", "0x10", "1e400", "1e-400", "9223372036854775807", "9223372036854775808", "-9223372036854775809",
        "79228162514264337593543950335", "0.0000000000000000000000000001", "1.0000000000000000000000000000000001", "00", "+1", "1,5", "١٢٣",
        "' OR 1=1 --", "'; DROP TABLE products; --", "%' AND pg_sleep(10) --", "_", "%%", @"\%", "$$", "{{7*7}}", "${jndi:ldap://x}", "<script>alert(1)</script>",
        "__proto__", "constructor", "$type", "{\"a\":1}", "[]", "(|(a=*))", "attribute_not_exists(pk)", ":v", "CODE#x", "IDEM#a#b", "PRODUCT", "PRODUCT#",
        "PRODUCT##", "PRODUCT#A", "product#a", "ORDER#a", "createdAt:desc", "name:asc;drop", "-", "--", "-name", "name:up", "*", "W/\"1\"", "\"1\"", "\"0\"",
        "\"-1\"", "\"99999999999999999999\"", "2026-02-30", "01ARZ3NDEKTSV4RRFFQ69G5FAV",
    ];

    /// <summary>Bodies that are no JSON, or hardly.</summary>
    public static byte[] Body(Random random) => random.Next(14) switch
    {
        0 => [],
        1 => "{"u8.ToArray(),
        2 => "null"u8.ToArray(),
        3 => "\"text\""u8.ToArray(),
        4 => "[[[[]]]]"u8.ToArray(),
        5 => Encoding.UTF8.GetBytes(new string('[', 5000) + new string(']', 5000)),
        6 => Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("{\"a\":", 200)) + "1" + new string('}', 200)),
        7 => [(byte)'{', (byte)'"', 0xC3, 0x28, (byte)'"', (byte)':', (byte)'1', (byte)'}'],
        8 => [0xFF, 0xFE, (byte)'{', 0, (byte)'}', 0],
        9 => "{\"name\":\"a\",\"name\":\"b\"}"u8.ToArray(),
        10 => Encoding.UTF8.GetBytes($"{{\"name\":\"{new string('x', random.Next(1, 3) * 700_000)}\"}}"),
        11 => "{\"name\":\"\\ud800\"}"u8.ToArray(),
        12 => Encoding.UTF8.GetBytes($"{{\"attributes\":{{\"price\":{new string('9', random.Next(1, 400))}}}}}"),
        _ => Bytes(random),
    };

    public static byte[] Bytes(Random random)
    {
        var bytes = new byte[random.Next(1, 400)];
        random.NextBytes(bytes);
        return bytes;
    }

    public static string Text(Random random) => random.Next(10) switch
    {
        0 => new string((char)random.Next(32, 0x3000), random.Next(1, 900)),
        1 => string.Concat(Enumerable.Range(0, random.Next(1, 6)).Select(_ => Texts[random.Next(Texts.Length)])),
        _ => Texts[random.Next(Texts.Length)],
    };
}
