using System.ComponentModel.DataAnnotations;

namespace Cqrs.AspNetCore.Http;

/// <summary>Limits a text by characters as people count them (code points), unlike <see cref="StringLengthAttribute"/>.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class CharactersAttribute(int max) : ValidationAttribute($"must be at most {max} characters")
{
    public override bool IsValid(object? value) =>
        value is not string text || text.Length <= max || text.EnumerateRunes().Take(max + 1).Count() <= max;
}
