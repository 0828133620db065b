namespace TalentSphere.Mesh.Tests.Access;

/// <summary>Who may call an operation.</summary>
internal enum Who
{
    /// <summary>Anybody; a token is not needed, but one that is shown must be good.</summary>
    Anybody,

    /// <summary>Anybody; what is shown is a credential of its own (a password, a refresh token, an API key), and the access token is not looked at.</summary>
    OwnCredential,

    /// <summary>Whoever is signed in.</summary>
    SignedIn,

    /// <summary>Accounts with one of the roles.</summary>
    Roles,
}

/// <summary>A row of the table.</summary>
/// <param name="Who">Who may call it.</param>
/// <param name="Roles">With <see cref="Who.Roles"/>: which.</param>
/// <param name="Strangers">The roles in which somebody else is refused a thing that is not theirs; empty where things are nobody's or everybody's.</param>
/// <param name="Visible">True for what everybody may see and only its owner change: a stranger is answered 403.</param>
/// <param name="Body">What to send when it is somebody else's thing: a good body, so that nothing but the owner is wrong.</param>
internal sealed record AccessRow(Who Who, IReadOnlyList<string> Roles, IReadOnlyList<string> Strangers, bool Visible, object? Body);

/// <summary>
/// Who may do what: one row for every operation of every service. An operation without a row fails the test, and so does a row without its operation.
/// </summary>
internal static class AccessTable
{
    private const string _seeker = "jobseeker";
    private const string _employer = "employer";
    private const string _instructor = "instructor";
    private const string _admin = "admin";
    private const string _ops = "ops";

    private static readonly object _challenge = new { title = "Mine now", statement = "Mine.", difficulty = "easy" };
    private static readonly object _testCase = new { sample = true, input = "1", expectedOutput = "1" };
    private static readonly object _solution = new { name = "mine", language = "python", source = "print(1)", expected = "accepted" };
    private static readonly object _job = new { title = "Mine now", description = "Mine.", location = "Here", type = "full-time" };
    private static readonly object _course = new { title = "Mine now", summary = "Mine.", level = "beginner" };
    private static readonly object _lesson = new { title = "Mine now", content = "Mine.", minutes = 5 };
    private static readonly object _section = new { title = "Mine now" };

    /// <summary>Every role there is.</summary>
    public static readonly string[] EveryRole = [_seeker, _employer, _instructor, _admin, _ops];

