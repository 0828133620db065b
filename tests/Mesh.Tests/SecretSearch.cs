using System.Buffers;
using System.Buffers.Text;
using System.Text;

namespace TalentSphere.Mesh.Tests;

/// <summary>Looks for many secrets at once, in clear, in base64 and in hexadecimal digits; a part of each that no other text has stands for it.</summary>
internal sealed class SecretSearch
{
    private const int _shortest = 10;
    private const int _enough = 24;
    private const int _fewSigns = 6;

    private readonly Dictionary<string, string> _forms = new(StringComparer.Ordinal);
    private readonly SearchValues<string> _all;
    private readonly int _longest;

    public SecretSearch(IEnumerable<KeyValuePair<string, string>> texts, IEnumerable<(byte[] Bytes, string What)> binary)
    {
        foreach (var (secret, what) in texts.Where(s => s.Key.Length >= _shortest))
        {
            Add(secret, what);
            Add(Encoding.UTF8.GetBytes(secret), what);
            // What is base64 stands for bytes that can be written otherwise.
            if (secret.Length >= 32 && Decode(secret) is { } bytes)
                Add(bytes, what);
        }
        foreach (var (bytes, what) in binary)
            Add(bytes, what);
        _all = SearchValues.Create([.. _forms.Keys], StringComparison.Ordinal);
        _longest = _forms.Keys.Max(f => f.Length);
    }

    /// <summary>How much text was looked at, in characters.</summary>
    public long Looked { get; private set; }

    /// <summary>The kinds of secrets that a text holds; by what they are, not by their text.</summary>
    public IEnumerable<string> In(string text)
    {
        Looked += text.Length;
        var found = new HashSet<string>();
        for (var from = 0; from < text.Length;)
        {
            var at = text.AsSpan(from).IndexOfAny(_all);
            if (at < 0)
                break;
            var window = text.AsSpan(from + at, Math.Min(_longest, text.Length - from - at));
            foreach (var (form, what) in _forms)
            {
                if (window.StartsWith(form, StringComparison.Ordinal))
                    found.Add(what);
            }
            from += at + 1;
        }
        return found;
    }

    private void Add(byte[] bytes, string what)
    {
        var hex = Convert.ToHexStringLower(bytes);
        Add(hex, what + " in hexadecimal");
        Add(hex.ToUpperInvariant(), what + " in hexadecimal");
        // The last group depends on how many bytes there are: it is left out.
        var whole = bytes.AsSpan(0, bytes.Length - (bytes.Length % 3));
        Add(Convert.ToBase64String(whole), what + " in base64");
        Add(Base64Url.EncodeToString(whole), what + " in base64");
    }

    // Its end: tokens begin alike. What a test makes of one letter, to be too long, is everywhere.
    private void Add(string form, string what)
    {
        var part = form.Length > _enough ? form[^_enough..] : form;
        if (part.Length >= _shortest && part.Distinct().Count() >= _fewSigns)
            _forms.TryAdd(part, what);
    }

    private static byte[]? Decode(string text) =>
        Base64Url.IsValid(text) ? Base64Url.DecodeFromChars(text) : Base64.IsValid(text) ? Convert.FromBase64String(text) : null;
}
