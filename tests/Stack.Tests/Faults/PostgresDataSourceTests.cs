using Cqrs.Postgres;
using Microsoft.Extensions.Configuration;
using Npgsql;

namespace StackTests.Faults;

public sealed class PostgresDataSourceTests
{
    [Fact]
    public async Task A_connection_is_not_waited_for_long_and_is_not_reset()
    {
        var settings = await SettingsAsync("Host=localhost;Username=product");

        Assert.Equal(5, settings.Timeout);
        Assert.True(settings.NoResetOnClose);
        Assert.Equal(GssEncryptionMode.Disable, settings.GssEncryptionMode);
    }

    [Fact]
    public async Task What_the_connection_string_says_is_kept()
    {
        var settings = await SettingsAsync("Host=localhost;Username=product;timeout=20;NoResetOnClose=false;GssEncryptionMode=Require");

        Assert.Equal(20, settings.Timeout);
        Assert.False(settings.NoResetOnClose);
        Assert.Equal(GssEncryptionMode.Require, settings.GssEncryptionMode);
    }

    private static async Task<NpgsqlConnectionStringBuilder> SettingsAsync(string connectionString)
    {
        var configuration = new ConfigurationBuilder()
            .AddInMemoryCollection([new($"ConnectionStrings:productdb", connectionString)])
            .Build();
        await using var dataSource = PostgresDataSource.Create(configuration, "productdb");
        return new NpgsqlConnectionStringBuilder(dataSource.ConnectionString);
    }
}
