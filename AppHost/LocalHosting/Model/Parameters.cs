using System.Security.Cryptography;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>A value that comes from outside: configuration <c>Parameters:{name}</c>, or its default.</summary>
public class ParameterResource(string name, Func<ParameterDefault?, string> callback, bool secret = false) : Resource(name), IExpressionValue
{
    private readonly Lock _gate = new();
    private string? _value;

    /// <summary>Secret values are masked wherever they are shown.</summary>
    public bool Secret { get; } = secret;

    public ParameterDefault? Default { get; set; }

    public bool IsConnectionString { get; set; }

    public string ValueExpression => $"{{{Name}.value}}";

    public string Value
    {
        get
        {
            lock (_gate)
                return _value ??= callback(Default);
        }
    }

    public ValueTask<string?> GetValueAsync(CancellationToken cancellationToken = default) => new(Value);
}

/// <summary>What a parameter is when nobody gives it.</summary>
public abstract class ParameterDefault
{
    public abstract string GetDefaultValue();
}

/// <summary>A random value of at least <see cref="MinLength"/> characters of the chosen kinds.</summary>
public sealed class GenerateParameterDefault : ParameterDefault
{
    public int MinLength { get; set; }

    public bool Lower { get; set; } = true;

    public bool Upper { get; set; } = true;

    public bool Numeric { get; set; } = true;

    public bool Special { get; set; } = true;

    public override string GetDefaultValue()
    {
        var alphabet = (Lower ? "abcdefghijkmnpqrstuvwxyz" : "") + (Upper ? "ABCDEFGHJKLMNPQRSTUVWXYZ" : "")
            + (Numeric ? "23456789" : "") + (Special ? "-_.{}~()*+!" : "");
        return RandomNumberGenerator.GetString(alphabet, Math.Max(MinLength, 22));
    }
}
