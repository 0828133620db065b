namespace TalentSphere.Auth.Erasure;

/// <summary>
/// What became of somebody's wish to be forgotten: who has to answer, and who has. It outlives the account, of which it keeps the id and nothing else.
/// </summary>
public sealed class ErasureCase
{
    private ErasureCase()
    {
    }

    /// <summary>Opens a case.</summary>
    /// <param name="userId">Who is to be forgotten.</param>
    /// <param name="receiptHash">What the receipt is found by; see <see cref="Receipts"/>.</param>
    /// <param name="expected">The services that have to answer, each once.</param>
    /// <param name="now">UTC.</param>
    public ErasureCase(Guid userId, byte[] receiptHash, IEnumerable<string> expected, DateTime now)
    {
        (UserId, ReceiptHash, OpenedAt) = (userId, receiptHash, now);
        Answers.AddRange(expected.Select(service => new ErasureAnswer(userId, service)));
    }

    /// <summary>The account that was; one case each.</summary>
    public Guid UserId { get; private set; }

    /// <summary>SHA-256 of the case id: who has read this table can show no receipt.</summary>
    public byte[] ReceiptHash { get; private set; } = [];

    public DateTime OpenedAt { get; private set; }

    /// <summary>When the last service had answered.</summary>
    public DateTime? ClosedAt { get; private set; }

    public List<ErasureAnswer> Answers { get; private set; } = [];

    /// <summary>Notes an answer. The first one of a service counts; a service that nobody expected is noted too and closes nothing.</summary>
    /// <param name="service">Who answers.</param>
    /// <param name="records">How many rows it erased or made anonymous.</param>
    /// <param name="now">UTC.</param>
    /// <returns>True when this was the answer that closed the case.</returns>
    public bool Note(string service, int records, DateTime now)
    {
        var answer = Answers.Find(a => a.Service == service);
        if (answer is null)
            Answers.Add(answer = new ErasureAnswer(UserId, service));
        answer.Give(records, now);
        if (ClosedAt is not null || Answers.Exists(a => a.ErasedAt is null))
            return false;
        ClosedAt = now;
        return true;
    }
}

/// <summary>One service's part in an <see cref="ErasureCase"/>.</summary>
public sealed class ErasureAnswer
{
    private ErasureAnswer()
    {
    }

    internal ErasureAnswer(Guid userId, string service) => (UserId, Service) = (userId, service);

    public Guid UserId { get; private set; }

    public string Service { get; private set; } = "";

    /// <summary>When its answer arrived; null while it is waited for.</summary>
    public DateTime? ErasedAt { get; private set; }

    /// <summary>How many rows it erased or made anonymous.</summary>
    public int? Records { get; private set; }

    internal void Give(int records, DateTime now)
    {
        if (ErasedAt is null)
            (ErasedAt, Records) = (now, records);
    }
}
