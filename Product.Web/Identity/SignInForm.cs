using System.ComponentModel.DataAnnotations;

namespace Product.Web.Identity;

/// <summary>The form in which a developer says who to be.</summary>
public sealed class SignInForm
{
    [Required(ErrorMessage = "User is required")]
    [StringLength(128, ErrorMessage = "User has at most 128 characters")]
    public string? User { get; set; }

    [Required(ErrorMessage = "Tenant is required")]
    [RegularExpression("[A-Za-z0-9_-]{1,64}", ErrorMessage = "Tenant has 1 to 64 letters, digits, _ or -")]
    public string? Tenant { get; set; }

    public string? Role { get; set; }

    public bool IsRoleGlobal { get; set; }

    public SignedInUser ToUser()
    {
        var role = string.IsNullOrWhiteSpace(Role) ? null : Role;
        return new(User!, Tenant!.ToLowerInvariant(), role, role is not null && IsRoleGlobal);
    }
}
