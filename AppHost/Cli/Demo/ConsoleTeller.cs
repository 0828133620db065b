using Spectre.Console;

namespace TalentSphere.Cli.Demo;

/// <summary>Tells the story on the terminal; plain lines when that is a pipe or a file.</summary>
internal sealed class ConsoleTeller : IStoryTeller
{
    private readonly Lock _gate = new();
    private int _chapter;
    private string? _waits;

    public ConsoleTeller()
    {
        if (!Console.IsOutputRedirected)
            return;
        // A pipe has no width, that lines were to be broken for it, and no colours.
        AnsiConsole.Profile.Width = 400;
        AnsiConsole.Profile.Capabilities.Ansi = false;
        AnsiConsole.Profile.Capabilities.ColorSystem = ColorSystem.NoColors;
    }

    public void Chapter(string title) => Write($"\n[bold]{++_chapter}. {Markup.Escape(title)}[/]");

    public Task BeginsAsync(string step)
    {
        _waits = null;
        return Task.CompletedTask;
    }

    public void Answered(StoryExchange exchange)
    {
        // Single answers would drown the story; ./mesh logs gateway has them.
    }

    public void Waits(string reason)
    {
        lock (_gate)
        {
            if (_waits == reason)
                return;
            _waits = reason;
        }
        Write($"   [yellow]…[/] waiting: {Markup.Escape(reason)}");
    }

    public void Ends(StoryStep step)
    {
        var trail = $"{step.CorrelationId}  {step.Elapsed.TotalMilliseconds:0} ms";
        Write($"   [green]✓[/] {Markup.Escape(step.Name.PadRight(46))} {Markup.Escape(step.Outcome)}  [grey]{Markup.Escape(trail)}[/]");
    }

    private void Write(string markup)
    {
        lock (_gate)
            AnsiConsole.MarkupLine(markup);
    }
}
