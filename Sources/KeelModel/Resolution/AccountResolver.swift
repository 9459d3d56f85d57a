import KeelBase
import KeelDiagnostics
import KeelProviders

/// Resolves one account against the profiles.
struct AccountResolver {
    private let declaration: DeclaredAccount
    private let profiles: [String: EffectiveProfile]
    /// Names of all profiles that manifests mention, also of those that have mistakes of their own.
    private let knownProfiles: Set<String>
    /// Whether all profiles' names are known.
    private let reportsUnknownProfiles: Bool
    private var values: EffectiveValues<AccountField>
    private(set) var diagnostics: [Diagnostic] = []

    init(
        _ declaration: DeclaredAccount, profiles: [String: EffectiveProfile], knownProfiles: Set<String>,
        reportsUnknownProfiles: Bool
    ) {
        self.declaration = declaration
        self.profiles = profiles
        self.knownProfiles = knownProfiles
        self.reportsUnknownProfiles = reportsUnknownProfiles
        values = EffectiveValues(declaration)
    }

    /// The effective account; nil if a mistake makes it unusable.
    mutating func resolve() -> EffectiveAccount? {
        checkFieldsOfOtherProtocols()
        let authentication = resolveAuthentication()
        let profile = authentication == .oauth2 || authentication == nil ? resolveProfile() : nil
        // What is missing was reported where the fields were decoded.
        guard let type = values.text(.type).flatMap(MailProtocol.init) else { return nil }
        if let profile { applyPreset(of: profile, type) }
        // What a preset would have set is not known without its profile, and so nothing is missed yet.
        let isSettled = authentication.map { $0 != .oauth2 || profile != nil } ?? false
        if isSettled { values.applyDefaults(for: type) }
        if authentication == .oauth2 { values.fill(.mechanism, .text(SASLMechanism.xoauth2.rawValue), .schemaDefault) }
        let security = values.text(.connectionSecurity).flatMap(ConnectionSecurity.init)
        if let security {
            values.fill(.port, .integer(type.defaultPort(security)), .schemaDefault)
            checkSecurity(type, security)
        }
        guard isSettled, let authentication else { return nil }
        if values.isMissing(.server) {
            report(
                "manifest.missing-field", nil, "spec.server is missing, and no provider preset knows it",
                help: "write server: HOST")
        }
        guard let security, let server = values.text(.server), let port = values.integer(.port),
            let userName = values.text(.userName)
        else { return nil }
        return EffectiveAccount(
            spec: EffectiveSpec(declaration, effective: values), type: type,
            endpoint: HostPort(host: server, port: port), security: security, authentication: authentication,
            mechanism: values.text(.mechanism).flatMap(SASLMechanism.init), userName: userName,
            profile: profile?.address,
            authorization: profile.map { profile in
                ResourceAddress.authorization(profile: profile.name, subject: subject(of: profile, userName))
            },
            active: values.boolean(.active) ?? true, debug: values.boolean(.debug) ?? false,
            trust: Trust(caFile: values.text(.tlsCAFile)))
    }

    /// Who consents or is acted for. An application that acts for itself has one grant for all its mailboxes.
    private func subject(of profile: EffectiveProfile, _ userName: String) -> String {
        switch profile.grant {
        case .clientCredentials: "(app)"
        case .authorizationCode, .deviceCode, .password, .jwtBearer: values.text(.authorizedAs) ?? userName
        }
    }

    // MARK: Authentication and references

    private mutating func resolveAuthentication() -> AuthenticationMethod? {
        if values.isMissing(.authentication) {
            if values[.oauthProfile] != nil {
                values.fill(.authentication, .text(AuthenticationMethod.oauth2.rawValue), .schemaDefault)
            } else if values[.password] != nil {
                values.fill(.authentication, .text(AuthenticationMethod.password.rawValue), .schemaDefault)
            } else if values.isMissing(.oauthProfile), values.isMissing(.password) {
                report(
                    "manifest.missing-field", nil, "nothing says how the account authenticates",
                    help: "write oauthProfile: NAME, or authentication: password with a password source")
            }
        }
        guard let method = values.text(.authentication).flatMap(AuthenticationMethod.init) else { return nil }
        switch method {
        case .oauth2:
            if values.isMissing(.oauthProfile) {
                report(
                    "manifest.missing-field", .authentication, "authentication: oauth2 needs spec.oauthProfile",
                    help: "write oauthProfile: NAME")
            }
            refuse(.password, because: "authentication is oauth2")
        case .password:
            if values.isMissing(.password) {
                report(
                    "manifest.missing-field", .authentication, "authentication: password needs spec.password",
                    help: "write password: { fromEnv: NAME }")
            }
            refuse(.oauthProfile, because: "authentication is password")
        case .none:
            refuse(.oauthProfile, because: "authentication is none")
            refuse(.password, because: "authentication is none")
        }
        return method
    }

