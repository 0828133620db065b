using System.Collections.Concurrent;
using System.Net.Sockets;
using System.Text;
using Microsoft.EntityFrameworkCore;
using TalentSphere.TestKit;

namespace TalentSphere.Auth.Tests;

/// <summary>An auth service whose mail goes over SMTP (RFC 5321) to a server of the test's.</summary>
public sealed class SmtpFixture : AuthFixture
{
    public SmtpFixture()
    {
        Settings["Mail:Smtp:Host"] = "127.0.0.1";
        Settings["Mail:Smtp:Port"] = Sink.Port.ToString();
        Settings["Mail:Smtp:Tls"] = "false";
        Settings["Mail:FirstPause"] = "00:00:00.2";
        Settings["Mail:LongestPause"] = "00:00:01";
    }

    public SmtpSink Sink { get; } = new();

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        Sink.Dispose();
        GC.SuppressFinalize(this);
    }
}

/// <summary>Speaks as much SMTP as it takes to receive mail, and refuses it while told to.</summary>
public sealed class SmtpSink : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);

    public SmtpSink()
    {
        _listener.Start();
        _ = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    public bool Refuses { get; set; }

    public ConcurrentQueue<string> Received { get; } = new();

    public ConcurrentQueue<string> Refused { get; } = new();

    public void Dispose() => _listener.Dispose();

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
                _ = ServeAsync(await _listener.AcceptTcpClientAsync());
        }
        catch (Exception e) when (e is InvalidOperationException or SocketException)
        {
            Refuses = true;
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        using (client)
        {
            using var reader = new StreamReader(client.GetStream(), Encoding.UTF8);
            await using var writer = new StreamWriter(client.GetStream(), new UTF8Encoding(false)) { NewLine = "\r\n", AutoFlush = true };
            await writer.WriteLineAsync("220 sink");
            while (await reader.ReadLineAsync() is { } line)
            {
                switch (line.Split(' ')[0].ToUpperInvariant())
                {
                    case "EHLO":
                        await writer.WriteLineAsync("250-sink\r\n250-8BITMIME\r\n250 SMTPUTF8");
                        break;
                    case "RCPT" when Refuses:
                        Refused.Enqueue(line);
                        await writer.WriteLineAsync("451 come back");
                        break;
                    case "DATA":
                        await writer.WriteLineAsync("354 go on");
                        var text = new StringBuilder();
                        while (await reader.ReadLineAsync() is { } part && part != ".")
                            text.AppendLine(part);
                        Received.Enqueue(text.ToString());
                        await writer.WriteLineAsync("250 taken");
                        break;
                    case "QUIT":
                        await writer.WriteLineAsync("221 bye");
                        return;
                    default:
                        await writer.WriteLineAsync("250 ok");
                        break;
                }
            }
        }
    }
}

public sealed class MailTests(SmtpFixture auth) : IClassFixture<SmtpFixture>
{
    [Fact]
    public async Task Mail_leaves_over_SMTP_and_is_gone_from_the_table()
    {
        var person = await auth.RegisterAsync();
        var mail = await ReceivedAsync(person.Email);
        mail.ShouldContain("Subject: Confirm your e-mail address");
        mail.ShouldContain("From: ");
        mail.ShouldContain("Message-ID: <");
        await Eventually.SeesAsync(() => WaitingAsync(person.Id), n => n == 0, "the mail to be gone");
        auth.MailsTo(person.Email).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_server_that_refuses_is_asked_again_and_nothing_is_lost_or_told()
    {
        auth.Sink.Refuses = true;
        var person = await auth.RegisterAsync();
        await Eventually.SeesAsync(
            () => Task.FromResult(auth.Sink.Refused.Count(r => r.Contains(person.Email))), n => n >= 2, "two tries");
        (await WaitingAsync(person.Id)).ShouldBe(1);
        (await Traces.InDatabaseAsync(auth.ConnectionString, person.Email)).ShouldAllBe(row => !row.Contains("pending_mails"));
        auth.Sink.Refuses = false;
        await ReceivedAsync(person.Email);
        await Eventually.SeesAsync(() => WaitingAsync(person.Id), n => n == 0, "the mail to be gone");
        auth.Sink.Received.Count(m => m.Contains(person.Email)).ShouldBe(1);
        auth.Log.Where(l => l.Contains("could not be delivered")).ShouldNotBeEmpty();
        auth.Log.Where(l => l.Contains("could not be delivered")).ShouldAllBe(l => !l.Contains(person.Email));
    }

    private Task<int> WaitingAsync(Guid account) => auth.InDatabaseAsync(db => db.PendingMails.CountAsync(m => m.AccountId == account));

    private async Task<string> ReceivedAsync(string to) =>
        (await Eventually.SeesAsync(() => Task.FromResult(auth.Sink.Received.FirstOrDefault(m => m.Contains(to))), m => m is not null, $"a mail to {to}"))!;
}
