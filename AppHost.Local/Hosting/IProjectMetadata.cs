using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting;

/// <summary>A project that AppHost runs.</summary>
public interface IProjectMetadata : IResourceAnnotation
{
    string ProjectPath { get; }
}

/// <summary>The same, built together with the AppHost: it is started without another build.</summary>
public interface ILocalProjectMetadata : IProjectMetadata
{
    string AssemblyPath { get; }
}
