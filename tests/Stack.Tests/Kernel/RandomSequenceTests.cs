using System.Text.Json.Nodes;
using Cqrs.Items;
using Cqrs.Publishing;

namespace StackTests.Kernel;

/// <summary>
/// Random sequences of publishes on a few items, projected in pieces, out of order and repeatedly: every answer, and what is stored in the
/// end, is that of a plain model in memory.
/// </summary>
public sealed class RandomSequenceTests(Stack stack)
{
    private const int Steps = 45;

    public static TheoryData<int> Seeds => [.. Enumerable.Range(1, 12)];

    [Theory]
    [MemberData(nameof(Seeds))]
    public async Task Any_sequence_in_any_order_of_projection_ends_in_the_state_of_the_plain_model(int seed)
    {
        await using var kernel = await KernelHost.StartAsync(stack);
        var run = new Run(kernel, new Random(seed));
        for (var step = 0; step < Steps; step++)
        {
            try
            {
                await run.StepAsync();
            }
            catch (Exception failure) when (failure is not OperationCanceledException)
            {
                throw new InvalidOperationException($"Seed {seed}, step {step}: {run.Last}. So far:\n{string.Join('\n', run.Done)}", failure);
            }
        }

        await run.ProjectAllAsync();
        await run.CheckAsync();
    }

    private sealed record State(string Name, string Code, long? Seq, bool IsDeleted, JsonObject Attributes)
    {
        public bool Is(ItemModel item) =>
            (Name, Code, Seq, IsDeleted) == (item.Name, item.Code, item.Seq, item.IsDeleted) && JsonContent.AreSame(Attributes, item.Attributes);

        public bool Is(State other) =>
            (Name, Code, Seq, IsDeleted) == (other.Name, other.Code, other.Seq, other.IsDeleted) && JsonContent.AreSame(Attributes, other.Attributes);
    }

    private sealed class Run(KernelHost kernel, Random random)
    {
        private static readonly string[] Sks = ["one", "two/2", "three#3"];
        private static readonly string[] Codes = ["A", "B", "C"];

        private readonly Dictionary<string, List<State>> _model = Sks.ToDictionary(sk => sk, _ => new List<State>());
        private readonly List<CommandModel> _accepted = [];

        public List<string> Done { get; } = [];

        public string Last => Done.LastOrDefault() ?? "nothing";

        public async Task StepAsync()
        {
            var sk = Sks[random.Next(Sks.Length)];
            switch (random.Next(10))
            {
                case < 4:
                    await PublishAsync(sk);
                    break;
                case 4:
                    await PatchAsync(sk);
                    break;
                case 5:
                    await DeleteOrRestoreAsync(sk);
                    break;
                case 6:
                    await RaceAsync(sk);
                    break;
                default:
                    await ProjectSomeAsync();
                    break;
            }
        }

        public async Task ProjectAllAsync()
        {
            var rest = _accepted.ToArray();
            random.Shuffle(rest);
            foreach (var batch in rest.Concat(rest.Where(_ => random.Next(3) == 0)).Chunk(1 + random.Next(7)))
            {
                await ProjectAsync(batch);
            }
        }

