import KeelBase
import KeelDiagnostics
import KeelProviders

/// Turns declarations into an effective set: presets, defaults, references, derived authorizations. Pure.
package struct Resolver {
    package private(set) var set = EffectiveSet()
    package private(set) var diagnostics: [Diagnostic] = []

    /// Resolves `declarations`; a resource with a mistake is left out of `set` and explained in `diagnostics`.
    package init(_ declarations: Declarations) {
        let profiles = unique(declarations.profiles)
        let accounts = unique(declarations.accounts)
        var effectiveProfiles: [String: EffectiveProfile] = [:]
        for declaration in profiles {
            var resolver = ProfileResolver(declaration)
            if let profile = resolver.resolve() { effectiveProfiles[profile.name] = profile }
            diagnostics += resolver.diagnostics.map { $0.about(declaration.address) }
        }
        let known = Set(profiles.map(\.name.value)).union(declarations.lostNames)
        var authorizations: [ResourceAddress: EffectiveAuthorization] = [:]
        for declaration in accounts {
            var resolver = AccountResolver(
                declaration, profiles: effectiveProfiles, knownProfiles: known,
                reportsUnknownProfiles: !declarations.hasNamelessLoss)
            if let account = resolver.resolve() {
                set.accounts.append(account)
                derive(for: account, effectiveProfiles, &authorizations)
            }
            diagnostics += resolver.diagnostics.map { $0.about(declaration.address) }
        }
        set.profiles = effectiveProfiles.values.sorted { $0.address < $1.address }
        set.accounts.sort { $0.address < $1.address }
        set.authorizations = authorizations.values.sorted { $0.address < $1.address }
        for index in set.authorizations.indices { set.authorizations[index].accounts.sort() }
    }

    /// Adds the slot that the account needs; inactive accounts need none.
    private func derive(
        for account: EffectiveAccount, _ profiles: [String: EffectiveProfile],
        _ authorizations: inout [ResourceAddress: EffectiveAuthorization]
    ) {
        guard account.active, let address = account.authorization, let profileAddress = account.profile,
            let profile = profiles[profileAddress.name]
        else { return }
        let fresh = EffectiveAuthorization(
            address: address, profile: profileAddress,
            subject: String(address.name.dropFirst(profileAddress.name.count + 1)), scopes: profile.scopes, accounts: []
        )
        authorizations[address, default: fresh].accounts.append(account.address)
    }

    /// The declarations without those whose address was taken before.
    private mutating func unique<Field: ResourceField>(_ declarations: [Declaration<Field>]) -> [Declaration<Field>] {
        var first: [String: SourceRange] = [:]
        var kept: [Declaration<Field>] = []
        for declaration in declarations {
            if let earlier = first[declaration.name.value] {
                diagnostics.append(
                    Diagnostic(
                        .error, "manifest.duplicate-resource",
                        "\(declaration.address) is declared twice", at: declaration.name.range,
                        notes: [Diagnostic.Note("it was first declared here", at: earlier)],
                        help: "rename or remove one of them", address: declaration.address))
            } else {
                first[declaration.name.value] = declaration.name.range
                kept.append(declaration)
            }
        }
        return kept
    }
}

/// The path of a file that a manifest names, taken from the project's directory.
func projectPath(_ path: String, from directory: String) -> String {
    guard !path.hasPrefix("/"), !directory.isEmpty else { return path }
    var parts = directory.split(separator: "/").map(String.init)
    for part in path.split(separator: "/") {
        switch part {
        case ".": continue
        case ".." where !parts.isEmpty && parts.last != "..": parts.removeLast()
        default: parts.append(String(part))
        }
    }
    return parts.joined(separator: "/")
}