    private mutating func resolveProfile() -> EffectiveProfile? {
        guard let name = values.text(.oauthProfile) else { return nil }
        if let profile = profiles[name] { return profile }
        // A profile with mistakes was reported already; nothing follows from it.
        guard reportsUnknownProfiles, !knownProfiles.contains(name) else { return nil }
        report(
            "manifest.unknown-reference", .oauthProfile, "there is no OAuthProfile \(quoted(name))",
            help: Suggestion.nearest(to: name, among: Array(knownProfiles)).map { "did you mean \"\($0)\"?" }
                ?? "declare it, or correct the name")
        return nil
    }

    private mutating func applyPreset(of profile: EffectiveProfile, _ type: MailProtocol) {
        guard let name = profile.provider, let preset = ProviderPreset.named(name) else { return }
        var cloudName: String?
        if case .text(let text) = profile.spec.value("cloud") { cloudName = text }
        guard let cloud = preset.cloud(cloudName) else { return }
        let origin = EffectiveValue.Origin.preset(name: preset.name, version: preset.version)
        values.fill(.mechanism, .text(cloud.mechanism.rawValue), origin)
        guard let server = cloud.servers[type] else { return }
        // The preset's port and security belong to the preset's server and to each other.
        guard values[.server] == nil || values.text(.server) == server.host else { return }
        values.fill(.server, .text(server.host), origin)
        let security = values.text(.connectionSecurity)
        if security == nil || security == server.security.rawValue {
            values.fill(.port, .integer(server.port), origin)
            if values.integer(.port) == server.port {
                values.fill(.connectionSecurity, .text(server.security.rawValue), origin)
            }
        }
    }

    // MARK: Rules

    private mutating func checkFieldsOfOtherProtocols() {
        guard let type = values.text(.type).flatMap(MailProtocol.init) else { return }
        for field in AccountField.allCases {
            guard let protocols = field.definition.protocols, !protocols.contains(type), values[field] != nil else {
                continue
            }
            let names = protocols.map(\.rawValue).sorted().joined(separator: " and ")
            report(
                "manifest.field-not-applicable", field,
                "spec.\(field.definition.name) belongs to \(names) accounts, and this one is \(type.rawValue)",
                help: "remove the line")
        }
    }

    private mutating func checkSecurity(_ type: MailProtocol, _ security: ConnectionSecurity) {
        if security == .none {
            report(
                "lint.clear-text", .connectionSecurity, "clear text needs a policy that allows it, and there is none",
                help: "use tls or starttls")
        }
        guard let port = values.integer(.port) else { return }
        let tlsPort = type.defaultPort(.tls)
        let clearPort = type.defaultPort(.starttls)
        if security == .starttls, port == tlsPort {
            report(
                "lint.port-security", .port, "port \(port) speaks TLS from the first byte, not STARTTLS",
                help: "use connectionSecurity: tls, or port \(clearPort)")
        } else if security == .tls, port == clearPort {
            report(
                "lint.port-security", .port, "port \(port) begins in clear text",
                help: "use connectionSecurity: starttls, or port \(tlsPort)")
        }
    }

    private mutating func refuse(_ field: AccountField, because reason: String) {
        guard values[field] != nil else { return }
        report(
            "manifest.field-not-applicable", field, "spec.\(field.definition.name) has no meaning: \(reason)",
            help: "remove the line, or change authentication")
    }

    private mutating func report(_ code: String, _ field: AccountField?, _ message: String, help: String?) {
        diagnostics.append(
            Diagnostic(
                .error, code, message,
                at: field.map(declaration.place) ?? declaration.name.range, help: help))
    }
}