        public async Task CheckAsync()
        {
            foreach (var (sk, states) in _model)
            {
                var (log, history, data) = (await kernel.LogAsync(sk), await kernel.HistoryAsync(sk), await kernel.DataAsync(sk));
                Assert.Equal(Enumerable.Range(1, states.Count).Select(v => (long)v), log.Select(command => command.Version));
                Assert.All(states.Zip(log), pair => Assert.True(pair.First.Is(pair.Second), $"{sk}: {pair.First} is stored as {pair.Second}"));
                Assert.Equal(log.SkipLast(1).Select(command => command.Version), history.Select(state => state.Version));
                Assert.All(states.Zip(history), pair => Assert.True(pair.First.Is(pair.Second), $"{sk}: {pair.First} is history {pair.Second}"));
                Assert.Equal(states.Count, data?.Version ?? 0);
                Assert.True(data is null || states[^1].Is(data), $"{sk}: {states.LastOrDefault()} is data {data}");
                Assert.Equal(states.Count, kernel.Handler.Rows.TryGetValue(kernel.Key(sk), out var row) ? row.Version : 0);
                Assert.True(row is null || states[^1].Is(row), $"{sk}: {states.LastOrDefault()} is the row {row}");
            }

            var reserved = _model.Where(item => item.Value.Count > 0).ToDictionary(item => item.Value[^1].Code, item => kernel.Key(item.Key).Id);
            Assert.Equal(reserved.OrderBy(r => r.Key), (await kernel.ReservationsAsync()).OrderBy(r => r.Key));
            var parked = await kernel.Parked.ReadUnresolvedAsync(TestContext.Current.CancellationToken).ToListAsync(TestContext.Current.CancellationToken);
            Assert.DoesNotContain(parked, command => command.Command!.TenantCode == kernel.Tenant);
        }

        private async Task PublishAsync(string sk)
        {
            var states = _model[sk];
            var version = random.Next(6) switch
            {
                0 => 0,
                1 => Keys.VersionLatest,
                2 => Math.Max(1, states.Count - 1),
                3 => states.Count + 1,
                _ => states.Count,
            };
            var code = random.Next(3) == 0 ? Codes[random.Next(Codes.Length)] : null;
            var next = random.Next(4) == 0 && states.Count > 0
                ? states[random.Next(states.Count)] with { Code = code ?? states[^1].Code }
                : new State($"Name {random.Next(1000)}", code ?? states.LastOrDefault()?.Code ?? sk, RandomSeq(), random.Next(5) == 0, RandomAttributes());
            var input = kernel.Input(sk, version, next.Name) with
            {
                Code = code, Seq = next.Seq, IsDeleted = next.IsDeleted, Attributes = (JsonObject)next.Attributes.DeepClone(),
            };
            await DoAsync($"publish {sk} at {version} of {states.Count}: {next}", sk, version, next, isSync => kernel.PublishAsync(input, isSync));
        }

        private async Task PatchAsync(string sk)
        {
            var states = _model[sk];
            if (states.Count == 0)
            {
                return;
            }

            var patch = new JsonObject { ["price"] = random.Next(3) == 0 ? null : random.Next(10), ["extra"] = new JsonObject { ["x"] = random.Next(3) } };
            var version = random.Next(3) == 0 ? Keys.VersionLatest : random.Next(4) == 0 ? states.Count + 1 : states.Count;
            var next = states[^1] with { Attributes = (JsonObject)JsonContent.Merge(states[^1].Attributes, patch)! };
            await DoAsync(
                $"patch {sk} at {version} of {states.Count}: {patch.ToJsonString()}",
                sk,
                version,
                next,
                isSync => kernel.PatchAsync(sk, version, new JsonObject { ["attributes"] = patch.DeepClone() }.ToJsonString(), isSync));
        }

        private async Task DeleteOrRestoreAsync(string sk)
        {
            var states = _model[sk];
            if (states.Count == 0)
            {
                return;
            }

            var next = states[^1] with { IsDeleted = !states[^1].IsDeleted };
            await DoAsync(
                $"delete or restore {sk}",
                sk,
                Keys.VersionLatest,
                next,
                isSync => kernel.PatchAsync(sk, Keys.VersionLatest, $$"""{"isDeleted":{{(next.IsDeleted ? "true" : "null")}}}""", isSync));
        }

