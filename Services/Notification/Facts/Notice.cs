using System.Text;
using TalentSphere.Notification.Notifications;

namespace TalentSphere.Notification.Facts;

/// <summary>What one person is to hear of one fact; see <see cref="Notices"/>.</summary>
/// <param name="UserId">Who.</param>
/// <param name="Kind">About what.</param>
/// <param name="Source">The fact's own id.</param>
/// <param name="Title">Plain text.</param>
/// <param name="Body">Plain text.</param>
/// <param name="Link">A path within the platform.</param>
/// <param name="Ids">The ids the text speaks of.</param>
internal sealed record Notice(
    Guid UserId, NotificationKind Kind, string Source, string Title, string Body, string Link, params (string Name, object Value)[] Ids)
{
    /// <summary>Somebody else whose words the title quotes; when they are forgotten, the quotation goes.</summary>
    public Guid? QuotedId { get; init; }

    /// <summary>
    /// Text of others as one line: whatever controls instead of printing becomes a space, and what is too long is cut between whole
    /// characters. Events may come from any client, and neither a NUL nor half a surrogate pair can be stored.
    /// </summary>
    /// <param name="text">Null counts as empty.</param>
    /// <param name="max">The longest result, in UTF-16 units.</param>
    public static string Plain(string? text, int max)
    {
        text ??= "";
        var cut = text.Length > max;
        var room = cut ? max - 1 : max;
        var line = new StringBuilder(Math.Min(text.Length, max));
        foreach (var rune in text.EnumerateRunes())
        {
            if (line.Length + rune.Utf16SequenceLength > room)
                break;
            line.Append((Rune.IsControl(rune) ? new Rune(' ') : rune).ToString());
        }
        return cut ? line.Append('…').ToString() : line.ToString();
    }
}
