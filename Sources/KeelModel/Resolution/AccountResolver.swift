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
    var values: EffectiveValues<AccountField>
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

    /// Takes a keeper for the account if its manifest names none.
    mutating func apply(keeper: EffectiveValue) { values.fill(.recordIn, keeper.value, keeper.origin) }

    /// The effective account; nil if a mistake makes it unusable.
    mutating func resolve() -> EffectiveAccount? {
        let type = values.text(.type).flatMap(MailProtocol.init)
        checkIgnoredChanges()
        values.derive()
        diagnostics += values.mistakesBetweenFields(declaration)
        let authentication = values.text(.authentication).flatMap(AuthenticationMethod.init)
        let profile = authentication == .oauth2 || authentication == nil ? resolveProfile() : nil
        // What is missing was reported where the fields were decoded.
        if let profile { checkPassword(profile) }
        guard let type else { return nil }
        let provider = resolveProvider(authentication, profile)
        if let choice = provider.choice { apply(choice, type, authentication) }
        // What a preset would have set is not known without it, and so nothing is missed yet.
        let isSettled = !provider.isRefused && authentication != nil
        if isSettled { values.applyDefaults() }
        let security = values.text(.connectionSecurity).flatMap(ConnectionSecurity.init)
        if let security {
            values.fill(.port, .integer(type.defaultPort(security)), .schemaDefault)
        }
        guard isSettled else { return nil }
        if values.isMissing(.server) { missServer(type, provider.choice) }
        guard let userName = values.text(.userName) else { return nil }
        return EffectiveAccount(
            spec: EffectiveSpec(declaration, effective: values), profile: profile?.address, grant: profile?.grant,
            authorization: profile?.slot(for: values.text(.authorizedAs) ?? userName), preset: provider.choice)
    }

    /// By the password grant a user's password is asked for at the token endpoint; by no other one it means anything.
    private mutating func checkPassword(_ profile: ProfileTerms) {
        guard values.text(.authentication) == AuthenticationMethod.oauth2.rawValue,
            values.isMissing(.password) == (profile.grant == .password)
        else { return }
        if profile.grant == .password {
            report(
                "manifest.missing-field", .oauthProfile,
                "spec.password is missing: the grant of \(profile.address) is password",
                help: "write password: { fromEnv: NAME }, the password of whom the account is authorized as")
        } else if values.has(.password) {
            report(
                "manifest.field-not-applicable", .password,
                "spec.password has no meaning: authentication is oauth2, and the grant of \(profile.address) is \(profile.grant.rawValue)",
                help: "remove the line; it is for authentication password")
        }
    }

    private mutating func missServer(_ type: MailProtocol, _ choice: PresetChoice?) {
        guard let choice else {
            return report(
                "manifest.missing-field", .server, "spec.server is missing, and no provider preset knows it",
                help: "write server: HOST")
        }
        report(
            "manifest.missing-field", .type, "spec.server is missing: \(choice.preset.title) has no \(type.rawValue)",
            help: "use another type, or write server: HOST")
    }

    // MARK: References and presets

    private mutating func resolveProfile() -> ProfileTerms? {
        guard let name = values.text(.oauthProfile) else { return nil }
        if let profile = profiles[name] { return profile }
        // A profile with mistakes was reported already; nothing follows from it.
        guard reportsUnknownProfiles, !knownProfiles.contains(name) else { return nil }
        report(
            "manifest.unknown-reference", .oauthProfile, "there is no OAuthProfile \(quoted(name))",
            help: knownProfiles.nearest(to: name).map { "did you mean \"\($0)\"?" }
                ?? "declare it, or correct the name")
        return nil
    }

    // MARK: Rules

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

    mutating func report(_ code: String, _ field: AccountField?, _ message: String, help: String?) {
        diagnostics.append(
            Diagnostic(
                .error, code, message,
                at: field.map(declaration.place) ?? declaration.place, help: help))
    }
}
