using Microsoft.Extensions.Configuration.Json;
using Microsoft.Extensions.Primitives;
using TalentSphere.ServiceDefaults.Http;

namespace TalentSphere.Gateway.Edge.HotConfiguration;

/// <summary>A JSON file of settings whose changes are checked before anybody sees them.</summary>
internal sealed class GuardedFileSource(JsonConfigurationSource file, ConfigurationGuard guard) : IConfigurationSource
{
    public IConfigurationProvider Build(IConfigurationBuilder builder) => new GuardedFileProvider(file, file.Build(builder), guard);
}

/// <summary>
/// Keeps what the file said last that was good. At the start it is taken as it is: a process that cannot use its configuration does not start.
/// </summary>
internal sealed class GuardedFileProvider : ConfigurationProvider, IDisposable
{
    private readonly JsonConfigurationSource _source;
    private readonly IConfigurationProvider _file;
    private readonly ConfigurationGuard _guard;
    private IDisposable? _following;
    private Exception? _unreadable;

    public GuardedFileProvider(JsonConfigurationSource source, IConfigurationProvider file, ConfigurationGuard guard)
    {
        (_source, _file, _guard) = (source, file, guard);
        source.OnLoadException = failure =>
        {
            failure.Ignore = _following is not null;
            _unreadable = failure.Exception;
        };
    }

    /// <summary>The file's name.</summary>
    public string Name => Path.GetFileName(_source.Path ?? "settings");

    public override void Load()
    {
        _file.Load();
        if (_following is not null)
            return;
        Data = Content();
        _following = ChangeToken.OnChange(_file.GetReloadToken, () => _ = ConsiderAsync());
    }

    /// <summary>Takes what the file says now, or keeps what it said before.</summary>
    public async Task ConsiderAsync()
    {
        var (content, unreadable) = (Content(), Interlocked.Exchange(ref _unreadable, null));
        if (unreadable is not null)
            _guard.Refuse(Name, [new(Name, (unreadable.InnerException ?? unreadable).Message)]);
        else if (content.Count == 0 && Data.Count > 0)
            _guard.Refuse(Name, [new(Name, "is gone, or empty")]);
        else
            await _guard.TakeAsync(Name, this, CandidateConfiguration.Of(content), () => Take(content));
    }

    public void Dispose()
    {
        _following?.Dispose();
        (_file as IDisposable)?.Dispose();
    }

    private void Take(Dictionary<string, string?> content)
    {
        var before = Data;
        Data = content;
        try
        {
            OnReload();
        }
        catch
        {
            Data = before;
            OnReload();
            throw;
        }
    }

    private Dictionary<string, string?> Content()
    {
        var content = new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase);
        Read(null, content);
        return content;
    }

    private void Read(string? parent, Dictionary<string, string?> content)
    {
        foreach (var key in _file.GetChildKeys([], parent).Distinct(StringComparer.OrdinalIgnoreCase))
        {
            var path = parent is null ? key : ConfigurationPath.Combine(parent, key);
            if (_file.TryGet(path, out var value))
                content[path] = value;
            Read(path, content);
        }
    }
}
