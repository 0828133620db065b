using System.ComponentModel.DataAnnotations;

namespace TalentSphere.Challenges.Proofs;

/// <summary>How verdicts are signed. Configuration section <c>Proofs</c>.</summary>
public sealed class ProofOptions
{
    /// <summary>
    /// The secret under which the private keys of verdicts are encrypted at rest. At least 32 characters; base64 of 32 random bytes is a good choice. The same
    /// for every replica, and kept: keys stored under another one cannot be read.
    /// </summary>
    [Required(ErrorMessage = "Proofs:KeyEncryptionKey is required.")]
    [MinLength(32, ErrorMessage = "Proofs:KeyEncryptionKey needs at least 32 characters.")]
    public string KeyEncryptionKey { get; init; } = "";
}
