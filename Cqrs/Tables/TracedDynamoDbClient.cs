using System.Diagnostics;
using Amazon.DynamoDBv2;
using Amazon.DynamoDBv2.Model;
using Amazon.Runtime;
using Amazon.Runtime.Internal;

namespace Cqrs.Tables;

/// <summary>
/// The client of DynamoDB with one span for each call, retries included, named as OpenTelemetry's conventions for DynamoDB ask. Only within a
/// trace: what the worker does on its own, leases and sweeps, every few seconds, would fill it with traces of one call.
/// </summary>
internal sealed class TracedDynamoDbClient(AmazonDynamoDBConfig config) : AmazonDynamoDBClient(config)
{
    protected override void CustomizeRuntimePipeline(RuntimePipeline pipeline)
    {
        base.CustomizeRuntimePipeline(pipeline);
        pipeline.AddHandler(new CallTracing());
    }

    private sealed class CallTracing : PipelineHandler
    {
        private const string RequestSuffix = "Request";

        public override async Task<T> InvokeAsync<T>(IExecutionContext executionContext)
        {
            if (Activity.Current is null || !CqrsTelemetry.Source.HasListeners())
            {
                return await base.InvokeAsync<T>(executionContext);
            }

            var request = executionContext.RequestContext;
            var operation = request.RequestName.EndsWith(RequestSuffix, StringComparison.Ordinal)
                ? request.RequestName[..^RequestSuffix.Length]
                : request.RequestName;
            using var activity = CqrsTelemetry.Source.StartActivity($"DynamoDB.{operation}", ActivityKind.Client);
            if (activity is { IsAllDataRequested: true })
            {
                activity.SetTag("rpc.system", "aws-api");
                activity.SetTag("rpc.service", "DynamoDB");
                activity.SetTag("rpc.method", operation);
                activity.SetTag("db.system.name", "aws.dynamodb");
                activity.SetTag("db.operation.name", operation);
                activity.SetTag("cloud.region", request.ClientConfig.RegionEndpoint?.SystemName ?? request.ClientConfig.AuthenticationRegion);
                activity.SetTag("aws.dynamodb.table_names", TablesOf(request.OriginalRequest));
            }

            try
            {
                var response = await base.InvokeAsync<T>(executionContext);
                activity?.SetTag("aws.request_id", (response as AmazonWebServiceResponse)?.ResponseMetadata?.RequestId);
                return response;
            }
            catch (Exception e)
            {
                activity?.SetTag("error.type", (e as AmazonServiceException)?.ErrorCode ?? e.GetType().Name);
                // A condition that does not hold is an answer: what it means is for the caller to say.
                if (e is not (ConditionalCheckFailedException or TransactionCanceledException))
                {
                    activity?.SetStatus(ActivityStatusCode.Error, e.Message);
                }

                throw;
            }
        }

        private static string[] TablesOf(AmazonWebServiceRequest request) => request switch
        {
            PutItemRequest put => [put.TableName],
            GetItemRequest get => [get.TableName],
            UpdateItemRequest update => [update.TableName],
            DeleteItemRequest delete => [delete.TableName],
            QueryRequest query => [query.TableName],
            ScanRequest scan => [scan.TableName],
            BatchGetItemRequest batch => [.. batch.RequestItems.Keys],
            BatchWriteItemRequest batch => [.. batch.RequestItems.Keys],
            TransactWriteItemsRequest transaction => [.. transaction.TransactItems
                .Select(item => item.Put?.TableName ?? item.Update?.TableName ?? item.Delete?.TableName ?? item.ConditionCheck.TableName)
                .Distinct()],
            DescribeTableRequest describe => [describe.TableName],
            _ => [],
        };
    }
}
