/// What kind of trouble a failed request to an OAuth provider is, and so what may be done about it.
///
/// It is decided in one place, by codes and statuses and never by the text of a description. No class allows a refresh
/// token to be deleted.
package enum FailureClass: String, Sendable, CaseIterable {
    /// It is likely to pass: the same request may work later.
    case transient
    /// The provider asks for fewer requests; it has its say about when the next one may come.
    case throttled
    /// Nothing but a person's consent or sign-in helps.
    case reauthorize
    /// The application's registration, its secret or its certificate has to be mended. The grant is not to blame.
    case fixClient = "fix_client"
    /// The tenant's policy, its consent or its users have to be mended. The grant is not to blame.
    case fixTenant = "fix_tenant"
    /// The manifest asks for something that the provider does not do. The grant is not to blame.
    case fixManifest = "fix_manifest"
    /// The provider was not reached, or something in between answered for it.
    case network
    /// The provider was reached, and its certificate or its TLS is not good.
    case tls
    /// What came back has more than one possible cause; the evidence is shown, and nothing is concluded.
    case ambiguous
}

extension FailureClass {
    /// Whether the same request may work later without anybody's doing.
    package var mayPass: Bool {
        switch self {
        case .transient, .throttled, .network, .ambiguous: true
        case .reauthorize, .fixClient, .fixTenant, .fixManifest, .tls: false
        }
    }

    /// Whose move it usually is; a catalogue that knows the code knows better.
    package var responsible: Responsible {
        switch self {
        case .transient, .throttled: .nobody
        case .reauthorize: .user
        case .fixClient: .appAdministrator
        case .fixTenant: .tenantAdministrator
        case .fixManifest: .manifestAuthor
        case .network, .tls, .ambiguous: .operatorHere
        }
    }
}
