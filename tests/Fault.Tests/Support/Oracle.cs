using System.Diagnostics;
using System.Globalization;
using System.Text;
using Amazon.DynamoDBv2;
using Amazon.DynamoDBv2.Model;
using Cqrs.Items;
using Cqrs.Tables;
using Npgsql;

namespace FaultTests.Support;

/// <summary>A command that was acknowledged to a caller.</summary>
public sealed record Ack(string Sk, long Version, string Name);

/// <summary>
/// What the read models must be: the outcome of replaying a tenant's commands one after the other. It reads items and rows as they are stored
/// and shares no code with the projection.
/// </summary>
public sealed class Oracle(IAmazonDynamoDB dynamoDb, TableNames tables, CqrsModule module, NpgsqlDataSource postgres)
{
    private const int MaxShown = 12;

    private static readonly TimeSpan Default = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(150);
    private static readonly string[] OfCommandsOnly = ["syncMode", "traceparent", "writeId", "failedReason"];

    /// <summary>Waits until the read models are what they must be, and fails with the differences if they do not become so.</summary>
    /// <returns>How many commands there are.</returns>
    public async Task<int> CheckAsync(string tenant, IReadOnlyCollection<Ack>? acks = null, TimeSpan? within = null)
    {
        var started = Stopwatch.GetTimestamp();
        while (true)
        {
            List<string> differences;
            var commands = 0;
            try
            {
                (commands, differences) = await CompareAsync(tenant, acks ?? []);
            }
            catch (Exception fault) when (fault is NpgsqlException or AmazonDynamoDBException or HttpRequestException or TimeoutException)
            {
                // A store that has just come back.
                differences = [fault.ToString()];
            }

            if (differences.Count == 0)
            {
                return commands;
            }

            if (Stopwatch.GetElapsedTime(started) > (within ?? Default))
            {
                Assert.Fail(
                    $"After {within ?? Default} {differences.Count} differences in {tenant}:\n{string.Join('\n', differences.Take(MaxShown))}");
            }

            await Task.Delay(Pause, TestContext.Current.CancellationToken);
        }
    }

    /// <summary>Everything that a tenant has in any table, as text: to see that nothing changes, or that nothing is left.</summary>
    public async Task<IReadOnlyList<string>> DumpAsync(string tenant)
    {
        var pk = module.PkOf(tenant);
        var all = new List<string>();
        foreach (var table in new[] { tables.Command(module), tables.Data(module), tables.History(module), tables.Unique(module) })
        {
            all.AddRange((await QueryAsync(table, pk)).Select(item => $"{table}: {Canonical(item)}"));
        }

        all.AddRange((await RowsAsync(pk)).Values.Select(row => $"products: {row}"));
        return all;
    }

    private async Task<(int Commands, List<string> Differences)> CompareAsync(string tenant, IReadOnlyCollection<Ack> acks)
    {
        var pk = module.PkOf(tenant);
        var differences = new List<string>();
        var commands = await QueryAsync(tables.Command(module), pk);
        var data = new Dictionary<string, string>();
        var history = new Dictionary<string, string>();
        var rows = new Dictionary<string, string>();
        var reservations = new Dictionary<string, string>();

        foreach (var item in commands.GroupBy(command => SkOf(command["sk"].S)))
        {
            var expected = 1L;
            foreach (var command in item.OrderBy(VersionOf))
            {
                if (VersionOf(command) != expected++ || command["sk"].S != $"{item.Key}@{VersionOf(command)}")
                {
                    differences.Add($"gap: {command["sk"].S} follows version {expected - 2}");
                }

                if (data.Remove(item.Key, out var before))
                {
                    history[$"{item.Key}@{VersionOf(command) - 1}"] = before.Replace(
                        $"\u0001sk={item.Key}\u0001", $"\u0001sk={item.Key}@{VersionOf(command) - 1}\u0001", StringComparison.Ordinal);
                }

                data[item.Key] = Canonical(State(command, item.Key));
                rows[item.Key] = Row(command, item.Key);
            }

            var newest = item.MaxBy(VersionOf)!;
            if (!(newest["code"].S == item.Key && Keys.IsUlid(item.Key)))
            {
                reservations[$"CODE#{newest["code"].S}"] = newest["id"].S;
            }
        }

        var byKey = commands.ToDictionary(command => command["sk"].S, command => command["name"].S);
        differences.AddRange(acks
            .Where(ack => byKey.GetValueOrDefault($"{ack.Sk}@{ack.Version}") != ack.Name)
            .Select(ack => $"lost: {ack} was acknowledged; the command table has '{byKey.GetValueOrDefault($"{ack.Sk}@{ack.Version}")}'"));

        Compare("data", data, (await QueryAsync(tables.Data(module), pk)).ToDictionary(item => item["sk"].S, Canonical), differences);
        Compare("history", history, (await QueryAsync(tables.History(module), pk)).ToDictionary(item => item["sk"].S, Canonical), differences);
        Compare("postgres", rows, await RowsAsync(pk), differences);
        Compare(
            "unique",
            reservations,
            (await QueryAsync(tables.Unique(module), pk))
                .Where(item => item["sk"].S.StartsWith("CODE#", StringComparison.Ordinal))
                .ToDictionary(item => item["sk"].S, item => item["id"].S),
            differences);
        return (commands.Count, differences);
    }

    private static void Compare(string what, Dictionary<string, string> expected, Dictionary<string, string> actual, List<string> differences)
    {
        differences.AddRange(expected.Where(e => !actual.ContainsKey(e.Key)).Select(e => $"{what}: {e.Key} is missing"));
        differences.AddRange(actual.Where(a => !expected.ContainsKey(a.Key)).Select(a => $"{what}: {a.Key} is too many"));
        differences.AddRange(expected
            .Where(e => actual.TryGetValue(e.Key, out var value) && value != e.Value)
            .Select(e => $"{what}: {e.Key}\n  is   {actual[e.Key].Replace('\u0001', '|')}\n  must {e.Value.Replace('\u0001', '|')}"));
    }

