import KeelBase
import KeelDiagnostics

/// A profile with what the rules about it and its accounts need to know, worked out once.
final class LintedProfile: Sendable {
    let profile: EffectiveProfile
    let provider: KnownProvider?
    /// The protocols that its scopes do not allow.
    private let lacking: [MailProtocol]

    init(_ profile: EffectiveProfile) {
        self.profile = profile
        let provider = KnownProvider.of(profile)
        let scopes = profile.scopes
        // Without scopes it has those that its accounts need, and .default is what the registration says.
        let isOpen =
            scopes.isEmpty || profile.grant == .clientCredentials || scopes.contains { $0.hasSuffix("/.default") }
        lacking = isOpen ? [] : MailProtocol.allCases.filter { provider?.allows($0, by: scopes) == false }
        self.provider = provider
    }

    var spec: EffectiveSpec { profile.spec }

    func lacks(_ type: MailProtocol) -> Bool { lacking.contains(type) }

    /// Whether the tenant stands for whatever tenant a person belongs to.
    var hasNoTenantOfItsOwn: Bool { tenant.map(["common", "organizations", "consumers"].contains) ?? false }

    /// Whether only personal Microsoft accounts sign in.
    var isForPersonalAccounts: Bool {
        provider?.family == .microsoft && (tenant == "consumers" || provider?.name == "microsoft-personal")
    }

    /// Where the tenant stands.
    var tenantPlace: SourceRange {
        let fields = [ProfileField.tenant, .tokenEndpoint, .issuer]
        return fields.first { spec.written($0.rawValue) != nil }.map { spec.place(of: $0.definition.name) }
            ?? spec.place
    }

    /// The tenant that is written, or stands in the path of the token endpoint.
    private var tenant: String? {
        if let tenant = spec.text(.tenant) { return tenant.lowercased() }
        guard provider?.family == .microsoft else { return nil }
        return profile.endpoints.url.path.split(separator: "/").first.map { $0.lowercased() }
    }
}

extension EffectiveSpec {
    /// The text that holds for a field of a profile.
    func text(_ field: ProfileField) -> String? { value(field.rawValue)?.text }

    /// The text that holds for a field of an account.
    func text(_ field: AccountField) -> String? { value(field.rawValue)?.text }

    /// Whether the manifest gives the field, rather than a preset or a default.
    func isWritten(_ field: AccountField) -> Bool { written(field.rawValue) != nil }
}
