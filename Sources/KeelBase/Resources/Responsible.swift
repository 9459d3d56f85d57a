/// Whose move it is when something failed.
package enum Responsible: String, Sendable, CaseIterable {
    /// The person who consents or whose mailbox it is.
    case user
    /// The administrator of the application's registration.
    case appAdministrator = "app_administrator"
    /// The administrator of the tenant or of the mail server.
    case tenantAdministrator = "tenant_administrator"
    /// The author of the manifest.
    case manifestAuthor = "manifest_author"
    /// Whoever runs Mailkeel on this machine.
    case operatorHere = "operator"
    /// Nobody: it should pass by itself.
    case nobody

    /// The phrase after "who must act:".
    package var phrase: String {
        switch self {
        case .user: "the user who consents"
        case .appAdministrator: "the administrator of the OAuth application"
        case .tenantAdministrator: "the administrator of the tenant or mail server"
        case .manifestAuthor: "the author of the manifest"
        case .operatorHere: "whoever runs mailkeel on this machine"
        case .nobody: "nobody; it is likely to pass, try again later"
        }
    }
}