    /// <summary>Rows of one operation each, by its id.</summary>
    public static readonly IReadOnlyDictionary<string, AccessRow> Operations = new Dictionary<string, AccessRow>(StringComparer.Ordinal)
    {
        // auth
        ["Register"] = Credential(),
        ["Login"] = Credential(),
        ["RefreshSession"] = Credential(),
        ["Logout"] = Credential(),
        ["ExchangeApiKey"] = Anyone(),
        ["ListSystemKeys"] = Only(_admin),
        ["CreateSystemKey"] = Only(_admin),
        ["RotateSystemKey"] = Only(_admin),
        ["RevokeSystemKey"] = Only(_admin),
        ["ExchangeSignature"] = Anyone(),
        ["ForgotPassword"] = Credential(),
        ["ResetPassword"] = Credential(),
        ["VerifyEmail"] = Credential(),
        ["ReadErasureReceipt"] = Anyone(),
        ["GetKeySet"] = Credential(),
        ["GetDiscovery"] = Credential(),
        ["VerifyToken"] = SignedIn(),
        ["GetMe"] = SignedIn(),
        ["EraseOwnAccount"] = SignedIn(),
        ["ChangePassword"] = SignedIn(),
        ["ChangeEmail"] = SignedIn(),
        ["ResendVerification"] = SignedIn(),
        ["Reauthenticate"] = SignedIn(),
        ["EnrollMfa"] = SignedIn(),
        ["ConfirmMfa"] = SignedIn(),
        ["RenewRecoveryCodes"] = SignedIn(),
        ["DisableMfa"] = SignedIn(),
        ["ListSessions"] = SignedIn(),
        ["EndOtherSessions"] = SignedIn(),
        ["EndSession"] = SignedIn().Of(_seeker),
        ["ListApiKeys"] = SignedIn(),
        ["CreateApiKey"] = SignedIn(),
        ["RotateApiKey"] = SignedIn().Of(_seeker),
        ["RevokeApiKey"] = SignedIn().Of(_seeker),
        ["ListUsers"] = Only(_admin),
        ["ChangeUserRoles"] = Only(_admin),
        ["BlockUser"] = Only(_admin),
        ["UnblockUser"] = Only(_admin),
        ["ListSigningKeys"] = Only(_admin),
        ["RotateSigningKeys"] = Only(_admin),
        ["SearchAudit"] = Only(_admin),
        ["VerifyAudit"] = Only(_admin),

        // challenges
        ["ListChallenges"] = Anyone(),
        ["GetChallenge"] = Anyone().Of(_instructor),
        ["ListLanguages"] = Anyone(),
        ["GetVerdictKeys"] = Anyone(),
        ["CreateChallenge"] = Only(_instructor, _admin),
        ["ImportChallenge"] = Only(_instructor, _admin),
        ["UpdateChallenge"] = Only(_instructor, _admin).Of(_instructor, _challenge),
        ["GetAuthoring"] = Only(_instructor, _admin).Of(_instructor),
        ["PublishChallenge"] = Only(_instructor, _admin).Of(_instructor),
        ["ListTestCases"] = Only(_instructor, _admin).Of(_instructor),
        ["AddTestCase"] = Only(_instructor, _admin).Of(_instructor, _testCase),
        ["GetTestCase"] = Only(_instructor, _admin).Of(_instructor),
        ["UpdateTestCase"] = Only(_instructor, _admin).Of(_instructor, _testCase),
        ["DeleteTestCase"] = Only(_instructor, _admin).Of(_instructor),
        ["ListSolutions"] = Only(_instructor, _admin).Of(_instructor),
        ["AddSolution"] = Only(_instructor, _admin).Of(_instructor, _solution),
        ["GetSolution"] = Only(_instructor, _admin).Of(_instructor),
        ["UpdateSolution"] = Only(_instructor, _admin).Of(_instructor, _solution),
        ["DeleteSolution"] = Only(_instructor, _admin).Of(_instructor),
        ["CheckSolutions"] = Only(_instructor, _admin).Of(_instructor),
        ["GetSolutionCheck"] = Only(_instructor, _admin).Of(_instructor),
        ["RejudgeChallenge"] = Only(_instructor, _admin).Of(_instructor),
        ["SubmitSolution"] = SignedIn(),
        ["RunSamples"] = SignedIn(),
        ["GetSubmission"] = SignedIn().Of(_seeker),
        ["GetVerdict"] = SignedIn().Of(_seeker),
        ["ListSubmissions"] = SignedIn(),
        ["GetChallengeLeaderboard"] = SignedIn(),

        // gamification
        ["GetStanding"] = SignedIn(),
        ["ListLedger"] = SignedIn(),
        ["GetLeaderboard"] = SignedIn(),
        ["ListBadges"] = Anyone(),

        // jobs
        ["ListCompanies"] = Anyone(),
        ["GetCompany"] = Anyone(),
        ["ListReviews"] = Anyone(),
        ["RegisterCompany"] = Only(_employer, _admin),
        ["UpdateCompany"] = Only(_employer, _admin).OfVisible(_employer, new { name = "Mine now" }),
        ["ReviewCompany"] = SignedIn(),
        ["SearchJobs"] = Anyone(),
        ["GetJob"] = Anyone(),
        ["PostJob"] = Only(_employer, _admin),
        ["UpdateJob"] = Only(_employer, _admin).OfVisible(_employer, _job),
        ["WithdrawJob"] = Only(_employer, _admin).OfVisible(_employer),
        ["CloseJob"] = Only(_employer, _admin).OfVisible(_employer),
        ["ListSavedJobs"] = SignedIn(),
        ["SaveJob"] = SignedIn(),
        ["ForgetJob"] = SignedIn(),
        ["ApplyForJob"] = Only(_seeker),
        ["ListApplicationsOfJob"] = SignedIn().Of([_seeker, _employer]),
        ["ListMyApplications"] = SignedIn(),
        ["GetApplication"] = SignedIn().Of([_seeker, _employer]),
        ["MoveApplication"] = SignedIn().Of([_seeker, _employer], new { status = "reviewing" }),

        // lms
        ["BrowseCourses"] = Anyone(),
        ["ReadCourse"] = Anyone().Of([_seeker, _instructor]),
        ["DraftCourse"] = Only(_instructor, _admin),
        ["ListOwnCourses"] = Only(_instructor, _admin),
        ["EditCourse"] = Only(_instructor, _admin).Of(_instructor, _course),
        ["PublishCourse"] = Only(_instructor, _admin).Of(_instructor),
        ["AddSection"] = Only(_instructor, _admin).Of(_instructor, _section),
        ["EditSection"] = Only(_instructor, _admin).Of(_instructor, _section),
        ["RemoveSection"] = Only(_instructor, _admin).Of(_instructor),
        ["AddLesson"] = Only(_instructor, _admin).Of(_instructor, _lesson),
        ["EditLesson"] = Only(_instructor, _admin).Of(_instructor, _lesson),
        ["RemoveLesson"] = Only(_instructor, _admin).Of(_instructor),
        ["ReadLesson"] = SignedIn().Of([_seeker, _instructor]),
        ["Enroll"] = SignedIn().Of([_seeker, _instructor]),
        ["CompleteLesson"] = SignedIn().Of([_seeker, _instructor]),
        ["ListEnrollments"] = SignedIn(),
        ["ReadEnrollment"] = SignedIn().Of(_seeker),
        ["CancelEnrollment"] = SignedIn().Of(_seeker),
        ["ReadProgress"] = SignedIn().Of(_seeker),
        ["ListCertificates"] = SignedIn(),
        ["VerifyCertificate"] = Anyone(),

        // notification
        ["ListNotifications"] = SignedIn(),
        ["CountUnreadNotifications"] = SignedIn(),
        ["ReadNotification"] = SignedIn().Of(_seeker),
        ["ReadAllNotifications"] = SignedIn(),
        ["GetNotificationPreferences"] = SignedIn(),
        ["PutNotificationPreferences"] = SignedIn(),

        // gateway
        ["Batch"] = Anyone(),
        ["GetFlags"] = Anyone(),
        ["ReadStatus"] = Credential(),
        ["ReadStatusV1"] = Credential(),
        ["ListFlags"] = Only(_admin, _ops),
        ["GetFlag"] = Only(_admin, _ops),
        ["GetFlagHistory"] = Only(_admin, _ops),
        ["EvaluateFlag"] = Only(_admin, _ops),
        ["PutFlag"] = Only(_admin),
        ["DeleteFlag"] = Only(_admin),
        ["GetConfiguration"] = Only(_admin, _ops),
        ["GetConfigurationHistory"] = Only(_admin, _ops),
        ["PutConfiguration"] = Only(_admin),
        ["ValidateConfiguration"] = Only(_admin),
        ["RollBackConfiguration"] = Only(_admin),
        ["QueryUsage"] = Only(_admin),
        ["PurgeCache"] = Only(_admin),
    };

