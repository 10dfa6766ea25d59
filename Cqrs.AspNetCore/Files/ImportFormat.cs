using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace Cqrs.AspNetCore.Files;

/// <summary>In which form and encoding a file comes.</summary>
internal sealed record ImportFormat(bool IsCsv, Encoding Encoding)
{
    public static readonly string[] MediaTypes = ["text/csv", "application/x-ndjson", "application/jsonl"];

    /// <summary>
    /// Stands where bytes could not be decoded. Characters that are none (Unicode reserves them for internal use), in an order that no text has.
    /// </summary>
    public const string Undecodable = "\uFFFF\uFDD0\uFFFE";

    static ImportFormat() => Encoding.RegisterProvider(CodePagesEncodingProvider.Instance);

    /// <summary>Reads a content type; null if it is none of ours or names an encoding that does not exist.</summary>
    public static ImportFormat? Read(HttpRequest request)
    {
        if (!MediaTypeHeaderValue.TryParse(request.ContentType, out var type)
            || !MediaTypes.Contains(type.MediaType.Value, StringComparer.OrdinalIgnoreCase))
        {
            return null;
        }

        try
        {
            var charset = HeaderUtilities.RemoveQuotes(type.Charset).Value;
            return new ImportFormat(
                type.MediaType.Equals(MediaTypes[0], StringComparison.OrdinalIgnoreCase),
                Lenient(string.IsNullOrEmpty(charset) ? "utf-8" : charset));
        }
        catch (Exception unknown) when (unknown is ArgumentException or NotSupportedException)
        {
            // .NET knows UTF-7 and refuses it.
            return null;
        }
    }

    /// <summary>Returns the text of a body. A byte order mark, if there is one, tells its encoding, whatever was declared.</summary>
    public async Task<TextReader> OpenAsync(BodyStream body)
    {
        var (marked, length) = await body.PeekAsync(4) switch
        {
            [0xEF, 0xBB, 0xBF, ..] => ("utf-8", 3),
            [0xFF, 0xFE, 0, 0] => ("utf-32", 4),
            [0xFF, 0xFE, ..] => ("utf-16", 2),
            [0xFE, 0xFF, ..] => ("utf-16BE", 2),
            _ => (null, 0),
        };
        await body.ReadExactlyAsync(new byte[length]);
        return new StreamReader(body, marked is null ? Encoding : Lenient(marked), detectEncodingFromByteOrderMarks: false);
    }

    private static Encoding Lenient(string name) =>
        Encoding.GetEncoding(name, EncoderFallback.ExceptionFallback, new DecoderReplacementFallback(Undecodable));
}
