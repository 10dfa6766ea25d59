using System.Globalization;
using Cqrs.Items;
using Cqrs.Publishing;
using Microsoft.AspNetCore.Http;

namespace Cqrs.AspNetCore.Http;

/// <summary>
/// Reads query parameters strictly: what cannot be parsed, is out of range, is given twice or is not known becomes an error, and is never
/// adjusted.
/// </summary>
public sealed class QueryReader(IQueryCollection query)
{
    private readonly List<FieldError> _errors = [];
    private readonly HashSet<string> _known = [];

    /// <summary>Gets the errors, unknown parameters included. Ask when all have been read.</summary>
    public List<FieldError> Errors =>
        [.. _errors, .. query.Keys.Where(name => !_known.Contains(name)).Select(name => new FieldError(name, "is not a known parameter"))];

    public string? Text(string name)
    {
        _known.Add(name);
        if (!query.TryGetValue(name, out var values) || values.Count == 0)
        {
            return null;
        }

        if (values is not [{ } value])
        {
            return Error<string>(name, "must be given once");
        }

        // A parameter without a value is one that was left out of a form.
        if (value.Length == 0)
        {
            return null;
        }

        return Keys.CheckText(value, int.MaxValue) is { } problem ? Error<string>(name, problem) : value;
    }

    public int Int(string name, int ifAbsent, int min, int max) => Text(name) switch
    {
        null => ifAbsent,
        var text when int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value)
            && value >= min && value <= max => value,
        _ => Error(name, $"must be a whole number from {min} to {max}", ifAbsent),
    };

    public decimal? Decimal(string name) => Text(name) switch
    {
        null => null,
        var text when text.AsSpan().IndexOfAnyExcept("0123456789+-.eE") < 0 && JsonContent.ToExactDecimal(text) is { } value => value,
        _ => Error<decimal?>(name, "must be a number of at most 28 significant digits"),
    };

    public bool Flag(string name) => Text(name) switch
    {
        null or "false" => false,
        "true" => true,
        _ => Error(name, "must be true or false", false),
    };

    /// <summary>One of a few words.</summary>
    public T OneOf<T>(string name, T ifAbsent, params (string Word, T Value)[] words)
    {
        if (Text(name) is not { } text)
        {
            return ifAbsent;
        }

        var found = words.Where(word => word.Word == text).ToList();
        return found.Count > 0 ? found[0].Value : Error(name, $"must be one of {string.Join(", ", words.Select(w => w.Word))}", ifAbsent);
    }

    /// <summary>Fields to sort by, in any of the forms <c>field:asc</c>, <c>field:desc</c>, <c>field</c> and <c>-field</c>.</summary>
    public IReadOnlyList<(string Field, bool IsDescending)> Orders(string name, IEnumerable<string> fields)
    {
        _known.Add(name);
        var orders = new List<(string Field, bool IsDescending)>();
        foreach (var text in query[name].OfType<string>().Where(text => text.Length > 0))
        {
            var (field, direction) = text.Split(':') switch
            {
                [['-', .. var negated]] => (negated, "desc"),
                [var plain] => (plain, "asc"),
                [var plain, var word] => (plain, word),
                _ => ("", ""),
            };
            if (!fields.Contains(field) || direction is not ("asc" or "desc"))
            {
                _errors.Add(new(name, $"must be field:asc, field:desc or -field, where field is one of {string.Join(", ", fields)}"));
            }
            else
            {
                orders.Add((field, direction == "desc"));
            }
        }

        return orders;
    }

    public T? Error<T>(string name, string message)
    {
        _errors.Add(new(name, message));
        return default;
    }

    private T Error<T>(string name, string message, T instead)
    {
        _errors.Add(new(name, message));
        return instead;
    }
}
