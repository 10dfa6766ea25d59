using System.Globalization;
using System.Text;

namespace Cqrs.Items;

/// <summary>
/// How keys are built and taken apart. Terms and formats are those of MBC CQRS Serverless (its <c>helpers/key.ts</c>):
/// <c>pk = TYPE#tenant</c>, <c>sk</c>, <c>id = pk#sk</c>, and <c>sk@version</c> for one version of an item.
/// </summary>
public static class Keys
{
    /// <summary>Separates the parts of a partition key and of an id.</summary>
    public const char KeySeparator = '#';

    /// <summary>Separates a sort key from the version it stands for.</summary>
    public const char VersionSeparator = '@';

    /// <summary>The version a caller passes for an item that must not exist yet.</summary>
    public const long VersionFirst = 0;

    /// <summary>The version a caller passes to build on the newest state, whatever its version is.</summary>
    public const long VersionLatest = -1;

    /// <summary>Returns the partition key of a tenant's items of one type: <c>TYPE#tenant</c>.</summary>
    public static string GeneratePk(string type, string tenantCode) => $"{type}{KeySeparator}{tenantCode}";

    /// <summary>Returns the id of an item: <c>pk#sk</c>. A version that the sort key may carry is left out.</summary>
    public static string GenerateId(string pk, string sk) => $"{pk}{KeySeparator}{RemoveSortKeyVersion(sk)}";

    /// <summary>
    /// Escapes a text that becomes a part of a joined key. As in JSON Pointer (RFC 6901), <c>~1</c> stands for the separator and
    /// <c>~0</c> for <c>~</c>. What has neither stays as it is.
    /// </summary>
    public static string EscapePart(string part, char separator) =>
        part.Replace("~", "~0", StringComparison.Ordinal).Replace(separator.ToString(), "~1", StringComparison.Ordinal);

    /// <summary>Returns a new sort key: a ULID, so that keys sort by the time they were made.</summary>
    public static string GenerateSk() => Ulid.NewUlid().ToString();

    /// <summary>Returns the sort key of one version in the command or history table: <c>sk@version</c>, not padded.</summary>
    public static string AddSortKeyVersion(string sk, long version) =>
        string.Create(CultureInfo.InvariantCulture, $"{RemoveSortKeyVersion(sk)}{VersionSeparator}{version}");

    /// <summary>Returns the sort key without the version it may carry.</summary>
    public static string RemoveSortKeyVersion(string sk)
    {
        var separator = sk.LastIndexOf(VersionSeparator);
        return separator < 0 ? sk : sk[..separator];
    }