    /// <summary>Rows that every service has a copy of, by the beginning of the operation's id; <c>Of</c> and the service's name follow.</summary>
    public static readonly IReadOnlyDictionary<string, AccessRow> Administration = new Dictionary<string, AccessRow>(StringComparer.Ordinal)
    {
        ["ListDeadEvents"] = Only(_admin, _ops),
        ["ReplayDeadEvent"] = Only(_admin, _ops),
        ["ReplayDeadEvents"] = Only(_admin, _ops),
        ["GetEvent"] = Only(_admin, _ops),
        ["FindEvents"] = Only(_admin, _ops),
        ["GetDeadEvent"] = Only(_admin),
        ["DiscardDeadEvent"] = Only(_admin),
        ["ReadRetainedEvents"] = Only(_admin),
        ["BeginShadow"] = Only(_admin),
        ["GetShadow"] = Only(_admin),
        ["BringShadowEvents"] = Only(_admin),
        ["CompareShadow"] = Only(_admin),
        ["SwapShadow"] = Only(_admin),
        ["DropShadow"] = Only(_admin),
    };

    /// <summary>The row of an operation; null when nobody decided about it.</summary>
    public static AccessRow? Of(ApiOperation operation) => Operations.GetValueOrDefault(operation.Id)
        ?? (operation.Id.LastIndexOf("Of", StringComparison.Ordinal) is > 0 and var end ? Administration.GetValueOrDefault(operation.Id[..end]) : null);

    private static AccessRow Anyone() => new(Who.Anybody, [], [], false, null);

    private static AccessRow Credential() => new(Who.OwnCredential, [], [], false, null);

    private static AccessRow SignedIn() => new(Who.SignedIn, [], [], false, null);

    private static AccessRow Only(params string[] roles) => new(Who.Roles, roles, [], false, null);

    private static AccessRow Of(this AccessRow row, string stranger, object? body = null) => row.Of([stranger], body);

    private static AccessRow Of(this AccessRow row, string[] strangers, object? body = null) => row with { Strangers = strangers, Body = body };

    private static AccessRow OfVisible(this AccessRow row, string stranger, object? body = null) => row.Of([stranger], body) with { Visible = true };
}
