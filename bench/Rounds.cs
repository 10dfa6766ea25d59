namespace Bench;

/// <summary>Operations that take turns, each round in another order: none has the quieter minutes, or the emptier stores.</summary>
internal static class Rounds
{
    /// <returns>For each operation the median of its rounds, and how long each single one took.</returns>
    public static async Task<Measured[]> RunAsync(bool isQuick, IReadOnlyList<Func<Task<Measured>>> operations, Func<Task>? prepare = null)
    {
        var measured = operations.Select(_ => new List<Measured>()).ToList();
        for (var round = 0; round < (isQuick ? 2 : 6); round++)
        {
            if (prepare is not null)
            {
                await prepare();
            }

            for (var i = 0; i < operations.Count; i++)
            {
                var turn = (round + i) % operations.Count;
                measured[turn].Add(await operations[turn]());
            }
        }

        return
        [
            .. measured.Select(rounds => new Measured(
                Report.Median(rounds.Select(round => round.PerSecond)), [.. rounds.SelectMany(round => round.LatenciesMs)])),
        ];
    }
}
