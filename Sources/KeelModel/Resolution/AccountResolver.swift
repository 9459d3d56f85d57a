import KeelBase
import KeelDiagnostics
import KeelProviders

/// Resolves one account against the profiles.
struct AccountResolver {
    private let declaration: DeclaredAccount
    private let profiles: [String: ProfileTerms]
    /// Names of all profiles that manifests mention, also of those that have mistakes of their own.
    private let knownProfiles: Set<String>
    /// Whether all profiles' names are known.
    private let reportsUnknownProfiles: Bool
    private var values: EffectiveValues<AccountField>
    private(set) var diagnostics: [Diagnostic] = []

    init(
        _ declaration: DeclaredAccount, profiles: [String: ProfileTerms], knownProfiles: Set<String>,
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
        let type = values.text(.type).flatMap(MailProtocol.init)
        if let type { checkFieldsOfOtherProtocols(type) }
        checkIgnoredChanges()
        let authentication = resolveAuthentication()
        let profile = authentication == .oauth2 || authentication == nil ? resolveProfile() : nil
        // What is missing was reported where the fields were decoded.
        guard let type else { return nil }
        if let preset = profile?.preset { apply(preset, type) }
        // What a preset would have set is not known without its profile, and so nothing is missed yet.
        let isSettled = authentication.map { $0 != .oauth2 || profile != nil } ?? false
        if isSettled { values.applyDefaults(for: type) }
        if authentication == .oauth2 { values.fill(.mechanism, .text(SASLMechanism.xoauth2.rawValue), .schemaDefault) }
        let security = values.text(.connectionSecurity).flatMap(ConnectionSecurity.init)
        if let security {
            values.fill(.port, .integer(type.defaultPort(security)), .schemaDefault)
        }
        guard isSettled else { return nil }
        if values.isMissing(.server) {
            report(
                "manifest.missing-field", nil, "spec.server is missing, and no provider preset knows it",
                help: "write server: HOST")
        }
        guard let userName = values.text(.userName) else { return nil }
        return EffectiveAccount(
            spec: EffectiveSpec(declaration, effective: values), profile: profile?.address, grant: profile?.grant,
            authorization: profile?.slot(for: values.text(.authorizedAs) ?? userName))
    }

    // MARK: Authentication and references

    private mutating func resolveAuthentication() -> AuthenticationMethod? {
        if values.isMissing(.authentication) {
            if values.has(.oauthProfile) {
                values.fill(.authentication, .text(AuthenticationMethod.oauth2.rawValue), .schemaDefault)
            } else if values.has(.password) {
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

    private mutating func resolveProfile() -> ProfileTerms? {
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

    private mutating func apply(_ preset: ProfileTerms.Preset, _ type: MailProtocol) {
        let origin = preset.origin
        values.fill(.mechanism, .text(preset.cloud.mechanism.rawValue), origin)
        guard let server = preset.cloud.servers[type] else { return }
        // The preset's port and security belong to the preset's server and to each other.
        guard !values.has(.server) || values.text(.server) == server.host else { return }
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

    private mutating func checkFieldsOfOtherProtocols(_ type: MailProtocol) {
        let foreign = FieldTable.emailAccount.fields(foreignTo: type)
        guard !foreign.intersection(values.slots.fields).isEmpty else { return }
        for field in AccountField.allCases where foreign.contains(field.rawValue) && values.has(field) {
            let names = (field.definition.protocols ?? []).map(\.rawValue).sorted().joined(separator: " and ")
            report(
                "manifest.field-not-applicable", field,
                "spec.\(field.definition.name) belongs to \(names) accounts, and this one is \(type.rawValue)",
                help: "remove the line")
        }
    }

    /// Each entry must name a field of which the account is still the same without it.
    private mutating func checkIgnoredChanges() {
        let table = FieldTable.emailAccount
        for name in values.set(.ignoreChanges) ?? [] {
            if name == EffectiveSpec.labelsField { continue }
            // A group such as `lifecycle` stands for all its fields when it is refused.
            let field = AccountField.allCases.first {
                $0.definition.name == name || $0.definition.name.hasPrefix("\(name).")
            }
            switch (field?.ignorability, table.groups.contains(name)) {
            case (.allowed?, false): continue
            case (.identity?, _):
                report(
                    "manifest.bad-value", .ignoreChanges,
                    "changes of \(quoted(name)) cannot be ignored: it says which account this is",
                    help: "remove the entry; what must not change is written as it is committed")
            case (.policy?, _):
                report(
                    "manifest.bad-value", .ignoreChanges,
                    "changes of \(quoted(name)) cannot be ignored: it says how plans treat the account",
                    help: "remove the entry")
            case (.allowed?, true), (nil, _):
                let known = AccountField.ignorableNames.sorted()
                diagnostics.append(
                    Diagnostic(
                        .error, "manifest.unknown-field",
                        "spec.lifecycle.ignoreChanges names \(quoted(name)), which is no field of an account",
                        at: declaration.place(.ignoreChanges),
                        help: Self.meant(by: name, among: known).map { "did you mean \"\($0)\"?" }
                            ?? "the names are \(known.joined(separator: ", "))"))
            }
        }
    }

    /// The known name that was meant: its last part alone, with `spec.` before it, or mistyped.
    private static func meant(by name: String, among known: [String]) -> String? {
        known.first { $0.hasSuffix(".\(name)") || name == "spec.\($0)" }
            ?? Suggestion.nearest(to: name, among: known)
    }

    private mutating func refuse(_ field: AccountField, because reason: String) {
        guard values.has(field) else { return }
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
