namespace TalentSphere.Schemas;

/// <summary><c>TalentSphere.Schemas &lt;checkout&gt;</c>: writes <c>Contracts/schemas</c> anew; behind <c>./mesh schemas</c>.</summary>
public static class Program
{
    /// <summary>Exit code 0 when the files are up to date now, 1 when they would break what is promised, 2 when it was called wrongly.</summary>
    public static int Main(string[] args)
    {
        if (args is not [var folder] || Path.GetFullPath(folder) is not { } checkout || !File.Exists(Path.Combine(checkout, "TalentSphere.sln")))
        {
            Console.Error.WriteLine("usage: TalentSphere.Schemas <checkout>");
            return 2;
        }
        var generated = SchemaSet.Generate(checkout);
        var history = SchemaHistory.Of(checkout);
        if (history.Notice is { } notice)
            Console.WriteLine($"{notice}.");
        var differences = SchemaSet.Differences(generated, SchemaSet.Read(checkout));
        try
        {
            SchemaSet.Write(checkout, generated, history);
        }
        catch (BrokenContractException broken)
        {
            Console.Error.WriteLine($"{broken.Message}\nNothing was written.");
            return 1;
        }
        foreach (var difference in differences)
            Console.WriteLine($"  {difference}");
        Console.WriteLine($"{SchemaSet.Folder}: {generated.Count} files, {(differences.Count == 0 ? "all as they were" : $"{differences.Count} written")}; "
            + $"held against {history.States} committed states.");
        return 0;
    }
}
