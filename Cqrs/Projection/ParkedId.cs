using System.Buffers.Text;
using System.Text;

namespace Cqrs.Projection;

/// <summary>The id by which operators name a parked command: module and sort key, in a form that a URL can hold.</summary>
internal static class ParkedId
{
    public static string Of(string module, string sk) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes($"{module}\n{sk}"));

    /// <summary>Returns the module and the sort key that an id names; null if it names none.</summary>
    public static (string Module, string Sk)? Read(string id)
    {
        if (!Base64Url.IsValid(id))
        {
            return null;
        }

        return Encoding.UTF8.GetString(Base64Url.DecodeFromChars(id)).Split('\n', 2) is [var module, var sk]
            && Encoding.UTF8.GetByteCount(sk) is > 0 and <= ParkedStore.MaxSkBytes
            ? (module, sk)
            : null;
    }
}
