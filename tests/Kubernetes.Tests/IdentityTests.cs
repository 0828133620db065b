namespace TalentSphere.Kubernetes.Tests;

/// <summary>What is committed is what the model says, to the byte.</summary>
public sealed class IdentityTests
{
    [Fact]
    public async Task Generated_twice_is_the_same_and_what_is_committed()
    {
        // Once in this process and once in another: whatever follows from hash codes or from the order of files would differ.
        var (_, _, here) = await AppModel.RealAsync();
        var there = Directory.CreateTempSubdirectory("talentsphere-manifests-").FullName;
        try
        {
            var program = typeof(AppHost.Kubernetes.KubernetesNames).Assembly.Location;
            var (exitCode, output, errors) = await Checkout.RunAsync(
                "dotnet", program, "--operation", "publish", "--step", AppHost.KubernetesManifests.Step, "--output-path", there);
            exitCode.ShouldBe(0, output + errors);
            Compare(here, there);
        }
        finally
        {
            Directory.Delete(there, recursive: true);
        }
        Compare(here, Checkout.Manifests);
    }

    [Fact]
    public void Every_generated_file_says_so_and_is_readable()
    {
        foreach (var file in Checkout.FilesOf(Checkout.Manifests))
        {
            var text = File.ReadAllText(Path.Combine(Checkout.Manifests, file));
            text.Split('\n')[0].ShouldContain(AppHost.Kubernetes.ManifestFile.Mark, customMessage: file);
            text.ShouldEndWith("\n", customMessage: file);
            text.ShouldNotContain('\r', file);
            text.ShouldNotContain('\t', file);
        }
    }

    private static void Compare(string expected, string actual)
    {
        Checkout.FilesOf(actual).ShouldBe(Checkout.FilesOf(expected), $"{expected} and {actual}: ./mesh publish writes k8s/ anew");
        foreach (var file in Checkout.FilesOf(expected))
        {
            File.ReadAllBytes(Path.Combine(actual, file)).AsSpan().SequenceEqual(File.ReadAllBytes(Path.Combine(expected, file)))
                .ShouldBeTrue($"{file} differs between {expected} and {actual}: ./mesh publish writes k8s/ anew");
        }
    }
}
