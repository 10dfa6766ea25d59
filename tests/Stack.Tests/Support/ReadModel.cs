using System.Text.Json.Nodes;
using Npgsql;

namespace StackTests.Support;

/// <summary>What is in Postgres, without the API in between.</summary>
public static class ReadModel
{
    /// <summary>The row of a product as JSON, columns as members; null if there is none.</summary>
    public static async Task<JsonObject?> RowAsync(this NpgsqlDataSource postgres, string id)
    {
        await using var command = postgres.CreateCommand("SELECT to_jsonb(p)::text FROM products p WHERE id = @id");
        command.Parameters.AddWithValue("id", id);
        return await command.ExecuteScalarAsync(TestContext.Current.CancellationToken) is string json ? JsonNode.Parse(json)!.AsObject() : null;
    }

    /// <summary>The row of a product, once it has a version (or a later one).</summary>
    public static async Task<JsonObject> RowAsync(this NpgsqlDataSource postgres, string id, long version, TimeSpan? within = null) =>
        (await Eventually.GetAsync(
            $"{id} is in Postgres at version {version}", () => postgres.RowAsync(id), row => VersionOf(row) >= version, within))!;

    /// <summary>How many products of a tenant there are.</summary>
    public static async Task<long> CountAsync(this NpgsqlDataSource postgres, string tenant)
    {
        await using var command = postgres.CreateCommand("SELECT count(*) FROM products WHERE tenant_code = @tenant");
        command.Parameters.AddWithValue("tenant", tenant);
        return (long)(await command.ExecuteScalarAsync(TestContext.Current.CancellationToken))!;
    }

    public static async Task<int> ExecuteAsync(this NpgsqlDataSource postgres, string sql, params (string Name, object Value)[] parameters)
    {
        await using var command = postgres.CreateCommand(sql);
        foreach (var (name, value) in parameters)
        {
            command.Parameters.AddWithValue(name, value);
        }

        return await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
    }

    public static long VersionOf(JsonObject? row) => row?["version"]?.GetValue<long>() ?? 0;
}
