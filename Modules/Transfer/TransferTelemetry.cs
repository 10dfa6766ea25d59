using System.Diagnostics;

namespace Modules.Transfer;

/// <summary>Traces of imports.</summary>
internal static class TransferTelemetry
{
    public static readonly ActivitySource Source = new("Modules.Transfer");
}