    // What the data table must say: the command without what only commands have, under the key without version.
    private static Dictionary<string, AttributeValue> State(Dictionary<string, AttributeValue> command, string sk)
    {
        var state = command.Where(attribute => !OfCommandsOnly.Contains(attribute.Key)).ToDictionary();
        state["sk"] = new AttributeValue(sk);
        state["cpk"] = command["pk"];
        state["csk"] = command["sk"];
        return state;
    }

    private static string Row(Dictionary<string, AttributeValue> command, string sk)
    {
        var attributes = command["attributes"].M ?? [];
        return Join(
            ("id", command["id"].S),
            ("cpk", command["pk"].S),
            ("csk", command["sk"].S),
            ("pk", command["pk"].S),
            ("sk", sk),
            ("code", command["code"].S),
            ("name", command["name"].S),
            ("type", command["type"].S),
            ("seq", command.GetValueOrDefault("seq")?.N),
            ("category", attributes.GetValueOrDefault("category")?.S),
            ("price", Number(attributes.GetValueOrDefault("price")?.N)),
            ("description", attributes.GetValueOrDefault("description")?.S),
            ("weight", attributes.GetValueOrDefault("specification")?.M?.GetValueOrDefault("weight")?.S),
            ("tenant_code", command["tenantCode"].S),
            ("version", command["version"].N),
            ("is_deleted", command.GetValueOrDefault("isDeleted")?.BOOL == true ? "True" : "False"),
            ("source", command["source"].S),
            ("request_id", command["requestId"].S),
            ("created_at", command["createdAt"].S),
            ("created_by", command["createdBy"].S),
            ("created_ip", command["createdIp"].S),
            ("updated_at", command["updatedAt"].S),
            ("updated_by", command["updatedBy"].S),
            ("updated_ip", command["updatedIp"].S),
            ("expires_at", command.GetValueOrDefault("ttl")?.N));
    }

    private async Task<Dictionary<string, string>> RowsAsync(string pk)
    {
        await using var select = postgres.CreateCommand(
            """
            SELECT id, cpk, csk, pk, sk, code, name, type, seq, category, price, description, specification->>'weight' AS weight,
                tenant_code, version, is_deleted, source, request_id,
                to_char(created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS created_at, created_by, created_ip,
                to_char(updated_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS updated_at, updated_by, updated_ip,
                extract(epoch FROM expires_at)::bigint AS expires_at
            FROM products WHERE pk = @pk
            """);
        select.Parameters.AddWithValue("pk", pk);
        var rows = new Dictionary<string, string>();
        await using var reader = await select.ExecuteReaderAsync(TestContext.Current.CancellationToken);
        while (await reader.ReadAsync(TestContext.Current.CancellationToken))
        {
            rows[reader.GetString(4)] = Join([.. Enumerable.Range(0, reader.FieldCount).Select(i => (reader.GetName(i), Text(reader, i)))]);
        }

        return rows;
    }

    private static string? Text(NpgsqlDataReader reader, int column) => reader.GetValue(column) switch
    {
        DBNull => null,
        decimal number => Number(number.ToString(CultureInfo.InvariantCulture)),
        var value => Convert.ToString(value, CultureInfo.InvariantCulture),
    };

    private static string? Number(string? text) =>
        text is null ? null : decimal.Parse(text, NumberStyles.Float, CultureInfo.InvariantCulture).ToString("G29", CultureInfo.InvariantCulture);

    private static string Join(params (string Name, string? Value)[] columns) =>
        string.Join('\u0001', columns.Select(column => $"{column.Name}={column.Value ?? "-"}"));

    private static string Canonical(Dictionary<string, AttributeValue> item)
    {
        var text = new StringBuilder("\u0001");
        foreach (var (name, value) in item.OrderBy(attribute => attribute.Key, StringComparer.Ordinal))
        {
            text.Append(name).Append('=').Append(Canonical(value)).Append('\u0001');
        }

        return text.ToString();
    }

    private static string Canonical(AttributeValue value) => value switch
    {
        { S: { } text } => text,
        { N: { } number } => Number(number)!,
        { BOOL: { } flag } => flag.ToString(),
        { NULL: true } => "null",
        { M: { } map } => $"{{{Canonical(map)}}}",
        { L: { } list } => $"[{string.Join(',', list.Select(Canonical))}]",
        _ => throw new NotSupportedException("An attribute of a type that items do not have."),
    };

    private static long VersionOf(Dictionary<string, AttributeValue> item) => long.Parse(item["version"].N, CultureInfo.InvariantCulture);

    private static string SkOf(string sk) => sk[..sk.LastIndexOf('@')];

    private async Task<List<Dictionary<string, AttributeValue>>> QueryAsync(string table, string pk)
    {
        var items = new List<Dictionary<string, AttributeValue>>();
        Dictionary<string, AttributeValue>? start = null;
        do
        {
            var page = await dynamoDb.QueryAsync(
                new QueryRequest
                {
                    TableName = table,
                    KeyConditionExpression = "pk = :pk",
                    ExpressionAttributeValues = new() { [":pk"] = new AttributeValue(pk) },
                    ConsistentRead = true,
                    ExclusiveStartKey = start,
                },
                TestContext.Current.CancellationToken);
            items.AddRange(page.Items);
            start = page.LastEvaluatedKey is { Count: > 0 } last ? last : null;
        }
        while (start is not null);

        return items;
    }
}
