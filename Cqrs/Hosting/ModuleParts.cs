using System.Reflection;
using Cqrs.Tables;
using Microsoft.Extensions.DependencyInjection;

namespace Cqrs.Hosting;

/// <summary>
/// Registers the parts of a module: singletons under the module's name, each made by its one constructor. A parameter is a part of the same module if
/// there is one of its type, else a service that all modules share. The container does not make types with internal constructors by itself.
/// </summary>
internal sealed class ModuleParts(IServiceCollection services, CqrsModule module)
{
    private const BindingFlags AnyConstructor = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic;

    public ModuleParts Add<T>()
        where T : class
    {
        services.AddKeyedSingleton(module.Name, (provider, _) => Create<T>(provider));
        return this;
    }

    public T Create<T>(IServiceProvider provider)
        where T : class
    {
        var constructor = typeof(T).GetConstructors(AnyConstructor).Single();
        var arguments = constructor.GetParameters().Select(parameter => IsPart(parameter.ParameterType)
            ? provider.GetRequiredKeyedService(parameter.ParameterType, module.Name)
            : provider.GetRequiredService(parameter.ParameterType));
        return (T)constructor.Invoke(BindingFlags.DoNotWrapExceptions, null, [.. arguments], null);
    }

    private bool IsPart(Type type) => services.Any(service => service.ServiceType == type && Equals(service.ServiceKey, module.Name));
}
