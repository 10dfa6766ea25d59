using System.Diagnostics;

namespace Cqrs.AspNetCore.Files;

/// <summary>Traces of imports.</summary>
internal static class TransferTelemetry
{
    public static readonly ActivitySource Source = new("Cqrs.AspNetCore.Files");
}
