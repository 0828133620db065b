namespace TalentSphere.ServiceDefaults.Auth;

/// <summary>On an endpoint: its policy lets callers without a token in, so its document asks for none. What is shown must be valid all the same.</summary>
public sealed class TokenOptional;
