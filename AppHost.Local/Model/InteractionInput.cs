using System.Collections;

namespace Aspire.Hosting;

/// <summary>One value that a person is asked for.</summary>
public sealed class InteractionInput
{
    public required string Name { get; init; }

    public required InputType InputType { get; init; }

    public string? Label { get; init; }

    public string? Description { get; init; }

    public bool Required { get; init; }

    public string? Value { get; set; }
}

public enum InputType
{
    Text,
    SecretText,
    Choice,
    Boolean,
    Number,
}

public sealed class InteractionInputCollection(IReadOnlyList<InteractionInput> inputs) : IReadOnlyList<InteractionInput>
{
    public int Count => inputs.Count;

    public InteractionInput this[int index] => inputs[index];

    /// <returns>What was given, or the default; null if there is neither.</returns>
    public string? GetString(string name) =>
        inputs.FirstOrDefault(input => string.Equals(input.Name, name, StringComparison.OrdinalIgnoreCase))?.Value;

    public IEnumerator<InteractionInput> GetEnumerator() => inputs.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
