namespace Aspire.Hosting;

/// <summary>The application cannot run, for a reason that its user can read and mend.</summary>
public class DistributedApplicationException(string message) : Exception(message);
