using System.Security.Cryptography;
using System.Text;
using Amazon;
using Amazon.Runtime;
using Cqrs.Postgres;
using Cqrs.Postgres.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Products;

namespace StackTests.Security;

/// <summary>How a service shows itself to Postgres on AWS, without a password.</summary>
public sealed class RdsAuthTokenTests
{
    private const string Host = "proxy.proxy-abc.eu-central-1.rds.amazonaws.com";
    private const string Secret = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";

    private static readonly DateTimeOffset Now = new(2026, 11, 23, 18, 30, 0, TimeSpan.Zero);

    [Theory]
    [InlineData(null)]
    [InlineData("a/session+token==")]
    public void The_token_is_a_link_to_connect_with_the_signature_of_Signature_Version_4(string? sessionToken)
    {
        var token = RdsAuthToken.Create(Host, 5432, "product", RegionEndpoint.EUCentral1, new ImmutableCredentials("AKIDEXAMPLE", Secret, sessionToken), Now);

        Assert.StartsWith($"{Host}:5432/?", token, StringComparison.Ordinal);
        var query = QueryHelpers.ParseQuery(token[token.IndexOf('?', StringComparison.Ordinal)..]).ToDictionary(pair => pair.Key, pair => pair.Value.Single()!);
        Assert.Equal("connect", query["Action"]);
        Assert.Equal("product", query["DBUser"]);
        Assert.Equal("900", query["X-Amz-Expires"]);
        Assert.Equal("20261123T183000Z", query["X-Amz-Date"]);
        Assert.Equal("AKIDEXAMPLE/20261123/eu-central-1/rds-db/aws4_request", query["X-Amz-Credential"]);
        Assert.Equal(sessionToken, query.GetValueOrDefault("X-Amz-Security-Token"));
        Assert.Equal(Signature(query), query["X-Amz-Signature"]);
    }

    [Fact]
    public void Without_TLS_no_token_is_sent()
    {
        var refused = Assert.Throws<InvalidOperationException>(() => DataSource("Host=localhost;Username=product;SSL Mode=Prefer"));

        Assert.Contains("TLS", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_connection_string_that_has_a_password_is_refused_before_it_could_be_used_instead()
    {
        await Assert.ThrowsAnyAsync<Exception>(async () =>
        {
            await using var dataSource = DataSource("Host=localhost;Username=product;Password=secret;SSL Mode=Require");
        });
    }

    private static NpgsqlDataSource DataSource(string connectionString)
    {
        var builder = WebApplication.CreateBuilder();
        builder.Configuration["ConnectionStrings:productdb"] = connectionString;
        builder.Configuration["Postgres:IamAuthentication"] = "true";
        builder.AddReadModel<ProductsContext>("productdb");
        return builder.Services.BuildServiceProvider().GetRequiredService<NpgsqlDataSource>();
    }

    // The published algorithm, written down independently of the SDK.
    private static string Signature(Dictionary<string, string> query)
    {
        var canonicalQuery = string.Join('&', query
            .Where(pair => pair.Key != "X-Amz-Signature")
            .OrderBy(pair => pair.Key, StringComparer.Ordinal)
            .Select(pair => $"{Uri.EscapeDataString(pair.Key)}={Uri.EscapeDataString(pair.Value)}"));
        var canonical = $"GET\n/\n{canonicalQuery}\nhost:{Host}:5432\n\nhost\n{Hex(SHA256.HashData([]))}";
        var scope = "20261123/eu-central-1/rds-db/aws4_request";
        var toSign = $"AWS4-HMAC-SHA256\n20261123T183000Z\n{scope}\n{Hex(SHA256.HashData(Encoding.UTF8.GetBytes(canonical)))}";
        var key = scope.Split('/').Aggregate(Encoding.UTF8.GetBytes("AWS4" + Secret), Hmac);
        return Hex(Hmac(key, toSign));
    }

    private static byte[] Hmac(byte[] key, string text) => HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(text));

    private static string Hex(byte[] bytes) => Convert.ToHexStringLower(bytes);
}
