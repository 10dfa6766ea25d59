namespace Bench;

/// <summary>The medians of rounds in which the raw operation and the own one take turns.</summary>
internal sealed record Rounds(double Own, double Raw, IReadOnlyList<double> LatenciesMs)
{
    public static async Task<Rounds> RunAsync(
        bool isQuick,
        Func<Task<(double PerSecond, List<double> LatenciesMs)>> raw,
        Func<Task<(double PerSecond, List<double> LatenciesMs)>> own,
        Func<Task>? prepare = null)
    {
        var (raws, owns, latencies) = (new List<double>(), new List<double>(), new List<double>());
        for (var round = 0; round < (isQuick ? 3 : 5); round++)
        {
            if (prepare is not null)
            {
                await prepare();
            }

            raws.Add((await raw()).PerSecond);
            var (perSecond, ms) = await own();
            owns.Add(perSecond);
            latencies.AddRange(ms);
        }

        return new(Report.Median(owns), Report.Median(raws), latencies);
    }
}
