namespace TalentSphere.Jobs;

/// <summary>The codes that the failures of this service carry, beside those that every service has.</summary>
public static class ErrorCodes
{
    /// <summary>404: there is no such job.</summary>
    public const string JobNotFound = "JOB_001";

    /// <summary>409: the job takes no more applications and no more changes.</summary>
    public const string JobClosed = "JOB_002";

    /// <summary>409: this account has applied for the job before.</summary>
    public const string AlreadyApplied = "JOB_003";

    /// <summary>409: an application cannot go from where it is to where it was sent.</summary>
    public const string InvalidTransition = "JOB_INVALID_TRANSITION";

    /// <summary>403: nobody applies for a job of a company of their own.</summary>
    public const string OwnPost = "JOB_OWN_POST";

    /// <summary>404: there is no such company.</summary>
    public const string CompanyNotFound = "COMPANY_001";

    /// <summary>403: the company belongs to another account.</summary>
    public const string NotCompanyOwner = "COMPANY_002";

    /// <summary>409: this account has reviewed the company before.</summary>
    public const string AlreadyReviewed = "COMPANY_ALREADY_REVIEWED";

    /// <summary>403: nobody reviews a company of their own.</summary>
    public const string OwnCompany = "COMPANY_OWN_REVIEW";
}