    /// <summary>
    /// Returns the version that a sort key carries, or null if it carries none that this library could have written: a positive number
    /// without sign or leading zeros.
    /// </summary>
    public static long? GetSortKeyVersion(string sk)
    {
        var separator = sk.LastIndexOf(VersionSeparator);
        if (separator < 0)
        {
            return null;
        }

        var digits = sk.AsSpan(separator + 1);
        return digits is [>= '1' and <= '9', ..] && long.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var version)
            ? version
            : null;
    }

    /// <summary>Returns the tenant code inside a partition key, or null if <paramref name="pk"/> is not of the form <c>TYPE#tenant</c>.</summary>
    public static string? GetTenantCode(string pk)
    {
        var separator = pk.IndexOf(KeySeparator);
        return separator > 0 && IsTenantCode(pk.AsSpan(separator + 1)) ? pk[(separator + 1)..] : null;
    }

    /// <summary>Returns whether a text is a tenant code: 1 to 64 of <c>a-z</c>, <c>0-9</c>, <c>_</c> and <c>-</c>.</summary>
    public static bool IsTenantCode(ReadOnlySpan<char> text) =>
        text.Length is >= 1 and <= 64 && text.IndexOfAnyExcept(TenantCharacters) < 0;

    /// <summary>Returns the tenant code that a text says, whatever its case; null if it says none.</summary>
    /// <remarks>Of ASCII alone: lower-casing makes letters of <c>a-z</c> of some others, such as U+212A, the Kelvin sign.</remarks>
    public static string? ToTenantCode(string text) =>
        Ascii.IsValid(text) && text.ToLowerInvariant() is var code && IsTenantCode(code) ? code : null;

    /// <summary>Returns whether a text has the form of a ULID (26 characters of Crockford's base 32, in either case).</summary>
    public static bool IsUlid(string text) =>
        text.Length == 26 && text[0] is >= '0' and <= '7' && text.AsSpan().IndexOfAnyExcept(UlidCharacters) < 0;

    /// <summary>
    /// Compares sort keys as DynamoDB orders them: by the bytes of their UTF-8 form, which differs from the order of .NET
    /// strings where a character lies outside the basic plane.
    /// </summary>
    public static int CompareSk(string left, string right)
    {
        for (var i = 0; i < left.Length && i < right.Length; i++)
        {
            if (left[i] != right[i])
            {
                // Surrogates stand for the highest code points, yet have lower code units than U+E000 to U+FFFF.
                return (char.IsSurrogate(left[i]), char.IsSurrogate(right[i])) switch
                {
                    (true, false) => 1,
                    (false, true) => -1,
                    _ => left[i].CompareTo(right[i]),
                };
            }
        }

        return left.Length.CompareTo(right.Length);
    }

    /// <summary>Why a sort key given by a caller cannot be used, or null if it can.</summary>
    /// <remarks>1 to 512 characters, at most 800 bytes of UTF-8, no <c>@</c>, no control characters, neither <c>.</c> nor <c>..</c>.</remarks>
    public static string? CheckSk(string sk)
    {
        if (CheckText(sk, MaxKeyCharacters) is { } problem)
        {
            return problem;
        }

        if (Encoding.UTF8.GetByteCount(sk) > MaxKeyBytes)
        {
            return $"must be at most {MaxKeyBytes} bytes of UTF-8";
        }

        if (sk.Contains(VersionSeparator))
        {
            return $"must not contain '{VersionSeparator}'";
        }

        if (sk.Any(char.IsControl))
        {
            return "must not contain control characters";
        }

        return sk is "." or ".." ? "must not be '.' or '..'" : null;
    }

    /// <summary>Why a code given by a caller cannot be used, or null if it can: the lengths of a sort key, any valid text.</summary>
    public static string? CheckCode(string code) =>
        CheckText(code, MaxKeyCharacters)
        ?? (Encoding.UTF8.GetByteCount(code) > MaxKeyBytes ? $"must be at most {MaxKeyBytes} bytes of UTF-8" : null);

    /// <summary>Why a text cannot be stored, or null if it can: 1 to <paramref name="maxCharacters"/> characters (code points), no NUL, no lone surrogates.</summary>
    public static string? CheckText(string text, int maxCharacters)
    {
        if (text.Length == 0)
        {
            return "must not be empty";
        }

        return CheckCharacters(text, out var characters)
            ?? (characters > maxCharacters ? $"must be at most {maxCharacters} characters" : null);
    }

    /// <summary>Why a text cannot be stored whatever its length, or null if it can; and its length in characters (code points).</summary>
    internal static string? CheckCharacters(string text, out int characters)
    {
        characters = 0;
        var rest = text.AsSpan();
        while (!rest.IsEmpty)
        {
            if (Rune.DecodeFromUtf16(rest, out var rune, out var consumed) != System.Buffers.OperationStatus.Done)
            {
                return "must be valid text (it has a lone surrogate)";
            }

            if (rune.Value == 0)
            {
                return "must not contain NUL";
            }

            characters++;
            rest = rest[consumed..];
        }

        return null;
    }

    private const int MaxKeyCharacters = 512;
    private const int MaxKeyBytes = 800;

    private static readonly System.Buffers.SearchValues<char> TenantCharacters =
        System.Buffers.SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789_-");

    private static readonly System.Buffers.SearchValues<char> UlidCharacters =
        System.Buffers.SearchValues.Create("0123456789ABCDEFGHJKMNPQRSTVWXYZabcdefghjkmnpqrstvwxyz");
}
