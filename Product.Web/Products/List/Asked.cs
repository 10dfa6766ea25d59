namespace Product.Web.Products.List;

/// <summary>The state that the address was asked to have and does not have yet: it answers late, and one after the other.</summary>
internal sealed class Asked<T>
    where T : class
{
    private readonly Queue<T> waiting = new();

    public T? Last => waiting.LastOrDefault();

    public void Add(T asked) => waiting.Enqueue(asked);

    /// <summary>Returns whether what the address says now was asked of it. If not, somebody went elsewhere, and nothing is waited for any more.</summary>
    public bool IsEcho(T said)
    {
        if (!waiting.Contains(said))
        {
            waiting.Clear();
            return false;
        }

        while (!waiting.Dequeue().Equals(said))
        {
        }

        return true;
    }
}
