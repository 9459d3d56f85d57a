import KeelBase
import KeelDiagnostics

extension Linter {
    func checkScopes(_ linted: LintedProfile, _ findings: inout Findings) {
        let profile = linted.profile
        let scopes = profile.scopes
        let isDefault = scopes.contains { $0.hasSuffix("/.default") }
        // `.default` stands for all that was consented and cannot stand beside single scopes (AADSTS70011).
        if scopes.count > 1, isDefault {
            findings.add(
                .defaultScopeMixed, linted.spec, ProfileField.scopes,
                "a .default scope cannot stand beside other scopes",
                help: "keep either .default alone or the single scopes")
        } else if profile.grant.needsPerson, isDefault {
            findings.add(
                .defaultScopeWithPerson, linted.spec, ProfileField.scopes,
                "a .default scope asks a person for everything in the application's registration",
                help: "write the single scopes, or leave scopes out for those of the preset")
        } else if profile.grant.needsPerson {
            checkOfflineAccess(linted, &findings)
        }
        checkAudience(linted, &findings)
        if linted.provider?.family == .microsoft, !isDefault || scopes.count == 1 {
            checkMicrosoftScopes(linted, &findings)
        }
    }

    /// Login, scopes and servers of a cloud belong together.
    private func checkAudience(_ linted: LintedProfile, _ findings: inout Findings) {
        guard let own = linted.provider else { return }
        for scope in linted.profile.scopes {
            let owners = KnownProvider.audience(of: scope)
            guard let other = owners.first, !owners.contains(where: { $0.isSame(as: own) }) else { continue }
            return findings.add(
                .scopeOfOtherProvider, linted.spec, ProfileField.scopes,
                other.family == own.family
                    ? "\(quoted(scope)) is of the cloud \(other.cloudName), and the profile of \(own.cloudName)"
                    : "\(quoted(scope)) belongs to \(other.title), and the profile to \(own.title)",
                help: "leave out scopes for what the accounts need, or name the right provider or cloud")
        }
    }

    /// Without a refresh token an account lasts as long as one access token.
    private func checkOfflineAccess(_ linted: LintedProfile, _ findings: inout Findings) {
        let scopes = linted.profile.scopes
        if linted.provider?.family == .google {
            guard linted.profile.grant == .authorizationCode,
                linted.profile.authorizationParameters["access_type"] != "offline"
            else { return }
            return findings.add(
                .noOfflineAccess, linted.spec, ProfileField.authorizationParameters,
                "Google gives a refresh token only for access_type=offline",
                help: "write authorizationParameters: { access_type: offline, prompt: consent }")
        }
        guard !scopes.isEmpty, !scopes.contains("offline_access") else { return }
        let isMicrosoft = linted.provider?.family == .microsoft
        // Another provider is known to have the scope when it is one of OpenID Connect, and may give the token without it.
        guard isMicrosoft || (linted.provider == nil && scopes.contains("openid")) else { return }
        findings.add(
            .noOfflineAccess, linted.spec, ProfileField.scopes,
            isMicrosoft
                ? "without offline_access Microsoft gives no refresh token"
                : "without offline_access an OpenID Connect provider may give no refresh token",
            severity: isMicrosoft ? .error : .warning, help: "add offline_access to scopes")
    }

    private func checkMicrosoftScopes(_ linted: LintedProfile, _ findings: inout Findings) {
        let scopes = linted.profile.scopes
        let resources = Set(scopes.compactMap(Self.resource)).sorted()
        if resources.count > 1 {
            findings.add(
                .twoResources, linted.spec, ProfileField.scopes,
                "the scopes belong to \(resources.joined(separator: " and ")), and a token is for one of them",
                help: "keep the scopes of mail; another resource needs a profile of its own")
        } else if linted.profile.grant == .clientCredentials,
            let scope = scopes.first(where: { !$0.hasSuffix("/.default") })
        {
            findings.add(
                .delegatedScopeWithApplication, linted.spec, ProfileField.scopes,
                "\(quoted(scope)) is not for an application that acts for itself (AADSTS1002012)",
                help: "remove scopes; the preset knows the right one")
        } else if linted.isForPersonalAccounts, resources == ["https://outlook.office365.com"] {
            findings.add(
                .workScopeForPersonalAccount, linted.spec, ProfileField.scopes,
                "personal accounts do not know the scopes of outlook.office365.com",
                help: "write https://outlook.office.com/ in their place")
        }
    }

    /// What a profile's scopes do not allow is a matter of the profile, however many accounts need it.
    func checkMailScopes(_ lack: LackingScopes.Lack, _ findings: inout Findings) {
        let types = lack.types.sorted { $0.rawValue < $1.rawValue }
        let needed = types.flatMap { lack.profile.provider?.scopes($0) ?? [] }
        findings.add(
            .missingMailScope, lack.profile.spec, ProfileField.scopes,
            "the scopes do not allow \(types.map(\.rawValue).joined(separator: " and "))",
            notes: [Diagnostic.Note("\(lack.first.address) needs it", at: lack.first.spec.place)],
            help: "add \(needed.joined(separator: " and ")), or leave scopes out for what the accounts need")
    }

    /// The resource that a scope is for; nil for those of OpenID Connect, which are for none.
    private static func resource(_ scope: String) -> String? {
        guard let slash = scope.lastIndex(of: "/"), scope.contains("://") else { return nil }
        let resource = scope[..<slash]
        // `https://mail.example.com//.default` is a way to write a resource that ends in a slash.
        return (resource.last == "/" ? resource.dropLast() : resource).lowercased()
    }
}
