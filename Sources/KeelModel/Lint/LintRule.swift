/// What lint checks: settings that are well formed, and that a provider, a keeper or common sense refuses.
///
/// The raw value is the diagnostic's code, and never changes its meaning. Each rule has one row in the table of its family.
package enum LintRule: String, Sendable, CaseIterable {
    // Profiles
    case grantNotOffered = "lint.grant-not-offered"
    case secretOnPublicClient = "lint.secret-on-public-client"
    case passwordGrant = "lint.password-grant"
    case clearTextEndpoint = "lint.clear-text-endpoint"
    // Scopes
    case defaultScopeMixed = "lint.default-scope-mixed"
    // Servers
    case clearText = "lint.clear-text"
    case portSecurity = "lint.port-security"
}
