namespace TalentSphere.Lms.Outline;

/// <summary>A part of an outline that has a place among its siblings.</summary>
internal interface IPlaced
{
    /// <summary>Its place from 1, without gaps.</summary>
    int Position { get; set; }
}

/// <summary>Keeps siblings in order.</summary>
internal static class Sequence
{
    /// <summary>Puts <paramref name="item"/>, new or not, at <paramref name="position"/> (from 1; behind the end counts as the end).</summary>
    public static void Place<T>(List<T> siblings, T item, int position)
        where T : class, IPlaced
    {
        Sort(siblings);
        siblings.Remove(item);
        siblings.Insert(Math.Clamp(position - 1, 0, siblings.Count), item);
        Number(siblings);
    }

    /// <summary>Takes <paramref name="item"/> out and closes the gap.</summary>
    public static void Remove<T>(List<T> siblings, T item)
        where T : class, IPlaced
    {
        Sort(siblings);
        siblings.Remove(item);
        Number(siblings);
    }

    private static void Sort<T>(List<T> siblings)
        where T : class, IPlaced => siblings.Sort((a, b) => a.Position.CompareTo(b.Position));

    private static void Number<T>(List<T> siblings)
        where T : class, IPlaced
    {
        for (var i = 0; i < siblings.Count; i++)
            siblings[i].Position = i + 1;
    }
}
