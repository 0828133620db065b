namespace TalentSphere.Auth.SignIn;

internal static class SignInRoutes
{
    public static void MapSignIn(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/api/v1/auth").WithTags("Sign-in").AllowAnonymous();
        group.MapPost("/register", Register.HandleAsync).WithName("Register").WithSummary("Opens an account and signs in.");
        group.MapPost("/login", Login.HandleAsync).WithName("Login")
            .WithSummary("Signs in. Five failures under an address lock its sign-in for 15 minutes (423), whether an account has it or not.");
    }
}
