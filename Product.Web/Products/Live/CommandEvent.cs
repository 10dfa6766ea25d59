namespace Product.Web.Products.Live;

/// <summary>That a command of the tenant has come to its end: the read model shows it, or it was parked.</summary>
public sealed record CommandEvent(string Pk, string Sk, long Version, string Status, string? Reason)
{
    public const string Pending = "PENDING";
    public const string Finished = "FINISHED";

    public bool IsFinished => Status == Finished;
}