        // Several writers who have seen the same version: one of them wins, whichever.
        private async Task RaceAsync(string sk)
        {
            var version = _model[sk].Count;
            Done.Add($"race on {sk} at {version}");
            var inputs = Enumerable.Range(0, 3)
                .Select(i => kernel.Input(sk, version, $"Racer {i} {random.Next(1000)}", $$"""{"price":{{i}}}"""))
                .ToList();
            var results = await Task.WhenAll(inputs.Select((input, i) => kernel.PublishAsync(input, isSync: i == 0 && random.Next(2) == 0)));
            if (version == 0 && results.OfType<PublishResult.CodeTaken>().Any())
            {
                Assert.Contains(_model, item => item.Value.LastOrDefault()?.Code == sk);
                return;
            }

            var winner = Assert.Single(results.OfType<PublishResult.Accepted>()).Command;
            Assert.Equal(2, results.Count(result => result == new PublishResult.Conflict(version + 1)));
            Add(sk, winner, new State(winner.Name, _model[sk].LastOrDefault()?.Code ?? sk, null, false, winner.Attributes));
        }

        private async Task DoAsync(string what, string sk, long version, State next, Func<bool, Task<PublishResult>> publish)
        {
            var isSync = random.Next(3) == 0;
            Done.Add($"{what}{(isSync ? " (sync)" : "")}");
            var states = _model[sk];
            var result = await publish(isSync);
            if (version != Keys.VersionLatest && version != states.Count)
            {
                Assert.Equal(new PublishResult.Conflict(states.Count), result);
            }
            else if (states.Count > 0 && next.Is(states[^1]))
            {
                Assert.Equal(states.Count, Assert.IsType<PublishResult.Unchanged>(result).Current.Version);
            }
            else if (_model.Any(other => other.Key != sk && other.Value.LastOrDefault()?.Code == next.Code))
            {
                Assert.Equal(new PublishResult.CodeTaken(next.Code), result);
            }
            else
            {
                Add(sk, KernelHost.Accepted(result), next);
            }
        }

        private void Add(string sk, CommandModel command, State state)
        {
            _model[sk].Add(state);
            _accepted.Add(command);
            Assert.Equal(_model[sk].Count, command.Version);
            Assert.True(state.Is(command), $"{state} was accepted as {command}");
        }

        private Task ProjectSomeAsync()
        {
            var some = _accepted.Where(_ => random.Next(4) == 0).Take(8).ToArray();
            random.Shuffle(some);
            return ProjectAsync([.. some, .. some.Where(_ => random.Next(3) == 0)]);
        }

        // No read model ever goes back.
        private async Task ProjectAsync(CommandModel[] batch)
        {
            Done.Add($"project {string.Join(", ", batch.Select(command => command.Sk))}");
            var before = await VersionsAsync();
            await kernel.ProjectAsync(batch);
            var after = await VersionsAsync();
            foreach (var sk in Sks)
            {
                var newest = batch.Where(command => command.Key.Sk == sk).Select(command => command.Version).DefaultIfEmpty().Max();
                Assert.True(after[sk].Data >= Math.Max(before[sk].Data, newest), $"Data of {sk}: {before[sk]} to {after[sk]}");
                Assert.True(after[sk].Row >= Math.Max(before[sk].Row, newest), $"Row of {sk}: {before[sk]} to {after[sk]}");
            }

        }

        private async Task<Dictionary<string, (long Data, long Row)>> VersionsAsync()
        {
            var versions = new Dictionary<string, (long Data, long Row)>();
            foreach (var sk in Sks)
            {
                versions[sk] = (
                    (await kernel.DataAsync(sk))?.Version ?? 0, kernel.Handler.Rows.TryGetValue(kernel.Key(sk), out var row) ? row.Version : 0);
            }

            return versions;
        }

        private long? RandomSeq() => random.Next(3) == 0 ? random.Next(5) : null;

        private JsonObject RandomAttributes()
        {
            var attributes = new JsonObject();
            if (random.Next(2) == 0)
            {
                attributes["price"] = random.Next(10);
            }

            if (random.Next(2) == 0)
            {
                attributes["tags"] = new JsonArray([.. Enumerable.Range(0, random.Next(3)).Select(i => (JsonNode?)$"tag {i}")]);
            }

            return attributes;
        }
    }
}
